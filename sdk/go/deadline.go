// Owns when a call's caller stops waiting, which moves while the hub waits for a person (HUB-HOST-6); must not know what a call does.

package hub

import (
	"sync"
	"time"
)

// askPatience is how long one call's clock stands still, all its questions together: what the protocol allows a person.
const askPatience = 300 * time.Second

// deadline is when a call's caller stops waiting. The zero one is none.
type deadline struct {
	mu       sync.Mutex
	at       time.Time
	timer    *time.Timer
	patience time.Duration
	holds    int
	since    time.Time
}

// start calls passed at that time: before it returns, if that is now.
func (d *deadline) start(at time.Time, passed func()) {
	d.at, d.patience = at, askPatience
	within := time.Until(at)
	if within <= 0 {
		passed()
	}
	d.timer = time.AfterFunc(within, passed)
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
	}
}

// when returns the deadline; a timer that has none has no deadline.
func (d *deadline) when() (at time.Time, known bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at, d.timer != nil
}

// hold lets the clock stand still until release: the hub is at work for this call, and may be asking a person.
func (d *deadline) hold() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer == nil {
		return
	}
	d.holds++
	if d.holds == 1 {
		d.since = time.Now()
		d.timer.Reset(time.Until(d.at) + d.patience)
	}
}

// release lets the clock go on. What a called module asks a person is told to nobody; but an answer behind the deadline shows that it has moved.
func (d *deadline) release(surely bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer == nil {
		return
	}
	d.holds--
	if now := time.Now(); surely || now.After(d.at) {
		moved := min(now.Sub(d.since), d.patience)
		d.at, d.patience, d.since = d.at.Add(moved), d.patience-moved, now
	}
	left := time.Until(d.at)
	if d.holds > 0 {
		left += d.patience
	}
	d.timer.Reset(left)
}
