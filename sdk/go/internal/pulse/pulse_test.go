// Owns the tests of a pulse, in a time that costs none.

package pulse_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hub-plugins/hub/sdk/go/internal/pulse"
)

func TestAPulseBeatsWhileItIsKeptAndOnceMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var beats atomic.Int32
		var p *pulse.Pulse
		p = pulse.New(time.Second, func() {
			if beats.Add(1) == 5 {
				p.Keep() // in a beat: two more begin
			}
		})
		time.Sleep(time.Hour)
		if beats.Load() != 0 {
			t.Fatalf("%d beats before it was kept", beats.Load())
		}
		if !p.Keep() || p.Keep() {
			t.Error("it began twice, or never")
		}
		time.Sleep(1500 * time.Millisecond)
		if beats.Load() != 1 || p.Keep() {
			t.Errorf("%d beats, or it began anew", beats.Load())
		}
		time.Sleep(time.Hour)
		if beats.Load() != 3 {
			t.Errorf("%d beats after it was kept twice", beats.Load())
		}
		p.Keep()
		time.Sleep(time.Hour)
		if beats.Load() != 7 || time.Since(start) != 3*time.Hour+1500*time.Millisecond {
			t.Errorf("%d beats", beats.Load())
		}
	})
}
