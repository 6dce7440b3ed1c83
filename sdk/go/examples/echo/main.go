// A whole module: three functions, progress, and a way to end early. It must not need anything but the SDK.
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/hub-plugins/hub/sdk/go"
)

type echoArgs struct {
	Value any `json:"value" hub:"description=anything at all"`
}

type addArgs struct {
	A int `json:"a" hub:"description=the first"`
	B int `json:"b" hub:"description=the second"`
}

type countArgs struct {
	To int `json:"to" hub:"minimum=1,maximum=100,default=3,description=where to stop"`
}

func main() { module().Run() }

func module() *hub.Module {
	m := hub.NewModule(hub.Info{
		Name: "echo", Version: "1.0.0", License: "Apache-2.0", Authors: []string{"The hub authors"},
		Description: []string{"The smallest module that shows everything once."},
	})
	hub.Function(m, "echo", func(_ context.Context, in echoArgs) (any, error) { return in.Value, nil },
		hub.Summary("Answer the value that was given."), hub.ReadOnly(), hub.Idempotent(),
		hub.Shows("a word", echoArgs{"hello"}, "hello"))
	hub.Function(m, "add", func(_ context.Context, in addArgs) (int, error) { return in.A + in.B, nil },
		hub.Summary("Add two integers."), hub.ReadOnly(), hub.Idempotent(),
		hub.Shows("two and three", addArgs{2, 3}, 5))
	hub.Function(m, "count", count,
		hub.Summary("Count, ten times a second."), hub.ReadOnly(), hub.Fails(7, "seven is not counted"))
	return m
}

func count(ctx context.Context, in countArgs) ([]string, error) {
	var counted []string
	for i := 1; i <= in.To; i++ {
		if i == 7 {
			return nil, hub.NewError(7, "seven is not counted", nil)
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done(): // cancelled, or out of time
			return nil, ctx.Err()
		}
		counted = append(counted, fmt.Sprint(i))
		hub.Progress(ctx, float64(i), float64(in.To), "")
	}
	hub.Logger(ctx).InfoContext(ctx, "counted", "to", in.To)
	return counted, nil
}
