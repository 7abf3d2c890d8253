package settlement

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/uuid"
)

// longWork asks for a payment that another worker has claimed, and settles one after it, while the card network takes its
// time.
func longWork(t *testing.T, r *rig) {
	slow := &network{entered: make(chan struct{}), release: make(chan struct{})}
	quick := *r.settle
	quick.Work = (&Settler{Network: r.network, Tracing: r.tracing}).Settle
	r.settle.Work = (&Settler{Network: slow, Tracing: r.tracing}).Settle
	first, second := r.pay(t, "tok_visa", ""), r.pay(t, "tok_visa", "")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if _, err := r.settle.Of(context.WithoutCancel(t.Context()), first); err != nil {
			t.Error(err)
		}
	}()
	await(t, "the claim", slow.entered)
	if code, answer := r.request(t, http.MethodPost, "/transactions", body(first)); code != http.StatusAccepted {
		t.Errorf("a payment that is being settled: %d %s", code, answer)
	}
	if !next(t, &quick) {
		t.Error("the payment behind it is not settled")
	}
	r.expect(t, second, "settled settled notify:0")
	close(slow.release)
	await(t, "the end", ended)
	r.expect(t, first, "settled settled notify:0")
}

func body(payment uuid.UUID) string { return `{"payment_id":"` + payment.String() + `"}` }
