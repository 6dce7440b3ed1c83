// Owns how checked JSON becomes a Go value; must not know where it came from.

package types

import (
	"cmp"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
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
	to := reflect.ValueOf(target).Elem()
	return b.bind(to, shapeOf(to.Type()), value)
}

func bad(format string, args ...any) error {
	return &BadValue{Reason: fmt.Sprintf(format, args...)}
}

// under says that what does not fit stands further down. Pointers are made on the way out: values that fit cost none.
func under(name string, err error) error {
	var found *BadValue
	if errors.As(err, &found) {
		return &BadValue{"/" + escape(name) + found.Pointer, found.Reason}
	}
	return err
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

func (b Binder) bind(to reflect.Value, s *shape, value []byte) error {
	switch {
	case s.isPointer:
		to.Set(reflect.New(s.typ.Elem()))
		return b.bind(to.Elem(), shapeOf(s.typ.Elem()), value)
	case s.isRaw:
		to.SetBytes(append([]byte(nil), value...))
		return nil
	case s.readsJSON:
		if err := to.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(value); err != nil {
			return bad("cannot be read: %s", err)
		}
		return nil
	}
	kind, wanted := codec.Kind(value), s.wanted
	if wanted == "" && s.kind == reflect.Interface {
		wanted = kind
	}
	if wanted != kind && (wanted != "integer" || kind != "number") {
		return bad("must be %s, not %s", article(wanted), article(kind))
	}
	if s.readsText {
		if err := to.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(codec.Text(value))); err != nil {
			return bad("cannot be read: %s", err)
		}
		return nil
	}
	switch s.kind {
	case reflect.Bool:
		to.SetBool(value[0] == 't')
	case reflect.String:
		return bindString(to, value)
	case reflect.Float32, reflect.Float64:
		n, _ := strconv.ParseFloat(string(value), 64)
		if to.OverflowFloat(n) {
			return bad("is beyond a %s", s.typ)
		}
		to.SetFloat(n)
	case reflect.Slice, reflect.Array:
		return b.bindArray(to, value)
	case reflect.Map:
		return b.bindMap(to, value)
	case reflect.Struct:
		return b.bindStruct(to, value)
	case reflect.Interface:
		return bindAny(to, value)
	default:
		return bindInteger(to, value)
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
func bindInteger(to reflect.Value, value []byte) error {
	n, ok := codec.Integer(value)
	if !ok {
		f, _ := strconv.ParseFloat(string(value), 64)
		if n = int64(f); f < -codec.MaxSafeInteger || f > codec.MaxSafeInteger || float64(n) != f {
			return bad("must be an integer")
		}
	}
	if to.CanInt() {
		if to.OverflowInt(n) {
			return bad("is beyond the range of %s", to.Type())
		}
		to.SetInt(n)
		return nil
	}
	if n < 0 || to.OverflowUint(uint64(n)) {
		return bad("is beyond the range of %s", to.Type())
	}
	to.SetUint(uint64(n))
	return nil
}

func (b Binder) bindArray(to reflect.Value, value []byte) error {
	if isBytes(to.Type()) {
		data, err := base64.StdEncoding.DecodeString(codec.Text(value))
		if err != nil {
			return bad("must be base64")
		}
		to.SetBytes(data)
		return nil
	}
	n, element := 0, to.Type().Elem()
	shape := shapeOf(element)
	if to.Kind() == reflect.Slice {
		to.Set(reflect.MakeSlice(to.Type(), 0, 0))
	}
	for item := range codec.Elements(value) {
		if to.Kind() == reflect.Slice {
			to.Set(reflect.Append(to, reflect.Zero(element)))
		} else if n == to.Len() {
			return bad("must have %d items", to.Len())
		}
		if err := b.bind(to.Index(n), shape, item); err != nil {
			return under(strconv.Itoa(n), err)
		}
		n++
	}
	if n < to.Len() {
		return bad("must have %d items", to.Len())
	}
	return nil
}

func (b Binder) bindMap(to reflect.Value, value []byte) error {
	t := to.Type()
	if t.Key().Kind() != reflect.String {
		return bad("cannot be read into a %s", t)
	}
	to.Set(reflect.MakeMap(t))
	shape := shapeOf(t.Elem())
	for name, member := range codec.Members(value) {
		element := reflect.New(t.Elem()).Elem()
		if err := b.bind(element, shape, member); err != nil {
			return under(name, err)
		}
		to.SetMapIndex(reflect.ValueOf(name).Convert(t.Key()), element)
	}
	return nil
}

// someFields is how many fields a struct may have before remembering which were seen costs an allocation.
const someFields = 32

func (b Binder) bindStruct(to reflect.Value, value []byte) error {
	plan, err := planOf(to.Type())
	if err != nil {
		return err
	}
	var some [someFields]bool
	seen := some[:]
	if len(plan.fields) > len(seen) {
		seen = make([]bool, len(plan.fields))
	}
	members := codec.Open(value)
	for next := 0; ; next++ {
		quoted, member, more := members.Next()
		if !more {
			break
		}
		at, known := plan.find(quoted, next)
		if !known {
			if b.Strict {
				return under(codec.Text(quoted), bad("is not known here"))
			}
			continue
		}
		seen[at] = true
		next = at
		if err := b.bindField(to, &plan.fields[at], member); err != nil {
			return err
		}
	}
	for i := range plan.fields {
		f := &plan.fields[i]
		switch {
		case seen[i]:
		case f.rules.standard != nil:
			if err := b.bindField(to, f, f.rules.standard); err != nil {
				return err
			}
		case !f.optional && b.Strict:
			return under(f.name, bad("is missing"))
		}
	}
	return nil
}

func (b Binder) bindField(to reflect.Value, f *field, value []byte) error {
	if len(f.index) == 1 {
		to = to.Field(f.index[0])
	} else {
		to = to.FieldByIndex(f.index)
	}
	if f.rules.judges() {
		if err := f.rules.check(value); err != nil {
			return under(f.name, err)
		}
	}
	if err := b.bind(to, f.shape, value); err != nil {
		return under(f.name, err)
	}
	return nil
}

func bindAny(to reflect.Value, value []byte) error {
	if to.NumMethod() > 0 {
		return bad("cannot be read into a %s", to.Type())
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
