// Owns how checked JSON becomes a Go value; must not know where it came from.

package types

import (
	"cmp"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
)

// BadValue says which part of a JSON value does not fit, by JSON pointer (RFC 6901), and why.
type BadValue struct {
	Pointer string
	Reason  string
}

func (e *BadValue) Error() string {
	if e.Pointer == "" {
		return "it " + e.Reason
	}
	return e.Pointer + " " + e.Reason
}

// Binder puts JSON into Go values. A strict one refuses members that a struct does not have; what comes from a newer hub is read by a
// tolerant one (HUB-MSG-7). Names of members fit exactly or not at all (HUB-FRAME-14).
type Binder struct{ Strict bool }

// Bind puts checked JSON into what target points to, which must hold the zero value. An error is a *BadValue.
func (b Binder) Bind(target any, value []byte) error {
	return b.bind(reflect.ValueOf(target).Elem(), value, "", nil)
}

func bad(pointer, format string, args ...any) error {
	return &BadValue{pointer, fmt.Sprintf(format, args...)}
}

func article(kind string) string {
	if kind == "null" || kind == "" {
		return cmp.Or(kind, "something else")
	}
	if strings.ContainsAny(kind[:1], "aio") {
		return "an " + kind
	}
	return "a " + kind
}

func (b Binder) bind(to reflect.Value, value []byte, pointer string, r *rules) error {
	t := to.Type()
	if t.Kind() == reflect.Pointer && t != rawType {
		to.Set(reflect.New(t.Elem()))
		return b.bind(to.Elem(), value, pointer, r)
	}
	if r != nil {
		if err := r.check(value, pointer); err != nil {
			return err
		}
	}
	if t == rawType {
		to.SetBytes(append([]byte(nil), value...))
		return nil
	}
	if t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(unmarshaler) {
		return b.bindCustom(to, value, pointer)
	}
	reads := reflect.PointerTo(t).Implements(textUnmarshaler)
	kind, wanted := codec.Kind(value), goKind(t)
	switch {
	case reads:
		wanted = "string"
	case wanted == "" && t.Kind() == reflect.Interface:
		wanted = kind
	}
	if wanted != kind && (wanted != "integer" || kind != "number") {
		return bad(pointer, "must be %s, not %s", article(wanted), article(kind))
	}
	if reads {
		if err := to.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(codec.Text(value))); err != nil {
			return bad(pointer, "cannot be read: %s", err)
		}
		return nil
	}
	switch t.Kind() {
	case reflect.Bool:
		to.SetBool(value[0] == 't')
	case reflect.String:
		return bindString(to, value)
	case reflect.Float32, reflect.Float64:
		n, _ := strconv.ParseFloat(string(value), 64)
		if to.OverflowFloat(n) {
			return bad(pointer, "is beyond a %s", t)
		}
		to.SetFloat(n)
	case reflect.Slice, reflect.Array:
		return b.bindArray(to, value, pointer)
	case reflect.Map:
		return b.bindMap(to, value, pointer)
	case reflect.Struct:
		return b.bindStruct(to, value, pointer)
	case reflect.Interface:
		return bindAny(to, value, pointer)
	default:
		return bindInteger(to, value, pointer)
	}
	return nil
}

func (b Binder) bindCustom(to reflect.Value, value []byte, pointer string) error {
	if err := to.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(value); err != nil {
		return bad(pointer, "cannot be read: %s", err)
	}
	return nil
}

func bindString(to reflect.Value, value []byte) error {
	if to.Type() == numberType {
		to.SetString(string(value))
	} else {
		to.SetString(codec.Text(value))
	}
	return nil
}

// bindInteger takes 2.0 and 2e0 for 2, as JSON Schema does.
func bindInteger(to reflect.Value, value []byte, pointer string) error {
	n, ok := codec.Integer(value)
	if !ok {
		f, _ := strconv.ParseFloat(string(value), 64)
		if n = int64(f); f < -codec.MaxSafeInteger || f > codec.MaxSafeInteger || float64(n) != f {
			return bad(pointer, "must be an integer")
		}
	}
	if to.CanInt() {
		if to.OverflowInt(n) {
			return bad(pointer, "is beyond the range of %s", to.Type())
		}
		to.SetInt(n)
		return nil
	}
	if n < 0 || to.OverflowUint(uint64(n)) {
		return bad(pointer, "is beyond the range of %s", to.Type())
	}
	to.SetUint(uint64(n))
	return nil
}

func (b Binder) bindArray(to reflect.Value, value []byte, pointer string) error {
	if isBytes(to.Type()) {
		data, err := base64.StdEncoding.DecodeString(codec.Text(value))
		if err != nil {
			return bad(pointer, "must be base64")
		}
		to.SetBytes(data)
		return nil
	}
	n := 0
	if to.Kind() == reflect.Slice {
		to.Set(reflect.MakeSlice(to.Type(), 0, 0))
	}
	for element := range codec.Elements(value) {
		if to.Kind() == reflect.Slice {
			to.Set(reflect.Append(to, reflect.Zero(to.Type().Elem())))
		} else if n == to.Len() {
			return bad(pointer, "must have %d items", to.Len())
		}
		if err := b.bind(to.Index(n), element, pointer+"/"+strconv.Itoa(n), nil); err != nil {
			return err
		}
		n++
	}
	if n < to.Len() {
		return bad(pointer, "must have %d items", to.Len())
	}
	return nil
}

func (b Binder) bindMap(to reflect.Value, value []byte, pointer string) error {
	t := to.Type()
	if t.Key().Kind() != reflect.String {
		return bad(pointer, "cannot be read into a %s", t)
	}
	to.Set(reflect.MakeMap(t))
	for name, member := range codec.Members(value) {
		element := reflect.New(t.Elem()).Elem()
		if err := b.bind(element, member, pointer+"/"+escape(name), nil); err != nil {
			return err
		}
		to.SetMapIndex(reflect.ValueOf(name).Convert(t.Key()), element)
	}
	return nil
}

func (b Binder) bindStruct(to reflect.Value, value []byte, pointer string) error {
	plan, err := planOf(to.Type())
	if err != nil {
		return err
	}
	seen := make([]bool, len(plan.fields))
	for name, member := range codec.Members(value) {
		at, known := plan.byName[name]
		if !known {
			if b.Strict {
				return bad(pointer+"/"+escape(name), "is not known here")
			}
			continue
		}
		seen[at] = true
		f := &plan.fields[at]
		if err := b.bind(to.FieldByIndex(f.index), member, pointer+"/"+escape(name), &f.rules); err != nil {
			return err
		}
	}
	for i := range plan.fields {
		f := &plan.fields[i]
		switch {
		case seen[i]:
		case f.rules.standard != nil:
			if err := b.bind(to.FieldByIndex(f.index), f.rules.standard, pointer+"/"+escape(f.name), &f.rules); err != nil {
				return err
			}
		case !f.optional && b.Strict:
			return bad(pointer+"/"+escape(f.name), "is missing")
		}
	}
	return nil
}

func bindAny(to reflect.Value, value []byte, pointer string) error {
	if to.NumMethod() > 0 {
		return bad(pointer, "cannot be read into a %s", to.Type())
	}
	if found := anyOf(value); found != nil {
		to.Set(reflect.ValueOf(found))
	}
	return nil
}

func anyOf(value []byte) any {
	switch codec.Kind(value) {
	case "object":
		object := map[string]any{}
		for name, member := range codec.Members(value) {
			object[name] = anyOf(member)
		}
		return object
	case "array":
		array := []any{}
		for element := range codec.Elements(value) {
			array = append(array, anyOf(element))
		}
		return array
	case "string":
		return codec.Text(value)
	case "boolean":
		return value[0] == 't'
	case "null":
		return nil
	}
	n, _ := strconv.ParseFloat(string(value), 64)
	return n
}

func escape(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}
