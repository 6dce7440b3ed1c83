// Owns what a JSON text is as a message, and what is wrong with one that is none; must not know methods.

package codec

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// ID is the id of a request, so that 1 and "1" are two ids. The zero ID stands for null.
type ID struct {
	number int64
	text   string // canonical JSON text, or integerText
}

// integerText marks an ID that is the number: the hub's own are, and cost no text then.
const integerText = "0"

// IntegerID and StringID make ids; StringID's text must be plain ASCII without quotes.
func IntegerID(n int64) ID     { return ID{n, integerText} }
func StringID(text string) ID  { return ID{text: `"` + text + `"`} }
func (id ID) IsNull() bool     { return id.text == "" }
func (id ID) String() string   { return string(id.JSON()) }
func (id ID) JSON() RawMessage { return id.append(nil) }

// RawMessage is json.RawMessage: checked JSON text.
type RawMessage = json.RawMessage

func (id ID) append(to []byte) []byte {
	switch id.text {
	case "":
		return append(to, "null"...)
	case integerText:
		return strconv.AppendInt(to, id.number, 10)
	}
	return append(to, id.text...)
}

// ReadID returns the id that a JSON value is (HUB-ID-1).
func ReadID(value []byte) (ID, bool) {
	switch Kind(value) {
	case "number":
		if n, ok := Integer(value); ok {
			return IntegerID(n), true
		}
	case "string":
		text := Text(value)
		if n := utf8.RuneCountInString(text); n < 1 || n > MaxIDChars {
			return ID{}, false
		}
		return ID{text: string(AppendString(nil, text))}, true
	}
	return ID{}, false
}

// Form is what a message is.
type Form int

// The forms of a message. Invalid is JSON, or not even that, which is no message.
const (
	Invalid Form = iota
	Request
	Notification
	Response
	ErrorResponse
)

// Message is one message as it came from the wire. Which members are set depends on its form.
type Message struct {
	Form    Form
	ID      ID
	Method  string
	Params  RawMessage // {} where it was absent (HUB-MSG-3)
	Context RawMessage // nil where it was absent
	Result  RawMessage
	Error   ErrorObject

	// Of an invalid one: the code and the words of the answer to it, and what it was meant to be.
	Code           int64
	Reason         string
	IsResponse     bool
	IsNotification bool
}

// ErrorObject is the error of a response (HUB-MSG-5); Data is nil where it has none.
type ErrorObject struct {
	Code    int64
	Message string
	Data    RawMessage
}

// The codes with which a message that cannot be read is answered.
const (
	codeParseError     = -32700
	codeInvalidRequest = -32600
	codeInvalidParams  = -32602
)

// Read returns the message that a line holds. It never fails: what cannot be read is an Invalid message, with its id where that can be read (HUB-ID-5).
func Read(line Line, maxBytes int) Message {
	if message, ok := plain(line); ok {
		return message
	}
	return readAny(line, maxBytes)
}

func readAny(line Line, maxBytes int) Message {
	if line.Overlong {
		return recovered(line.Text, Rejected("it is longer than "+strconv.Itoa(maxBytes)+" bytes"))
	}
	if err := Check(line.Text, MaxNesting); err != nil {
		return recovered(line.Text, err)
	}
	switch Kind(line.Text) {
	case "object":
		return parse(line.Text)
	case "array":
		return Message{Code: codeInvalidRequest, Reason: "batches are not part of this protocol"}
	}
	return Message{Code: codeInvalidRequest, Reason: "a message is an object"}
}

func parse(text []byte) Message {
	// A map by exact names: encoding/json would take "ID" for "id" (HUB-FRAME-14).
	members := map[string]RawMessage{}
	for name, value := range Members(text) {
		switch name {
		case "jsonrpc", "id", "method", "params", "context", "result", "error":
			members[name] = value
		}
	}
	_, hasResult := members["result"]
	_, hasError := members["error"]
	rawID, hasID := members["id"]
	message := Message{IsResponse: members["method"] == nil && (hasResult || hasError)}
	goodID := false
	if hasID {
		message.ID, goodID = ReadID(rawID)
	}
	if !isText(members["jsonrpc"], "2.0") {
		message.IsNotification = !hasID && !message.IsResponse
		return message.invalid(codeInvalidRequest, `the member "jsonrpc" must be "2.0"`)
	}
	if message.IsResponse {
		return parseResponse(message, members, goodID)
	}
	return parseRequest(message, members, goodID)
}

func parseRequest(message Message, members map[string]RawMessage, goodID bool) Message {
	method, hasMethod := members["method"]
	if !hasMethod {
		return message.invalid(codeInvalidRequest, "it has neither method, result nor error")
	}
	if Kind(method) == "string" {
		message.Method = Text(method)
	}
	if n := utf8.RuneCountInString(message.Method); n < 1 || n > MaxMethodChars {
		return message.invalid(codeInvalidRequest, `"method" must be a string of 1 to 128 characters`)
	}
	if members["id"] != nil && !goodID {
		return message.invalid(codeInvalidRequest, `"id" must be an integer or a string of 1 to 128 characters`)
	}
	message.Form = Notification
	if goodID {
		message.Form = Request
	}
	message.Params = RawMessage("{}")
	if params, ok := members["params"]; ok {
		message.Params = params
		if kind := Kind(params); kind != "object" {
			code := int64(codeInvalidRequest)
			if kind == "array" {
				code = codeInvalidParams
			}
			message.IsNotification = !goodID
			return message.invalid(code, `"params" must be an object: arguments go by name`)
		}
	}
	if context, ok := members["context"]; ok && Kind(context) == "object" {
		message.Context = context
	}
	return message
}

func parseResponse(message Message, members map[string]RawMessage, goodID bool) Message {
	result, hasResult := members["result"]
	object, hasError := members["error"]
	if !goodID && !(hasError && members["id"] != nil && Kind(members["id"]) == "null") {
		return message.invalid(codeInvalidRequest, `a response needs the "id" of its request`)
	}
	if hasResult && hasError {
		return message.invalid(codeInvalidRequest, "a response has result or error, not both")
	}
	if hasResult {
		message.Form, message.Result = Response, result
		return message
	}
	var ok bool
	if message.Error, ok = readError(object); !ok {
		return message.invalid(codeInvalidRequest, `"error" needs "code", an integer, and "message", a string`)
	}
	message.Form = ErrorResponse
	return message
}

func readError(value []byte) (ErrorObject, bool) {
	var found ErrorObject
	if Kind(value) != "object" {
		return found, false
	}
	hasCode, hasMessage := false, false
	for name, member := range Members(value) {
		switch name {
		case "code":
			if Kind(member) == "number" {
				found.Code, hasCode = Integer(member)
			}
		case "message":
			if hasMessage = Kind(member) == "string"; hasMessage {
				found.Message = Text(member)
			}
		case "data":
			found.Data = member
		}
	}
	return found, hasCode && hasMessage
}

func (m Message) invalid(code int64, reason string) Message {
	m.Form, m.Code, m.Reason = Invalid, code, reason
	return m
}

func isText(value []byte, text string) bool {
	return value != nil && Kind(value) == "string" && Text(value) == text
}
