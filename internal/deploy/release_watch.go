package deploy

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/live"
	"github.com/tierform/tierform/internal/deploy/release"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/store"
)

// A watching follows releases that another run, or somebody else, began.
type watching struct {
	*Engine
	bucket   *store.Bucket
	services []release.Service
	// stopping tells that the old revision is meant to serve again.
	stopping bool
}

// watchReleases follows releases that run, and completes what a run that died left. It tells whether there was anything of that.
func (e *Engine) watchReleases(ctx context.Context) (bool, error) {
	s, err := e.look(ctx)
	if err == nil && (s.platform == nil || s.platform.outputs[applicationOutput] == "" || len(s.services) == 0) {
		return false, nil
	}
	var bucket *store.Bucket
	if err == nil {
		bucket, err = e.needBucket(ctx)
	}
	var record store.Record
	if err == nil {
		record, _, err = bucket.Unfinished(ctx)
	}
	if err != nil { // the stack can be followed all the same
		e.Reporter.Report(report.Note{Level: report.Warning, Text: "whether releases run cannot be told: " + e.words(err)})
		return false, nil
	}
	if len(record.Releases) == 0 {
		record.ID = ""
	}
	services, err := e.releaseServices(ctx, s)
	if cloud.Denied(err) && record.ID == "" && !slices.ContainsFunc(s.services, func(l live.Service) bool { return l.Releasing }) {
		return false, nil // who may not ask CodeDeploy can still follow the stack
	}
	if err != nil {
		return true, err
	}
	running, err := e.releasesRunning(ctx, services)
	if err != nil || len(running) == 0 && record.ID == "" {
		return err != nil, err
	}
	return true, (&watching{Engine: e, bucket: bucket, services: services}).run(ctx, record.ID)
}

// run follows what runs to its end. Then, with the lock, it completes the record of the run that began it, where there is one.
func (w *watching) run(ctx context.Context, record string) error {
	alive, end := outliving(ctx)
	defer end()
	var failed []error
	for _, s := range w.services {
		followed, err := w.follow(ctx, alive, s)
		if err != nil {
			return err
		}
		if followed != nil && record == "" {
			failed = append(failed, w.ended(alive, s, *followed))
		}
	}
	if record != "" {
		failed = append(failed, w.complete(alive, record))
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	w.result(report.Result{Status: "done", Text: "no release runs any more"})
	return nil
}

// follow follows the release of a service, if one runs.
func (w *watching) follow(ctx, alive context.Context, s release.Service) (*release.Outcome, error) {
	shifter := release.NewCodeDeploy(w.Cloud.CodeDeploy())
	latest, err := shifter.Latest(ctx, s)
	if err != nil || !latest.Running() {
		return nil, err
	}
	if w.stopping {
		if err := shifter.Stop(ctx, latest.ID); err != nil {
			return nil, err
		}
	}
	outcome, err := w.followRelease(ctx, alive, s, latest.ID, release.UntilTerminated)
	if err != nil {
		return nil, w.detached(err)
	}
	return &outcome, nil
}

// lockPatience is how long watch waits for the lock of a run that died: longer than a lock lives.
const lockPatience = 20 * time.Minute

// complete completes the record of the run that died; one that lives does so itself, and is waited for.
func (w *watching) complete(ctx context.Context, id string) error {
	return w.locked(ctx, w.bucket, lockPatience, func(ctx context.Context) error {
		if _, err := w.finishReleases(ctx, w.bucket); err != nil {
			return err
		}
		record, err := w.bucket.Record(ctx, id)
		if err != nil {
			return err
		}
		return w.meant(outcomeOf(record))
	})
}

// meant is nil for a release that was rolled back when that was asked for.
func (w *watching) meant(err error) error {
	if w.stopping && fault.CodeOf(err) == fault.RolledBack {
		return nil
	}
	return err
}

// ended tells how a release ended that no run of this command began.
func (w *watching) ended(ctx context.Context, s release.Service, outcome release.Outcome) error {
	now, err := w.servingNow(ctx, s)
	if err != nil {
		return err
	}
	told := report.Released{Service: s.Title, Deployment: outcome.Release.ID, Result: report.NeedsPerson, Reason: outcome.Release.Reason}
	succeeded := outcome.Release.Status == release.Succeeded
	back := outcome.Back != nil && outcome.Back.Status == release.Succeeded || outcome.Release.Returning && succeeded
	switch {
	case now.plain && succeeded && !outcome.Release.Returning:
		told.Result = report.Shifted
	case now.plain && (back || now.sets == 1):
		told.Result = report.RolledBack
	}
	if now.plain {
		told.Serving, told.Color = shortRevision(now.revision), now.color
	}
	w.Reporter.Report(told)
	return w.meant((&releaseRun{Engine: w.Engine}).released(told, now))
}
