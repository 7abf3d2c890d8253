package settlement

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tierform/tierform/services/internal/outbox"
	"github.com/tierform/tierform/services/internal/upstream"
)

// NotifyTime bounds a call of the notification-service. It is what Envoy gives the call with its retries, and leaves the
// transaction time to put the row off.
const NotifyTime = 10 * time.Second

// notification is the body of POST /notifications, and what a row of the topic "notify" carries.
type notification struct {
	PaymentID uuid.UUID `json:"payment_id"`
	Status    string    `json:"status"`
}

// Notifier does the work of the outbox's topic "notify".
type Notifier struct {
	Service *upstream.Client // the notification-service, through Envoy
}

// Deliver implements outbox.Work. The key is the same at each attempt, so that a customer hears once.
func (n *Notifier) Deliver(ctx context.Context, _ pgx.Tx, row outbox.Row) error {
	key := "settlement-" + row.PaymentID.String()
	if err := n.Service.Post(ctx, key, row.Payload, nil, "notifications"); err != nil {
		return fmt.Errorf("deliver a notification: %w", err)
	}
	return nil
}
