// Owns the `hub` tag of a field: how it is read and which keywords of a schema it stands for.

package types

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
)

// rules are what the `hub` tag of a field says about its value.
type rules struct {
	minimum, maximum, above, below *float64
	minLength, maxLength           *int
	minItems, maxItems             *int
	pattern                        *regexp.Regexp
	enum                           []json.RawMessage
	standard                       json.RawMessage // the default; nil where there is none

	keywords []byte // the same as members of a JSON Schema, in the order of the tag, each with a comma before it
}

const keys = `minimum|maximum|exclusiveMinimum|exclusiveMaximum|minLength|maxLength|pattern|format|minItems|maxItems|enum|default|description`

var (
	firstKey = regexp.MustCompile(`^,?(?:(` + keys + `)=|writeOnly(?:,|$))`)
	// A comma inside a description or a pattern needs no escaping as long as no key follows it.
	nextKey = regexp.MustCompile(`,(?:(?:` + keys + `)=|writeOnly(?:,|$))`)
)

func readRules(tag string, t reflect.Type) (rules, error) {
	var found rules
	for rest := tag; rest != ""; {
		at := firstKey.FindStringSubmatchIndex(rest)
		if at == nil {
			return found, fmt.Errorf("hub tag: %q begins with no key that is known", rest)
		}
		if at[2] < 0 {
			found.keyword("writeOnly", []byte("true"))
			rest = strings.TrimPrefix(strings.TrimPrefix(rest, ","), "writeOnly")
			continue
		}
		key, value := rest[at[2]:at[3]], rest[at[1]:]
		rest = ""
		if next := nextKey.FindStringIndex(value); next != nil {
			value, rest = value[:next[0]], value[next[0]:]
		}
		if err := found.set(key, value, t); err != nil {
			return found, fmt.Errorf("hub tag: %s=%s: %w", key, value, err)
		}
	}
	return found, nil
}

func (r *rules) keyword(name string, value []byte) {
	r.keywords = append(codec.AppendString(append(r.keywords, ','), name), ':')
	r.keywords = append(r.keywords, value...)
}

func (r *rules) set(key, value string, t reflect.Type) error {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if wanted := appliesTo(key); wanted != "" && jsonKind(t) != wanted && (wanted != "number" || jsonKind(t) != "integer") {
		return fmt.Errorf("a %s does not take it", t)
	}
	switch key {
	case "minimum":
		return r.number(&r.minimum, key, value)
	case "maximum":
		return r.number(&r.maximum, key, value)
	case "exclusiveMinimum":
		return r.number(&r.above, key, value)
	case "exclusiveMaximum":
		return r.number(&r.below, key, value)
	case "minLength":
		return r.count(&r.minLength, key, value)
	case "maxLength":
		return r.count(&r.maxLength, key, value)
	case "minItems":
		return r.count(&r.minItems, key, value)
	case "maxItems":
		return r.count(&r.maxItems, key, value)
	case "pattern":
		return r.setPattern(value)
	case "enum":
		return r.setEnum(value, t)
	case "default":
		return r.setDefault(value, t)
	}
	r.keyword(key, codec.AppendString(nil, value))
	return nil
}

func appliesTo(key string) string {
	switch key {
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
		return "number"
	case "minLength", "maxLength", "pattern", "format":
		return "string"
	case "minItems", "maxItems":
		return "array"
	}
	return ""
}

func (r *rules) number(to **float64, key, value string) error {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || codec.Check([]byte(value), 1) != nil {
		return fmt.Errorf("it is not a number of JSON")
	}
	*to = &n
	r.keyword(key, []byte(value))
	return nil
}

func (r *rules) count(to **int, key, value string) error {
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil {
		return fmt.Errorf("it is not a whole number")
	}
	count := int(n)
	*to = &count
	r.keyword(key, strconv.AppendInt(nil, int64(count), 10))
	return nil
}

func (r *rules) setPattern(value string) error {
	pattern, err := regexp.Compile(value)
	if err != nil {
		return fmt.Errorf("it is not a regular expression: %w", err)
	}
	r.pattern = pattern
	r.keyword("pattern", codec.AppendString(nil, value))
	return nil
}

func (r *rules) setEnum(value string, t reflect.Type) error {
	list := []byte{'['}
	for i, choice := range strings.Split(value, "|") {
		text, err := literal(choice, t)
		if err != nil {
			return err
		}
		r.enum = append(r.enum, text)
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, text...)
	}
	r.keyword("enum", append(list, ']'))
	return nil
}

func (r *rules) setDefault(value string, t reflect.Type) error {
	text, err := literal(value, t)
	if err != nil {
		return err
	}
	r.standard = text
	r.keyword("default", text)
	return nil
}

// literal returns the JSON of a value as a tag writes it: strings bare, all else as JSON.
func literal(value string, t reflect.Type) (json.RawMessage, error) {
	if jsonKind(t) == "string" {
		return codec.AppendString(nil, value), nil
	}
	text := json.RawMessage(strings.TrimSpace(value))
	if err := codec.Check(text, codec.MaxNesting-1); err != nil {
		return nil, err
	}
	return text, nil
}
