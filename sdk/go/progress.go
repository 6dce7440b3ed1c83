package hub

import (
	"context"
	"math"
	"time"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
	"github.com/hub-plugins/hub/sdk/go/internal/types"
)

// progressInterval keeps to 20 a second (HUB-PROG-2).
const progressInterval = time.Second / 20

type progressParams struct {
	ID      codec.RawMessage `json:"id"`
	Done    float64          `json:"done"`
	Total   *float64         `json:"total,omitempty"`
	Message string           `json:"message,omitempty"`
}

// progress is what a call reported: guarded by the call's mutex.
type progress struct {
	last    time.Time
	done    float64
	waiting *progressParams
	timer   *time.Timer
}

// Progress reports how far the call of ctx is. A total of 0 and an empty message are left out. It may be called as often as is convenient:
// at most 20 a second are sent, the last one always. Outside of a live call it does nothing.
func Progress(ctx context.Context, done, total float64, message string) {
	c := callOf(ctx)
	if c == nil || !c.session.offered("progress") || math.IsNaN(done+total) || math.IsInf(done+total, 0) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p := &c.progress
	if c.over || done < p.done {
		return
	}
	p.done = done
	p.waiting = &progressParams{ID: c.id.JSON(), Done: done, Message: message}
	if total != 0 {
		p.waiting.Total = &total
	}
	switch wait := progressInterval - time.Since(p.last); {
	case p.last.IsZero() || wait <= 0:
		c.flushProgress()
	case p.timer == nil:
		p.timer = time.AfterFunc(wait, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.flushProgress()
		})
	}
}

// flushProgress sends what waits. The mutex of the call is held.
func (c *call) flushProgress() {
	p := &c.progress
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	if p.waiting == nil || c.over {
		return
	}
	params, err := types.Encode(p.waiting, 1)
	p.waiting = nil
	if err != nil {
		return // a message that is not UTF-8 is not worth more
	}
	p.last = time.Now()
	c.session.out.put(codec.WriteNotification("$/progress", params))
}
