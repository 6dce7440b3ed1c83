// Owns how a Go value becomes JSON; must not know where it goes.

package types

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
)

// Encode returns a value as compact JSON that fits into a frame. Unlike encoding/json it writes a nil slice as [] and a nil map as {},
// leaves a nil pointer of a struct out (HUB-MSG-8), escapes no <, > and &, and refuses what the wire would not keep:
// integers beyond 2^53 - 1, NaN, text that is not UTF-8, more than 64 levels.
//
// around is how many levels of arrays and objects the value will stand in: 1 for a result, which stands in the frame's own object.
func Encode(value any, around int) (json.RawMessage, error) {
	return appendAny(nil, value, around)
}

func appendAny(to []byte, value any, around int) ([]byte, error) {
	e := encoder{text: to}
	err := e.value(reflect.ValueOf(value), around)
	return e.text, err
}

// AppendValue appends what Encode returns. The plainest types go without reflection, and without being moved to the heap for it.
func AppendValue[T any](to []byte, value T, around int) ([]byte, error) {
	e := encoder{text: to}
	var err error
	switch v := any(value).(type) {
	case bool:
		e.text = strconv.AppendBool(e.text, v)
	case int:
		err = e.int(int64(v))
	case int64:
		err = e.int(v)
	case float64:
		err = e.float(v, 64)
	case string:
		err = e.str(v)
	default:
		return appendAny(to, value, around)
	}
	return e.text, err
}

type encoder struct {
	text     []byte
	pointers int // how many were followed to get here
}

// maxPointers is where a chain of pointers is taken for a ring; containers are counted by their depth.
const maxPointers = 256

func (e *encoder) value(v reflect.Value, depth int) error {
	if !v.IsValid() {
		e.text = append(e.text, "null"...)
		return nil
	}
	t := v.Type()
	switch {
	case (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil():
		e.text = append(e.text, "null"...)
		return nil
	case v.Kind() == reflect.Interface:
		return e.value(v.Elem(), depth)
	case t == rawType && v.Len() == 0:
		e.text = append(e.text, "null"...)
		return nil
	case t == rawType:
		return e.checked(v.Bytes(), depth)
	case t == numberType:
		return e.checked([]byte(v.String()), depth)
	}
	if t.PkgPath() == "" && t.Kind() != reflect.Pointer && t.Kind() != reflect.Struct {
		return e.plain(v, depth) // it has no name, so it has no methods
	}
	if method, ok := method[json.Marshaler](v, marshaler); ok {
		text, err := method.MarshalJSON()
		if err != nil {
			return err
		}
		return e.checked(text, depth)
	}
	if method, ok := method[encoding.TextMarshaler](v, textMarshaler); ok {
		text, err := method.MarshalText()
		if err != nil {
			return err
		}
		return e.str(string(text))
	}
	return e.plain(v, depth)
}

// method finds a method of the type or of its pointer, also where the value cannot be addressed.
func method[M any](v reflect.Value, wanted reflect.Type) (M, bool) {
	if v.Type().Implements(wanted) {
		found, ok := v.Interface().(M)
		return found, ok
	}
	if !reflect.PointerTo(v.Type()).Implements(wanted) {
		return *new(M), false
	}
	pointer := reflect.New(v.Type())
	pointer.Elem().Set(v)
	found, ok := pointer.Interface().(M)
	return found, ok
}

func (e *encoder) checked(text []byte, depth int) error {
	isCompact, err := codec.CheckCompact(text, codec.MaxNesting-depth)
	if err != nil {
		return err
	}
	if isCompact {
		e.text = append(e.text, text...)
		return nil
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		return err
	}
	e.text = append(e.text, compact.Bytes()...)
	return nil
}

func (e *encoder) plain(v reflect.Value, depth int) error {
	switch v.Kind() {
	case reflect.Bool:
		e.text = strconv.AppendBool(e.text, v.Bool())
	case reflect.String:
		return e.str(v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return e.int(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return e.integer(int64(v.Uint()), v.Uint() > codec.MaxSafeInteger)
	case reflect.Float32, reflect.Float64:
		return e.float(v.Float(), v.Type().Bits())
	case reflect.Pointer:
		if e.pointers++; e.pointers > maxPointers {
			return fmt.Errorf("its pointers go round in a ring")
		}
		err := e.value(v.Elem(), depth)
		e.pointers--
		return err
	case reflect.Slice, reflect.Array:
		return e.array(v, depth+1)
	case reflect.Map:
		return e.mapping(v, depth+1)
	case reflect.Struct:
		return e.structure(v, depth+1)
	default:
		return fmt.Errorf("a %s cannot be JSON", v.Type())
	}
	return nil
}

func (e *encoder) str(text string) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("it has text that is not UTF-8")
	}
	e.text = codec.AppendString(e.text, text)
	return nil
}

func (e *encoder) int(n int64) error {
	return e.integer(n, n > codec.MaxSafeInteger || n < -codec.MaxSafeInteger)
}

func (e *encoder) integer(n int64, unsafe bool) error {
	if unsafe {
		return fmt.Errorf("it has an integer beyond ±%d", int64(codec.MaxSafeInteger))
	}
	e.text = strconv.AppendInt(e.text, n, 10)
	return nil
}

func (e *encoder) float(n float64, bits int) error {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return fmt.Errorf("NaN and infinity are not JSON")
	}
	// A large whole number without exponent would be read as an integer, and refused (HUB-FRAME-9).
	format := byte('f')
	if size := math.Abs(n); size != 0 && (size < 1e-6 || size >= 1e15) {
		format = 'e'
	}
	e.text = strconv.AppendFloat(e.text, n, format, -1, bits)
	return nil
}

func (e *encoder) array(v reflect.Value, depth int) error {
	if isBytes(v.Type()) {
		e.text = append(base64.StdEncoding.AppendEncode(append(e.text, '"'), v.Bytes()), '"')
		return nil
	}
	if depth > codec.MaxNesting {
		return fmt.Errorf("it nests deeper than %d", codec.MaxNesting)
	}
	e.text = append(e.text, '[')
	for i := range v.Len() {
		if i > 0 {
			e.text = append(e.text, ',')
		}
		if err := e.value(v.Index(i), depth); err != nil {
			return err
		}
	}
	e.text = append(e.text, ']')
	return nil
}

func (e *encoder) mapping(v reflect.Value, depth int) error {
	if v.Type().Key().Kind() != reflect.String {
		return fmt.Errorf("%s: the keys of a map must be strings", v.Type())
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return bytes.Compare([]byte(a.String()), []byte(b.String())) })
	return e.object(depth, len(keys), func(i int) (string, reflect.Value, bool) {
		return keys[i].String(), v.MapIndex(keys[i]), true
	})
}

func (e *encoder) structure(v reflect.Value, depth int) error {
	plan, err := planOf(v.Type())
	if err != nil {
		return err
	}
	return e.object(depth, len(plan.fields), func(i int) (string, reflect.Value, bool) {
		f := &plan.fields[i]
		member := v.FieldByIndex(f.index)
		return f.name, member, !f.leftOut(member)
	})
}

func (e *encoder) object(depth, length int, member func(int) (string, reflect.Value, bool)) error {
	if depth > codec.MaxNesting {
		return fmt.Errorf("it nests deeper than %d", codec.MaxNesting)
	}
	e.text = append(e.text, '{')
	first := true
	for i := range length {
		name, value, present := member(i)
		if !present {
			continue
		}
		if !first {
			e.text = append(e.text, ',')
		}
		first = false
		if err := e.str(name); err != nil {
			return err
		}
		e.text = append(e.text, ':')
		if err := e.value(value, depth); err != nil {
			return err
		}
	}
	e.text = append(e.text, '}')
	return nil
}

func (f *field) leftOut(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer:
		return v.IsNil()
	case reflect.Slice, reflect.Map, reflect.String, reflect.Array:
		if f.omitEmpty && v.Len() == 0 {
			return true
		}
	case reflect.Struct:
	default:
		if f.omitEmpty && v.IsZero() {
			return true
		}
	}
	if !f.omitZero {
		return false
	}
	if zero, ok := v.Interface().(interface{ IsZero() bool }); ok {
		return zero.IsZero()
	}
	return v.IsZero()
}
