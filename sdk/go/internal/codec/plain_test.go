// Owns the tests of the short way to read a request: what it takes, the long way reads as the same.

package codec

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func lineOf(text string) Line { return Line{Text: []byte(text), Size: len(text)} }

func TestARequestOfAHubIsReadTheShortWay(t *testing.T) {
	for text, taken := range map[string]bool{
		`{"jsonrpc":"2.0","id":7,"method":"add","params":{"a":1}}`:                                                                             true,
		`{"jsonrpc":"2.0","id":999999999999999,"method":"a.b-c","params":{}}`:                                                                  true,
		`{"jsonrpc":"2.0","id":7,"method":"add","params":{ "a":"ü\n" },"context":{"chain":["a.b"]}}`:                                           true,
		`{"jsonrpc":"2.0","id":7,"method":"add"}`:                                                                                              false,
		`{"jsonrpc":"2.0","id":9007199254740991,"method":"add","params":{}}`:                                                                   false,
		`{"jsonrpc":"2.0","id":0,"method":"add","params":{}}`:                                                                                  false,
		`{"jsonrpc":"2.0","id":07,"method":"add","params":{}}`:                                                                                 false,
		`{"jsonrpc":"2.0","id":7.0,"method":"add","params":{}}`:                                                                                false,
		`{"jsonrpc":"2.0","id":-7,"method":"add","params":{}}`:                                                                                 false,
		`{"jsonrpc":"2.0","id":"7","method":"add","params":{}}`:                                                                                false,
		`{"jsonrpc":"2.0","id":7,"method":"","params":{}}`:                                                                                     false,
		`{"jsonrpc":"2.0","id":7,"method":"\u0061","params":{}}`:                                                                               false,
		`{"jsonrpc":"2.0","id":7,"method":"` + strings.Repeat("a", MaxMethodChars) + `","params":{}}`:                                          true,
		`{"jsonrpc":"2.0","id":7,"method":"` + strings.Repeat("a", MaxMethodChars+1) + `","params":{}}`:                                        false,
		`{"jsonrpc":"2.0","id":7,"method":"add","params":[]}`:                                                                                  false,
		`{"jsonrpc":"2.0","id":7,"method":"add","params":{"a":1,"a":2}}`:                                                                       false,
		`{"jsonrpc":"2.0","id":7,"method":"add","params":{"a":"` + "\xff" + `"}}`:                                                              false,
		`{"jsonrpc":"2.0","id":7,"method":"add","params":{},"context":null}`:                                                                   false,
		`{"jsonrpc":"2.0","id":7,"method":"add","params":{},"context":{},"context":{}}`:                                                        false,
		`{"jsonrpc":"2.0","id":7,"method":"add","params":{},"later":1}`:                                                                        false,
		`{"jsonrpc":"2.0","id":7,"method":"add","params":{}} `:                                                                                 false,
		`{"jsonrpc":"2.0","id":7,"method":"add","params":{}}}`:                                                                                 false,
		`{"jsonrpc":"2.0","id":7,"method":"add","params":{"a":` + strings.Repeat("[", MaxNesting-2) + strings.Repeat("]", MaxNesting-2) + `}}`: true,
		`{"jsonrpc":"2.0","id":7,"method":"add","params":{"a":` + strings.Repeat("[", MaxNesting-1) + strings.Repeat("]", MaxNesting-1) + `}}`: false,
	} {
		if got, ok := plain(lineOf(text)); ok != taken || ok && !reflect.DeepEqual(got, readAny(lineOf(text), MaxFrameBytes)) {
			t.Errorf("%.200s: taken is %t: %+v", text, ok, got)
		}
	}
	if _, ok := plain(Line{Text: []byte(`{"jsonrpc":"2.0","id":7,"method":"add","params":{}}`), Overlong: true}); ok {
		t.Error("an overlong line is taken")
	}
}

func TestWhatTheShortWayTakesTheLongWayReadsAsTheSame(t *testing.T) {
	const seed = `{"jsonrpc":"2.0","id":41,"method":"add","params":{"a":[1,-2.5e+10,true,null],"b":"ü\n"},"context":{"timeout_ms":29999,"chain":["a.b"]}}`
	random := rand.New(rand.NewPCG(7, 8))
	taken := 0
	const rounds = 300_000
	for range rounds {
		text := []byte(seed)
		for range 1 + random.IntN(2) {
			at := random.IntN(len(text))
			switch random.IntN(3) {
			case 0:
				text[at] = "{}[]:,\"\\0129.eE+-tfnu \t\n\x00\xff"[random.IntN(25)]
			case 1:
				text = append(text[:at], text[at+1:]...)
			default:
				text = append(text[:at], append([]byte{text[at]}, text[at:]...)...)
			}
		}
		got, ok := plain(lineOf(string(text)))
		if !ok {
			continue
		}
		taken++
		if want := readAny(lineOf(string(text)), MaxFrameBytes); !reflect.DeepEqual(got, want) {
			t.Fatalf("%s: got %+v, not %+v", text, got, want)
		}
	}
	if taken < 1000 || taken > rounds-1000 {
		t.Errorf("%d were taken: that proves nothing", taken)
	}
}

func TestIntegersAreReadAsTheStandardLibraryReadsThem(t *testing.T) {
	for _, text := range []string{
		"0", "-0", "7", "-7", "999999999999999999", "-999999999999999999", "1000000000000000000", "9223372036854775807", "-9223372036854775808",
		"9223372036854775808", "1.0", "1e2", "-1E2", " 5 ",
	} {
		want, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if got, ok := Integer([]byte(text)); ok != (err == nil) || ok && got != want {
			t.Errorf("%s: got %d, %t", text, got, ok)
		}
	}
	for n := range int64(100_000) {
		if got, ok := Integer(fmt.Append(nil, n-50_000)); !ok || got != n-50_000 {
			t.Fatalf("%d is read as %d, %t", n-50_000, got, ok)
		}
	}
}
