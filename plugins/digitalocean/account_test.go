// Owns the proof that a token comes to the hub only when it is good, and serves its own account alone; must not need the real service.

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/hub-plugins/hub/sdk/go"
	"github.com/hub-plugins/hub/sdk/go/hubtest"
)

// accounts plays a service that knows tokens of the form "token-of-NAME", and has one droplet for each, called as its owner.
func accounts(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, good := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer token-of-")
		switch {
		case !good:
			says(401, `{"message":"Unable to authenticate you"}`)(w, r)
		case r.URL.Path == "/v2/account":
			_, _ = fmt.Fprintf(w, `{"account":{"email":"%s@example.com"}}`, name)
		default:
			_, _ = fmt.Fprintf(w, `{"droplets":[{"id":1,"name":%q}],"meta":{"total":1}}`, name)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func begin(t *testing.T, typed string) (*hubtest.Session, *hubtest.Credentials) {
	t.Helper()
	kept := &hubtest.Credentials{}
	host := hubtest.Host{Credentials: kept, Ask: func(_ string, schema json.RawMessage) (any, bool) {
		if !strings.Contains(string(schema), `"writeOnly":true`) {
			t.Errorf("the token would be seen while it is typed: %s", schema)
		}
		return map[string]string{"token": typed}, typed != ""
	}}
	config := map[string]any{"base_url": accounts(t)}
	return hubtest.Start(t, module(world()), hubtest.Settings{Config: config, Host: host}), kept
}

func TestAGoodTokenIsKeptForTheAccountOfTheCall(t *testing.T) {
	s, kept := begin(t, " token-of-ada\n")
	ctx := hubtest.WithAccount(t.Context(), "work")
	who, err := hubtest.Call[identity](s, ctx, "authenticate", nil)
	if err != nil || who != (identity{"work", "ada@example.com"}) {
		t.Errorf("%v %v", who, err)
	}
	if got := string(kept.Get("work", tokenName)); got != `"token-of-ada"` || kept.Get("default", tokenName) != nil {
		t.Errorf("kept: %s", got)
	}
	was, err := hubtest.Call[forgotten](s, ctx, "forget", nil)
	if err != nil || !was.Forgotten || kept.Get("work", tokenName) != nil {
		t.Errorf("%v %v", was, err)
	}
}

func TestABadTokenIsNotKept(t *testing.T) {
	for _, typed := range []string{"", "nonsense", "two words", "line\nline", "ümlaut"} {
		s, kept := begin(t, typed)
		_, err := s.Call(t.Context(), "authenticate", nil)
		var own *hub.Error
		if !errors.As(err, &own) || own.Code != codeCredentials || kept.Get("default", tokenName) != nil {
			t.Errorf("%q: %v", typed, err)
		}
		if typed != "" && own != nil && strings.Contains(own.Message, typed) {
			t.Errorf("what was typed stands in %q", own.Message)
		}
	}
}

type named struct {
	Name string `json:"name"`
}

func TestAccountsAtTheSameTimeHaveEachItsOwnToken(t *testing.T) {
	s, kept := begin(t, "")
	var all sync.WaitGroup
	for n := range 32 {
		name := fmt.Sprintf("a%d", n%4)
		kept.Set(name, tokenName, json.RawMessage(`"token-of-`+name+`"`))
		all.Go(func() {
			servers, err := hubtest.Call[[]named](s, hubtest.WithAccount(t.Context(), name), "list_servers", nil)
			if err != nil || len(servers) != 1 || servers[0].Name != name {
				t.Errorf("%s: %v %v", name, servers, err)
			}
		})
	}
	all.Wait()
	_, err := s.Call(t.Context(), "list_servers", nil)
	var own *hub.Error
	if !errors.As(err, &own) || own.Code != codeCredentials || !strings.Contains(own.Message, "run `hub call digitalocean.authenticate`") {
		t.Errorf("the account default has no token: %v", err)
	}
}
