// Owns the tests of the harness: it must find what is wrong.

package hubtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hub-plugins/hub/sdk/go"
	"github.com/hub-plugins/hub/sdk/go/hubtest"
)

type args struct {
	A int `json:"a"`
	B int `json:"b"`
}

func newModule(example int) *hub.Module {
	m := hub.NewModule(hub.Info{Name: "tested", Version: "1.0.0", License: "MIT", Authors: []string{"Somebody"}})
	hub.Function(m, "add", func(_ context.Context, in args) (int, error) { return in.A + in.B, nil }, hub.Shows("two numbers", args{2, 3}, example))
	hub.Function(m, "fail", func(context.Context, struct{}) (hub.Null, error) { return hub.Null{}, hub.NewError(7, "no", nil) },
		hub.Fails(7, "no"), hub.ShowsError("always", struct{}{}, int64(example+2)))
	return m
}

// recorder is a test that does not fail, but remembers why it should.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func TestTrueExamplesPassAndWrongOnesAreNamed(t *testing.T) {
	for example, want := range map[int]int{5: 0, 6: 2} {
		r := &recorder{TB: t}
		hubtest.Start(t, newModule(example)).CheckExamples(r)
		if len(r.errors) != want || want > 0 && !strings.Contains(strings.Join(r.errors, "\n"), `add, example "two numbers": it should give 6, not 5`) {
			t.Errorf("examples with %d: %q", example, r.errors)
		}
	}
}

func TestAModuleThatIsWrongDoesNotStart(t *testing.T) {
	if _, err := hubtest.Try(t, hub.NewModule(hub.Info{Name: "x"})); err == nil {
		t.Error("it started")
	}
}

func TestTheStoreIsSharedWithTheTest(t *testing.T) {
	m := newModule(5)
	hub.Function(m, "count", func(ctx context.Context, _ struct{}) (int, error) {
		n, _, err := hub.StoreGet[int](ctx, "n")
		if err != nil {
			return 0, err
		}
		return n + 1, hub.StoreSet(ctx, "n", n+1)
	})
	var store hubtest.Store
	store.Set("n", json.RawMessage("41"))
	s := hubtest.Start(t, m, hubtest.Settings{Host: hubtest.Host{Store: &store}})
	if n, err := hubtest.Call[int](s, t.Context(), "count", nil); err != nil || n != 42 || string(store.Get("n")) != "42" {
		t.Errorf("got %d, %v; the store has %s", n, err, store.Get("n"))
	}
}

func TestWhatTheHostDoesNotOfferIsRefused(t *testing.T) {
	m := newModule(5)
	hub.Function(m, "call", func(ctx context.Context, _ struct{}) (any, error) { return hub.Call[any](ctx, "a.b", nil) })
	hub.Function(m, "ask", func(ctx context.Context, _ struct{}) (bool, error) {
		_, ok, err := hub.Ask[struct{}](ctx, "Well?")
		return ok, err
	})
	s := hubtest.Start(t, m)
	for _, function := range []string{"call", "ask"} {
		var failed *hub.Error
		if _, err := s.Call(t.Context(), function, nil); !errors.As(err, &failed) || failed.Code != hub.CodeHostCallFailed {
			t.Errorf("%s: got %v", function, err)
		}
	}
}

func TestACallThatIsGivenUpIsCancelled(t *testing.T) {
	m := newModule(5)
	begun, cancelled := make(chan struct{}), make(chan struct{})
	hub.Function(m, "wait", func(ctx context.Context, _ struct{}) (hub.Null, error) {
		close(begun)
		<-ctx.Done()
		close(cancelled)
		return hub.Null{}, ctx.Err()
	})
	s := hubtest.Start(t, m)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-begun
		cancel()
	}()
	if _, err := s.Call(ctx, "wait", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-cancelled
}
