// Package types owns how Go types and JSON go together: the schema of a type, JSON to values, values to JSON.
// It must not know messages, functions or what anything is for.
package types

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
)

var (
	rawType         = reflect.TypeFor[json.RawMessage]()
	numberType      = reflect.TypeFor[json.Number]()
	timeType        = reflect.TypeFor[time.Time]()
	durationType    = reflect.TypeFor[time.Duration]()
	marshaler       = reflect.TypeFor[json.Marshaler]()
	unmarshaler     = reflect.TypeFor[json.Unmarshaler]()
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// field is one member of the JSON object that a struct is.
type field struct {
	name      string
	index     []int
	typ       reflect.Type
	shape     *shape
	optional  bool
	omitEmpty bool
	omitZero  bool
	rules     rules
}

// plan is what a struct type looks like as a JSON object.
type plan struct {
	fields []field
	byName map[string]int
}

type planned struct {
	plan *plan
	err  error
}

// plans remembers every struct type that was looked at: a type cannot change, so this is no state.
var plans sync.Map

func planOf(t reflect.Type) (*plan, error) {
	if found, ok := plans.Load(t); ok {
		return found.(planned).plan, found.(planned).err
	}
	made := &plan{byName: map[string]int{}}
	err := made.collect(t, nil)
	plans.Store(t, planned{made, err})
	return made, err
}

// find returns which field a member is for, by its name with quotes; it is mostly the next one.
func (p *plan) find(quoted []byte, next int) (at int, known bool) {
	name := quoted[1 : len(quoted)-1]
	if next < len(p.fields) && string(name) == p.fields[next].name {
		return next, true
	}
	if bytes.IndexByte(name, '\\') >= 0 {
		at, known = p.byName[codec.Text(quoted)]
	} else {
		at, known = p.byName[string(name)]
	}
	return at, known
}

func (p *plan) collect(t reflect.Type, index []int) error {
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(index[:len(index):len(index)], i)
		tag, tagged := f.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		if tag == "-" {
			continue
		}
		if f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct && !custom(f.Type) {
			if err := p.collect(f.Type, at); err != nil {
				return err
			}
			continue
		}
		if f.Anonymous && name == "" {
			return fmt.Errorf("%s embeds %s: only plain structs can be embedded", t, f.Type)
		}
		if !f.IsExported() {
			if tagged || f.Tag.Get("hub") != "" {
				return fmt.Errorf("%s.%s has a tag but is not exported", t, f.Name)
			}
			continue
		}
		if err := p.add(t, f, at, name, options); err != nil {
			return err
		}
	}
	return nil
}

func (p *plan) add(t reflect.Type, f reflect.StructField, index []int, name, options string) error {
	if name == "" {
		name = f.Name
	}
	made := field{name: name, index: index, typ: f.Type, shape: shapeOf(f.Type)}
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "":
		case "omitempty":
			made.omitEmpty = true
		case "omitzero":
			made.omitZero = true
		default:
			return fmt.Errorf("%s.%s: json option %q is not supported", t, f.Name, option)
		}
	}
	var err error
	if made.rules, err = readRules(f.Tag.Get("hub"), f.Type); err != nil {
		return fmt.Errorf("%s.%s: %w", t, f.Name, err)
	}
	made.optional = made.omitEmpty || made.omitZero || made.rules.standard != nil || f.Type.Kind() == reflect.Pointer
	if _, twice := p.byName[name]; twice {
		return fmt.Errorf("%s has two fields named %q", t, name)
	}
	p.byName[name] = len(p.fields)
	p.fields = append(p.fields, made)
	return nil
}

// custom says whether a type reads or writes its JSON itself.
func custom(t reflect.Type) bool {
	pointer := reflect.PointerTo(t)
	return pointer.Implements(marshaler) || pointer.Implements(unmarshaler) || isText(t)
}

func isText(t reflect.Type) bool {
	pointer := reflect.PointerTo(t)
	return pointer.Implements(textMarshaler) || pointer.Implements(textUnmarshaler)
}

// jsonKind returns the type, in words of JSON Schema, of the values that a Go type holds; "" for one that holds any.
func jsonKind(t reflect.Type) string {
	switch {
	case t == rawType:
		return ""
	case t == timeType:
		return "string"
	}
	switch pointer := reflect.PointerTo(t); {
	case pointer.Implements(marshaler) || pointer.Implements(unmarshaler):
		return ""
	case isText(t):
		return "string"
	}
	return goKind(t)
}

// goKind is jsonKind for a type that does not read or write its JSON itself.
func goKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "integer"
	case reflect.Float32, reflect.Float64:
		return "number"
	case reflect.String:
		if t == numberType {
			return "number"
		}
		return "string"
	case reflect.Slice, reflect.Array:
		if isBytes(t) {
			return "string"
		}
		return "array"
	case reflect.Map, reflect.Struct:
		return "object"
	case reflect.Pointer:
		return jsonKind(t.Elem())
	}
	return ""
}

func isBytes(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
}
