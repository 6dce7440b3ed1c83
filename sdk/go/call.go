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
	said     json.RawMessage // about the call, by the hub; nil for nothing
	received time.Time
	do       handler     // the function; nil for another request
	work     func(*call) // of another request

	mu       sync.Mutex
	over     bool // answered: no progress and no host service any more
	ended    bool
	info     *CallContext
	life     *life
	progress *progress

	gone chan struct{} // closed at the end, where somebody waits for it; guarded by the session's mutex
}

// The causes of a context that ended before its call.
var (
	errCancelled = errors.New("the caller cancelled the call")
	errStopping  = errors.New("the module is stopping")
)

// end closes a call: what its context allowed is over.
func (c *call) end() {
	c.mu.Lock()
	c.flushProgress()
	c.over, c.ended = true, true
	life := c.life
	c.mu.Unlock()
	if life != nil {
		life.stop(nil)
	}
	s := c.session
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeID(c)
	if c.gone != nil {
		close(c.gone)
	}
}

// closeID makes the id free again: before its answer is seen.
func (c *call) closeID() {
	c.session.mu.Lock()
	defer c.session.mu.Unlock()
	c.session.closeID(c)
}

func (s *session) closeID(c *call) {
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

// serve does a function and answers, once. The answer is made in buffer, and is written by whoever calls flush next. It returns the
// buffer for the next call.
func (s *session) serve(c *call, buffer []byte) (rest []byte) {
	if err := s.admit(c); err != nil {
		return s.answerWith(c, buffer, nil, err)
	}
	if s.slots != nil {
		defer func() { <-s.slots }()
	}
	var frame []byte
	err := error(errExited)
	// Deferred, because runtime.Goexit in a handler runs nothing else.
	defer func() {
		if found := recover(); found != nil {
			err = &failure{found, debug.Stack()}
		}
		rest = s.answerWith(c, buffer, frame, err)
	}()
	frame, err = c.do(c, c.params, codec.BeginResult(buffer[:0], c.id))
	return nil
}

// admit waits for module_init to be answered, and for a worker.
func (s *session) admit(c *call) error {
	switch s.now() {
	case fresh:
		return NewError(CodeNotRunning, "module_init was not sent yet", nil)
	case initialising:
		select {
		case <-s.started:
		case <-c.Done():
			return c.Err()
		}
	}
	if s.now() != running {
		return NewError(CodeNotRunning, "the module is not running", nil)
	}
	if s.slots == nil {
		return nil
	}
	select {
	case s.slots <- struct{}{}:
		return nil
	case <-c.Done():
		return c.Err()
	}
}

// failure is a panic, as an error with its stack.
type failure struct {
	value any
	stack []byte
}

var errExited = &failure{value: "the handler ended its goroutine"}

func (f *failure) Error() string { return fmt.Sprintf("panic: %v", f.value) }

// unsendable is a result that the wire does not keep.
type unsendable struct{ why error }

func (u *unsendable) Error() string { return "the result cannot be sent: " + u.why.Error() }

// protected runs the author's code so that nothing in it ends the module: a panic is an error.
func protected[T any](do func() (T, error)) (value T, err error) {
	returned := make(chan struct{})
	go func() {
		// A goroutine of its own, because runtime.Goexit in a handler would take the answer with it.
		defer close(returned)
		err = errExited
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
func (s *session) answer(c *call, value any, err error) {
	c.finish()
	if s.base.Err() != nil {
		return // abandoned: nobody listens, and the error would be about that
	}
	frame := codec.BeginResult(nil, c.id)
	if err == nil {
		frame, err = appendResult(frame, value)
	}
	s.out.putWait(s.answerFrame(c, frame, err), c.closeID)
}

// answerWith answers a call with a frame that was begun in buffer, or an error.
func (s *session) answerWith(c *call, buffer, frame []byte, err error) (rest []byte) {
	c.finish()
	if s.base.Err() != nil {
		return buffer
	}
	frame = s.answerFrame(c, frame, err)
	kept, full := s.out.send(frame, c.closeID)
	if full {
		s.out.flush()
	}
	if kept || cap(frame) > smallBytes {
		return nil
	}
	return frame
}

// appendResult writes the result of a function behind the beginning of its frame.
func appendResult[T any](frame []byte, value T) ([]byte, error) {
	frame, err := types.AppendValue(frame, value, 1)
	if err != nil {
		return nil, &unsendable{err}
	}
	return frame, nil
}

func (s *session) answerFrame(c *call, frame []byte, err error) []byte {
	var unsent *unsendable
	switch {
	case err == nil:
		frame = codec.EndFrame(frame)
	case errors.As(err, &unsent):
		return codec.WriteError(c.id, s.hidden(c, err))
	default:
		frame = codec.WriteError(c.id, s.errorObject(c, err))
	}
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
	switch cause := c.cause(); {
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
	case (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)) && errors.Is(c.Err(), context.DeadlineExceeded):
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
	s.log.ErrorContext(c, c.method+" failed", fields...)
	return codec.ErrorObject{
		Code: CodeInternalError, Message: "the function failed; the module's log says why under " + id,
		Data: append(codec.AppendString([]byte(`{"correlation_id":`), id), '}'),
	}
}
