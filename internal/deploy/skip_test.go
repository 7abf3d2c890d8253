package deploy_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/simulator"
)

// What cannot be rolled back is skipped by the name that the failure was shown with; CloudFormation wants the nested stack's own name.
func TestSkip(t *testing.T) {
	t.Parallel()
	for name, says := range map[string]string{
		"Data/Database": "", "DataStack/Database": "", "Data.Database": "", "Database": "",
		"Data/Nothing": "names no resource whose rollback failed: found Data/Nothing, allowed Data/Database", "Network/VPC": "names no resource",
	} {
		t.Run(name, func(t *testing.T) {
			sampled(t, 9)
			w := deployed(t)
			w.sim.Fail("Database", "Insufficient capacity")
			w.sim.FailRollback("Database", "Still none")
			w.run(apply(request("Size", "9"))).ends(fault.NeedsPerson)
			r := w.run(func(ctx context.Context, e *deploy.Engine) error {
				return e.Rollback(ctx, deploy.RollbackRequest{Yes: true, Skip: []string{name, name}})
			})
			if says != "" {
				r.ends(fault.Usage, "--skip")
				if !strings.Contains(r.err.Error(), strings.Split(says, ":")[0]) || !strings.Contains(r.err.Error(), "Data/Database") {
					t.Error(r.err)
				}
				return
			}
			r.ends(fault.OK)
			if said := notes(r); !strings.Contains(said, "left as it is, and no longer as the template says: "+name) {
				t.Errorf("notes %q", said)
			}
		})
	}
}

// Without the right to list what there is, nothing is skipped.
func TestSkipThatCannotLook(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	w.sim.Fail("Database", "Insufficient capacity")
	w.sim.FailRollback("Database", "Still none")
	w.run(apply(request("Size", "9"))).ends(fault.NeedsPerson)
	w.sim.Inject(simulator.Fault{Operation: "ListStackResources", Kind: simulator.Denied})
	r := w.run(func(ctx context.Context, e *deploy.Engine) error {
		return e.Rollback(ctx, deploy.RollbackRequest{Yes: true, Skip: []string{"Data/Database"}})
	})
	if fault.CodeOf(r.err) == fault.OK || !strings.Contains(r.err.Error(), "denied") && !strings.Contains(r.err.Error(), "AccessDenied") {
		t.Error(r.err)
	}
}
