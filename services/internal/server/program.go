package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os/signal"
	"syscall"

	"github.com/tierform/tierform/services/internal/config"
	"github.com/tierform/tierform/services/internal/logging"
	"github.com/tierform/tierform/services/internal/metrics"
	"github.com/tierform/tierform/services/internal/telemetry"
	"github.com/tierform/tierform/services/internal/upstream"
)

// Base is what a service gets before its own parts start.
type Base struct {
	Service  config.Service
	Instance string // random, different in each task
	Log      *slog.Logger
	Metrics  *metrics.Emitter
	Tracing  *telemetry.Tracing
	HTTP     http.RoundTripper // to other services, with traces
}

// Serve serves routes on the service's port until ctx ends, then drains.
func (b Base) Serve(ctx context.Context, routes *http.ServeMux) error {
	listener, err := Listen(ctx, b.Service.Port)
	if err != nil {
		return err
	}
	b.Log.InfoContext(ctx, "serving", "port", b.Service.Port)
	return Serve(ctx, listener, Handler(routes, b.Tracing, b.Log), b.Service.DrainTimeout(), b.Log)
}

// Program is one service. It reads its own settings, and gives what runs the
// service until ctx ends and its work is finished. Nothing runs when a setting
// is faulty.
type Program func(settings *config.Reader, instance string) func(ctx context.Context, base Base) error

// Main runs a service, or its health check when that is the argument, and gives
// the exit code. SIGTERM and SIGINT end the context.
func Main(arguments []string, lookup config.Lookup, stdout io.Writer, program Program) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	out := logging.Output(stdout)
	log := logging.New(out, "unknown", "")
	switch {
	case len(arguments) == 1 && arguments[0] == "healthcheck":
		return checkHealth(ctx, lookup, log)
	case len(arguments) > 0:
		log.Error("the only argument a service knows is healthcheck")
		return config.ExitCode
	}
	settings, instance := config.NewReader(lookup), NewInstance()
	service := config.ReadService(settings)
	run := program(settings, instance)
	if err := settings.Err(); err != nil {
		log.Error("not started", "error", err)
		return config.ExitCode
	}
	if err := start(ctx, out, service, instance, run); err != nil {
		log.Error("ended", "service", service.Name, "error", err)
		return 1
	}
	return 0
}

func checkHealth(ctx context.Context, lookup config.Lookup, log *slog.Logger) int {
	settings := config.NewReader(lookup)
	port := settings.Port("PORT")
	if err := settings.Err(); err != nil {
		log.Error("not checked", "error", err)
		return config.ExitCode
	}
	if err := CheckHealth(ctx, port); err != nil {
		log.Error("not healthy", "error", err)
		return 1
	}
	return 0
}

// start gives a service its base, runs it, and sends the last traces.
func start(ctx context.Context, out io.Writer, service config.Service, instance string, run func(context.Context, Base) error) error {
	log := logging.New(out, service.Name, instance)
	tracing, err := telemetry.Start(ctx, telemetry.Settings{
		Collector:   service.Collector,
		Service:     service.TraceName,
		Instance:    instance,
		Environment: service.Environment,
	}, log)
	if err != nil {
		return err
	}
	failed := run(ctx, Base{
		Service:  service,
		Instance: instance,
		Log:      log,
		Metrics:  metrics.NewEmitter(out, service.MetricNamespace, service.Environment, service.Name),
		Tracing:  tracing,
		HTTP:     tracing.Transport(upstream.NewTransport()),
	})
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), config.Reserve/2)
	defer cancel()
	if err := tracing.Stop(last); err != nil {
		log.Warn("some traces are lost", "error", err)
	}
	log.Info("stopped")
	if failed != nil {
		return fmt.Errorf("run %s: %w", service.Name, failed)
	}
	return nil
}

// NewInstance makes a random name for this process, for logs and for the
// database's application_name.
func NewInstance() string {
	var random [6]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand, Go 1.24
	return hex.EncodeToString(random[:])
}
