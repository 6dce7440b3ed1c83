// Owns the judgement of a value by the tag of its field; must not know Go types.

package types

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
)

// check judges a value by the tag of its field. A value of the wrong type passes: that is found by the type, with better words.
func (r *rules) check(value []byte, pointer string) error {
	if r.enum != nil && !r.isChoice(value) {
		return bad(pointer, "must be one of %s", bytes.Join(raw(r.enum), []byte(", ")))
	}
	switch codec.Kind(value) {
	case "number":
		return r.checkNumber(value, pointer)
	case "string":
		return r.checkString(codec.Text(value), pointer)
	case "array":
		return r.checkItems(value, pointer)
	}
	return nil
}

func (r *rules) isChoice(value []byte) bool {
	found := anyOf(value)
	for _, choice := range r.enum {
		switch known := anyOf(choice).(type) {
		case string, float64, bool, nil:
			if known == found {
				return true
			}
		default:
			if bytes.Equal(choice, value) {
				return true
			}
		}
	}
	return false
}

func raw[T ~[]byte](list []T) [][]byte {
	made := make([][]byte, len(list))
	for i, each := range list {
		made[i] = each
	}
	return made
}

func (r *rules) checkNumber(value []byte, pointer string) error {
	n, _ := strconv.ParseFloat(string(value), 64)
	switch {
	case r.minimum != nil && n < *r.minimum:
		return bad(pointer, "must be at least %v", number(*r.minimum))
	case r.maximum != nil && n > *r.maximum:
		return bad(pointer, "must be at most %v", number(*r.maximum))
	case r.above != nil && n <= *r.above:
		return bad(pointer, "must be more than %v", number(*r.above))
	case r.below != nil && n >= *r.below:
		return bad(pointer, "must be less than %v", number(*r.below))
	}
	return nil
}

// number shows a limit as a person writes it: 16000000, not 1.6e+07.
func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func (r *rules) checkString(text, pointer string) error {
	length := utf8.RuneCountInString(text)
	switch {
	case r.minLength != nil && length < *r.minLength:
		return bad(pointer, "must have at least %d characters", *r.minLength)
	case r.maxLength != nil && length > *r.maxLength:
		return bad(pointer, "must have at most %d characters", *r.maxLength)
	case r.pattern != nil && !r.pattern.MatchString(text):
		return bad(pointer, "must match %s", r.pattern)
	}
	return nil
}

func (r *rules) checkItems(value []byte, pointer string) error {
	length := 0
	for range codec.Elements(value) {
		length++
	}
	switch {
	case r.minItems != nil && length < *r.minItems:
		return bad(pointer, "must have at least %d items", *r.minItems)
	case r.maxItems != nil && length > *r.maxItems:
		return bad(pointer, "must have at most %d items", *r.maxItems)
	}
	return nil
}
