package payment

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/tierform/tierform/services/internal/upstream"
)

// ProcessorTime bounds a call of the transaction-processor: a customer waits
// for it in GET /payments/{id}.
const ProcessorTime = 1500 * time.Millisecond

// nudges is how many nudges may be under way at once. More are dropped, since
// the outbox row hands the payment over anyway, a little later.
const nudges = 32

// Settlement is what the transaction-processor tells of a payment.
type Settlement struct {
	Status           string    `json:"status"`
	NetworkReference string    `json:"network_reference"`
	SettledAt        time.Time `json:"settled_at"`
}

// Processor calls the transaction-processor; it is a Settlements.
type Processor struct {
	client *upstream.Client
	log    *slog.Logger
	slots  chan struct{}
	tasks  sync.WaitGroup
	down   atomic.Bool
}

// NewProcessor calls through a client of the transaction-processor.
func NewProcessor(client *upstream.Client, log *slog.Logger) *Processor {
	return &Processor{client: client, log: log, slots: make(chan struct{}, nudges)}
}

// Settlement implements Settlements.
func (p *Processor) Settlement(ctx context.Context, id uuid.UUID) (*Settlement, error) {
	var settlement Settlement
	err := p.client.Get(ctx, &settlement, "transactions", id.String())
	if errors.Is(err, upstream.ErrNotFound) {
		p.tell(ctx, nil)
		return nil, nil
	}
	p.tell(ctx, err)
	if err != nil {
		return nil, err
	}
	return &settlement, nil
}

// Nudge asks for settling a new payment now, in the background and at best
// effort; it belongs to the request's trace and outlives the request.
func (p *Processor) Nudge(ctx context.Context, id uuid.UUID) {
	select {
	case p.slots <- struct{}{}:
	default:
		return
	}
	ctx = context.WithoutCancel(ctx)
	p.tasks.Go(func() {
		defer func() { <-p.slots }()
		body := struct {
			PaymentID uuid.UUID `json:"payment_id"`
		}{id}
		p.tell(ctx, p.client.Post(ctx, "", body, nil, "transactions"))
	})
}

// Wait waits for the nudges under way, each of which is bounded by the client's
// time. No nudge may begin meanwhile.
func (p *Processor) Wait() { p.tasks.Wait() }

// tell logs when the transaction-processor stops or begins to answer, not each
// call of the time between.
func (p *Processor) tell(ctx context.Context, err error) {
	switch down := err != nil; {
	case ctx.Err() != nil: // the customer has gone, which says nothing of the processor
	case p.down.Swap(down) == down:
	case down:
		p.log.WarnContext(ctx, "the transaction-processor does not answer; payments are taken and wait in the outbox", "error", err)
	default:
		p.log.InfoContext(ctx, "the transaction-processor answers again")
	}
}
