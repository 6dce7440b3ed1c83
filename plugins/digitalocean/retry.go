// Owns whether and when a request is tried again; must not know what is asked.

package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	// firstBackoff doubles with each attempt up to maxBackoff: a hiccup is over in a moment, an overload gets air.
	firstBackoff = 200 * time.Millisecond
	maxBackoff   = 5 * time.Second
	// maxWait bounds what a service can ask for where a call has no deadline.
	maxWait = time.Minute
	// maxRetryAfterSeconds is beyond every deadline, and far from where a number of seconds no longer fits into a time.Duration.
	maxRetryAfterSeconds = 1_000_000
)

func random() float64 { return rand.Float64() }

// sleep waits, or returns at once when ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// settle makes attempts until one is good, or none may follow. A creation is made again only where the service has surely not acted.
func (c *client) settle(ctx context.Context, r request) (outcome, error) {
	doubtful := false // an attempt before this one may have been carried out, unseen
	for attempt := 1; ; attempt++ {
		end := c.once(ctx, r)
		if err := ctx.Err(); err != nil {
			return end, err // the deadline, or the caller gave up: the SDK knows what to say
		}
		if end.err == nil && end.status >= 200 && end.status < 300 {
			return end, nil
		}
		if end.err == nil && end.status == http.StatusNotFound && doubtful && r.method == http.MethodDelete {
			return end, nil // the attempt before had done it
		}
		failure := c.failure(r, end, doubtful)
		wait, again := c.pause(r, end, attempt)
		if !again || !fits(ctx, c.now(), wait) {
			return end, failure
		}
		doubtful = doubtful || end.uncertain()
		if err := c.sleep(ctx, wait); err != nil {
			return end, err
		}
	}
}

// uncertain is whether the service may have acted although nobody saw it.
func (e outcome) uncertain() bool { return (e.err != nil && e.sent) || e.status >= 500 }

// pause returns how long to wait before the next attempt, and whether there is one.
func (c *client) pause(r request, end outcome, attempt int) (time.Duration, bool) {
	if attempt >= c.attempts || errors.Is(end.err, errTooLong) {
		return 0, false
	}
	throttled := end.err == nil && end.status == http.StatusTooManyRequests
	switch {
	case throttled:
	case end.err == nil && end.status < 500:
		return 0, false
	case r.method == http.MethodPost && end.uncertain():
		return 0, false
	}
	wait := min(firstBackoff<<(attempt-1), maxBackoff)
	wait += time.Duration((c.random() - 0.5) * 0.5 * float64(wait)) // ±25 %: those who failed together do not come back together
	if asked, ok := retryAfter(end.header, c.now()); throttled && ok {
		wait = max(wait, asked)
	}
	return wait, true
}

// fits is whether something may still happen after the wait.
func fits(ctx context.Context, now time.Time, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return wait <= maxWait && (!ok || now.Add(wait).Before(deadline))
}

// retryAfter reads the header of that name: seconds, or a date (RFC 9110, 10.2.3).
func retryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	text := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 64); err == nil {
		return time.Duration(min(seconds, maxRetryAfterSeconds)) * time.Second, true
	}
	if date, err := http.ParseTime(text); err == nil {
		return min(max(date.Sub(now), 0), maxRetryAfterSeconds*time.Second), true
	}
	return 0, false
}
