// Owns the tests of the way out: every frame, in order, whatever writes it.

package hub

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

// recorder is a stream that counts writes.
type recorder struct {
	mu     sync.Mutex
	text   bytes.Buffer
	writes int
}

func (r *recorder) Write(data []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writes++
	return r.text.Write(data)
}

func TestFramesOfAllSizesGoOutInOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	to := &recorder{}
	o := newOutbox(to)
	ended := make(chan struct{})
	go func() { defer close(ended); o.run() }()
	var want bytes.Buffer
	for range 2000 {
		size := random.IntN(200)
		switch random.IntN(20) {
		case 0:
			size = random.IntN(2 * batchBytes)
		case 1:
			size = smallBytes + random.IntN(3) - 1
		}
		frame := append(bytes.Repeat([]byte{byte('a' + random.IntN(26))}, size), '\n')
		want.Write(frame)
		switch random.IntN(3) {
		case 0:
			o.put(frame)
		case 1:
			o.putWait(frame, func() {})
		default:
			kept, full := o.send(frame, func() {})
			if !kept {
				clear(frame) // it is the caller's again
			}
			if full || random.IntN(8) == 0 {
				o.flush()
			}
		}
	}
	o.flush()
	o.stop()
	<-ended
	if o.bytes != 0 || !bytes.Equal(to.text.Bytes(), want.Bytes()) {
		t.Errorf("%d bytes went out of %d; %d wait", to.text.Len(), want.Len(), o.bytes)
	}
}

func TestFramesThatWaitForFlushGoOutInOneWriteUntilThereAreEnough(t *testing.T) {
	to := &recorder{}
	o := newOutbox(to)
	for i := range batchFrames {
		if _, full := o.send([]byte("{}\n"), func() {}); full != (i == batchFrames-1) {
			t.Fatalf("after %d frames: full is %t", i+1, full)
		}
	}
	if !o.unwritten.Load() {
		t.Error("nobody would see that frames wait")
	}
	o.flush()
	o.flush()
	if to.writes != 1 || to.text.String() != strings.Repeat("{}\n", batchFrames) || o.unwritten.Load() {
		t.Errorf("%d writes: %q", to.writes, to.text.String())
	}
	if allocated := testing.AllocsPerRun(100, func() { o.send([]byte("{}\n"), func() {}); o.flush() }); allocated > 1 { // the recorder's own
		t.Errorf("a frame costs %v allocations", allocated)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken") }

func TestNothingWaitsForAnOutboxThatCannotWrite(t *testing.T) {
	o := newOutbox(brokenPipe{})
	o.send(make([]byte, 2*fullBytes), func() {})
	o.flush()
	<-o.failed
	for range 3 {
		o.send(make([]byte, 2*fullBytes), func() {}) // would wait for room for ever
		o.flush()
	}
	o.run()
}
