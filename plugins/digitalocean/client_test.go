// Owns the proof of how requests are tried, given up and told of; must not need the real service.

package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hub-plugins/hub/sdk/go"
)

const secret = "dop_v1_0123456789abcdef"

var clock = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// played is a service that answers what the test says, the last answer for ever.
type played struct {
	*client
	asked  atomic.Int32
	sleeps []time.Duration
}

type answering func(w http.ResponseWriter, r *http.Request)

func play(t *testing.T, answers ...answering) *played {
	t.Helper()
	p := &played{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answers[min(int(p.asked.Add(1)), len(answers))-1](w, r)
	}))
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	w := world()
	w.now = func() time.Time { return clock }
	w.random = func() float64 { return 0.5 }
	w.sleep = func(_ context.Context, d time.Duration) error {
		p.sleeps = append(p.sleeps, d)
		return nil
	}
	p.client = &client{surroundings: w, base: base, token: secret, account: "work", timeout: 4 * time.Second, attempts: 4}
	return p
}

func (p *played) ask(ctx context.Context, method string) error {
	var answer map[string]any
	return p.do(ctx, request{doing: "do it", method: method, url: p.at("/v2/droplets", nil)}, &answer)
}

func says(status int, body string, header ...string) answering {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func cut(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func cutInBody(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = w.Write([]byte(`{"dro`))
}

func failed(t *testing.T, err error) *hub.Error {
	t.Helper()
	var own *hub.Error
	if !errors.As(err, &own) {
		t.Fatalf("%v is no error of the module's own", err)
	}
	if strings.Contains(own.Message, secret) {
		t.Errorf("the token stands in %q", own.Message)
	}
	return own
}

func TestAReadIsTriedAgainWithGrowingPauses(t *testing.T) {
	p := play(t, cut, cutInBody, says(500, `{}`), says(200, `{}`))
	if err := p.ask(t.Context(), "GET"); err != nil {
		t.Error(err)
	}
	if wanted := []time.Duration{200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond}; !slices.Equal(p.sleeps, wanted) {
		t.Errorf("it waited %v, not %v", p.sleeps, wanted)
	}
}

func TestAReadIsGivenUpAfterItsAttempts(t *testing.T) {
	p := play(t, says(503, `{"message":"on fire"}`))
	own := failed(t, p.ask(t.Context(), "GET"))
	if own.Code != codeService || own.Data != (executed{false}) || p.asked.Load() != 4 || !strings.Contains(own.Message, "on fire") {
		t.Errorf("%d attempts: %v %v", p.asked.Load(), own, own.Data)
	}
}

func TestAThrottledRequestWaitsAsLongAsTheServiceSays(t *testing.T) {
	for text, wanted := range map[string]time.Duration{
		"7": 7 * time.Second, "0": 200 * time.Millisecond, clock.Add(9 * time.Second).Format(http.TimeFormat): 9 * time.Second,
		clock.Add(-time.Hour).Format(http.TimeFormat): 200 * time.Millisecond, "soon": 200 * time.Millisecond, "": 200 * time.Millisecond,
	} {
		for _, method := range []string{"GET", "POST"} {
			p := play(t, says(429, `{}`, "Retry-After", text), says(200, `{}`))
			if err := p.ask(t.Context(), method); err != nil || !slices.Equal(p.sleeps, []time.Duration{wanted}) {
				t.Errorf("%s, Retry-After %q: %v, it waited %v", method, text, err, p.sleeps)
			}
		}
	}
}

func TestAThrottledRequestThatCannotWaitIsAnsweredAtOnce(t *testing.T) {
	p := play(t, says(429, `{}`, "Retry-After", "30"))
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(20*time.Second))
	defer cancel()
	p.now = time.Now
	own := failed(t, p.ask(ctx, "GET"))
	data, _ := own.Data.(throttled)
	if own.Code != codeThrottled || data.RetryAfterSeconds == nil || *data.RetryAfterSeconds != 30 || len(p.sleeps) != 0 {
		t.Errorf("%v %v after waiting %v", own, own.Data, p.sleeps)
	}
	p = play(t, says(429, `{}`, "Retry-After", "99999999999999"))
	if own := failed(t, p.ask(t.Context(), "GET")); own.Code != codeThrottled || len(p.sleeps) != 0 {
		t.Errorf("%v after waiting %v: no deadline, and nobody waits for ever", own, p.sleeps)
	}
}

func TestACreationIsNeverMadeTwice(t *testing.T) {
	for name, answer := range map[string]answering{
		"500": says(500, `{}`), "cut": cut, "cut in the body": cutInBody, "unreadable": says(202, `{`),
	} {
		p := play(t, answer)
		own := failed(t, p.ask(t.Context(), "POST"))
		if own.Code != codeService || own.Data != (executed{true}) || p.asked.Load() != 1 {
			t.Errorf("%s: %d attempts: %v %v", name, p.asked.Load(), own, own.Data)
		}
	}
}

func TestACreationThatReachedNobodyIsTriedAgain(t *testing.T) {
	p := play(t, says(200, `{}`))
	gone := httptest.NewServer(nil)
	p.base, _ = url.Parse(gone.URL)
	gone.Close()
	own := failed(t, p.ask(t.Context(), "POST"))
	if own.Code != codeService || own.Data != (executed{false}) || len(p.sleeps) != 3 || !strings.Contains(own.Message, "nobody listens") {
		t.Errorf("%d pauses: %v %v", len(p.sleeps), own, own.Data)
	}
}

func TestWhatTheServiceRefusesIsNotTriedAgain(t *testing.T) {
	for status, code := range map[int]int64{400: codeRefused, 401: codeCredentials, 403: codeCredentials, 404: codeMissing, 409: codeRefused, 422: codeRefused} {
		p := play(t, says(status, `{"id":"x","message":"because of `+secret+`\u001b[31m"}`))
		own := failed(t, p.ask(t.Context(), "GET"))
		if own.Code != code || p.asked.Load() != 1 || !strings.Contains(own.Message, "because of [token] [31m") {
			t.Errorf("%d: %d attempts: %v", status, p.asked.Load(), own)
		}
		if status == 401 && !strings.Contains(own.Message, "run `hub call digitalocean.authenticate --account work`") {
			t.Errorf("it does not say what to do: %v", own)
		}
	}
}

func TestARedirectionIsNotFollowed(t *testing.T) {
	elsewhere := play(t, says(200, `{}`))
	p := play(t, says(302, `{}`, "Location", elsewhere.base.String()))
	own := failed(t, p.ask(t.Context(), "GET"))
	if own.Code != codeService || elsewhere.asked.Load() != 0 {
		t.Errorf("%v; the other host was asked %d times", own, elsewhere.asked.Load())
	}
}

func TestAnAnswerWithoutEndIsNotReadToItsEnd(t *testing.T) {
	p := play(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	})
	own := failed(t, p.ask(t.Context(), "GET"))
	if own.Code != codeService || p.asked.Load() != 1 || !strings.Contains(own.Message, "longer than 8 MiB") {
		t.Errorf("%d attempts: %v", p.asked.Load(), own)
	}
}

func TestARequestEndsWithItsCall(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan struct{})
	p := play(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
		close(gone)
	})
	p.timeout = 20 * time.Second // longer than the test waits: it is the call that ends it
	begun := time.Now()
	if err := p.ask(ctx, "GET"); !errors.Is(err, context.Canceled) || time.Since(begun) > p.timeout/4 {
		t.Errorf("got %v after %s", err, time.Since(begun))
	}
	<-gone
}

func TestAServiceThatDoesNotAnswerIsGivenUpByTheRequestsOwnTimeout(t *testing.T) {
	p := play(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	p.timeout = 20 * time.Millisecond
	for _, method := range []string{"GET", "POST"} {
		own := failed(t, p.ask(t.Context(), method))
		if own.Code != codeService || own.Data != (executed{method == "POST"}) || !strings.Contains(own.Message, "no answer within 20ms") {
			t.Errorf("%s: %v %v", method, own, own.Data)
		}
	}
	if p.asked.Load() != 4+1 {
		t.Errorf("%d requests", p.asked.Load())
	}
}
