// Owns the same two calls on the other Unix systems.

//go:build unix && !linux

package stdio

import (
	"os"
	"syscall"
)

func replace(from, to int) error { return syscall.Dup2(from, to) }

// IsTerminal says whether a person probably sits at the other end: the null device looks the same, which costs it nothing but a line.
func IsTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && file.Name() != os.DevNull
}
