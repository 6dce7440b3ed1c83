// Owns the form of a line of log; must not know the protocol.

package hub

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"unicode/utf8"
)

const (
	// maxLineBytes is where the hub cuts a line (HUB-LOG-1): cut JSON is no JSON, so the handler stays below it by itself.
	maxLineBytes = 8 * 1024
	// maxTextBytes leaves room for a message and a stack beside each other.
	maxTextBytes = 3 * 1024
	// smallTextBytes and smallAttrs are what is kept of the attributes of a line that is too long all the same; a byte may take six.
	smallTextBytes = 64
	smallAttrs     = 8
)

// LogHandler writes each record as one line of JSON as the hub reads it: level, message, time, and the attributes under fields.
type LogHandler struct {
	shared *logOutput
	inner  slog.Handler // writes into shared.line
	plain  slog.Handler // the same without attributes
}

type logOutput struct {
	mu   sync.Mutex
	line bytes.Buffer
	to   io.Writer
}

// NewLogHandler makes a handler that writes to w, which is standard error in a module. It drops nothing: levels are the operator's to choose.
func NewLogHandler(w io.Writer) *LogHandler {
	shared := &logOutput{to: w}
	plain := slog.NewJSONHandler(&shared.line, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: asTheHubReadsIt}).WithGroup("fields")
	return &LogHandler{shared, plain, plain}
}

// Logger returns the logger of the module that ctx belongs to: what it writes names the call by its trace id. Outside of calls it is slog.Default.
func Logger(ctx context.Context) *slog.Logger {
	if c := callOf(ctx); c != nil {
		return c.session.log
	}
	return slog.Default()
}

// Enabled is always true.
func (h *LogHandler) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs returns a handler that adds attributes to each record.
func (h *LogHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &LogHandler{h.shared, h.inner.WithAttrs(attrs), h.plain}
}

// WithGroup returns a handler that puts what follows into a group.
func (h *LogHandler) WithGroup(name string) slog.Handler {
	return &LogHandler{h.shared, h.inner.WithGroup(name), h.plain}
}

// Handle writes one record in one write.
func (h *LogHandler) Handle(ctx context.Context, record slog.Record) error {
	if id := Context(ctx).TraceID; id != "" {
		record = record.Clone()
		record.AddAttrs(slog.String("trace_id", id))
	}
	h.shared.mu.Lock()
	defer h.shared.mu.Unlock()
	h.shared.line.Reset()
	err := h.inner.Handle(ctx, record)
	if h.shared.line.Len() > maxLineBytes {
		h.shared.line.Reset()
		err = h.plain.Handle(ctx, shortened(record))
	}
	if err != nil {
		return err
	}
	_, err = h.shared.to.Write(h.shared.line.Bytes())
	return err
}

// shortened keeps the message and the small attributes: among them is what a caller was given to look for.
func shortened(record slog.Record) slog.Record {
	short := slog.NewRecord(record.Time, record.Level, cutText(record.Message, maxTextBytes/4), 0)
	short.AddAttrs(slog.Bool("cut", true))
	record.Attrs(func(attr slog.Attr) bool {
		if text := attr.Value.String(); len(text) <= smallTextBytes {
			short.AddAttrs(slog.String(attr.Key, text))
		}
		return short.NumAttrs() < smallAttrs
	})
	return short
}

func asTheHubReadsIt(groups []string, attr slog.Attr) slog.Attr {
	if len(groups) == 0 {
		switch attr.Key {
		case slog.MessageKey:
			attr.Key = "message"
		case slog.LevelKey:
			if level, ok := attr.Value.Any().(slog.Level); ok {
				return slog.String("level", levelName(level))
			}
		}
	}
	if attr.Value.Kind() == slog.KindString {
		attr.Value = slog.StringValue(cutText(attr.Value.String(), maxTextBytes))
	}
	return attr
}

func levelName(level slog.Level) string {
	switch {
	case level < slog.LevelInfo:
		return "debug"
	case level < slog.LevelWarn:
		return "info"
	case level < slog.LevelError:
		return "warning"
	}
	return "error"
}

// cutText cuts between characters.
func cutText(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return strings.ToValidUTF8(text[:most], "\ufffd") + "…"
}
