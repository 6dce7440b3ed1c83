// Owns the tests of JSON to Go and back.

package types_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hub-plugins/hub/sdk/go/internal/types"
)

type arguments struct {
	A      int             `json:"a" hub:"minimum=0,maximum=16000000"`
	B      *string         `json:"b" hub:"minLength=2,maxLength=3,pattern=^x"`
	C      []uint8         `json:"c,omitempty"`
	D      float64         `json:"d" hub:"exclusiveMinimum=0,exclusiveMaximum=2,default=1.5"`
	E      string          `json:"e" hub:"enum=on|off,default=on"`
	F      []string        `json:"f,omitempty" hub:"minItems=1,maxItems=2"`
	G      map[string]bool `json:"g,omitempty"`
	H      *time.Time      `json:"h"`
	I      any             `json:"i,omitempty"`
	J      *[2]int         `json:"j"`
	K      *int8           `json:"k"`
	Nested *struct {
		Deep int `json:"deep"`
	} `json:"a/b~c"`
	N int `json:"n" hub:"enum=1|2,default=2"`
}

func bind(t *testing.T, text string, strict bool) (arguments, *types.BadValue) {
	t.Helper()
	var target arguments
	err := types.Binder{Strict: strict}.Bind(&target, []byte(text))
	var bad *types.BadValue
	if err != nil && !errors.As(err, &bad) {
		t.Fatalf("%s: %v is no BadValue", text, err)
	}
	return target, bad
}

func TestGoodArgumentsBecomeGoValues(t *testing.T) {
	got, bad := bind(t, `{"a":2.0,"b":"xy","f":["p","q"],"g":{"A":true,"a":false},"h":"2026-01-02T03:04:05Z","i":[1,{"x":null}],`+
		`"j":[1,2],"k":-128,"a/b~c":{"deep":3e0},"n":1.0}`, true)
	if bad != nil {
		t.Fatal(bad)
	}
	if got.A != 2 || *got.B != "xy" || got.D != 1.5 || got.E != "on" || len(got.F) != 2 || !got.G["A"] || got.G["a"] ||
		got.H.Year() != 2026 || !reflect.DeepEqual(got.I, []any{1.0, map[string]any{"x": nil}}) || got.J[1] != 2 || *got.K != -128 ||
		got.Nested.Deep != 3 || got.N != 1 || got.C != nil {
		t.Errorf("got %+v", got)
	}
	if got, bad := bind(t, `{"a":1}`, true); bad != nil || got.B != nil || got.N != 2 {
		t.Errorf("got %+v, %v", got, bad)
	}
}

func TestAWrongArgumentIsNamedByItsPointer(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                          "/a is missing",
		`{"A":1}`:                     "/A is not known here",
		`{"a":1,"B":"xy"}`:            "/B is not known here",
		`{"a":1,"a/b":1}`:             "/a~1b is not known here",
		`{"a":1,"a/b~c":{"deep":""}}`: "/a~1b~0c/deep must be an integer, not a string",
		`{"a":null}`:                  "/a must be an integer, not null",
		`{"a":true}`:                  "/a must be an integer, not a boolean",
		`{"a":0.5}`:                   "/a must be an integer",
		`{"a":1e300}`:                 "/a must be at most 16000000",
		`{"a":-1}`:                    "/a must be at least 0",
		`{"a":1,"b":"x"}`:             "/b must have at least 2 characters",
		`{"a":1,"b":"xäöü"}`:          "/b must have at most 3 characters",
		`{"a":1,"b":"yy"}`:            "/b must match ^x",
		`{"a":1,"b":null}`:            "/b must be a string, not null",
		`{"a":1,"c":"%"}`:             "/c must be base64",
		`{"a":1,"d":0}`:               "/d must be more than 0",
		`{"a":1,"d":2}`:               "/d must be less than 2",
		`{"a":1,"e":"On"}`:            `/e must be one of "on", "off"`,
		`{"a":1,"f":[]}`:              "/f must have at least 1 items",
		`{"a":1,"f":["","",""]}`:      "/f must have at most 2 items",
		`{"a":1,"f":["",1]}`:          "/f/1 must be a string, not a number",
		`{"a":1,"f":{}}`:              "/f must be an array, not an object",
		`{"a":1,"g":{"x/y":0}}`:       "/g/x~1y must be a boolean, not a number",
		`{"a":1,"g":[]}`:              "/g must be an object, not an array",
		`{"a":1,"h":"yesterday"}`:     "/h cannot be read: ",
		`{"a":1,"h":5}`:               "/h cannot be read: ",
		`{"a":1,"j":[1]}`:             "/j must have 2 items",
		`{"a":1,"j":[1,2,3]}`:         "/j must have 2 items",
		`{"a":1,"k":200}`:             "/k is beyond the range of int8",
		`{"a":1,"n":3}`:               "/n must be one of 1, 2",
		`[]`:                          "it must be an object, not an array",
		`"x"`:                         "it must be an object, not a string",
	} {
		if _, bad := bind(t, text, true); bad == nil || !strings.HasPrefix(bad.Error(), want) {
			t.Errorf("%s: got %v, not %q", text, bad, want)
		}
	}
}

func TestATolerantBinderIgnoresWhatItDoesNotKnow(t *testing.T) {
	got, bad := bind(t, `{"A":7,"new":[],"e":"off"}`, false)
	if bad != nil || got.A != 0 || got.E != "off" {
		t.Errorf("got %+v, %v", got, bad)
	}
}

type onlyWrites struct{ X int }

func (onlyWrites) MarshalJSON() ([]byte, error) { return []byte(`{"x": [1, 2]}`), nil }

type word string

func (w *word) UnmarshalText(text []byte) error { *w = word(strings.ToUpper(string(text))); return nil }
func (w word) MarshalText() ([]byte, error)     { return []byte(strings.ToLower(string(w))), nil }

func TestTypesThatReadThemselvesAreAskedTo(t *testing.T) {
	var target struct {
		W word       `json:"w"`
		O onlyWrites `json:"o"`
	}
	if err := (types.Binder{}).Bind(&target, []byte(`{"w":"abc","o":{"X":4}}`)); err != nil || target.W != "ABC" || target.O.X != 4 {
		t.Errorf("got %+v, %v", target, err)
	}
	for _, text := range []string{`{"w":5}`, `{"o":[]}`} {
		if err := (types.Binder{}).Bind(&target, []byte(text)); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}

type ring struct {
	Next *ring `json:"next"`
}

func TestValuesBecomeTheJSONOfTheWire(t *testing.T) {
	type member struct {
		List   []int          `json:"list"`
		Map    map[string]int `json:"map"`
		None   *int           `json:"none"`
		Empty  string         `json:"empty,omitempty"`
		Time   time.Time      `json:"time,omitzero"`
		Number float64        `json:"number"`
	}
	for _, c := range []struct {
		value any
		want  string
	}{
		{member{Number: 1e21}, `{"list":[],"map":{},"number":1e+21}`},
		{[]member(nil), `[]`},
		{map[string]any{"b": "<&>\u2028", "a": nil}, `{"a":null,"b":"<&>` + "\u2028" + `"}`},
		{"quote \" back \\ line\n tab\t bell\a ü", `"quote \" back \\ line\n tab\t bell\u0007 ü"`},
		{float64(1 << 53), `9.007199254740992e+15`},
		{0.1, `0.1`}, {float32(0.1), `0.1`}, {1e-7, `1e-07`}, {math.Copysign(0, -1), `-0`},
		{json.RawMessage(" [1,\n 2] "), `[1,2]`}, {json.RawMessage(nil), `null`},
		{onlyWrites{}, `{"x":[1,2]}`}, {word("ABC"), `"abc"`}, {[]byte("hi"), `"aGk="`}, {nil, `null`}, {(*int)(nil), `null`},
		{int64(9007199254740991), `9007199254740991`},
	} {
		got, err := types.Encode(c.value, 1)
		if err != nil || string(got) != c.want {
			t.Errorf("%T: got %s, %v, not %s", c.value, got, err, c.want)
		}
	}
}

func TestWhatTheWireWouldNotKeepIsRefused(t *testing.T) {
	round := &ring{}
	round.Next = round
	var self any
	self = &self
	deep := any(1)
	for range 64 {
		deep = []any{deep}
	}
	for words, value := range map[string]any{
		"beyond ±9007199254740991": int64(1 << 53),
		"beyond ±900719925474099":  uint64(math.MaxUint64),
		"NaN":                      math.NaN(),
		"infinity":                 math.Inf(1),
		"UTF-8":                    "\xff",
		"cannot be JSON":           make(chan int),
		"deeper than 64":           deep,
		"nests deeper":             round,
		"ring":                     self,
		"not JSON":                 json.RawMessage("{"),
		"lone surrogate":           json.RawMessage(`"\ud800"`),
		"keys of a map":            map[int]int{1: 1},
	} {
		if got, err := types.Encode(value, 1); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%T: got %s, %v, not %q", value, got, err, words)
		}
	}
	if _, err := types.Encode(deep.([]any)[0], 1); err != nil {
		t.Errorf("63 levels inside the frame's own are refused: %s", err)
	}
}

// everything has a field of each kind that a binder knows.
type everything struct {
	Bool   *bool              `json:"b"`
	Int    *int16             `json:"i"`
	Uint   *uint              `json:"u"`
	Float  *float32           `json:"f"`
	Text   *string            `json:"t"`
	Number *json.Number       `json:"n"`
	Bytes  []byte             `json:"y,omitempty"`
	List   []*everything      `json:"l,omitempty"`
	Map    map[string][]int8  `json:"m,omitempty"`
	Array  *[2]map[string]any `json:"a"`
	Time   *time.Time         `json:"d"`
	Raw    json.RawMessage    `json:"r,omitempty"`
	Any    any                `json:"x,omitempty"`
	Word   *word              `json:"w"`
	Only   *onlyWrites        `json:"o"`
}

// randomJSON returns any value, mostly wrong for where it stands.
func randomJSON(random *rand.Rand, depth int) string {
	scalars := []string{`1`, `-0`, `200`, `1.5`, `1e300`, `3e0`, `""`, `"aGk="`, `"2026-01-02T03:04:05Z"`, `"\u00fc"`, `true`, `null`, `9007199254740991`}
	if n := random.IntN(10); depth == 0 || n < 4 {
		return scalars[random.IntN(len(scalars))]
	} else if n < 6 {
		return ` [ ` + randomJSON(random, depth-1) + ` , ` + randomJSON(random, depth-1) + ` ] `
	}
	names := strings.Split("biutfnylmadrxwoB", "")
	first, second := random.IntN(len(names)), random.IntN(len(names)-1)
	if second >= first {
		second++
	}
	return fmt.Sprintf(`{ %q : %s , %q:%s}`, names[first], randomJSON(random, depth-1), names[second], randomJSON(random, depth-1))
}

func TestAnyJSONIsTakenOrRefusedAndWhatWasTakenCanBeSent(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	taken, refused := 0, 0
	for range 200_000 {
		text := strings.TrimSpace(randomJSON(random, 4))
		var target everything
		var bad *types.BadValue
		switch err := (types.Binder{Strict: true}).Bind(&target, []byte(text)); {
		case err == nil:
			taken++
			if _, err := types.Encode(target, 1); err != nil {
				t.Fatalf("%s was taken and cannot be sent: %s", text, err)
			}
		case errors.As(err, &bad):
			refused++
		default:
			t.Fatalf("%s: %s is no BadValue", text, err)
		}
	}
	if taken < 1000 || refused < 1000 {
		t.Errorf("%d were taken and %d refused: that proves nothing", taken, refused)
	}
}

type celsius float64

func appended[T any](t *testing.T, value T) {
	t.Helper()
	want, wantErr := types.Encode(value, 1)
	got, err := types.AppendValue([]byte("before"), value, 1)
	if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
		t.Errorf("%T %v: got %v, not %v", value, value, err, wantErr)
	}
	if err == nil && string(got) != "before"+string(want) {
		t.Errorf("%T %v: got %s, not %s", value, value, got, want)
	}
}

func TestAppendedValuesAreTheEncodedOnes(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 4242, 1<<53 - 1, -(1<<53 - 1), 1 << 53, -(1 << 53), math.MinInt64, math.MaxInt64} {
		appended(t, n)
		appended(t, int(n))
		appended(t, uint64(n))
		appended(t, any(n))
		appended(t, &n)
	}
	for _, f := range []float64{0, math.Copysign(0, -1), 0.1, 1e-7, 1e15, 1e21, -2.5, math.MaxFloat64, math.NaN(), math.Inf(-1)} {
		appended(t, f)
		appended(t, float32(f))
		appended(t, celsius(f))
	}
	for _, text := range []string{"", "ü€😀", "\x00\u2028<&>\"\\\n", "\xff", "a\xc3"} {
		appended(t, text)
		appended(t, json.RawMessage(text))
		appended(t, []string{text})
	}
	appended(t, true)
	appended(t, false)
	appended(t, any(nil))
	appended(t, []int(nil))
	appended(t, map[string]int{"b": 1, "a": 2})
	appended(t, onlyWrites{})
	appended(t, word("ABC"))
	appended(t, time.Hour)
	appended(t, struct{ A, B int }{1, 2})
	appended(t, make(chan int))
}
