// Owns one call from its request to its answer, and what an error becomes on the wire; must not know where requests come from.

package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
	"github.com/hub-plugins/hub/sdk/go/internal/types"
)

// call is one request of the hub that is being worked on: a function, module_init or module_cleanup.
type call struct {
	session  *session
	id       codec.ID
	method   string
	params   json.RawMessage
	info     CallContext
	ctx      context.Context
	cancel   context.CancelCauseFunc
	deadline deadline
	ended    chan struct{}

	mu       sync.Mutex
	over     bool // answered: no progress and no host service any more
	progress progress
}

type callKey struct{}

// The causes of a context that ended before its call.
var (
	errCancelled = errors.New("the caller cancelled the call")
	errStopping  = errors.New("the module is stopping")
)

func newCall(s *session, message codec.Message) *call {
	c := &call{session: s, id: message.ID, method: message.Method, params: message.Params, ended: make(chan struct{})}
	if message.Context != nil {
		c.info = readContext(message.Context)
	}
	ctx, cancel := context.WithCancelCause(s.base)
	c.ctx = &callContext{ctx, c}
	c.cancel = func(cause error) {
		cancel(cause)
		c.deadline.stop()
	}
	if left := c.info.TimeoutMS; left > 0 && left < maxTimeoutMS {
		c.deadline.start(time.Duration(left*float64(time.Millisecond)), func() { cancel(context.DeadlineExceeded) })
	}
	return c
}

// maxTimeoutMS is where a number of milliseconds no longer fits into a time.Duration; a deadline so far away is none.
const maxTimeoutMS = 1e12

// readContext reads each member by itself: one that a newer hub writes in another way does not cost the others (HUB-MSG-7).
func readContext(text json.RawMessage) CallContext {
	var found CallContext
	for name, value := range codec.Members(text) {
		var target any
		switch name {
		case "timeout_ms":
			target = &found.TimeoutMS
		case "trace_id":
			target = &found.TraceID
		case "chain":
			target = &found.Chain
		case "profile":
			target = &found.Profile
		default:
			continue
		}
		_ = types.Binder{}.Bind(target, value)
	}
	return found
}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// Context returns what the hub said about the call that ctx belongs to; the zero CallContext outside of calls.
func Context(ctx context.Context) CallContext {
	if c := callOf(ctx); c != nil {
		return c.info
	}
	return CallContext{}
}

func (c *call) cancelByHub() { c.cancel(errCancelled) }

// end closes a call: what its context allowed is over.
func (c *call) end() {
	c.finish()
	c.cancel(nil)
	c.closeID()
	close(c.ended)
}

// closeID makes the id free again: before its answer is seen.
func (c *call) closeID() {
	s := c.session
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.calls[c.id] == c {
		delete(s.calls, c.id)
	}
}

// finish sends the last progress, and lets nothing of this call be sent any more but its answer.
func (c *call) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flushProgress()
	c.over = true
}

func (c *call) isOver() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.over
}

// serve does a function and answers, once.
func (s *session) serve(c *call, do handler) {
	if err := s.admit(c); err != nil {
		s.answer(c, nil, err)
		return
	}
	defer func() { <-s.slots }()
	var value any
	err := error(&failure{value: "the handler ended its goroutine"})
	// Deferred, because runtime.Goexit in a handler runs nothing else.
	defer func() {
		if found := recover(); found != nil {
			err = &failure{found, debug.Stack()}
		}
		s.answerBy(s.out.write, c, value, err)
	}()
	value, err = do(c.ctx, c.params)
}

// admit waits for module_init to be answered, and for a worker.
func (s *session) admit(c *call) error {
	switch s.now() {
	case fresh:
		return NewError(CodeNotRunning, "module_init was not sent yet", nil)
	case initialising:
		select {
		case <-s.started:
		case <-c.ctx.Done():
			return c.ctx.Err()
		}
	}
	if s.now() != running {
		return NewError(CodeNotRunning, "the module is not running", nil)
	}
	select {
	case s.slots <- struct{}{}:
		return nil
	case <-c.ctx.Done():
		return c.ctx.Err()
	}
}

// failure is a panic, as an error with its stack; the zero one is a handler that ended its goroutine.
type failure struct {
	value any
	stack []byte
}

func (f *failure) Error() string { return fmt.Sprintf("panic: %v", f.value) }

// protected runs the author's code so that nothing in it ends the module: a panic is an error.
func protected[T any](do func() (T, error)) (value T, err error) {
	returned := make(chan struct{})
	go func() {
		// A goroutine of its own, because runtime.Goexit in a handler would take the answer with it.
		defer close(returned)
		err = &failure{value: "the handler ended its goroutine"}
		defer func() {
			if found := recover(); found != nil {
				err = &failure{found, debug.Stack()}
			}
		}()
		value, err = do()
	}()
	<-returned
	return value, err
}

// answer answers a call with a value or an error.
func (s *session) answer(c *call, value any, err error) { s.answerBy(s.out.putWait, c, value, err) }

func (s *session) answerBy(put func([]byte, func()), c *call, value any, err error) {
	c.finish()
	if s.base.Err() != nil {
		return // abandoned: nobody listens, and the error would be about that
	}
	put(s.answerFrame(c, value, err), c.closeID)
}

func (s *session) answerFrame(c *call, value any, err error) []byte {
	if err != nil {
		return s.bounded(c, codec.WriteError(c.id, s.errorObject(c, err)))
	}
	text, err := types.Encode(value, 1)
	if err != nil {
		return codec.WriteError(c.id, s.hidden(c, fmt.Errorf("the result cannot be sent: %w", err)))
	}
	return s.bounded(c, codec.WriteResult(c.id, text))
}

func (s *session) bounded(c *call, frame []byte) []byte {
	if size := len(frame) - 1; size > s.limit() {
		why := fmt.Sprintf("the answer has %d bytes, more than the frame limit of %d", size, s.limit())
		return codec.WriteError(c.id, codec.ErrorObject{Code: CodeFrameTooLarge, Message: why})
	}
	return frame
}

// errorObject is the one place that turns an error into what the caller sees.
func (s *session) errorObject(c *call, err error) codec.ErrorObject {
	var bad *types.BadValue
	var own *Error
	var host *HostError
	switch cause := context.Cause(c.ctx); {
	case errors.Is(cause, errCancelled) || errors.Is(cause, errStopping):
		return codec.ErrorObject{Code: CodeCancelled, Message: cause.Error()} // HUB-CANCEL-2
	case errors.As(err, &bad):
		data, _ := types.Encode(invalidData(bad.Pointer, bad.Reason), 2)
		return codec.ErrorObject{Code: CodeInvalidParams, Message: bad.Error(), Data: data}
	case errors.As(err, &own):
		return s.ownError(c, own)
	case errors.As(err, &host):
		cause := host.object().Append([]byte(`{"cause":`))
		return codec.ErrorObject{Code: CodeHostCallFailed, Message: "a host service failed: " + host.Error(), Data: append(cause, '}')}
	case errors.Is(c.ctx.Err(), context.DeadlineExceeded) && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)):
		return codec.ErrorObject{Code: CodeTimeout, Message: "the deadline passed"}
	}
	return s.hidden(c, err)
}

func (s *session) ownError(c *call, own *Error) codec.ErrorObject {
	if own.Code > codec.MaxSafeInteger || own.Code < -codec.MaxSafeInteger {
		return s.hidden(c, fmt.Errorf("%w: the code is beyond what the wire keeps", own))
	}
	object := codec.ErrorObject{Code: own.Code, Message: own.Message}
	if own.Data != nil {
		data, err := types.Encode(own.Data, 2)
		if err != nil {
			return s.hidden(c, fmt.Errorf("%w: its data cannot be sent: %w", own, err))
		}
		object.Data = data
	}
	return object
}

// hidden keeps the text of an error in the log: secrets travel in it (HUB-CALL-4).
func (s *session) hidden(c *call, err error) codec.ErrorObject {
	id := s.newID()
	fields := []any{"correlation_id", id, "method", c.method, "error", err.Error()}
	var panicked *failure
	if errors.As(err, &panicked) {
		fields = append(fields, "stack", string(panicked.stack))
	}
	s.log.ErrorContext(c.ctx, c.method+" failed", fields...)
	return codec.ErrorObject{
		Code: CodeInternalError, Message: "the function failed; the module's log says why under " + id,
		Data: append(codec.AppendString([]byte(`{"correlation_id":`), id), '}'),
	}
}
