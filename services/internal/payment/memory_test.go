package payment

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
)

// memory is a Store for tests of the handler.
type memory struct {
	mu       sync.Mutex
	payments map[string]Payment
	err      error
}

func (m *memory) Create(_ context.Context, payment Payment) (Payment, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return Payment{}, m.err
	}
	if kept, ok := m.payments[payment.IdempotencyKey]; ok {
		return kept, nil
	}
	payment.CreatedAt = time.Unix(1_700_000_000, 0)
	m.payments[payment.IdempotencyKey] = payment
	return payment, nil
}

func (m *memory) Find(_ context.Context, id uuid.UUID) (Payment, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, payment := range m.payments {
		if payment.ID == id {
			return payment, m.err
		}
	}
	return Payment{}, ErrUnknown
}
