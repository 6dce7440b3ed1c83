// Owns the pretended host services; must not know how the module runs.

package hubtest

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/hub-plugins/hub/sdk/go"
	"github.com/hub-plugins/hub/sdk/go/internal/codec"
	"github.com/hub-plugins/hub/sdk/go/internal/types"
)

// Host is what answers the module's requests. What is nil is refused, as without the permission; the store is always there.
type Host struct {
	// Call answers hub.call. An error that is a *hub.Error goes to the module as it is.
	Call func(function string, params json.RawMessage) (any, error)
	// Ask answers hub.ask; ok is false for a person who declines.
	Ask func(message string, schema json.RawMessage) (content any, ok bool)
	// Store is what the module's store holds; it is shared with the test.
	Store *Store
	// Credentials are what is kept for each account; they are shared with the test.
	Credentials *Credentials
}

// Credentials are kept in memory, by account and name. The zero value has none. Their time does not pass: Delete what is to be over.
type Credentials struct {
	mu       sync.Mutex
	accounts map[string]*Store
}

func (c *Credentials) of(account string) *Store {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.accounts == nil {
		c.accounts = map[string]*Store{}
	}
	if c.accounts[account] == nil {
		c.accounts[account] = &Store{}
	}
	return c.accounts[account]
}

// Get returns the JSON that is kept under a name for an account, nil where there is none. The account of a call without a name is "default".
func (c *Credentials) Get(account, name string) json.RawMessage { return c.of(account).Get(name) }

// Set keeps JSON under a name for an account.
func (c *Credentials) Set(account, name string, value json.RawMessage) {
	c.of(account).Set(name, value)
}

// Delete forgets what is kept under a name for an account, and says whether there was anything.
func (c *Credentials) Delete(account, name string) bool { return c.of(account).remove(name) }

// Store is a store in memory. The zero value is an empty one.
type Store struct {
	mu     sync.Mutex
	values map[string]json.RawMessage
}

// Get returns the JSON under key, nil where there is none.
func (s *Store) Get(key string) json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.values[key]
}

// Set keeps JSON under key.
func (s *Store) Set(key string, value json.RawMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.values == nil {
		s.values = map[string]json.RawMessage{}
	}
	s.values[key] = value
}

func (s *Store) remove(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found := s.values[key]
	delete(s.values, key)
	return found
}

func (s *Store) keys(prefix string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := []string{}
	for key := range s.values {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func (h *Host) begin() {
	if h.Store == nil {
		h.Store = &Store{}
	}
	if h.Credentials == nil {
		h.Credentials = &Credentials{}
	}
}

// asked are the params of all host services together.
type asked struct {
	CallID   json.RawMessage `json:"call_id"`
	Function string          `json:"function,omitempty"`
	Params   json.RawMessage `json:"params,omitempty"`
	Message  string          `json:"message,omitempty"`
	Schema   json.RawMessage `json:"schema,omitempty"`
	Key      string          `json:"key,omitempty"`
	Name     string          `json:"name,omitempty"`
	Value    json.RawMessage `json:"value,omitempty"`
	Prefix   string          `json:"prefix,omitempty"`
}

func (s *Session) request(message codec.Message) {
	answer, err := s.answer(message)
	if err == nil {
		var text json.RawMessage
		if text, err = types.Encode(answer, 1); err == nil {
			s.peer.write(codec.WriteResult(message.ID, text))
			return
		}
	}
	object := codec.ErrorObject{Code: hub.CodeInternalError, Message: err.Error()}
	var own *hub.Error
	if errors.As(err, &own) {
		object.Code, object.Message = own.Code, own.Message
		if own.Data != nil {
			object.Data, _ = types.Encode(own.Data, 2)
		}
	}
	s.peer.write(codec.WriteError(message.ID, object))
}

func (s *Session) answer(message codec.Message) (any, error) {
	var in asked
	if err := (types.Binder{}).Bind(&in, message.Params); err != nil {
		return nil, hub.NewError(hub.CodeInvalidParams, err.Error(), nil)
	}
	id, ok := codec.ReadID(in.CallID)
	s.peer.mu.Lock()
	call, live := s.peer.open[id]
	s.peer.mu.Unlock()
	if !ok || !live {
		return nil, hub.NewError(hub.CodeContextEnded, "the call is over or unknown", nil)
	}
	host := &s.settings.Host
	switch message.Method {
	case "hub.call":
		if host.Call == nil {
			return nil, hub.NewError(hub.CodeNotPermitted, "hubtest has no Host.Call", nil)
		}
		return host.Call(in.Function, in.Params)
	case "hub.ask":
		return host.ask(in)
	case "hub.store.get":
		return found(host.Store.Get(in.Key)), nil
	case "hub.store.set":
		host.Store.Set(in.Key, in.Value)
		return map[string]any{}, nil
	case "hub.store.delete":
		return map[string]any{"deleted": host.Store.remove(in.Key)}, nil
	case "hub.store.list":
		return map[string]any{"keys": host.Store.keys(in.Prefix)}, nil
	case "hub.credentials.get":
		return found(host.Credentials.Get(call.account, in.Name)), nil
	case "hub.credentials.put":
		host.Credentials.Set(call.account, in.Name, in.Value)
		return map[string]any{"kept": hub.KeptForSession}, nil
	case "hub.credentials.delete":
		return map[string]any{"deleted": host.Credentials.Delete(call.account, in.Name)}, nil
	}
	return nil, hub.NewError(hub.CodeMethodNotFound, "the hub has no "+message.Method, nil)
}

func found(value json.RawMessage) any {
	if value == nil {
		return map[string]any{"found": false}
	}
	return map[string]any{"found": true, "value": value}
}

func (h *Host) ask(in asked) (any, error) {
	if h.Ask == nil {
		return nil, hub.NewError(hub.CodeNobodyToAsk, "hubtest has no Host.Ask", nil)
	}
	content, ok := h.Ask(in.Message, in.Schema)
	if !ok {
		return map[string]any{"action": "decline"}, nil
	}
	return map[string]any{"action": "accept", "content": content}, nil
}

func (s *Session) notification(message codec.Message) {
	switch message.Method {
	case "$/progress":
		var report Progress
		if err := (types.Binder{}).Bind(&report, message.Params); err == nil && s.settings.OnProgress != nil {
			s.settings.OnProgress(report)
		}
	case "hub.log":
		_, _ = s.hubLog.Write(append(message.Params, '\n'))
	}
}
