package deploy

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/store"
)

// Plan shows what apply would do. It changes nothing that lasts: the change set is deleted unless the request keeps it. A kept one is
// returned.
func (e *Engine) Plan(ctx context.Context, r Request) (*SavedPlan, error) {
	p, unchanged, err := e.prepare(ctx, &r)
	if err != nil {
		return nil, err
	}
	if unchanged {
		e.unchanged(p)
		return nil, nil
	}
	if err := e.passable(p.situation.platform); err != nil {
		return nil, err
	}
	err = e.propose(ctx, p, r)
	if !r.Keep || err != nil {
		err = errors.Join(err, e.discard(p))
	}
	switch {
	case errors.Is(err, changeset.ErrNoChange):
		e.unchanged(p)
		return nil, nil
	case err != nil:
		return nil, err
	}
	result := report.Result{Status: "planned", Text: "planned", Changes: &p.review.Plan.Counts, ChangeSet: p.review.Plan.ChangeSet, Next: e.nextAfterPlan(p, r)}
	if r.DetailedExitCode {
		result.Code, result.Status = fault.Differences, report.Statuses()[fault.Differences]
	}
	e.result(result)
	var saved *SavedPlan
	if r.Keep {
		saved = e.saved(p)
	}
	if r.DetailedExitCode {
		return saved, &fault.Error{Code: fault.Differences, What: "there are differences"}
	}
	return saved, nil
}

// discard deletes the change set of a proposal, also when the run's context has ended.
func (e *Engine) discard(p *proposal) error {
	if p.name == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), cleanupTime)
	defer cancel()
	return changeset.Discard(ctx, e.Cloud.CloudFormation(), e.Clock, e.environment.platform(), p.name, p.first)
}

// cleanupTime is what a run takes at most to clean up after an interruption.
const cleanupTime = 30 * time.Second

// nextAfterPlan is the command that executes what was planned.
func (e *Engine) nextAfterPlan(p *proposal, r Request) []string {
	_, named := r.Consent.Missing(p.review.Plan)
	return []string{e.again("apply", r, p.templates.Root, changeset.Command(named))}
}

// unchanged ends a run that found nothing to do.
func (e *Engine) unchanged(p *proposal) {
	next := []string{}
	for _, name := range p.situation.suspended() {
		next = append(next, "scaling of "+name+" is suspended and no release runs: deploy doctor -e "+e.environment.suffix)
	}
	e.result(report.Result{Status: "unchanged", Text: e.environment.platform() + " is up to date", Next: next})
}

// result reports how the run ended.
func (e *Engine) result(r report.Result) {
	e.concluded = true
	r.Seconds, r.Calls = e.Clock.Now().Sub(e.started).Seconds(), e.Cloud.Calls()
	e.Reporter.Report(r)
}

// Apply proposes, asks and executes, and follows the operation to its end.
func (e *Engine) Apply(ctx context.Context, r Request) error {
	p, unchanged, err := e.prepare(ctx, &r)
	if err != nil {
		return err
	}
	if unchanged {
		e.unchanged(p)
		return nil
	}
	if err := e.gateDeployment(ctx, p, r.Scan); err != nil {
		return err
	}
	return e.locked(ctx, p.bucket, r.WaitLock, func(ctx context.Context) error {
		// Who held the lock before may have changed everything since the look.
		p, unchanged, err := e.compare(ctx, p.templates, r)
		if err != nil {
			return err
		}
		if unchanged {
			e.unchanged(p)
			return nil
		}
		if err := e.gateDeployment(ctx, p, r.Scan); err != nil {
			return err
		}
		if err := e.settle(ctx, p); err != nil {
			return err
		}
		err = e.propose(ctx, p, r)
		by := ""
		if err == nil {
			by, err = e.approve(ctx, p, r.Consent)
		}
		if err == nil {
			err = e.stillThere(ctx)
		}
		if err == nil {
			err = e.holding(ctx)
		}
		if err != nil {
			err = errors.Join(err, e.discard(p))
		}
		if errors.Is(err, changeset.ErrNoChange) {
			e.unchanged(p)
			return nil
		}
		if err != nil {
			return err
		}
		return e.execute(ctx, p, r, by)
	})
}

// execute executes an approved change set, follows it, and records it.
func (e *Engine) execute(ctx context.Context, p *proposal, r Request, approved string) error {
	record := e.record(p, approved)
	record.NoAdministration = r.withoutAdministration()
	tag, err := p.bucket.Begin(ctx, record)
	if err != nil {
		return errors.Join(err, e.discard(p))
	}
	alive, end := outliving(ctx)
	defer end()
	e.warnOfExpress(r)
	if err := changeset.Execute(alive, e.Cloud.CloudFormation(), p.set, p.name, p.first, r.NoRollback); err != nil {
		return err
	}
	if r.Detach {
		return e.detached(errDetached)
	}
	outcome, err := e.followThrough(ctx, alive, p.set.StackARN, p.name)
	if err != nil {
		return e.detached(err)
	}
	e.complete(alive, p.bucket, record, tag, outcome)
	if err := e.afterChange(ctx, alive, p.set.StackARN, record.NoAdministration, outcome); err != nil {
		return err
	}
	return e.conclude(alive, outcome, p.set.StackARN, &p.review.Plan.Counts, forward)
}

// complete writes into a deployment's record how it ended.
func (e *Engine) complete(ctx context.Context, bucket *store.Bucket, record store.Record, tag *string, o operation.Outcome) {
	record.Ended, record.Operations, record.Result = o.Ended, o.OperationIDs, report.Statuses()[forward.code(o.Status)]
	if err := bucket.End(ctx, record, tag); err != nil {
		e.Reporter.Report(report.Note{Level: report.Warning, Text: err.Error()})
	}
}

// record says what is about to be executed, without secrets.
func (e *Engine) record(p *proposal, approved string) store.Record {
	r := store.Record{ID: strings.TrimPrefix(strings.TrimPrefix(p.name, changeset.Transient), changeset.Kept), Command: e.Command, Caller: e.caller.ARN, Approved: approved, Commit: e.Commit,
		Started: e.Clock.Now().UTC(), ChangeSet: p.set.ARN, Root: p.templates.Root.Key(), Templates: map[string]string{}, Parameters: map[string]string{}, Changes: &p.review.Plan.Counts}
	for name, t := range p.templates.Nested {
		r.Templates[name] = t.Key()
	}
	r.Exceptions = e.excepted()
	for name, given := range p.given {
		switch {
		case given.Secret:
			r.Parameters[name] = report.Masked
		case given.Previous:
			r.Parameters[name] = p.situation.platform.parameters[name]
		default:
			r.Parameters[name] = given.Value
		}
	}
	return r
}

// follow reports an operation until it ends; the lock is held meanwhile.
// token is the client request token of the operation expected; empty follows the one that runs, or ran last.
func (e *Engine) follow(ctx context.Context, stack, token string) (operation.Outcome, error) {
	follower := operation.Follow(e.Cloud.CloudFormation(), e.Clock, e.renewing(ctx), stack).Counting(e.Cloud.ECS())
	if token != "" {
		follower = follower.Expect(token)
	} else { // who began it looked before
		e.conceal(ctx, stack)
	}
	return follower.Run(ctx)
}

// renewing reports, and with each tick holds the lock for longer.
func (e *Engine) renewing(ctx context.Context) report.Reporter {
	return report.Func(func(event report.Event) {
		e.Reporter.Report(event)
		if _, tick := event.(report.Tick); tick {
			e.keepLock(ctx)
		}
	})
}

// conclude reports how an operation ended: outputs after a success, causes after a failure. Where a person asked for the way back, its end
// is a success.
func (e *Engine) conclude(ctx context.Context, o operation.Outcome, stack string, counts *report.Counts, way direction) error {
	name, code := stackName(stack), way.code(o.Status)
	result := report.Result{Status: report.Statuses()[code], Code: code, Changes: counts, OperationID: strings.Join(o.OperationIDs, " ")}
	if code == fault.OK {
		now, err := e.describe(ctx, stack)
		if err != nil {
			return err
		}
		if now != nil && len(now.outputs) > 0 {
			e.reportOutputs(ctx, now)
		}
		result.Text = name + " is " + o.Status + way.means(o.Status)
		e.result(result)
		return nil
	}
	if codeOf(o.Status) == fault.OK {
		return &fault.Error{Code: code, What: name + " is " + o.Status + way.means(o.Status), Do: way.instead(e.environment.suffix)}
	}
	return e.explained(ctx, o, name, code)
}

// explained reports why an operation failed, and gives the error to end with.
func (e *Engine) explained(ctx context.Context, o operation.Outcome, name string, code fault.Code) error {
	diagnosis := operation.Explain(ctx, e.Cloud.ECS(), e.Cloud.Logs(), operation.Diagnose(name, o), o)
	diagnosis.Status = o.Status
	e.Reporter.Report(diagnosis)
	return &fault.Error{Code: code, What: name + " is " + o.Status, Do: operation.WayOut(o.Status).Command(e.environment.suffix)}
}

// stackName is that in a stack's ARN, arn:aws:cloudformation:region:account:stack/name/id.
func stackName(arn string) string {
	_, after, _ := strings.Cut(arn, "/")
	name, _, _ := strings.Cut(after, "/")
	return name
}

// detached says that AWS goes on after the run has ended.
func (e *Engine) detached(err error) error {
	code := fault.StillRunning
	if errors.Is(err, context.Canceled) {
		code = fault.Interrupted
	}
	return &fault.Error{Code: code, What: "the operation goes on in AWS without this command", Err: err, Do: "deploy watch -e " + e.environment.suffix}
}

// text is the value of an optional field.
func text(s *string) string { return aws.ToString(s) }
