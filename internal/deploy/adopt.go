package deploy

import (
	"context"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/store"
)

// adopt completes the record of a run that died, or detached, before its operation ended, and gives it; an empty one for none.
func (e *Engine) adopt(ctx context.Context, o operation.Outcome) store.Record {
	warn := func(err error) {
		e.Reporter.Report(report.Note{Level: report.Warning, Text: "the deployment's record stays incomplete: " + e.words(err)})
	}
	bucket, err := e.needBucket(ctx)
	if err != nil {
		warn(err)
		return store.Record{}
	}
	record, tag, err := bucket.Unfinished(ctx)
	if err != nil {
		warn(err)
		return store.Record{}
	}
	// A run that was killed between its record and the execution has no operation: the one that ended is older.
	// That of a release is completed by what serves.
	if record.ID == "" || len(record.Releases) > 0 || o.Ended.Before(record.Started) {
		return store.Record{}
	}
	e.complete(ctx, bucket, record, tag, o)
	return record
}

// catchUp runs the administration task that a run which was left would have run after its change set. Whoever may not lock the environment
// leaves it to others, and so does who finds it locked: the run that has the lock may still come to it.
func (e *Engine) catchUp(ctx context.Context, p *stack, left store.Record, o operation.Outcome) error {
	if left.ID == "" || forward.code(o.Status) != fault.OK {
		return nil
	}
	bucket, err := e.needBucket(ctx)
	var failed error
	if err == nil {
		err = e.locked(ctx, bucket, 0, func(ctx context.Context) error {
			failed = e.afterChange(ctx, ctx, p.arn, left.NoAdministration, o)
			return nil
		})
	}
	if err != nil {
		e.Reporter.Report(report.Note{Level: report.Warning, Text: "the administration task that follows a change was not run from here: " + e.words(err) + "; its schedule makes up for it, or: " + e.adminCommand(AdminReconcile)})
	}
	return failed
}

// bury completes the record of a run that died, or detached, and that nobody watched to its end. It is called with the lock held, so that
// no run is alive, and before anything new is begun. What cannot be read is told, and stands in nobody's way.
func (e *Engine) bury(ctx context.Context, bucket *store.Bucket, s *stack) {
	record, tag, err := bucket.Unfinished(ctx)
	if err != nil || record.ID == "" {
		e.unburied(err)
		return
	}
	if len(record.Releases) > 0 {
		_, err := e.finishReleases(ctx, bucket)
		e.unburied(err)
		return
	}
	if s != nil && s.status != "REVIEW_IN_PROGRESS" {
		o, err := operation.Read(ctx, e.Cloud.CloudFormation(), e.Clock, s.arn)
		if err != nil || strings.HasSuffix(o.Status, "_IN_PROGRESS") {
			e.unburied(err)
			return
		}
		if !o.Ended.Before(record.Started) {
			e.complete(ctx, bucket, record, tag, o)
			return
		}
	}
	record.Result = report.Statuses()[fault.Interrupted] // it died before it executed anything
	e.unburied(bucket.End(ctx, record, tag))
}

func (e *Engine) unburied(err error) {
	if err != nil {
		e.Reporter.Report(report.Note{Level: report.Warning, Text: "the record of an earlier deployment stays incomplete: " + e.words(err)})
	}
}

// unfinished says of a record without a result what became of its run: only the latest can be running, and only while its operation does
// or it holds the lock.
func (e *Engine) unfinished(ctx context.Context, bucket *store.Bucket, latest bool) (string, error) {
	const dead = "broken off"
	if !latest {
		return dead, nil
	}
	s, err := e.describe(ctx, e.environment.platform())
	if err != nil {
		return "", err
	}
	if s != nil && s.status != "REVIEW_IN_PROGRESS" && strings.HasSuffix(s.status, "_IN_PROGRESS") {
		return "running", nil
	}
	if _, held, err := bucket.Holder(ctx); err != nil || held {
		return "running", err
	}
	return dead, nil
}
