package deploy_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/store"
)

// What is shown is what the last screen of a run shows. What names this very run, and how long it took, is left out.
type shown struct {
	Status, Text, Error string
	Code                fault.Code
	Outputs             map[string]string
	Causes              []string
	// Changes are those of the plan, where the run made one.
	Changes []string
}

func (r *run) shown(planned bool) shown {
	result, diagnosis := last[report.Result](r), last[report.Diagnosis](r)
	e := shown{Status: result.Status, Text: result.Text, Code: fault.CodeOf(r.err), Outputs: last[report.Outputs](r).Values}
	if r.err != nil {
		e.Error = r.err.Error()
	}
	for _, c := range diagnosis.Causes {
		e.Causes = append(e.Causes, strings.Join(append(slices.Clone(c.Path), c.LogicalID, c.Type, c.Status, c.Reason), " "))
	}
	if planned {
		e.Changes = changes(last[report.Plan](r))
	}
	return e
}

// moments are random ones of a run of so many calls, each once, the same in each run of the tests.
func moments(calls, wanted int) []int {
	if testing.Short() {
		wanted = 1
	}
	order := rand.New(rand.NewPCG(2026, uint64(calls))).Perm(calls - 1)
	chosen := order[:min(wanted, len(order))]
	slices.Sort(chosen)
	for i := range chosen {
		chosen[i]++ // at least one call is made
	}
	return chosen
}

// A mortal is a command that is killed.
type mortal struct {
	name string
	// world is the account that it runs in.
	world func(*testing.T) *world
	do    func(context.Context, *deploy.Engine) error
	want  fault.Code
	// executes tells that the command executes its change set; next is what is called after its death, by default the same again.
	executes bool
	next     func(context.Context, *deploy.Engine) error
	moments  int
}

// founded is a world with a foundation and nothing else.
func founded(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.run(bootstrap).ends(fault.OK)
	return w
}

// failing is a world in which the next update fails.
func failing(t *testing.T) *world {
	t.Helper()
	w := deployed(t)
	w.sim.Fail("Database", "Insufficient capacity")
	return w
}

func mortals() []mortal {
	kept := request("Size", "2")
	kept.Keep = true
	return []mortal{
		{name: "plan of a first deployment", world: founded, do: plan(firstRequest()), next: apply(firstRequest()), moments: 15},
		{name: "plan", world: deployed, do: plan(request("Size", "2")), next: apply(request("Size", "2")), moments: 15},
		{name: "plan that is kept", world: deployed, do: plan(kept), next: apply(request("Size", "2")), moments: 10},
		{name: "first deployment", world: founded, do: apply(firstRequest()), executes: true, moments: 20},
		{name: "update", world: deployed, do: apply(request("Size", "2")), executes: true, moments: 20},
		{name: "update that fails", world: failing, do: apply(request("Size", "9")), want: fault.RolledBack, executes: true, moments: 20},
	}
}

// Whenever a command is killed, whoever comes next, from any machine, sees what it would have shown, and leaves nothing of it behind.
func TestKilled(t *testing.T) {
	t.Parallel()
	for _, m := range mortals() {
		t.Run(m.name, func(t *testing.T) {
			b := newBeyond(m.world(t))
			whole := b.run(m.do, b.in).ends(m.want)
			calls, next := b.calls, m.do
			if m.next != nil {
				next = m.next
			}
			want := whole.shown(true)
			if !m.executes {
				want = b.run(next).ends(fault.OK).shown(true)
			}
			for i, after := range moments(calls, m.moments) {
				t.Run(fmt.Sprintf("after %d of %d calls", after, calls), func(t *testing.T) {
					b := newBeyond(m.world(t))
					b.killed(after, m.do)
					m.survive(b, after, i%2 == 0, next, want, whole.shown(true))
				})
			}
		})
	}
}

// survive does what comes after a death: at once or later, when all that was begun has ended.
func (m mortal) survive(b *beyond, after int, late bool, next func(context.Context, *deploy.Engine) error, want, whole shown) {
	b.Helper()
	if late {
		b.later(time.Hour)
	}
	executed := slices.Contains(b.asked[:after], "cloudformation:ExecuteChangeSet")
	if executed {
		b.same(whole, b.run(watch).shown(false))
	}
	if !m.executes {
		b.same(whole, b.run(m.do).ends(m.want).shown(true))
	}
	b.later(20 * time.Minute) // the lock of a dead run expires
	again := b.run(next)
	switch {
	case executed && m.want == fault.OK:
		if text := last[report.Result](again.ends(fault.OK)).Text; text != "platform-dev is up to date" {
			b.Error(text)
		}
	default:
		b.same(want, again.shown(true))
	}
	b.tidy()
}

// same wants two endings to be equal, but for the plan where only one has it.
func (b *beyond) same(want, got shown) {
	b.Helper()
	if got.Changes == nil {
		want.Changes = nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		b.Error(diff)
	}
}

// tidy wants nothing of dead runs: no stack that only was proposed, no change set that nobody executes, no lock that holds.
func (b *beyond) tidy() {
	b.Helper()
	b.later(2 * time.Minute) // CloudFormation deletes obsolete change sets some time after the execution
	way := b.way()
	stacks, err := way.CloudFormation().DescribeStacks(b.Context(), &cloudformation.DescribeStacksInput{})
	b.must(err)
	for _, s := range stacks.Stacks {
		if s.StackStatus == "REVIEW_IN_PROGRESS" {
			b.Errorf("stack %s is only proposed", *s.StackName)
		}
		sets, err := way.CloudFormation().ListChangeSets(b.Context(), &cloudformation.ListChangeSetsInput{StackName: s.StackId})
		b.must(err)
		for _, set := range sets.Summaries {
			executed := strings.HasPrefix(string(set.ExecutionStatus), "EXECUTE_") // nested ones belong to their roots
			if set.ParentChangeSetId == nil && !executed {
				b.Errorf("change set %s of %s is %s, %s", *set.ChangeSetName, *s.StackName, set.Status, set.ExecutionStatus)
			}
		}
	}
	holder, held, err := store.New(way.S3(), b.sim.Clock(), "bucket-artifacts-111122223333-dev", "dev", b.sim.Account()).Holder(b.Context())
	if b.must(err); held {
		b.Errorf("%s holds the lock", holder.ID)
	}
}

// A run that is killed says nothing more, and cleans nothing up: the campaign above kills for good.
func TestKilledMeansKilled(t *testing.T) {
	t.Parallel()
	b := newBeyond(deployed(t))
	r := b.killed(30, apply(request("Size", "2")))
	if !errors.Is(r.err, context.Canceled) {
		t.Error(r.err)
	}
	b.run(apply(request("Size", "2"))).ends(fault.Busy, "is locked by")
}
