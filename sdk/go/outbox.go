// Owns the way out: frames in order, by one writer; must not know what is in them.

package hub

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// batchBytes is what is joined into one write: as much as a pipe takes at a time.
	batchBytes = 64 * 1024
	// batchFrames is how many frames wait for others at most: a hub has no more calls under way, so it waits for one of these.
	batchFrames = 64
	// smallBytes is up to where copying a frame behind others costs less than keeping it.
	smallBytes = 4 * 1024
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
	more    sync.Cond // there is something for run to do
	changed sync.Cond // there is room, or the end
	queue   [][]byte
	empty   [4][]byte // the queue begins here, each time
	grows   bool      // the last of the queue is ours to append to
	frames  int       // in the queue
	bytes   int       // waiting or being written
	writing bool      // somebody writes, and goes on until the queue is empty
	spare   []byte    // for the next piece that grows; what was written last
	sealed  bool
	err     error
	failed  chan struct{}

	unwritten atomic.Bool // frames of send wait for flush
}

func newOutbox(to io.Writer) *outbox {
	o := &outbox{to: to, failed: make(chan struct{})}
	o.more.L, o.changed.L = &o.mu, &o.mu
	return o
}

// put adds a frame without waiting: for the reader, which must see the end of the stream whatever the hub does.
func (o *outbox) put(frame []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.add(frame)
	o.wake()
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
	o.wake()
}

// wake lets run write, unless somebody is at it.
func (o *outbox) wake() {
	if !o.writing {
		o.more.Signal()
	}
}

// send is putWait that leaves the writing to flush, which somebody must call soon: waking another goroutine costs more than the write.
// A frame that was kept belongs to the outbox. It says full where flush must come before anything else.
func (o *outbox) send(frame []byte, before func()) (kept, full bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.bytes > fullBytes {
		o.wake()
		o.room()
	}
	before()
	if o.sealed {
		return false, false
	}
	kept = o.add(frame)
	o.unwritten.Store(true)
	return kept, o.bytes >= batchBytes || o.frames >= batchFrames
}

// flush writes what waits, where nobody else is writing. It may block as long as the hub does not read, so what has to go on then must
// not call it.
func (o *outbox) flush() {
	if !o.unwritten.Load() {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.queue) > 0 && !o.writing {
		o.writeAll()
	}
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

// add says whether it kept the frame, and not a copy.
func (o *outbox) add(frame []byte) (kept bool) {
	if o.sealed {
		return false
	}
	o.bytes += len(frame)
	o.frames++
	if len(frame) > smallBytes {
		o.queue, o.grows = append(o.queue, frame), false
		return true
	}
	end := len(o.queue) - 1
	if !o.grows || len(o.queue[end])+len(frame) > batchBytes {
		o.queue, o.grows, o.spare = append(o.queue, o.spare[:0]), true, nil
		end++
	}
	o.queue[end] = append(o.queue[end], frame...)
	return false
}

func (o *outbox) seal() {
	o.sealed = true
	o.more.Signal()
	o.changed.Broadcast()
}

func (o *outbox) fail(err error) {
	if o.err == nil {
		o.err = err
		close(o.failed)
	}
	o.queue, o.grows, o.bytes = nil, false, 0
	o.seal()
}

// run writes what put adds, until the outbox is sealed and empty, or cannot be written to.
func (o *outbox) run() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.err == nil {
		switch {
		case len(o.queue) > 0 && !o.writing:
			o.writeAll()
		case len(o.queue) == 0 && o.sealed:
			return
		default:
			o.more.Wait()
		}
	}
}

// writeAll writes until nothing waits; mu is held, but not while it writes.
func (o *outbox) writeAll() {
	o.writing = true
	for len(o.queue) > 0 {
		o.unwritten.Store(false)
		piece := o.next()
		o.mu.Unlock()
		_, err := o.to.Write(piece)
		o.mu.Lock()
		if err != nil {
			o.fail(err)
			break
		}
		if cap(o.spare) < cap(piece) && cap(piece) <= 2*batchBytes {
			o.spare = piece
		}
		o.bytes = max(0, o.bytes-len(piece))
	}
	o.writing = false
	if o.sealed {
		o.more.Signal() // run has to see the end
	}
	o.changed.Broadcast()
}

// next takes from the front of the queue what goes into one write. A large frame goes alone: joining would only copy it.
func (o *outbox) next() []byte {
	piece := o.take()
	if len(o.queue) > 0 && len(piece)+len(o.queue[0]) <= batchBytes {
		joined := o.spare[:0]
		if o.spare = nil; cap(joined) < batchBytes {
			joined = make([]byte, 0, batchBytes)
		}
		for joined = append(joined, piece...); len(o.queue) > 0 && len(joined)+len(o.queue[0]) <= batchBytes; {
			joined = append(joined, o.take()...)
		}
		piece = joined
	}
	if len(o.queue) == 0 {
		o.queue, o.grows, o.frames = o.empty[:0], false, 0
	}
	return piece
}

func (o *outbox) take() []byte {
	piece := o.queue[0]
	o.queue[0] = nil
	o.queue = o.queue[1:]
	return piece
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
