// Owns the context of a call, which is made when a handler first looks at it; must not know what a call does.

package hub

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
	"github.com/hub-plugins/hub/sdk/go/internal/types"
)

// A call is the context of its handler. Those of the standard library cannot move their deadline, and cost each call a timer.

type callKey struct{}

// life is what can end a call's context. Few handlers ask for it.
type life struct {
	ctx      context.Context
	end      context.CancelCauseFunc
	deadline deadline
}

// alive returns the life of a call: of one that has ended, one that is over.
func (c *call) alive() *life {
	said := c.context()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.life == nil {
		c.life = &life{}
		c.life.begin(c.session.base, said.TimeoutMS, c.received)
		if c.ended {
			c.life.stop(nil)
		}
	}
	return c.life
}

// maxTimeoutMS is where a number of milliseconds no longer fits into a time.Duration; a deadline so far away is none.
const maxTimeoutMS = 1e12

func (l *life) begin(base context.Context, timeoutMS float64, received time.Time) {
	l.ctx, l.end = context.WithCancelCause(base)
	if timeoutMS > 0 && timeoutMS < maxTimeoutMS {
		at := received.Add(time.Duration(timeoutMS * float64(time.Millisecond)))
		l.deadline.start(at, func() { l.end(context.DeadlineExceeded) })
	}
}

func (l *life) stop(cause error) {
	l.end(cause)
	l.deadline.stop()
}

// cancel ends a call's context before the call.
func (c *call) cancel(cause error) { c.alive().stop(cause) }

// cause is why the call's context has ended; nil where it has not, or nobody has looked at it.
func (c *call) cause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.life == nil {
		return nil
	}
	return context.Cause(c.life.ctx)
}

func (c *call) Done() <-chan struct{} { return c.alive().ctx.Done() }

func (c *call) Deadline() (time.Time, bool) { return c.alive().deadline.when() }

func (c *call) Err() error {
	ctx := c.alive().ctx
	err := ctx.Err()
	if err != nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	return err
}

func (c *call) Value(key any) any {
	if key == (callKey{}) {
		return c
	}
	return c.alive().ctx.Value(key)
}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// Context returns what the hub said about the call that ctx belongs to; the zero CallContext outside of calls.
func Context(ctx context.Context) CallContext {
	if c := callOf(ctx); c != nil {
		return *c.context()
	}
	return CallContext{}
}

// context returns what the hub said about the call. It is read when somebody asks for it.
func (c *call) context() *CallContext {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.info == nil {
		c.info = &CallContext{}
		if c.said != nil {
			*c.info = readContext(c.said)
		}
	}
	return c.info
}

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
