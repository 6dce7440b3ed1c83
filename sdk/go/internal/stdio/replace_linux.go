// Owns the two calls that Linux has of its own: dup3, and what a terminal answers.

package stdio

import (
	"os"
	"syscall"
	"unsafe"
)

// replace uses dup3, because newer architectures have no dup2.
func replace(from, to int) error { return syscall.Dup3(from, to, 0) }

// IsTerminal says whether a person sits at the other end.
func IsTerminal(file *os.File) bool {
	var settings syscall.Termios
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, file.Fd(), syscall.TCGETS, uintptr(unsafe.Pointer(&settings)))
	return errno == 0
}
