package deploy

import (
	"context"
	"time"

	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/teardown"
)

// quiet ends what runs and writes in a stack that is about to be deleted.
func (d *destruction) quiet(ctx context.Context, resources []teardown.Resource) error {
	var targets []string
	for _, s := range teardown.Services(resources) {
		targets = append(targets, s.Target())
	}
	var failed []error
	if _, err := d.scale(ctx, targets, true); err != nil {
		failed = append(failed, err)
	}
	quieter := teardown.Quieter{Tasks: d.Cloud.ECS(), Balancers: d.Cloud.ELB(), Signer: d.signer}
	for _, err := range append(failed, quieter.Quiet(ctx, resources)...) {
		d.Reporter.Report(report.Note{Level: report.Warning, Text: "it goes on, but could not " + err.Error()})
	}
	return ctx.Err()
}

// empty empties the buckets and repositories among resources, but for the environment's lock, and what their templates retain.
func (d *destruction) empty(ctx context.Context, resources []teardown.Resource, lock string) error {
	for _, r := range resources {
		if r.Gone() || r.Retained() || r.ID == "" {
			continue
		}
		count, err, what := 0, error(nil), ""
		switch r.Type {
		case "AWS::S3::Bucket":
			count, err = d.emptyBucket(ctx, r.ID, lock)
			what = report.Plural(count, "object or version", "objects and versions") + " of bucket "
		case "AWS::ECR::Repository":
			count, err = teardown.EmptyRepository(ctx, d.Cloud.ECR(), r.ID)
			what = report.Plural(count, "image", "") + " of repository "
		}
		if err != nil {
			return err
		}
		if count > 0 {
			d.Reporter.Report(report.Note{Level: report.Info, Text: "deleted " + what + r.ID})
		}
	}
	return nil
}

// emptyBucket empties a bucket but for one key. It stops when the lock is lost meanwhile.
func (d *destruction) emptyBucket(ctx context.Context, name, lock string) (int, error) {
	emptying, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	held, tell := d.lock != nil, d.progress(ctx, name)
	count, err := teardown.Bucket{API: d.Cloud.S3(), Name: name, Owner: d.caller.Account, Spare: lock, Progress: func(deleted int) {
		if tell(deleted); held && d.lost != nil {
			stop(d.lost)
		}
	}}.Empty(emptying)
	if held && d.lost != nil {
		err = d.lost
	}
	return count, err
}

// tellEvery is how often the emptying of a large bucket says how far it is: it shows that it lives, and keeps its lock.
const tellEvery = 30 * time.Second

// progress tells how far the emptying of a bucket is.
func (d *destruction) progress(ctx context.Context, bucket string) func(int) {
	told := d.Clock.Now()
	return func(deleted int) {
		now := d.Clock.Now()
		if now.Sub(told) < tellEvery {
			return
		}
		told = now
		d.Reporter.Report(report.Note{Level: report.Info, Text: "deleted " + report.Plural(deleted, "object", "") + " of bucket " + bucket + " so far"})
		d.keepLock(ctx)
	}
}
