// Owns the reading of JSON that is known to be good; must not judge it.

package codec

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Everything in this file reads JSON that Check has found good, and relies on that.

// Cursor steps through the members of a JSON object in their order.
type Cursor struct {
	object []byte
	at     int
}

// Open returns a cursor before the first member of a JSON object.
func Open(object []byte) Cursor { return Cursor{object, skipSpace(object, 0) + 1} }

// Next returns the next member, its name with quotes as it is written; ok is false where there is none.
func (c *Cursor) Next() (quoted, value []byte, ok bool) {
	at := skipSpace(c.object, c.at)
	if c.object[at] == '}' {
		return nil, nil, false
	}
	end := skipString(c.object, at)
	quoted = c.object[at:end]
	at = skipSpace(c.object, skipSpace(c.object, end)+1)
	end = skipValue(c.object, at)
	value = c.object[at:end:end]
	if c.at = skipSpace(c.object, end); c.object[c.at] == ',' {
		c.at++
	}
	return quoted, value, true
}

// Members yields the members of a JSON object in their order: name and value.
func Members(object []byte) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		cursor := Open(object)
		for {
			quoted, value, ok := cursor.Next()
			if !ok || !yield(Text(quoted), value) {
				return
			}
		}
	}
}

// Elements yields the elements of a JSON array in their order.
func Elements(array []byte) iter.Seq[json.RawMessage] {
	return func(yield func(json.RawMessage) bool) {
		at := skipSpace(array, 0) + 1
		for {
			at = skipSpace(array, at)
			if array[at] == ']' {
				return
			}
			end := skipValue(array, at)
			if !yield(json.RawMessage(array[at:end:end])) {
				return
			}
			if at = skipSpace(array, end); array[at] == ',' {
				at++
			}
		}
	}
}

// Kind returns "object", "array", "string", "number", "boolean" or "null".
func Kind(value []byte) string {
	switch value[skipSpace(value, 0)] {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return "number"
}

// fewDigits is how many digits a number surely has that an int64 holds.
const fewDigits = 18

// Integer returns the value of a number that is written without fraction and exponent.
func Integer(value []byte) (int64, bool) {
	if len(value) <= fewDigits {
		n := int64(0)
		for at, b := range value {
			switch {
			case '0' <= b && b <= '9':
				n = n*10 + int64(b-'0')
			case at == 0 && b == '-':
			default:
				return slowInteger(value)
			}
		}
		if value[0] == '-' {
			n = -n
		}
		return n, true
	}
	return slowInteger(value)
}

func slowInteger(value []byte) (int64, bool) {
	n, err := strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64)
	return n, err == nil
}

// Text returns the characters of a JSON string.
func Text(quoted []byte) string {
	body := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(body, '\\') < 0 {
		return string(body)
	}
	text := make([]byte, 0, len(body))
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			text = append(text, body[i])
			continue
		}
		i++
		if body[i] != 'u' {
			text = append(text, unescaped(body[i]))
			continue
		}
		unit, _ := hex4(body[i+1:])
		i += 4
		if utf16.IsSurrogate(unit) {
			low, _ := hex4(body[i+3:])
			unit = utf16.DecodeRune(unit, low)
			i += 6
		}
		text = utf8.AppendRune(text, unit)
	}
	return string(text)
}

func unescaped(letter byte) byte {
	switch letter {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return letter
}

func hex4(digits []byte) (rune, bool) {
	if len(digits) < 4 {
		return 0, false
	}
	var unit rune
	for _, b := range digits[:4] {
		switch {
		case '0' <= b && b <= '9':
			unit = unit<<4 | rune(b-'0')
		case 'a' <= b|0x20 && b|0x20 <= 'f':
			unit = unit<<4 | rune(b|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return unit, true
}

func skipSpace(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n') {
		at++
	}
	return at
}

func skipString(text []byte, at int) int {
	from := at + 1
	for {
		from += bytes.IndexByte(text[from:], '"')
		escapes := 0
		for text[from-1-escapes] == '\\' {
			escapes++
		}
		from++
		if escapes%2 == 0 {
			return from
		}
	}
}

func skipValue(text []byte, at int) int {
	depth := 0
	for {
		switch text[at] {
		case '"':
			at = skipString(text, at)
		case '{', '[':
			depth++
			at++
		case '}', ']':
			depth--
			at++
		case ',', ':', ' ', '\t', '\r', '\n':
			at++
		default:
			at = skipWord(text, at)
		}
		if depth == 0 {
			return at
		}
	}
}

// skipWord steps over a number, true, false or null.
func skipWord(text []byte, at int) int {
	for ; at < len(text); at++ {
		switch text[at] {
		case ',', ']', '}', ' ', '\t', '\r', '\n':
			return at
		}
	}
	return at
}
