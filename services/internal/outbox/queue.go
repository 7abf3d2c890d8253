// Package outbox works off the rows that services hand over to each other in the database. A row is claimed, worked on and
// deleted in one transaction: a task that is killed loses its claim at once, and another one does the work. Work that
// leaves the database must therefore be idempotent.
package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/tierform/tierform/services/internal/database"
	"github.com/tierform/tierform/services/internal/telemetry"
)

// Topics of rows.
const (
	Settle = "settle"
	Notify = "notify"
)

// Row is work to do for a payment.
type Row struct {
	ID          int64
	PaymentID   uuid.UUID
	Payload     json.RawMessage
	Traceparent string        // of the request that wrote it, in W3C trace context
	Attempts    int           // that failed
	Age         time.Duration // when it was claimed
}

// Work does a row's work; what it writes through tx is committed together with the row's deletion. After an error what it
// wrote is undone, and the row is tried again later.
type Work func(ctx context.Context, tx pgx.Tx, row Row) error

// Times of a row. A transaction must end before the server ends it for being idle, see database.Open.
const (
	workTime  = 12 * time.Second
	totalTime = 14 * time.Second

	firstDelay = time.Second
	longDelay  = time.Minute

	// overdue is longer than a restart or a release of what the work calls takes.
	overdue = 15 * time.Minute
)

// Overdue is the message, at level ERROR, of each attempt that failed at a row older than a quarter of an hour: somebody
// must look, since rows are tried for ever. Alarms look for it, so it stays as it is.
const Overdue = "work of the outbox is overdue"

// Queue is the rows of one topic.
type Queue struct {
	Pool    *pgxpool.Pool
	Topic   string
	Work    Work
	Done    func() // called after each row that was worked off, unless nil
	Tracing *telemetry.Tracing
	Log     *slog.Logger
}

const claim = `SELECT id, payment_id, payload, traceparent, attempts, now() - created_at FROM outbox
	WHERE topic = $1 AND available_at <= now()`

// Next claims the row that waits longest and works on it. It says whether there was one. Work that was begun is finished
// even when ctx ends meanwhile.
func (q *Queue) Next(ctx context.Context) (bool, error) {
	return q.one(ctx, claim+` ORDER BY available_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`, q.Topic)
}

// Of claims the row of one payment and works on it. It says false when there is none, when somebody else works on it, and
// when it waits for its next attempt.
func (q *Queue) Of(ctx context.Context, payment uuid.UUID) (bool, error) {
	return q.one(ctx, claim+` AND payment_id = $2 FOR UPDATE SKIP LOCKED`, q.Topic, payment)
}

func (q *Queue) one(ctx context.Context, query string, args ...any) (found bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), totalTime)
	defer cancel()
	err = database.InTx(ctx, q.Pool, func(tx pgx.Tx) error {
		var row Row
		err := tx.QueryRow(ctx, query, args...).Scan(&row.ID, &row.PaymentID, &row.Payload, &row.Traceparent, &row.Attempts, &row.Age)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("claim a row: %w", err)
		}
		found = true
		return q.handle(ctx, tx, row)
	})
	if err != nil {
		return found, fmt.Errorf("outbox, topic %s: %w", q.Topic, err)
	}
	if found && q.Done != nil {
		q.Done()
	}
	return found, nil
}

// handle deletes a row whose work is done, and puts off one whose work failed.
func (q *Queue) handle(ctx context.Context, tx pgx.Tx, row Row) error {
	failed := q.attempt(ctx, tx, row)
	if failed == nil {
		_, err := tx.Exec(ctx, "DELETE FROM outbox WHERE id = $1", row.ID)
		return err
	}
	delay := backoff(row.Attempts)
	q.tell(ctx, row, delay, failed)
	_, err := tx.Exec(ctx, "UPDATE outbox SET attempts = attempts + 1, available_at = clock_timestamp() + $2 WHERE id = $1", row.ID, delay)
	return err
}

func (q *Queue) tell(ctx context.Context, row Row, delay time.Duration, failed error) {
	level, message := slog.LevelWarn, "work of the outbox failed; it is tried again"
	if row.Age > overdue {
		level, message = slog.LevelError, Overdue
	}
	q.Log.Log(ctx, level, message, "topic", q.Topic, "payment_id", row.PaymentID.String(), "attempt", row.Attempts+1,
		"age", row.Age.Round(time.Second).String(), "after", delay.String(), "error", failed)
}

// attempt works within a savepoint, so that the row can be put off after an error of the database.
func (q *Queue) attempt(ctx context.Context, tx pgx.Tx, row Row) error {
	working, cancel := context.WithTimeout(ctx, workTime)
	defer cancel()
	if !trace.SpanContextFromContext(ctx).IsValid() {
		working = q.Tracing.Continue(working, row.Traceparent)
	}
	working, span := q.Tracing.Tracer().Start(working, "outbox "+q.Topic, trace.WithSpanKind(trace.SpanKindConsumer))
	defer span.End()
	err := pgx.BeginFunc(ctx, tx, func(savepoint pgx.Tx) error { return q.Work(working, savepoint, row) })
	if err != nil {
		span.SetStatus(codes.Error, "failed")
	}
	return err
}

// backoff doubles with each attempt, up to a minute; half of it is random, so that rows that failed together do not come
// back together.
func backoff(attempts int) time.Duration {
	delay := longDelay
	if attempts < 6 {
		delay = firstDelay << attempts
	}
	return delay/2 + rand.N(delay/2)
}
