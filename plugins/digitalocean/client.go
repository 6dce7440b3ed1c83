// Owns one HTTP request to the service, as often as it may be tried; must not know what is asked, nor whose call it is.

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

const (
	// maxAnswerBytes is what is read of one answer: a page of 200 droplets has less than 1 MiB.
	maxAnswerBytes = 8 << 20
	// maxIdle is how many connections wait for the next request: as many as the hub has calls under way.
	maxIdle = 64
	// idleSeconds is shorter than what balancers usually give an idle connection: one that they have closed is not written to.
	idleSeconds = 30 * time.Second
)

// surroundings are what a request needs of the world.
type surroundings struct {
	now    func() time.Time
	sleep  func(ctx context.Context, d time.Duration) error
	random func() float64 // from 0 to 1
	reads  http.RoundTripper
	// creations go over a connection of their own: on one that the service has closed in the meantime nobody could tell whether it acted.
	creations http.RoundTripper
}

func world() surroundings {
	made := func(keepAlives bool) *http.Transport {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.DisableKeepAlives = !keepAlives
		transport.MaxIdleConnsPerHost = maxIdle
		transport.IdleConnTimeout = idleSeconds
		return transport
	}
	return surroundings{now: time.Now, sleep: sleep, random: random, reads: made(true), creations: made(false)}
}

// client speaks to the service for one call, with the token of that call's account; nothing of it outlives the call.
type client struct {
	surroundings
	base     *url.URL
	token    string
	account  string
	timeout  time.Duration
	attempts int
}

// request is what is asked of the service.
type request struct {
	doing  string // for people: "list droplets"
	method string
	url    *url.URL
	body   any // nil for none
}

func (c *client) at(path string, query url.Values) *url.URL {
	full := *c.base
	full.Path += path
	full.RawQuery = query.Encode()
	return &full
}

// outcome is how one attempt ended: an answer, or err.
type outcome struct {
	status int
	header http.Header
	body   []byte
	err    error
	// sent is whether a connection was there: without one the service has surely not acted.
	sent bool
}

// do asks, tries again where that is allowed, and reads the answer into `into` (nil: it is of no interest).
func (c *client) do(ctx context.Context, r request, into any) error {
	end, err := c.settle(ctx, r)
	if err != nil {
		return err
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(end.body, into); err != nil {
		return c.unreachable(r, "its answer cannot be read", r.method != http.MethodGet)
	}
	return nil
}

// once makes one attempt.
func (c *client) once(ctx context.Context, r request) (end outcome) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var sent atomic.Bool
	// Called by the connection's goroutine, which may be later than the return of RoundTrip: a plain variable would be a race.
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent.Store(true) }}
	defer func() { end.sent = sent.Load() }()
	made, err := c.build(httptrace.WithClientTrace(ctx, trace), r)
	if err != nil {
		return outcome{err: err}
	}
	transport := c.reads
	if r.method == http.MethodPost {
		transport = c.creations
	}
	// Not an http.Client: it follows redirections, and a token is not to travel further than to the service.
	answer, err := transport.RoundTrip(made)
	if err != nil {
		return outcome{err: err}
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswerBytes+1))
	if err == nil && len(body) > maxAnswerBytes {
		err = errTooLong
	}
	return outcome{status: answer.StatusCode, header: answer.Header, body: body, err: err}
}

var errTooLong = errors.New("its answer is longer than 8 MiB")

func (c *client) build(ctx context.Context, r request) (*http.Request, error) {
	var body io.Reader
	if r.body != nil {
		text, err := json.Marshal(r.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	made, err := http.NewRequestWithContext(ctx, r.method, r.url.String(), body)
	if err != nil {
		return nil, err
	}
	made.Header.Set("Authorization", "Bearer "+c.token)
	made.Header.Set("Accept", "application/json")
	made.Header.Set("User-Agent", "hub-digitalocean/"+version)
	if body != nil {
		made.Header.Set("Content-Type", "application/json")
	}
	return made, nil
}
