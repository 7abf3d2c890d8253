// The transaction-processor settles payments with the card network and has customers notified of it.
package main

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tierform/tierform/services/internal/config"
	"github.com/tierform/tierform/services/internal/database"
	"github.com/tierform/tierform/services/internal/metrics"
	"github.com/tierform/tierform/services/internal/outbox"
	"github.com/tierform/tierform/services/internal/server"
	"github.com/tierform/tierform/services/internal/settlement"
	"github.com/tierform/tierform/services/internal/upstream"
)

// workers of each topic. Each holds a connection while it works; the rest of the pool is for requests.
const workers = 3

func main() { os.Exit(server.Main(os.Args[1:], os.LookupEnv, os.Stdout, program)) }

func program(settings *config.Reader, instance string) func(context.Context, server.Base) error {
	access := database.ReadServiceSettings(settings, instance)
	notifications := settings.URL("NOTIFICATION_SERVICE_URL")
	return func(ctx context.Context, base server.Base) error {
		pool, err := access.Open(ctx, base.Log)
		if err != nil {
			return err
		}
		defer pool.Close()
		return serve(ctx, base, pool, notifications)
	}
}

// serve runs the loops beside the requests. When ctx ends both take nothing new and finish what they have.
func serve(ctx context.Context, base server.Base, pool *pgxpool.Pool, notifications *url.URL) error {
	ctx, cancel := context.WithCancel(ctx)
	var loops sync.WaitGroup
	defer loops.Wait()
	defer cancel()

	delivery := outbox.NewWake()
	settler := &settlement.Settler{Network: settlement.Sandbox{}, Tracing: base.Tracing}
	settle := &outbox.Queue{Pool: pool, Topic: outbox.Settle, Work: settler.Settle, Done: delivery.Up, Tracing: base.Tracing, Log: base.Log}
	notifier := &settlement.Notifier{Service: upstream.NewClient(notifications, base.HTTP, settlement.NotifyTime)}
	notify := &outbox.Queue{Pool: pool, Topic: outbox.Notify, Work: notifier.Deliver, Tracing: base.Tracing, Log: base.Log}

	loops.Go(func() { settle.Run(ctx, workers, nil) })
	loops.Go(func() { notify.Run(ctx, workers, delivery) })
	loops.Go(func() {
		base.Metrics.Every(ctx, base.Log, metrics.Interval, metrics.BacklogPerTask, func(ctx context.Context) (float64, error) {
			return outbox.BacklogPerTask(ctx, pool, base.Service.Name)
		})
	})
	handler := &settlement.Handler{
		Settle: settle.Of,
		Find: func(ctx context.Context, payment uuid.UUID) (settlement.Settlement, error) {
			return settlement.Find(ctx, pool, payment)
		},
		Log: base.Log,
	}
	routes := http.NewServeMux()
	handler.Routes(routes)
	return base.Serve(ctx, routes)
}
