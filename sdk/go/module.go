// Owns what a module is made of: its description, its functions, its hooks; must not know how it is served.

package hub

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"sync"

	"github.com/hub-plugins/hub/sdk/go/internal/types"
)

// Module is what a module says about itself, its functions and its hooks. Only functions may be added or removed while it runs.
type Module struct {
	info      Info
	onInit    func(ctx context.Context, config json.RawMessage, dataDirectory string) error
	onCleanup func(ctx context.Context) error
	workers   int

	mu        sync.RWMutex
	needed    []string
	satisfied []string
	functions []declaration
	handlers  map[string]handler
	problems  faults
}

// handler does one call: checked JSON in, and the JSON of the result behind what frame has. An error for wrong arguments is a *types.BadValue.
type handler func(ctx context.Context, params json.RawMessage, frame []byte) ([]byte, error)

// NewModule begins a module. What is wrong with it is said by Err and by Run.
func NewModule(info Info) *Module {
	return &Module{info: info, handlers: map[string]handler{}, workers: maxOpenRequests, problems: info.check()}
}

func (m *Module) expect(good bool, format string, args ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.problems.expect(good, format, args...)
}

// Implements says which interfaces the module's functions satisfy, with their versions: "cloud.compute/1.0" (HUB-CAPS-9).
func (m *Module) Implements(interfaces ...string) {
	for _, name := range interfaces {
		m.expect(interfaceVersion.MatchString(name), "%q is no interface with its version, such as cloud.compute/1.0 (HUB-CAPS-9)", name)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.satisfied = append(m.satisfied, interfaces...)
}

// Permissions says which host services the module needs: "ask", "store", "credentials", "call:MODULE", "call:MODULE.FUNCTION" or "call:*" (HUB-CAPS-7).
func (m *Module) Permissions(names ...string) {
	for _, name := range names {
		m.expect(permission.MatchString(name), "%q is no permission (HUB-CAPS-7)", name)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.needed = append(m.needed, names...)
}

// Workers bounds how many calls are worked on at a time; others wait. Without it all that the hub sends, which is at most 64 where
// nobody has set more.
func (m *Module) Workers(n int) {
	m.expect(n > 0, "%d workers would never do anything", n)
	m.workers = max(n, 1)
}

// OnInit sets what runs when the hub starts the module: it gets the configuration, and a directory of its own that survives restarts.
// A configuration that does not fit Config is refused by member (HUB-INIT-2). Return Disable("why") to be stopped without being counted as failed.
func OnInit[Config any](m *Module, init func(ctx context.Context, config Config, dataDirectory string) error) {
	if _, err := types.Schema(reflect.TypeFor[Config]()); err != nil {
		m.expect(false, "the configuration: %w", err)
	}
	m.onInit = func(ctx context.Context, text json.RawMessage, dataDirectory string) error {
		var config Config
		if err := (types.Binder{Strict: true}).Bind(&config, text); err != nil {
			return under("/config", err)
		}
		return init(ctx, config, dataDirectory)
	}
}

// OnCleanup sets what runs when the module is stopped: once, at module_cleanup, or at the end of standard input or at SIGTERM where that was never asked.
// It has to be quick: there are 4 seconds at most for it, and half a second after the end of standard input (HUB-CLEAN-1, HUB-LIFE-4).
func (m *Module) OnCleanup(cleanup func(ctx context.Context) error) { m.onCleanup = cleanup }

// Function adds a function. Arguments and result are described by their types: see the README for the tags of a struct.
func Function[In, Out any](m *Module, name string, do func(ctx context.Context, in In) (Out, error), options ...Option) {
	made := declaration{Name: name}
	in, out := reflect.TypeFor[In](), reflect.TypeFor[Out]()
	var inErr, outErr error
	made.Params, inErr = types.Schema(in)
	made.Returns, outErr = types.Schema(out)
	for _, option := range options {
		option(&made, m)
	}
	m.expect(inErr == nil, "function %q: its arguments: %w", name, inErr)
	m.expect(outErr == nil, "function %q: its result: %w", name, outErr)
	m.add(made, func(ctx context.Context, params json.RawMessage, frame []byte) ([]byte, error) {
		var arguments In
		if err := (types.Binder{Strict: true}).Bind(&arguments, params); err != nil {
			return nil, err
		}
		result, err := do(ctx, arguments)
		if err != nil {
			return nil, err
		}
		return appendResult(frame, result)
	})
}

func (m *Module) add(made declaration, do handler) {
	name := made.Name
	m.mu.Lock()
	defer m.mu.Unlock()
	m.problems = append(m.problems, made.check()...)
	twice := slices.ContainsFunc(m.functions, func(f declaration) bool { return f.Name == name })
	m.problems.expect(!twice, "function %q is there twice (HUB-CAPS-2)", name)
	m.functions = append(m.functions, made)
	m.handlers[name] = do
}

// Remove takes a function away; calls of it that are under way go on. Tell the hub with CapabilitiesChanged.
func (m *Module) Remove(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.functions = slices.DeleteFunc(m.functions, func(f declaration) bool { return f.Name == name })
	delete(m.handlers, name)
}

func (m *Module) handler(name string) handler {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.handlers[name]
}

// under says that a value that does not fit stands further down; other errors stay what they are.
func under(pointer string, err error) error {
	var bad *types.BadValue
	if errors.As(err, &bad) {
		return &types.BadValue{Pointer: pointer + bad.Pointer, Reason: bad.Reason}
	}
	return err
}

// Err returns what is wrong with the module as it was built, nil for nothing.
func (m *Module) Err() error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return errors.Join(m.problems...)
}

// introduction returns the result of module_info.
func (m *Module) introduction() (json.RawMessage, error) {
	return types.Encode(introduction{m.info, ProtocolVersion, features}, 1)
}

// capabilities returns the result of capabilities.
func (m *Module) capabilities() (json.RawMessage, error) {
	if err := m.Err(); err != nil {
		return nil, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	return types.Encode(capabilities{m.functions, m.needed, m.satisfied}, 1)
}
