package telemetry

import (
	"net/http"
	"net/http/httptest"
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
