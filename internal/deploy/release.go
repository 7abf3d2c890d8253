package deploy

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/release"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/scan"
	"github.com/tierform/tierform/internal/deploy/store"
)

// A ReleaseRequest is what release is asked for.
type ReleaseRequest struct {
	// Services are names as people say them, payment-api; empty takes all whose registered revision is another than the running one.
	Services []string
	// Images are digests of images by name, registered before they are released.
	Images map[string]string
	// Until says when the command ends; empty waits for the end of the old tasks.
	Until release.Until
	// Yes approves; WaitLock is how long to wait for the environment's lock.
	Yes      bool
	WaitLock time.Duration
	// Scan are the rules of the scan gate.
	Scan scan.Rules
	// AllAtOnce moves all traffic at one time, for a way back that cannot wait.
	AllAtOnce bool
	// Migrate runs the migration of the database before the first shift; when it fails nothing is shifted.
	Migrate bool

	// back goes to images that were judged when they came: that they are still there is enough.
	back bool
}

// Check refuses what cannot be right before anything is asked.
func (r ReleaseRequest) Check() error {
	allowed := append([]string{string(release.UntilTerminated), string(release.UntilShifted)}, release.Events()...)
	if r.Until != "" && !slices.Contains(allowed, string(r.Until)) {
		return &fault.Error{Code: fault.Usage, What: "--wait-until does not take this", Found: string(r.Until), Allowed: strings.Join(allowed, ", ")}
	}
	return nil
}

// Release brings new revisions into production, service after service: it registers the revisions through CloudFormation, suspends scaling,
// lets CodeDeploy shift the traffic, follows to the end, lets scaling go on and brings the stack level with what serves. What it reports is
// read from the load balancer and ECS in the end.
func (e *Engine) Release(ctx context.Context, r ReleaseRequest) error {
	if err := r.Check(); err != nil {
		return err
	}
	bucket, err := e.needBucket(ctx)
	if err != nil {
		return err
	}
	if _, _, err := e.releaseSituation(ctx, r); err != nil { // what cannot work is told before the lock is taken
		return err
	}
	return e.locked(ctx, bucket, r.WaitLock, func(ctx context.Context) error {
		if _, err := e.finishReleases(ctx, bucket); err != nil {
			return err
		}
		run := &releaseRun{Engine: e, request: r, bucket: bucket}
		return run.run(ctx)
	})
}

// releaseSituation is what there is to release, or why nothing can be.
func (e *Engine) releaseSituation(ctx context.Context, r ReleaseRequest) (situation, []release.Service, error) {
	s, err := e.look(ctx)
	if err != nil {
		return s, nil, err
	}
	p, err := s.need(e.environment)
	if err != nil {
		return s, nil, err
	}
	if err := e.passable(p); err != nil {
		return s, nil, err
	}
	if !p.exists() {
		return s, nil, &fault.Error{Code: fault.Usage, What: p.name + " is " + p.status + ": there is nothing to release into", Do: "deploy apply -e " + e.environment.suffix}
	}
	services, err := e.releaseServices(ctx, s)
	if err != nil {
		return s, nil, err
	}
	services, err = r.chosen(services)
	return s, services, err
}

// chosen are the services asked for, all when none is. An image of a service that is left out would be registered and not released.
func (r ReleaseRequest) chosen(services []release.Service) ([]release.Service, error) {
	names := r.Services
	var known []string
	for _, s := range services {
		known = append(known, s.Title)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, &fault.Error{Code: fault.Usage, What: "--service names no service of this environment", Found: name, Allowed: strings.Join(known, ", ")}
		}
	}
	if len(names) == 0 {
		return services, nil
	}
	for _, image := range sortedKeys(r.Images) {
		if slices.Contains(known, image) && !slices.Contains(names, image) {
			return nil, &fault.Error{Code: fault.Usage, What: "--image names the image of a service that --service leaves out", Found: image, Allowed: "images of " + strings.Join(names, ", ") + " and of sidecars"}
		}
	}
	return slices.DeleteFunc(services, func(s release.Service) bool { return !slices.Contains(names, s.Title) }), nil
}

// A releaseRun is one run of the release command, with the lock held.
type releaseRun struct {
	*Engine
	request ReleaseRequest
	bucket  *store.Bucket
	record  store.Record
	tag     *string
	done    []report.Released
	// approved tells that the plan of the revisions was approved; early that a release goes on after what was waited for.
	approved, early bool
	// suspended tells that scaling could not be let go on: the record stays open, so that the next command does it.
	suspended bool
}

func (r *releaseRun) run(ctx context.Context) error {
	if err := r.request.Scan.Check(r.Clock.Now()); err != nil {
		return err
	}
	s, services, err := r.releaseSituation(ctx, r.request)
	if err != nil {
		return err
	}
	if err := r.unoccupied(ctx, s, services); err != nil {
		return err
	}
	if r.request.Migrate {
		if err := r.administrable(s.platform); err != nil {
			return err
		}
	}
	if len(r.request.Images) > 0 {
		if err := r.calm(ctx, services); err != nil {
			return err
		}
		if s, err = r.register(ctx, s); err != nil {
			return err
		}
	}
	orders, err := r.orders(ctx, s, services)
	if err != nil {
		return err
	}
	if len(orders) == 0 {
		if r.request.Migrate {
			r.Reporter.Report(report.Note{Level: report.Info, Text: "--migrate goes before a shift, and there is none; by itself: " + r.adminCommand(AdminMigrate)})
		}
		r.result(report.Result{Status: "unchanged", Text: "what runs is what is registered: nothing to release"})
		return nil
	}
	if err := r.judged(ctx, s, orders); err != nil {
		return err
	}
	if err := r.agree(ctx, r.request.Yes || r.approved, "Release "+titles(orders)+"?", "give --yes: deploy release -e "+r.environment.suffix+" --yes"); err != nil {
		return err
	}
	if r.request.Migrate {
		if err := r.migrate(ctx, s.platform); err != nil {
			return err
		}
	}
	return r.shiftAll(ctx, orders)
}
