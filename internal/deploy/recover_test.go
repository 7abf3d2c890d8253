package deploy_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// What holds data is replaced or deleted only when the command line names it; --yes is not enough.
func TestStatefulNeedsItsName(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	w.edit("data.yaml", "db-${Suffix}", "db2-${Suffix}")
	r := w.run(apply(request())).ends(fault.Unapproved, "replace Data/Database", "--allow-replace Data/Database")
	if missing := last[report.Approval](r).Missing; len(missing) != 1 {
		t.Errorf("missing %v", missing)
	}
	named := request()
	named.Consent.Replace = []string{"Databse"}
	w.run(apply(named)).ends(fault.Unapproved, "Databse", "Data/Database")
	named.Consent.Replace = []string{"Database"}
	w.run(apply(named)).ends(fault.OK)
}

// Without a person and without --yes nothing is executed, and nothing is left behind.
func TestNobodyApproves(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	unasked := request("Size", "4")
	unasked.Consent = changeset.Consent{}
	w.run(apply(unasked)).ends(fault.Unapproved, "any change", "--yes")
	answer := func(yes bool) option {
		return func(o *deploy.Options, _ *cloud.Options) {
			o.Approve = func(context.Context, string) (bool, error) { return yes, nil }
		}
	}
	w.run(apply(unasked), answer(false)).ends(fault.Unapproved, "not approved")
	w.nothingLeft()
	if r := w.run(apply(unasked), answer(true)).ends(fault.OK); last[report.Approval](r).By != "typed" {
		t.Errorf("approval %+v", last[report.Approval](r))
	}
	unasked.Values[0].ByName["Size"], unasked.Consent.Policy = "5", changeset.RequireBroadening
	w.run(apply(unasked)).ends(fault.OK)
}

// nothingLeft wants no change set that can be executed and no lock.
func (w *world) nothingLeft() {
	w.Helper()
	w.run(func(ctx context.Context, e *deploy.Engine) error {
		out, err := e.Cloud.CloudFormation().ListChangeSets(ctx, &cloudformation.ListChangeSetsInput{StackName: new("platform-dev")})
		if err != nil {
			return nil // no stack, no change sets
		}
		for _, s := range out.Summaries {
			if s.ExecutionStatus == "AVAILABLE" {
				w.Errorf("change set %s is left", *s.ChangeSetName)
			}
		}
		return nil
	})
	r := w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Unlock(ctx, false) })
	if text := last[report.Result](r).Text; r.err != nil || !strings.Contains(text, "nobody holds") {
		w.Errorf("the lock: %s, %v", text, r.err)
	}
}

// A plan that was kept is executed as it was reviewed, or not at all.
func TestKeptPlan(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	var saved *deploy.SavedPlan
	keep := func(r deploy.Request) func(context.Context, *deploy.Engine) error {
		r.Keep = true
		return func(ctx context.Context, e *deploy.Engine) (err error) { saved, err = e.Plan(ctx, r); return err }
	}
	execute := func(r deploy.Request) func(context.Context, *deploy.Engine) error {
		return func(ctx context.Context, e *deploy.Engine) error {
			again, err := deploy.DecodePlan(saved.Encode())
			if err != nil {
				return err
			}
			return e.ApplySaved(ctx, r, again)
		}
	}
	w.run(keep(request("Size", "2"))).ends(fault.OK)
	w.run(execute(request("Size", "3"))).ends(fault.Unapproved, "changed since the plan", "plan again")
	w.run(execute(request("Size", "2"))).ends(fault.OK)
	w.run(keep(request("Size", "6"))).ends(fault.OK)
	w.run(apply(request("Size", "7"))).ends(fault.OK)
	w.run(execute(request("Size", "6"))).ends(fault.Unapproved, "plan again")
	w.run(execute(request("Size", "7"))).ends(fault.OK) // nothing to do
	other := func(o *deploy.Options, _ *cloud.Options) { o.Environment = "qa" }
	w.run(execute(request("Size", "6")), other).ends(fault.Usage, "another environment", "dev in 111122223333")
	if _, err := deploy.DecodePlan([]byte("{}")); fault.CodeOf(err) != fault.Usage {
		t.Error(err)
	}
}

// Two pipelines: the second is told who is at work, or waits.
func TestLock(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	ctx, cancel := context.WithCancel(context.Background())
	first := w.runIn(ctx, apply(request("Size", "2")), func(o *deploy.Options, _ *cloud.Options) {
		next := o.Reporter
		o.Reporter = report.Func(func(e report.Event) {
			next.Report(e)
			if _, following := e.(report.Tick); following && ctx.Err() == nil {
				w.run(apply(request("Size", "3"))).ends(fault.Busy, "dev is locked", "deploy test", "--wait-lock", "deploy unlock -e dev --force")
				cancel()
			}
		})
	})
	first.ends(fault.StillRunning, "detached", "deploy watch -e dev")
	w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Watch(ctx) }).ends(fault.OK)
	w.run(apply(request("Size", "3"))).ends(fault.OK)
}

// A release that CodeDeploy made is never undone: the live colour is passed on, and taken over as a change of its own.
func TestLiveColourIsKept(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	if err := w.sim.Release("service-api-dev"); err != nil {
		t.Fatal(err)
	}
	r := w.run(apply(request())).ends(fault.OK)
	if p := last[report.Plan](r); len(p.Adopts) != 1 || p.Adopts[0] != "service-api-dev" {
		t.Errorf("adopts %v", p.Adopts)
	}
	if result := last[report.Result](w.run(plan(request())).ends(fault.OK)); result.Status != "unchanged" {
		t.Errorf("after that: %+v", result)
	}
	if err := w.sim.BeginRelease("service-api-dev", 40); err != nil {
		t.Fatal(err)
	}
	w.edit("service.yaml", "Values: [/api]", "Values: [/v2]")
	w.run(apply(request())).ends(fault.Refused, "CodeDeploy owns")
	w.nothingLeft()
}

// Task definition and service never change together.
func TestTaskDefinitionXorService(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	w.edit("service.yaml", "DeploymentController: {Type: CODE_DEPLOY}", "DeploymentController: {Type: CODE_DEPLOY}\n      HealthCheckGracePeriodSeconds: 60")
	w.edit("service.yaml", "Name: api, Image", "Name: api, Essential: true, Image")
	r := w.run(apply(request())).ends(fault.Refused, "deploy the change of the task definition first")
	if v := all[report.Validation](r); len(v) != 1 || v[0].LogicalID != "Service" {
		t.Errorf("validations %v", v)
	}
}

// A rollback that fails has one way out, and it is taken.
func TestRollbackThatFailed(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	w.sim.Fail("Database", "Insufficient capacity")
	w.sim.FailRollback("Database", "Still none")
	w.run(apply(request("Size", "9"))).ends(fault.NeedsPerson, "UPDATE_ROLLBACK_FAILED", "deploy rollback -e dev")
	w.run(apply(request("Size", "9"))).ends(fault.NeedsPerson, "deploy rollback -e dev")
	back := func(r deploy.RollbackRequest) func(context.Context, *deploy.Engine) error {
		return func(ctx context.Context, e *deploy.Engine) error { return e.Rollback(ctx, r) }
	}
	w.run(back(deploy.RollbackRequest{})).ends(fault.Unapproved, "nobody is there")
	w.sim.Heal()
	w.run(back(deploy.RollbackRequest{Yes: true})).ends(fault.OK)
	w.run(back(deploy.RollbackRequest{Yes: true})).ends(fault.Usage, "nothing to roll back")
	w.run(apply(request("Size", "9"))).ends(fault.OK)
}

func TestCancel(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	cancel := func(ctx context.Context, e *deploy.Engine) error { return e.Cancel(ctx, true) }
	w.run(cancel).ends(fault.Usage, "UPDATE_IN_PROGRESS, CREATE_IN_PROGRESS")
	cancelled := false
	r := w.run(apply(request("Size", "8")), func(o *deploy.Options, _ *cloud.Options) {
		next := o.Reporter
		o.Reporter = report.Func(func(e report.Event) {
			next.Report(e)
			if _, following := e.(report.Tick); following && !cancelled {
				cancelled = true
				w.run(cancel).ends(fault.OK)
			}
		})
	})
	r.ends(fault.RolledBack)
}

// Expired credentials end the run at once; AWS goes on, and watch picks it up.
func TestExpiredCredentials(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	r := w.run(apply(request("Size", "8")), func(o *deploy.Options, _ *cloud.Options) {
		next, expired := o.Reporter, false
		o.Reporter = report.Func(func(e report.Event) {
			next.Report(e)
			if _, following := e.(report.Tick); following && !expired {
				expired = true
				w.expire()
			}
		})
	})
	r.ends(fault.StillRunning, "deploy watch -e dev")
	w.sim.Heal()
	w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Watch(ctx) }).ends(fault.OK)
	if err := w.sim.Clock().Sleep(context.Background(), time.Hour); err != nil { // the lock of the dead run expires
		t.Fatal(err)
	}
	w.run(apply(request("Size", "7"))).ends(fault.OK)
}

// An update that ended before it could be cancelled is not taken for one that was: what is new serves.
func TestCancelTooLate(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	w.die(apply(request("Size", "2")))
	r := w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Cancel(ctx, false) }, func(o *deploy.Options, _ *cloud.Options) {
		o.Approve = func(context.Context, string) (bool, error) { w.later(time.Hour); return true, nil }
	})
	r.ends(fault.Usage, "no operation that can be cancelled", "UPDATE_COMPLETE")
	b := newBeyond(deployed(t))
	b.world.die(apply(request("Size", "2")))
	b.on["cloudformation:CancelUpdateStack"] = func() { b.later(time.Hour) }
	b.run(func(ctx context.Context, e *deploy.Engine) error { return e.Cancel(ctx, true) }, b.in).ends(fault.NeedsPerson, "UPDATE_COMPLETE", "had ended before", "deploy history -e dev")
}

// A first deployment that failed and was left as it is is taken back, and can then be made anew.
func TestRollbackOfTheFirst(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := newWorld(t)
	w.run(bootstrap).ends(fault.OK)
	w.sim.Fail("Database", "Insufficient capacity")
	left := firstRequest()
	left.NoRollback = true
	w.run(apply(left)).ends(fault.NeedsPerson, "CREATE_FAILED", "deploy rollback -e dev")
	w.sim.Heal()
	result := last[report.Result](w.run(rollback).ends(fault.OK))
	if !strings.Contains(result.Text, "DELETE_COMPLETE: nothing of the first deployment is left") {
		t.Errorf("%+v", result)
	}
	w.run(apply(firstRequest())).ends(fault.OK)
}
