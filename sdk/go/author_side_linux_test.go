// Owns the author's side of misbehaviour, case by case as in the other languages, on real processes: a module survives it.

package hub_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// authorSide are the cases by the names that all languages have for them; each gets a process of its own.
var authorSide = []struct {
	name, program string
	// What stands in the log when it has ended is returned.
	check func(*testing.T, *child) (logged []string)
}{
	{"unknown-method", "echo", func(_ *testing.T, c *child) []string { // HUB-LIFE-5
		c.send(request(10, "no_such_function", `{}`))
		c.wantsError("10", -32601)
		return nil
	}},
	{"missing-params", "echo", func(t *testing.T, c *child) []string { // HUB-CALL-2
		for _, params := range []string{"", `,"params":{"a":1}`} {
			c.send(`{"jsonrpc":"2.0","id":10,"method":"add"` + params + `}`)
			if got := c.wantsError("10", -32602); !contains(string(got.Data), `"pointer":"/`) {
				t.Errorf("the data is %s", got.Data)
			}
		}
		return nil
	}},
	{"malformed-json", "echo", func(_ *testing.T, c *child) []string { // HUB-FRAME-13
		c.send(`hello?`)
		c.wantsError("null", -32700)
		return nil
	}},
	{"recovered-id", "echo", func(_ *testing.T, c *child) []string { // HUB-ID-5
		c.send(`{"jsonrpc":"2.0","id":13,"method":"add","params":{"a":`)
		c.wantsError("13", -32700)
		return nil
	}},
	{"language-prints", "noisy", printed("print", `"done"`, "printed by a handler")},
	// What a C library does: a write to descriptor 1, past everything that Go knows.
	{"c-prints", "noisy", printed("write", `24`, "written to descriptor 1")},
	{"child-prints", "noisy", printed("child", `"done"`, "printed by a child")},
	{"handler-raises", "echo", func(t *testing.T, c *child) []string { // HUB-CALL-4
		c.send(request(10, "crash", `{"how":"panic"}`))
		got := c.wantsError("10", -32603)
		if strings.Contains(got.Message, "a panic that was asked for") {
			t.Errorf("its text went over the wire: %s", got.Message)
		}
		var data struct {
			CorrelationID string `json:"correlation_id"`
		}
		if err := json.Unmarshal(got.Data, &data); err != nil || data.CorrelationID == "" {
			t.Errorf("there is no correlation id in %s", got.Data)
		}
		return []string{data.CorrelationID, "a panic that was asked for"}
	}},
	{"new-fields", "echo", func(_ *testing.T, c *child) []string { // HUB-MSG-7
		c.send(`{"jsonrpc":"2.0","id":10,"method":"whoami","params":{},"context":{"trace_id":"abc","new":[1]},"also_new":{"x":1}}`)
		c.wants(`{"jsonrpc":"2.0","id":10,"result":{"trace_id":"abc"}}`)
		return nil
	}},
	{"concurrent-handlers", "echo", func(_ *testing.T, c *child) []string { // HUB-PING-1, HUB-CANCEL-2
		c.send(request(10, "slow", `{"seconds":3600,"steps":1}`))
		c.send(request(11, "slow", `{"seconds":3600,"steps":1}`))
		c.send(request(12, "ping", `{}`))
		c.wants(`{"jsonrpc":"2.0","id":12,"result":{}}`)
		for _, id := range []string{"11", "10"} { // the first is still open when the second ends
			c.send(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":` + id + `}}`)
			c.wantsError(id, -31000)
		}
		return nil
	}},
	{"end-of-input", "echo", func(_ *testing.T, c *child) []string { // HUB-LIFE-4; that it then ends in a second is seen of each case
		c.send(request(10, "slow", `{"seconds":3600}`))
		return nil
	}},
	{"silent-after-cleanup", "echo", func(_ *testing.T, c *child) []string { // HUB-CLEAN-2; that nothing follows, too
		c.send(request(10, "module_cleanup", `{}`))
		c.wants(`{"jsonrpc":"2.0","id":10,"result":{}}`)
		c.send(request(11, "ping", `{}`))
		c.send(`garbage`)
		return nil
	}},
}

// printed calls a function that prints, and finds in the log what it printed (HUB-OUT-1).
func printed(function, result, words string) func(*testing.T, *child) []string {
	return func(_ *testing.T, c *child) []string {
		c.send(request(10, function, `{}`))
		c.wants(`{"jsonrpc":"2.0","id":10,"result":` + result + `}`)
		return []string{words}
	}
}

func TestAuthorSide(t *testing.T) {
	for _, each := range authorSide {
		t.Run(each.name, func(t *testing.T) {
			c := spawn(t, each.program)
			c.start(limit)
			logged := each.check(t, c)
			if each.name != "silent-after-cleanup" {
				c.send(request(99, "ping", `{}`))
				c.wants(`{"jsonrpc":"2.0","id":99,"result":{}}`) // it lives
			}
			c.endsWithin(time.Second, c.close)
			if log := c.stderr.String(); !contains(log, logged...) {
				t.Errorf("the log has not all of %q:\n%s", logged, log)
			}
		})
	}
}
