// Owns the moving of descriptors on Unix; must not know what is read or written.

//go:build unix

package stdio

import (
	"fmt"
	"os"
	"syscall"
)

func claim() (pair, error) {
	in, err := private(0, "hub's requests")
	if err != nil {
		return pair{}, err
	}
	out, err := private(1, "answers to the hub")
	if err != nil {
		return pair{}, err
	}
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		return pair{}, fmt.Errorf("cannot move standard input away: %w", err)
	}
	defer nothing.Close()
	if err := replace(int(nothing.Fd()), 0); err != nil {
		return pair{}, fmt.Errorf("cannot move standard input away: %w", err)
	}
	if err := replace(2, 1); err != nil {
		return pair{}, fmt.Errorf("cannot move standard output away: %w", err)
	}
	// The old ones may be known to the runtime's poller as what they were before.
	os.Stdin = os.NewFile(0, os.Stdin.Name())
	os.Stdout = os.NewFile(1, os.Stdout.Name())
	return pair{in, out}, nil
}

// firstPrivate keeps clear of the three descriptors that have a meaning, also where one of them was closed.
const firstPrivate = 3

func private(fd int, name string) (*os.File, error) {
	made, err := duplicate(fd, firstPrivate)
	if err != nil {
		return nil, fmt.Errorf("cannot keep descriptor %d: %w", fd, err)
	}
	// The runtime's poller waits for it then: a goroutine that blocks in a read keeps the others of its thread waiting until the
	// runtime notices, which takes longer than a call.
	if err := syscall.SetNonblock(made, true); err != nil {
		return nil, fmt.Errorf("cannot set up descriptor %d: %w", fd, err)
	}
	return os.NewFile(uintptr(made), name), nil
}

func duplicate(fd, least int) (int, error) {
	made, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_DUPFD_CLOEXEC, uintptr(least))
	if errno != 0 {
		return 0, errno
	}
	return int(made), nil
}
