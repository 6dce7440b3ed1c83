// Package hubtest runs a module in memory, with a pretended hub around it, for the tests of the module's author.
// It owns the hub's side of such a session, and must not start a process.
//
//	s := hubtest.Start(t, module())
//	sum, err := hubtest.Call[int](s, t.Context(), "add", map[string]int{"a": 2, "b": 3})
package hubtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/hub-plugins/hub/sdk/go"
	"github.com/hub-plugins/hub/sdk/go/internal/codec"
	"github.com/hub-plugins/hub/sdk/go/internal/types"
)

// bound is what anything may take: a module that takes longer hangs.
const bound = 5 * time.Second

// Settings are what the pretended hub gives the module; the zero value is an empty configuration and an empty store.
type Settings struct {
	Config        any             // what OnInit gets; nil for {}
	DataDirectory string          // "" for a temporary one
	Features      []string        // what the hub offers; nil for everything
	Host          Host            // what answers the module's requests
	OnProgress    func(Progress)  // called for each $/progress, in order
	Context       hub.CallContext // goes with each call
}

// Progress is one report of a call.
type Progress struct {
	Done    float64  `json:"done"`
	Total   *float64 `json:"total,omitempty"`
	Message string   `json:"message,omitempty"`
}

// Session is a module that runs in memory.
type Session struct {
	settings Settings
	peer     *peer
	hubLog   lockedBuffer
	stderr   lockedBuffer
}

// Start runs the module through module_info, capabilities and module_init. At the end of the test it is cleaned up, and must end.
func Start(t testing.TB, m *hub.Module, settings ...Settings) *Session {
	t.Helper()
	s, err := Try(t, m, settings...)
	if err != nil {
		t.Fatalf("cannot start the module: %s", err)
	}
	return s
}

// Try is Start for a module that may refuse: the error is what module_init was answered with, or says why the module disabled itself.
func Try(t testing.TB, m *hub.Module, settings ...Settings) (*Session, error) {
	t.Helper()
	if err := m.Err(); err != nil {
		return nil, err
	}
	s := &Session{}
	if len(settings) > 0 {
		s.settings = settings[0]
	}
	if s.settings.DataDirectory == "" {
		s.settings.DataDirectory = t.TempDir()
	}
	if s.settings.Features == nil {
		s.settings.Features = []string{"cancel", "concurrent", "context", "host_services", "progress"}
	}
	s.settings.Host.begin()
	s.run(t, m)
	return s, s.introduce()
}

func (s *Session) run(t testing.TB, m *hub.Module) {
	moduleIn, hubOut := io.Pipe()
	hubIn, moduleOut := io.Pipe()
	s.peer = newPeer(hubOut, s.request, s.notification)
	ended := make(chan error, 1)
	go func() {
		ended <- m.Serve(context.Background(), moduleIn, moduleOut, &s.stderr)
		moduleOut.Close()
	}()
	go s.peer.read(hubIn)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), bound)
		defer cancel()
		if _, err := s.peer.call(ctx, "module_cleanup", map[string]any{}, nil); err != nil && s.peer.alive() {
			t.Errorf("module_cleanup: %s", err)
		}
		hubOut.Close()
		select {
		case <-ended:
		case <-ctx.Done():
			t.Error("the module does not end when its standard input ends (HUB-LIFE-4)")
		}
	})
}

func (s *Session) introduce() error {
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	offer := map[string]any{
		"protocol_versions": []int{hub.ProtocolVersion}, "features": s.settings.Features, "max_frame_bytes": codec.MaxFrameBytes,
		"hub": map[string]string{"name": "hubtest", "version": "1.0.0"},
	}
	config := s.settings.Config
	if config == nil {
		config = map[string]any{}
	}
	steps := []struct {
		method string
		params any
	}{
		{"module_info", offer},
		{"capabilities", map[string]any{}},
		{"module_init", map[string]any{"config": config, "data_directory": s.settings.DataDirectory}},
	}
	var answer json.RawMessage
	for _, step := range steps {
		var err error
		if answer, err = s.peer.call(ctx, step.method, step.params, nil); err != nil {
			return err
		}
	}
	var said struct {
		Disable string `json:"disable,omitempty"`
	}
	if err := (types.Binder{}).Bind(&said, answer); err != nil {
		return fmt.Errorf("module_init: %w", err)
	}
	if said.Disable != "" {
		return fmt.Errorf("disabled: %s", said.Disable)
	}
	return nil
}

// Call calls a function with params (a struct or a map; nil for none) and returns its result.
// The module's own errors, and those of the SDK, are *hub.Error. When ctx ends the call is cancelled.
func Call[Result any](s *Session, ctx context.Context, function string, params any) (result Result, err error) {
	answer, err := s.Call(ctx, function, params)
	if err != nil {
		return result, err
	}
	if err := (types.Binder{}).Bind(&result, answer); err != nil {
		return result, fmt.Errorf("the result of %s does not fit: %w", function, err)
	}
	return result, nil
}

// Call is the function Call for a result as JSON.
func (s *Session) Call(ctx context.Context, function string, params any) (json.RawMessage, error) {
	if params == nil {
		params = map[string]any{}
	}
	given := s.settings.Context
	if deadline, ok := ctx.Deadline(); ok {
		given.TimeoutMS = float64(max(1, time.Until(deadline).Milliseconds()))
	}
	if account, ok := ctx.Value(accountKey{}).(string); ok {
		given.Profile = account
	}
	return s.peer.call(ctx, function, params, &given)
}

type accountKey struct{}

// WithAccount returns a context whose calls are for that account, as `hub call --account` makes them.
func WithAccount(ctx context.Context, account string) context.Context {
	return context.WithValue(ctx, accountKey{}, account)
}

// CheckExamples runs every example that the module declares, as the conformance runner does (HUB-CAPS-5).
func (s *Session) CheckExamples(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	answer, err := s.peer.call(ctx, "capabilities", map[string]any{}, nil)
	if err != nil {
		t.Fatalf("capabilities: %s", err)
	}
	var declared struct {
		Functions []struct {
			Name     string        `json:"name"`
			Examples []hub.Example `json:"examples,omitempty"`
		} `json:"functions"`
	}
	if err := (types.Binder{}).Bind(&declared, answer); err != nil {
		t.Fatalf("capabilities: %s", err)
	}
	for _, function := range declared.Functions {
		for _, example := range function.Examples {
			result, err := s.Call(ctx, function.Name, example.Params)
			if why := differs(example, result, err); why != "" {
				t.Errorf("%s, example %q: %s", function.Name, example.Summary, why)
			}
		}
	}
}

func differs(example hub.Example, result json.RawMessage, err error) string {
	own, isOwn := err.(*hub.Error)
	switch {
	case example.Error != nil && (!isOwn || own.Code != *example.Error):
		return fmt.Sprintf("it should end in error %d, not in %v", *example.Error, err)
	case example.Error != nil:
		return ""
	case err != nil:
		return err.Error()
	case !Equal(result, example.Result):
		return fmt.Sprintf("it should give %s, not %s", example.Result, result)
	}
	return ""
}

// Equal says whether two JSON texts are equal as values: spacing, the order of members and the choice of escapes are free.
func Equal(a, b json.RawMessage) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	return reflect.DeepEqual(x, y)
}

// Stderr returns what the module wrote to standard error so far: its log.
func (s *Session) Stderr() string { return s.stderr.String() }

// HubLog returns the lines that the module sent with hub.log so far, one JSON object a line.
func (s *Session) HubLog() string { return s.hubLog.String() }

type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(text)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
