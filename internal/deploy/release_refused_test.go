package deploy_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// Whatever call AWS refuses to a release, its exit code agrees with what serves, and the commands that the runbook names bring all in order.
func TestEveryCallOfAReleaseMayBeRefused(t *testing.T) {
	t.Parallel()
	registered := func(t *testing.T) *world {
		w := quick(t)
		w.run(apply(imagesOnly(11, "api"))).ends(fault.OK)
		return w
	}
	running := func(t *testing.T) *world {
		w := quick(t)
		asked := newImages(11, "api")
		asked.Until = "Install"
		w.run(doRelease(asked)).ends(fault.OK)
		return w
	}
	foreign := func(t *testing.T) *world {
		w := registered(t)
		w.foreign("api", "task-api-dev:2")
		return w
	}
	died := func(t *testing.T) *world {
		w := registered(t)
		b := newBeyond(w)
		b.on["codedeploy:CreateDeployment"] = func() { b.life = b.calls }
		b.killed(1000, doRelease(deploy.ReleaseRequest{Yes: true}))
		_ = w.sim.Clock().Sleep(context.Background(), time.Hour)
		return w
	}
	shifted := func(t *testing.T) *world {
		w := quick(t)
		w.run(doRelease(newImages(11, "api"))).ends(fault.OK)
		return w
	}
	for _, tc := range []struct {
		name  string
		world func(*testing.T) *world
		verb  func(context.Context, *deploy.Engine) error
		// skip is how many calls of each operation go well first, where there are as many.
		skip int
	}{
		{"release", quick, doRelease(newImages(11, "api")), 0},
		{"release, later", quick, doRelease(newImages(11, "api")), 2},
		{"watch", running, watch, 1},
		{"watch of another's", foreign, watch, 1},
		{"watch after a death", died, watch, 0},
		{"release after a death", died, doRelease(deploy.ReleaseRequest{Yes: true}), 1},
		{"stop", running, stopRelease, 0},
		{"rollback", shifted, rollbackRelease(deploy.ReleaseRequest{Yes: true}), 1},
		{"status", shifted, releaseStatus, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			sampled(t, 16)
			calls := last[report.Result](tc.world(t).run(tc.verb).ends(fault.OK)).Calls
			for i, name := range sorted(calls) {
				if !strings.HasPrefix(name, "sts:") && (!testing.Short() || i%5 == 0) {
					refuseRelease(t, tc.world(t), tc.verb, name, min(calls[name]-1, tc.skip))
				}
			}
		})
	}
}

// refuseRelease lets AWS refuse one call.
func refuseRelease(t *testing.T, w *world, verb func(context.Context, *deploy.Engine) error, name string, skip int) {
	t.Helper()
	before := w.truth("api").image
	service, operation, _ := strings.Cut(name, ":")
	if service == "monitoring" { // of the query protocol, which the meter does not read
		operation = ""
	}
	w.sim.Inject(simulator.Fault{Service: service, Operation: operation, Kind: simulator.Denied, Skip: skip, Times: 1})
	r := w.run(verb)
	w.sim.Heal()
	what, got := fmt.Sprintf("call %d of %s refused", skip+1, name), w.truth("api")
	if code := fault.CodeOf(r.err); code == fault.RolledBack && got.image != before {
		t.Errorf("%s: exit code 4, and %s serves", what, got.image)
	}
	_ = w.sim.Clock().Sleep(context.Background(), 2*time.Hour)
	w.run(watch)
	if r := w.run(doRelease(newImages(12, "api"))); fault.CodeOf(r.err) != fault.OK {
		t.Errorf("%s: the next release ends with %v", what, r.err)
	}
	w.serves("api", digestNumber(12))
	w.level()
}
