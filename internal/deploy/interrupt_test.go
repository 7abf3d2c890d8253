package deploy_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// interrupted runs a verb that gets a signal at the first look at the operation, and chooses what becomes of that.
func (w *world) interrupted(verb func(context.Context, *deploy.Engine) error, choose func() deploy.Interruption) *run {
	w.Helper()
	ctx, cancel := context.WithCancel(w.Context())
	defer cancel()
	return w.runIn(ctx, verb, func(o *deploy.Options, _ *cloud.Options) {
		next := o.Reporter
		o.Reporter = report.Func(func(e report.Event) {
			next.Report(e)
			if _, following := e.(report.Tick); following {
				cancel()
			}
		})
		if choose != nil {
			o.Interrupted = func(context.Context) deploy.Interruption { return choose() }
		}
	})
}

// latest is the record of the latest deployment, as history shows it.
func (w *world) latest() []string {
	w.Helper()
	r := w.run(history).ends(fault.OK)
	return last[report.Table](r).Rows[0]
}

// A signal while AWS works: what was chosen happens, the exit code says what became of the operation, and history knows it in the end.
func TestInterruption(t *testing.T) {
	t.Parallel()
	times := 0
	for name, tc := range map[string]struct {
		choose  func() deploy.Interruption
		want    fault.Code
		says    string
		history string
	}{
		"nobody to ask": {nil, fault.StillRunning, "deploy watch -e dev", "done"},
		"detach":        {func() deploy.Interruption { return deploy.Detach }, fault.StillRunning, "deploy watch -e dev", "done"},
		"anything else": {func() deploy.Interruption { return "what?" }, fault.StillRunning, "deploy watch -e dev", "done"},
		"continue":      {func() deploy.Interruption { times++; return deploy.GoOn }, fault.OK, "", "done"},
		"cancel":        {func() deploy.Interruption { return deploy.CancelOperation }, fault.RolledBack, "UPDATE_ROLLBACK_COMPLETE", "rolled_back"},
	} {
		t.Run(name, func(t *testing.T) {
			w := deployed(t)
			r := w.interrupted(apply(request("Size", "2")), tc.choose).ends(tc.want, strings.Fields(tc.says)...)
			if tc.want == fault.StillRunning {
				counts := last[report.Result](w.run(watch).ends(fault.OK)).Changes
				if counts == nil || counts.Change == 0 {
					t.Errorf("watch counts %+v, as the run that ended would have", counts)
				}
			}
			if row := strings.Join(w.latest(), " "); !strings.Contains(row, tc.history) {
				t.Errorf("history says %s, want %s; %v", row, tc.history, r.err)
			}
			if w.run(apply(request("Size", "3"))).ends(fault.OK); times > 1 {
				t.Error("asked twice")
			}
		})
	}
}

// A first deployment that is cancelled is deleted; the next one succeeds.
func TestInterruptedFirstDeployment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(bootstrap).ends(fault.OK)
	r := w.interrupted(apply(firstRequest()), func() deploy.Interruption { return deploy.CancelOperation })
	r.ends(fault.RolledBack, "DELETE_COMPLETE", "the first deployment was cancelled, and nothing of it is left", "deploy apply -e dev")
	if row := strings.Join(w.latest(), " "); !strings.Contains(row, "rolled_back") {
		t.Errorf("history says %s", row)
	}
	w.run(apply(firstRequest())).ends(fault.OK)
}

// What cannot be cancelled goes on, and that is said.
func TestInterruptionThatCannotCancel(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for name, faults := range map[string][]simulator.Fault{
		"update refused": {{Operation: "CancelUpdateStack", Kind: simulator.Denied}},
		"stack unread":   {{Operation: "DescribeStacks", Kind: simulator.Denied, Times: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			w := deployed(t)
			r := w.interrupted(apply(request("Size", "2")), func() deploy.Interruption {
				for _, f := range faults {
					w.sim.Inject(f)
				}
				return deploy.CancelOperation
			}).ends(fault.OK)
			if !warned(r) {
				t.Error("nothing says that the update was not cancelled")
			}
		})
	}
	w := newWorld(t)
	w.run(bootstrap).ends(fault.OK)
	r := w.interrupted(apply(firstRequest()), func() deploy.Interruption {
		w.sim.Inject(simulator.Fault{Operation: "DeleteStack", Kind: simulator.Denied})
		return deploy.CancelOperation
	}).ends(fault.OK)
	if !warned(r) {
		t.Error("nothing says that the first deployment was not deleted")
	}
	w = deployed(t)
	r = w.interrupted(apply(request("Size", "2")), func() deploy.Interruption {
		w.later(20 * time.Minute)
		return deploy.CancelOperation
	}).ends(fault.OK)
	if !warned(r) {
		t.Error("nothing says that the update had ended")
	}
}

// A detached run has begun the operation; a time limit ends the following as well.
func TestDetach(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	detached := request("Size", "2")
	detached.Detach = true
	w.run(apply(detached)).ends(fault.StillRunning, "goes on in AWS", "deploy watch -e dev")
	w.run(apply(request("Size", "3"))).ends(fault.Busy)
	w.run(watch).ends(fault.OK)
	w.run(apply(request("Size", "3"))).ends(fault.OK)
}

// A record that cannot be completed is told, and does not hide how the operation ended.
func TestWatchWithoutRecords(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for name, f := range map[string]simulator.Fault{
		"records denied": {Service: "s3", Operation: "ListObjectsV2", Kind: simulator.Denied},
		"stack unread":   {Operation: "DescribeStacks", Kind: simulator.Denied, Skip: 1, Times: 1},
		"then unread":    {Operation: "DescribeStacks", Kind: simulator.Denied, Skip: 2, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := deployed(t)
			w.sim.Inject(f)
			if r := w.run(watch).ends(fault.OK); !warned(r) {
				t.Error("nothing says that the record stays incomplete")
			}
		})
	}
}

// What an operation does outlives an interruption but not the time limit of the run.
func TestTimeLimit(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	w.runIn(ctx, apply(request("Size", "2"))).ends(fault.OK)
}

// A stack in review whose change sets cannot be listed is left as it is.
func TestReviewThatCannotBeWithdrawn(t *testing.T) {
	t.Parallel()
	w := founded(t)
	kept := firstRequest()
	kept.Keep = true
	w.run(plan(kept)).ends(fault.OK)
	w.sim.Inject(simulator.Fault{Operation: "ListChangeSets", Kind: simulator.Denied, Times: 1})
	w.run(apply(firstRequest())).ends(fault.Unexpected, "change sets of")
	w.run(apply(firstRequest())).ends(fault.OK)
}

// Who follows an operation is told beforehand what an interruption does.
func TestWhatAnInterruptionDoesIsTold(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	asks := func(o *deploy.Options, _ *cloud.Options) { o.OnInterrupt = "ask" }
	if o := last[report.Operation](w.run(apply(request("Size", "2")), asks).ends(fault.OK)); o.Interrupt != "ask" {
		t.Errorf("%+v", o)
	}
	if o := last[report.Operation](w.run(watch, asks).ends(fault.OK)); o.Interrupt != "" { // watching is only looking
		t.Errorf("%+v", o)
	}
}

// What a person types is taken as far as it leaves no doubt.
func TestParseInterruption(t *testing.T) {
	for typed, want := range map[string]deploy.Interruption{"d": deploy.Detach, "detach": deploy.Detach, "ca": deploy.CancelOperation, "con": deploy.GoOn, "c": "", "": "", "cancle": "", "detached": ""} {
		if choice, known := deploy.ParseInterruption(typed); known != (want != "") || known && choice != want {
			t.Errorf("%q is %s, %v", typed, choice, known)
		}
	}
}
