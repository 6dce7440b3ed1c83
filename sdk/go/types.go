// Owns the objects of the protocol that a module sends about itself, and the context of a call; must not know messages.

package hub

import (
	"encoding/json"

	"github.com/hub-plugins/hub/sdk/go/internal/types"
)

// ProtocolVersion is the version of the protocol that this package speaks (HUB-VER-1).
const ProtocolVersion = 1

// features are what this package offers (HUB-VER-3).
var features = []string{"cancel", "concurrent", "context", "host_services", "progress"}

// Info is what a module says about itself (HUB-INFO-1). Name, Version, License and Authors are required.
type Info struct {
	Name            string            `json:"name"`    // [a-z][a-z0-9_-]*, at most 64 characters
	Version         string            `json:"version"` // strict SemVer 2.0
	License         string            `json:"license"` // an SPDX expression
	Authors         []string          `json:"authors"`
	Description     []string          `json:"description,omitempty"`      // lines
	RequiredModules map[string]string `json:"required_modules,omitempty"` // name to requirement, such as "^1.0"
	ExtraInfo       map[string]string `json:"extra_info,omitempty"`
	Homepage        string            `json:"homepage,omitempty"`
}

// introduction is the result of module_info.
type introduction struct {
	Info
	ProtocolVersion int      `json:"protocol_version"`
	Features        []string `json:"features"`
}

// Example is a true example of a call: the conformance runner executes it (HUB-CAPS-5).
type Example struct {
	Summary string          `json:"summary,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *int64          `json:"error,omitempty"`
}

// ErrorSpec declares one of a function's own errors (HUB-CAPS-6). Data is a JSON Schema, nil for none.
type ErrorSpec struct {
	Code    int64           `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data,omitempty"`
}

// hints say what a caller may assume; nil means unknown.
type hints struct {
	ReadOnly    *bool `json:"read_only,omitempty"`
	Destructive *bool `json:"destructive,omitempty"`
	Idempotent  *bool `json:"idempotent,omitempty"`
	OpenWorld   *bool `json:"open_world,omitempty"`
}

type deprecated struct {
	Since      string `json:"since,omitempty"`
	UseInstead string `json:"use_instead,omitempty"`
}

// declaration is one Function of the result of capabilities.
type declaration struct {
	Name           string          `json:"name"`
	Summary        string          `json:"summary,omitempty"`
	Description    string          `json:"description,omitempty"`
	Params         json.RawMessage `json:"params,omitempty"`
	Returns        json.RawMessage `json:"returns,omitempty"`
	Errors         []ErrorSpec     `json:"errors,omitempty"`
	Examples       []Example       `json:"examples,omitempty"`
	Hints          *hints          `json:"hints,omitempty"`
	Deprecated     *deprecated     `json:"deprecated,omitempty"`
	TimeoutSeconds *float64        `json:"timeout_seconds,omitempty"`
}

type capabilities struct {
	Functions   []declaration `json:"functions"`
	Permissions []string      `json:"permissions,omitempty"`
	Implements  []string      `json:"implements,omitempty"`
}

// CallContext is what the hub says about a call (HUB-CALL-6). What does not apply is zero.
type CallContext struct {
	TimeoutMS float64  `json:"timeout_ms,omitempty"` // what was left of the deadline when the hub sent the call; ctx.Deadline has it as a time
	TraceID   string   `json:"trace_id,omitempty"`
	Chain     []string `json:"chain,omitempty"` // the calls that led to this one, outermost first, this one last
	Profile   string   `json:"profile,omitempty"`
}

// Null is the result of a function that has nothing to say: null on the wire.
type Null struct{}

// MarshalJSON writes null.
func (Null) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// JSONSchema says that there is one value only.
func (Null) JSONSchema() json.RawMessage { return json.RawMessage(`{"type":"null"}`) }

// Schemer is a type that says itself which JSON it takes, for those that read or write their JSON themselves.
type Schemer = types.Schemer
