// Owns the judgement of a value by the tag of its field; must not know Go types.

package types

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
)

// judges says whether there is anything to check.
func (r *rules) judges() bool {
	return r.enum != nil || r.minimum != nil || r.maximum != nil || r.above != nil || r.below != nil ||
		r.minLength != nil || r.maxLength != nil || r.pattern != nil || r.minItems != nil || r.maxItems != nil
}

// check judges a value by the tag of its field. A value of the wrong type passes: that is found by the type, with better words.
func (r *rules) check(value []byte) error {
	if r.enum != nil && !r.isChoice(value) {
		return bad("must be one of %s", bytes.Join(raw(r.enum), []byte(", ")))
	}
	switch codec.Kind(value) {
	case "number":
		return r.checkNumber(value)
	case "string":
		return r.checkString(codec.Text(value))
	case "array":
		return r.checkItems(value)
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

func (r *rules) checkNumber(value []byte) error {
	n, _ := strconv.ParseFloat(string(value), 64)
	switch {
	case r.minimum != nil && n < *r.minimum:
		return bad("must be at least %v", number(*r.minimum))
	case r.maximum != nil && n > *r.maximum:
		return bad("must be at most %v", number(*r.maximum))
	case r.above != nil && n <= *r.above:
		return bad("must be more than %v", number(*r.above))
	case r.below != nil && n >= *r.below:
		return bad("must be less than %v", number(*r.below))
	}
	return nil
}

// number shows a limit as a person writes it: 16000000, not 1.6e+07.
func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func (r *rules) checkString(text string) error {
	length := utf8.RuneCountInString(text)
	switch {
	case r.minLength != nil && length < *r.minLength:
		return bad("must have at least %d characters", *r.minLength)
	case r.maxLength != nil && length > *r.maxLength:
		return bad("must have at most %d characters", *r.maxLength)
	case r.pattern != nil && !r.pattern.MatchString(text):
		return bad("must match %s", r.pattern)
	}
	return nil
}

func (r *rules) checkItems(value []byte) error {
	length := 0
	for range codec.Elements(value) {
		length++
	}
	switch {
	case r.minItems != nil && length < *r.minItems:
		return bad("must have at least %d items", *r.minItems)
	case r.maxItems != nil && length > *r.maxItems:
		return bad("must have at most %d items", *r.maxItems)
	}
	return nil
}
