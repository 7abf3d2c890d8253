package clock_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tierform/tierform/internal/deploy/clock"
)

func TestSystem(t *testing.T) {
	var c clock.Clock = clock.System{}
	before := time.Now()
	if now := c.Now(); now.Before(before) || now.After(time.Now()) {
		t.Errorf("now is %v", now)
	}
	if err := c.Sleep(t.Context(), 0); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, d := range []time.Duration{0, time.Hour} {
		if err := c.Sleep(ctx, d); !errors.Is(err, context.Canceled) {
			t.Errorf("sleeping %v in a run that has ended: %v", d, err)
		}
	}
}

// ending is a context that ends right after it was looked at.
type ending struct {
	context.Context
	looks *int
}

func (e ending) Err() error {
	if *e.looks++; *e.looks == 1 {
		return nil
	}
	return e.Context.Err()
}

func TestSystemIsWokenByTheEndOfARun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (clock.System{}).Sleep(ending{ctx, new(int)}, time.Hour); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
