package world

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrGiveUp in an error tells [Until] that waiting is of no use.
var ErrGiveUp = errors.New("no use in waiting")

// Until calls a function again and again until it returns no error; when the context ends, the last error says why.
func Until(ctx context.Context, try func() error) error {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		err := try()
		if err == nil || errors.Is(err, ErrGiveUp) {
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		}
	}
}
