package deploy_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// veteran is a world after so many deployments with one changing nested stack: each left a change set in each of the others, which nothing
// deletes, and a record.
func veteran(t *testing.T, deployments int) *beyond {
	t.Helper()
	w := newWorld(t)
	w.inAccount(simulator.Options{PageSize: 20})
	w.edit("service.yaml", "  ActiveColor: {Type: String}\n", "  ActiveColor: {Type: String}\n  Note: {Type: String}\n")
	w.edit("service.yaml", "Resources:\n", "Resources:\n  Topic: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: !Ref Note}}\n")
	w.edit("platform.yaml", "Cidr: {Type: String,", "Note: {Type: String, Default: none}\n  Cidr: {Type: String,")
	w.edit("platform.yaml", "ActiveColor: !Ref ApiActiveColor", "ActiveColor: !Ref ApiActiveColor\n        Note: !Ref Note")
	w.run(bootstrap).ends(fault.OK)
	w.run(apply(firstRequest())).ends(fault.OK)
	for _, nested := range []string{"NetworkStack", "DataStack"} {
		w.must(w.sim.LeaveChangeSets(nested, deployments))
	}
	for i := range deployments - 1 { // and that of the first
		w.must(w.sim.PutObject("bucket-artifacts-111122223333-dev", fmt.Sprintf("env/dev/deployments/20260101-%06d.json", i), "{}"))
	}
	return newBeyond(w)
}

// A thousand deployments in a row never meet the limit of a thousand change sets a stack: from 900 on, plans go without those of nested
// stacks, say so and want an approval. They leave nothing behind any more, so that it stays like that.
func TestAThousandDeployments(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	begin, many := 890, 30
	if testing.Short() {
		begin, many = 898, 4
	}
	if n, err := strconv.Atoi(os.Getenv("TIERFORM_DEPLOYMENTS")); err == nil { // all of them, in make test-long
		begin, many = 1, n
	}
	b := veteran(t, begin)
	flat := 0
	for i := range many {
		incomplete := last[report.Plan](b.run(apply(request("Note", fmt.Sprint(i)))).ends(fault.OK)).Incomplete
		if want := begin+i >= 900; (incomplete != "") != want {
			t.Fatalf("deployment %d: incomplete %q", begin+i+1, incomplete)
		}
		if incomplete == "" {
			continue
		}
		if flat++; !strings.Contains(incomplete, "of at most 1,000 change sets") {
			t.Error(incomplete)
		}
		if flat == 1 {
			b.wantsApproval()
		}
	}
	if most := b.left("NetworkStack"); most != 900 || flat == 0 {
		t.Errorf("%d change sets, %d flat plans", most, flat)
	}
}

// wantsApproval wants that a plan that is incomplete is not executed unless somebody agrees.
func (b *beyond) wantsApproval() {
	b.Helper()
	r := request("Note", "another")
	r.Consent = changeset.Consent{}
	b.run(apply(r)).ends(fault.Unapproved, "nobody is there to approve", "incomplete")
	r.Flat = true
	b.run(apply(r)).ends(fault.Unapproved, "incomplete")
}

// The limit is there: what the simulated CloudFormation refuses for it is made without change sets of nested stacks, and wants what those want.
func TestTheChangeSetLimit(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	w.must(w.sim.LeaveChangeSets("NetworkStack", 1000))
	if p := last[report.Plan](w.run(plan(request("Size", "2"))).ends(fault.OK)); !strings.Contains(p.Incomplete, "ChangeSet limit exceeded") {
		t.Errorf("incomplete %q", p.Incomplete)
	}
	w.run(apply(request("Size", "2"))).ends(fault.Unapproved, "--allow-replace Data/Database")
	out, err := newBeyond(w).way().CloudFormation().DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: new("platform-dev")})
	w.must(err)
	if status := out.Stacks[0].StackStatus; status != "CREATE_COMPLETE" {
		t.Error(status)
	}
	named := request("Size", "2")
	named.Consent.Replace = []string{"Data/Database"}
	w.run(apply(named)).ends(fault.OK)
}
