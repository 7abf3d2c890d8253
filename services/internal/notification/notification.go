// Package notification tells customers what became of their payments.
package notification

import (
	"context"

	"github.com/google/uuid"
)

// Notification is the body of POST /notifications: what the outbox's topic
// "notify" carries.
type Notification struct {
	PaymentID uuid.UUID `json:"payment_id"`
	Status    string    `json:"status"` // of the settlement
}

// Sender brings a notification to the customer. The key is the same whenever
// the same notification comes again; a real sender hands it to its provider.
type Sender interface {
	Send(ctx context.Context, key string, notification Notification) error
}
