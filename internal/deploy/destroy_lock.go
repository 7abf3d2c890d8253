package deploy

import (
	"context"
	"errors"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
)

// underLock deletes the stacks while nobody else works on the environment. Without a bucket there is no lock, and no deployment either.
func (d *destruction) underLock(ctx context.Context, platform *stack) error {
	bucket, err := d.bucket(ctx, platform)
	if err != nil {
		return err
	}
	if bucket == nil {
		return d.removeAll(ctx, "")
	}
	began, removed := false, error(nil)
	err = d.locked(ctx, bucket, d.request.WaitLock, func(ctx context.Context) error {
		began = true
		if d.request.KeepArtifacts { // and with them the records
			d.bury(ctx, bucket, platform)
		}
		removed = d.removeAll(ctx, bucket.Name())
		return removed
	})
	switch {
	case !cloud.Missing(err):
		return err
	case !began: // a destroy before this one deleted the bucket, or somebody by hand
		return d.removeAll(ctx, "")
	}
	return removed // the bucket is gone, and the lock with it
}

// unheld says of an error for want of the lock what it means for a destroy.
func (d *destruction) unheld(err error) error {
	if d.lost == nil || !errors.Is(err, d.lost) {
		return err
	}
	return &fault.Error{Code: fault.Busy, What: "what is left of " + d.environment.suffix + " stays for now", Err: without(d.lost), Do: "deploy watch -e " + d.environment.suffix + "; when nobody else works on it: " + d.again()}
}

// removeAll deletes the root stacks one after the other. Log groups are looked for between them too: those that services make again
// appear some time after the deletion.
func (d *destruction) removeAll(ctx context.Context, artifacts string) error {
	for _, s := range d.alive {
		if err := d.remove(ctx, s, artifacts); err != nil {
			return err
		}
		if err := d.holding(ctx); err != nil { // somebody may deploy anew
			return err
		}
		if err := d.sweepLogGroups(ctx); err != nil {
			return err
		}
	}
	return nil
}
