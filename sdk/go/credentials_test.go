// Owns the tests of what is kept for an account, and of the clock that stands still while a person is asked.

package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hub-plugins/hub/sdk/go"
	"github.com/hub-plugins/hub/sdk/go/hubtest"
)

type token struct {
	Token string `json:"token" hub:"writeOnly"`
}

func keeper() *hub.Module {
	m := newModule()
	hub.Function(m, "keep", func(ctx context.Context, in token) (hub.Kept, error) {
		return hub.CredentialPut(ctx, "token", in, time.Hour)
	})
	hub.Function(m, "show", func(ctx context.Context, _ nothing) (string, error) {
		kept, found, err := hub.CredentialGet[token](ctx, "token")
		if !found {
			return "nothing for " + hub.Account(ctx), err
		}
		return kept.Token + " for " + hub.Account(ctx), err
	})
	hub.Function(m, "forget", func(ctx context.Context, _ nothing) (bool, error) { return hub.CredentialDelete(ctx, "token") })
	return m
}

// HUB-CRED-1
func TestACredentialBelongsToTheAccountOfTheCall(t *testing.T) {
	var kept hubtest.Credentials
	kept.Set("home", "token", json.RawMessage(`{"token":"h"}`))
	s := hubtest.Start(t, keeper(), hubtest.Settings{Host: hubtest.Host{Credentials: &kept}})
	work := hubtest.WithAccount(t.Context(), "work")
	if where, err := hubtest.Call[hub.Kept](s, work, "keep", token{"w"}); err != nil || where != hub.KeptForSession {
		t.Errorf("kept %q, %v", where, err)
	}
	for account, want := range map[string]string{"work": "w for work", "home": "h for home", "": "nothing for default"} {
		if got, err := hubtest.Call[string](s, hubtest.WithAccount(t.Context(), account), "show", nil); err != nil || got != want {
			t.Errorf("account %q: %q, %v", account, got, err)
		}
	}
	for _, want := range []bool{true, false} {
		if got, err := hubtest.Call[bool](s, work, "forget", nil); err != nil || got != want {
			t.Errorf("forgot %v, %v", got, err)
		}
	}
	if kept.Get("work", "token") != nil || kept.Get("home", "token") == nil {
		t.Error("the wrong one was forgotten")
	}
}

// HUB-CRED-2
func TestACredentialThatTheHubWouldRefuseIsNotAskedFor(t *testing.T) {
	m := newModule()
	hub.Function(m, "all", func(ctx context.Context, _ nothing) (refused int, _ error) {
		for _, name := range []string{"", strings.Repeat("ü", 65)} {
			_, _, get := hub.CredentialGet[any](ctx, name)
			_, put := hub.CredentialPut(ctx, name, 1, 0)
			_, deletes := hub.CredentialDelete(ctx, name)
			for _, err := range []error{get, put, deletes} {
				if err != nil && strings.Contains(err.Error(), "1 to 64 characters") {
					refused++
				}
			}
		}
		return refused, nil
	})
	w := serve(t, m)
	w.start(limit)
	w.send(request(10, "all", "{}"))
	w.wants(`{"jsonrpc":"2.0","id":10,"result":6}`)
}

// HUB-CAPS-9
func TestAnInterfaceIsDeclaredWithItsVersionOrRefused(t *testing.T) {
	m := newModule()
	m.Implements("cloud.compute/1.0", "cloud.account/2")
	if err := m.Err(); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"compute/1.0", "cloud.compute", "cloud.compute/1.0.0", "Cloud.compute/1"} {
		m := newModule()
		m.Implements(bad)
		if err := m.Err(); err == nil || !strings.Contains(err.Error(), "HUB-CAPS-9") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

type clock struct {
	Left  float64 `json:"left"`
	Ended string  `json:"ended"`
}

// seconds returns what is left of ctx in whole seconds.
func seconds(ctx context.Context) float64 {
	at, _ := ctx.Deadline()
	return time.Until(at).Round(time.Second).Seconds()
}

// patient is a module that asks, or calls another, and then works past the deadline that it was given.
func patient() *hub.Module {
	m := newModule()
	hub.Function(m, "ask", func(ctx context.Context, _ nothing) (clock, error) {
		inner, cancel := context.WithCancel(ctx)
		defer cancel()
		if _, _, err := hub.Ask[token](ctx, "?"); err != nil {
			return clock{}, err
		}
		left := seconds(inner)
		<-inner.Done()
		return clock{left, context.Cause(inner).Error()}, nil
	})
	hub.Function(m, "call", func(ctx context.Context, _ nothing) (clock, error) {
		_, err := hub.Call[any](ctx, "other.asks", nil)
		return clock{seconds(ctx), ""}, err
	})
	return m
}

func whoThinksFor(d time.Duration) hubtest.Settings {
	return hubtest.Settings{Context: hub.CallContext{TimeoutMS: 20_000}, Host: hubtest.Host{
		Ask: func(string, json.RawMessage) (any, bool) {
			time.Sleep(d) // in the bubble's time, which costs none
			return token{"t"}, true
		},
		Call: func(string, json.RawMessage) (any, error) {
			time.Sleep(d)
			return nil, nil
		},
	}}
}

// HUB-HOST-6
func TestTheClockStandsStillWhileAPersonIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := hubtest.Start(t, patient(), whoThinksFor(time.Minute))
		got, err := hubtest.Call[clock](s, t.Context(), "ask", nil)
		if want := (clock{20, context.DeadlineExceeded.Error()}); err != nil || got != want {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

// HUB-HOST-6
func TestTheClockGoesOnAfterFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, begun := hubtest.Start(t, patient(), whoThinksFor(10*time.Minute)), time.Now()
		var late *hub.Error
		if got, err := hubtest.Call[clock](s, t.Context(), "ask", nil); !errors.As(err, &late) || late.Code != hub.CodeTimeout {
			t.Errorf("got %+v, %v", got, err)
		}
		if took := time.Since(begun); took != 320*time.Second {
			t.Errorf("it took %s", took)
		}
		time.Sleep(5 * time.Minute) // the person comes back to an empty room
	})
}

// HUB-HOST-6: the called module asked a person, and nobody says so to its callers; but that the hub still works shows it.
func TestACallThatTakesLongerThanTheDeadlineShowsThatItHasMoved(t *testing.T) {
	for takes, want := range map[time.Duration]float64{10 * time.Second: 10, time.Minute: 20} {
		synctest.Test(t, func(t *testing.T) {
			s := hubtest.Start(t, patient(), whoThinksFor(takes))
			if got, err := hubtest.Call[clock](s, t.Context(), "call", nil); err != nil || got.Left != want {
				t.Errorf("after %s: %+v, %v", takes, got, err)
			}
		})
	}
}
