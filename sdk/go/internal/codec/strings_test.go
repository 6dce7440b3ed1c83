// Owns the proof that strings are read the same wherever something stands in them; must not know messages.

package codec

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestWhatStandsInAStringIsFoundAtEveryPlace(t *testing.T) {
	for _, piece := range []string{`\"`, `\\`, `\\\"`, "\x1f", "é", `\u00e9`, `"`, "\x7f", ""} {
		for before := range 20 {
			for after := range 20 {
				quoted := `"` + strings.Repeat("a", before) + piece + strings.Repeat("b", after) + `"`
				text := []byte(`{"s":` + quoted + `,"t":1}`)
				if good := Check(text, MaxNesting) == nil; good != json.Valid(text) {
					t.Fatalf("%q is good: %t", text, good)
				}
				if !json.Valid(text) {
					continue
				}
				for name, value := range Members(text) {
					if name == "s" && string(value) != quoted {
						t.Fatalf("in %q it is %q", text, value)
					}
				}
			}
		}
	}
}

func TestWhiteSpaceCountsBetweenTokensOnly(t *testing.T) {
	for text, want := range map[string]bool{`{"a":[1,"b c"]}`: true, `{"a": 1}`: false, ` 1`: false, `1 `: false, `"\t "`: true, "[]": true, "[ ]": false} {
		if compact, err := CheckCompact([]byte(text), MaxNesting); err != nil || compact != want {
			t.Errorf("%q: compact %t, %v", text, compact, err)
		}
	}
}
