package deploy_test

import (
	"context"
	"fmt"
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

// perOperation is how many calls of each operation are refused in turn: later ones of the same kind mostly come from the same place.
const perOperation = 1

// dispensable are calls without which a verb does its work all the same: what a validation found, and the deployed templates and nested
// stacks' events, without which a plan folds less and a diagnosis tells the parent's reason. A first deployment asks services only for
// how many of their tasks run. Outputs are masked where the template is not known; scaling does not matter to who watches.
func dispensable(verb, call string) bool {
	return call == "cloudformation:DescribeEvents" || call == "s3:GetObject" && verb != "history" && verb != "unlock" && verb != "status" || verb == "diagnose" && call == "cloudformation:DescribeStackEvents" ||
		strings.Contains(verb, "first") && call == "ecs:DescribeServices" || (verb == "outputs" || verb == "rollback") && call == "cloudformation:GetTemplate" ||
		verb == "watch" && call == "application-autoscaling:DescribeScalableTargets"
}

// Whatever call AWS refuses, no verb says that all went well, the error says what failed, and the next run does the work.
func TestEveryCallMayBeRefused(t *testing.T) {
	t.Parallel()
	small := func(t *testing.T) *world { return deployed(t) }
	founded := func(t *testing.T) *world {
		w := newWorld(t)
		w.run(bootstrap).ends(fault.OK)
		return w
	}
	failed := func(t *testing.T) *world {
		w := founded(t)
		w.sim.Fail("Database", "Insufficient capacity")
		w.run(apply(firstRequest())).ends(fault.RolledBack)
		w.sim.Heal()
		return w
	}
	littered := func(t *testing.T) *world {
		w := deployed(t)
		w.run(plan(request("Size", "5")), func(o *deploy.Options, _ *cloud.Options) {
			o.Reporter = report.Func(func(e report.Event) {
				if _, planned := e.(report.Plan); planned {
					w.sim.Inject(simulator.Fault{Kind: simulator.Denied})
				}
			})
		})
		w.sim.Heal()
		return w
	}
	stuck := func(t *testing.T) *world {
		w := deployed(t)
		w.sim.Fail("Database", "Insufficient capacity")
		w.sim.FailRollback("Database", "Still none")
		w.run(apply(request("Size", "9"))).ends(fault.NeedsPerson)
		w.sim.Heal()
		return w
	}
	network := func(t *testing.T) *world {
		w := deployed(t)
		w.edit("network.yaml", "CidrBlock: !Ref Cidr}", "CidrBlock: !Ref Cidr, EnableDnsSupport: true}")
		w.edit("service.yaml", "Values: [/api]", "Values: [/v2]")
		return w
	}
	for _, tc := range []struct {
		name  string
		world func(*testing.T) *world
		verb  func(context.Context, *deploy.Engine) error
		want  fault.Code
	}{
		{"bootstrap", newWorld, bootstrap, fault.OK},
		{"plan", network, plan(request()), fault.OK},
		{"first apply", founded, apply(firstRequest()), fault.OK},
		{"apply after a failed first one", failed, apply(firstRequest()), fault.OK},
		{"apply after a run that died", littered, apply(request("Size", "6")), fault.OK},
		{"status", small, status, fault.OK},
		{"outputs", small, outputs, fault.OK},
		{"list", small, list, fault.OK},
		{"history", small, history, fault.OK},
		{"watch", small, watch, fault.OK},
		{"diagnose", small, diagnose, fault.OK},
		{"unlock", small, unlock, fault.OK},
		{"gc", small, collect, fault.OK},
		{"rollback", stuck, rollback, fault.OK},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			sampled(t, 16)
			calls := last[report.Result](tc.world(t).run(tc.verb).ends(tc.want)).Calls
			for _, name := range sorted(calls) {
				for _, i := range some(min(calls[name], perOperation)) {
					refuse(t, tc.world(t), tc.verb, tc.want, name, i)
				}
			}
		})
	}
}

// refuse lets AWS refuse one call of a verb and wants that to be told, and the next run to succeed.
func refuse(t *testing.T, w *world, verb func(context.Context, *deploy.Engine) error, want fault.Code, name string, skip int) {
	t.Helper()
	service, operation, _ := strings.Cut(name, ":")
	w.sim.Inject(simulator.Fault{Service: service, Operation: operation, Kind: simulator.Denied, Skip: skip, Times: 1})
	r := w.run(verb)
	w.sim.Heal()
	what := fmt.Sprintf("call %d of %s refused", skip+1, name)
	switch code := fault.CodeOf(r.err); {
	case dispensable(t.Name()[strings.LastIndexByte(t.Name(), '/')+1:], name):
	case code == want && !warned(r):
		t.Errorf("%s: ends with %d as if nothing were", what, code)
	case r.err != nil && len(r.err.Error()) < 20:
		t.Errorf("%s: the error says only %q", what, r.err)
	}
	if strings.HasPrefix(name, "sts:") {
		return
	}
	_ = w.sim.Clock().Sleep(context.Background(), time.Hour) // what runs in AWS ends, and the lock of the run expires
	switch code := fault.CodeOf(w.run(verb).err); code {
	case want, fault.OK:
	case fault.Usage: // a rollback that went well in AWS has nothing left to do
	default:
		t.Errorf("%s: the next run ends with %d", what, code)
	}
}

// warned tells whether a run that ended well says that something did not.
func warned(r *run) bool {
	return slices.ContainsFunc(all[report.Note](r), func(n report.Note) bool { return n.Level == report.Warning })
}

func sorted(m map[string]int) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
