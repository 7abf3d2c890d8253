package deploy_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// A trial is one release with what goes wrong during it.
type trial struct {
	*beyond
	*rand.Rand
	// old is what serves before, next what is released.
	old, next string
	said      []string
}

func (t *trial) say(format string, args ...any) {
	t.said = append(t.said, fmt.Sprintf(format, args...))
}

// soon is a random moment of a release, or some time after it.
func (t *trial) soon() time.Duration { return time.Duration(t.IntN(26*60)) * time.Second }

// upset lets one to three things go wrong.
func (t *trial) upset() {
	for range 1 + t.IntN(3) {
		switch t.IntN(7) {
		case 0:
			after := t.soon()
			t.say("alarm after %v", after)
			t.alarm("api", after)
		case 1:
			after := t.soon()
			t.say("scale-out after %v", after)
			t.scaleOut("api", after)
		case 2:
			t.say("never healthy")
			t.sim.PlanRelease("service-api-dev", simulator.ReleasePlan{Unhealthy: true})
		case 3:
			slow := time.Duration(t.IntN(20)) * time.Minute
			t.say("installation and end of tasks take %v", slow)
			t.sim.PlanRelease("service-api-dev", simulator.ReleasePlan{Install: slow, Termination: slow})
		default:
			t.disturb()
		}
	}
}

// disturb lets calls of one service go wrong for a while.
func (t *trial) disturb() {
	services := []string{"codedeploy", "ecs", "elasticloadbalancing", "application-autoscaling", "cloudformation", "s3", "monitoring"}
	kinds := []simulator.Kind{simulator.Throttled, simulator.Internal, simulator.Refused, simulator.Lost, simulator.Half, simulator.Twice, simulator.Expired, simulator.Denied}
	f := simulator.Fault{Service: services[t.IntN(len(services))], Kind: kinds[t.IntN(len(kinds))], Skip: t.IntN(120), Times: 1 + t.IntN(30)}
	t.say("%d calls to %s are %s after %d", f.Times, f.Service, f.Kind, f.Skip)
	t.sim.Inject(f)
}

// play runs the release: to its end, until it is killed, until a signal, or while somebody else stops it.
func (t *trial) play() *run {
	do := doRelease(newImagesOf("api", t.next))
	switch t.IntN(6) {
	case 0:
		after := 20 + t.IntN(350)
		t.say("killed after %d calls", after)
		return t.killed(after, do)
	case 1:
		choice := []deploy.Interruption{deploy.Detach, deploy.CancelOperation, deploy.GoOn}[t.IntN(3)]
		t.say("interrupted: %s", choice)
		return t.interrupted(do, func() deploy.Interruption { return choice })
	case 2:
		after := t.IntN(200)
		t.say("stopped by somebody after %d ticks", after)
		return t.stopped(do, after)
	}
	return t.run(do)
}

// stopped runs a release that somebody stops in the console.
func (t *trial) stopped(do func(context.Context, *deploy.Engine) error, after int) *run {
	ticks := 0
	return t.run(do, func(o *deploy.Options, _ *cloud.Options) {
		next := o.Reporter
		o.Reporter = report.Func(func(e report.Event) {
			next.Report(e)
			if shift, is := e.(report.Release); is {
				t.say("release %s", shift.Deployment)
			}
			if _, tick := e.(report.Tick); tick {
				if ticks++; ticks == after {
					t.stopInConsole()
				}
			}
		})
	})
}

// stopInConsole stops what runs, with the rollback that the console offers.
func (t *trial) stopInConsole() {
	way := t.way()
	listed, err := way.CodeDeploy().ListDeployments(t.Context(), &codedeploy.ListDeploymentsInput{ApplicationName: aws.String("application-dev"), DeploymentGroupName: aws.String("deployment-api-dev")})
	if err != nil || len(listed.Deployments) == 0 {
		return // a fault that was meant for the command
	}
	_, _ = way.CodeDeploy().StopDeployment(t.Context(), &codedeploy.StopDeploymentInput{DeploymentId: &listed.Deployments[0], AutoRollbackEnabled: aws.Bool(true)})
}

func newImagesOf(name, digest string) deploy.ReleaseRequest {
	return deploy.ReleaseRequest{Images: map[string]string{name: digest}, Yes: true}
}

// agrees wants the exit code to say what serves.
func (t *trial) agrees(r *run) {
	t.Helper()
	t.sim.Heal() // the test itself asks
	code, got := fault.CodeOf(r.err), t.truth("api").image
	switch {
	case code == fault.OK && got != t.next:
		t.Errorf("exit code 0, and %s serves; %s", got, strings.Join(t.said, "; "))
	case code == fault.RolledBack && got != t.old:
		t.Errorf("exit code 4, and %s serves; %s: %v", got, strings.Join(t.said, "; "), r.err)
	}
}

// mend calls what the runbook says, until all is well: nothing else may be needed.
func (t *trial) mend() {
	t.Helper()
	t.sim.PlanRelease("service-api-dev", simulator.ReleasePlan{})
	t.later(2 * time.Hour) // whatever runs ends, locks expire
	_ = t.sim.SetAlarm("alarm-api-errors-dev", "OK")
	t.run(watch)
	if r := t.run(doRelease(newImagesOf("api", t.next))); fault.CodeOf(r.err) != fault.OK {
		t.Errorf("the next release ends with %d: %v; %s", fault.CodeOf(r.err), r.err, strings.Join(t.said, "; "))
	}
	t.serves("api", t.next)
	t.level()
}

// trials is how many releases go wrong: TIERFORM_RELEASES says another number.
func trials() int {
	if n, err := strconv.Atoi(os.Getenv("TIERFORM_RELEASES")); err == nil {
		return n
	}
	if testing.Short() {
		return 2
	}
	return 15
}

// Whatever goes wrong in whatever order, no release leaves scaling suspended, traffic at an empty target group, or an exit code that does not
// agree with what serves; and the next commands bring all in order.
func TestReleaseInterleavings(t *testing.T) {
	t.Parallel()
	each := min(trials(), 5) // releases of one environment, one after the other
	for world := range (trials() + each - 1) / each {
		b := newBeyond(releasing(t))
		old := oldDigest
		for i := range each {
			trial := &trial{beyond: b, Rand: rand.New(rand.NewPCG(uint64(world), uint64(i))), old: old, next: digestNumber(100 + i)}
			trial.say("world %d, release %d", world, i)
			trial.upset()
			trial.agrees(trial.play())
			trial.mend()
			if old = trial.next; t.Failed() {
				return
			}
		}
	}
}
