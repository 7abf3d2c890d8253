package world

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrGiveUp in an error tells [Until] that waiting is of no use.
var ErrGiveUp = errors.New("no use in waiting")

// Until calls a function again and again until it returns no error. When the context ends, the error says what it waited for: the last one
// that was not the context's own.
func Until(ctx context.Context, try func() error) error {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	var last error
	for {
		err := try()
		if err == nil || errors.Is(err, ErrGiveUp) {
			return err
		}
		if last == nil || ctx.Err() == nil {
			last = err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), last)
		}
	}
}
