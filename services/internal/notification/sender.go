package notification

import (
	"context"
	"log/slog"
)

// LogSender stands in for a provider of messages: it writes a log line.
type LogSender struct{ Log *slog.Logger }

// Send implements Sender.
func (s LogSender) Send(ctx context.Context, key string, notification Notification) error {
	s.Log.InfoContext(ctx, "notification sent", "payment_id", notification.PaymentID.String(),
		"payment_status", notification.Status, "key", key)
	return nil
}
