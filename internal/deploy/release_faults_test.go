package deploy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy/types"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// Each call that changes something survives a lost, half or doubled answer, and throttling, without a second release.
func TestReleaseCallsRepeated(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"codedeploy:CreateDeployment", "application-autoscaling:RegisterScalableTarget", "cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet", "s3:PutObject"} {
		for _, kind := range []simulator.Kind{simulator.Lost, simulator.Half, simulator.Twice, simulator.Throttled, simulator.Internal} {
			t.Run(call+" "+string(kind), func(t *testing.T) {
				sampled(t, 9)
				w := quick(t)
				service, operation, _ := strings.Cut(call, ":")
				w.sim.Inject(simulator.Fault{Service: service, Operation: operation, Kind: kind, Times: 2})
				r := w.run(doRelease(newImages(11, "api"))).ends(fault.OK)
				if begun := all[report.Release](r); len(begun) != 1 {
					t.Errorf("%d releases", len(begun))
				}
				w.serves("api", digestNumber(11))
				w.level()
			})
		}
	}
}

// While CodeDeploy does not answer for some minutes the command waits on; when it does not for longer, or the credentials expire, the command
// says that the release goes on, and watch picks it up. Scaling is on again in each case that allows it.
func TestReleaseOutOfSight(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault simulator.Fault
		want  fault.Code
		says  string
	}{
		"a short silence":     {simulator.Fault{Service: "codedeploy", Kind: simulator.Internal, Skip: 60, For: 0, Times: 40}, fault.OK, ""},
		"a long silence":      {simulator.Fault{Service: "codedeploy", Kind: simulator.Internal, Skip: 60}, fault.StillRunning, "goes on in AWS"},
		"expired credentials": {simulator.Fault{Service: "codedeploy", Kind: simulator.Expired, Skip: 60}, fault.StillRunning, "deploy watch"},
		"denied":              {simulator.Fault{Service: "codedeploy", Operation: "GetDeploymentTarget", Kind: simulator.Denied, Skip: 20}, fault.StillRunning, "deploy watch"},
		"begun or not":        {simulator.Fault{Service: "codedeploy", Operation: "CreateDeployment", Kind: simulator.Lost}, fault.OK, ""},
	} {
		t.Run(name, func(t *testing.T) {
			sampled(t, 9)
			w := releasing(t)
			w.sim.Inject(tc.fault)
			w.run(doRelease(newImages(11, "api"))).ends(tc.want, strings.Fields(tc.says)...)
			w.sim.Heal()
			if w.truth("api").suspended {
				t.Error("scaling is suspended")
			}
			if tc.want == fault.StillRunning {
				w.run(watch).ends(fault.OK)
			}
			w.serves("api", digestNumber(11))
			w.level()
		})
	}
}

// A signal while traffic shifts: what was chosen happens, and scaling goes on.
func TestReleaseInterrupted(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for name, tc := range map[string]struct {
		choose deploy.Interruption
		want   fault.Code
		serves string
	}{
		"detach":   {deploy.Detach, fault.StillRunning, digestNumber(11)},
		"stop":     {deploy.CancelOperation, fault.RolledBack, oldDigest},
		"continue": {deploy.GoOn, fault.OK, digestNumber(11)},
	} {
		t.Run(name, func(t *testing.T) {
			w := releasing(t)
			w.run(apply(imagesOnly(11, "api", "worker"))).ends(fault.OK)
			r := w.interrupted(doRelease(deploy.ReleaseRequest{Yes: true}), func() deploy.Interruption { return tc.choose })
			if got := fault.CodeOf(r.err); got != tc.want {
				t.Errorf("ended with %d, want %d: %v", got, tc.want, r.err)
			}
			if w.truth("api").suspended {
				t.Error("scaling is suspended")
			}
			if got := r.results(); !strings.HasSuffix(got, "worker unbegun blue") {
				t.Errorf("another release was begun: %s", got)
			}
			if tc.want == fault.StillRunning {
				w.run(watch).ends(fault.OK)
			}
			w.serves("api", tc.serves)
			w.serves("worker", oldDigest)
		})
	}
}

// imagesOnly registers digests without releasing them.
func imagesOnly(n int, names ...string) deploy.Request {
	r := request()
	r.Images = newImages(n, names...).Images
	return r
}

// Wherever a release is killed, watch from another machine, or the next release, completes it: scaling goes on, the stack is level with what
// serves, and no service is left between two revisions.
func TestReleaseKilled(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		alarm  time.Duration
		serves string
	}{"shifted": {0, digestNumber(11)}, "rolled back": {4 * time.Minute, oldDigest}} {
		t.Run(name, func(t *testing.T) {
			world := func() *beyond {
				w := releasingBy(t, "CodeDeployDefault.ECSCanary10Percent5Minutes", 2)
				w.run(apply(imagesOnly(11, "api"))).ends(fault.OK)
				if tc.alarm > 0 {
					w.alarm("api", tc.alarm)
				}
				return newBeyond(w)
			}
			b := world()
			b.run(doRelease(deploy.ReleaseRequest{Yes: true}), b.in)
			calls := b.calls
			for i, after := range moments(calls, 10) {
				t.Run(fmt.Sprintf("after %d of %d calls", after, calls), func(t *testing.T) {
					b := world()
					b.T = t
					b.killed(after, doRelease(deploy.ReleaseRequest{Yes: true}))
					b.afterDeath(i%2 == 0, tc.serves)
				})
			}
		})
	}
}

// afterDeath calls watch at once or an hour later, and then releases what was not begun.
func (b *beyond) afterDeath(late bool, serves string) {
	b.Helper()
	if late {
		b.later(time.Hour)
	}
	began := false
	for _, asked := range b.asked {
		began = began || asked == "codedeploy:CreateDeployment"
	}
	b.run(watch)
	b.later(20 * time.Minute) // the lock of a dead run expires
	r := b.run(doRelease(deploy.ReleaseRequest{Yes: true}))
	if serves == oldDigest && fault.CodeOf(r.err) == fault.Refused { // the alarm still fires
		r.err = nil
	}
	if code := fault.CodeOf(r.err); code != fault.OK && !(code == fault.RolledBack && serves == oldDigest) {
		b.Errorf("the next release ends with %d: %v", code, r.err)
	}
	if b.serves("api", serves); began && serves == digestNumber(11) {
		b.level()
	}
}

// What a person suspended stays suspended.
func TestReleaseKeepsSuspension(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := releasing(t)
	if err := w.sim.Suspend("service/cluster-dev/service-api-dev", true); err != nil {
		t.Fatal(err)
	}
	w.run(doRelease(newImages(11, "api"))).ends(fault.OK)
	if !w.truth("api").suspended {
		t.Error("scaling goes on although a person suspended it")
	}
}

// A release that somebody began by other means keeps ours away, and is followed by watch, which tells what serves in the end.
func TestForeignRelease(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for name, tc := range map[string]struct {
		alarm time.Duration
		want  fault.Code
		image string
	}{"shifted": {0, fault.OK, digestNumber(11)}, "rolled back": {5 * time.Minute, fault.RolledBack, oldDigest}} {
		t.Run(name, func(t *testing.T) {
			w := releasing(t)
			w.run(apply(imagesOnly(11, "api"))).ends(fault.OK)
			if tc.alarm > 0 {
				w.alarm("api", tc.alarm)
			}
			w.foreign("api", "task-api-dev:2")
			w.run(doRelease(deploy.ReleaseRequest{Yes: true})).ends(fault.Busy, "deploy watch", "release stop")
			r := w.run(watch).ends(tc.want)
			if released := last[report.Released](r); released.Service != "api" {
				t.Errorf("%+v", released)
			}
			w.serves("api", tc.image)
		})
	}
	w := releasing(t)
	w.run(apply(imagesOnly(11, "api"))).ends(fault.OK)
	w.foreign("api", "task-api-dev:2")
	w.run(stopRelease).ends(fault.OK)
	w.serves("api", oldDigest)
}

// foreign begins a release as the console does.
func (w *world) foreign(service, revision string) {
	w.Helper()
	content := `{"version":0.0,"Resources":[{"TargetService":{"Type":"AWS::ECS::Service","Properties":{"TaskDefinition":"arn:aws:ecs:us-east-1:111122223333:task-definition/` + revision +
		`","LoadBalancerInfo":{"ContainerName":"application","ContainerPort":8080},"CapacityProviderStrategy":[{"CapacityProvider":"FARGATE","Base":1,"Weight":1},{"CapacityProvider":"FARGATE_SPOT","Weight":3}]}}}]}`
	_, err := w.way().CodeDeploy().CreateDeployment(w.Context(), &codedeploy.CreateDeploymentInput{ApplicationName: aws.String("application-dev"), DeploymentGroupName: aws.String("deployment-" + service + "-dev"),
		Revision: &types.RevisionLocation{RevisionType: types.RevisionLocationTypeAppSpecContent, AppSpecContent: &types.AppSpecContent{Content: &content}}})
	if err != nil {
		w.Fatal(err)
	}
}
