// Owns what can be moved away on systems that are no Unix.

//go:build !unix

package stdio

import "os"

// claim moves away what Go itself prints: there is no way to do so for libraries in other languages here.
func claim() (pair, error) {
	made := pair{os.Stdin, os.Stdout}
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		return pair{}, err
	}
	os.Stdin, os.Stdout = nothing, os.Stderr
	return made, nil
}

// IsTerminal says whether a person probably sits at the other end.
func IsTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
