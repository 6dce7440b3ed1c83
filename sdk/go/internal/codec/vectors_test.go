// Owns the run of the shared frame vectors.

package codec_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
	"github.com/hub-plugins/hub/sdk/go/internal/vectors"
)

type outcome struct {
	Accepted      *[]json.RawMessage `json:"accepted"`
	AcceptedTexts *[]string          `json:"accepted_texts"`
	AcceptedCount *int               `json:"accepted_count"`
	Rejected      int                `json:"rejected"`
	Broken        bool               `json:"broken"`
}

type frameCase struct {
	ID            string        `json:"id"`
	Input         vectors.Input `json:"input"`
	Expected      outcome       `json:"expected"`
	Either        *outcome      `json:"either"`
	ModuleMay     *outcome      `json:"module_may"`
	MaxFrameBytes int           `json:"max_frame_bytes"`
	Framing       string        `json:"framing"`
}

func TestEveryFrameVectorIsReadHoweverItIsCut(t *testing.T) {
	tally := vectors.Count(t, "frames")
	for _, c := range vectors.Load[frameCase](t, "frames") {
		skip := ""
		if c.Framing == "content-length" {
			skip = "this SDK offers newline framing only: content-length is for programs that have such a library already"
		}
		tally.Run(t, c.ID, skip, func(t *testing.T) {
			limit := c.MaxFrameBytes
			if limit == 0 {
				limit = codec.MaxFrameBytes
			}
			input := c.Input.Bytes()
			checkOutcome(t, c, "whole", read(limit, input))
			checkOutcome(t, c, "with more behind", read(limit, append(input[:len(input):len(input)], `{"jsonrpc"`...)))
			single := make([][]byte, len(input))
			for i := range input {
				single[i] = input[i : i+1]
			}
			checkOutcome(t, c, "byte by byte", read(limit, single...))
		})
	}
}

type found struct {
	accepted []string
	rejected int
}

func read(limit int, pieces ...[]byte) found {
	splitter := codec.Splitter{MaxBytes: limit}
	var all found
	for _, piece := range pieces {
		splitter.Feed(piece, func(line codec.Line) bool {
			// The verdict on a frame, not on the message in it: those have vectors of their own.
			if codec.Read(line, limit).Code == -32700 || line.Overlong || codec.Kind(line.Text) != "object" {
				all.rejected++
			} else {
				all.accepted = append(all.accepted, string(line.Text))
			}
			return true
		})
	}
	return all
}

func checkOutcome(t *testing.T, c frameCase, how string, got found) {
	t.Helper()
	for _, allowed := range []*outcome{&c.Expected, c.Either, c.ModuleMay} {
		if allowed != nil && fits(*allowed, got) {
			return
		}
	}
	t.Errorf("%s: accepted %d, rejected %d: %.300q", how, len(got.accepted), got.rejected, got.accepted)
}

func fits(want outcome, got found) bool {
	if want.Rejected != got.rejected || want.AcceptedCount != nil && *want.AcceptedCount != len(got.accepted) {
		return false
	}
	if want.AcceptedTexts != nil && !sameValues(*want.AcceptedTexts, got.accepted) {
		return false
	}
	if want.Accepted == nil {
		return true
	}
	texts := make([]string, len(*want.Accepted))
	for i, each := range *want.Accepted {
		texts[i] = string(each)
	}
	return sameValues(texts, got.accepted)
}

func sameValues(want, got []string) bool {
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		var x, y any
		if json.Unmarshal([]byte(want[i]), &x) != nil || json.Unmarshal([]byte(got[i]), &y) != nil || !reflect.DeepEqual(x, y) {
			return false
		}
	}
	return true
}
