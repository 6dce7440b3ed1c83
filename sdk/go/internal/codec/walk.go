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

// Members yields the members of a JSON object in their order: name and value.
func Members(object []byte) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		at := skipSpace(object, 0) + 1
		for {
			at = skipSpace(object, at)
			if object[at] == '}' {
				return
			}
			end := skipString(object, at)
			name := Text(object[at:end])
			at = skipSpace(object, skipSpace(object, end)+1)
			end = skipValue(object, at)
			if !yield(name, json.RawMessage(object[at:end:end])) {
				return
			}
			if at = skipSpace(object, end); object[at] == ',' {
				at++
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

// Integer returns the value of a number that is written without fraction and exponent.
func Integer(value []byte) (int64, bool) {
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
			for at < len(text) && bytes.IndexByte([]byte(",]} \t\r\n"), text[at]) < 0 {
				at++
			}
		}
		if depth == 0 {
			return at
		}
	}
}
