// Owns reads and writes of which the runtime is not told; must not know what is read or written.

package stdio

import (
	"io"
	"os"
	"syscall"
	"time"
	"unsafe"

	"github.com/hub-plugins/hub/sdk/go/internal/pulse"
)

// An ordinary system call lets the runtime's monitor thread see to it that one that blocks holds nobody up. Where a process has been idle,
// that thread has to be woken first, and goes to sleep soon after: two more switches between threads for each call that comes alone. Our
// descriptors never block, so there is nothing to see to.

// Streams returns the same two streams for the protocol, which has one reader, and one writer at a time.
func Streams(in, out *os.File) (io.Reader, io.Writer) {
	if !isPipe(in) || !isPipe(out) {
		return in, out
	}
	reads, inErr := in.SyscallConn()
	writes, outErr := out.SyscallConn()
	if inErr != nil || outErr != nil {
		return in, out
	}
	r := &reader{stream: stream{conn: reads}, pulse: pulse.New(pulseInterval, func() {})}
	w := &writer{stream: stream{conn: writes}}
	r.step, w.step = r.read, w.write
	return r, w
}

type stream struct {
	conn syscall.RawConn
	step func(fd uintptr) bool
	data []byte
	n    int
	err  error
}

func (s *stream) call(trap, fd uintptr, data []byte) (int, syscall.Errno) {
	for {
		n, _, errno := syscall.RawSyscall(trap, fd, uintptr(unsafe.Pointer(unsafe.SliceData(data))), uintptr(len(data)))
		if errno != syscall.EINTR {
			return int(n), errno
		}
	}
}

type reader struct {
	stream
	pulse *pulse.Pulse
}

func (r *reader) Read(data []byte) (int, error) {
	if len(data) == 0 {
		return 0, nil
	}
	r.data, r.n, r.err = data, 0, nil
	if err := r.conn.Read(r.step); err != nil {
		return 0, err
	}
	r.data = nil
	r.keepMonitor()
	return r.n, r.err
}

func (r *reader) read(fd uintptr) bool {
	n, errno := r.call(syscall.SYS_READ, fd, r.data)
	switch {
	case errno == syscall.EAGAIN:
		return false
	case errno != 0:
		r.err = os.NewSyscallError("read", errno)
	case n == 0:
		r.err = io.EOF
	default:
		r.n = n
	}
	return true
}

type writer struct{ stream }

func (w *writer) Write(data []byte) (int, error) {
	w.data, w.n, w.err = data, 0, nil
	if err := w.conn.Write(w.step); err != nil {
		return w.n, err
	}
	w.data = nil
	return w.n, w.err
}

func (w *writer) write(fd uintptr) bool {
	for w.n < len(w.data) {
		n, errno := w.call(syscall.SYS_WRITE, fd, w.data[w.n:])
		if errno == syscall.EAGAIN {
			return false
		}
		if errno != 0 {
			w.err = os.NewSyscallError("write", errno)
			return true
		}
		w.n += n
	}
	return true
}

// pulseInterval is how long a handler may compute before the monitor thread looks: as long as the runtime lets a goroutine run.
const pulseInterval = 10 * time.Millisecond

// keepMonitor keeps the monitor thread from sleeping through a handler that computes: on a single core nobody else could interrupt that.
// The thread sleeps no longer than to the next timer, so there is one while the stream is in use, and the thread is woken at the first.
func (r *reader) keepMonitor() {
	if r.pulse.Keep() {
		_, _, _ = syscall.Syscall(syscall.SYS_GETPID, 0, 0, 0) // an ordinary call wakes it, whatever it does
	}
}
