// Package stdio owns file descriptors 0 and 1 of the process: it moves them where neither the author's code nor its children reach them.
// It must not know what is read or written.
package stdio

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
)

var claimed = sync.OnceValues(func() (pair, error) { return claim() })

type pair struct{ in, out *os.File }

// Claim moves the protocol's two streams to private descriptors, which children do not inherit (HUB-OUT-1). From then on descriptor 0 is
// empty and descriptor 1 is standard error, for Go, for C libraries and for children. It does so once in a process.
func Claim() (in, out *os.File, err error) {
	found, err := claimed()
	return found.in, found.out, err
}

// LooksLikeHub says whether a hub seems to have started this process: both streams are pipes or sockets, and it is no test.
func LooksLikeHub() bool {
	return !strings.HasSuffix(filepath.Base(os.Args[0]), ".test") && isPipe(os.Stdin) && isPipe(os.Stdout)
}

func isPipe(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0
}
