package payment

import (
	"context"
	"errors"
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

// check refuses a request that is over already, and one that would wait for a database for ever.
func check(ctx context.Context) error {
	if until, ok := ctx.Deadline(); !ok || time.Until(until) > 5*time.Second {
		return errors.New("a customer would wait too long")
	}
	return ctx.Err()
}

func (m *memory) Create(ctx context.Context, payment Payment) (Payment, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := check(ctx); err != nil {
		return Payment{}, err
	}
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

func (m *memory) Find(ctx context.Context, id uuid.UUID) (Payment, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := check(ctx); err != nil {
		return Payment{}, err
	}
	if m.err != nil {
		return Payment{}, m.err
	}
	for _, payment := range m.payments {
		if payment.ID == id {
			return payment, nil
		}
	}
	return Payment{}, ErrUnknown
}
