// Owns what can be said about a function beside its types.

package hub

import (
	"encoding/json"
	"time"

	"github.com/hub-plugins/hub/sdk/go/internal/types"
)

// Option says one thing about a function.
type Option func(*declaration, *Module)

// Summary is one line.
func Summary(line string) Option { return func(f *declaration, _ *Module) { f.Summary = line } }

// Description is as much as it takes.
func Description(text string) Option { return func(f *declaration, _ *Module) { f.Description = text } }

// ReadOnly says that the function changes nothing; ReadOnly(false) that it does.
func ReadOnly(is ...bool) Option { return hint(func(h *hints) **bool { return &h.ReadOnly }, is) }

// Destructive says that the function may destroy something.
func Destructive(is ...bool) Option { return hint(func(h *hints) **bool { return &h.Destructive }, is) }

// Idempotent says that the function may be called again with the same effect: the hub may then retry it after a crash.
func Idempotent(is ...bool) Option { return hint(func(h *hints) **bool { return &h.Idempotent }, is) }

// OpenWorld says that the function reaches beyond this machine.
func OpenWorld(is ...bool) Option { return hint(func(h *hints) **bool { return &h.OpenWorld }, is) }

func hint(which func(*hints) **bool, is []bool) Option {
	value := len(is) == 0 || is[0]
	return func(f *declaration, _ *Module) {
		if f.Hints == nil {
			f.Hints = &hints{}
		}
		*which(f.Hints) = &value
	}
}

// Timeout is how long a call may take when the caller says nothing; else 30 seconds.
func Timeout(d time.Duration) Option {
	seconds := d.Seconds()
	return func(f *declaration, _ *Module) { f.TimeoutSeconds = &seconds }
}

// Deprecated says that the function will go: since which version, and what to use instead. Either may be "".
func Deprecated(since, useInstead string) Option {
	return func(f *declaration, _ *Module) { f.Deprecated = &deprecated{since, useInstead} }
}

// Fails declares one of the function's own errors (HUB-CALL-3).
func Fails(code int64, message string) Option {
	return FailsWith(code, message, nil)
}

// FailsWith is Fails for an error whose data is described by a JSON Schema.
func FailsWith(code int64, message string, schema json.RawMessage) Option {
	return func(f *declaration, _ *Module) {
		f.Errors = append(f.Errors, ErrorSpec{Code: code, Message: message, Data: schema})
	}
}

// Shows adds an example: these arguments give this result. The conformance runner executes it (HUB-CAPS-5).
func Shows(summary string, params, result any) Option {
	return func(f *declaration, m *Module) {
		f.Examples = append(f.Examples, Example{Summary: summary, Params: m.encoded(f, params), Result: m.encoded(f, result)})
	}
}

// ShowsError adds an example that ends in an error with this code.
func ShowsError(summary string, params any, code int64) Option {
	return func(f *declaration, m *Module) {
		f.Examples = append(f.Examples, Example{Summary: summary, Params: m.encoded(f, params), Error: &code})
	}
}

// Params replaces the schema that was derived from the arguments' type.
func Params(schema json.RawMessage) Option {
	return func(f *declaration, _ *Module) { f.Params = schema }
}

// Returns replaces the schema that was derived from the result's type.
func Returns(schema json.RawMessage) Option {
	return func(f *declaration, _ *Module) { f.Returns = schema }
}

func (m *Module) encoded(f *declaration, value any) json.RawMessage {
	text, err := types.Encode(value, 6) // frame, result, functions, function, examples, example
	m.expect(err == nil, "function %q: an example cannot be sent: %w", f.Name, err)
	return text
}
