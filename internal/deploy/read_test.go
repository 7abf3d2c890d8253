package deploy_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// Verbs without arguments.
func status(ctx context.Context, e *deploy.Engine) error   { return e.Status(ctx) }
func outputs(ctx context.Context, e *deploy.Engine) error  { return e.Outputs(ctx) }
func list(ctx context.Context, e *deploy.Engine) error     { return e.List(ctx) }
func history(ctx context.Context, e *deploy.Engine) error  { return e.History(ctx, 5) }
func watch(ctx context.Context, e *deploy.Engine) error    { return e.Watch(ctx) }
func diagnose(ctx context.Context, e *deploy.Engine) error { return e.Diagnose(ctx) }
func cancel(ctx context.Context, e *deploy.Engine) error   { return e.Cancel(ctx, true) }
func unlock(ctx context.Context, e *deploy.Engine) error   { return e.Unlock(ctx, false) }
func collect(ctx context.Context, e *deploy.Engine) error  { return e.Collect(ctx, 1, false) }
func rollback(ctx context.Context, e *deploy.Engine) error {
	return e.Rollback(ctx, deploy.RollbackRequest{Yes: true})
}

// Questions about an environment that does not exist say so, and what to do.
func TestQuestionsAboutNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, verb := range map[string]func(context.Context, *deploy.Engine) error{"outputs": outputs, "watch": watch, "diagnose": diagnose, "cancel": cancel, "rollback": rollback} {
		t.Run(name, func(t *testing.T) { w.run(verb).ends(fault.Usage, "no stack platform-dev", "deploy list") })
	}
	for name, verb := range map[string]func(context.Context, *deploy.Engine) error{"history": history, "unlock": unlock, "gc": collect} {
		t.Run(name, func(t *testing.T) { w.run(verb).ends(fault.Usage, "no artifact bucket", "deploy bootstrap -e dev") })
	}
	if rows := last[report.Table](w.run(list).ends(fault.OK)).Rows; len(rows) != 0 {
		t.Errorf("environments %v", rows)
	}
	if text := last[report.Result](w.run(status).ends(fault.OK)).Text; text != "platform-dev does not exist" {
		t.Error(text)
	}
}

func TestQuestions(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	w.run(bootstrap, func(o *deploy.Options, _ *cloud.Options) { o.Environment = "qa" }).ends(fault.OK)
	w.run(apply(request("Size", "2"))).ends(fault.OK)
	tables := all[report.Table](w.run(status).ends(fault.OK))
	want := [][]string{{"foundation-dev", "CREATE_COMPLETE", ""}, {"deploy-role-dev", "CREATE_COMPLETE", ""}, {"platform-dev", "UPDATE_COMPLETE", ""}}
	if diff := cmp.Diff(want, tables[0].Rows); diff != "" {
		t.Error(diff)
	}
	service := tables[1].Rows[0]
	if diff := cmp.Diff([]string{"service-api-dev", "blue", "task-api-dev:1", "none", "on"}, service); diff != "" {
		t.Error(diff)
	}
	found := last[report.Table](w.run(list).ends(fault.OK)).Rows
	for i := range found {
		found[i] = found[i][:3]
	}
	if diff := cmp.Diff([][]string{{"dev", "CREATE_COMPLETE", "UPDATE_COMPLETE"}, {"qa", "CREATE_COMPLETE", "none"}}, found); diff != "" {
		t.Error(diff)
	}
	if got := last[report.Outputs](w.run(outputs).ends(fault.OK)).Values["ClusterName"]; got != "cluster-dev" {
		t.Error(got)
	}
	records := last[report.Table](w.run(history).ends(fault.OK)).Rows
	if len(records) != 2 || records[0][1] != "deploy test" || records[0][2] != "done" || records[0][4] != "c0ffee" || records[0][5] != "0 add, 1 change, 0 replace, 0 delete" {
		t.Errorf("history %v", records)
	}
}

// What a status tells of services that CodeDeploy or somebody else is at.
func TestStatusOfServices(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	if err := w.sim.Suspend("service/cluster-dev/service-api-dev", true); err != nil {
		t.Fatal(err)
	}
	idle := w.run(apply(request())).ends(fault.OK)
	if next := last[report.Result](idle).Next; len(next) != 1 || !strings.Contains(next[0], "scaling of service-api-dev is suspended") {
		t.Errorf("next %v", next)
	}
	if err := w.sim.BeginRelease("service-api-dev", 30); err != nil {
		t.Fatal(err)
	}
	rows := all[report.Table](w.run(status).ends(fault.OK))[1].Rows
	if diff := cmp.Diff([]string{"running", "suspended"}, rows[0][3:]); diff != "" {
		t.Error(diff)
	}
}

// A lock that nobody gave back is told, expires, and is broken.
func TestUnlock(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	w.die(apply(request("Size", "2")))
	r := w.run(status).ends(fault.OK)
	if notes := all[report.Note](r); len(notes) != 1 || !strings.Contains(notes[0].Text, "locked by") {
		t.Errorf("notes %v", notes)
	}
	w.run(unlock).ends(fault.Busy, "--force")
	r = w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Unlock(ctx, true) }).ends(fault.OK)
	if text := last[report.Result](r).Text; !strings.Contains(text, "is broken") {
		t.Error(text)
	}
	w.run(watch).ends(fault.OK)
}

// die runs a verb until it follows an operation, and then lets nothing it does reach AWS any more, as kill -9 does.
func (w *world) die(verb func(context.Context, *deploy.Engine) error) {
	w.Helper()
	ctx, stop := context.WithCancel(context.Background())
	w.runIn(ctx, verb, func(o *deploy.Options, _ *cloud.Options) {
		o.Reporter = report.Func(func(e report.Event) {
			if _, following := e.(report.Tick); following {
				w.sim.Inject(simulator.Fault{Kind: simulator.Denied})
				stop()
			}
		})
	})
	w.sim.Heal()
}

// Templates that no deployment uses any more go; those that run stay.
func TestCollect(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	w.edit("network.yaml", "CidrBlock: !Ref Cidr}", "CidrBlock: !Ref Cidr, EnableDnsSupport: true}")
	w.run(apply(request())).ends(fault.OK)
	w.edit("network.yaml", "EnableDnsSupport: true}", "EnableDnsSupport: true, EnableDnsHostnames: true}")
	w.run(apply(request())).ends(fault.OK)
	_ = w.sim.Clock().Sleep(context.Background(), 2*time.Hour) // what is younger may be of a run under way
	dry := w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Collect(ctx, 1, true) }).ends(fault.OK)
	if text := last[report.Result](dry).Text; text != "would delete 2 templates" {
		t.Error(text)
	}
	if text := last[report.Result](w.run(collect).ends(fault.OK)).Text; text != "deleted 2 templates" {
		t.Error(text)
	}
	w.run(apply(request("Size", "2"))).ends(fault.OK)
}

// A following that outlasts its time ends; AWS goes on.
func TestTimeout(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	ctx, stop := context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
	defer stop()
	w.runIn(ctx, apply(request("Size", "2"))).ends(fault.Interrupted, "before anything was touched")
	w.run(apply(request("Size", "2"))).ends(fault.OK)
}
