// Owns the tests of bursts of calls: that none waits for another.

package hub_test

import (
	"context"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/hub-plugins/hub/sdk/go"
	"github.com/hub-plugins/hub/sdk/go/hubtest"
)

func burst(names ...string) string {
	var lines strings.Builder
	for i, name := range names {
		lines.WriteString(request(10+i, name, "{}") + "\n")
	}
	return lines.String()
}

// onOneCore runs a test on one core too, where only who is woken ever runs.
func onOneCore(t *testing.T, test func(*testing.T)) {
	t.Run("all", test)
	t.Run("one", func(t *testing.T) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		test(t)
	})
}

func TestWhatABurstHasBesideABlockedCallIsAnswered(t *testing.T) {
	onOneCore(t, func(t *testing.T) {
		for _, names := range [][]string{
			{"quick", "quick", "hold", "quick", "quick"}, {"hold", "quick"}, {"quick", "hold"}, {"hold", "hold", "quick", "hold"},
			{"quick", "exits", "hold", "panics", "quick", "exits"}, {"exits", "hold"}, {"hold", "exits"},
		} {
			m := failingModule("")
			release := make(chan nothing)
			hub.Function(m, "quick", func(context.Context, nothing) (int, error) { return 1, nil })
			hub.Function(m, "hold", func(context.Context, nothing) (int, error) { <-release; return 2, nil })
			w := serve(t, m)
			w.start(limit)
			w.write([]byte(burst(names...)))
			held := 0
			for _, name := range names {
				if name == "hold" {
					held++
				} else if line := w.next(); strings.Contains(string(line), `"result":2`) {
					t.Fatalf("%v: got %s before the release", names, line)
				}
			}
			close(release)
			for range held {
				if line := w.next(); !strings.Contains(string(line), `"result":2`) {
					t.Errorf("%v: got %s", names, line)
				}
			}
		}
	})
}

func TestManyBlockedCallsAreAllWorkedOnAtOnceAndNothingIsLeftOfThem(t *testing.T) {
	const calls = 300
	synctest.Test(t, func(t *testing.T) { // which fails where a goroutine is left
		m := newModule()
		var all, answered sync.WaitGroup
		all.Add(calls)
		hub.Function(m, "meet", func(context.Context, nothing) (hub.Null, error) {
			all.Done()
			all.Wait()
			return hub.Null{}, nil
		})
		s := hubtest.Start(t, m)
		for range calls {
			answered.Go(func() {
				if _, err := s.Call(t.Context(), "meet", nil); err != nil {
					t.Error(err)
				}
			})
		}
		answered.Wait()
	})
}

func TestAnswersOfABurstGoOutTogether(t *testing.T) {
	m := newModule()
	hub.Function(m, "quick", func(context.Context, nothing) (int, error) { return 1, nil })
	names := strings.Split(strings.Repeat("quick ", 64), " ")[:64]
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // on more, others may write what is ready meanwhile
	in, hubEnd := io.Pipe()
	out := &slowPipe{turns: make(chan nothing, 100), writes: make(chan []byte, 100)}
	ended := make(chan error, 1)
	go func() { ended <- m.Serve(context.Background(), in, out, io.Discard) }()
	for range 100 {
		out.turns <- nothing{}
	}
	hubEnd.Write([]byte(request(1, "module_init", "{}") + "\n"))
	await(t, out.writes)
	hubEnd.Write([]byte(burst(names...)))
	frames, writes := 0, 0
	for frames < len(names) {
		frames += strings.Count(string(await(t, out.writes)), "\n")
		writes++
	}
	if writes > 4 {
		t.Errorf("%d frames took %d writes", frames, writes)
	}
	hubEnd.Close()
	await(t, ended)
}
