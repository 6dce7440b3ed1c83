// Package early moves standard input and output out of reach as soon as it is imported, before main's own variables and init functions:
//
//	import _ "github.com/hub-plugins/hub/sdk/go/early"
//
// Without it Module.Run does so, and what an init function prints before reaches the hub as a stray line. Import it in programs that are
// nothing but a module. It does nothing when standard input and output are not both pipes, and nothing in tests.
package early

import (
	"fmt"
	"os"

	"github.com/hub-plugins/hub/sdk/go/internal/stdio"
)

func init() {
	if !stdio.LooksLikeHub() {
		return
	}
	if _, _, err := stdio.Claim(); err != nil {
		fmt.Fprintf(os.Stderr, "error: %s\n", err)
	}
}
