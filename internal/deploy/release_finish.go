package deploy

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/release"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/store"
)

// finishReleases completes what a run that died left of its releases: it lets scaling go on, tells how the releases ended, and brings the
// stack level. The lock is held. It returns the record, with an ID if there was one. A release that still runs is an error of code Busy.
func (e *Engine) finishReleases(ctx context.Context, bucket *store.Bucket) (store.Record, error) {
	record, tag, err := bucket.Unfinished(ctx)
	if err != nil || len(record.Releases) == 0 {
		return store.Record{}, err
	}
	s, err := e.look(ctx)
	if err != nil {
		return record, err
	}
	services, err := e.releaseServices(ctx, s)
	if err != nil {
		return record, err
	}
	run := &releaseRun{Engine: e, bucket: bucket, record: record, tag: tag}
	for i := range record.Releases {
		if err := run.recover(ctx, i, services); err != nil {
			return record, err
		}
	}
	e.Reporter.Report(report.Note{Level: report.Info, Text: "completing " + record.Command + " of " + record.Caller + ", begun " + record.Started.Format(time.RFC3339) + " and broken off"})
	for _, target := range record.Suspended {
		if err := e.resume(target); err != nil {
			return record, err
		}
	}
	if err := e.level(ctx, run.record, bucket); err != nil {
		return run.record, err
	}
	run.record.Ended, run.record.Result = e.Clock.Now().UTC(), report.Statuses()[fault.CodeOf(outcomeOf(run.record))]
	return run.record, bucket.End(ctx, run.record, run.tag)
}

// outcomeOf is the error that a run of releases ended with, by its record; nil when all were shifted or none was begun.
func outcomeOf(record store.Record) error {
	by := map[string][]string{}
	for _, r := range record.Releases {
		by[r.Result] = append(by[r.Result], r.Service)
	}
	switch {
	case len(by[report.NeedsPerson]) > 0:
		return &fault.Error{Code: fault.NeedsPerson, What: "the release of " + strings.Join(by[report.NeedsPerson], ", ") + " did not end plainly", Do: "deploy release status; docs/runbook.md, \"A rollback failed\""}
	case len(by[report.RolledBack]) > 0:
		return &fault.Error{Code: fault.RolledBack, What: "the release of " + strings.Join(by[report.RolledBack], ", ") + " was rolled back", Do: "mend the cause and release again"}
	}
	return nil
}

// recover finds out how one release of a run that died ended.
func (r *releaseRun) recover(ctx context.Context, i int, services []release.Service) error {
	left := &r.record.Releases[i]
	if left.Result != "" && left.Result != report.Running {
		return nil
	}
	at := slices.IndexFunc(services, func(s release.Service) bool { return s.Title == left.Service })
	if at < 0 {
		left.Result = report.Unbegun // the service is gone, and its release with it
		return nil
	}
	s, shifter := services[at], release.NewCodeDeploy(r.Cloud.CodeDeploy())
	state, err := r.find(ctx, shifter, s, *left)
	if err != nil {
		return err
	}
	switch {
	case state.ID == "":
		r.report(i, report.Released{Service: s.Title, Result: report.Unbegun})
		return nil
	case !state.Over():
		return &fault.Error{Code: fault.Busy, What: "release " + state.ID + " of " + s.Title + " runs", Do: "deploy watch -e " + r.environment.suffix}
	}
	left.Deployment = state.ID
	outcome := release.Outcome{Release: state}
	if state.Rollback != "" {
		back, err := shifter.Look(ctx, s, state.Rollback, true)
		if err != nil {
			return err
		}
		outcome.Back = &back
	}
	// What the release came to is in the record; how this run ends is another matter.
	_ = r.judge(ctx, i, s, outcome, nil, state.Created)
	return nil
}

// find is the release that a run began for a service, also when it died before it could write down which. No other than the newest can be
// its own: the next one begins after the record is complete.
func (r *releaseRun) find(ctx context.Context, shifter release.Shifter, s release.Service, left store.Release) (release.State, error) {
	if left.Deployment != "" {
		return shifter.Look(ctx, s, left.Deployment, true)
	}
	latest, err := shifter.Latest(ctx, s)
	if err != nil || latest.Token == r.token(s) {
		return latest, err
	}
	if latest.Returning && latest.Of != "" { // the newest is the rollback of it
		if first, err := shifter.Look(ctx, s, latest.Of, true); err != nil || first.Token == r.token(s) {
			return first, err
		}
	}
	return release.State{}, nil
}
