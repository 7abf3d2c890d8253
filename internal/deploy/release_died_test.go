package deploy_test

import (
	"testing"
	"time"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/simulator"
)

// A run that dies with the call that begins its release leaves no trace of it: the release is found by its mark, also behind its own rollback.
func TestReleaseFoundByItsMark(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for name, tc := range map[string]struct {
		alarm  time.Duration
		want   fault.Code
		serves string
	}{"shifted": {0, fault.OK, digestNumber(11)}, "rolled back": {4 * time.Minute, fault.RolledBack, oldDigest}} {
		t.Run(name, func(t *testing.T) {
			b := newBeyond(releasing(t))
			b.run(apply(imagesOnly(11, "api"))).ends(fault.OK)
			if tc.alarm > 0 {
				b.alarm("api", tc.alarm)
			}
			b.on["codedeploy:CreateDeployment"] = func() { b.life = b.calls }
			b.killed(1000, doRelease(deploy.ReleaseRequest{Yes: true}))
			delete(b.on, "codedeploy:CreateDeployment")
			b.later(2 * time.Hour)
			b.run(watch).ends(tc.want)
			b.serves("api", tc.serves)
			b.level()
		})
	}
}

// A run that died before it began its release is not taken for the one before it: nothing was begun, and the next release does it.
func TestReleaseThatDiedUnbegun(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := newBeyond(quick(t))
	b.run(doRelease(newImages(11, "api"))).ends(fault.OK)
	b.run(apply(imagesOnly(12, "api"))).ends(fault.OK)
	b.on["application-autoscaling:RegisterScalableTarget"] = func() { b.life = b.calls }
	b.killed(1000, doRelease(deploy.ReleaseRequest{Yes: true}))
	delete(b.on, "application-autoscaling:RegisterScalableTarget")
	b.later(time.Hour)
	if got := b.run(watch).ends(fault.OK).results(); got != "api unbegun" {
		t.Errorf("%q", got)
	}
	b.serves("api", digestNumber(11))
	if b.truth("api").suspended {
		t.Error("scaling is suspended")
	}
	b.run(doRelease(deploy.ReleaseRequest{Yes: true})).ends(fault.OK)
	b.serves("api", digestNumber(12))
}

// The next apply completes what a release that died left, scaling before all.
func TestApplyAfterAReleaseThatDied(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := newBeyond(quick(t))
	b.run(apply(imagesOnly(11, "api"))).ends(fault.OK)
	b.on["codedeploy:CreateDeployment"] = func() { b.life = b.calls }
	b.killed(1000, doRelease(deploy.ReleaseRequest{Yes: true}))
	delete(b.on, "codedeploy:CreateDeployment")
	if !b.truth("api").suspended {
		t.Fatal("nothing is left to be completed")
	}
	b.later(2 * time.Hour)
	b.run(apply(request("Note", "x"))).ends(fault.OK)
	b.serves("api", digestNumber(11))
}

// A release that died and was rolled back is completed although AWS refuses to tell of it once.
func TestReleaseThatDiedUnread(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for _, skip := range some(12) {
		b := newBeyond(quick(t))
		b.run(apply(imagesOnly(11, "api"))).ends(fault.OK)
		b.sim.PlanRelease("service-api-dev", simulator.ReleasePlan{Unhealthy: true})
		b.on["codedeploy:CreateDeployment"] = func() { b.life = b.calls }
		b.killed(1000, doRelease(deploy.ReleaseRequest{Yes: true}))
		b.later(3 * time.Hour)
		b.sim.Inject(simulator.Fault{Service: "codedeploy", Operation: "GetDeployment", Kind: simulator.Denied, Skip: skip, Times: 1})
		if r := b.run(watch); fault.CodeOf(r.err) == fault.OK {
			t.Errorf("refused call %d: exit code 0, and %s serves", skip+1, b.truth("api").image)
		}
		b.sim.Heal()
		b.later(time.Hour)
		b.run(watch)
		b.serves("api", oldDigest)
	}
}
