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

// RollbackRelease goes back to what ran before: it stops a release that runs, or releases the digests again that ran before the last one.
func (e *Engine) RollbackRelease(ctx context.Context, r ReleaseRequest) error {
	bucket, err := e.needBucket(ctx)
	if err != nil {
		return err
	}
	_, services, err := e.releaseSituation(ctx, r)
	if err != nil {
		return err
	}
	running, err := e.releasesRunning(ctx, services)
	if err != nil {
		return err
	}
	if len(running) > 0 {
		return e.StopRelease(ctx, StopRequest{Services: running, Yes: r.Yes})
	}
	if r.Services, r.Images, err = e.imagesBefore(ctx, bucket, r.Services); err != nil {
		return err
	}
	r.back = true
	return e.Release(ctx, r)
}

// historyAtMost is how many deployments are looked through for the last release.
const historyAtMost = 200

// imagesBefore are the services of the last run that shifted any of those asked for, and the digests that ran before it.
func (e *Engine) imagesBefore(ctx context.Context, bucket *store.Bucket, services []string) ([]string, map[string]string, error) {
	history, err := bucket.History(ctx, historyAtMost)
	if err != nil {
		return nil, nil, err
	}
	for _, record := range history {
		var names []string
		images := map[string]string{}
		for _, r := range record.Releases {
			if r.Result != report.Shifted || len(r.Images) == 0 || len(services) > 0 && !slices.Contains(services, r.Service) {
				continue
			}
			names = append(names, r.Service)
			for image, digest := range r.Images {
				images[image] = digest
			}
		}
		if len(names) > 0 {
			return names, images, nil
		}
	}
	return nil, nil, &fault.Error{Code: fault.Usage, What: "no earlier release is recorded that could be gone back from", Found: strings.Join(services, ", "), Do: "name the digest: deploy release -e " + e.environment.suffix + " --image NAME=sha256:…"}
}
