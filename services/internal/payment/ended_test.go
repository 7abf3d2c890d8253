package payment_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tierform/tierform/services/internal/payment"
	"github.com/tierform/tierform/services/internal/postgrestest"
)

// connectionsEnded takes all connections that wait in the pool away, as a failover does.
func connectionsEnded(t *testing.T, server *postgrestest.Server) {
	db, master := migrated(t, server)
	createRole(t, master, "first")
	opened := pool(t, db, &rotating{current: "first"})
	store := payment.NewPostgres(opened, func(context.Context) string { return "" })
	kept, err := store.Create(t.Context(), newPayment(t, "kept"))
	if err != nil {
		t.Fatal(err)
	}
	for round := range 6 {
		idle := fill(t, opened)
		superuser := db.ConnectSuperuser(t)
		execute(t, superuser, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'payment_api'")
		var all sync.WaitGroup
		for i := range idle {
			all.Go(func() {
				if err := use(t, store, kept.ID, round, i); err != nil {
					t.Errorf("round %d, call %d: %v", round, i, err)
				}
			})
		}
		all.Wait()
	}
}

// use takes payments in the first rounds, and looks for one in the others.
func use(t *testing.T, store *payment.Postgres, kept uuid.UUID, round, i int) error {
	if round < 3 {
		_, err := store.Create(t.Context(), newPayment(t, fmt.Sprintf("ended-%d-%d", round, i)))
		return err
	}
	_, err := store.Find(t.Context(), kept)
	return err
}

// fill opens as many connections as the pool may have, and leaves them there.
func fill(t *testing.T, opened *pgxpool.Pool) int {
	t.Helper()
	count := int(opened.Config().MaxConns)
	held := make([]*pgxpool.Conn, count)
	for i := range held {
		conn, err := opened.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		held[i] = conn
	}
	for _, conn := range held {
		conn.Release()
	}
	return count
}
