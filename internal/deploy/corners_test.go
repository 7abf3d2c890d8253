package deploy_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/store"
	"github.com/tierform/tierform/internal/simulator"
)

// What CloudFormation's own validation and hooks find is shown, and refuses where they fail.
func TestFindingsOfCloudFormation(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	w.sim.Find(simulator.Finding{Stack: "DataStack", LogicalID: "Database", Name: "NAME_CONFLICT_VALIDATION", Fails: true, Reason: "The name db-dev is taken"})
	r := w.run(apply(request("Size", "3"))).ends(fault.Refused, "The name db-dev is taken")
	if v := all[report.Validation](r); len(v) == 0 || v[0].LogicalID != "Database" {
		t.Errorf("validations %v", v)
	}
	w.nothingLeft()
	w = deployed(t)
	w.sim.Find(simulator.Finding{LogicalID: "", Name: "BUCKET_NOT_EMPTY", Reason: "A bucket is not empty"})
	r = w.run(apply(request("Size", "3"))).ends(fault.OK)
	if v := all[report.Validation](r); len(v) != 1 || v[0].Severity != "warning" {
		t.Errorf("validations %v", v)
	}
}

// Where CloudFormation cannot preview nested stacks, the plan says that it is incomplete and wants that approved.
func TestIncompletePreview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.edit("network.yaml", "Subnet: {Value: !Ref Subnet}", "Subnet: {Value: !Sub 'a,${Subnet}'}")
	w.run(bootstrap).ends(fault.OK)
	w.run(apply(firstRequest())).ends(fault.OK)
	w.edit("service.yaml", "ClusterName: !Sub 'cluster-${Suffix}'", "ClusterName: !Sub 'cluster-${Suffix}', Tags: [{Key: Zone, Value: !Select [1, !Split [',', !Ref Subnet]]}]")
	unasked := request()
	unasked.Consent.Yes, unasked.Consent.Policy = false, "never"
	w.run(apply(unasked)).ends(fault.Unapproved, "incomplete preview")
	r := w.run(apply(request())).ends(fault.OK)
	if p := last[report.Plan](r); !strings.Contains(p.Incomplete, "cannot preview the nested stacks") {
		t.Errorf("incomplete: %q", p.Incomplete)
	}
}

// Before a stack has as many change sets as it can hold, plans do without those of nested stacks, and say so.
func TestManyDeployments(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	w.run(func(ctx context.Context, e *deploy.Engine) error {
		bucket := store.New(e.Cloud.S3(), w.sim.Clock(), "bucket-artifacts-111122223333-dev", "dev", w.sim.Account())
		for i := range 900 {
			if _, err := bucket.Begin(ctx, store.Record{ID: fmt.Sprintf("20251122-%06d", i)}); err != nil {
				return err
			}
		}
		return nil
	})
	if p := last[report.Plan](w.run(plan(request("Size", "2"))).ends(fault.OK)); p.Incomplete != "" {
		t.Errorf("many deployments alone: %q", p.Incomplete)
	}
	if err := w.sim.LeaveChangeSets("NetworkStack", 950); err != nil {
		t.Fatal(err)
	}
	if p := last[report.Plan](w.run(plan(request("Size", "2"))).ends(fault.OK)); !strings.Contains(p.Incomplete, "of at most 1,000 change sets") {
		t.Errorf("950 change sets: %q", p.Incomplete)
	}
}

// Tags reach every resource, so that a new one is a change; images are taken with or without their repository.
func TestTagsAndImages(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	tagged := request()
	tagged.Tags = map[string]string{"Team": "payments"}
	tagged.Images = map[string]string{"api": "111122223333.dkr.ecr.us-east-1.amazonaws.com/api@" + digest}
	w.run(apply(tagged)).ends(fault.OK)
	if s := last[report.Result](w.run(apply(tagged)).ends(fault.OK)); s.Status != "unchanged" {
		t.Errorf("the same tags: %+v", s)
	}
	w.run(plan(request())).ends(fault.OK)
	w.edit("platform.yaml", "Default: none}", "Default: none}\n  Hour: {Type: Number, Default: 3}")
	w.edit("platform.yaml", "Endpoint: {Value: !GetAtt DataStack.Outputs.Endpoint}", "Endpoint: {Value: !GetAtt DataStack.Outputs.Endpoint}\n  Hour: {Value: !Ref Hour}")
	w.run(apply(tagged)).ends(fault.OK)
}

// A bootstrap says what is wrong with a foundation, and leaves nothing half done.
func TestBootstrap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sim.Fail("ArtifactBucket", "The name is taken")
	w.run(bootstrap).ends(fault.RolledBack, "foundation-dev is ROLLBACK_COMPLETE")
	w.sim.Heal()
	unasked := request()
	unasked.Consent.Yes = false
	without := func(o *deploy.Options, _ *cloud.Options) { o.Roots.Role = "" }
	w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Bootstrap(ctx, unasked) }, without).ends(fault.Unapproved, "--yes")
	w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Bootstrap(ctx, request("Size", "3")) }, without).ends(fault.OK)
	forced := request()
	forced.Force = true
	if r := w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Bootstrap(ctx, forced) }, without).ends(fault.OK); last[report.Result](r).Status != "unchanged" {
		t.Errorf("forced: %+v", last[report.Result](r))
	}
	w.edit("foundation.yaml", "Description:", "# "+strings.Repeat("x", 51_200)+"\nDescription:")
	w.run(bootstrap).ends(fault.Usage, "foundation.yaml", "51200 bytes")
	w.templates = fstest.MapFS{"foundation.yaml": {Data: []byte("Resources:\n  Topic: {Type: 'AWS::SNS::Topic', Properties: {TopicName: !Ref Name}}\nParameters:\n  Name: {Type: String}\n")}}
	other := func(o *deploy.Options, c *cloud.Options) { without(o, c); o.Environment = "qa" }
	w.run(bootstrap, other).ends(fault.Usage, "Name", "has no value")
	w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Bootstrap(ctx, request("Name", "x")) }, other).ends(fault.OK)
	w.templates = newWorld(t).templates
	w.run(apply(firstRequest()), other).ends(fault.Usage, "does not name one")
}

// NoEcho values are told to whoever masks, before anything is reported.
func TestMask(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	var masked []string
	w.run(apply(request("Password", "canary", "Size", "2")), func(o *deploy.Options, _ *cloud.Options) {
		o.Mask = func(values ...string) { masked = append(masked, values...) }
	}).ends(fault.OK)
	if len(slices.Compact(masked)) != 1 || masked[0] != "canary" {
		t.Errorf("masked %v", masked)
	}
}

// The canary is in no event of any verb.
func TestSecretsReachNoEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(bootstrap).ends(fault.OK)
	for _, verb := range []func(context.Context, *deploy.Engine) error{plan(firstRequest("Password", "canary-1")), apply(firstRequest("Password", "canary-1")),
		plan(request("Password", "canary-2")), apply(request("Password", "canary-2")), apply(request()), status, outputs, history, watch, diagnose} {
		for _, e := range w.run(verb).ends(fault.OK).events {
			if strings.Contains(fmt.Sprintf("%+v", e), "canary") {
				t.Errorf("%s tells the secret: %+v", e.Kind(), e)
			}
		}
	}
}

// A first deployment that should not go on is deleted; one that is in review is made anew.
func TestCancelFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(bootstrap).ends(fault.OK)
	w.die(apply(firstRequest()))
	w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Cancel(ctx, false) }).ends(fault.Unapproved, "Delete platform-dev, which is being created?")
	if text := last[report.Result](w.run(cancel).ends(fault.OK)).Text; !strings.Contains(text, "nothing of the first deployment is left") {
		t.Error(text)
	}
	kept := firstRequest()
	kept.Keep = true
	w.run(plan(kept)).ends(fault.OK)
	if text := last[report.Result](w.run(watch).ends(fault.OK)).Text; !strings.Contains(text, "in review") {
		t.Error(text)
	}
	w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Unlock(ctx, true) })
	w.run(apply(firstRequest())).ends(fault.OK)
}

// Ways back: a rollback cancels what runs, takes back what was left as it failed, and leaves behind what it is told to.
func TestWaysBack(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	w.die(apply(request("Size", "2")))
	yes := func(o *deploy.Options, _ *cloud.Options) {
		o.Approve = func(context.Context, string) (bool, error) { return true, nil }
	}
	no := func(o *deploy.Options, _ *cloud.Options) {
		o.Approve = func(context.Context, string) (bool, error) { return false, nil }
	}
	w.run(plan(request("Size", "3"))).ends(fault.Busy, "UPDATE_IN_PROGRESS", "deploy watch")
	ask := func(ctx context.Context, e *deploy.Engine) error { return e.Rollback(ctx, deploy.RollbackRequest{}) }
	w.run(ask, no).ends(fault.Unapproved, "not approved")
	w.run(ask, yes).ends(fault.OK)
	if row := strings.Join(w.latest(), " "); !strings.Contains(row, "rolled_back") {
		t.Errorf("the deployment that died is told to be %s", row)
	}
	_ = w.sim.Clock().Sleep(context.Background(), lockTime)

	w.sim.Fail("Database", "Insufficient capacity")
	left := request("Size", "4")
	left.NoRollback = true
	w.run(apply(left)).ends(fault.NeedsPerson, "UPDATE_FAILED", "deploy rollback -e dev")
	if text := last[report.Result](w.run(rollback).ends(fault.OK)).Text; text != "platform-dev is UPDATE_ROLLBACK_COMPLETE: what ran before runs again" {
		t.Error(text)
	}

	w.sim.FailRollback("Database", "Still none")
	w.run(apply(request("Size", "9"))).ends(fault.NeedsPerson)
	r := w.run(func(ctx context.Context, e *deploy.Engine) error {
		return e.Rollback(ctx, deploy.RollbackRequest{Yes: true, Force: true, Skip: []string{"Data.Database"}})
	})
	if !warned(r) {
		t.Errorf("nothing said about what was left: %v", r.err)
	}
}

// A service whose colour nobody can tell stops a deployment; one that is gone is told.
func TestUnknownColour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.edit("service.yaml", "tg-api-blue-${Suffix}", "tg-api-${Suffix}")
	w.run(bootstrap).ends(fault.OK)
	w.run(apply(firstRequest())).ends(fault.OK)
	w.run(apply(request("Size", "2"))).ends(fault.NeedsPerson, "service-api-dev", "colour")
}

// Others' templates have neither foundation nor lock-step names, and a gate of their own.
func TestSavedPlanPassesTheGate(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	var saved *deploy.SavedPlan
	kept := request("Size", "2")
	kept.Keep, kept.DetailedExitCode = true, true
	w.run(func(ctx context.Context, e *deploy.Engine) (err error) { saved, err = e.Plan(ctx, kept); return err }).ends(fault.Differences)
	execute := func(r deploy.Request) func(context.Context, *deploy.Engine) error {
		return func(ctx context.Context, e *deploy.Engine) error { return e.ApplySaved(ctx, r, *saved) }
	}
	w.run(execute(request("Size", "2")), func(o *deploy.Options, _ *cloud.Options) { o.Gate = gate("error") }).ends(fault.Refused)
	w.run(execute(request("Sise", "2"))).ends(fault.Usage)
	unasked := request("Size", "2")
	unasked.Consent.Yes = false
	w.run(execute(unasked)).ends(fault.Unapproved)
	w.sim.Inject(simulator.Fault{Operation: "DescribeEvents", Kind: simulator.Expired, Times: 1})
	if r := w.run(execute(request("Size", "2"))); fault.CodeOf(r.err) == fault.OK {
		t.Error("expired credentials are not told")
	}
	w.sim.Heal()
	_ = w.sim.Clock().Sleep(context.Background(), lockTime)
	w.run(execute(request("Size", "2"))).ends(fault.OK)
}

// A listener's default actions are CodeDeploy's as well.
func TestListenerOfARelease(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.edit("service.yaml", "  Rule:\n", `  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/alb/1
      Port: 80
      DefaultActions: [{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref BlueTargetGroup, Weight: 1}]}}]
  Rule:
`)
	w.run(bootstrap).ends(fault.OK)
	role := firstRequest()
	role.Role = "arn:aws:iam::111122223333:role/somebody"
	w.run(apply(role)).ends(fault.OK)
	w.edit("service.yaml", "      Port: 80\n      DefaultActions", "      Port: 80\n      AlpnPolicy: [None]\n      DefaultActions")
	w.run(plan(request())).ends(fault.Refused, "CodeDeploy owns")
	w.sim.Inject(simulator.Fault{Operation: "DescribeListeners", Kind: simulator.Denied})
	if r := w.run(apply(request())); fault.CodeOf(r.err) == fault.OK {
		t.Error("weights that cannot be read are not told")
	}
}
