package deploy

import (
	"context"
	"errors"
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

// check refuses what cannot be right before anything is asked.
func (r ReleaseRequest) check() error {
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
	if err := r.check(); err != nil {
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
	services, err = chosen(services, r.Services)
	return s, services, err
}

// chosen are the services asked for, all when none is.
func chosen(services []release.Service, names []string) ([]release.Service, error) {
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

// unoccupied refuses while a release of any of the services runs.
func (r *releaseRun) unoccupied(ctx context.Context, s situation, services []release.Service) error {
	shifter := release.NewCodeDeploy(r.Cloud.CodeDeploy())
	for _, service := range services {
		latest, err := shifter.Latest(ctx, service)
		if err != nil {
			return err
		}
		if latest.Running() {
			return &fault.Error{Code: fault.Busy, What: "release " + latest.ID + " of " + service.Title + " runs", Do: "deploy watch -e " + r.environment.suffix + " follows it, deploy release stop -e " + r.environment.suffix + " brings the traffic back"}
		}
	}
	for _, l := range s.services {
		if l.Releasing {
			return &fault.Error{Code: fault.NeedsPerson, What: "service " + l.Name + " has more than one task set, and no release of it runs", Do: "deploy release status -e " + r.environment.suffix + "; docs/runbook.md, \"A second task set is left\""}
		}
	}
	return nil
}

// An order is a service to be released, with what it runs now.
type order struct {
	releasable
	spec release.AppSpec
	// before are the digests that run now and that the registered revision changes, by the images' names.
	before map[string]string
}

func titles(orders []order) string {
	var names []string
	for _, o := range orders {
		names = append(names, o.Title)
	}
	return strings.Join(names, ", ")
}

// orders are the services that differ from what is registered. All of them are looked at before the first is begun.
func (r *releaseRun) orders(ctx context.Context, s situation, services []release.Service) ([]order, error) {
	var orders []order
	for _, service := range services {
		found, err := r.releasable(ctx, service)
		if err != nil {
			return nil, err
		}
		if !found.differs() {
			continue
		}
		if !found.serving.plain {
			return nil, &fault.Error{Code: fault.NeedsPerson, What: "the traffic of " + service.Title + " is not all at its primary task set", Found: found.serving.words(),
				Do: "somebody changed the listener by hand, or a release was broken off: docs/runbook.md, \"The listener is on the wrong colour\""}
		}
		spec, err := release.AppSpecOf(found.ecs)
		if err != nil {
			return nil, err
		}
		if err := r.quiet(ctx, service); err != nil {
			return nil, err
		}
		orders = append(orders, order{found, spec, digestsBefore(s.platform.parameters, found.running, found.registered)})
	}
	return orders, nil
}

// calm refuses to register images for services whose alarms fire: they could not be released.
func (r *releaseRun) calm(ctx context.Context, services []release.Service) error {
	own := map[string]bool{}
	for _, s := range services {
		own[s.Title] = true
	}
	sidecars := slices.ContainsFunc(sortedKeys(r.request.Images), func(name string) bool { return !own[name] })
	for _, s := range services {
		if r.request.Images[s.Title] == "" && !sidecars {
			continue
		}
		if err := r.quiet(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// quiet refuses to begin while an alarm that would end the release fires: CodeDeploy would stop at once.
func (r *releaseRun) quiet(ctx context.Context, s release.Service) error {
	alarms, err := release.Alarms(ctx, r.signed(), s.Plan.Alarms)
	if err != nil {
		return err
	}
	for _, a := range alarms {
		if a.State == "ALARM" || a.State == "MISSING" {
			return &fault.Error{Code: fault.Refused, What: "alarm " + a.Name + " is in the way: CodeDeploy would stop the release of " + s.Title + " at once", Found: a.State, Allowed: "OK, INSUFFICIENT_DATA",
				Do: "mend what it tells of, or wait until it is OK"}
		}
	}
	return nil
}

// shiftAll releases one service after the other. After one that was not shifted no other is begun. In the end the stack is brought level.
func (r *releaseRun) shiftAll(ctx context.Context, orders []order) error {
	if err := r.begin(ctx, orders); err != nil {
		return err
	}
	alive, end := outliving(ctx)
	defer end()
	var failed error
	for i, o := range orders {
		if failed != nil || errors.Is(ctx.Err(), context.Canceled) {
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
		r.record.Releases = append(r.record.Releases, store.Release{Service: o.Title, From: o.serving.revision, To: text(o.registered.TaskDefinitionArn), Images: o.before})
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

// end brings the stack level with what serves and completes the record. What goes on in AWS stays for `watch`.
func (r *releaseRun) end(ctx context.Context, failed error) error {
	if r.early || slices.ContainsFunc(r.done, func(d report.Released) bool { return d.Result == report.Running }) {
		r.update(ctx)
		if failed == nil {
			r.result(report.Result{Status: "done", Text: "as far as it was waited for; the release goes on in AWS", Next: []string{"deploy watch -e " + r.environment.suffix}})
		}
		return failed
	}
	err := errors.Join(failed, r.level(ctx, r.record, r.bucket))
	if r.suspended {
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
