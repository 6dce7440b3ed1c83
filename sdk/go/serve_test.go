// Owns the tests of calls: side by side, cancelled, failing, too big, and many.

package hub_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/hub-plugins/hub/sdk/go"
)

func newModule() *hub.Module {
	return hub.NewModule(hub.Info{Name: "tested", Version: "1.0.0", License: "MIT", Authors: []string{"Somebody"}})
}

const limit = 16 * 1024 * 1024

func request(id int, method, params string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":%s}`, id, method, params)
}

func answer(id int, result string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":%s}`, id, result)
}

type nothing = struct{}

func TestCallsOverlap(t *testing.T) {
	m := newModule()
	var both sync.WaitGroup
	both.Add(2)
	hub.Function(m, "meet", func(ctx context.Context, _ nothing) (hub.Null, error) {
		both.Done()
		both.Wait() // returns only when two are here at once
		return hub.Null{}, nil
	})
	w := serve(t, m)
	w.start(limit)
	w.send(request(10, "meet", "{}"))
	w.send(request(11, "meet", "{}"))
	for range 2 {
		if line := w.next(); !contains(string(line), `"result":null`) {
			t.Errorf("got %s", line)
		}
	}
}

func TestNoMoreCallsAreWorkedOnThanThereAreWorkers(t *testing.T) {
	m := newModule()
	m.Workers(1)
	begun, release := make(chan int, 4), make(chan nothing)
	hub.Function(m, "hold", func(ctx context.Context, in struct{ N int }) (int, error) {
		begun <- in.N
		<-release
		return in.N, nil
	})
	w := serve(t, m)
	w.start(limit)
	w.send(request(10, "hold", `{"N":1}`))
	if n := await(t, begun); n != 1 {
		t.Fatalf("call %d began", n)
	}
	w.send(request(11, "hold", `{"N":2}`))
	w.send(request(12, "ping", "{}")) // the reader has seen call 11 when this is answered
	w.wants(`{"jsonrpc":"2.0","id":12,"result":{}}`)
	w.send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":11}}`)
	w.wantsError("11", hub.CodeCancelled) // it never began
	close(release)
	w.wants(`{"jsonrpc":"2.0","id":10,"result":1}`)
	if len(begun) != 0 {
		t.Error("the second call began without a worker")
	}
}

// panics is a result that fails while it is written.
type panics string

func (p panics) MarshalText() ([]byte, error) { panic(string(p)) }

func failingModule(secret string) *hub.Module {
	m := newModule()
	for name, err := range map[string]error{
		"own":        hub.NewError(1001, "no such region", map[string]any{"region": "nyc9"}),
		"wrapped":    fmt.Errorf("deep down: %w", hub.NewError(1002, "still its own", nil)),
		"argument":   hub.InvalidArgument("/region", "is not ours"),
		"unexpected": errors.New(secret),
		"data":       hub.NewError(1003, secret, make(chan int)),
		"code":       hub.NewError(1<<60, "x", nil),
		"overtime":   context.DeadlineExceeded,
	} {
		hub.Function(m, name, func(context.Context, nothing) (any, error) { return nil, err })
	}
	hub.Function(m, "panics", func(context.Context, nothing) (int, error) { panic(secret) })
	hub.Function(m, "exits", func(context.Context, nothing) (int, error) { runtime.Goexit(); return 0, nil })
	hub.Function(m, "unwritable", func(context.Context, nothing) (any, error) { return panics(secret), nil })
	hub.Function(m, "unsendable", func(context.Context, nothing) (any, error) { return "\xff", nil })
	hub.Function(m, "add", func(_ context.Context, in pair) (int, error) { return in.A + in.B, nil })
	return m
}

// HUB-CALL-2: the same data in the SDKs of all languages.
func TestWrongArgumentsAreNamedInTheData(t *testing.T) {
	w := serve(t, failingModule(""))
	w.start(limit)
	for name, want := range map[string]string{
		"argument": `{"errors":[{"pointer":"/region","message":"is not ours"}]}`, "add": `{"errors":[{"pointer":"/a","message":"is missing"}]}`,
	} {
		w.send(request(10, name, "{}"))
		if got := w.wantsError("10", hub.CodeInvalidParams); !equalJSON(got.Data, []byte(want)) {
			t.Errorf("%s: the data is %s", name, got.Data)
		}
	}
}

func TestEveryErrorBecomesTheRightAnswer(t *testing.T) {
	secret := "the password is hunter2"
	w := serve(t, failingModule(secret))
	w.start(limit)
	for name, want := range map[string]struct {
		code  int64
		words string
	}{
		"own": {1001, "no such region"}, "wrapped": {1002, "still its own"}, "argument": {-32602, "/region is not ours"},
		"unexpected": {-32603, ""}, "panics": {-32603, ""}, "exits": {-32603, ""}, "unsendable": {-32603, ""}, "unwritable": {-32603, ""}, "overtime": {-32603, ""},
		"data": {-32603, ""}, "code": {-32603, ""}, "add": {-32602, "/a is missing"}, "nowhere": {-32601, "nowhere"},
	} {
		w.send(request(10, name, "{}"))
		got := w.wantsError("10", want.code)
		if !strings.Contains(got.Message, want.words) || strings.Contains(got.Message+string(got.Data), "hunter2") {
			t.Errorf("%s: got %+v", name, got)
		}
		if want.code != -32603 {
			continue
		}
		_, id, _ := strings.Cut(got.Message, "under ")
		if len(id) != 16 || !strings.Contains(w.stderr.String(), id) {
			t.Errorf("%s: the correlation id %q does not stand in the log", name, id)
		}
	}
	if !contains(w.stderr.String(), secret, "serve_test.go") {
		t.Errorf("the log has neither the text nor the stack:\n%s", w.stderr)
	}
}

func TestADeadlineOfTheHubEndsTheContext(t *testing.T) {
	m := newModule()
	hub.Function(m, "wait", func(ctx context.Context, _ nothing) (hub.Null, error) {
		if _, ok := ctx.Deadline(); !ok {
			return hub.Null{}, hub.NewError(1, "there is no deadline", nil)
		}
		<-ctx.Done()
		return hub.Null{}, fmt.Errorf("waiting: %w", ctx.Err())
	})
	w := serve(t, m)
	w.start(limit)
	w.send(`{"jsonrpc":"2.0","id":10,"method":"wait","params":{},"context":{"timeout_ms":20,"trace_id":"x","chain":7}}`)
	w.wantsError("10", hub.CodeTimeout)
}

func TestAResultThatIsReadyAtTheCancelIsSent(t *testing.T) {
	m := newModule()
	begun := make(chan nothing)
	hub.Function(m, "finish", func(ctx context.Context, _ nothing) (string, error) {
		close(begun)
		<-ctx.Done()
		return "done all the same", nil
	})
	w := serve(t, m)
	w.start(limit)
	w.send(request(10, "finish", "{}"))
	await(t, begun)
	w.send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":10}}`)
	w.wants(`{"jsonrpc":"2.0","id":10,"result":"done all the same"}`)
}

func TestAnAnswerBeyondTheFrameLimitIsAnError(t *testing.T) {
	m := newModule()
	hub.Function(m, "big", func(_ context.Context, in struct{ N int }) (string, error) { return strings.Repeat("x", in.N), nil })
	w := serve(t, m)
	w.start(1000)
	w.send(request(10, "big", `{"N":1000}`))
	w.wantsError("10", hub.CodeFrameTooLarge)
	around := len(`{"jsonrpc":"2.0","id":11,"result":""}`)
	w.send(request(11, "big", fmt.Sprintf(`{"N":%d}`, 1000-around)))
	if line := w.next(); len(line) != 1000 {
		t.Errorf("got a frame of %d bytes: %.100s", len(line), line)
	}
	w.send(request(12, "big", fmt.Sprintf(`{"N":%d}`, 1001-around)))
	w.wantsError("12", hub.CodeFrameTooLarge)
}

func TestAnIDThatIsOpenIsNotAnsweredTwice(t *testing.T) {
	m := newModule()
	release := make(chan nothing)
	hub.Function(m, "hold", func(context.Context, nothing) (int, error) { <-release; return 1, nil })
	w := serve(t, m)
	w.start(limit)
	w.send(request(10, "hold", "{}"))
	w.send(request(10, "hold", "{}"))
	w.send(`{"jsonrpc":"2.0","id":10,"method":"hold","par`)
	w.send(request(11, "ping", "{}"))
	w.wants(`{"jsonrpc":"2.0","id":11,"result":{}}`)
	close(release)
	w.wants(`{"jsonrpc":"2.0","id":10,"result":1}`)
	w.send(request(12, "ping", "{}"))
	w.wants(`{"jsonrpc":"2.0","id":12,"result":{}}`)
}

// slowPipe is a stream whose writes each wait for a turn, and are counted.
type slowPipe struct {
	turns  chan nothing
	writes chan []byte
}

func (p *slowPipe) Write(data []byte) (int, error) {
	<-p.turns
	p.writes <- []byte(string(data))
	return len(data), nil
}

func TestAnswersThatAreReadyGoOutInOneWrite(t *testing.T) {
	m := newModule()
	var done sync.WaitGroup
	hub.Function(m, "quick", func(context.Context, nothing) (int, error) { done.Done(); return 1, nil })
	in, hubEnd := io.Pipe()
	out := &slowPipe{turns: make(chan nothing, 8), writes: make(chan []byte, 8)}
	ended := make(chan error, 1)
	go func() { ended <- m.Serve(context.Background(), in, out, io.Discard) }()
	fmt.Fprintln(hubEnd, `{"jsonrpc":"2.0","id":1,"method":"module_init","params":{}}`)
	out.turns <- nothing{}
	await(t, out.writes)
	fmt.Fprintln(hubEnd, request(2, "ping", "{}")) // its write now waits for a turn
	const calls = 50
	done.Add(calls)
	for i := range calls {
		fmt.Fprintln(hubEnd, request(10+i, "quick", "{}"))
	}
	done.Wait()
	fmt.Fprintln(hubEnd, request(3, "ping", "{}"))
	frames, writes := 0, 0
	for frames < calls+2 {
		out.turns <- nothing{}
		frames += strings.Count(string(await(t, out.writes)), "\n")
		writes++
	}
	// Handlers that answered while others were still being started may have taken a write or two of their own.
	if writes > 10 {
		t.Errorf("%d frames took %d writes", frames, writes)
	}
	hubEnd.Close()
	close(out.turns)
	await(t, ended)
}

func TestTenThousandCallsAreAllAnswered(t *testing.T) {
	m := newModule()
	hub.Function(m, "add", func(_ context.Context, in pair) (int, error) { return in.A + in.B, nil })
	w := serve(t, m)
	w.start(limit)
	const calls, window = 10_000, 64
	seen := map[string]bool{}
	for i := range calls {
		w.send(request(10+i, "add", fmt.Sprintf(`{"a":%d,"b":1}`, i)))
		if i >= window {
			seen[string(w.next())] = true
		}
	}
	for range window {
		seen[string(w.next())] = true
	}
	for i := range calls {
		if answer := fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":%d}`, 10+i, i+1); !seen[answer] {
			t.Fatalf("there is no %s", answer)
		}
	}
}
