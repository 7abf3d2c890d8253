package deploy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// Going back twice does not bring the image back that was gone back from: a step that a pipeline repeats changes nothing.
func TestReleaseBackTwice(t *testing.T) {
	t.Parallel()
	w := quick(t)
	back := deploy.ReleaseRequest{Yes: true}
	for _, n := range []int{11, 12} {
		w.run(doRelease(newImages(n, "api"))).ends(fault.OK)
	}
	w.run(rollbackRelease(back)).ends(fault.OK)
	w.serves("api", digestNumber(11))
	for range 2 {
		w.run(rollbackRelease(back)).ends(fault.Usage, "api went back already: ", digestNumber(11)[7:19]+") serves", "deploy release -e dev --service api --image api="+oldDigest)
		w.serves("api", digestNumber(11))
	}
	for skip := range 2 {
		w.sim.Inject(simulator.Fault{Service: "s3", Operation: "ListObjectsV2", Kind: simulator.Denied, Skip: skip, Times: 1})
		w.run(rollbackRelease(back)).ends(fault.Usage, "list env/dev/deployments/")
		w.sim.Heal()
	}
	w.sim.Inject(simulator.Fault{Service: "ecs", Operation: "DescribeServices", Kind: simulator.Denied, Skip: 1, Times: 1})
	w.run(rollbackRelease(back)).ends(fault.Unexpected)
	w.sim.Heal()
	w.run(doRelease(newImages(10, "api"))).ends(fault.OK)
	w.serves("api", oldDigest)
	w.level()
}

// Each service goes back from its own last release, or none does.
func TestReleaseBackOfServices(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := quick(t)
	both := deploy.ReleaseRequest{Yes: true, Services: []string{"api", "worker"}}
	w.run(doRelease(newImages(11, "api"))).ends(fault.OK)
	w.run(rollbackRelease(both)).ends(fault.Usage, `no earlier release is recorded that could be gone back from (found "worker")`)
	w.serves("api", digestNumber(11))
	w.run(doRelease(newImages(12, "worker"))).ends(fault.OK)
	w.run(rollbackRelease(both)).ends(fault.OK)
	w.serves("api", oldDigest)
	w.serves("worker", oldDigest)
	w.level()
}

// What nobody watched to its end counts as well; a service that went back already is told and left alone.
func TestReleaseBackUnwatched(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := releasing(t)
	w.run(doRelease(newImages(11, "api", "worker"))).ends(fault.OK)
	until := newImages(12, "api", "worker")
	until.Until = "Install"
	w.run(doRelease(until)).ends(fault.OK)
	_ = w.sim.Clock().Sleep(t.Context(), time.Hour)
	w.run(rollbackRelease(deploy.ReleaseRequest{Yes: true, Services: []string{"api"}})).ends(fault.OK)
	w.serves("api", digestNumber(11))
	r := w.run(rollbackRelease(deploy.ReleaseRequest{Yes: true})).ends(fault.OK)
	if note := all[report.Note](r); !strings.Contains(note[0].Text, "api went back already") {
		t.Errorf("%+v", note)
	}
	w.serves("api", digestNumber(11))
	w.serves("worker", digestNumber(11))
	w.level()
}

// A way back that runs is not stopped by asking for it again, and one that was a stop is done.
func TestReleaseBackWhileGoingBack(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := releasing(t)
	back := deploy.ReleaseRequest{Yes: true, Until: "Install"}
	w.run(doRelease(newImages(11, "api"))).ends(fault.OK)
	w.run(rollbackRelease(back)).ends(fault.OK)
	w.run(rollbackRelease(back)).ends(fault.Busy, "api is going back already", "deploy watch")
	w.sim.Inject(simulator.Fault{Service: "s3", Operation: "ListObjectsV2", Kind: simulator.Denied, Times: 1})
	w.run(rollbackRelease(back)).ends(fault.Usage, "list env/dev/deployments/")
	w.sim.Heal()
	w.run(watch).ends(fault.OK)
	w.serves("api", oldDigest)

	w.run(doRelease(newImages(12, "api"))).ends(fault.OK)
	until := newImages(13, "api")
	until.Until = "Install"
	w.run(doRelease(until)).ends(fault.OK)
	w.run(rollbackRelease(deploy.ReleaseRequest{Yes: true})).ends(fault.OK)
	w.serves("api", digestNumber(12))
	w.run(rollbackRelease(deploy.ReleaseRequest{Yes: true})).ends(fault.Usage, "api went back already")
	w.serves("api", digestNumber(12))
	w.run(rollbackRelease(deploy.ReleaseRequest{Until: "never"})).ends(fault.Usage, "--wait-until")
}
