// Owns the tests of progress, in a time that costs none.

package hub_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hub-plugins/hub/sdk/go"
	"github.com/hub-plugins/hub/sdk/go/hubtest"
)

func TestProgressComesAtMostTwentyTimesASecondAndTheLastAlways(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const reports = 3000
		m := newModule()
		hub.Function(m, "work", func(ctx context.Context, _ nothing) (hub.Null, error) {
			for i := 1; i <= reports; i++ {
				time.Sleep(time.Millisecond) // in the bubble's time, which costs none
				hub.Progress(ctx, float64(i), reports, "working")
			}
			hub.Progress(ctx, reports-1, reports, "backwards is not reported")
			return hub.Null{}, nil
		})
		var seen []hubtest.Progress
		var times []time.Time
		s := hubtest.Start(t, m, hubtest.Settings{OnProgress: func(p hubtest.Progress) {
			seen = append(seen, p)
			times = append(times, time.Now())
		}})
		if _, err := s.Call(t.Context(), "work", nil); err != nil {
			t.Fatal(err)
		}
		if len(seen) < 45 || seen[0].Done != 1 || seen[len(seen)-1].Done != reports || *seen[0].Total != reports {
			t.Errorf("%d reports, the last %+v", len(seen), seen[len(seen)-1])
		}
		for i := range seen {
			if i > 0 && seen[i].Done <= seen[i-1].Done {
				t.Errorf("done fell from %v to %v", seen[i-1].Done, seen[i].Done)
			}
			// The last one goes out with the answer, whatever the time.
			if i >= 20 && i < len(seen)-1 && times[i].Sub(times[i-20]) < time.Second {
				t.Fatalf("21 reports within %s", times[i].Sub(times[i-20]))
			}
		}
	})
}

func TestAReportThatHasToWaitIsSentWhileTheCallGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModule()
		hub.Function(m, "burst", func(ctx context.Context, _ nothing) (hub.Null, error) {
			for i := 1; i <= 100; i++ {
				hub.Progress(ctx, float64(i), 0, "")
			}
			time.Sleep(time.Hour)
			return hub.Null{}, nil
		})
		start := time.Now()
		var last hubtest.Progress
		var when time.Duration
		s := hubtest.Start(t, m, hubtest.Settings{OnProgress: func(p hubtest.Progress) { last, when = p, time.Since(start) }})
		if _, err := s.Call(t.Context(), "burst", nil); err != nil {
			t.Fatal(err)
		}
		if last.Done != 100 || when > time.Second || last.Total != nil {
			t.Errorf("the last report was %+v after %s", last, when)
		}
	})
}
