// Package settlement settles payments with the card network and tells what became of them.
package settlement

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tierform/tierform/services/internal/database"
	"github.com/tierform/tierform/services/internal/outbox"
	"github.com/tierform/tierform/services/internal/telemetry"
)

// What becomes of a payment.
const (
	Settled  = "settled"
	Declined = "declined"
)

// Payment is what the card network is asked to settle.
type Payment struct {
	ID        uuid.UUID
	Amount    int64 // in the currency's minor unit
	Currency  string
	CardToken string
	Reference string
}

// Result is the card network's answer.
type Result struct {
	Status    string // Settled or Declined
	Reference string // the network's own, for inquiries
}

// CardNetwork settles payments. Settling a payment again gives the first answer again: a task may be killed between the
// answer and writing it down. An error means that it is not known, and is asked again later.
type CardNetwork interface {
	Settle(ctx context.Context, payment Payment) (Result, error)
}

// Settlement is what the card network answered to a payment.
type Settlement struct {
	PaymentID        uuid.UUID `json:"payment_id"`
	Status           string    `json:"status"`
	NetworkReference string    `json:"network_reference"`
	SettledAt        time.Time `json:"settled_at"`
}

// ErrNone says that a payment has no settlement yet, or is unknown.
var ErrNone = errors.New("no settlement")

// networkTime bounds one call of the card network.
const networkTime = 5 * time.Second

// Settler does the work of the outbox's topic "settle".
type Settler struct {
	Network CardNetwork
	Tracing *telemetry.Tracing
}

// Settle implements outbox.Work: it writes the settlement, the payment's status and the hand-over to notifications.
func (s *Settler) Settle(ctx context.Context, tx pgx.Tx, row outbox.Row) error {
	payment, err := find(ctx, tx, row.PaymentID)
	if err != nil {
		return err
	}
	asking, cancel := context.WithTimeout(ctx, networkTime)
	defer cancel()
	result, err := s.Network.Settle(asking, payment)
	if err != nil {
		return fmt.Errorf("ask the card network: %w", err)
	}
	return s.write(ctx, tx, payment.ID, result)
}

func find(ctx context.Context, tx pgx.Tx, id uuid.UUID) (Payment, error) {
	p := Payment{ID: id}
	err := tx.QueryRow(ctx, "SELECT amount, currency, card_token, reference FROM payments WHERE id = $1", id).
		Scan(&p.Amount, &p.Currency, &p.CardToken, &p.Reference)
	if err != nil {
		return Payment{}, fmt.Errorf("read the payment: %w", err)
	}
	return p, nil
}

const (
	insertSettlement = `INSERT INTO settlements (payment_id, status, network_reference) VALUES ($1, $2, $3)
		ON CONFLICT (payment_id) DO NOTHING`
	insertNotification = `INSERT INTO outbox (topic, payment_id, payload, traceparent) VALUES ('notify', $1, $2, $3)
		ON CONFLICT (topic, payment_id) DO NOTHING`
)

// write uses statements that may be repeated: a row that an operator put into the outbox again must not fail for ever.
func (s *Settler) write(ctx context.Context, tx pgx.Tx, id uuid.UUID, result Result) error {
	if _, err := tx.Exec(ctx, insertSettlement, id, result.Status, result.Reference); err != nil {
		return fmt.Errorf("write the settlement: %w", err)
	}
	if _, err := tx.Exec(ctx, "UPDATE payments SET status = $2 WHERE id = $1", id, result.Status); err != nil {
		return fmt.Errorf("write the payment's status: %w", err)
	}
	payload, err := json.Marshal(notification{PaymentID: id, Status: result.Status})
	if err != nil {
		return fmt.Errorf("write the notification: %w", err)
	}
	if _, err := tx.Exec(ctx, insertNotification, id, payload, s.Tracing.Traceparent(ctx)); err != nil {
		return fmt.Errorf("hand the notification over: %w", err)
	}
	return nil
}

// Find reads the settlement of a payment; ErrNone when there is none.
func Find(ctx context.Context, pool *pgxpool.Pool, id uuid.UUID) (Settlement, error) {
	s := Settlement{PaymentID: id}
	err := database.InConn(ctx, pool, func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "SELECT status, network_reference, settled_at FROM settlements WHERE payment_id = $1", id).
			Scan(&s.Status, &s.NetworkReference, &s.SettledAt)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Settlement{}, ErrNone
	}
	if err != nil {
		return Settlement{}, fmt.Errorf("read a settlement: %w", err)
	}
	return s, nil
}
