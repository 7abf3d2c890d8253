package deploy_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

func dryCollect(ctx context.Context, e *deploy.Engine) error { return e.Collect(ctx, 1, true) }

// outdated is a world in which nothing is younger than gc dares to delete: a deployment, and after it one that failed and was rolled back,
// whose record is the latest.
func outdated(t *testing.T) *world {
	t.Helper()
	w := deployed(t)
	before := w.templates
	w.edit("platform.yaml", "Description: A root", "Description: The same root")
	w.edit("data.yaml", "MinCapacity: 1,", "MinCapacity: 0.5,")
	w.sim.Fail("Database", "Failed on purpose")
	w.run(apply(request("Size", "2"))).ends(fault.RolledBack)
	w.sim.Heal()
	w.templates = before
	w.later(2 * time.Hour)
	return w
}

// later lets time pass.
func (w *world) later(d time.Duration) { w.must(w.sim.Clock().Sleep(context.Background(), d)) }

// What the deployed stack uses stays, whatever the latest record says; so does what the latest deployment tried.
func TestCollectKeepsWhatIsDeployed(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := outdated(t)
	if text := last[report.Result](w.run(collect).ends(fault.OK)).Text; text != "deleted 0 templates" {
		t.Error(text)
	}
	w.run(apply(request("Size", "3"))).ends(fault.OK)
	w.later(2 * time.Hour)
	dry := w.run(dryCollect).ends(fault.OK)
	if text := last[report.Result](dry).Text; text != "would delete 2 templates" || strings.Count(notes(dry), "info would delete templates/") != 2 {
		t.Errorf("%s\n%s", text, notes(dry))
	}
	if text := last[report.Result](w.run(collect).ends(fault.OK)).Text; text != "deleted 2 templates" {
		t.Error(text)
	}
}

// A plan that was kept can still be applied after gc; one that was given up is deleted with its templates.
func TestCollectKeepsPlans(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	w.edit("network.yaml", "CidrBlock: !Ref Cidr}", "CidrBlock: !Ref Cidr, EnableDnsSupport: true}")
	w.edit("platform.yaml", "Description: A root", "Description: The root")
	r := request()
	r.Keep = true
	var saved *deploy.SavedPlan
	w.run(func(ctx context.Context, e *deploy.Engine) (err error) { saved, err = e.Plan(ctx, r); return err }).ends(fault.OK)
	w.later(2 * time.Hour)
	if text := last[report.Result](w.run(collect).ends(fault.OK)).Text; text != "deleted 0 templates" {
		t.Error(text)
	}
	w.run(func(ctx context.Context, e *deploy.Engine) error { return e.ApplySaved(ctx, r, *saved) }).ends(fault.OK)
	w.later(2 * time.Hour)
	if text := last[report.Result](w.run(collect).ends(fault.OK)).Text; text != "deleted 2 templates" {
		t.Error(text)
	}
}

// While somebody else deploys, or the stack has to be brought back first, nothing is deleted.
func TestCollectWaits(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := outdated(t)
	b := newBeyond(w)
	b.killed(30, apply(request("Size", "3")))
	w.run(collect).ends(fault.Busy, "is locked by")
	w.run(dryCollect).ends(fault.OK)
	w = outdated(t)
	w.sim.Fail("Database", "Insufficient capacity")
	w.sim.FailRollback("Database", "Still none")
	w.run(apply(request("Size", "3"))).ends(fault.NeedsPerson)
	w.run(collect).ends(fault.NeedsPerson, "UPDATE_ROLLBACK_FAILED")
}

// An environment without a platform has an artifact bucket all the same, and what cannot be read is not taken for unused.
func TestCollectWithoutPlatform(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(bootstrap).ends(fault.OK)
	w.run(collect).ends(fault.OK)
	w = deployed(t)
	r := request("Size", "2")
	r.Keep = true
	w.run(plan(r)).ends(fault.OK)
	w.later(2 * time.Hour)
	for operation, says := range map[string]string{"ListChangeSets": "list the change sets of platform-dev", "DescribeChangeSet": "read the change set arn:", "GetTemplate": "read the template of platform-dev"} {
		w.sim.Inject(simulator.Fault{Service: "cloudformation", Operation: operation, Kind: simulator.Denied})
		w.run(collect).ends(fault.Unexpected, says)
		w.sim.Heal()
	}
	w.sim.Inject(simulator.Fault{Service: "cloudformation", Operation: "DescribeStacks", Kind: simulator.Denied, Skip: 1})
	w.run(collect).ends(fault.Unexpected, "read stack platform-dev")
	w.sim.Heal()
	w.sim.Inject(simulator.Fault{Service: "cloudformation", Operation: "DescribeChangeSet", Kind: simulator.Failing, Code: "ChangeSetNotFound", Status: 404, Times: 1})
	w.run(collect).ends(fault.OK)
}

// A gc between the upload of a plan, which takes no lock, and its change set deletes nothing that the plan is made of, also where that lay
// in the bucket for long.
func TestCollectDuringAPlan(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	w.edit("network.yaml", "CidrBlock: !Ref Cidr}", "CidrBlock: !Ref Cidr, EnableDnsSupport: true}")
	w.edit("platform.yaml", "Description: A root", "Description: The root")
	w.run(plan(request())).ends(fault.OK) // given up, but its templates are there
	w.later(2 * time.Hour)
	b, gone := newBeyond(w), ""
	b.on["cloudformation:CreateChangeSet"] = func() { gone = last[report.Result](w.run(collect).ends(fault.OK)).Text }
	b.run(plan(request()), b.in).ends(fault.OK)
	if gone != "deleted 0 templates" {
		t.Error(gone)
	}
	w.later(2 * time.Hour)
	if text := last[report.Result](w.run(collect).ends(fault.OK)).Text; text != "deleted 2 templates" {
		t.Error(text)
	}
}
