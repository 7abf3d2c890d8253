package world

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// What a wait was for is told even when the last try was cut short by the end of the wait.
func TestUntilSaysWhatItWaitedFor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	tries := 0
	err := Until(ctx, func() error {
		if tries++; tries < 3 {
			return errors.New("no trace yet")
		}
		cancel()
		return ctx.Err()
	})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "no trace yet") {
		t.Error(err)
	}
	if err := Until(ctx, func() error { return ErrGiveUp }); !errors.Is(err, ErrGiveUp) || errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := Until(ctx, func() error { return nil }); err != nil {
		t.Error(err)
	}
}
