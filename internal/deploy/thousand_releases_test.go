package deploy_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// released is a world after so many releases of one service: each left two change sets in each of the other stacks, and one record.
func released(t *testing.T, releases int) *beyond {
	t.Helper()
	w := quick(t)
	w.must(w.sim.LeaveChangeSets("BaseStack", 2*releases))
	for i := range releases {
		id := fmt.Sprintf("20260101-%06d", i)
		w.must(w.sim.PutObject("bucket-artifacts-111122223333-dev", "env/dev/deployments/"+id+".json", `{"id":"`+id+`","result":"done","releases":[{"service":"api"}]}`))
	}
	return newBeyond(w)
}

// preview is what the plans of a run say of what they do not show.
func preview(r *run) (incomplete []string) {
	for _, p := range all[report.Plan](r) {
		incomplete = append(incomplete, p.Incomplete)
	}
	return incomplete
}

// Releases fill stacks twice as fast as other changes. They too go without nested change sets from 900 on, and go through.
func TestAThousandReleases(t *testing.T) {
	t.Parallel()
	begin, many := 445, 10
	if testing.Short() {
		begin, many = 448, 3
	}
	if n, err := strconv.Atoi(os.Getenv("TIERFORM_DEPLOYMENTS")); err == nil { // all of them, in make test-long
		begin, many = 1, n
	}
	b := released(t, begin)
	for i := range many {
		before := b.left("BaseStack")
		r := b.run(doRelease(newImages(11+i%2, "api"))).ends(fault.OK)
		for _, incomplete := range preview(r) {
			if (incomplete != "") != (before >= 900) {
				t.Fatalf("release %d, %d change sets: incomplete %q", begin+i+1, before, incomplete)
			}
			if incomplete == "" {
				before++
			}
		}
	}
	if most := b.left("BaseStack"); most != 900 {
		t.Errorf("%d change sets", most)
	}
	b.serves("api", digestNumber(11+(many-1)%2))
	b.level()
	b.run(doRelease(deploy.ReleaseRequest{Images: newImages(13, "api").Images})).ends(fault.Unapproved, "incomplete preview")
	says(t, checks(b.run(doctor)), "Change sets | warning | ", "; nested stack BaseStack has 900 | plans and releases go without nested change sets")
}

// Where no record tells that a stack is full, CloudFormation does: what it refuses for that is made without nested change sets.
func TestAFullStack(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := quick(t)
	w.run(doRelease(newImages(12, "api"))).ends(fault.OK)
	w.must(w.sim.LeaveChangeSets("BaseStack", 999-w.left("BaseStack")))
	r := w.run(doRelease(newImages(11, "api"))).ends(fault.OK) // registered with the last one, leveled without
	if got := preview(r); len(got) != 2 || got[0] != "" || !strings.Contains(got[1], "holds no more change sets") {
		t.Errorf("%q", got)
	}
	w.serves("api", digestNumber(11))
	w.level()
	if got := w.left("BaseStack"); got != 1000 {
		t.Errorf("%d change sets", got)
	}
	w.run(rollbackRelease(deploy.ReleaseRequest{Yes: true})).ends(fault.OK)
	w.serves("api", digestNumber(12))
	w.level()
}

// What else CloudFormation has against a release is not mended in templates that nobody edited, and a full root stack is told as that.
func TestRefusedForAnotherReason(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := quick(t)
	w.sim.Find(simulator.Finding{Stack: "ApiStack", LogicalID: "Task", Name: "Private::Guard::Hook", Hook: true, Fails: true, Reason: "not today"})
	w.run(doRelease(newImages(11, "api"))).ends(fault.Refused, "not today", "mend what is named; deploy apply -e dev --no-nested")
	w.sim.Heal()
	w.sim.Inject(simulator.Fault{Service: "cloudformation", Operation: "CreateChangeSet", Kind: simulator.Failing, Code: "LimitExceededException", Status: 400, Message: "ChangeSet limit exceeded"})
	w.run(doRelease(newImages(11, "worker"))).ends(fault.NeedsPerson, "delete change sets of the stack that were never executed: docs/runbook.md")
	w.sim.Heal()
	w.sim.Inject(simulator.Fault{Service: "cloudformation", Operation: "CreateChangeSet", Kind: simulator.Failing, Code: "LimitExceededException", Status: 400, Message: "ChangeSet limit exceeded", Times: 1})
	if got := preview(w.run(doRelease(newImages(11, "worker"))).ends(fault.OK)); got[0] != "a stack holds no more change sets" {
		t.Errorf("%q", got)
	}
}

// left counts the change sets of a nested stack.
func (w *world) left(logicalID string) int {
	w.Helper()
	stack, err := w.sim.Physical(logicalID)
	w.must(err)
	_, count, err := changeset.Litter(w.Context(), w.way().CloudFormation(), stack, "")
	w.must(err)
	return count
}

// So does the real platform: what its releases change is told from the templates as well.
func TestAFullPlatform(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	b := golden(t)
	b.must(b.sim.LeaveChangeSets("NetworkStack", 1000))
	b.pushImage("payment-api", digestNumber(11))
	_ = b.sim.Clock().Sleep(t.Context(), 10*time.Minute) // its scan ends
	r := b.run(doRelease(newImages(11, "payment-api")), b.in).ends(fault.OK)
	if got := preview(r); len(got) != 2 || got[0] == "" || got[1] == "" || r.results() != "payment-api shifted green" {
		t.Errorf("%s, previews %q", r.results(), got)
	}
	same := goldenRequest(t)
	same.Images = nil
	if result := last[report.Result](b.run(plan(same), b.in).ends(fault.OK)); result.Status != "unchanged" {
		t.Errorf("a plan: %+v", result)
	}
}
