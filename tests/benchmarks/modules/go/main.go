// Owns the benchmark's smallest module in Go: its name is its first argument, so that there can be two hundred of it.

package main

import (
	"context"
	"os"

	"github.com/hub-plugins/hub/sdk/go"
	_ "github.com/hub-plugins/hub/sdk/go/early"
)

type addArgs struct {
	A int `json:"a"`
	B int `json:"b"`
}

func add(_ context.Context, in addArgs) (int, error) { return in.A + in.B, nil }

func main() {
	m := hub.NewModule(hub.Info{Name: os.Args[1], Version: "1.0.0", License: "Apache-2.0", Authors: []string{"The hub authors"}})
	hub.Function(m, "add", add, hub.ReadOnly(), hub.Idempotent())
	m.Run()
}
