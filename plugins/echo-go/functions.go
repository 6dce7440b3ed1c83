// Owns the functions that need nothing of the hub; must not know how they are declared.

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/hub-plugins/hub/sdk/go"
)

type echoArgs struct {
	Value json.RawMessage `json:"value" hub:"description=anything at all"`
}

func echo(_ context.Context, in echoArgs) (json.RawMessage, error) { return in.Value, nil }

type addArgs struct {
	A int `json:"a" hub:"description=the first"`
	B int `json:"b" hub:"description=the second"`
}

func add(_ context.Context, in addArgs) (int, error) { return in.A + in.B, nil }

type slowArgs struct {
	Seconds float64 `json:"seconds" hub:"minimum=0,maximum=3600,description=how long in all"`
	Steps   int     `json:"steps" hub:"minimum=1,maximum=1000,default=10,description=in how many equal parts"`
}

type slept struct {
	Slept float64 `json:"slept" hub:"description=the seconds that were asked for"`
}

func slow(ctx context.Context, in slowArgs) (slept, error) {
	whole := time.Duration(in.Seconds * float64(time.Second))
	start := time.Now()
	for step := 1; step <= in.Steps; step++ {
		// To a point in time, so that the steps' delays do not add up.
		timer := time.NewTimer(time.Until(start.Add(whole * time.Duration(step) / time.Duration(in.Steps))))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return slept{}, ctx.Err()
		}
		hub.Progress(ctx, float64(step), float64(in.Steps), "")
	}
	return slept{in.Seconds}, nil
}

type failArgs struct {
	Code    int64           `json:"code" hub:"default=1001,description=the error's code"`
	Message string          `json:"message" hub:"default=it failed on purpose,description=the error's message"`
	Data    json.RawMessage `json:"data,omitempty" hub:"description=the error's data; without it the error has none"`
}

func fail(_ context.Context, in failArgs) (hub.Null, error) {
	if in.Data == nil {
		return hub.Null{}, hub.NewError(in.Code, in.Message, nil)
	}
	return hub.Null{}, hub.NewError(in.Code, in.Message, in.Data)
}

type crashArgs struct {
	How    string `json:"how" hub:"enum=exit|signal|panic,default=exit,description=in which way"`
	Status int    `json:"status" hub:"minimum=0,maximum=255,default=3,description=the exit status, for exit"`
}

func crash(_ context.Context, in crashArgs) (hub.Null, error) {
	switch in.How {
	case "exit":
		os.Exit(in.Status)
	case "signal":
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			return hub.Null{}, fmt.Errorf("cannot send SIGKILL to itself: %w", err)
		}
		select {} // the signal is on its way, and no answer may overtake it
	}
	panic("a panic that was asked for")
}

type callBackArgs struct {
	Function string                     `json:"function" hub:"pattern=^[a-z][a-z0-9_-]{0,63}\\.[A-Za-z][A-Za-z0-9_-]{0,63}$,description=module.function"`
	Params   map[string]json.RawMessage `json:"params" hub:"default={},description=its arguments by name"`
}

func callBack(ctx context.Context, in callBackArgs) (json.RawMessage, error) {
	return hub.Call[json.RawMessage](ctx, in.Function, in.Params)
}

type bigArgs struct {
	Bytes int `json:"bytes" hub:"minimum=0,maximum=16000000,description=how many"`
}

func big(_ context.Context, in bigArgs) (string, error) { return strings.Repeat("x", in.Bytes), nil }

type logArgs struct {
	Lines   int    `json:"lines" hub:"minimum=1,maximum=100000,default=1,description=how many"`
	Level   string `json:"level" hub:"enum=debug|info|warning|error,default=info,description=of each line"`
	Message string `json:"message" hub:"default=hello,description=of each line"`
}

type logged struct {
	Logged int `json:"logged" hub:"description=how many lines were written"`
}

var levels = map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warning": slog.LevelWarn, "error": slog.LevelError}

func writeLog(ctx context.Context, in logArgs) (logged, error) {
	for range in.Lines {
		hub.Logger(ctx).Log(ctx, levels[in.Level], in.Message)
	}
	return logged{in.Lines}, nil
}

func whoami(ctx context.Context, _ struct{}) (hub.CallContext, error) { return hub.Context(ctx), nil }
