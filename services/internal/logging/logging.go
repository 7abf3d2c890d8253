// Package logging writes structured logs in which no card number appears.
package logging

import (
	"context"
	"io"
	"log/slog"
	"sync"

	"go.opentelemetry.io/otel/trace"
)

// New writes JSON lines to out. Card numbers in messages and attributes are
// masked; a line written within a span carries its trace_id.
func New(out io.Writer, service, instance string) *slog.Logger {
	handler := Mask(slog.NewJSONHandler(out, nil))
	return slog.New(handler).With("service", service, "instance", instance)
}

// Output makes a writer safe for several writers of whole lines: the log and
// the metrics share the container's standard output.
func Output(out io.Writer) io.Writer { return &output{out: out} }

type output struct {
	mu  sync.Mutex
	out io.Writer
}

func (o *output) Write(line []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.out.Write(line)
}

// Mask wraps a handler: nothing that looks like a card number reaches it.
func Mask(next slog.Handler) slog.Handler { return &masking{next: next} }

type masking struct{ next slog.Handler }

func (m *masking) Enabled(ctx context.Context, level slog.Level) bool {
	return m.next.Enabled(ctx, level)
}

func (m *masking) Handle(ctx context.Context, record slog.Record) error {
	masked := slog.NewRecord(record.Time, record.Level, MaskCardNumbers(record.Message), record.PC)
	record.Attrs(func(a slog.Attr) bool {
		masked.AddAttrs(maskAttr(a))
		return true
	})
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		masked.AddAttrs(slog.String("trace_id", span.TraceID().String()))
	}
	return m.next.Handle(ctx, masked)
}

func (m *masking) WithAttrs(attrs []slog.Attr) slog.Handler {
	masked := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		masked[i] = maskAttr(a)
	}
	return &masking{next: m.next.WithAttrs(masked)}
}

func (m *masking) WithGroup(name string) slog.Handler {
	return &masking{next: m.next.WithGroup(MaskCardNumbers(name))}
}
