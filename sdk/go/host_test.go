// Owns the tests of what a module asks of the hub.

package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/hub-plugins/hub/sdk/go"
	"github.com/hub-plugins/hub/sdk/go/hubtest"
)

type weather struct {
	Degrees int `json:"degrees"`
}

func TestAHostCallGivesTypedResultsAndErrors(t *testing.T) {
	m := newModule()
	hub.Function(m, "report", func(ctx context.Context, in struct{ City string }) (int, error) {
		found, err := hub.Call[weather](ctx, "weather.now", map[string]string{"city": in.City})
		var refused *hub.HostError
		if errors.As(err, &refused) && refused.Kind() == "backing_off" {
			return -1, nil
		}
		return found.Degrees, err
	})
	s := hubtest.Start(t, m, hubtest.Settings{Host: hubtest.Host{Call: func(function string, params json.RawMessage) (any, error) {
		switch {
		case function != "weather.now":
			return nil, hub.NewError(hub.CodeNotFound, "there is no "+function, nil)
		case strings.Contains(string(params), "Oslo"):
			return map[string]any{"degrees": -4, "wind": "a member that nobody knows"}, nil
		case strings.Contains(string(params), "Rome"):
			return nil, hub.NewError(-31021, "waits", map[string]string{"kind": "backing_off"})
		case strings.Contains(string(params), "Bonn"):
			return map[string]any{"degrees": "mild"}, nil
		}
		return nil, hub.NewError(7, "no such city", map[string]string{"kind": "module_error"})
	}}})
	for city, want := range map[string]int{"Oslo": -4, "Rome": -1} {
		if got, err := hubtest.Call[int](s, t.Context(), "report", map[string]string{"City": city}); err != nil || got != want {
			t.Errorf("%s: got %d, %v", city, got, err)
		}
	}
	_, err := s.Call(t.Context(), "report", map[string]string{"City": "Atlantis"})
	var failed *hub.Error
	if !errors.As(err, &failed) || failed.Code != hub.CodeHostCallFailed ||
		!equalJSON(failed.Data.(json.RawMessage), []byte(`{"cause":{"code":7,"message":"no such city","data":{"kind":"module_error"}}}`)) {
		t.Errorf("got %+v", err)
	}
	// A result that does not fit is this module's own trouble, and no wrong argument of its caller.
	if _, err = s.Call(t.Context(), "report", map[string]string{"City": "Bonn"}); !errors.As(err, &failed) || failed.Code != hub.CodeInternalError {
		t.Errorf("got %+v", err)
	}
}

func TestAskingGivesAFormAndTakesTheAnswer(t *testing.T) {
	type login struct {
		User     string `json:"user"`
		Password string `json:"password" hub:"writeOnly"`
	}
	m := newModule()
	hub.Function(m, "login", func(ctx context.Context, _ nothing) (string, error) {
		answer, ok, err := hub.Ask[login](ctx, "Who are you?")
		if !ok {
			return "nobody", err
		}
		return answer.User, err
	})
	declines := false
	s := hubtest.Start(t, m, hubtest.Settings{Host: hubtest.Host{Ask: func(message string, schema json.RawMessage) (any, bool) {
		if message != "Who are you?" || !contains(string(schema), `"writeOnly":true`, `"user"`) {
			t.Errorf("asked %q with %s", message, schema)
		}
		return login{"ada", "x"}, !declines
	}}})
	for _, want := range []string{"ada", "nobody"} {
		if got, err := hubtest.Call[string](s, t.Context(), "login", nil); err != nil || got != want {
			t.Errorf("got %q, %v, not %q", got, err, want)
		}
		declines = true
	}
}

func TestHostServicesAreAskedInsideALiveCallOnly(t *testing.T) {
	if _, err := hub.StoreList(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "does not belong to a call") {
		t.Errorf("outside of a call: %v", err)
	}
	m := newModule()
	leaked := make(chan context.Context, 1)
	hub.Function(m, "leak", func(ctx context.Context, _ nothing) (hub.Null, error) {
		leaked <- context.WithoutCancel(ctx)
		return hub.Null{}, nil
	})
	w := serve(t, m)
	w.start(limit)
	w.send(request(10, "leak", "{}"))
	w.wants(`{"jsonrpc":"2.0","id":10,"result":null}`)
	ctx := await(t, leaked)
	var refused *hub.HostError
	if _, err := hub.StoreDelete(ctx, "k"); !errors.As(err, &refused) || refused.Code != hub.CodeContextEnded {
		t.Errorf("after the call: %v", err)
	}
	hub.Progress(ctx, 1, 1, "")
	hub.Log(ctx, slog.LevelInfo, "stays here", nil)
	w.send(request(11, "ping", "{}"))
	w.wants(`{"jsonrpc":"2.0","id":11,"result":{}}`) // and nothing before it
}

func TestARequestThatTheHubWouldRefuseIsNotSent(t *testing.T) {
	m := newModule()
	long := strings.Repeat("ü", 257)
	hub.Function(m, "all", func(ctx context.Context, _ nothing) (refused []bool, _ error) {
		_, _, get := hub.StoreGet[any](ctx, "")
		_, deletes := hub.StoreDelete(ctx, long)
		_, call := hub.Call[any](ctx, "nowhere", nil)
		keys, list := hub.StoreList(ctx, long)
		for _, err := range []error{get, deletes, hub.StoreSet(ctx, long, 1), call, list} {
			refused = append(refused, err != nil)
		}
		return append(refused, len(keys) == 0), nil
	})
	w := serve(t, m)
	w.start(limit)
	w.send(request(10, "all", "{}"))
	w.wants(`{"jsonrpc":"2.0","id":10,"result":[true,true,true,true,false,true]}`)
}

func TestAContextThatEndsTakesItsHostCallWithIt(t *testing.T) {
	m := newModule()
	ended := make(chan error, 1)
	hub.Function(m, "impatient", func(ctx context.Context, _ nothing) (hub.Null, error) {
		_, err := hub.Call[any](ctx, "other.slow", nil)
		ended <- err
		return hub.Null{}, err
	})
	w := serve(t, m)
	w.start(limit)
	w.send(request(10, "impatient", "{}"))
	w.wants(`{"jsonrpc":"2.0","id":"m1","method":"hub.call","params":{"call_id":10,"function":"other.slow"}}`)
	w.send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":10}}`)
	w.wants(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"m1"}}`)
	w.wantsError("10", hub.CodeCancelled)
	if err := await(t, ended); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	w.send(`{"jsonrpc":"2.0","id":"m1","result":"late"}`) // dropped
	w.send(request(11, "ping", "{}"))
	w.wants(`{"jsonrpc":"2.0","id":11,"result":{}}`)
}

func TestAHubWithoutHostServicesIsNotAskedAnything(t *testing.T) {
	m := newModule()
	hub.Function(m, "all", func(ctx context.Context, _ nothing) (string, error) {
		hub.Progress(ctx, 1, 2, "")
		hub.Log(ctx, slog.LevelInfo, "stays here", nil)
		return "", hub.StoreSet(ctx, "k", 1)
	})
	s := hubtest.Start(t, m, hubtest.Settings{Features: []string{}, OnProgress: func(hubtest.Progress) { t.Error("there was progress") }})
	var failed *hub.Error
	if _, err := s.Call(t.Context(), "all", nil); !errors.As(err, &failed) || failed.Code != hub.CodeInternalError {
		t.Errorf("got %v", err)
	}
	if !contains(s.Stderr(), "stays here", "no host services") || s.HubLog() != "" {
		t.Errorf("the log is\n%s\nand the hub's\n%s", s.Stderr(), s.HubLog())
	}
}

func TestABrokenAnswerOfTheHubEndsTheRequestInAnError(t *testing.T) {
	for _, answer := range []string{
		`{"jsonrpc":"2.0","id":"m1","result":1,"error":{"code":1,"message":"both"}}`, `{"jsonrpc":"2.0","id":"m1","error":"text"}`,
		`{"jsonrpc":"2.0","id":"m1","result":{"a":1,"a":2}}`,
	} {
		m := newModule()
		hub.Function(m, "get", func(ctx context.Context, _ nothing) (any, error) { return hub.Call[any](ctx, "a.b", nil) })
		w := serve(t, m)
		w.start(limit)
		w.send(request(10, "get", "{}"))
		w.next()
		w.send(answer)
		w.wantsError("10", hub.CodeInternalError)
	}
}
