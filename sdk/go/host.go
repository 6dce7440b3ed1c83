// Owns what a module may ask of the hub inside a call; must not know what the hub does with it.

package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"time"
	"unicode/utf8"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
	"github.com/hub-plugins/hub/sdk/go/internal/types"
)

// maxKeyChars bounds a key of the store (HUB-HOST-4).
const maxKeyChars = 256

// maxAsked is how many requests a module has open with the hub; more wait here.
const maxAsked = 256

// What the hub answers.
type (
	askResult struct {
		Action  string          `json:"action"`
		Content json.RawMessage `json:"content,omitempty"`
	}
	getResult struct {
		Found bool            `json:"found"`
		Value json.RawMessage `json:"value,omitempty"`
	}
	deleteResult struct {
		Deleted bool `json:"deleted"`
	}
	listResult struct {
		Keys []string `json:"keys"`
	}
)

var errNoCall = errors.New("ctx does not belong to a call of the hub: host services are asked inside a call, with its ctx")

// Call calls a function of another module ("module.function") through the hub and returns its result. params is a struct or a map; nil for none.
// The deadline and the cancellation of ctx hold for it too. An error of the hub or of the other module is a *HostError.
func Call[Result any](ctx context.Context, function string, params any) (Result, error) {
	if !address.MatchString(function) {
		var none Result
		return none, fmt.Errorf("cannot call %q: it is no module.function", function)
	}
	asks := map[string]any{"function": function}
	if params != nil {
		asks["params"] = params
	}
	if c := callOf(ctx); c != nil {
		// Only a deadline of the module's own: that of the call is known to the hub.
		given, known := c.Deadline()
		if deadline, ok := ctx.Deadline(); ok && (!known || deadline.Before(given)) {
			asks["timeout_ms"] = max(1, time.Until(deadline).Milliseconds())
		}
	}
	return ask[Result](ctx, "hub.call", asks)
}

// Ask asks the person. The fields of Answer, which must be plain values, are the form; `hub:"writeOnly"` marks a secret.
// ok is false when the person declined.
func Ask[Answer any](ctx context.Context, message string) (answer Answer, ok bool, err error) {
	schema, err := types.Schema(reflect.TypeFor[Answer]())
	if err != nil {
		return answer, false, fmt.Errorf("cannot ask: %w", err)
	}
	content, ok, err := AskWith(ctx, message, schema)
	if !ok || err != nil {
		return answer, false, err
	}
	if err := (types.Binder{}).Bind(&answer, content); err != nil {
		return answer, false, fmt.Errorf("the person's answer does not fit: %s", err)
	}
	return answer, true, nil
}

// AskWith is Ask with a JSON Schema of a flat object; the content comes as JSON.
func AskWith(ctx context.Context, message string, schema json.RawMessage) (content json.RawMessage, ok bool, err error) {
	found, err := ask[askResult](ctx, "hub.ask", map[string]any{"message": message, "schema": schema})
	return found.Content, err == nil && found.Action == "accept" && found.Content != nil, err
}

// StoreGet reads a value of the module's store; found is false where there is none.
func StoreGet[Value any](ctx context.Context, key string) (value Value, found bool, err error) {
	answer, err := askStore[getResult](ctx, "hub.store.get", key, map[string]any{"key": key})
	if err != nil || !answer.Found || answer.Value == nil {
		return value, false, err
	}
	if err := (types.Binder{}).Bind(&value, answer.Value); err != nil {
		return value, false, fmt.Errorf("what the store has under %q does not fit: %s", key, err)
	}
	return value, true, nil
}

// StoreSet keeps a value in the module's store: keys of 1 to 256 characters, values of at most 1 MiB (HUB-HOST-4).
func StoreSet(ctx context.Context, key string, value any) error {
	_, err := askStore[json.RawMessage](ctx, "hub.store.set", key, map[string]any{"key": key, "value": value})
	return err
}

// StoreDelete forgets a value of the module's store; deleted is false where there was none.
func StoreDelete(ctx context.Context, key string) (deleted bool, err error) {
	answer, err := askStore[deleteResult](ctx, "hub.store.delete", key, map[string]any{"key": key})
	return answer.Deleted, err
}

// StoreList returns the keys of the module's store that begin with prefix, sorted.
func StoreList(ctx context.Context, prefix string) ([]string, error) {
	if utf8.RuneCountInString(prefix) > maxKeyChars {
		return []string{}, nil // no key begins so
	}
	answer, err := ask[listResult](ctx, "hub.store.list", map[string]any{"prefix": prefix})
	return answer.Keys, err
}

// askStore asks for something under a key, which is judged here: a request that breaks the protocol is not sent.
func askStore[Result any](ctx context.Context, method, key string, params map[string]any) (Result, error) {
	if n := utf8.RuneCountInString(key); n < 1 || n > maxKeyChars {
		var none Result
		return none, fmt.Errorf("cannot ask for %s: a key has 1 to 256 characters, not %d", method, n)
	}
	return ask[Result](ctx, method, params)
}

// Log sends a line of log to the hub as a message (hub.log). For most purposes Logger is better: it needs no permission and no hub.
func Log(ctx context.Context, level slog.Level, message string, fields map[string]any) {
	c := callOf(ctx)
	if c == nil || c.isOver() || !c.session.offered("host_services") {
		Logger(ctx).LogAttrs(ctx, level, message, slog.Any("fields", fields))
		return
	}
	said := map[string]any{"level": levelName(level), "message": message}
	if fields != nil {
		said["fields"] = fields
	}
	params, err := types.Encode(said, 1)
	if err != nil {
		Logger(ctx).Error("a line of log cannot be sent", "error", err.Error())
		return
	}
	c.session.out.putWait(codec.WriteNotification("hub.log", params), func() {})
}

// CapabilitiesChanged tells the hub to ask for the capabilities again, after functions were added or removed (HUB-CAPS-8).
// ctx is that of any call, also of one that is over. What was not approved is not called.
func CapabilitiesChanged(ctx context.Context) {
	if c := callOf(ctx); c != nil {
		c.session.out.put(codec.WriteNotification("capabilities_changed", []byte("{}")))
	}
}

// ask sends a request to the hub inside the call of ctx, and waits for its answer.
func ask[Result any](ctx context.Context, method string, params map[string]any) (result Result, err error) {
	c := callOf(ctx)
	if c == nil {
		return result, fmt.Errorf("cannot ask for %s: %w", method, errNoCall)
	}
	params["call_id"] = c.id.JSON()
	text, err := types.Encode(params, 1)
	if err != nil {
		return result, fmt.Errorf("cannot ask for %s: %w", method, err)
	}
	answer, err := c.session.request(ctx, c, method, text)
	if err != nil {
		return result, err
	}
	if err := (types.Binder{}).Bind(&result, answer); err != nil {
		// Not wrapped: the arguments of this module's own caller are not to blame.
		return result, fmt.Errorf("the answer to %s does not fit: %s", method, err)
	}
	return result, nil
}

func (s *session) request(ctx context.Context, c *call, method string, params json.RawMessage) (json.RawMessage, error) {
	if !s.offered("host_services") {
		return nil, fmt.Errorf("cannot ask for %s: this hub has no host services", method)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.isOver() {
		return nil, &HostError{Method: method, Code: CodeContextEnded, Message: "the call is over"}
	}
	select {
	case s.asking <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-s.asking }()
	if method == "hub.ask" || method == "hub.call" { // a person may be asked, here or by a module further on
		life := c.alive()
		life.deadline.hold()
		defer life.deadline.release(method == "hub.ask")
	}
	answered := make(chan codec.Message, 1) // one answer at most: the reader must not wait for us
	s.mu.Lock()
	s.lastID++
	id := codec.StringID(fmt.Sprintf("m%d", s.lastID))
	s.asked[id] = answered
	s.mu.Unlock()
	frame := codec.WriteRequest(id, method, params)
	if size := len(frame) - 1; size > s.limit() {
		s.forget(id)
		return nil, fmt.Errorf("cannot ask for %s: its %d bytes are more than the frame limit of %d", method, size, s.limit())
	}
	s.out.putWait(frame, func() {})
	select {
	case answer := <-answered:
		return read(method, answer)
	case <-s.base.Done():
		return nil, context.Canceled
	case <-ctx.Done():
	}
	if s.forget(id) && s.offered("cancel") {
		s.out.put(codec.WriteNotification("$/cancelRequest", append(append([]byte(`{"id":`), id.JSON()...), '}')))
	}
	return nil, ctx.Err()
}

// forget gives up a request; it returns false where the answer was there already.
func (s *session) forget(id codec.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, open := s.asked[id]
	delete(s.asked, id)
	return open
}

func read(method string, answer codec.Message) (json.RawMessage, error) {
	switch answer.Form {
	case codec.Response:
		return answer.Result, nil
	case codec.ErrorResponse:
		return nil, &HostError{Method: method, Code: answer.Error.Code, Message: answer.Error.Message, Data: answer.Error.Data}
	}
	return nil, fmt.Errorf("the answer to %s cannot be read: %s", method, answer.Reason)
}
