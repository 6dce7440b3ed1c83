// Owns the run of the shared session and reject vectors.

package hub_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
	"github.com/hub-plugins/hub/sdk/go/internal/vectors"
)

type sessionCase struct {
	ID     string `json:"id"`
	Module string `json:"module"`
	Steps  []step `json:"steps"`
}

type step struct {
	From     string `json:"from"`
	Send     any    `json:"send"`
	EOF      bool   `json:"eof"`
	Exit     any    `json:"exit"`
	Optional bool   `json:"optional"`
	AnyOrder []step `json:"any_order"`
}

func TestEverySessionVectorIsPlayed(t *testing.T) {
	tally := vectors.Count(t, "sessions")
	for _, c := range vectors.Load[sessionCase](t, "sessions") {
		skip := ""
		if c.Module != "vectors" {
			skip = "it is played by a script: only a hub is under test"
		}
		tally.Run(t, c.ID, skip, func(t *testing.T) {
			p := player{wire: serve(t, vectorsModule()), t: t, names: map[string]any{"data_directory": t.TempDir()}}
			for i, s := range c.Steps {
				p.play(i, s)
			}
		})
	}
}

type player struct {
	*wire
	t     *testing.T
	names map[string]any
	ahead []byte // a frame that an optional step left for the next
}

func (p *player) play(number int, s step) {
	p.t.Helper()
	switch {
	case s.From == "hub" && s.EOF:
		p.in.Close()
	case s.From == "hub":
		text, err := json.Marshal(filled(s.Send, p.names))
		if err != nil {
			p.t.Fatal(err)
		}
		p.send(string(text))
	case s.Exit != nil:
		p.exits(number)
	case s.AnyOrder != nil:
		p.anyOrder(number, s.AnyOrder)
	default:
		line := p.frame()
		if value := decoded(line); !fits(s.Send, value, p.names) {
			if s.Optional {
				p.ahead = line
				return
			}
			p.t.Fatalf("step %d: got %s\nnot %v\nlog:\n%s", number, line, s.Send, p.stderr)
		}
	}
}

func (p *player) frame() []byte {
	p.t.Helper()
	if line := p.ahead; line != nil {
		p.ahead = nil
		return line
	}
	return p.next()
}

func (p *player) anyOrder(number int, wanted []step) {
	p.t.Helper()
	for range len(wanted) {
		line := p.frame()
		at := slices.IndexFunc(wanted, func(s step) bool { return fits(s.Send, decoded(line), p.names) })
		if at < 0 {
			p.t.Fatalf("step %d: got %s, which fits none of %v", number, line, wanted)
		}
		wanted = slices.Delete(wanted, at, at+1)
	}
}

// exits: in memory, status 0 is Serve returning nil.
func (p *player) exits(number int) {
	p.t.Helper()
	if line := p.frame(); line != nil {
		p.t.Fatalf("step %d: the module wrote %s instead of ending", number, line)
	}
	if err := p.ends(); err != nil {
		p.t.Fatalf("step %d: the module ended with %s", number, err)
	}
}

func decoded(line []byte) any {
	var value any
	if json.Unmarshal(line, &value) != nil {
		return absent{}
	}
	return value
}

type rejectCase struct {
	ID            string         `json:"id"`
	Input         vectors.Input  `json:"input"`
	MaxFrameBytes int            `json:"max_frame_bytes"`
	Answer        map[string]any `json:"answer"`
	MayBeSilent   bool           `json:"may_be_silent"`
	MaySucceed    bool           `json:"may_succeed"`
}

// isLate says whether the answer comes from a function: those have goroutines of their own, perhaps after the ping's answer.
func (c *rejectCase) isLate() bool {
	_, isResult := c.Answer["result"]
	codes, _ := c.Answer["codes"].([]any)
	return !c.MayBeSilent && (isResult || slices.Contains(codes, any(-32602.0)))
}

func TestEveryRejectVectorGetsItsOneAnswer(t *testing.T) {
	tally := vectors.Count(t, "reject/to_module")
	for _, c := range vectors.Load[rejectCase](t, "reject/to_module") {
		tally.Run(t, c.ID, "", func(t *testing.T) {
			w := serve(t, vectorsModule())
			limit := c.MaxFrameBytes
			if limit == 0 {
				limit = codec.MaxFrameBytes
			}
			w.start(limit)
			w.write(c.Input.Bytes())
			w.send(`{"jsonrpc":"2.0","id":"the ping","method":"ping"}`)
			var answers [][]byte
			for pinged := false; !pinged || c.isLate() && len(answers) == 0; {
				line := w.next()
				if line == nil {
					t.Fatalf("the module ended; log:\n%s", w.stderr)
				}
				if strings.Contains(string(line), `"the ping"`) {
					pinged = true
				} else {
					answers = append(answers, line)
				}
			}
			c.check(t, answers)
		})
	}
}

func (c *rejectCase) check(t *testing.T, answers [][]byte) {
	t.Helper()
	if c.Answer == nil || c.MayBeSilent && len(answers) == 0 {
		if len(answers) != 0 {
			t.Fatalf("there should be no answer, and there is %s", answers)
		}
		return
	}
	if len(answers) != 1 {
		t.Fatalf("there should be one answer, and there are %d: %s", len(answers), answers)
	}
	got, _ := decoded(answers[0]).(map[string]any)
	ids, _ := c.Answer["ids"].([]any)
	result, hasResult := got["result"]
	wanted, wantsResult := c.Answer["result"]
	good := slices.Contains(ids, got["id"])
	switch {
	case wantsResult:
		good = good && hasResult && fits(wanted, result, map[string]any{})
	case hasResult:
		good = good && c.MaySucceed
	default:
		object, _ := got["error"].(map[string]any)
		good = good && slices.Contains(c.Answer["codes"].([]any), object["code"])
		if data, wantsData := c.Answer["data"]; wantsData {
			good = good && fits(data, object["data"], map[string]any{})
		}
	}
	if !good {
		t.Fatalf("got %s, not %v", answers[0], c.Answer)
	}
}
