// Owns the way out: frames in order, by one writer; must not know what is in them.

package hub

import (
	"errors"
	"io"
	"runtime"
	"sync"
	"time"
)

const (
	// batchBytes is what is joined into one write: as much as a pipe takes at a time.
	batchBytes = 64 * 1024
	// fullBytes is where handlers wait before they add more: what waits is memory that only a slow hub costs.
	fullBytes = 1024 * 1024
	// lostBytes is where the reader, which must not wait, takes the hub for one that does not read at all.
	lostBytes = 64 * 1024 * 1024
)

var errNotRead = errors.New("the hub does not read what the module writes")

// outbox owns the way out: frames from any goroutine, in order, written by one at a time. Everything that is ready goes out in one write.
type outbox struct {
	to io.Writer

	mu      sync.Mutex
	changed sync.Cond
	queue   [][]byte
	bytes   int  // waiting or being written
	writing bool // somebody writes, and goes on until the queue is empty
	joined  []byte
	sealed  bool
	err     error
	failed  chan struct{}
}

func newOutbox(to io.Writer) *outbox {
	o := &outbox{to: to, failed: make(chan struct{})}
	o.changed.L = &o.mu
	return o
}

// put adds a frame without waiting: for the reader, which must see the end of the stream whatever the hub does.
func (o *outbox) put(frame []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.add(frame)
	if o.bytes > lostBytes {
		o.fail(errNotRead)
	}
}

// putWait adds a frame as soon as there is room; before runs at that moment, so that nobody sees the frame first.
func (o *outbox) putWait(frame []byte, before func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.room()
	before()
	o.add(frame)
}

// write is putWait that writes the frame itself where nobody else is writing: waking another goroutine costs more than the write. It
// may block as long as the hub does not read, so what has to go on then must not call it.
func (o *outbox) write(frame []byte, before func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.room()
	before()
	if o.sealed {
		return
	}
	o.queue = append(o.queue, frame)
	o.bytes += len(frame)
	if o.writing {
		return
	}
	o.writing = true
	o.mu.Unlock()
	runtime.Gosched() // what else is ready to answer does so first, and goes out with this
	o.mu.Lock()
	o.writeAll()
}

func (o *outbox) room() {
	for o.bytes > fullBytes && !o.sealed {
		o.changed.Wait()
	}
}

// last adds a frame after which nothing is ever written (HUB-CLEAN-2).
func (o *outbox) last(frame []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.add(frame)
	o.seal()
}

// stop lets nothing be added any more; what waits is still written.
func (o *outbox) stop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seal()
}

func (o *outbox) add(frame []byte) {
	if o.sealed {
		return
	}
	o.queue = append(o.queue, frame)
	o.bytes += len(frame)
	o.changed.Broadcast()
}

func (o *outbox) seal() {
	o.sealed = true
	o.changed.Broadcast()
}

func (o *outbox) fail(err error) {
	if o.err == nil {
		o.err = err
		close(o.failed)
	}
	o.queue, o.bytes = nil, 0
	o.seal()
}

// run writes what put adds, until the outbox is sealed and empty, or cannot be written to.
func (o *outbox) run() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.err == nil {
		switch {
		case len(o.queue) > 0 && !o.writing:
			o.writing = true
			o.writeAll()
		case len(o.queue) == 0 && o.sealed:
			return
		default:
			o.changed.Wait()
		}
	}
}

// writeAll writes until nothing waits; writing is set and mu is held, but not while it writes.
func (o *outbox) writeAll() {
	for len(o.queue) > 0 {
		var piece []byte
		piece, o.joined, o.queue = nextPiece(o.joined[:0], o.queue)
		o.mu.Unlock()
		_, err := o.to.Write(piece)
		o.mu.Lock()
		if err != nil {
			o.fail(err)
			break
		}
		o.bytes = max(0, o.bytes-len(piece))
	}
	o.writing = false
	o.changed.Broadcast()
}

// nextPiece takes from the front of the queue what goes into one write. A large frame goes alone: joining would only copy it.
func nextPiece(joined []byte, queue [][]byte) (piece, buffer []byte, rest [][]byte) {
	if len(queue) == 1 || len(queue[0]) >= batchBytes {
		piece, queue[0] = queue[0], nil
		return piece, joined, queue[1:]
	}
	for len(queue) > 0 && len(joined)+len(queue[0]) <= batchBytes {
		joined = append(joined, queue[0]...)
		queue[0] = nil
		queue = queue[1:]
	}
	return joined, joined, queue
}

// close stops the outbox, and returns when all is written or the time is over.
func (o *outbox) close(within time.Duration) error {
	expired := false
	timer := time.AfterFunc(within, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		expired = true
		o.changed.Broadcast()
	})
	defer timer.Stop()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seal()
	for o.bytes > 0 && !expired {
		o.changed.Wait()
	}
	return o.err
}
