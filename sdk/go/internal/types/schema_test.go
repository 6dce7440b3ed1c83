// Owns the tests of the schemas that are derived from types.

package types_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hub-plugins/hub/sdk/go/internal/types"
)

type plain struct {
	Text    string            `json:"text" hub:"minLength=1,maxLength=9,pattern=^[a-z, ]*$,description=a word, or two"`
	Count   int               `json:"count" hub:"minimum=1,maximum=100,default=10"`
	Kind    string            `json:"kind,omitempty" hub:"enum=a|b"`
	Ratio   *float64          `json:"ratio" hub:"exclusiveMinimum=0,exclusiveMaximum=1"`
	When    time.Time         `json:"when"`
	Names   []string          `json:"names" hub:"minItems=1,maxItems=3"`
	Labels  map[string]int8   `json:"labels"`
	Any     any               `json:"any"`
	Raw     json.RawMessage   `json:"raw,omitempty"`
	Bytes   []byte            `json:"bytes"`
	Pair    [2]uint8          `json:"pair"`
	Maybe   map[string]string `json:"maybe,omitzero"`
	Secret  string            `json:"secret" hub:"writeOnly,description=never shown"`
	Level   uint8             `json:"level" hub:"maximum=7"`
	ignored int
	Skipped int `json:"-"`
	nested
}

type nested struct {
	Inner struct {
		Deep bool `json:"deep"`
	} `json:"inner"`
}

const plainSchema = `{"type":"object","properties":{
	"text":{"type":"string","minLength":1,"maxLength":9,"pattern":"^[a-z, ]*$","description":"a word, or two"},
	"count":{"type":"integer","minimum":1,"maximum":100,"default":10},
	"kind":{"type":"string","enum":["a","b"]},
	"ratio":{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1},
	"when":{"type":"string","format":"date-time"},
	"names":{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":3},
	"labels":{"type":"object","additionalProperties":{"type":"integer","minimum":-128,"maximum":127}},
	"any":{}, "raw":{},
	"bytes":{"type":"string","contentEncoding":"base64"},
	"pair":{"type":"array","items":{"type":"integer","minimum":0,"maximum":255},"minItems":2,"maxItems":2},
	"maybe":{"type":"object","additionalProperties":{"type":"string"}},
	"secret":{"type":"string","writeOnly":true,"description":"never shown"},
	"level":{"type":"integer","minimum":0,"maximum":7},
	"inner":{"type":"object","properties":{"deep":{"type":"boolean"}},"required":["deep"],"additionalProperties":false}
},"required":["text","when","names","labels","any","bytes","pair","secret","level","inner"],"additionalProperties":false}`

type tree struct {
	Value    int              `json:"value"`
	Children []tree           `json:"children"`
	Named    map[string]*tree `json:"named,omitempty"`
}

type forest struct {
	Trees []tree `json:"trees"`
}

const treeBody = `{"type":"object","properties":{"value":{"type":"integer"},"children":{"type":"array","items":{"$ref":"#/$defs/tree"}},` +
	`"named":{"type":"object","additionalProperties":{"$ref":"#/$defs/tree"}}},"required":["value","children"],"additionalProperties":false`

type colour struct{}

func (colour) JSONSchema() json.RawMessage {
	return json.RawMessage(`{"type":"string","format":"color"}`)
}

func TestTheSchemaOfATypeSaysWhatItTakes(t *testing.T) {
	for _, c := range []struct {
		value any
		want  string
	}{
		{plain{}, plainSchema},
		{struct{}{}, `{"type":"object","properties":{},"additionalProperties":false}`},
		{tree{}, treeBody + `,"$defs":{"tree":` + treeBody + `}}}`},
		{forest{}, `{"type":"object","properties":{"trees":{"type":"array","items":{"$ref":"#/$defs/tree"}}},"required":["trees"],` +
			`"additionalProperties":false,"$defs":{"tree":` + treeBody + `}}}`},
		{colour{}, `{"type":"string","format":"color"}`},
		{&plain{}, plainSchema},
		{map[string]any{}, `{"type":"object"}`},
		{json.Number("1"), `{"type":"number"}`},
		{uint(1), `{"type":"integer","minimum":0}`},
	} {
		got, err := types.Schema(reflect.TypeOf(c.value))
		if err != nil || !equal(got, []byte(c.want)) {
			t.Errorf("%T: got %s, %v\nnot %s", c.value, got, err, c.want)
		}
	}
}

func equal(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

func TestATypeThatCannotBeDescribedIsRefusedInWords(t *testing.T) {
	for words, value := range map[string]any{
		"cannot be JSON":    struct{ C chan int }{},
		"number of seconds": struct{ D time.Duration }{},
		"keys of a map":     struct{ M map[int]string }{},
		"begins with no key": struct {
			A int `hub:"minimun=1"`
		}{},
		"does not take it": struct {
			A string `hub:"minimum=1"`
		}{},
		"not a number of JSON": struct {
			A int `hub:"minimum=one"`
		}{},
		"not a whole number": struct {
			A string `hub:"maxLength=-1"`
		}{},
		"regular expression": struct {
			A string `hub:"pattern=("`
		}{},
		"it is not JSON": struct {
			A int `hub:"default=x"`
		}{},
		"is not supported": struct {
			A int `json:"a,string"`
		}{},
		"only plain structs can": struct{ *nested }{},
	} {
		refused(t, reflect.TypeOf(value), words)
	}
	// go vet would find these two by itself.
	whole := reflect.TypeFor[int]()
	refused(t, reflect.StructOf([]reflect.StructField{
		{Name: "A", Type: whole, Tag: `json:"b"`}, {Name: "B", Type: whole, Tag: `json:"b"`},
	}), "two fields named")
	refused(t, reflect.StructOf([]reflect.StructField{{Name: "a", PkgPath: "x", Type: whole, Tag: `json:"a"`}}), "has a tag but is not")
}

func refused(t *testing.T, value reflect.Type, words string) {
	t.Helper()
	if _, err := types.Schema(value); err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("%s: got %v, not %q", value, err, words)
	}
}
