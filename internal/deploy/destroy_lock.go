package deploy

import (
	"context"
	"errors"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
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

// lookAgain repeats the look now that nobody else works on the environment: since the first one a person has answered and another run may
// have deployed, released or destroyed. More losses than those shown are shown too, and want the suffix once more.
func (d *destruction) lookAgain(ctx context.Context) error {
	shown, before := d.goes(), d.held
	if _, err := d.lookAround(ctx); err != nil {
		return err
	}
	for _, name := range sortedKeys(before) {
		if _, there := d.held[name]; !there { // gone since: the proof looks for what it had
			d.held[name] = before[name]
			d.note(name, operation.Outcome{Status: "DELETE_COMPLETE"})
		}
	}
	more := 0
	for thing := range d.goes() {
		if !shown[thing] {
			more++
		}
	}
	if more == 0 {
		return nil
	}
	d.Reporter.Report(report.Note{Level: report.Warning, Text: d.environment.suffix + " was changed since that was shown: " + report.Plural(more, "thing", "") + " more would be deleted"})
	d.Reporter.Report(d.losses())
	if d.Type == nil {
		return &fault.Error{Code: fault.Unapproved, What: d.environment.suffix + " was changed since its losses were shown, and nobody is there to approve the others", Do: "look at them, then: " + d.again()}
	}
	unconfirmed := d.request
	unconfirmed.Confirm = ""
	if err := d.confirm(ctx, unconfirmed); err != nil {
		return err
	}
	return d.holding(ctx)
}

// A thing is what a destroy deletes: its stack and names, and whether the template retains it.
type thing struct {
	stack, logical, physical string
	retained                 bool
}

// goes are the things that there are to be deleted.
func (d *destruction) goes() map[thing]bool {
	all := map[thing]bool{}
	for _, s := range d.alive {
		for _, r := range d.held[s.name] {
			if !r.Gone() {
				all[thing{r.Stack, r.LogicalID, r.ID, r.Retained()}] = true
			}
		}
	}
	return all
}

// removeAll looks again and deletes the root stacks one after the other. Log groups are looked for between them too: those that services
// make again appear some time after the deletion.
func (d *destruction) removeAll(ctx context.Context, artifacts string) error {
	if err := d.lookAgain(ctx); err != nil {
		return err
	}
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
