// Owns the errors that a module answers, and those that the hub answers to it; must not know how they are sent.

package hub

import (
	"encoding/json"
	"fmt"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
	"github.com/hub-plugins/hub/sdk/go/internal/types"
)

// Codes of the protocol that a module sends or is likely to look for; see the table in the specification for all (HUB-ERR-1).
const (
	CodeParseError      = -32700
	CodeInvalidRequest  = -32600
	CodeMethodNotFound  = -32601
	CodeInvalidParams   = -32602
	CodeInternalError   = -32603
	CodeCancelled       = -31000
	CodeTimeout         = -31001
	CodeOverloaded      = -31005
	CodeFrameTooLarge   = -31006
	CodeNotFound        = -31010
	CodeNotPermitted    = -31012
	CodeNotRunning      = -31020
	CodeNoCommonVersion = -31027
	CodeCallCycle       = -31040
	CodeCallTooDeep     = -31041
	CodeContextEnded    = -31042
	CodeNobodyToAsk     = -31043
	CodeStoreFull       = -31044
	CodeHostCallFailed  = -31045

	CodeCredentialsUnavailable = -31046
)

// ExitDoNotRestart is the exit status that says "a mistake in my configuration: do not restart me" (HUB-LIFE-8).
const ExitDoNotRestart = 78

// Error is an error that a function means to answer: it goes over the wire as it is. Every other error stays in the module's log.
type Error struct {
	Code    int64
	Message string
	Data    any // nil: the error has no data
}

// NewError makes the error that a caller sees. Codes from -32768 to -31000 belong to JSON-RPC and the hub (HUB-CALL-3).
func NewError(code int64, message string, data any) *Error { return &Error{code, message, data} }

// InvalidArgument makes the error for an argument that the schema cannot describe as wrong; pointer is a JSON pointer such as "/region".
func InvalidArgument(pointer, reason string) *Error {
	return &Error{CodeInvalidParams, pointer + " " + reason, invalidData(pointer, reason)}
}

// invalidData is what goes with invalid_params: the same in the SDKs of all languages, and in the hub.
func invalidData(pointer, reason string) any {
	return map[string]any{"errors": []map[string]string{{"pointer": pointer, "message": reason}}}
}

func (e *Error) Error() string { return fmt.Sprintf("%s (%d)", e.Message, e.Code) }

// HostError is what the hub answered to a request of the module. A function that returns it answers -31045 with it as data.cause (HUB-HOST-5).
type HostError struct {
	Method  string // what was asked, such as "hub.call"
	Code    int64
	Message string
	Data    json.RawMessage // nil: the error has no data
}

func (e *HostError) Error() string { return fmt.Sprintf("%s: %s (%d)", e.Method, e.Message, e.Code) }

// Kind returns the stable word for what happened, such as "module_died"; "" where the hub gave none (HUB-HOST-2).
func (e *HostError) Kind() string {
	var data struct {
		Kind string `json:"kind,omitempty"`
	}
	if e.Data != nil {
		_ = types.Binder{}.Bind(&data, e.Data) // data of another shape has no kind
	}
	return data.Kind
}

func (e *HostError) object() codec.ErrorObject {
	return codec.ErrorObject{Code: e.Code, Message: e.Message, Data: e.Data}
}

// disabled is what Disable returns.
type disabled struct{ reason string }

func (d *disabled) Error() string { return "disabled: " + d.reason }

// Disable is what an OnInit handler returns when the module must not run here and now; it is then stopped and not counted as failed (HUB-LIFE-10).
func Disable(reason string) error { return &disabled{reason} }
