// Owns the proof that echo-go has what all echo modules share, and that its examples are true.

package main

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/hub-plugins/hub/sdk/go/hubtest"
)

func TestTheModuleHasTheCapabilitiesThatAllEchoModulesShare(t *testing.T) {
	shared, err := os.ReadFile("../echo.capabilities.json")
	if err != nil {
		t.Fatal(err)
	}
	s := hubtest.Start(t, module())
	answer, err := s.Call(t.Context(), "capabilities", nil)
	if err != nil {
		t.Fatal(err)
	}
	if !hubtest.Equal(answer, shared) {
		t.Errorf("they differ:\n%s", answer)
	}
}

func TestTheExamplesAreTrue(t *testing.T) { hubtest.Start(t, module()).CheckExamples(t) }

func TestTheStoreKeepsListsAndForgets(t *testing.T) {
	s := hubtest.Start(t, module())
	for _, step := range []struct{ function, params, result string }{
		{"store_get", `{"key":"colour"}`, `{"found":false}`},
		{"store_set", `{"key":"colour","value":null}`, `null`},
		{"store_get", `{"key":"colour"}`, `{"found":true,"value":null}`},
		{"store_list", `{}`, `{"keys":["colour"]}`},
		{"store_list", `{"prefix":"x"}`, `{"keys":[]}`},
		{"store_delete", `{"key":"colour"}`, `{"deleted":true}`},
		{"store_delete", `{"key":"colour"}`, `{"deleted":false}`},
	} {
		result, err := s.Call(t.Context(), step.function, json.RawMessage(step.params))
		if err != nil || !hubtest.Equal(result, json.RawMessage(step.result)) {
			t.Errorf("%s %s: got %s, %v, not %s", step.function, step.params, result, err, step.result)
		}
	}
}
