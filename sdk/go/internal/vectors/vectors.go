// Package vectors reads the cases that all implementations of the protocol share, where they are. It is for tests alone, and must not
// know what they test.
package vectors

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Input is a stream of bytes as the vectors write it down.
type Input struct {
	Text   *string `json:"text"`
	Base64 *string `json:"base64"`
	Repeat *string `json:"repeat"`
	Times  int     `json:"times"`
	Pieces []Input `json:"pieces"`
}

// Bytes returns the stream.
func (i Input) Bytes() []byte {
	switch {
	case i.Text != nil:
		return []byte(*i.Text)
	case i.Base64 != nil:
		data, err := base64.StdEncoding.DecodeString(*i.Base64)
		if err != nil {
			panic(err)
		}
		return data
	case i.Repeat != nil:
		return []byte(strings.Repeat(*i.Repeat, i.Times))
	}
	var all []byte
	for _, piece := range i.Pieces {
		all = append(all, piece.Bytes()...)
	}
	return all
}

// Folder returns a folder inside schemas/v1.
func Folder(names ...string) string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(append([]string{filepath.Dir(here), "..", "..", "..", "..", "schemas", "v1"}, names...)...)
}

// Load returns the cases of the files of one kind: "frames", "messages", "sessions" or "reject/to_module".
func Load[Case any](t *testing.T, kind string) []Case {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(Folder("vectors"), kind+"*", "*.json"))
	if strings.Contains(kind, "/") {
		paths, err = []string{filepath.Join(Folder("vectors"), kind+".json")}, nil
	}
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are no vectors for %s: %v", kind, err)
	}
	var all []Case
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Cases []Case `json:"cases"`
		}
		if err := json.Unmarshal(text, &file); err != nil {
			t.Fatalf("%s: %s", path, err)
		}
		all = append(all, file.Cases...)
	}
	return all
}

// Read reads one file of schemas/v1.
func Read(t *testing.T, target any, name string) {
	t.Helper()
	text, err := os.ReadFile(Folder(name))
	if err == nil {
		err = json.Unmarshal(text, target)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Tally counts how the cases of one kind ended, and prints that at the end of the test.
type Tally struct{ passed, failed, skipped int }

// Count starts a tally.
func Count(t *testing.T, kind string) *Tally {
	tally := &Tally{}
	t.Cleanup(func() {
		// Not t.Log: whoever runs the tests looks for this line, without decoration.
		fmt.Printf("vectors: %d passed, %d failed, %d skipped (%s)\n", tally.passed, tally.failed, tally.skipped, kind)
		if tally.passed == 0 {
			t.Errorf("no vector of %s ran", kind)
		}
	})
	return tally
}

// Run runs one case; a reason other than "" skips it.
func (c *Tally) Run(t *testing.T, name, skip string, do func(*testing.T)) {
	t.Helper()
	if skip != "" {
		c.skipped++
		t.Run(name, func(t *testing.T) { t.Skip(skip) })
		return
	}
	if t.Run(name, do) {
		c.passed++
	} else {
		c.failed++
	}
}
