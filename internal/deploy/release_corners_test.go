package deploy_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/scan"
	"github.com/tierform/tierform/internal/simulator"
)

// The command that is named as the next step repeats the rules of the scan gate.
func TestNextStepRepeatsTheGatesRules(t *testing.T) {
	t.Parallel()
	w := quick(t)
	r := imagesOnly(11, "api")
	x, err := scan.ParseException(scan.AllowCVE, "CVE-2026-1=not called@2026-12-31")
	w.must(err)
	r.Scan = scan.Rules{MaxSeverity: "HIGH", Exceptions: []report.Exception{x}}
	next := last[report.Result](w.run(plan(r)).ends(fault.OK)).Next
	if text := strings.Join(next, "\n"); !strings.Contains(text, "--max-severity HIGH") || !strings.Contains(text, "--allow-cve 'CVE-2026-1=not called@2026-12-31'") {
		t.Error(text)
	}
}

// An exception that has expired refuses a release, and so does a stack that cannot take one.
func TestReleaseIntoNothing(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := quick(t)
	expired := newImages(11, "api")
	x, err := scan.ParseException(scan.AllowCVE, "CVE-2026-1=not called@2020-12-31")
	w.must(err)
	expired.Scan.Exceptions = []report.Exception{x}
	w.run(doRelease(expired)).ends(fault.Refused, "CVE-2026-1")

	w = newWorld(t)
	w.run(bootstrap).ends(fault.OK)
	w.sim.Fail("Database", "Insufficient capacity")
	w.run(apply(firstRequest())).ends(fault.RolledBack)
	w.run(doRelease(newImages(11, "api"))).ends(fault.Usage, "ROLLBACK_COMPLETE", "deploy apply")
	w = deployed(t)
	w.sim.Fail("Database", "Insufficient capacity")
	w.sim.FailRollback("Database", "Still none")
	w.run(apply(request("Size", "9"))).ends(fault.NeedsPerson)
	w.run(doRelease(newImages(11, "api"))).ends(fault.NeedsPerson, "UPDATE_ROLLBACK_FAILED")
}

// A release that somebody else began a moment earlier keeps ours away: nothing is begun twice.
func TestReleaseComesTooLate(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := newBeyond(quick(t))
	b.run(apply(imagesOnly(11, "api"))).ends(fault.OK)
	b.on["codedeploy:CreateDeployment"] = func() {
		delete(b.on, "codedeploy:CreateDeployment")
		b.foreign("api", "task-api-dev:2")
	}
	r := b.run(doRelease(deploy.ReleaseRequest{Yes: true}), b.in).ends(fault.Busy, "another release of this service runs", "deploy watch")
	if got := r.results(); got != "api unbegun blue" {
		t.Error(got)
	}
	if b.truth("api").suspended {
		t.Error("scaling is suspended")
	}
}

// Where nobody can tell whether a release has begun, that is what is said; watch finds out. One that did not begin says so.
func TestReleaseBegunOrNot(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := quick(t)
	w.run(apply(imagesOnly(11, "api"))).ends(fault.OK)
	w.sim.Inject(simulator.Fault{Service: "codedeploy", Operation: "CreateDeployment", Kind: simulator.Lost}, simulator.Fault{Service: "codedeploy", Operation: "ListDeployments", Kind: simulator.Internal, Skip: 2})
	r := w.run(doRelease(deploy.ReleaseRequest{Yes: true})).ends(fault.StillRunning, "cannot be told", "deploy watch")
	if got := r.results(); got != "api running" {
		t.Error(got)
	}
	w.sim.Heal()
	w.run(watch).ends(fault.OK)
	w.serves("api", digestNumber(11))
	w.level()

	w.run(apply(imagesOnly(12, "api"))).ends(fault.OK)
	w.sim.Inject(simulator.Fault{Service: "codedeploy", Operation: "CreateDeployment", Kind: simulator.Refused})
	if got := w.run(doRelease(deploy.ReleaseRequest{Yes: true})).ends(fault.Unexpected).results(); got != "api unbegun green" {
		t.Error(got)
	}
}

// The way back of a release that runs is to stop it; both want an approval, and what was rolled back already cannot be gone back from.
func TestReleaseWaysBack(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := releasing(t)
	asked := newImages(11, "api")
	asked.Until = "Install"
	w.run(doRelease(asked)).ends(fault.OK)
	w.run(func(ctx context.Context, e *deploy.Engine) error { return e.StopRelease(ctx, deploy.StopRequest{}) }).ends(fault.Unapproved, "--yes")
	w.sim.Inject(simulator.Fault{Service: "codedeploy", Operation: "GetDeploymentTarget", Kind: simulator.Denied, Skip: 9, Times: 1})
	w.run(watch).ends(fault.StillRunning, "goes on in AWS")
	w.sim.Heal()
	w.run(rollbackRelease(deploy.ReleaseRequest{Yes: true})).ends(fault.OK)
	w.serves("api", oldDigest)
	w.run(rollbackRelease(deploy.ReleaseRequest{Yes: true, Services: []string{"api"}})).ends(fault.Usage, "went back already")
	for _, do := range []func(context.Context, *deploy.Engine) error{stopRelease, rollbackRelease(deploy.ReleaseRequest{Yes: true})} {
		empty := newWorld(t)
		empty.run(do).ends(fault.Usage, "deploy bootstrap")
		empty.run(bootstrap).ends(fault.OK)
		empty.run(do).ends(fault.Usage, "deploy apply")
	}
}

// A release that never begins is not waited for without end.
func TestReleaseStuck(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := releasing(t)
	w.sim.PlanRelease("service-api-dev", simulator.ReleasePlan{Stuck: true})
	w.run(doRelease(newImages(11, "api"))).ends(fault.StillRunning, "takes longer than", "deploy watch")
	if w.truth("api").suspended {
		t.Error("scaling is suspended")
	}
}

// What AWS does not have any more is named.
func TestReleaseOfWhatIsGone(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := newBeyond(quick(t))
	b.run(apply(imagesOnly(11, "api"))).ends(fault.OK)
	b.answers["ecs:DescribeServices"] = `{"services":[],"failures":[]}`
	b.run(doRelease(deploy.ReleaseRequest{Yes: true}), b.in).ends(fault.NeedsPerson, "does not run")
	delete(b.answers, "ecs:DescribeServices")
	b.answers["codedeploy:ListDeploymentGroups"] = `{"deploymentGroups":[]}`
	b.run(doRelease(deploy.ReleaseRequest{Yes: true}), b.in).ends(fault.NeedsPerson, "no deployment group of application-dev releases service service-api-dev")
	delete(b.answers, "codedeploy:ListDeploymentGroups")
	b.answers["cloudformation:GetTemplate"] = `<GetTemplateResponse><GetTemplateResult><TemplateBody>Resources: [</TemplateBody></GetTemplateResult></GetTemplateResponse>`
	b.run(doRelease(newImages(12, "api")), b.in).ends(fault.Usage, "platform.yaml")
	delete(b.answers, "cloudformation:GetTemplate")
	r := b.run(doRelease(newImages(12, "api")), b.in, func(o *deploy.Options, _ *cloud.Options) { o.Roots.Platform = "root.yaml" }).ends(fault.OK)
	if got := r.results(); !strings.HasPrefix(got, "api shifted") {
		t.Error(got)
	}
}

// A signal asks for a stop that AWS refuses: that is told, and the release is followed to its end.
func TestReleaseNotStopped(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := quick(t)
	w.run(apply(imagesOnly(11, "api"))).ends(fault.OK)
	w.sim.Inject(simulator.Fault{Service: "codedeploy", Operation: "StopDeployment", Kind: simulator.Denied})
	r := w.interrupted(doRelease(deploy.ReleaseRequest{Yes: true}), func() deploy.Interruption { return deploy.CancelOperation })
	if got := r.results(); got != "api shifted green" || !warned(r) {
		t.Error(got, r.err)
	}
}

// Who may not ask CodeDeploy can watch the stack all the same.
func TestWatchWithoutCodeDeploy(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := quick(t)
	w.sim.Inject(simulator.Fault{Service: "codedeploy", Kind: simulator.Denied})
	w.run(watch).ends(fault.OK)
}

// Scaling that cannot be read or suspended keeps a release from beginning.
func TestReleaseWithoutScaling(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for _, call := range []string{"DescribeScalableTargets", "RegisterScalableTarget"} {
		for _, skip := range some(5) {
			w := quick(t)
			w.run(apply(imagesOnly(11, "api"))).ends(fault.OK)
			w.sim.Inject(simulator.Fault{Service: "application-autoscaling", Operation: call, Kind: simulator.Internal, Skip: skip})
			r := w.run(doRelease(deploy.ReleaseRequest{Yes: true}))
			if fault.CodeOf(r.err) == fault.OK && w.truth("api").image != digestNumber(11) {
				t.Errorf("%s %d: exit code 0", call, skip)
			}
			w.sim.Heal()
			_ = w.sim.Clock().Sleep(t.Context(), time.Hour)
			w.run(watch)
			w.run(doRelease(deploy.ReleaseRequest{Yes: true})).ends(fault.OK)
			w.serves("api", digestNumber(11))
		}
	}
}

// What is registered is released with an approval only.
func TestReleaseOfWhatIsRegistered(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := quick(t)
	w.run(apply(imagesOnly(11, "api"))).ends(fault.OK)
	w.run(doRelease(deploy.ReleaseRequest{})).ends(fault.Unapproved, "Release api?", "--yes")
	w.serves("api", oldDigest)
}

// ECS that does not answer once changes nothing of what serves, and the exit code does not say more than is known.
func TestReleaseServicesUnread(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for _, skip := range some(7) {
		w := quick(t)
		w.sim.Inject(simulator.Fault{Service: "ecs", Operation: "DescribeServices", Kind: simulator.Denied, Skip: skip, Times: 1})
		r := w.run(doRelease(newImages(11, "api")))
		w.sim.Heal()
		if code, image := fault.CodeOf(r.err), w.truth("api").image; code == fault.OK && image != digestNumber(11) || code == fault.RolledBack && image != oldDigest {
			t.Errorf("skip %d: exit code %d, and %s serves", skip, code, image)
		}
		_ = w.sim.Clock().Sleep(t.Context(), time.Hour)
		w.run(watch)
		w.run(doRelease(newImages(11, "api"))).ends(fault.OK)
		w.serves("api", digestNumber(11))
	}
}

// The deployed templates are those that a release changes: one that is not in the artifact bucket any more is named, and an empty change
// set is none.
func TestReleaseTemplates(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := newBeyond(quick(t))
	b.answers["cloudformation:DescribeChangeSet"] = `<DescribeChangeSetResponse><DescribeChangeSetResult><ChangeSetName>x</ChangeSetName><Status>FAILED</Status><ExecutionStatus>UNAVAILABLE</ExecutionStatus>` +
		`<StatusReason>The submitted information didn't contain changes. Submit different information to create a change set.</StatusReason></DescribeChangeSetResult></DescribeChangeSetResponse>`
	if result := last[report.Result](b.run(doRelease(newImages(11, "api")), b.in).ends(fault.OK)); result.Status != "unchanged" {
		t.Errorf("%+v", result)
	}
	delete(b.answers, "cloudformation:DescribeChangeSet")
	out, err := b.way().CloudFormation().DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("platform-dev")})
	b.must(err)
	for _, p := range out.Stacks[0].Parameters {
		if aws.ToString(p.ParameterKey) == "ApiTemplateKey" {
			b.must(b.sim.DeleteObject("bucket-artifacts-111122223333-dev", aws.ToString(p.ParameterValue)))
		}
	}
	if r := b.run(doRelease(newImages(11, "api"))); fault.CodeOf(r.err) == fault.OK {
		t.Error("a template is not there, and the release goes well")
	}
}

// How an update ended is told, or that it cannot be.
func TestEndUnread(t *testing.T) {
	t.Parallel()
	for _, skip := range some(8) {
		w := deployed(t)
		w.sim.Inject(simulator.Fault{Operation: "DescribeStacks", Kind: simulator.Denied, Skip: skip, Times: 1})
		if r := w.run(apply(request("Size", "2"))); r.err != nil && !strings.Contains(r.err.Error(), "DescribeStacks") {
			t.Errorf("skip %d: %v", skip, r.err)
		}
	}
}

// What CodeDeploy changed is no drift: neither the weights nor the tasks that run.
func TestNoDriftAfterAShift(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := quick(t)
	w.run(doRelease(newImages(11, "api"))).ends(fault.OK)
	w.run(drifts).ends(fault.OK)
}

// An image that is deleted between its judgement and the shift is missed before CodeDeploy begins: tasks would never start.
func TestImageDeletedBeforeTheShift(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := newBeyond(quick(t))
	b.on["application-autoscaling:RegisterScalableTarget"] = func() {
		delete(b.on, "application-autoscaling:RegisterScalableTarget")
		b.must(b.sim.DeleteImage("ecr-api-dev", digestNumber(11)))
	}
	r := b.run(doRelease(newImages(11, "api")), b.in).ends(fault.Refused, "not in the registry any more", digestNumber(11))
	if got := r.results(); got != "api unbegun blue" {
		t.Error(got)
	}
	b.serves("api", oldDigest)
}

// While the stack changes, nothing is released.
func TestReleaseWhileTheStackChanges(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := quick(t)
	detached := imagesOnly(11, "api")
	detached.Detach = true
	w.run(apply(detached)).ends(fault.StillRunning)
	w.run(doRelease(newImages(12, "api"))).ends(fault.Busy, "UPDATE_IN_PROGRESS", "deploy watch")
}

// A bucket that refuses to be read once is no reason to say more than is known.
func TestReleaseBucketUnread(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for _, skip := range some(5) {
		w := quick(t)
		w.sim.Inject(simulator.Fault{Service: "s3", Operation: "GetObject", Kind: simulator.Denied, Skip: skip, Times: 1})
		r := w.run(doRelease(newImages(11, "api")))
		w.sim.Heal()
		if fault.CodeOf(r.err) == fault.OK && w.truth("api").image != digestNumber(11) {
			t.Errorf("release, skip %d: exit code 0", skip)
		}
		_ = w.sim.Clock().Sleep(t.Context(), time.Hour)
		w.run(doRelease(newImages(12, "api"))).ends(fault.OK)
		w.serves("api", digestNumber(12))
	}
	for _, skip := range some(9) {
		w := quick(t)
		asked := newImages(11, "api")
		asked.Until = "Install"
		w.run(doRelease(asked)).ends(fault.OK)
		w.sim.Inject(simulator.Fault{Service: "s3", Operation: "GetObject", Kind: simulator.Denied, Skip: skip, Times: 1})
		w.run(watch)
		w.sim.Heal()
		_ = w.sim.Clock().Sleep(t.Context(), time.Hour)
		w.run(watch)
		w.serves("api", digestNumber(11))
		w.level()
	}
}
