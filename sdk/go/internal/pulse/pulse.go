// Package pulse owns a timer that beats while something is in use and at least once more, and then costs nothing. It must not know what
// that is.
package pulse

import (
	"sync/atomic"
	"time"
)

// Pulse beats at its interval. After each Keep two beats begin at least.
type Pulse struct {
	interval time.Duration
	beat     func()
	state    atomic.Int32
	timer    *time.Timer
}

// The states of a pulse.
const (
	silent int32 = iota
	unused       // since the last beat
	used
)

// New makes a pulse that is silent. No two beats are called at the same time.
func New(interval time.Duration, beat func()) *Pulse {
	p := &Pulse{interval: interval, beat: beat}
	p.timer = time.AfterFunc(interval, p.next)
	p.timer.Stop()
	return p
}

// Keep keeps it beating. It says whether it was silent.
func (p *Pulse) Keep() (begins bool) {
	if p.state.Load() == used || p.state.Swap(used) != silent {
		return false
	}
	p.timer.Reset(p.interval)
	return true
}

func (p *Pulse) next() {
	before := p.state.Swap(unused)
	p.beat()
	if before == used || !p.state.CompareAndSwap(unused, silent) {
		p.timer.Reset(p.interval)
	}
}
