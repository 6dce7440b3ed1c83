// Owns the other end of a module in memory, frame by frame.

package hub_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hub-plugins/hub/sdk/go"
)

// bound is the one limit of all waits: what takes longer hangs.
const bound = 5 * time.Second

// wire is the hub's end of a module in memory, frame by frame.
type wire struct {
	t      *testing.T
	in     *io.PipeWriter
	lines  chan []byte // closed at the end of the module's output
	ended  chan error
	stderr *safeBuffer
	stop   context.CancelFunc
}

type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *safeBuffer) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(text)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func serve(t *testing.T, m *hub.Module) *wire {
	t.Helper()
	moduleIn, in := io.Pipe()
	out, moduleOut := io.Pipe()
	ctx, stop := context.WithCancel(context.Background())
	w := &wire{t: t, in: in, lines: make(chan []byte, 1024), ended: make(chan error, 1), stderr: &safeBuffer{}, stop: stop}
	go func() {
		err := m.Serve(ctx, moduleIn, moduleOut, w.stderr)
		moduleOut.Close()
		moduleIn.Close()
		w.ended <- err
	}()
	go readLines(out, w.lines)
	t.Cleanup(func() {
		stop()
		in.Close()
		for range w.lines {
		}
	})
	return w
}

func readLines(out io.Reader, lines chan<- []byte) {
	defer close(lines)
	reader := bufio.NewReaderSize(out, 64*1024)
	for {
		line, err := reader.ReadBytes('\n')
		if len(line) > 0 {
			lines <- line
		}
		if err != nil {
			return
		}
	}
}

func (w *wire) send(text string) {
	w.t.Helper()
	w.write([]byte(text + "\n"))
}

func (w *wire) write(data []byte) {
	w.t.Helper()
	done := make(chan error, 1)
	go func() {
		_, err := w.in.Write(data)
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			w.t.Fatalf("cannot write %.80q: %s", data, err)
		}
	case <-time.After(bound):
		w.t.Fatalf("the module does not read %.80q", data)
	}
}

// next returns the next frame that the module writes, nil at the end of its output.
func (w *wire) next() []byte {
	w.t.Helper()
	select {
	case line := <-w.lines:
		return bytes.TrimSuffix(line, []byte("\n"))
	case <-time.After(bound):
		w.t.Fatalf("the module writes nothing; its log:\n%s", w.stderr)
		return nil
	}
}

// wants reads one frame, which has to be equal to text as a JSON value.
func (w *wire) wants(text string) {
	w.t.Helper()
	if got := w.next(); !equalJSON(got, []byte(text)) {
		w.t.Fatalf("got %s\nnot %s\nlog:\n%s", got, text, w.stderr)
	}
}

// wantsError reads one frame, which has to be an error, and returns it.
func (w *wire) wantsError(id string, code int64) wireError {
	w.t.Helper()
	line := w.next()
	var message struct {
		ID    json.RawMessage `json:"id"`
		Error *wireError      `json:"error"`
	}
	if err := json.Unmarshal(line, &message); err != nil || message.Error == nil || string(message.ID) != id || message.Error.Code != code {
		w.t.Fatalf("got %s\nnot error %d for id %s\nlog:\n%s", line, code, id, w.stderr)
	}
	return *message.Error
}

type wireError struct {
	Code    int64           `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

const offer = `{"jsonrpc":"2.0","id":1,"method":"module_info","params":{"protocol_versions":[1],` +
	`"features":["cancel","concurrent","context","host_services","progress"],"max_frame_bytes":%d,"hub":{"name":"hub","version":"0.1.0"}}}`

// start brings the module to where functions can be called; it used the ids 1 and 3.
func (w *wire) start(maxFrameBytes int) {
	w.t.Helper()
	w.send(fmt.Sprintf(offer, maxFrameBytes))
	w.next()
	w.send(`{"jsonrpc":"2.0","id":3,"method":"module_init","params":{"config":{},"data_directory":"/"}}`)
	w.wants(`{"jsonrpc":"2.0","id":3,"result":{}}`)
}

// ends closes the module's input and returns what Serve returned.
func (w *wire) ends() error {
	w.t.Helper()
	w.in.Close()
	select {
	case err := <-w.ended:
		return err
	case <-time.After(bound):
		w.t.Fatal("the module does not end with its input")
		return nil
	}
}

func equalJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

func contains(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

func rawJSON(text string) json.RawMessage { return json.RawMessage(text) }

// await receives, within the bound.
func await[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(bound):
		t.Fatal("it did not happen")
		return *new(T)
	}
}
