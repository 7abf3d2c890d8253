package deploy

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/store"
)

// shiftAll releases one service after the other. After one that was not shifted no other is begun, nor without the lock. In the end the
// stack is brought level.
func (r *releaseRun) shiftAll(ctx context.Context, orders []order) error {
	if err := r.holding(ctx); err != nil {
		return err
	}
	if err := r.begin(ctx, orders); err != nil {
		return err
	}
	alive, end := outliving(ctx)
	defer end()
	var failed error
	for i, o := range orders {
		lost := i > 0 && failed == nil && r.holding(alive) != nil // end says so
		if failed != nil || lost || errors.Is(ctx.Err(), context.Canceled) {
			r.report(i, report.Released{Service: o.Title, Result: report.Unbegun, Serving: shortRevision(o.serving.revision), Color: o.serving.color})
			continue
		}
		failed = r.shift(ctx, alive, o, i, len(orders))
	}
	return r.end(alive, failed)
}

// begin writes the record, before anything is touched: whoever comes after a crash knows what to mend.
func (r *releaseRun) begin(ctx context.Context, orders []order) error {
	var targets []string
	r.record = store.Record{ID: r.NewID(), Exceptions: r.excepted(), Command: r.Command, Caller: r.Engine.caller.ARN, Commit: r.Commit, Approved: "typed", Started: r.Clock.Now().UTC()}
	if r.request.Yes {
		r.record.Approved = "--yes"
	}
	for _, o := range orders {
		targets = append(targets, scalingTarget(o.Service))
		r.record.Releases = append(r.record.Releases, store.Release{Service: o.Title, From: o.serving.revision, To: text(o.registered.TaskDefinitionArn), Images: o.before, Back: r.request.back})
	}
	var err error
	if r.record.Suspended, err = r.scaling(ctx, targets); err != nil {
		return err
	}
	r.tag, err = r.bucket.Begin(ctx, r.record)
	return err
}

// update keeps the record level with what is done. That it cannot be written is told and stops nothing.
func (r *releaseRun) update(ctx context.Context) {
	tag, err := r.bucket.Update(ctx, r.record, r.tag)
	if err != nil {
		r.Reporter.Report(report.Note{Level: report.Warning, Text: err.Error()})
		return
	}
	r.tag = tag
}

// report tells how the release of one service ended, and keeps it.
func (r *releaseRun) report(i int, released report.Released) {
	r.done = append(r.done, released)
	r.record.Releases[i].Result = released.Result
	r.Reporter.Report(released)
}

// end brings the stack level with what serves and completes the record. What goes on in AWS stays for `watch`, and so does all of that
// when somebody else has the lock by now: an open record is what the next command completes.
func (r *releaseRun) end(ctx context.Context, failed error) error {
	if r.early || slices.ContainsFunc(r.done, func(d report.Released) bool { return d.Result == report.Running }) {
		r.update(ctx)
		if failed == nil {
			r.result(report.Result{Status: "done", Text: "as far as it was waited for; the release goes on in AWS", Next: []string{"deploy watch -e " + r.environment.suffix}})
		}
		return failed
	}
	err := errors.Join(failed, r.level(ctx, r.record, r.bucket))
	if r.suspended || r.lost != nil {
		r.update(ctx)
		return err
	}
	r.record.Ended, r.record.Result = r.Clock.Now().UTC(), report.Statuses()[fault.CodeOf(err)]
	if unwritten := r.bucket.End(ctx, r.record, r.tag); unwritten != nil {
		r.Reporter.Report(report.Note{Level: report.Warning, Text: unwritten.Error()})
	}
	if err == nil {
		r.result(report.Result{Status: "done", Text: "released " + strings.Join(r.shifted(), ", ")})
	}
	return err
}

func (r *releaseRun) shifted() []string {
	var names []string
	for _, d := range r.done {
		if d.Result == report.Shifted {
			names = append(names, d.Service)
		}
	}
	return names
}
