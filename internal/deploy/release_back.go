package deploy

import (
	"context"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/release"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/store"
)

// A StopRequest says which releases to stop; no services are all.
type StopRequest struct {
	Services []string
	Yes      bool
}

// StopRelease stops the releases that run and brings the traffic back. It follows to the end of the rollback.
func (e *Engine) StopRelease(ctx context.Context, r StopRequest) error {
	bucket, err := e.needBucket(ctx)
	if err != nil {
		return err
	}
	_, services, err := e.releaseSituation(ctx, ReleaseRequest{Services: r.Services})
	if err != nil {
		return err
	}
	running, err := e.releasesRunning(ctx, services)
	if err != nil {
		return err
	}
	if len(running) == 0 {
		return &fault.Error{Code: fault.Usage, What: "no release runs that could be stopped", Do: "deploy release status -e " + e.environment.suffix + "; deploy release rollback goes back after a release has ended"}
	}
	if err := e.agree(ctx, r.Yes, "Stop the release of "+strings.Join(running, ", ")+" and bring the traffic back?", "give --yes: deploy release stop -e "+e.environment.suffix+" --yes"); err != nil {
		return err
	}
	record, _, err := bucket.Unfinished(ctx)
	if err != nil {
		return err
	}
	if len(record.Releases) == 0 {
		record.ID = ""
	}
	return (&watching{Engine: e, bucket: bucket, services: services, stopping: true}).run(ctx, record.ID)
}

// releasesRunning names the services that are being released.
func (e *Engine) releasesRunning(ctx context.Context, services []release.Service) ([]string, error) {
	var running []string
	for _, s := range services {
		latest, err := release.NewCodeDeploy(e.Cloud.CodeDeploy()).Latest(ctx, s)
		if err != nil {
			return nil, err
		}
		if latest.Running() {
			running = append(running, s.Title)
		}
	}
	return running, nil
}

// RollbackRelease goes back to what ran before: it stops a release that runs, or releases the digests again that ran before the last one. Once
// that is done, asking again changes nothing.
func (e *Engine) RollbackRelease(ctx context.Context, r ReleaseRequest) error {
	if err := r.Check(); err != nil {
		return err
	}
	bucket, err := e.needBucket(ctx)
	if err != nil {
		return err
	}
	_, services, err := e.releaseSituation(ctx, r)
	if err != nil {
		return err
	}
	running, err := e.releasesRunning(ctx, services)
	if err == nil && len(running) > 0 {
		err = e.unlessBack(ctx, bucket, running)
	}
	if err != nil {
		return err
	}
	if len(running) > 0 {
		return e.StopRelease(ctx, StopRequest{Services: running, Yes: r.Yes})
	}
	return e.locked(ctx, bucket, r.WaitLock, func(ctx context.Context) error {
		if _, err := e.finishReleases(ctx, bucket); err != nil { // what nobody watched to its end is in no record yet
			return err
		}
		asked, err := e.backFrom(ctx, bucket, r, services)
		if err != nil {
			return err
		}
		return (&releaseRun{Engine: e, request: asked, bucket: bucket}).run(ctx)
	})
}

// unlessBack refuses to stop a way back that runs: that would bring back what it leads away from.
func (e *Engine) unlessBack(ctx context.Context, bucket *store.Bucket, running []string) error {
	record, _, err := bucket.Unfinished(ctx)
	if err != nil {
		return err
	}
	for _, r := range record.Releases {
		if r.Back && slices.Contains(running, r.Service) {
			return &fault.Error{Code: fault.Busy, What: r.Service + " is going back already: " + r.Deployment, Do: "deploy watch -e " + e.environment.suffix + " follows it"}
		}
	}
	return nil
}

// historyAtMost is how many deployments are looked through for the last release.
const historyAtMost = 200

// backFrom is the request that leads back from the last release of each service asked for; without any, of those of the last run.
func (e *Engine) backFrom(ctx context.Context, bucket *store.Bucket, r ReleaseRequest, services []release.Service) (ReleaseRequest, error) {
	history, err := bucket.History(ctx, historyAtMost)
	if err != nil {
		return r, err
	}
	names := r.Services
	if len(names) == 0 {
		names = past(history).last()
	}
	command := "deploy release -e " + e.environment.suffix
	way, err := past(history).wayBack(names, command)
	if err != nil {
		return r, err
	}
	for _, service := range services {
		if !slices.Contains(way.done, service.Title) {
			continue
		}
		now, err := e.releasable(ctx, service)
		if err != nil {
			return r, err
		}
		serves := service.Title + " went back already: " + shownRevision(now.running) + " serves"
		if len(way.services) == 0 {
			return r, &fault.Error{Code: fault.Usage, What: serves, Do: way.further(command)}
		}
		e.Reporter.Report(report.Note{Level: report.Info, Text: serves})
	}
	r.Services, r.Images, r.back = way.services, way.images, true
	return r, nil
}
