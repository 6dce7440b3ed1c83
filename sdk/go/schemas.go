// Owns what the protocol demands of a schema beyond JSON Schema itself; must not know where schemas come from.

package hub

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
)

const (
	dialect = "https://json-schema.org/draft/2020-12/schema"
	// maxSchemaBytes bounds one schema (HUB-CAPS-3).
	maxSchemaBytes = 1024 * 1024
)

var (
	// Members of these are named by the author: a property may well be called "$ref".
	mapsOfSchemas = []string{"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}
	// Values of these are data, not schemas.
	dataKeywords = []string{"const", "enum", "default", "examples"}
)

// checkSchema judges what the protocol demands of a schema beyond JSON Schema itself (HUB-CAPS-3, HUB-CAPS-4).
func checkSchema(schema json.RawMessage) error {
	if err := codec.Check(schema, codec.MaxNesting); err != nil {
		return fmt.Errorf("the schema is refused: %w (HUB-CAPS-3)", err)
	}
	if len(schema) > maxSchemaBytes {
		return fmt.Errorf("the schema has %d bytes, more than 1 MiB (HUB-CAPS-3)", len(schema))
	}
	switch codec.Kind(schema) {
	case "boolean":
		return nil
	case "object":
		return checkReferences(schema)
	}
	return fmt.Errorf("a schema is an object, true or false (HUB-CAPS-3)")
}

func checkReferences(schema json.RawMessage) error {
	for name, value := range codec.Members(schema) {
		kind := codec.Kind(value)
		switch {
		case (name == "$ref" || name == "$dynamicRef") && kind == "string" && !strings.HasPrefix(codec.Text(value), "#"):
			return fmt.Errorf("%s %s refers to something outside the schema (HUB-CAPS-4)", name, value)
		case name == "$schema" && (kind != "string" || strings.TrimSuffix(codec.Text(value), "#") != dialect):
			return fmt.Errorf("$schema must be %s (HUB-CAPS-3)", dialect)
		case slices.Contains(dataKeywords, name):
		case slices.Contains(mapsOfSchemas, name) && kind == "object":
			for _, member := range codec.Members(value) {
				if err := checkInner(member); err != nil {
					return err
				}
			}
		default:
			if err := checkInner(value); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkInner(value json.RawMessage) error {
	switch codec.Kind(value) {
	case "object":
		return checkReferences(value)
	case "array":
		for element := range codec.Elements(value) {
			if err := checkInner(element); err != nil {
				return err
			}
		}
	}
	return nil
}

func schemaType(schema json.RawMessage) string {
	if codec.Check(schema, codec.MaxNesting) != nil || codec.Kind(schema) != "object" {
		return ""
	}
	for name, value := range codec.Members(schema) {
		if name == "type" && codec.Kind(value) == "string" {
			return codec.Text(value)
		}
	}
	return ""
}
