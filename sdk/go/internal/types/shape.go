// Owns what a binder has to know of a type, found out once; must not know values.

package types

import (
	"reflect"
	"sync"
)

// shape is what decides how a value of a type is read.
type shape struct {
	typ       reflect.Type
	kind      reflect.Kind
	isPointer bool
	isRaw     bool
	readsJSON bool   // by itself
	readsText bool   // by itself
	wanted    string // the kind of JSON that it takes; "" for none or any
}

// shapes remembers every type that was looked at, as plans does.
var shapes sync.Map

func shapeOf(t reflect.Type) *shape {
	if found, ok := shapes.Load(t); ok {
		return found.(*shape)
	}
	pointer := reflect.PointerTo(t)
	made := &shape{
		typ: t, kind: t.Kind(), isPointer: t.Kind() == reflect.Pointer, isRaw: t == rawType,
		readsJSON: t.Kind() != reflect.Interface && pointer.Implements(unmarshaler),
		readsText: pointer.Implements(textUnmarshaler), wanted: goKind(t),
	}
	if made.readsText {
		made.wanted = "string"
	}
	found, _ := shapes.LoadOrStore(t, made)
	return found.(*shape)
}
