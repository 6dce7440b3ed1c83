// Owns the tests of the lines of log.

package hub_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"strings"
	"testing"

	"github.com/hub-plugins/hub/sdk/go"
	"github.com/hub-plugins/hub/sdk/go/hubtest"
)

type logLine struct {
	Level   string         `json:"level"`
	Message string         `json:"message"`
	Fields  map[string]any `json:"fields"`
}

func TestALogLineIsJSONAsTheHubReadsIt(t *testing.T) {
	var out safeBuffer
	log := slog.New(hub.NewLogHandler(&out))
	for level, want := range map[slog.Level]string{
		slog.LevelDebug - 4: "debug", slog.LevelDebug: "debug", slog.LevelInfo: "info", slog.LevelInfo + 2: "info",
		slog.LevelWarn: "warning", slog.LevelError: "error", slog.LevelError + 4: "error",
	} {
		out.text.Reset()
		log.With("a", 1).WithGroup("g").Log(context.Background(), level, "disk\nnearly full", "free", 12, "<b>", math.NaN())
		var got logLine
		if err := json.Unmarshal([]byte(out.String()), &got); err != nil || strings.Count(out.String(), "\n") != 1 {
			t.Fatalf("%s: %v", out.String(), err)
		}
		group, _ := got.Fields["g"].(map[string]any)
		if got.Level != want || got.Message != "disk\nnearly full" || got.Fields["a"] != 1.0 || group["free"] != 12.0 {
			t.Errorf("%s: got %s", level, out.String())
		}
	}
}

func TestALongLogLineStaysJSON(t *testing.T) {
	long := strings.Repeat("ü", 100_000)
	var many []any
	for range 100 {
		many = append(many, "field", long)
	}
	for name, arguments := range map[string][]any{
		"message": nil, "one field": {"stack", long}, "many fields": many,
		"escapes": {"correlation_id", "15992a12a69c93fe", "error", strings.Repeat("\x01", 10_000)},
	} {
		var out safeBuffer
		slog.New(hub.NewLogHandler(&out)).Error(long, arguments...)
		var got logLine
		if err := json.Unmarshal([]byte(out.String()), &got); err != nil || len(out.String()) > 8*1024 || !strings.HasPrefix(got.Message, "ü") {
			t.Errorf("%s: %d bytes, %v", name, len(out.String()), err)
		}
		if name == "escapes" && got.Fields["correlation_id"] != "15992a12a69c93fe" {
			t.Errorf("what a caller was given to look for is lost: %v", got.Fields)
		}
	}
}

func TestALogLineOfACallNamesItsTrace(t *testing.T) {
	m := newModule()
	hub.Function(m, "speak", func(ctx context.Context, _ nothing) (hub.CallContext, error) {
		hub.Logger(ctx).InfoContext(ctx, "said")
		hub.Log(ctx, slog.LevelWarn, "told", map[string]any{"free": 12})
		return hub.Context(ctx), nil
	})
	given := hub.CallContext{TraceID: "4bf92f3577b34da6", Chain: []string{"a.b", "tested.speak"}, Profile: "work"}
	s := hubtest.Start(t, m, hubtest.Settings{Context: given})
	got, err := hubtest.Call[hub.CallContext](s, t.Context(), "speak", nil)
	if err != nil || got.TraceID != given.TraceID || len(got.Chain) != 2 || got.Profile != "work" {
		t.Errorf("got %+v, %v", got, err)
	}
	if !contains(s.Stderr(), `"message":"said"`, `"trace_id":"4bf92f3577b34da6"`) {
		t.Errorf("the log is %s", s.Stderr())
	}
	if !equalJSON([]byte(s.HubLog()), []byte(`{"level":"warning","message":"told","fields":{"free":12}}`)) {
		t.Errorf("the hub's log is %s", s.HubLog())
	}
}
