package deploy

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tierform/tierform/internal/deploy/clock"
)

// A late clock tells of the end of a pause only when something else has ended too.
type late struct {
	clock.System
	too <-chan struct{}
}

func (l late) Sleep(ctx context.Context, _ time.Duration) error {
	<-ctx.Done()
	<-l.too
	return ctx.Err()
}

// A time limit ends the run and the follower that outlives it at the same time: whichever is noticed first, it is no interruption.
func TestTheLimitIsNoInterruption(t *testing.T) {
	t.Parallel()
	run, interrupt := context.WithCancel(t.Context())
	interrupt()
	limited, end := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer end()
	w := &waker{Clock: late{too: limited.Done()}, run: run}
	if err := w.Sleep(limited, time.Hour); !errors.Is(err, context.DeadlineExceeded) || w.woken {
		t.Errorf("at the limit: %v", err)
	}
	ended := make(chan struct{})
	close(ended)
	w.Clock = late{too: ended}
	if err := w.Sleep(t.Context(), time.Hour); err != nil || !w.woken {
		t.Errorf("interrupted: %v", err)
	}
}
