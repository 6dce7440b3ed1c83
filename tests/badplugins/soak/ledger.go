// A module that writes down each call before it does anything else; in Go without a library.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"syscall"
	"time"
)

type request struct {
	ID     *int64 `json:"id"`
	Method string `json:"method"`
	Params struct {
		N  int64  `json:"n"`
		Do string `json:"do"`
	} `json:"params"`
}

const declared = `{"functions":[{"name":"once","params":{"type":"object"}},{"name":"again","params":{"type":"object"},"hints":{"idempotent":true}}]}`

var kept [][]byte

func main() {
	name, ledger, held, broken := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	if _, err := os.Stat(broken); err == nil {
		os.Exit(1)
	}
	holding, err := os.OpenFile(held, os.O_WRONLY, 0)
	if err != nil {
		os.Exit(1)
	}
	defer holding.Close()
	book, err := os.OpenFile(ledger, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		os.Exit(1)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var asked request
		if json.Unmarshal(lines.Bytes(), &asked) != nil || asked.ID == nil {
			continue
		}
		result := "{}"
		switch asked.Method {
		case "module_info":
			result = fmt.Sprintf(`{"name":%q,"version":"1.0.0","license":"MIT","authors":["Tests"]}`, name)
		case "capabilities":
			result = declared
		case "once", "again":
			fmt.Fprintf(book, "%d\n", asked.Params.N)
			if !do(asked.Params.Do) {
				continue
			}
			result = fmt.Sprint(asked.Params.N)
		}
		fmt.Printf(`{"jsonrpc":"2.0","id":%d,"result":%s}`+"\n", *asked.ID, result)
	}
}

// do misbehaves; it returns whether there is to be an answer.
func do(what string) bool {
	switch what {
	case "die":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "garbage":
		fmt.Print("not a frame \x01 {]\nhalf of one\n")
	case "nap":
		time.Sleep(200 * time.Millisecond)
	case "grow":
		block := make([]byte, 10<<20)
		for at := range block {
			block[at] = 1
		}
		kept = append(kept, block)
	case "silence":
		return false
	}
	return true
}
