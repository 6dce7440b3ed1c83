// Owns the reports of a call, and how often they are sent.

package hub

import (
	"context"
	"math"
	"time"

	"github.com/hub-plugins/hub/sdk/go/internal/codec"
	"github.com/hub-plugins/hub/sdk/go/internal/types"
)

// At most 20 reports in any second (HUB-PROG-2): a few at once, so that a short call shows each of its steps, and 16 a second behind them.
const (
	progressPerSecond = 20
	progressBurst     = 4
	progressInterval  = time.Second / (progressPerSecond - progressBurst)
)

type progressParams struct {
	ID      codec.RawMessage `json:"id"`
	Done    float64          `json:"done"`
	Total   *float64         `json:"total,omitempty"`
	Message string           `json:"message,omitempty"`
}

// progress is what a call reported: guarded by the call's mutex.
type progress struct {
	next    time.Time // when the next report would be due if all had kept their distance
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
	if c.over {
		return
	}
	if c.progress == nil {
		c.progress = &progress{}
	}
	p := c.progress
	if done < p.done {
		return
	}
	p.done = done
	p.waiting = &progressParams{ID: c.id.JSON(), Done: done, Message: message}
	if total != 0 {
		p.waiting.Total = &total
	}
	switch wait := time.Until(p.next.Add(-(progressBurst - 1) * progressInterval)); {
	case wait <= 0:
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
	p := c.progress
	if p == nil {
		return
	}
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
	if now := time.Now(); p.next.Before(now) {
		p.next = now
	}
	p.next = p.next.Add(progressInterval)
	c.session.out.put(codec.WriteNotification("$/progress", params))
}
