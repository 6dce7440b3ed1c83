// Owns the tests of what a worker leaves to others, step by step.

package hub

import (
	"sync/atomic"
	"testing"
	"time"
)

// bound is the one limit of all waits: what takes longer hangs.
const bound = 5 * time.Second

func await[T any](t *testing.T, what string, from <-chan T) {
	t.Helper()
	select {
	case <-from:
	case <-time.After(bound):
		t.Fatalf("it did not happen: %s", what)
	}
}

func TestAnAnswerThatWasLeftBetweenTwoBlockedWorkersIsWritten(t *testing.T) {
	var w workers
	var answered atomic.Bool
	var flushes atomic.Int32
	begun, looked, written := make(chan string, 3), make(chan struct{}), make(chan struct{}, 1)
	first, second, all := make(chan struct{}), make(chan struct{}), make(chan struct{})
	w.dirty = answered.Load
	w.flush = func() {
		if flushes.Add(1) == 2 { // of the second worker, before it takes its call: there is no answer yet
			close(looked)
			<-second
			return
		}
		if answered.Swap(false) {
			written <- struct{}{}
		}
	}
	w.do = func(c *call, _ []byte) []byte {
		begun <- c.method
		if c.method != "first" {
			<-all // blocked
			return nil
		}
		<-first
		answered.Store(true)
		return nil
	}
	defer w.stop()
	defer close(all)
	w.add([]*call{{method: "first"}})
	await(t, "the first call", begun)
	w.add([]*call{{method: "blocked"}, {method: "blocked too"}})
	await(t, "another worker", looked)
	close(first)
	await(t, "the first worker takes another call, and its answer waits", begun)
	close(second)
	await(t, "the other worker takes the last call", begun)
	await(t, "somebody writes the answer", written)
}
