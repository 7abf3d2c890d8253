package payment

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tierform/tierform/services/internal/database"
)

// Traceparent gives the trace context that an outbox row carries on.
type Traceparent func(context.Context) string

// Postgres keeps payments in PostgreSQL; it is a Store.
type Postgres struct {
	pool        *pgxpool.Pool
	traceparent Traceparent
}

// NewPostgres keeps payments through any pool whose role may SELECT and INSERT
// payments and INSERT outbox.
func NewPostgres(pool *pgxpool.Pool, traceparent Traceparent) *Postgres {
	return &Postgres{pool: pool, traceparent: traceparent}
}

// The unique key decides between two requests at once: the second waits for the
// first one's transaction, then inserts nothing.
const insertPayment = `
INSERT INTO payments (id, idempotency_key, request_digest, amount, currency, card_token, reference, status)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (idempotency_key) DO NOTHING
RETURNING created_at`

const insertHandOver = `
INSERT INTO outbox (topic, payment_id, payload, traceparent)
VALUES ('settle', $1, jsonb_build_object('payment_id', $1::uuid), $2)`

const selectPayment = `
SELECT id, idempotency_key, request_digest, amount, currency, card_token, reference, status, created_at
FROM payments WHERE `

// Create implements Store.
func (s *Postgres) Create(ctx context.Context, payment Payment) (Payment, error) {
	err := database.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		request := payment.Request
		err := tx.QueryRow(ctx, insertPayment, payment.ID, payment.IdempotencyKey, payment.Digest[:], request.Amount,
			request.Currency, request.CardToken, request.Reference, payment.Status).Scan(&payment.CreatedAt)
		if errors.Is(err, pgx.ErrNoRows) {
			payment, err = find(ctx, tx, "idempotency_key = $1", payment.IdempotencyKey)
			return err
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, insertHandOver, payment.ID, s.traceparent(ctx))
		return err
	})
	if err != nil {
		return Payment{}, fmt.Errorf("keep a payment: %w", err)
	}
	return payment, nil
}

// Find implements Store.
func (s *Postgres) Find(ctx context.Context, id uuid.UUID) (Payment, error) {
	var found Payment
	err := database.InConn(ctx, s.pool, func(conn *pgx.Conn) (err error) {
		found, err = find(ctx, conn, "id = $1", id)
		return err
	})
	if err != nil {
		return Payment{}, fmt.Errorf("find a payment: %w", err)
	}
	return found, nil
}

// querier is a connection or a transaction.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func find(ctx context.Context, db querier, condition string, value any) (Payment, error) {
	var p Payment
	var digest []byte
	err := db.QueryRow(ctx, selectPayment+condition, value).Scan(&p.ID, &p.IdempotencyKey, &digest, &p.Request.Amount,
		&p.Request.Currency, &p.Request.CardToken, &p.Request.Reference, &p.Status, &p.CreatedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return Payment{}, ErrUnknown
	}
	copy(p.Digest[:], digest)
	return p, err
}
