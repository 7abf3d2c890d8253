package runtime_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/tierform/tierform/test/runtime/platform"
	"github.com/tierform/tierform/test/runtime/world"
)

// started is a platform of its own for a test, which stops with it.
func started(t *testing.T, w *world.World, tasks map[string]int) *platform.Platform {
	t.Helper()
	realParts(t)
	p, err := platform.Start(t.Context(), platform.Options{Root: os.Getenv(rootVariable), World: w, Tasks: tasks})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// order is what the tests pay.
func order() platform.Order {
	return platform.Order{Amount: 1999, Currency: "EUR", CardToken: "tok_visa_4f3a9c", Reference: "order 7"}
}

// pays accepts a payment and returns it.
func pays(ctx context.Context, p *platform.Platform, key string) (platform.Payment, error) {
	status, payment, err := p.Pay(ctx, key, order())
	if err == nil && status != http.StatusAccepted {
		err = fmt.Errorf("POST /payments: %d", status)
	}
	return payment, err
}

// settled waits until the payment-api tells a payment's settlement.
func settled(ctx context.Context, p *platform.Platform, id string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return world.Until(ctx, func() error {
		status, payment, err := p.Payment(ctx, id)
		if err == nil && (status != http.StatusOK || payment.Settlement == nil || payment.Status != "settled") {
			err = fmt.Errorf("GET /payments/%s: %d %+v", id, status, payment)
		}
		return err
	})
}

func TestPaymentIsSettled(t *testing.T) {
	p := started(t, rendered(t), nil)
	payment, err := pays(t.Context(), p, "first")
	if err != nil {
		t.Error(err)
	} else if err := settled(t.Context(), p, payment.ID); err != nil {
		t.Error(err)
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
}
