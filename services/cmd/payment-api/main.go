// The payment-api takes payments of customers and tells what became of them.
package main

import (
	"context"
	"errors"
	"net/http"
	"os"

	"github.com/tierform/tierform/services/internal/config"
	"github.com/tierform/tierform/services/internal/database"
	"github.com/tierform/tierform/services/internal/payment"
	"github.com/tierform/tierform/services/internal/server"
	"github.com/tierform/tierform/services/internal/upstream"
)

func main() { os.Exit(server.Main(os.Args[1:], os.LookupEnv, os.Stdout, program)) }

func program(settings *config.Reader, instance string) func(context.Context, server.Base) error {
	access := database.ReadServiceSettings(settings, instance)
	processor := settings.URL("TRANSACTION_PROCESSOR_URL")
	return func(ctx context.Context, base server.Base) error {
		pool, err := access.Open(ctx, base.Log)
		if err != nil {
			return err
		}
		defer pool.Close()
		// Serving begins without the database: the health check must not depend
		// on it, and payments are refused with 503 until it answers.
		go func() {
			if err := database.WaitUntilReady(ctx, pool, base.Log); err != nil && !errors.Is(err, context.Canceled) {
				base.Log.ErrorContext(ctx, "the database was never reached", "error", err)
			}
		}()
		calls := payment.NewProcessor(upstream.NewClient(processor, base.HTTP, payment.ProcessorTime), base.Log)
		defer calls.Wait()
		handler := &payment.Handler{
			Store:       payment.NewPostgres(pool, base.Tracing.Traceparent),
			Settlements: calls,
			Created:     calls.Nudge,
			Log:         base.Log,
		}
		routes := http.NewServeMux()
		handler.Routes(routes)
		return base.Serve(ctx, routes)
	}
}
