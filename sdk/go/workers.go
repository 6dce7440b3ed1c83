// Owns the goroutines that calls are worked on in; must not know what a call is.

package hub

import "sync"

// maxIdleWorkers is how many goroutines are kept for calls to come: as many as a hub has calls under way.
const maxIdleWorkers = 64

// workers do calls, of which none waits for another: a goroutine goes from call to call, but whenever it leaves something behind, be it
// a call or an unwritten answer, another one is runnable that takes it over should this call block. So a burst of quick calls needs two
// goroutines, and two wake-ups, and their stacks have grown already.
type workers struct {
	do    func(c *call, buffer []byte) (rest []byte) // buffer is the goroutine's own, for its next call too
	flush func()                                     // writes what do left unwritten
	dirty func() bool                                // whether it left any

	mu      sync.Mutex
	queue   []*call
	next    int // in the queue
	idle    []chan struct{}
	coming  bool // one was woken and has not looked yet
	stopped bool
}

// add lets calls be done.
func (w *workers) add(calls []*call) {
	if len(calls) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.next > 0 && len(w.queue)+len(calls) > cap(w.queue) {
		waiting := copy(w.queue, w.queue[w.next:])
		clear(w.queue[waiting:])
		w.queue, w.next = w.queue[:waiting], 0
	}
	w.queue = append(w.queue, calls...)
	w.wake()
}

// take returns the next call, nil for none.
func (w *workers) take() *call {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.next == len(w.queue) {
		return nil
	}
	taken := w.queue[w.next]
	w.queue[w.next] = nil
	if w.next++; w.next == len(w.queue) {
		w.queue, w.next = w.queue[:0], 0
	}
	if len(w.queue) > 0 || w.dirty() {
		w.wake()
	}
	return taken
}

// wake makes sure that somebody is coming. The mutex is held.
func (w *workers) wake() {
	if w.coming {
		return
	}
	w.coming = true
	last := len(w.idle) - 1
	if last < 0 {
		go w.work(make(chan struct{}, 1))
		return
	}
	w.idle[last] <- struct{}{}
	w.idle = w.idle[:last]
}

func (w *workers) work(woken chan struct{}) {
	defer w.flush() // also where a handler ended the goroutine
	var buffer []byte
	for {
		w.flush() // others left it, who may be blocked
		w.look()
		for c := w.take(); c != nil; c = w.take() {
			buffer = w.do(c, buffer)
		}
		w.flush()
		if !w.rest(woken) {
			return
		}
		<-woken
	}
}

func (w *workers) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.coming = false
}

// rest says whether the goroutine that woken wakes is kept.
func (w *workers) rest(woken chan struct{}) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped || len(w.idle) == maxIdleWorkers {
		return false
	}
	w.idle = append(w.idle, woken)
	return true
}

// stop lets the goroutines end, each when it has nothing more to do.
func (w *workers) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = true
	for _, woken := range w.idle {
		close(woken)
	}
	w.idle = nil
}
