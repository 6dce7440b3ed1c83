// Owns the tests that need a real process: what the module does to its descriptors, and how it ends.

package hub_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The programs are built once, when the first test needs one.
var built = map[string]func() (string, error){
	"echo":  sync.OnceValues(func() (string, error) { return build("../../plugins/echo-go", "echo-go") }),
	"noisy": sync.OnceValues(func() (string, error) { return build("internal/noisy", "noisy") }),
}

var programs string // where they are built

func TestMain(m *testing.M) {
	var err error
	if programs, err = os.MkdirTemp("", "hub-go-test-"); err != nil {
		panic(err)
	}
	status := m.Run()
	os.RemoveAll(programs)
	os.Exit(status)
}

func build(folder, name string) (string, error) {
	program := filepath.Join(programs, name)
	command := exec.Command("go", "build", "-o", program, ".")
	command.Dir = folder
	if said, err := command.CombinedOutput(); err != nil {
		return "", errors.New(string(said))
	}
	return program, nil
}

// child is a module that runs as a real process.
type child struct {
	*wire
	command *exec.Cmd
	in      io.WriteCloser
	exited  chan error
	pipes   []string // the protocol's, as /proc/self/fd shows them
}

func pipeName(t *testing.T, end any) string {
	t.Helper()
	info, err := end.(interface{ Stat() (os.FileInfo, error) }).Stat()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("pipe:[%d]", info.Sys().(*syscall.Stat_t).Ino)
}

func spawn(t *testing.T, name string, environment ...string) *child {
	t.Helper()
	program, err := built[name]()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program)
	command.Env = append(os.Environ(), environment...)
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr := &safeBuffer{}
	command.Stderr = stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	reader, writer := io.Pipe()
	c := &child{
		wire:    &wire{t: t, in: writer, lines: make(chan []byte, 1024), stderr: stderr},
		command: command, in: stdin, exited: make(chan error, 1),
		pipes: []string{pipeName(t, stdin), pipeName(t, stdout)},
	}
	go func() {
		_, _ = io.Copy(stdin, reader)
		stdin.Close()
	}()
	go func() {
		readLines(stdout, c.lines)
		c.exited <- command.Wait()
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		writer.Close()
		for range c.lines {
		}
	})
	return c
}

// endsWithin waits for the process to end with status 0, having written nothing more.
func (c *child) endsWithin(most time.Duration, because func()) {
	c.t.Helper()
	start := time.Now()
	because()
	if line := c.next(); line != nil {
		c.t.Errorf("it wrote %s instead of ending", line)
	}
	if err := await(c.t, c.exited); err != nil {
		c.t.Errorf("it ended with %s; its log:\n%s", err, c.stderr)
	}
	if took := time.Since(start); took > most {
		c.t.Errorf("it took %s to end", took)
	}
}

func (c *child) close() { c.wire.in.Close() }

func TestEchoAnswersWithTheLargestFrame(t *testing.T) {
	c := spawn(t, "echo")
	c.start(limit)
	c.send(request(10, "big", `{"bytes":16000000}`))
	if line := c.next(); len(line) < 16_000_000 {
		t.Errorf("got %d bytes", len(line))
	}
}

func TestEchoEndsAsItIsToldTo(t *testing.T) {
	for params, want := range map[string]string{
		`{"how":"exit","status":7}`: "exit status 7", `{"how":"signal"}`: "signal: killed", `{}`: "exit status 3",
	} {
		c := spawn(t, "echo")
		c.start(limit)
		c.send(request(10, "crash", params))
		if line := c.next(); line != nil {
			t.Errorf("%s: it wrote %s", params, line)
		}
		if err := await(t, c.exited); err == nil || err.Error() != want {
			t.Errorf("%s: it ended with %v, not %s", params, err, want)
		}
	}
}

func TestSIGTERMEndsAModuleAndSIGINTDoesNot(t *testing.T) {
	c := spawn(t, "echo")
	c.start(limit)
	if err := c.command.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	c.send(request(10, "slow", `{"seconds":3600}`))
	c.send(request(11, "ping", `{}`))
	c.wants(`{"jsonrpc":"2.0","id":11,"result":{}}`)
	c.endsWithin(time.Second, func() {
		if err := c.command.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	})
}

func TestNothingThatIsPrintedReachesTheProtocol(t *testing.T) {
	c := spawn(t, "noisy")
	c.start(limit)
	for function, want := range map[string]string{
		"print": `"done"`, "write": `24`, "child": `"done"`, "read": `"\"\", EOF"`,
	} {
		c.send(request(10, function, `{}`))
		c.wants(`{"jsonrpc":"2.0","id":10,"result":` + want + `}`)
	}
	c.endsWithin(time.Second, c.close) // then all of its log is here
	log := c.stderr.String()
	if !contains(log, "printed by a variable", "printed by init", "printed by main", "printed by a handler", "printed by the runtime",
		"written to descriptor 1", "printed by a child", "no more", "printed by cleanup") {
		t.Errorf("something was printed and is lost:\n%s", log)
	}
	for _, pipe := range c.pipes {
		if strings.Contains(log, pipe) {
			t.Errorf("the module's child has the protocol's %s:\n%s", pipe, log)
		}
	}
	if !strings.Contains(log, "pipe:[") {
		t.Errorf("the child shows no pipes, so it proves nothing:\n%s", log)
	}
}

func TestAModuleThatDoesNotListenEndsAllTheSame(t *testing.T) {
	for _, function := range []string{"deaf", "busy"} {
		c := spawn(t, "noisy") // its cleanup hangs too
		c.start(limit)
		c.send(request(10, function, `{}`))
		c.send(request(11, "ping", `{}`))
		c.wants(`{"jsonrpc":"2.0","id":11,"result":{}}`)
		c.endsWithin(time.Second, c.close)
	}
}

func TestAModuleSurvivesALogThatNobodyReads(t *testing.T) {
	program, err := built["echo"]()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program)
	stdin, _ := command.StdinPipe()
	stdout, _ := command.StdoutPipe()
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	stderr.Close() // a write to it is SIGPIPE
	io.WriteString(stdin, request(1, "module_init", "{}")+"\n"+request(2, "log", `{"lines":3}`)+"\n"+request(3, "ping", "{}")+"\n")
	answers := map[string]bool{}
	for lines := bufio.NewScanner(stdout); len(answers) < 3 && lines.Scan(); {
		answers[lines.Text()] = true
	}
	if !answers[`{"jsonrpc":"2.0","id":2,"result":{"logged":3}}`] {
		t.Errorf("got %v", answers)
	}
	stdin.Close()
	if err := command.Wait(); err != nil {
		t.Errorf("it ended with %s", err)
	}
}

func TestAPersonIsToldWhatAModuleIs(t *testing.T) {
	program, err := built["echo"]()
	if err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command(program, "--hub-info").Output()
	var info struct {
		Info struct {
			Name string `json:"name"`
		} `json:"module_info"`
		Capabilities struct {
			Functions []json.RawMessage `json:"functions"`
		} `json:"capabilities"`
	}
	if err != nil || json.Unmarshal(said, &info) != nil || info.Info.Name != "echo-go" || len(info.Capabilities.Functions) != 14 {
		t.Errorf("--hub-info says %s, %v", said, err)
	}
	master, slave := terminal(t)
	command := exec.Command(program)
	command.Stdin, command.Stderr = slave, slave
	if err := command.Run(); err == nil || err.Error() != "exit status 2" {
		t.Errorf("on a terminal it ends with %v", err)
	}
	slave.Close()
	line, _ := bufio.NewReader(master).ReadString('\n')
	if !contains(line, "echo-go 1.0.0 is a module of the hub", "hub plugin test") {
		t.Errorf("on a terminal it says %q", line)
	}
}

func TestAHandlerThatComputesHoldsNobodyUpOnOneCore(t *testing.T) {
	for _, idle := range []time.Duration{0, 50 * time.Millisecond} { // of the process: its monitor thread sleeps deeply then
		c := spawn(t, "noisy", "GOMAXPROCS=1")
		c.start(limit)
		time.Sleep(idle)
		c.send(request(10, "busy", "{}"))
		for id := 11; id < 14; id++ {
			c.send(request(id, "ping", "{}"))
			c.wants(answer(id, "{}"))
		}
	}
}
