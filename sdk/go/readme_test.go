// Owns the proof that the module in the README is built and tested as it stands there.

package hub_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestTheModuleOfTheREADMEWorks(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	files := regexp.MustCompile("(?s)<!-- file: (\\S+) -->\n```\\w*\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(files) != 4 {
		t.Fatalf("the README shows %d files", len(files))
	}
	for _, file := range files {
		content := strings.ReplaceAll(file[2], "/path/to/clone/sdk/go", here)
		if err := os.WriteFile(filepath.Join(folder, file[1]), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, arguments := range [][]string{{"vet", "."}, {"test", "."}, {"build", "-o", "weather", "."}} {
		command := exec.Command("go", arguments...)
		command.Dir = folder
		if said, err := command.CombinedOutput(); err != nil {
			t.Fatalf("go %v: %s", arguments, said)
		}
	}
	said, err := exec.Command(filepath.Join(folder, "weather"), "--hub-info").Output()
	if err != nil || !contains(string(said), `"weather"`, `"forecast"`, "its name, in English") {
		t.Errorf("--hub-info says %s, %v", said, err)
	}
}
