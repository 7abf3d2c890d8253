// The notification-service tells customers what became of their payments.
package main

import (
	"context"
	"net/http"
	"os"

	"github.com/tierform/tierform/services/internal/config"
	"github.com/tierform/tierform/services/internal/metrics"
	"github.com/tierform/tierform/services/internal/notification"
	"github.com/tierform/tierform/services/internal/server"
)

func main() { os.Exit(server.Main(os.Args[1:], os.LookupEnv, os.Stdout, program)) }

func program(*config.Reader, string) func(context.Context, server.Base) error {
	return func(ctx context.Context, base server.Base) error {
		service := notification.NewService(notification.LogSender{Log: base.Log})
		go base.Metrics.Every(ctx, base.Log, metrics.Interval, metrics.BacklogPerTask, func(context.Context) (float64, error) {
			return float64(service.Waiting()), nil
		})
		handler := &notification.Handler{Service: service, Log: base.Log}
		routes := http.NewServeMux()
		handler.Routes(routes)
		return base.Serve(ctx, routes)
	}
}
