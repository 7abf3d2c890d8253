package outbox

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tierform/tierform/services/internal/database"
)

// Waits of a loop that found nothing, or no database.
const (
	poll       = time.Second
	afterError = 5 * time.Second
)

// Wake tells the loops of another queue that there is work, sooner than they would look themselves.
type Wake chan struct{}

// NewWake makes one.
func NewWake() Wake { return make(Wake, 1) }

// Up wakes one loop; it never waits.
func (w Wake) Up() {
	select {
	case w <- struct{}{}:
	default:
	}
}

// Run works rows off with so many workers until ctx ends; then it takes no further row, and returns when those that were
// taken are finished.
func (q *Queue) Run(ctx context.Context, workers int, wake Wake) {
	var all sync.WaitGroup
	for range workers {
		all.Go(func() { q.loop(ctx, wake) })
	}
	all.Wait()
}

func (q *Queue) loop(ctx context.Context, wake Wake) {
	for ctx.Err() == nil {
		found, err := q.Next(ctx)
		switch {
		case err != nil:
			q.Log.WarnContext(ctx, "the outbox cannot be worked off; trying again", "topic", q.Topic, "after", afterError.String(), "error", err)
			pause(ctx, afterError, nil)
		case !found:
			pause(ctx, poll, wake)
		}
	}
}

func pause(ctx context.Context, wait time.Duration, wake Wake) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-wake:
	}
}

// backlog counts the rows that could be worked on now, not those that wait for their next attempt: more tasks would not
// help them. A role sees its own sessions in pg_stat_activity; a task has several, all with one application_name.
const backlog = `SELECT (SELECT count(*) FROM outbox WHERE available_at <= now()),
	(SELECT count(DISTINCT application_name) FROM pg_stat_activity
	 WHERE usename = current_user AND datname = current_database() AND application_name LIKE $1 || '/%')`

// BacklogPerTask is the number of waiting rows for each task of the service that is connected to the database, this one
// included.
func BacklogPerTask(ctx context.Context, pool *pgxpool.Pool, service string) (float64, error) {
	var rows, tasks int64
	err := database.InConn(ctx, pool, func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, backlog, service).Scan(&rows, &tasks)
	})
	if err != nil {
		return 0, fmt.Errorf("count the outbox's rows: %w", err)
	}
	return float64(rows) / float64(max(tasks, 1)), nil
}
