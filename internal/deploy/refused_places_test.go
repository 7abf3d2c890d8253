package deploy_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// Calls that AWS refuses at one particular moment: the run ends with that error, and says it.
func TestRefusedAtAMoment(t *testing.T) {
	t.Parallel()
	founded := func(t *testing.T) *world {
		w := newWorld(t)
		w.run(bootstrap).ends(fault.OK)
		return w
	}
	rolledBack := func(t *testing.T) *world {
		w := newWorld(t)
		w.sim.Fail("ArtifactBucket", "The name is taken")
		w.run(bootstrap).ends(fault.RolledBack)
		w.sim.Heal()
		return w
	}
	updating := func(t *testing.T) *world {
		w := deployed(t)
		w.die(apply(request("Size", "2")))
		return w
	}
	creating := func(t *testing.T) *world {
		w := founded(t)
		w.die(apply(firstRequest()))
		return w
	}
	failed := func(t *testing.T) *world {
		w := deployed(t)
		w.sim.Fail("Database", "Insufficient capacity")
		left := request("Size", "4")
		left.NoRollback = true
		w.run(apply(left)).ends(fault.NeedsPerson)
		w.sim.Heal()
		return w
	}
	formation := func(operation string, skip int) simulator.Fault {
		return simulator.Fault{Service: "cloudformation", Operation: operation, Kind: simulator.Denied, Skip: skip, Times: 1}
	}
	for _, tc := range []struct {
		name  string
		world func(*testing.T) *world
		fault simulator.Fault
		verb  func(context.Context, *deploy.Engine) error
	}{
		{"the foundation's look", founded, formation("DescribeStacks", 1), apply(firstRequest())},
		{"the role's look", founded, formation("DescribeStacks", 2), apply(firstRequest())},
		{"a stack's look in status", deployed, formation("DescribeStacks", 1), status},
		{"the validation's findings", deployed, simulator.Fault{Operation: "DescribeEvents", Kind: simulator.Expired, Times: 1}, apply(request("Size", "2"))},
		{"deleting what never lived", rolledBack, formation("DeleteStack", 0), bootstrap},
		{"looking whether it is gone", rolledBack, formation("DescribeStacks", 1), bootstrap},
		{"cancelling", updating, formation("CancelUpdateStack", 0), cancel},
		{"looking before cancelling", updating, formation("DescribeStacks", 0), cancel},
		{"following what was cancelled", updating, formation("DescribeStackEvents", 0), cancel},
		{"deleting a first deployment", creating, formation("DeleteStack", 0), cancel},
		{"rolling back", failed, formation("RollbackStack", 0), rollback},
		{"the record", deployed, simulator.Fault{Service: "s3", Operation: "PutObject", Kind: simulator.Denied, Skip: 6, Times: 1}, apply(request("Size", "2"))},
		{"the outputs after a success", deployed, formation("DescribeStacks", 2), apply(request("Size", "2"))},
		{"the second look, with the lock held", deployed, formation("GetTemplate", 1), apply(request("Size", "2"))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sampled(t, 16)
			t.Parallel()
			w := tc.world(t)
			w.sim.Inject(tc.fault)
			if r := w.run(tc.verb); fault.CodeOf(r.err) == fault.OK {
				t.Error("ends as if nothing were")
			}
		})
	}
}

// What goes wrong beside the work itself is a warning.
func TestWarnings(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	w.sim.Inject(simulator.Fault{Service: "s3", Operation: "PutObject", Kind: simulator.Denied, Skip: 7, Times: 1})
	if r := w.run(apply(request("Size", "2"))).ends(fault.OK); !warned(r) {
		t.Error("an incomplete record is not told")
	}
	w.sim.Heal()
	r := w.run(apply(request("Size", "3")), func(o *deploy.Options, _ *cloud.Options) {
		next, done := o.Reporter, false
		o.Reporter = report.Func(func(e report.Event) {
			next.Report(e)
			if _, following := e.(report.Tick); following && !done {
				done = true
				w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Unlock(ctx, true) })
				_ = w.sim.Clock().Sleep(context.Background(), 10*time.Minute)
			}
		})
	})
	if r.ends(fault.OK); !warned(r) {
		t.Error("a lost lock is not told")
	}
}

// A bootstrap needs its templates, and waits for nobody.
func TestBootstrapInTrouble(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(bootstrap, func(o *deploy.Options, _ *cloud.Options) { o.Roots.Foundation = "nope.yaml" }).ends(fault.Usage, "nope.yaml")
	w.die(bootstrap)
	w.run(bootstrap).ends(fault.Busy, "foundation-dev is CREATE_IN_PROGRESS")
	w = newWorld(t)
	w.sim.Fail("ArtifactBucket", "The name is taken")
	w.run(bootstrap).ends(fault.RolledBack)
	w.sim.FailDelete("ArtifactBucket", "It is not empty")
	w.run(bootstrap)
}

// CloudFormation has the last word on whether anything changes.
func TestCloudFormationFindsNoChange(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	flat := request()
	flat.Force, flat.Flat = true, true
	for _, verb := range []func(context.Context, *deploy.Engine) error{plan(flat), apply(flat)} {
		if s := last[report.Result](w.run(verb).ends(fault.OK)); s.Status != "unchanged" {
			t.Errorf("%+v", s)
		}
	}
}

// Somebody else may deploy the same between the first look and the lock.
func TestDeployedMeanwhile(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	r := w.run(apply(request("Size", "2")), func(o *deploy.Options, _ *cloud.Options) {
		next, done := o.NewID, false
		o.NewID = func() string { // asked for first by the lock
			if !done {
				done = true
				w.run(apply(request("Size", "2"))).ends(fault.OK)
			}
			return next()
		}
	})
	if s := last[report.Result](r.ends(fault.OK)); s.Status != "unchanged" {
		t.Errorf("%+v", s)
	}
}

// An answer that cannot be had is an error, not a no.
func TestAskingFails(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	unasked := request("Size", "2")
	unasked.Consent.Yes = false
	broken := errors.New("the terminal is gone")
	r := w.run(apply(unasked), func(o *deploy.Options, _ *cloud.Options) {
		o.Approve = func(context.Context, string) (bool, error) { return false, broken }
	})
	if !errors.Is(r.err, broken) {
		t.Error(r.err)
	}
	w.nothingLeft()
}

// A service that its stack names and ECS does not have is told.
func TestServiceThatIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.edit("service.yaml", "Service: {Value: !GetAtt Service.Name}", "Service: {Value: gone}")
	w.run(bootstrap).ends(fault.OK)
	w.run(apply(firstRequest())).ends(fault.OK)
	rows := all[report.Table](w.run(status).ends(fault.OK))[1].Rows
	if rows[0][3] != "service not found" {
		t.Errorf("services %v", rows)
	}
}
