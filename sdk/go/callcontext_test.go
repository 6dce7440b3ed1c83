// Owns the tests of the context of a call, whenever a handler first looks at it.

package hub_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hub-plugins/hub/sdk/go"
	"github.com/hub-plugins/hub/sdk/go/hubtest"
)

const timeout = 20 * time.Millisecond

// withContext calls a function whose context has a deadline, and lets look see that context after a time.
func withContext(t *testing.T, after time.Duration, look func(ctx context.Context)) (kept context.Context, err error) {
	m := newModule()
	hub.Function(m, "look", func(ctx context.Context, _ nothing) (int, error) {
		time.Sleep(after)
		kept = ctx
		look(ctx)
		return 1, nil
	})
	s := hubtest.Start(t, m, hubtest.Settings{Context: hub.CallContext{TimeoutMS: float64(timeout.Milliseconds())}})
	_, err = s.Call(t.Context(), "look", nil)
	return kept, err
}

func TestTheDeadlineCountsFromTheRequestWheneverAHandlerLooks(t *testing.T) {
	for _, after := range []time.Duration{0, timeout / 2, 2 * timeout} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			kept, err := withContext(t, after, func(ctx context.Context) {
				if at, ok := ctx.Deadline(); !ok || at.Sub(start) != timeout {
					t.Errorf("after %s: the deadline is %s, %t", after, at.Sub(start), ok)
				}
				if (ctx.Err() != nil) != (after > timeout) {
					t.Errorf("after %s: got %v", after, ctx.Err())
				}
				inner, cancel := context.WithCancel(ctx)
				defer cancel()
				<-inner.Done()
				if took := time.Since(start); took != max(after, timeout) {
					t.Errorf("after %s: it was over after %s", after, took)
				}
				if !errors.Is(ctx.Err(), context.DeadlineExceeded) || !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
					t.Errorf("after %s: got %v because of %v", after, ctx.Err(), context.Cause(ctx))
				}
			})
			if err != nil || !errors.Is(kept.Err(), context.DeadlineExceeded) {
				t.Errorf("after %s: got %v, and %v behind the call", after, err, kept.Err())
			}
		})
	}
}

func TestAContextThatIsKeptIsOverWithItsCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, look := range map[string]func(context.Context){
			"early": func(ctx context.Context) { _ = ctx.Done() }, "late": func(context.Context) {},
		} {
			kept, err := withContext(t, 0, look)
			if err != nil {
				t.Fatal(err)
			}
			<-kept.Done()
			if kept.Err() != context.Canceled || hub.Context(kept).TimeoutMS == 0 {
				t.Errorf("%s: got %v", name, kept.Err())
			}
		}
	})
}

func TestACancelThatCameBeforeAHandlerLookedIsSeen(t *testing.T) {
	m := newModule()
	begun, release := make(chan nothing), make(chan nothing)
	hub.Function(m, "look", func(ctx context.Context, _ nothing) (hub.Null, error) {
		close(begun)
		<-release
		return hub.Null{}, ctx.Err()
	})
	w := serve(t, m)
	w.start(limit)
	w.send(request(10, "look", "{}"))
	await(t, begun)
	w.send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":10}}`)
	w.send(request(11, "ping", "{}"))
	w.wants(answer(11, "{}"))
	close(release)
	w.wantsError("10", hub.CodeCancelled)
}
