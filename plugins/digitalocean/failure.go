// Owns how what goes wrong at the service is told to the caller; must not know when something is tried again.

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"unicode"

	"github.com/hub-plugins/hub/sdk/go"
)

// The errors that all functions share with the interfaces.
const (
	codeCredentials = 1001
	codeMissing     = 1002
	codeRefused     = 1003
	codeThrottled   = 1004
	codeService     = 1005
)

// maxWordsChars is how much of the service's own words goes into a message.
const maxWordsChars = 300

type (
	nothing   struct{}
	throttled struct {
		RetryAfterSeconds *float64 `json:"retry_after_seconds,omitempty"`
	}
	executed struct {
		MayHaveExecuted bool `json:"may_have_executed"`
	}
)

// failures declares the errors.
func failures() []hub.Option {
	object := json.RawMessage(`{"type":"object"}`)
	return []hub.Option{
		hub.FailsWith(codeCredentials, "the service does not accept the credentials, or there are none", object),
		hub.FailsWith(codeMissing, "there is no such thing at the service", object),
		hub.FailsWith(codeRefused, "the service refuses the request", object),
		hub.FailsWith(codeThrottled, "the service asks to wait",
			json.RawMessage(`{"type":"object","properties":{"retry_after_seconds":{"type":"number","minimum":0}}}`)),
		hub.FailsWith(codeService,
			"the service fails or cannot be reached; whether the request was carried out is unknown where `may_have_executed` is true",
			json.RawMessage(`{"type":"object","properties":{"may_have_executed":{"type":"boolean"}}}`)),
	}
}

// failure returns the error for an attempt that was not good; doubtful is whether one before it may have been carried out.
func (c *client) failure(r request, end outcome, doubtful bool) error {
	acted := r.method != http.MethodGet && (doubtful || end.uncertain())
	if end.err != nil {
		return c.unreachable(r, c.why(end.err), acted)
	}
	words := c.words(end.body)
	cannot := func(code int64, data any, format string, values ...any) error {
		return hub.NewError(code, "cannot "+r.doing+": "+fmt.Sprintf(format, values...), data)
	}
	switch {
	case end.status == http.StatusUnauthorized:
		return cannot(codeCredentials, nothing{}, "DigitalOcean does not accept the token of account %s%s; %s", c.account, words, renew(c.account))
	case end.status == http.StatusForbidden:
		return cannot(codeCredentials, nothing{}, "the token of account %s may not do this%s", c.account, words)
	case end.status == http.StatusNotFound:
		return cannot(codeMissing, nothing{}, "there is no such thing at DigitalOcean%s", words)
	case end.status == http.StatusTooManyRequests:
		if wait, ok := retryAfter(end.header, c.now()); ok {
			seconds := wait.Seconds()
			return cannot(codeThrottled, throttled{&seconds}, "DigitalOcean asks to wait for %.0f s%s", seconds, words)
		}
		return cannot(codeThrottled, throttled{}, "DigitalOcean asks to wait%s", words)
	case end.status >= 400 && end.status < 500:
		return cannot(codeRefused, nothing{}, "DigitalOcean refuses it with status %d%s", end.status, words)
	}
	return c.unreachable(r, fmt.Sprintf("it answers with status %d%s", end.status, words), acted)
}

// unreachable returns the error for a service that failed; acted is whether it may have done what was asked nevertheless.
func (c *client) unreachable(r request, why string, acted bool) error {
	message := fmt.Sprintf("cannot %s: DigitalOcean at %s fails: %s", r.doing, c.base.Host, why)
	if acted {
		message += "; it may have done it nevertheless: look before you try again"
	}
	return hub.NewError(codeService, message, executed{acted})
}

// why returns the reason of a request without answer, in words that hold no token and no address with a query.
func (c *client) why(err error) string {
	var refused *net.OpError
	switch {
	case errors.Is(err, errTooLong):
		return err.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("no answer within %s", c.timeout)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nobody listens there"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection was cut"
	case errors.As(err, &refused) && refused.Op == "dial":
		return c.clean(refused.Err.Error())
	}
	return c.clean(err.Error())
}

// words returns what the service says of its refusal, in brackets, or nothing.
func (c *client) words(body []byte) string {
	var said struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &said) != nil || said.Message == "" {
		return ""
	}
	return " (" + c.clean(said.Message) + ")"
}

// clean returns a text that was made elsewhere, fit for a person's screen and without the token (HUB-CRED-5).
func (c *client) clean(text string) string {
	if c.token != "" {
		text = strings.ReplaceAll(text, c.token, "[token]")
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > maxWordsChars {
		return string(runes[:maxWordsChars]) + "…"
	}
	return text
}

// renew says how to give the hub a token for an account.
func renew(account string) string {
	command := "hub call digitalocean.authenticate"
	if account != defaultAccount {
		command += " --account " + account
	}
	return "run `" + command + "`"
}

// hasCode is whether an error is one of those above.
func hasCode(err error, code int64) bool {
	var own *hub.Error
	return errors.As(err, &own) && own.Code == code
}
