// Package telemetry sends traces to the task's collector and carries the trace
// context (W3C Trace Context) between services.
package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

const scope = "github.com/tierform/tierform/services"

// Settings say whose traces go where.
type Settings struct {
	Collector   *url.URL // OTLP over HTTP; the path /v1/traces is added
	Service     string
	Instance    string
	Environment string
}

// Tracing makes and carries spans. The zero value is not usable: see Start and
// Disabled.
type Tracing struct {
	provider   trace.TracerProvider
	propagator propagation.TextMapPropagator
	stop       func(context.Context) error
}

// Start sends spans to the collector in the background. A collector that does
// not answer costs traces, never requests.
func Start(ctx context.Context, settings Settings, log *slog.Logger) (*Tracing, error) {
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(settings.Collector.JoinPath("v1", "traces").String()))
	if err != nil {
		return nil, fmt.Errorf("prepare sending traces to %s: %w", settings.Collector.Host, err)
	}
	// The SDK has one handler for errors per process; without it they are
	// written past the log.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		log.Warn("traces not sent", "error", err)
	}))
	return New(sdktrace.WithBatcher(exporter), settings), nil
}

// New makes spans that go where the option says; tests give it a recorder.
func New(to sdktrace.TracerProviderOption, settings Settings) *Tracing {
	provider := sdktrace.NewTracerProvider(to, sdktrace.WithResource(resource.NewSchemaless(
		attribute.String("service.name", settings.Service),
		attribute.String("service.instance.id", settings.Instance),
		attribute.String("deployment.environment.name", settings.Environment),
	)))
	return &Tracing{provider: provider, propagator: propagation.TraceContext{}, stop: provider.Shutdown}
}

// Disabled makes no spans.
func Disabled() *Tracing {
	return &Tracing{
		provider:   noop.NewTracerProvider(),
		propagator: propagation.TraceContext{},
		stop:       func(context.Context) error { return nil },
	}
}

// Stop sends what is left, as long as ctx allows.
func (t *Tracing) Stop(ctx context.Context) error {
	if err := t.stop(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// Tracer makes spans by hand.
func (t *Tracing) Tracer() trace.Tracer { return t.provider.Tracer(scope) }

// Handler makes a span of each request, named by method and route pattern, and
// continues the caller's trace. Health checks are left out.
func (t *Tracing) Handler(next http.Handler) http.Handler {
	return otelhttp.NewHandler(next, "http",
		otelhttp.WithTracerProvider(t.provider),
		otelhttp.WithPropagators(t.propagator),
		otelhttp.WithFilter(func(r *http.Request) bool { return r.URL.Path != "/health" }),
	)
}

// Transport makes a span of each call and hands the trace on.
func (t *Tracing) Transport(next http.RoundTripper) http.RoundTripper {
	return otelhttp.NewTransport(next,
		otelhttp.WithTracerProvider(t.provider),
		otelhttp.WithPropagators(t.propagator),
	)
}

// Traceparent is the traceparent header that continues ctx's trace; empty
// without one. It is what a row of the outbox keeps.
func (t *Tracing) Traceparent(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	t.propagator.Inject(ctx, carrier)
	return carrier.Get("traceparent")
}

// Continue puts a kept traceparent into ctx, so that what follows belongs to
// that trace. A malformed one changes nothing.
func (t *Tracing) Continue(ctx context.Context, traceparent string) context.Context {
	return t.propagator.Extract(ctx, propagation.MapCarrier{"traceparent": traceparent})
}
