package hub

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/hub-plugins/hub/sdk/go/internal/types"
)

var (
	moduleName   = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)
	functionName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)
	permission   = regexp.MustCompile(`^(?:ask|store|credentials|call:(?:\*|[a-z][a-z0-9_-]{0,63}(?:\.[A-Za-z][A-Za-z0-9_-]{0,63})?))$`)
	semver       = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)` +
		`(-(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(\.(0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`)
	reserved = []string{"module_info", "capabilities", "module_init", "module_cleanup", "ping", "capabilities_changed"}
)

// maxInFlight is how many calls the hub has under way in a module at a time (HUB-CALL-5).
const maxInFlight = 64

// Module is a module under construction: what it says about itself, its functions and its hooks. Build it before Run, not after.
type Module struct {
	info      Info
	needed    []string
	functions []declaration
	handlers  map[string]handler
	onInit    func(ctx context.Context, config json.RawMessage, dataDirectory string) error
	onCleanup func(ctx context.Context) error
	workers   int
	problems  []error
}

// handler does one call: checked JSON in, a value out. An error for wrong arguments is a *types.BadValue.
type handler func(ctx context.Context, params json.RawMessage) (any, error)

// NewModule begins a module. What is wrong with it is said by Err and by Run.
func NewModule(info Info) *Module {
	m := &Module{info: info, handlers: map[string]handler{}, workers: maxInFlight}
	m.expect(moduleName.MatchString(info.Name), "the name %q does not fit [a-z][a-z0-9_-]* and 64 characters (HUB-INFO-2)", info.Name)
	m.expect(semver.MatchString(info.Version), "the version %q is not strict SemVer such as 1.4.0 (HUB-INFO-3)", info.Version)
	m.expect(info.License != "", "the license is missing (HUB-INFO-4)")
	m.expect(len(info.Authors) > 0 && !slices.Contains(info.Authors, ""), "the authors are missing (HUB-INFO-5)")
	return m
}

func (m *Module) expect(good bool, format string, args ...any) {
	if !good {
		m.problems = append(m.problems, fmt.Errorf(format, args...))
	}
}

// Permissions says which host services the module needs: "ask", "store", "call:MODULE", "call:MODULE.FUNCTION" or "call:*" (HUB-CAPS-7).
func (m *Module) Permissions(names ...string) {
	for _, name := range names {
		m.expect(permission.MatchString(name), "%q is no permission (HUB-CAPS-7)", name)
	}
	m.needed = append(m.needed, names...)
}

// Workers bounds how many calls are worked on at a time; others wait. Without it all that the hub sends, which is at most 64.
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
	m.expect(in.Kind() == reflect.Struct || in.Kind() == reflect.Map, "function %q: its arguments must be a struct, not %s: arguments go by name", name, in)
	m.expect(functionName.MatchString(name), "function %q: the name does not fit [A-Za-z][A-Za-z0-9_-]* and 64 characters (HUB-CAPS-2)", name)
	m.expect(!slices.Contains(reserved, name) && !strings.HasPrefix(name, "module_"), "function %q: the name is reserved (HUB-CAPS-2)", name)
	m.expect(m.handlers[name] == nil, "function %q is there twice (HUB-CAPS-2)", name)
	m.functions = append(m.functions, made)
	m.handlers[name] = func(ctx context.Context, params json.RawMessage) (any, error) {
		var arguments In
		if err := (types.Binder{Strict: true}).Bind(&arguments, params); err != nil {
			return nil, err
		}
		return do(ctx, arguments)
	}
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
func (m *Module) Err() error { return errors.Join(m.problems...) }

// answers returns the results of module_info and capabilities: both are fixed once the module is built (HUB-LIFE-9).
func (m *Module) answers() (info, caps json.RawMessage, err error) {
	if err = m.Err(); err != nil {
		return nil, nil, err
	}
	info, infoErr := types.Encode(introduction{m.info, ProtocolVersion, features}, 1)
	caps, capsErr := types.Encode(capabilities{m.functions, m.needed}, 1)
	return info, caps, cmp.Or(infoErr, capsErr)
}
