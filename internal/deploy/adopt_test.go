package deploy_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// results are those of the deployments, newest first, as history tells them.
func (w *world) results() []string {
	w.Helper()
	var results []string
	for _, row := range last[report.Table](w.run(history).ends(fault.OK)).Rows {
		results = append(results, row[2])
	}
	return results
}

// widow is a world whose latest run died while its update ran, which has ended since.
func widow(t *testing.T) *world {
	t.Helper()
	w := deployed(t)
	w.die(apply(request("Size", "2")))
	w.later(lockTime)
	return w
}

// Whoever works on the environment next completes the record of a run that died and that nobody watched.
func TestRecordsOfTheDead(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	keep := func(ctx context.Context, e *deploy.Engine) error {
		return e.Destroy(ctx, deploy.DestroyRequest{Confirm: "dev", KeepArtifacts: true})
	}
	for name, tc := range map[string]struct {
		next func(*world) func(context.Context, *deploy.Engine) error
		want []string
	}{
		"apply":       {func(*world) func(context.Context, *deploy.Engine) error { return apply(request("Size", "3")) }, []string{"done", "done", "done"}},
		"rollback to": {func(w *world) func(context.Context, *deploy.Engine) error { return restore(w.ids()[1]) }, []string{"done", "done", "done"}},
		"apply of a kept plan": {func(w *world) func(context.Context, *deploy.Engine) error {
			r := request("Size", "3")
			r.Keep = true
			var saved *deploy.SavedPlan
			w.run(func(ctx context.Context, e *deploy.Engine) (err error) { saved, err = e.Plan(ctx, r); return err }).ends(fault.OK)
			return func(ctx context.Context, e *deploy.Engine) error { return e.ApplySaved(ctx, r, *saved) }
		}, []string{"done", "done", "done"}},
		"destroy": {func(*world) func(context.Context, *deploy.Engine) error { return keep }, []string{"done", "done"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := widow(t)
			if got := w.results(); got[0] != "broken off" {
				t.Errorf("before: %v", got)
			}
			w.run(tc.next(w)).ends(fault.OK)
			if diff := cmp.Diff(tc.want, w.results()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// History tells runs that live from those that died, and a record of what was never executed says so in the end.
func TestHistoryTellsTheDead(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	detached := request("Size", "2")
	detached.Detach = true
	w.run(apply(detached)).ends(fault.StillRunning)
	if got := w.results(); got[0] != "running" {
		t.Errorf("while AWS works: %v", got)
	}

	whole := newBeyond(deployed(t))
	whole.run(apply(request("Size", "2")), whole.in).ends(fault.OK)
	b := newBeyond(deployed(t))
	b.killed(slices.Index(whole.asked, "cloudformation:ExecuteChangeSet"), apply(request("Size", "2")))
	if got := b.results(); got[0] != "running" {
		t.Errorf("while the lock is held: %v", got)
	}
	b.later(lockTime)
	if got := b.results(); got[0] != "broken off" {
		t.Errorf("later: %v", got)
	}
	b.run(apply(request("Size", "3"))).ends(fault.OK)
	if diff := cmp.Diff([]string{"done", "interrupted", "done"}, b.results()); diff != "" {
		t.Error(diff)
	}
	w = widow(t)
	w.must(w.sim.PutObject("bucket-artifacts-111122223333-dev", "env/dev/deployments/30001122-000000-1.json", `{"id":"30001122-000000-1","started":"3000-11-22T00:00:00Z","caller":"x"}`))
	if got := w.results(); got[1] != "broken off" {
		t.Errorf("older ones: %v", got)
	}
}

// A first deployment that died before there was a stack, or while its stack was only proposed, was never executed.
func TestRecordWithoutAStack(t *testing.T) {
	t.Parallel()
	w := founded(t)
	w.must(w.sim.PutObject("bucket-artifacts-111122223333-dev", "env/dev/deployments/20251122-000000-1.json", `{"id":"20251122-000000-1","started":"2025-11-22T00:00:00Z","caller":"x"}`))
	w.run(apply(firstRequest())).ends(fault.OK)
	if diff := cmp.Diff([]string{"done", "interrupted"}, w.results()); diff != "" {
		t.Error(diff)
	}
}

// A record that cannot be completed is told, and stands in nobody's way.
func TestRecordsThatStayIncomplete(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for name, f := range map[string]simulator.Fault{
		"record unread": {Service: "s3", Operation: "GetObject", Kind: simulator.Denied, Skip: 1, Times: 1},
		"events unread": {Operation: "DescribeStackEvents", Kind: simulator.Denied, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := widow(t)
			w.sim.Inject(f)
			r := w.run(apply(request("Size", "3"))).ends(fault.OK)
			if !strings.Contains(notes(r), "the record of an earlier deployment stays incomplete: ") {
				t.Error(notes(r))
			}
		})
	}
	for name, f := range map[string]simulator.Fault{
		"stack unread": {Operation: "DescribeStacks", Kind: simulator.Denied, Skip: 1, Times: 1},
		"lock unread":  {Service: "s3", Operation: "GetObject", Kind: simulator.Denied, Skip: 2, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := widow(t)
			w.sim.Inject(f)
			if r := w.run(history); r.err == nil {
				t.Error("history guesses")
			}
		})
	}
}
