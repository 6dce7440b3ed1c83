// Owns how a Go type becomes a JSON Schema; must not know values.

package types

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
)

// Schemer is a type that says itself which values it takes.
type Schemer interface{ JSONSchema() json.RawMessage }

var schemer = reflect.TypeFor[Schemer]()

// Schema returns the JSON Schema 2020-12 of the values of a type (HUB-CAPS-3). It refers to nothing outside itself (HUB-CAPS-4).
func Schema(t reflect.Type) (json.RawMessage, error) {
	w := writer{recursive: map[reflect.Type]string{}, defined: map[reflect.Type]bool{}}
	if err := w.findRecursive(t, nil, map[reflect.Type]bool{}); err != nil {
		return nil, err
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	// The outermost schema stands in the open, even where it is recursive: arguments must show that they are an object.
	text, err := w.schema(t, rules{}, true)
	if err != nil || len(w.definitions) == 0 {
		return text, err
	}
	text = append(text[:len(text)-1], `,"$defs":{`...)
	return append(append(text, w.definitions[1:]...), "}}"...), nil
}

type writer struct {
	recursive   map[reflect.Type]string // the types that hold themselves, with the names of their definitions
	defined     map[reflect.Type]bool
	definitions []byte // members of $defs, each with a comma before it
}

func (w *writer) findRecursive(t reflect.Type, above []reflect.Type, done map[reflect.Type]bool) error {
	switch {
	case jsonKind(t) == "" || custom(t) || saysItself(t):
		return nil
	case t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map:
		return w.findRecursive(t.Elem(), above, done)
	case t.Kind() != reflect.Struct:
		return nil
	case slices.Contains(above, t):
		if w.recursive[t] == "" {
			w.recursive[t] = w.freeName(t)
		}
		return nil
	case done[t]:
		return nil
	}
	done[t] = true
	plan, err := planOf(t)
	if err != nil {
		return err
	}
	above = append(above[:len(above):len(above)], t)
	for _, f := range plan.fields {
		if err := w.findRecursive(f.typ, above, done); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) freeName(t reflect.Type) string {
	name, _, _ := strings.Cut(t.Name(), "[")
	for n := 2; ; n++ {
		taken := false
		for _, other := range w.recursive {
			taken = taken || other == name
		}
		if name != "" && !taken {
			return name
		}
		name, _, _ = strings.Cut(t.Name(), "[")
		name += strconv.Itoa(n)
	}
}

// schema returns the schema of one type with the keywords of one field.
func (w *writer) schema(t reflect.Type, r rules, outermost bool) (json.RawMessage, error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	own, err := w.own(t, outermost)
	if err != nil {
		return nil, err
	}
	if len(r.keywords) == 0 {
		return own, nil
	}
	if len(own) == len("{}") {
		return append(append([]byte{'{'}, r.keywords[1:]...), '}'), nil
	}
	// What the tag says replaces what the Go type says by itself: a uint8 with maximum=100 has one maximum.
	kept := []byte{'{'}
	for name, value := range codec.Members(own) {
		if strings.Contains(string(r.keywords), `,"`+name+`":`) {
			continue
		}
		if len(kept) > 1 {
			kept = append(kept, ',')
		}
		kept = append(append(codec.AppendString(kept, name), ':'), value...)
	}
	return append(append(kept, r.keywords...), '}'), nil
}

func (w *writer) own(t reflect.Type, outermost bool) (json.RawMessage, error) {
	if saysItself(t) {
		text := reflect.New(t).Interface().(Schemer).JSONSchema()
		if err := codec.Check(text, codec.MaxNesting-8); err != nil || codec.Kind(text) != "object" {
			return nil, fmt.Errorf("JSONSchema of %s does not return a schema that is an object", t)
		}
		return slices.Clone(text), nil
	}
	switch {
	case t == timeType:
		return json.RawMessage(`{"type":"string","format":"date-time"}`), nil
	case t == durationType:
		return nil, fmt.Errorf("%s would be nanoseconds on the wire: take a number of seconds", t)
	case isBytes(t) && !custom(t):
		return json.RawMessage(`{"type":"string","contentEncoding":"base64"}`), nil
	}
	kind := jsonKind(t)
	switch {
	case kind == "" && (t.Kind() == reflect.Interface || custom(t)):
		return json.RawMessage(`{}`), nil
	case kind == "":
		return nil, fmt.Errorf("a %s cannot be JSON", t)
	case kind == "integer":
		return integer(t), nil
	case kind == "array":
		return w.array(t)
	case kind == "object" && t.Kind() == reflect.Map:
		return w.mapping(t)
	case kind == "object":
		return w.structure(t, outermost)
	}
	return json.RawMessage(`{"type":"` + kind + `"}`), nil
}

func saysItself(t reflect.Type) bool {
	return t.Kind() != reflect.Interface && t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(schemer)
}

// integer adds the bounds that a small Go type has; those of 64 bits are wider than what the wire allows at all (HUB-FRAME-9).
func integer(t reflect.Type) json.RawMessage {
	bits := t.Bits()
	switch unsigned := t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uint64; {
	case unsigned && bits == 64:
		return json.RawMessage(`{"type":"integer","minimum":0}`)
	case unsigned:
		return fmt.Appendf(nil, `{"type":"integer","minimum":0,"maximum":%d}`, uint64(1)<<bits-1)
	case bits < 64:
		return fmt.Appendf(nil, `{"type":"integer","minimum":%d,"maximum":%d}`, -int64(1)<<(bits-1), int64(1)<<(bits-1)-1)
	}
	return json.RawMessage(`{"type":"integer"}`)
}

func (w *writer) array(t reflect.Type) (json.RawMessage, error) {
	items, err := w.schema(t.Elem(), rules{}, false)
	if err != nil {
		return nil, err
	}
	text := append([]byte(`{"type":"array","items":`), items...)
	if t.Kind() == reflect.Array {
		text = fmt.Appendf(text, `,"minItems":%d,"maxItems":%d`, t.Len(), t.Len())
	}
	return append(text, '}'), nil
}

func (w *writer) mapping(t reflect.Type) (json.RawMessage, error) {
	if t.Key().Kind() != reflect.String || isText(t.Key()) {
		return nil, fmt.Errorf("%s: the keys of a map must be strings", t)
	}
	values, err := w.schema(t.Elem(), rules{}, false)
	if err != nil || len(values) == len("{}") {
		return json.RawMessage(`{"type":"object"}`), err
	}
	return append(append([]byte(`{"type":"object","additionalProperties":`), values...), '}'), nil
}

func (w *writer) structure(t reflect.Type, outermost bool) (json.RawMessage, error) {
	name := w.recursive[t]
	reference := json.RawMessage(`{"$ref":"#/$defs/` + name + `"}`)
	if name != "" && !outermost && w.defined[t] {
		return reference, nil
	}
	if name != "" && !outermost {
		w.defined[t] = true
	}
	plan, err := planOf(t)
	if err != nil {
		return nil, err
	}
	text := []byte(`{"type":"object","properties":{`)
	var required []byte
	for i, f := range plan.fields {
		member, err := w.schema(f.typ, f.rules, false)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		if i > 0 {
			text = append(text, ',')
		}
		text = append(append(codec.AppendString(text, f.name), ':'), member...)
		if !f.optional {
			required = codec.AppendString(append(required, ','), f.name)
		}
	}
	text = append(text, '}')
	if required != nil {
		text = append(append(append(text, `,"required":[`...), required[1:]...), ']')
	}
	text = append(text, `,"additionalProperties":false}`...)
	if name == "" || outermost {
		return text, nil
	}
	w.definitions = append(append(w.definitions, `,"`+name+`":`...), text...)
	return reference, nil
}
