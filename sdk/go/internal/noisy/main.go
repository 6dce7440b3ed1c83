// A module that does what modules should not: it prints from everywhere, does not listen, and leaves things behind.
// It is for the tests of the SDK, which must hold all of it away from the protocol.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/hub-plugins/hub/sdk/go"
	_ "github.com/hub-plugins/hub/sdk/go/early"
)

var _ = func() int { fmt.Println("printed by a variable"); return 0 }()

func init() { fmt.Println("printed by init") }

type nothing = struct{}

func main() {
	fmt.Println("printed by main")
	m := hub.NewModule(hub.Info{Name: "noisy", Version: "1.0.0", License: "Apache-2.0", Authors: []string{"The hub authors"}})
	hub.Function(m, "print", func(context.Context, nothing) (string, error) {
		fmt.Println("printed by a handler")
		println("printed by the runtime")
		return "done", nil
	})
	// What a C library does: a write to descriptor 1, past everything that Go knows.
	hub.Function(m, "write", func(context.Context, nothing) (int, error) {
		return syscall.Write(1, []byte("written to descriptor 1\n"))
	})
	hub.Function(m, "child", func(ctx context.Context, _ nothing) (string, error) {
		command := exec.CommandContext(ctx, "/bin/sh", "-c", "echo printed by a child; cat; ls -l /proc/self/fd; echo no more")
		command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
		return "done", command.Run()
	})
	hub.Function(m, "read", func(context.Context, nothing) (string, error) {
		line, err := bufio.NewReader(os.Stdin).ReadString('\n')
		return fmt.Sprintf("%q, %v", line, err), nil
	})
	hub.Function(m, "deaf", func(context.Context, nothing) (hub.Null, error) { select {} })
	hub.Function(m, "busy", func(context.Context, nothing) (hub.Null, error) {
		for i := 0; ; i++ {
			_ = i
		}
	})
	m.OnCleanup(func(context.Context) error {
		fmt.Println("printed by cleanup")
		time.Sleep(time.Hour)
		return nil
	})
	m.Run()
}
