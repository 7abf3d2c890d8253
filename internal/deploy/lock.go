package deploy

import (
	"context"
	"time"

	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/store"
)

// locked runs something while holding the environment's lock.
func (e *Engine) locked(ctx context.Context, bucket *store.Bucket, wait time.Duration, do func(context.Context) error) (err error) {
	lock, err := bucket.Lock(ctx, store.Holder{ID: e.NewID(), Owner: e.caller.ARN, Command: e.Command}, wait)
	if err != nil {
		return err
	}
	e.lock, e.lost = lock, nil
	defer func() {
		release, cancel := context.WithTimeout(context.Background(), cleanupTime)
		defer cancel()
		e.lock = nil
		if failed := lock.Release(release); failed != nil && err == nil {
			err = failed
		}
	}()
	return do(ctx)
}

// keepLock holds the lock for longer while something is followed or waited for. That it is lost is told and remembered: what AWS has begun
// is followed to its end, and nothing new is begun.
func (e *Engine) keepLock(ctx context.Context) {
	if e.lock != nil {
		e.keeps(e.lock.Renew(ctx))
	}
}

// holding is asked before anything new is begun, and so after each question to a person, who may take longer to answer than a lock lives.
// An error of code Busy says that the lock is lost. Without a lock, where there is no bucket for one, there is nothing to lose.
func (e *Engine) holding(ctx context.Context) error {
	if e.lock != nil {
		e.keeps(e.lock.Hold(ctx))
	}
	return e.lost
}

func (e *Engine) keeps(lost error) {
	if lost != nil {
		e.Reporter.Report(report.Note{Level: report.Warning, Text: without(lost).Error()})
		e.lock, e.lost = nil, lost
	}
}
