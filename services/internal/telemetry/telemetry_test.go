package telemetry

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

func recorded(t *testing.T) (*Tracing, *tracetest.SpanRecorder) {
	t.Helper()
	spans := tracetest.NewSpanRecorder()
	return New(sdktrace.WithSpanProcessor(spans), Settings{Service: "payment-api"}), spans
}

func TestOneTraceCrossesCallsAndTheOutbox(t *testing.T) {
	tracing, spans := recorded(t)
	second := httptest.NewServer(tracing.Handler(http.NotFoundHandler()))
	defer second.Close()
	ctx, span := tracing.Tracer().Start(t.Context(), "first")
	kept := tracing.Traceparent(ctx)
	span.End()
	later := tracing.Continue(t.Context(), kept)
	request, err := http.NewRequestWithContext(later, http.MethodGet, second.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := tracing.Transport(http.DefaultTransport).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	second.Close()
	traces := map[trace.TraceID]int{}
	for _, ended := range spans.Ended() {
		traces[ended.SpanContext().TraceID()]++
	}
	if traces[span.SpanContext().TraceID()] != 3 || len(traces) != 1 {
		t.Errorf("spans per trace: %v", traces)
	}
}

// TestSpansReachTheCollector also when the service ends at once; what it refuses is told in the log.
func TestSpansReachTheCollector(t *testing.T) {
	for status, want := range map[int]string{http.StatusOK: "", http.StatusBadRequest: "traces not sent"} {
		var got, log strings.Builder
		collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got.WriteString(r.URL.Path + " " + string(body))
			w.WriteHeader(status)
		}))
		address, err := url.Parse(collector.URL)
		if err != nil {
			t.Fatal(err)
		}
		settings := Settings{Collector: address, Service: "payment-api", Instance: "own-instance", Environment: "prod"}
		tracing, err := Start(t.Context(), settings, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		_, span := tracing.Tracer().Start(t.Context(), "work")
		span.End()
		if err := tracing.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		collector.Close()
		for _, part := range []string{"/v1/traces", "payment-api", "own-instance", "prod", "work"} {
			if !strings.Contains(got.String(), part) {
				t.Errorf("the collector did not get %s: %q", part, got.String())
			}
		}
		if (want == "") != (log.Len() == 0) || !strings.Contains(log.String(), want) {
			t.Errorf("status %d: the log is %q", status, log.String())
		}
	}
}

func TestTheLastTracesAreNotWaitedForEndlessly(t *testing.T) {
	tracing, _ := recorded(t)
	tracing.stop = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tracing.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestHealthChecksMakeNoSpans(t *testing.T) {
	tracing, spans := recorded(t)
	handler := tracing.Handler(http.NotFoundHandler())
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/health", nil))
	if got := len(spans.Ended()); got != 0 {
		t.Errorf("%d spans", got)
	}
}

func TestNoTraceLeavesNoMark(t *testing.T) {
	tracing := Disabled()
	if got := tracing.Traceparent(t.Context()); got != "" {
		t.Errorf("a traceparent without a trace: %q", got)
	}
	if ctx := tracing.Continue(t.Context(), "not a traceparent"); trace.SpanContextFromContext(ctx).IsValid() {
		t.Error("a malformed traceparent was taken")
	}
	if err := tracing.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}
