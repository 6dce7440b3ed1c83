// Owns the tests of how a module begins and ends.

package hub_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hub-plugins/hub/sdk/go"
	"github.com/hub-plugins/hub/sdk/go/hubtest"
)

func TestAFunctionIsNotServedBeforeModuleInit(t *testing.T) {
	m := newModule()
	hub.Function(m, "one", func(context.Context, nothing) (int, error) { return 1, nil })
	w := serve(t, m)
	w.send(request(1, "one", "{}"))
	w.wantsError("1", hub.CodeNotRunning)
}

func TestACallThatComesDuringModuleInitWaitsForIt(t *testing.T) {
	m := newModule()
	release := make(chan nothing)
	hub.OnInit(m, func(context.Context, nothing, string) error { <-release; return nil })
	hub.Function(m, "one", func(context.Context, nothing) (int, error) { return 1, nil })
	w := serve(t, m)
	w.send(request(1, "module_init", `{"config":{},"data_directory":"/"}`))
	w.send(request(2, "one", "{}"))
	w.send(request(3, "ping", "{}"))
	w.wants(`{"jsonrpc":"2.0","id":3,"result":{}}`)
	close(release)
	w.wants(`{"jsonrpc":"2.0","id":1,"result":{}}`)
	w.wants(`{"jsonrpc":"2.0","id":2,"result":1}`)
	w.send(request(4, "module_init", "{}"))
	w.wantsError("4", hub.CodeInvalidRequest)
}

type config struct {
	Region string `json:"region" hub:"minLength=2"`
	Limit  int    `json:"limit" hub:"default=5"`
}

func TestTheConfigurationIsTypedAndItsFaultsAreNamed(t *testing.T) {
	for text, want := range map[string]string{
		`{"region":"nyc1"}`:           "",
		`{"region":"n"}`:              "/config/region must have at least 2 characters",
		`{"region":"nyc1","limt":3}`:  "/config/limt is not known here",
		`{"Region":"nyc1"}`:           "/config/Region is not known here",
		`{"region":"off"}`:            "disabled: switched off",
		`{"region":"broken"}`:         "the function failed; the module's log says why under ",
		`{"region":"panic"}`:          "the function failed; the module's log says why under ",
		`[]`:                          "/config must be an object",
		`{"region":"nyc1","limit":7}`: "",
	} {
		m := newModule()
		var got config
		hub.OnInit(m, func(_ context.Context, c config, directory string) error {
			got = c
			switch c.Region {
			case "off":
				return hub.Disable("switched off")
			case "broken":
				return errors.New("hunter2")
			case "panic":
				panic("hunter2")
			}
			if directory == "" {
				return errors.New("there is no directory")
			}
			return nil
		})
		var problem string
		if _, err := hubtest.Try(t, m, hubtest.Settings{Config: rawJSON(text)}); err != nil {
			problem = err.Error()
		}
		if want == "" && (problem != "" || got.Region != "nyc1" || got.Limit == 0) || !strings.HasPrefix(problem, want) {
			t.Errorf("%s: got %q, %+v, not %q", text, problem, got, want)
		}
	}
}

func TestNothingIsWrittenAfterTheAnswerToModuleCleanup(t *testing.T) {
	m := newModule()
	cleaned := make(chan string, 2)
	begun, late := make(chan nothing, 2), make(chan nothing)
	hub.Function(m, "deaf", func(ctx context.Context, _ nothing) (int, error) { begun <- nothing{}; <-late; return 1, nil })
	hub.Function(m, "polite", func(ctx context.Context, _ nothing) (int, error) {
		begun <- nothing{}
		<-ctx.Done()
		cleaned <- "call"
		return 0, ctx.Err()
	})
	m.OnCleanup(func(context.Context) error { cleaned <- "module"; return nil })
	w := serve(t, m)
	w.start(limit)
	w.send(request(10, "deaf", "{}"))
	w.send(request(11, "polite", "{}"))
	await(t, begun)
	await(t, begun)
	w.send(request(12, "module_cleanup", "{}"))
	if line := string(w.next()); !contains(line, `"id":11`, `"error"`) {
		t.Errorf("got %s", line)
	}
	w.wants(`{"jsonrpc":"2.0","id":12,"result":{}}`)
	close(late)
	w.send(request(13, "ping", "{}"))
	w.send("garbage")
	w.send(request(14, "deaf", "{}"))
	if err := w.ends(); err != nil {
		t.Errorf("it ended with %s", err)
	}
	if line := w.next(); line != nil {
		t.Errorf("%s was written after the answer to module_cleanup", line)
	}
	if first, second := await(t, cleaned), await(t, cleaned); first != "call" || second != "module" {
		t.Errorf("cleaned up in the order %s, %s", first, second)
	}
}

func TestCleanupRunsOnceHoweverTheModuleEnds(t *testing.T) {
	for how, end := range map[string]func(*wire){
		"end of input":            func(w *wire) { w.in.Close() },
		"signal":                  func(w *wire) { w.stop() },
		"module_cleanup, and end": func(w *wire) { w.send(request(9, "module_cleanup", "{}")); w.next(); w.in.Close() },
	} {
		m := newModule()
		cleaned := 0
		m.OnCleanup(func(context.Context) error { cleaned++; return errors.New("it failed, and nobody is told") })
		w := serve(t, m)
		w.start(limit)
		end(w)
		await(t, w.ended)
		if cleaned != 1 {
			t.Errorf("%s: cleaned up %d times", how, cleaned)
		}
	}
}

func TestAModuleThatWasNeverInitialisedIsNotCleanedUp(t *testing.T) {
	m := newModule()
	m.OnCleanup(func(context.Context) error { t.Error("it was cleaned up"); return nil })
	w := serve(t, m)
	w.send(request(1, "module_cleanup", "{}"))
	w.wants(`{"jsonrpc":"2.0","id":1,"result":{}}`)
	if err := w.ends(); err != nil {
		t.Error(err)
	}
}

func TestTheEndOfInputIsStrongerThanAnyHandler(t *testing.T) {
	m := newModule()
	never := make(chan nothing)
	t.Cleanup(func() { close(never) })
	begun := make(chan nothing)
	hub.Function(m, "deaf", func(context.Context, nothing) (int, error) { close(begun); <-never; return 1, nil })
	m.OnCleanup(func(context.Context) error { <-never; return nil })
	w := serve(t, m)
	w.start(limit)
	w.send(request(10, "deaf", "{}"))
	await(t, begun)
	start := time.Now()
	if err := w.ends(); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestAHubThatDoesNotReadCannotKeepTheModule(t *testing.T) {
	m := newModule()
	begun := make(chan nothing, 4)
	hub.Function(m, "big", func(context.Context, nothing) (string, error) {
		begun <- nothing{}
		return strings.Repeat("x", 4<<20), nil
	})
	in, out := newBlockedPipe(), newBlockedPipe()
	ended := make(chan error, 1)
	go func() { ended <- m.Serve(t.Context(), in, out, &safeBuffer{}) }()
	in.data <- []byte(`{"jsonrpc":"2.0","id":1,"method":"module_init","params":{}}` + "\n")
	for id := range 3 {
		in.data <- []byte(request(10+id, "big", "{}") + "\n")
	}
	for range 3 {
		await(t, begun)
	}
	close(in.data)
	await(t, ended)
}

// blockedPipe gives what the test puts into it, and never takes anything.
type blockedPipe struct{ data chan []byte }

func newBlockedPipe() *blockedPipe { return &blockedPipe{make(chan []byte, 8)} }

func (p *blockedPipe) Read(into []byte) (int, error) {
	data, open := <-p.data
	if !open {
		return 0, errors.New("closed")
	}
	return copy(into, data), nil
}

func (p *blockedPipe) Write([]byte) (int, error) { select {} }

func TestAModuleThatIsBuiltWronglySaysSo(t *testing.T) {
	m := hub.NewModule(hub.Info{Name: "Bad Name", Version: "1", RequiredModules: map[string]string{"a": "latest"}})
	m.Permissions("root")
	m.Workers(0)
	hub.Function(m, "ping", func(context.Context, nothing) (int, error) { return 0, nil })
	hub.Function(m, "by_position", func(context.Context, []int) (int, error) { return 0, nil })
	hub.Function(m, "twice", func(context.Context, nothing) (int, error) { return 0, nil })
	hub.Function(m, "twice", func(context.Context, nothing) (int, error) { return 0, nil }, hub.Fails(-32000, "x"), hub.Timeout(-1),
		hub.Returns(rawJSON(`{"$ref":"https://example.org/x"}`)), hub.Shows("no JSON", nothing{}, make(chan int)))
	hub.OnInit(m, func(context.Context, chan int, string) error { return nil })
	err := m.Err()
	if err == nil || !contains(err.Error(), "HUB-INFO-2", "HUB-INFO-3", "HUB-INFO-4", "HUB-INFO-5", "HUB-INFO-6", "HUB-CAPS-7", "0 workers",
		`"ping"`, "HUB-CAPS-3", "twice (HUB-CAPS-2)", "HUB-CAPS-6", "timeout", "HUB-CAPS-4", "an example cannot be sent", "configuration") {
		t.Errorf("got %v", err)
	}
	if err := m.Serve(t.Context(), strings.NewReader(""), &safeBuffer{}, &safeBuffer{}); err == nil {
		t.Error("it is served all the same")
	}
}

func TestFunctionsMayComeAndGo(t *testing.T) {
	m := newModule()
	hub.Function(m, "change", func(ctx context.Context, _ nothing) (hub.Null, error) {
		hub.Function(m, "new", func(context.Context, nothing) (int, error) { return 1, nil })
		m.Remove("change")
		hub.CapabilitiesChanged(ctx)
		return hub.Null{}, nil
	})
	w := serve(t, m)
	w.start(limit)
	w.send(request(10, "change", "{}"))
	w.wants(`{"jsonrpc":"2.0","method":"capabilities_changed","params":{}}`)
	w.wants(`{"jsonrpc":"2.0","id":10,"result":null}`)
	w.send(request(11, "capabilities", "{}"))
	if line := string(w.next()); !contains(line, `"new"`) || contains(line, `"change"`) {
		t.Errorf("got %s", line)
	}
	w.send(request(12, "change", "{}"))
	w.wantsError("12", hub.CodeMethodNotFound)
}
