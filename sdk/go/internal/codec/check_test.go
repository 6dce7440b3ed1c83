// Owns the tests of the strict JSON beside the vectors: against encoding/json, at the borders, in linear time.

package codec_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
)

const seed = `{"jsonrpc":"2.0","id":7,"method":"a\u0041\ud83d\ude00\n","params":{"x":[1,-2.5e+10,true,false,null,"ü"],"y":{}, "z" : [ ] }}`

// mutated returns the seed with a few bytes changed, left out or doubled.
func mutated(random *rand.Rand) []byte {
	text := []byte(seed)
	for range 1 + random.IntN(4) {
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
	return text
}

func TestWhatCheckTakesIsJSONAndWhatIsStrictJSONCheckTakes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	taken, refused := 0, 0
	for range 200_000 {
		text := mutated(random)
		err := codec.Check(text, codec.MaxNesting)
		valid := json.Valid(text) && utf8.Valid(text)
		switch {
		case err == nil && !valid:
			t.Fatalf("%q is taken", text)
		case err != nil && valid && !isStricter(err):
			t.Fatalf("%q is refused: %s", text, err)
		case err == nil:
			taken++
			codec.Read(codec.Line{Text: text, Size: len(text)}, codec.MaxFrameBytes) // must not panic
		default:
			refused++
			codec.Read(codec.Line{Text: text, Size: len(text)}, codec.MaxFrameBytes)
		}
	}
	if taken < 1000 || refused < 1000 {
		t.Errorf("%d were taken and %d refused: the mutations prove nothing", taken, refused)
	}
}

// isStricter says whether an error is of a rule that json.Valid does not have.
func isStricter(err error) bool {
	for _, words := range []string{"twice", "surrogate", "beyond", "overflows", "byte order mark"} {
		if strings.Contains(err.Error(), words) {
			return true
		}
	}
	return false
}

func TestTextsAreReadAsEncodingJSONReadsThem(t *testing.T) {
	for _, quoted := range []string{`""`, `"a"`, `"\"\\\/\b\f\n\r\t"`, `"\u00fc\u20AC"`, `"\ud83d\ude00x"`, `"ü€😀"`} {
		var want string
		if err := json.Unmarshal([]byte(quoted), &want); err != nil {
			t.Fatal(err)
		}
		if got := codec.Text([]byte(quoted)); got != want {
			t.Errorf("%s: got %q, not %q", quoted, got, want)
		}
		var again string
		if err := json.Unmarshal(codec.AppendString(nil, want), &again); err != nil || again != want {
			t.Errorf("%q is written as %s", want, codec.AppendString(nil, want))
		}
	}
}

func TestNamesThatOnlyLookDifferentAreTheSame(t *testing.T) {
	many := `{`
	for _, letter := range strings.Split("abcdefghijklmnop", "") {
		many += `"` + letter + `":1,`
	}
	for text, good := range map[string]bool{
		`{"a":1,"\u0061":2}`:  false,
		`{"a":1,"A":2}`:       true,
		`[{"a":1},{"a":2}]`:   true,
		many + `"q":1}`:       true,
		many + `"a":1}`:       false,
		many + `"\u006f":1}`:  false,
		`{"a":{"a":{"a":1}}}`: true,
	} {
		if err := codec.Check([]byte(text), codec.MaxNesting); (err == nil) != good {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func TestIntegersAreExactOrRefused(t *testing.T) {
	for text, good := range map[string]bool{
		"9007199254740991": true, "-9007199254740991": true, "9007199254740992": false, "-9007199254740992": false,
		"90071992547409910": false, "9007199254740992.0": true, "9007199254740993e0": true, "1e308": true, "1e309": false, "-1e309": false,
		"1e-400": true, "-0": true, "00": false, "01": false, "-": false, "1.": false, ".5": false, "+1": false, "1e": false, "0x1": false,
		strings.Repeat("9", 1_000_000): false,
	} {
		if err := codec.Check([]byte(text), codec.MaxNesting); (err == nil) != good {
			t.Errorf("%.40s: got %v", text, err)
		}
	}
}

func TestALongLineInSmallPiecesIsNotCopiedAgainAndAgain(t *testing.T) {
	line := strings.Repeat("x", 4<<20)
	splitter := codec.Splitter{MaxBytes: codec.MaxFrameBytes}
	lines := 0
	allocations := testing.AllocsPerRun(1, func() {
		for at := 0; at < len(line); at += 64 {
			splitter.Feed([]byte(line[at:at+64]), func(codec.Line) bool { lines++; return true })
		}
		splitter.Feed([]byte("\n"), func(codec.Line) bool { lines++; return true })
	})
	// One allocation for each piece of the test itself, and a few dozen for the growing line.
	if pieces := float64(len(line) / 64); allocations > pieces+100 {
		t.Errorf("%v allocations for %v pieces", allocations, pieces)
	}
	if lines != 2 || splitter.Lost() != 0 {
		t.Errorf("%d lines, %d bytes lost", lines, splitter.Lost())
	}
}

func TestAnIDKeepsItsType(t *testing.T) {
	number, _ := codec.ReadID([]byte("1"))
	text, _ := codec.ReadID([]byte(`"1"`))
	escaped, _ := codec.ReadID([]byte(`"\u0031"`))
	if number == text || text != escaped || number.String() != "1" || text.String() != `"1"` {
		t.Errorf("%s, %s, %s", number, text, escaped)
	}
	for _, bad := range []string{"1.0", "1e2", "null", "true", "[]", "{}", `""`, `"` + strings.Repeat("x", 129) + `"`} {
		if id, ok := codec.ReadID([]byte(bad)); ok || !id.IsNull() {
			t.Errorf("%s is taken for the id %s", bad, id)
		}
	}
}
