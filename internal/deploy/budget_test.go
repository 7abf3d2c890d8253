package deploy_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

// A plan of the real platform takes at most 20 calls and one for each nested stack that changes, beside the templates: each of those takes
// one, and one more to compare it where it is there already.
func TestPlanBudget(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	b := golden(t)
	seen := &witness{} // as the command runs: it also looks for secrets
	r := b.run(plan(goldenRequest(t, "DatabaseMaxCapacity", "6")), b.in, seen.option).ends(fault.OK)
	changed := 0
	calls, templates := last[report.Result](r).Calls, last[report.Templates](r).Count
	total := beside(calls)
	for _, nested := range last[report.Plan](r).Root.Nested {
		if len(nested.Changes) > 0 {
			changed++
		}
	}
	if most := 20 + changed; total > most {
		t.Errorf("%d calls, want at most %d for %d changed nested stacks: %v", total, most, changed, calls)
	}
	if len(seen.masked) > 0 {
		t.Errorf("masks %v", seen.masked)
	}
	if calls["s3:PutObject"] != templates || calls["s3:HeadObject"] != templates {
		t.Errorf("%d templates take %v", templates, calls)
	}
}

// beside are the calls beside those for the templates.
func beside(calls map[string]int) (total int) {
	for call, n := range calls {
		if call != "s3:PutObject" && call != "s3:HeadObject" {
			total += n
		}
	}
	return total
}

// A first plan takes one call more than an update for each nested stack, all of which are new: CloudFormation tells the findings of its
// validation change set by change set (API reference, DescribeEvents), and in an update only few have any that count. Each new one matters:
// what a first deployment would fail of, a name that is taken above all, is found by nothing else.
func TestFirstPlanBudget(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	w := newWorld(t)
	w.templates = os.DirFS("../../golden")
	r := goldenRequest(t)
	w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Bootstrap(ctx, r) }).ends(fault.OK)
	planned := w.run(plan(r)).ends(fault.OK)
	calls, nested := last[report.Result](planned).Calls, len(last[report.Plan](planned).Root.Nested)
	if total, most := beside(calls), 20+2*nested; total > most {
		t.Errorf("%d calls, want at most %d for %d nested stacks: %v", total, most, nested, calls)
	}
	if calls["s3:PutObject"] != nested+1 || calls["s3:HeadObject"] != 0 {
		t.Errorf("%d templates take %v", nested+1, calls)
	}
}

// The change set is looked at after half a second, and less and less often then.
func TestChangeSetPauses(t *testing.T) {
	t.Parallel()
	b := newBeyond(deployed(t))
	var moments []time.Time
	const look = "cloudformation:DescribeChangeSet"
	b.answers[look] = `<R><DescribeChangeSetResult><Status>CREATE_IN_PROGRESS</Status></DescribeChangeSetResult></R>`
	now := func() {
		if moments = append(moments, b.sim.Clock().Now()); len(moments) == 8 { // one that takes its time
			delete(b.answers, look)
		}
	}
	b.on["cloudformation:CreateChangeSet"], b.on[look] = now, now
	b.run(plan(request("Size", "2")), b.in).ends(fault.OK)
	var pauses []float64
	for i := 1; i < len(moments) && moments[i].After(moments[i-1]); i++ {
		pauses = append(pauses, moments[i].Sub(moments[i-1]).Seconds())
	}
	want := []float64{0.5, 0.5, 1, 1, 2, 2, 2}
	if diff := cmp.Diff(want, pauses); diff != "" {
		t.Error(diff)
	}
}

// Following the real platform: the first failure is on the screen within ten seconds, the end within two, and the calls stay in the budget.
func TestFollowBudget(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	b := golden(t)
	b.sim.FailAfter("Cluster", 187300*time.Millisecond, "Insufficient capacity")
	var failed, ended time.Duration
	var began time.Time
	watching := func(o *deploy.Options, _ *cloud.Options) {
		told := o.Reporter
		o.Reporter = report.Func(func(e report.Event) {
			if r, is := e.(report.Resource); is {
				late := b.sim.Clock().Now().Sub(r.Time)
				if began.IsZero() {
					began = r.Time
				}
				if failed == 0 && strings.HasSuffix(r.Status, "_FAILED") {
					failed = late
				}
				ended = late
			}
			told.Report(e)
		})
	}
	r := b.run(apply(goldenRequest(t, "DatabaseMaxCapacity", "6")), b.in, watching).ends(fault.RolledBack)
	if failed <= 0 || failed > 10*time.Second || ended > 2*time.Second {
		t.Errorf("the first failure is told after %s, the end after %s", failed, ended)
	}
	took := b.sim.Clock().Now().Sub(began)
	calls := last[report.Result](r).Calls
	follow := calls["cloudformation:DescribeStackEvents"]
	if most := int(1.5 * took.Seconds()); follow > most || follow > 600 {
		t.Errorf("%d calls in %s", follow, took)
	}
	t.Logf("first failure after %s, end after %s, %d calls in %s", failed, ended, follow, took)
}

// BenchmarkReview measures what a plan of the real platform takes beside the calls: the review of its change set.
func BenchmarkReview(b *testing.B) {
	w := golden(&testing.T{})
	r := goldenRequest(b, "DatabaseMaxCapacity", "6")
	r.Keep = true
	name := last[report.Plan](w.run(plan(r))).ChangeSet
	var set *changeset.Set
	read := w.run(func(ctx context.Context, e *deploy.Engine) (err error) {
		set, err = changeset.Read(ctx, e.Cloud.CloudFormation(), "", name)
		return err
	})
	if read.err != nil {
		b.Fatal(read.err)
	}
	templates, err := source.Load(w.templates, "platform.yaml")
	if err != nil {
		b.Fatal(err)
	}
	given := map[string]source.Given{}
	for name, value := range set.Parameters {
		given[name] = source.Given{Value: value}
	}
	b.ResetTimer()
	for b.Loop() {
		changeset.ReviewSet(set, templates, given, changeset.Before{})
	}
}

// BenchmarkPlan measures all of a plan of the real platform but the waiting: calls, review and report.
func BenchmarkPlan(b *testing.B) {
	w := golden(&testing.T{})
	r := goldenRequest(b, "DatabaseMaxCapacity", "6")
	b.ResetTimer()
	for b.Loop() {
		w.run(plan(r)).ends(fault.OK)
	}
}

// BenchmarkFollow measures following the last operation on the real platform from its beginning to its end.
func BenchmarkFollow(b *testing.B) {
	w := golden(&testing.T{})
	if r := w.run(apply(goldenRequest(b, "DatabaseMaxCapacity", "6"))); r.err != nil {
		b.Fatal(r.err)
	}
	b.ResetTimer()
	for b.Loop() {
		w.run(watch).ends(fault.OK)
	}
}
