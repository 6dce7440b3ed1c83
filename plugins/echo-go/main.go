// The module that has everything: what the hub's tests and demonstrations call. It owns no purpose of its own, and must stay equal to
// its cousins in the other languages: plugins/echo.capabilities.json says what they share.
package main

import (
	"time"

	"github.com/hub-plugins/hub/sdk/go"
	_ "github.com/hub-plugins/hub/sdk/go/early"
)

func main() { module().Run() }

func module() *hub.Module {
	m := hub.NewModule(hub.Info{
		Name: "echo-go", Version: "1.0.0", License: "Apache-2.0", Authors: []string{"The hub authors"},
		Description: []string{"The module that has everything, in Go."},
	})
	m.Permissions("ask", "store", "call:*")
	addAnswers(m)
	addEndings(m)
	addServices(m)
	return m
}

func addAnswers(m *hub.Module) {
	several := map[string]any{"a": []any{1, nil, "ü", true}}
	hub.Function(m, "echo", echo, hub.Summary("Answer the value that was given."), hub.ReadOnly(), hub.Idempotent(),
		hub.Shows("a value of several kinds", map[string]any{"value": several}, several),
		hub.Shows("nothing is a value too", map[string]any{"value": nil}, nil))
	hub.Function(m, "add", add, hub.Summary("Add two integers."), hub.ReadOnly(), hub.Idempotent(),
		hub.Shows("two and three", addArgs{A: 2, B: 3}, 5))
	hub.Function(m, "slow", slow, hub.Summary("Sleep, and report progress after each step."),
		hub.Description("Ends at once when it is cancelled."), hub.ReadOnly(), hub.Timeout(3630*time.Second),
		hub.Shows("no time at all", slowArgs{Seconds: 0, Steps: 2}, slept{0}))
}

func addEndings(m *hub.Module) {
	hub.Function(m, "fail", fail, hub.Summary("Answer with an error of the module's own."),
		hub.Fails(1001, "it failed on purpose"), hub.ShowsError("the declared error", struct{}{}, 1001))
	hub.Function(m, "crash", crash, hub.Summary("End the process without an answer, or fail in a way that nobody expected."),
		hub.Description("exit: ends with the status. signal: sends SIGKILL to itself. "+
			"panic: an unhandled error in the handler, which the module survives."), hub.Destructive())
	hub.Function(m, "call_back", callBack, hub.Summary("Call a function of another module through the hub, and answer its result."),
		hub.OpenWorld())
	hub.Function(m, "big", big, hub.Summary("Answer a string of that many x."), hub.ReadOnly(), hub.Idempotent(),
		hub.Shows("three", bigArgs{3}, "xxx"))
	hub.Function(m, "log", writeLog, hub.Summary("Write lines to the log, on standard error."), hub.Idempotent(),
		hub.Shows("one line", struct{}{}, logged{1}))
}

func addServices(m *hub.Module) {
	hub.Function(m, "whoami", whoami, hub.Summary("Answer the call's context: trace_id, chain, timeout_ms and profile, as given."),
		hub.Returns([]byte(`{"type":"object"}`)), hub.ReadOnly(), hub.Idempotent())
	hub.Function(m, "ask", ask, hub.Summary("Ask the person, and answer what the hub answered."), hub.OpenWorld(), hub.Timeout(300*time.Second))
	hub.Function(m, "store_get", storeGet, hub.Summary("Read a value from the module's store."), hub.ReadOnly(), hub.Idempotent())
	hub.Function(m, "store_set", storeSet, hub.Summary("Keep a value in the module's store."), hub.Idempotent())
	hub.Function(m, "store_delete", storeDelete, hub.Summary("Forget a value of the module's store."), hub.Destructive(), hub.Idempotent())
	hub.Function(m, "store_list", storeList, hub.Summary("List the keys of the module's store."), hub.ReadOnly(), hub.Idempotent())
}
