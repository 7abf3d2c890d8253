package deploy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// After each change set that apply executed whole the administration task reconciles; after all else it does not.
func TestApplyReconciles(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := administered(t)
	ran := func(what string, r *run, want int) {
		t.Helper()
		if got := len(all[report.AdminEnded](r)); got != want {
			t.Errorf("%s: %d runs of the task, want %d", what, got, want)
		}
	}
	r := w.run(apply(request("Size", "2"))).ends(fault.OK)
	ran("an update", r, 1)
	if begun := last[report.AdminTask](r); begun.Task != deploy.AdminReconcile {
		t.Errorf("%+v", begun)
	}
	if at := slices.IndexFunc(r.events, func(e report.Event) bool { _, is := e.(report.Outputs); return is }); at < slices.IndexFunc(r.events, func(e report.Event) bool { _, is := e.(report.AdminEnded); return is }) {
		t.Error("the outputs come before the task has ended")
	}
	ran("nothing to do", w.run(apply(request("Size", "2"))).ends(fault.OK), 0)
	ran("a plan", w.run(plan(request("Size", "3"))).ends(fault.OK), 0)
	w.sim.Fail("Database", "no capacity")
	ran("a rollback", w.run(apply(request("Size", "3"))).ends(fault.RolledBack), 0)
	w.sim.Heal()
	for flag, change := range map[string]func(*deploy.Request){"--no-admin": func(r *deploy.Request) { r.NoAdmin = true }, "--express": func(r *deploy.Request) { r.Express = true }} {
		asked := request("Size", map[string]string{"--no-admin": "4", "--express": "5"}[flag])
		change(&asked)
		left := w.run(apply(asked)).ends(fault.OK)
		ran(flag, left, 0)
		if !slices.ContainsFunc(all[report.Note](left), func(n report.Note) bool {
			return strings.HasPrefix(n.Text, flag+" leaves the administration task out") && strings.HasSuffix(n.Text, "deploy admin reconcile -e dev")
		}) {
			t.Errorf("%s is not told", flag)
		}
	}
	detached := request("Size", "6")
	detached.Detach = true
	ran("a detached run", w.run(apply(detached)).ends(fault.StillRunning), 0)
	ran("templates without a task", deployed(t).run(apply(request("Size", "2"))).ends(fault.OK), 0)
}

// A change whose administration fails ends with 5 and says that the stack itself is deployed; history knows it as done.
func TestApplyWhoseTaskFails(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for name, tc := range map[string]struct {
		before func(*world)
		says   []string
	}{
		"failed": {func(w *world) { w.sim.PlanTask(adminFamily, 7, numbered(1), 0) }, []string{"exited with 7", "line 1"}},
		"denied": {func(w *world) { w.sim.Inject(simulator.Fault{Operation: "RunTask", Kind: simulator.Denied}) }, []string{"RunTask"}},
		"busy": {func(w *world) {
			w.sim.PlanTask(adminFamily, 0, nil, 24*time.Hour)
			w.interrupted(admin("rotate"), nil)
		}, []string{"runs already"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := administered(t)
			tc.before(w)
			w.run(apply(request("Size", "2"))).ends(fault.NeedsPerson, append(tc.says, "platform-dev is UPDATE_COMPLETE: the stack itself is deployed", "deploy admin reconcile -e dev")...)
			w.sim.Heal()
			if row := strings.Join(w.latest(), " "); !strings.Contains(row, "done") {
				t.Errorf("history says %s", row)
			}
			w.run(apply(request("Size", "2"))).ends(fault.OK)
		})
	}
}

// Who goes on with an operation that was interrupted gets its task too; a task that is left is named.
func TestApplyInterrupted(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := administered(t)
	r := w.interrupted(apply(request("Size", "2")), func() deploy.Interruption { return deploy.GoOn }).ends(fault.OK)
	if got := last[report.AdminEnded](r).Result; got != report.AdminSucceeded {
		t.Errorf("the task %q", got)
	}
	w.sim.PlanTask(adminFamily, 0, nil, time.Hour)
	w.sim.Inject(simulator.Fault{Service: "ecs", Operation: "DescribeTasks", Kind: simulator.Expired})
	r = w.run(apply(request("Size", "3"))).ends(fault.StillRunning, "the stack itself is deployed", "goes on in AWS", "aws logs tail")
	if got := last[report.AdminEnded](r).Result; got != report.AdminRunning {
		t.Errorf("the task %q", got)
	}
}

// Whoever follows a run that was left does what that run would have done after its change, once.
func TestWatchReconciles(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	lock := func(w *world) {
		w.must(w.sim.PutObject("bucket-artifacts-111122223333-dev", "env/dev/lock.json", `{"id":"other","owner":"somebody","command":"deploy apply","expires":"2030-01-01T00:00:00Z"}`))
	}
	for name, tc := range map[string]struct {
		asked  func(*deploy.Request)
		before func(*world)
		code   fault.Code
		runs   int
		says   string
	}{
		"left":        {nil, nil, fault.OK, 1, ""},
		"--no-admin":  {func(r *deploy.Request) { r.NoAdmin = true }, nil, fault.OK, 0, "--no-admin leaves the administration task out"},
		"rolled back": {nil, func(w *world) { w.sim.Fail("Database", "no capacity") }, fault.RolledBack, 0, ""},
		"task fails":  {nil, func(w *world) { w.sim.PlanTask(adminFamily, 7, numbered(1), 0) }, fault.NeedsPerson, 1, ""},
		"locked":      {nil, lock, fault.OK, 0, "was not run from here: dev is locked"},
		"denied": {nil, func(w *world) {
			w.sim.Inject(simulator.Fault{Service: "s3", Operation: "PutObject", Kind: simulator.Denied})
		}, fault.OK, 0,
			"its schedule makes up for it, or: deploy admin reconcile -e dev"},
	} {
		t.Run(name, func(t *testing.T) {
			w := administered(t)
			asked := request("Size", "2")
			asked.Detach = true
			if tc.asked != nil {
				tc.asked(&asked)
			}
			w.run(apply(asked)).ends(fault.StillRunning)
			if tc.before != nil {
				tc.before(w)
			}
			r := w.run(watch).ends(tc.code)
			if got := len(all[report.AdminEnded](r)); got != tc.runs {
				t.Errorf("%d runs of the task, want %d", got, tc.runs)
			}
			if told := func(n report.Note) bool { return strings.Contains(n.Text, tc.says) }; tc.says != "" && !slices.ContainsFunc(all[report.Note](r), told) {
				t.Errorf("%q is not told: %+v", tc.says, all[report.Note](r))
			}
			w.sim.Heal()
			if name != "denied" { // which left the record incomplete
				if got := len(all[report.AdminEnded](w.run(watch))); got != 0 {
					t.Errorf("watched once more: %d runs of the task", got)
				}
			}
		})
	}
}

// Where nobody can tell whether there is a task, the run does not end well.
func TestApplyThatCannotLook(t *testing.T) {
	t.Parallel()
	b := newBeyond(administered(t))
	blind := func(o *deploy.Options, _ *cloud.Options) {
		next := o.Reporter
		o.Reporter = report.Func(func(e report.Event) {
			if r, is := e.(report.Resource); is && len(r.Path) == 0 && r.LogicalID == "platform-dev" && r.Status == "UPDATE_COMPLETE" {
				b.answers["cloudformation:DescribeStacks"] = "400 AccessDenied"
			}
			next.Report(e)
		})
	}
	r := b.run(apply(request("Size", "2")), b.in, blind)
	if fault.CodeOf(r.err) == fault.OK || len(all[report.AdminTask](r)) > 0 {
		t.Errorf("%v", r.err)
	}
}

// migrating is a world with releases and an administration task.
func migrating(t *testing.T) *world {
	t.Helper()
	w := quick(t)
	w.edit("base.yaml", "\nOutputs:\n", strings.NewReplacer("${Digest}", digest, "!Ref Subnet", "subnet-1").Replace(administration))
	w.edit("platform.yaml", "\nOutputs:\n", "\nOutputs:\n  AdministrationTaskDefinition: {Value: !GetAtt BaseStack.Outputs.Admin}\n")
	r := request()
	r.NoAdmin = true
	w.run(apply(r)).ends(fault.OK)
	return w
}

// A release migrates first, where it is asked to; when that fails nothing is shifted.
func TestReleaseMigrates(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := migrating(t)
	asked := newImages(11, "api")
	asked.Migrate = true
	r := w.run(doRelease(asked)).ends(fault.OK)
	task := slices.IndexFunc(r.events, func(e report.Event) bool {
		is, ok := e.(report.AdminEnded)
		return ok && is.Result == report.AdminSucceeded
	})
	if begun := slices.IndexFunc(r.events, func(e report.Event) bool { _, is := e.(report.Release); return is }); task < 0 || begun < task || last[report.AdminTask](r).Task != deploy.AdminMigrate {
		t.Errorf("migrated at %d, released at %d", task, begun)
	}
	w.serves("api", digestNumber(11))

	w.sim.PlanTask(adminFamily, 1, []string{"relation exists"}, 0)
	again := newImages(12, "api")
	again.Migrate = true
	r = w.run(doRelease(again)).ends(fault.NeedsPerson, "nothing was shifted", "exited with 1", "relation exists", "deploy admin migrate -e dev", "deploy release -e dev")
	if len(all[report.Release](r)) > 0 || r.results() != "" {
		t.Errorf("released %s", r.results())
	}
	w.serves("api", digestNumber(11))
	w.sim.Inject(simulator.Fault{Operation: "RunTask", Kind: simulator.Denied})
	w.run(doRelease(deploy.ReleaseRequest{Yes: true, Migrate: true})).ends(fault.NeedsPerson, "nothing was shifted", "RunTask")
	w.sim.Heal()
	w.sim.PlanTask(adminFamily, 0, nil, 0)
	w.run(doRelease(deploy.ReleaseRequest{Yes: true, Migrate: true})).ends(fault.OK)
	w.serves("api", digestNumber(12))

	r = w.run(doRelease(deploy.ReleaseRequest{Yes: true, Migrate: true})).ends(fault.OK)
	if n := last[report.Note](r); len(all[report.AdminTask](r)) > 0 || !strings.Contains(n.Text, "deploy admin migrate -e dev") {
		t.Errorf("migrates with nothing to release, or does not say: %q", n.Text)
	}
	w = quick(t)
	w.run(doRelease(asked)).ends(fault.Usage, "has no administration task")
	w.serves("api", oldDigest)
}
