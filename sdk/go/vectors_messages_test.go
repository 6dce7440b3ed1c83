// Owns the run of the shared message vectors, and the comparison of all tables with meta.json.

package hub

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
	"github.com/hub-plugins/hub/sdk/go/internal/types"
	"github.com/hub-plugins/hub/sdk/go/internal/vectors"
)

type messageCase struct {
	ID    string          `json:"id"`
	Type  string          `json:"type"`
	Valid bool            `json:"valid"`
	Value json.RawMessage `json:"value"`
}

// verdict is how this SDK reads or writes one type: it returns the value encoded again (nil where it is only read), or why it is refused.
type verdict struct {
	judge func(json.RawMessage) (json.RawMessage, error)
	loose bool // what a hub sends: the hub judges itself, so an invalid one may pass here
}

var verdicts = map[string]verdict{
	"Request":       {judge: form(codec.Request)},
	"Notification":  {judge: form(codec.Notification)},
	"Response":      {judge: form(codec.Response)},
	"ErrorResponse": {judge: form(codec.ErrorResponse)},
	"ErrorObject": {judge: func(value json.RawMessage) (json.RawMessage, error) {
		return form(codec.ErrorResponse)(append(append([]byte(`{"jsonrpc":"2.0","id":1,"error":`), value...), '}'))
	}},

	"ModuleInfo": {judge: written(func(i introduction) error { return errors.Join(i.check()...) })},
	"CapabilitiesResult": {judge: written(func(c capabilities) error {
		m := NewModule(Info{Name: "x", Version: "1.0.0", License: "MIT", Authors: []string{"x"}})
		m.Permissions(c.Permissions...)
		m.Implements(c.Implements...)
		for _, f := range c.Functions {
			m.add(f, nil)
		}
		return m.Err()
	}, "functions")},
	"Function":          {judge: written(func(d declaration) error { return errors.Join(d.check()...) })},
	"FunctionErrorSpec": {judge: written(func(e ErrorSpec) error { return errors.Join(declaration{Name: "x", Errors: []ErrorSpec{e}}.check()...) }, "code", "message")},
	"Example":           {judge: written(func(e Example) error { return errors.Join(declaration{Name: "x", Examples: []Example{e}}.check()...) })},
	"FunctionHints":     {judge: written(func(hints) error { return nil })},
	"Deprecated":        {judge: written(func(d deprecated) error { return errors.Join(declaration{Name: "x", Deprecated: &d}.check()...) })},
	"ProgressParams":    {judge: written(func(progressParams) error { return nil }), loose: true},

	"ModuleInfoParams":     {judge: isRead[offer], loose: true},
	"ModuleInitParams":     {judge: isRead[initParams], loose: true},
	"CallContext":          {judge: isRead[CallContext], loose: true},
	"NoParams":             {judge: isRead[struct{}], loose: true},
	"HubAskResult":         {judge: isRead[askResult], loose: true},
	"HubStoreGetResult":    {judge: isRead[getResult], loose: true},
	"HubStoreSetResult":    {judge: isRead[json.RawMessage], loose: true},
	"HubStoreDeleteResult": {judge: isRead[deleteResult], loose: true},
	"HubStoreListResult":   {judge: isRead[listResult], loose: true},

	"HubCredentialsGetResult":    {judge: isRead[getResult], loose: true},
	"HubCredentialsPutResult":    {judge: isRead[putResult], loose: true},
	"HubCredentialsDeleteResult": {judge: isRead[deleteResult], loose: true},
}

func form(wanted codec.Form) func(json.RawMessage) (json.RawMessage, error) {
	return func(value json.RawMessage) (json.RawMessage, error) {
		message := codec.Read(codec.Line{Text: value, Size: len(value)}, codec.MaxFrameBytes)
		if message.Form != wanted {
			return nil, errors.New("it is another message: " + message.Reason)
		}
		switch wanted {
		case codec.Request:
			return codec.WriteRequest(message.ID, message.Method, message.Params), nil
		case codec.Notification:
			return codec.WriteNotification(message.Method, message.Params), nil
		case codec.Response:
			return codec.WriteResult(message.ID, message.Result), nil
		}
		return codec.WriteError(message.ID, message.Error), nil
	}
}

func written[T any](check func(T) error, required ...string) func(json.RawMessage) (json.RawMessage, error) {
	return func(value json.RawMessage) (json.RawMessage, error) {
		var target T
		value = withoutNulls(value)
		if err := (types.Binder{}).Bind(&target, value); err != nil {
			return nil, err
		}
		var members map[string]json.RawMessage
		_ = json.Unmarshal(value, &members)
		for _, name := range required { // a Go value always has them
			if members[name] == nil {
				return nil, errors.New(name + " is missing")
			}
		}
		if err := check(target); err != nil {
			return nil, err
		}
		return types.Encode(target, 1)
	}
}

// withoutNulls: this SDK leaves out what others may write as null (HUB-MSG-8), so it need not read that.
func withoutNulls(value json.RawMessage) json.RawMessage {
	if codec.Kind(value) != "object" {
		return value
	}
	kept := map[string]json.RawMessage{}
	for name, member := range codec.Members(value) {
		if codec.Kind(member) != "null" || name == "result" {
			kept[name] = member
		}
	}
	text, _ := types.Encode(kept, 1)
	return text
}

func isRead[T any](value json.RawMessage) (json.RawMessage, error) {
	var target T
	return nil, (types.Binder{}).Bind(&target, value)
}

func TestEveryMessageVectorIsReadAndWritten(t *testing.T) {
	tally := vectors.Count(t, "messages")
	for _, c := range vectors.Load[messageCase](t, "messages") {
		v, known := verdicts[c.Type]
		skip := ""
		switch {
		case !known:
			skip = "this SDK has no type " + c.Type + ": it is made from typed arguments or read member by member, which sessions and rejects show"
		case !c.Valid && v.loose:
			skip = c.Type + " is read loosely: what a hub sends is the hub's to judge"
		}
		tally.Run(t, c.ID, skip, func(t *testing.T) {
			again, err := v.judge(c.Value)
			switch {
			case c.Valid && err != nil:
				t.Errorf("%s is refused: %s", c.Value, err)
			case !c.Valid && err == nil:
				t.Errorf("%s is taken for a %s", c.Value, c.Type)
			case c.Valid && again != nil && c.Type != "ErrorObject":
				checkParity(t, c.Value, again)
			}
		})
	}
}

// checkParity: everything in the value is in what is written again, but for members that this SDK does not know or leaves out.
func checkParity(t *testing.T, value, again json.RawMessage) {
	t.Helper()
	var was, is map[string]any
	if json.Unmarshal(value, &was) != nil || json.Unmarshal(again, &is) != nil {
		t.Fatalf("not an object: %s, %s", value, again)
	}
	for name, member := range was {
		switch got, present := is[name]; {
		case name == "colour" || name == "x-new" || name == "context" || member == nil && !present:
		case name == "features" || name == "functions" && present:
		case !reflect.DeepEqual(got, member):
			t.Errorf("member %q was %v and is %v", name, member, got)
		}
	}
	for name := range is {
		if _, present := was[name]; !present && name != "params" && name != "protocol_version" && name != "features" {
			t.Errorf("member %q was not there", name)
		}
	}
}

func TestTheTablesAreThoseOfMetaJSON(t *testing.T) {
	var meta struct {
		Version  int
		Features map[string]string
		Patterns map[string]string
		Reserved struct{ Names, Prefixes []string }
		Limits   map[string]float64
		Errors   []struct {
			Code int64
			Kind string
		}
	}
	vectors.Read(t, &meta, "meta.json")
	for name, pattern := range map[string]string{
		"module_name": moduleName.String(), "function_name": functionName.String(), "address": address.String(),
		"permission": permission.String(), "semver": semver.String(), "requirement": requirement.String(),
	} {
		if meta.Patterns[name] != pattern {
			t.Errorf("the pattern %s is\n%s\nnot\n%s", name, pattern, meta.Patterns[name])
		}
	}
	codes := map[string]int64{}
	for _, e := range meta.Errors {
		codes[e.Kind] = e.Code
	}
	for kind, code := range map[string]int64{
		"parse_error": CodeParseError, "invalid_request": CodeInvalidRequest, "method_not_found": CodeMethodNotFound,
		"invalid_params": CodeInvalidParams, "internal_error": CodeInternalError, "cancelled": CodeCancelled, "timeout": CodeTimeout,
		"overloaded": CodeOverloaded, "frame_too_large": CodeFrameTooLarge, "not_found": CodeNotFound, "not_permitted": CodeNotPermitted,
		"not_running": CodeNotRunning, "no_common_version": CodeNoCommonVersion, "call_cycle": CodeCallCycle, "call_too_deep": CodeCallTooDeep,
		"context_ended": CodeContextEnded, "nobody_to_ask": CodeNobodyToAsk, "store_full": CodeStoreFull, "host_call_failed": CodeHostCallFailed,
		"credentials_unavailable": CodeCredentialsUnavailable,
	} {
		if codes[kind] != code {
			t.Errorf("%s has code %d, not %d", kind, codes[kind], code)
		}
	}
	for name, limit := range map[string]float64{
		"max_frame_bytes": codec.MaxFrameBytes, "max_nesting": codec.MaxNesting, "max_safe_integer": codec.MaxSafeInteger,
		"max_method_chars": codec.MaxMethodChars, "max_id_chars": codec.MaxIDChars,
		"max_module_requests": maxAsked, "store_key_chars": maxKeyChars, "credential_name_chars": maxCredentialNameChars, "max_schema_bytes": maxSchemaBytes, "exit_status_do_not_restart": ExitDoNotRestart,
		"progress_per_second": progressPerSecond,
	} {
		if meta.Limits[name] != limit {
			t.Errorf("the limit %s is %v, not %v", name, meta.Limits[name], limit)
		}
	}
	if meta.Version != ProtocolVersion || len(meta.Features) != len(features) || !reflect.DeepEqual(meta.Reserved.Names, reservedNames) ||
		!reflect.DeepEqual(meta.Reserved.Prefixes, reservedPrefixes) {
		t.Errorf("version, features or reserved names differ: %+v", meta)
	}
}
