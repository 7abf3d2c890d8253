package deploy_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

func TestFirstDeployment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(plan(firstRequest())).ends(fault.Usage, "no artifact bucket", "deploy bootstrap -e dev")
	w.run(bootstrap).ends(fault.OK)
	if r := w.run(bootstrap).ends(fault.OK); last[report.Result](r).Status != "unchanged" {
		t.Errorf("a second bootstrap: %+v", last[report.Result](r))
	}
	w.run(plan(request())).ends(fault.Usage, "ApiImageDigest", "--image NAME@sha256:")
	planned := w.run(plan(firstRequest())).ends(fault.OK)
	want := []string{"Data/Database add", "Data/Log add", "Network/Subnet add", "Network/VPC add", "Service/BlueTargetGroup add", "Service/Cluster add",
		"Service/GreenTargetGroup add", "Service/Rule add", "Service/ScalableTarget add", "Service/Service add", "Service/Task add"}
	got := changes(last[report.Plan](planned))
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	status := w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Status(ctx) }).ends(fault.OK)
	if rows := all[report.Table](status)[0].Rows; rows[2][1] != "none" {
		t.Errorf("a plan leaves the stack %v", rows[2])
	}
	applied := w.run(apply(firstRequest("Size", "2"))).ends(fault.OK)
	if o := last[report.Outputs](applied); o.Values["ApiServiceName"] != "service-api-dev" {
		t.Errorf("outputs %v", o)
	}
	if a := last[report.Approval](applied); !a.Granted || a.By != "--yes" {
		t.Errorf("approval %+v", a)
	}
}

// Nothing to do is decided with five calls, before lock and change set.
func TestNothingToDo(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	r := w.run(apply(request())).ends(fault.OK)
	want := map[string]int{"sts:GetCallerIdentity": 1, "cloudformation:DescribeStacks": 1, "cloudformation:GetTemplate": 1, "ecs:DescribeServices": 1, "application-autoscaling:DescribeScalableTargets": 1}
	result := last[report.Result](r)
	if diff := cmp.Diff(want, result.Calls); diff != "" || result.Status != "unchanged" {
		t.Errorf("%s: %s", result.Status, diff)
	}
	forced := request()
	forced.Force = true
	if r := w.run(apply(forced)).ends(fault.OK); last[report.Result](r).Calls["cloudformation:CreateChangeSet"] != 1 || len(changes(last[report.Plan](r))) > 0 {
		t.Errorf("forced: %+v", last[report.Plan](r))
	}
	detailed := request()
	detailed.DetailedExitCode = true
	w.run(plan(detailed)).ends(fault.OK)
	detailed.Values[0].ByName["Size"] = "3"
	w.run(plan(detailed)).ends(fault.Differences)
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	r := w.run(apply(request("Size", "3"))).ends(fault.OK)
	if diff := cmp.Diff([]string{"Data/Database change"}, changes(last[report.Plan](r))); diff != "" {
		t.Error(diff)
	}
	if got := last[report.Result](r); got.Changes.Change != 1 || got.Changes.Replace != 0 {
		t.Errorf("counts %+v", got.Changes)
	}
	// A change of one nested template is the only one shown: what CloudFormation reports of its neighbours is disproved.
	w.edit("network.yaml", "Properties: {CidrBlock: !Ref Cidr}", "Properties: {CidrBlock: !Ref Cidr, EnableDnsSupport: true}")
	r = w.run(plan(request("Size", "3"))).ends(fault.OK)
	if diff := cmp.Diff([]string{"Network/VPC change"}, changes(last[report.Plan](r))); diff != "" {
		t.Error(diff)
	}
}

// A failure is told with its own reason and path; what ran before runs again.
func TestFailedUpdate(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	w.sim.Fail("Database", "Insufficient capacity")
	r := w.run(apply(request("Size", "5"))).ends(fault.RolledBack, "UPDATE_ROLLBACK_COMPLETE", "deploy apply -e dev")
	want := []report.Cause{{Path: []string{"DataStack"}, LogicalID: "Database", Type: "AWS::RDS::DBCluster", Status: "UPDATE_FAILED", Reason: "Insufficient capacity"}}
	got := last[report.Diagnosis](r).Causes
	for i := range got {
		got[i].Time = want[0].Time
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	watched := w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Watch(ctx) }).ends(fault.RolledBack)
	inOrder := cmpopts.SortSlices(func(a, b report.Resource) bool { return a.EventID < b.EventID })
	if diff := cmp.Diff(all[report.Resource](r), all[report.Resource](watched), inOrder); diff != "" {
		t.Errorf("watching from elsewhere tells something else: %s", diff)
	}
	diagnosed := w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Diagnose(ctx) }).ends(fault.OK)
	if causes := last[report.Diagnosis](diagnosed).Causes; len(causes) != 1 || causes[0].LogicalID != "Database" {
		t.Errorf("diagnose tells %v", causes)
	}
	w.sim.Heal()
	w.run(apply(request("Size", "5"))).ends(fault.OK)
}

// A first deployment that failed leaves a stack that can only be deleted: the next run does that.
func TestFailedFirstDeployment(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := newWorld(t)
	w.run(bootstrap).ends(fault.OK)
	w.sim.Fail("Database", "Insufficient capacity")
	w.run(apply(firstRequest())).ends(fault.RolledBack, "ROLLBACK_COMPLETE")
	w.sim.Heal()
	r := w.run(apply(firstRequest())).ends(fault.OK)
	if notes := all[report.Note](r); len(notes) == 0 || !strings.Contains(notes[0].Text, "never lived") {
		t.Errorf("notes %v", notes)
	}
}

// Values are refused before anything is touched, all at once, with what would be right.
func TestRefusedValues(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	for name, tc := range map[string]struct {
		request deploy.Request
		words   []string
	}{
		"unknown":          {request("Sise", "3"), []string{"Sise", "Cidr, Password, Size"}},
		"owned":            {request("EnvironmentSuffix", "x"), []string{"EnvironmentSuffix", "sets itself"}},
		"out of range":     {request("Size", "65"), []string{"Size", `"65"`, "at most 64"}},
		"unknown image":    {deploy.Request{Images: map[string]string{"ui": digest}}, []string{`"ui"`, "api"}},
		"wrong tag":        {deploy.Request{Images: map[string]string{"api": "latest"}}, []string{"--image api", "ecr-api-dev", "latest"}},
		"wrong digest":     {deploy.Request{Images: map[string]string{"api": "sha256:short"}}, []string{"ApiImageDigest", "sha256:short"}},
		"several at once":  {request("Size", "0", "Sise", "1"), []string{"Size", "Sise"}},
		"secret not shown": {request("Password", strings.Repeat("canary", 1000)), []string{"Password"}},
	} {
		t.Run(name, func(t *testing.T) {
			sampled(t, 4)
			r := w.run(apply(tc.request)).ends(fault.Usage, tc.words...)
			if calls := last[report.Result](r).Calls; calls["cloudformation:CreateChangeSet"] > 0 || calls["s3:PutObject"] > 0 {
				t.Errorf("touched: %v", calls)
			}
			if strings.Contains(fmt.Sprint(r.err), "canarycanary") {
				t.Error("the secret is told")
			}
		})
	}
}

func TestRefusedSurroundings(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	for name, tc := range map[string]struct {
		option option
		code   fault.Code
		words  []string
	}{
		"suffix":      {func(o *deploy.Options, _ *cloud.Options) { o.Environment = "Dev_1" }, fault.Usage, []string{"Dev_1", "1 to 12 characters"}},
		"long suffix": {func(o *deploy.Options, _ *cloud.Options) { o.Environment = "abcdefghijklm" }, fault.Usage, []string{"1 to 12 characters"}},
		"account":     {func(o *deploy.Options, _ *cloud.Options) { o.Account = "999999999999" }, fault.Usage, []string{"111122223333", "999999999999"}},
		"stale golden": {func(o *deploy.Options, _ *cloud.Options) {
			o.Check = func() error { return fmt.Errorf("network.yaml differs") }
		}, fault.Refused, []string{"network.yaml differs", "go run ./cmd/render"}},
		"root template":  {func(o *deploy.Options, _ *cloud.Options) { o.Roots.Platform = "nope.yaml" }, fault.Usage, []string{"nope.yaml", "platform.yaml"}},
		"broken promise": {func(o *deploy.Options, _ *cloud.Options) { o.Gate = gate("error") }, fault.Refused, []string{"break 1 promise", "render verify"}},
	} {
		t.Run(name, func(t *testing.T) {
			sampled(t, 4)
			r := w.run(apply(request("Size", "2")), tc.option).ends(tc.code, tc.words...)
			if calls := last[report.Result](r).Calls; calls["cloudformation:CreateChangeSet"] > 0 {
				t.Errorf("touched: %v", calls)
			}
		})
	}
	w.run(apply(request("Size", "2")), func(o *deploy.Options, _ *cloud.Options) { o.Gate = gate("warning") }).ends(fault.OK)
}

// gate is a gate with one finding.
func gate(severity string) func([]*source.Template, map[string]string) []report.Validation {
	return func(_ []*source.Template, values map[string]string) []report.Validation {
		return []report.Validation{{Severity: severity, Source: "checks", Check: "NET001", Text: values["Size"] + values["ApiImageDigest"]}}
	}
}
