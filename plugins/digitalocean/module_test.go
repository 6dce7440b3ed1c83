// Owns the proof that the module fits the interfaces that it claims, and what it does for an account; must not need the real service.

package main

import (
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"testing"

	"github.com/hub-plugins/hub/sdk/go/hubtest"
)

func TestTheModuleHasWhatItsInterfacesHave(t *testing.T) {
	type declared struct {
		Name   string
		Params struct{ Properties map[string]any }
		Errors []struct{ Code int64 }
		Hints  map[string]bool
	}
	type functions struct{ Functions []declared }
	var has functions
	if err := json.Unmarshal(must(hubtest.Start(t, module(world())).Call(t.Context(), "capabilities", nil)), &has); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"cloud.account-1.0", "cloud.compute-1.0"} {
		var wants functions
		if err := json.Unmarshal(must(os.ReadFile("../../schemas/interfaces/"+name+".json")), &wants); err != nil {
			t.Fatal(err)
		}
		for _, want := range wants.Functions {
			at := slices.IndexFunc(has.Functions, func(f declared) bool { return f.Name == want.Name })
			if at < 0 {
				t.Errorf("%s is not there", want.Name)
				continue
			}
			if got := has.Functions[at]; len(got.Errors) != len(want.Errors) || len(got.Params.Properties) < len(want.Params.Properties) {
				t.Errorf("%s: %d errors, %d params", want.Name, len(got.Errors), len(got.Params.Properties))
			}
			for hint, value := range want.Hints {
				if has.Functions[at].Hints[hint] != value {
					t.Errorf("%s: %s is not %v", want.Name, hint, value)
				}
			}
		}
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func TestADeletionWhoseAnswerWasLostIsOneThatWasDone(t *testing.T) {
	for _, c := range []struct {
		answers []answering
		missing bool
	}{
		{[]answering{says(204, ``)}, false},
		{[]answering{says(404, `{}`)}, true},
		{[]answering{cut, says(404, `{}`)}, false},
		{[]answering{says(502, ``), says(404, `{}`)}, false},
		{[]answering{says(429, ``), says(404, `{}`)}, true},
	} {
		p := play(t, c.answers...)
		err := p.do(t.Context(), request{doing: "delete", method: http.MethodDelete, url: p.at("/v2/droplets/1", nil)}, nil)
		if hasCode(err, codeMissing) != c.missing || (err == nil) == c.missing {
			t.Errorf("after %d requests: %v", p.asked.Load(), err)
		}
	}
}

func TestADropletIsAServer(t *testing.T) {
	for text, wanted := range map[string]server{
		`{"id":9007199254740991,"name":"a","status":"off","region":{"slug":"ams3"},"size_slug":"s","image":{"slug":null,"name":"mine"},
		  "networks":{"v4":[{"ip_address":"10.0.0.1","type":"private"},{"ip_address":"192.0.2.1","type":"public"}]},
		  "created_at":"2026-01-02T04:04:05+01:00"}`: {"9007199254740991", "a", "stopped", "ams3", "s", "mine", "192.0.2.1", "2026-01-02T03:04:05Z"},
		`{"id":1,"status":"exploded","created_at":"yesterday"}`: {ID: "1", Status: "unknown"},
	} {
		var d droplet
		if err := json.Unmarshal([]byte(text), &d); err != nil || d.server() != wanted {
			t.Errorf("%v: %+v", err, d.server())
		}
	}
}
