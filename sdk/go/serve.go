// Package hub is for writing modules of the hub in Go: functions with typed arguments and results, served over standard input and output.
// It owns the module's side of the protocol, and must not know the hub's.
//
//	m := hub.NewModule(hub.Info{Name: "hello", Version: "1.0.0", License: "MIT", Authors: []string{"You <you@example.org>"}})
//	hub.Function(m, "greet", greet, hub.Summary("Greet somebody by name."), hub.ReadOnly())
//	m.Run()
package hub

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hub-plugins/hub/sdk/go/internal/stdio"
)

// exitUsage is the exit status of a module that a person started by hand.
const exitUsage = 2

// Run serves the hub on standard input and output until the hub ends it, and ends the process. It never returns.
//
// Standard output is out of reach from here on: what the author's code, its libraries or its children print goes to the log.
// With the argument --hub-info it prints what the module says about itself, as JSON for people.
func (m *Module) Run() { os.Exit(m.run(os.Args[1:])) }

func (m *Module) run(arguments []string) int {
	if len(arguments) > 0 && arguments[0] == "--hub-info" {
		return m.printInfo()
	}
	if err := m.Err(); err != nil {
		fmt.Fprintf(os.Stderr, "error: cannot start %s: %s\n", m.info.Name, bytes.ReplaceAll([]byte(err.Error()), []byte("\n"), []byte("; ")))
		return ExitDoNotRestart
	}
	if stdio.IsTerminal(os.Stdin) {
		fmt.Fprintf(os.Stderr, "%s %s is a module of the hub and talks JSON-RPC over pipes; try: hub plugin test . (or %s --hub-info)\n",
			m.info.Name, m.info.Version, os.Args[0])
		return exitUsage
	}
	in, out, err := stdio.Claim()
	if err != nil {
		fmt.Fprintf(os.Stderr, "error: cannot start %s: %s\n", m.info.Name, err)
		return 1
	}
	log := slog.New(NewLogHandler(os.Stderr))
	slog.SetDefault(log)
	ctx, stop := context.WithCancel(context.Background())
	endOnSIGTERM(stop)
	from, to := stdio.Streams(in, out)
	err = m.serve(ctx, from, to, log, func() { time.AfterFunc(endAnyhow, func() { os.Exit(0) }) })
	if err != nil {
		log.Warn("the hub went away before everything was written", "error", err.Error())
	}
	return 0
}

// endOnSIGTERM takes SIGTERM as the end of standard input. SIGINT is for the hub, which gets it from the terminal too and decides.
// SIGPIPE would end the process where the hub closes its end of standard error. Caught and not ignored: children must not inherit that.
func endOnSIGTERM(stop context.CancelFunc) {
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGINT, syscall.SIGPIPE)
	go func() {
		<-terminated
		stop()
	}()
}

// Serve serves one hub on any pair of streams, and returns when in ends or ctx is done. Logs are written to stderr.
// Run is made of it; it is there for tests and for other ways to connect.
func (m *Module) Serve(ctx context.Context, in io.Reader, out, stderr io.Writer) error {
	return m.serve(ctx, in, out, slog.New(NewLogHandler(stderr)), func() {})
}

func (m *Module) serve(ctx context.Context, in io.Reader, out io.Writer, log *slog.Logger, ending func()) error {
	s, err := newSession(ctx, m, out, log)
	if err != nil {
		return err
	}
	defer s.abandon()
	go s.out.run()
	eof := make(chan struct{})
	go func() {
		defer close(eof)
		s.read(in)
	}()
	grace := time.Duration(0)
	select {
	case <-eof:
		grace = endGrace
	case <-ctx.Done():
	case <-s.refused:
	case <-s.out.failed:
	}
	ending()
	return s.finish(grace)
}

func (m *Module) printInfo() int {
	info, err := m.introduction()
	caps, capsErr := m.capabilities()
	if err := cmp.Or(err, capsErr); err != nil {
		fmt.Fprintf(os.Stderr, "error: cannot describe %s: %s\n", m.info.Name, err)
		return ExitDoNotRestart
	}
	text := append(append([]byte(`{"module_info":`), info...), `,"capabilities":`...)
	text = append(append(text, caps...), '}')
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, text, "", "  "); err != nil {
		fmt.Fprintf(os.Stderr, "error: cannot describe %s: %s\n", m.info.Name, err)
		return 1
	}
	to := os.Stdout
	if stdio.LooksLikeHub() { // then early may have moved it
		if _, out, err := stdio.Claim(); err == nil {
			to = out
		}
	}
	fmt.Fprintln(to, pretty.String())
	return 0
}
