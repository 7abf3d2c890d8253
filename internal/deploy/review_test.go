package deploy_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// Scaling that the caller may not read stops no plan; it is told, and not taken for scaling that is on.
func TestScalingThatMayNotBeRead(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	may := func() {
		w.sim.Inject(simulator.Fault{Operation: "DescribeScalableTargets", Kind: simulator.Denied})
	}
	warns := func(r *run) {
		t.Helper()
		if said := notes(r); !strings.Contains(said, "warning whether the services' scaling is suspended cannot be read") {
			t.Errorf("warnings %q", said)
		}
	}
	may()
	warns(w.run(plan(request("Size", "2"))).ends(fault.OK))
	may()
	warns(w.run(apply(request())).ends(fault.OK))
	may()
	status := w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Status(ctx) }).ends(fault.OK)
	if rows := all[report.Table](status)[1].Rows; rows[0][4] != "unknown: may not be read" {
		t.Errorf("services %v", rows)
	}
	may()
	says(t, checks(w.run(doctor).ends(fault.NeedsPerson)), "Scaling | problem | no permission")
}

// Findings of nested change sets are shown with their places; those that may not be read are not taken for none.
func TestFindingsOfNestedSets(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	w.sim.Find(simulator.Finding{Stack: "DataStack", Name: "QUOTA", Reason: "two more tasks than the quota has"})
	found := all[report.Validation](w.run(plan(request("Size", "2"))).ends(fault.OK))
	if len(found) != 1 || found[0].Severity != "warning" || report.Place(found[0].Path, "") != "Data" || !strings.Contains(found[0].Text, "quota") {
		t.Errorf("findings %+v", found)
	}
	w.sim.Inject(simulator.Fault{Operation: "DescribeEvents", Kind: simulator.Denied})
	if said := notes(w.run(plan(request("Size", "2"))).ends(fault.OK)); !strings.Contains(said, "warning what CloudFormation's own validation found cannot be read") {
		t.Errorf("warnings %q", said)
	}
}

// A replacement of what holds data is blocked, --yes or not, until it is named as the plan shows it; then it is done.
func TestReplacementOfDataWantsItsName(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	w.edit("data.yaml", "DBClusterIdentifier: !Sub db-", "DBClusterIdentifier: !Sub database-")
	r := w.run(apply(request())).ends(fault.Unapproved, "replace Data/Database", "--allow-replace Data/Database")
	if calls := last[report.Result](r).Calls["cloudformation:ExecuteChangeSet"]; calls > 0 {
		t.Error("it is executed all the same")
	}
	named := request()
	named.Consent.Replace = []string{"Data/Writer"}
	w.run(apply(named)).ends(fault.Unapproved, "--allow-replace names nothing")
	for _, name := range []string{"Data/Database", "DataStack/Database"} {
		named.Consent.Replace = []string{name}
		w.run(plan(named)).ends(fault.OK)
	}
	w.run(apply(named)).ends(fault.OK)
}
