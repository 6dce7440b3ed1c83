// Owns the patterns of the vectors: what fits what.

package hub_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
)

// absent stands for a member that is not there.
type absent struct{}

// fits says whether a value fits a pattern of the vectors; names holds what $bind gave a name.
func fits(pattern, value any, names map[string]any) bool {
	switch wanted := pattern.(type) {
	case map[string]any:
		if key, operand, ok := placeholder(wanted); ok {
			return fitsPlaceholder(key, operand, value, names)
		}
		object, ok := value.(map[string]any)
		if !ok {
			return false
		}
		for name, member := range wanted {
			got, present := object[name]
			if !present {
				got = absent{}
			}
			if !fits(member, got, names) {
				return false
			}
		}
		return true
	case []any:
		list, ok := value.([]any)
		if !ok || len(list) != len(wanted) {
			return false
		}
		for i := range wanted {
			if !fits(wanted[i], list[i], names) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(pattern, value)
}

func placeholder(object map[string]any) (key string, operand any, ok bool) {
	if len(object) != 1 {
		return "", nil, false
	}
	for key, operand = range object {
		ok = strings.HasPrefix(key, "$")
	}
	return key, operand, ok
}

func fitsPlaceholder(key string, operand, value any, names map[string]any) bool {
	_, missing := value.(absent)
	switch key {
	case "$absent":
		return missing
	case "$any":
		return !missing
	case "$equals":
		return reflect.DeepEqual(operand, value)
	case "$one_of":
		for _, choice := range operand.([]any) {
			if fits(choice, value, names) {
				return true
			}
		}
		return false
	case "$contains":
		list, _ := value.([]any)
		for _, wanted := range operand.([]any) {
			found := false
			for _, element := range list {
				found = found || fits(wanted, element, names)
			}
			if !found {
				return false
			}
		}
		return value != nil && !missing
	case "$without":
		text, ok := value.(string)
		if !ok && !missing {
			encoded, _ := json.Marshal(value) // data may have any shape; the secret must be nowhere in it
			text, ok = string(encoded), true
		}
		return ok && !strings.Contains(text, operand.(string))
	case "$bind":
		switch value.(type) {
		case string, float64:
			names[operand.(string)] = value
			return true
		}
		return false
	case "$bound":
		return reflect.DeepEqual(names[operand.(string)], value)
	}
	return isOfType(key, value)
}

func isOfType(key string, value any) bool {
	switch found := value.(type) {
	case string:
		return key == "$string"
	case float64:
		return key == "$number" || key == "$integer" && found == math.Trunc(found)
	case bool:
		return key == "$boolean"
	case []any:
		return key == "$array"
	case map[string]any:
		return key == "$object"
	}
	return false
}

// filled returns what the hub sends, with the names replaced by their values.
func filled(message any, names map[string]any) any {
	switch found := message.(type) {
	case map[string]any:
		if key, operand, ok := placeholder(found); ok && key == "$bound" {
			return names[operand.(string)]
		}
		made := map[string]any{}
		for name, member := range found {
			made[name] = filled(member, names)
		}
		return made
	case []any:
		made := make([]any, len(found))
		for i := range found {
			made[i] = filled(found[i], names)
		}
		return made
	}
	return message
}
