package release

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	ecs "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// What CodeDeploy is not told the service loses: the AppSpec repeats all of it, from the service or, where ECS tells it there only, from the
// primary task set.
func TestAppSpec(t *testing.T) {
	strategy := []ecs.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE_SPOT"), Base: 1, Weight: 3}}
	network := &ecs.NetworkConfiguration{AwsvpcConfiguration: &ecs.AwsVpcConfiguration{Subnets: []string{"s-1"}, SecurityGroups: []string{"sg-1"}, AssignPublicIp: ecs.AssignPublicIpDisabled}}
	balancers := []ecs.LoadBalancer{{ContainerName: aws.String("application"), ContainerPort: aws.Int32(8080)}}
	whole := ecs.Service{PlatformVersion: aws.String("1.4.0"), CapacityProviderStrategy: strategy, NetworkConfiguration: network, LoadBalancers: balancers}
	primary := ecs.Service{TaskSets: []ecs.TaskSet{{Status: aws.String("ACTIVE"), PlatformVersion: aws.String("1.3.0")},
		{Status: aws.String("PRIMARY"), PlatformVersion: aws.String("1.4.0"), CapacityProviderStrategy: strategy, NetworkConfiguration: network, LoadBalancers: balancers}}}
	both := whole
	both.LoadBalancers = []ecs.LoadBalancer{{ContainerName: aws.String("former"), ContainerPort: aws.Int32(80)}}
	both.TaskSets = []ecs.TaskSet{{Status: aws.String("PRIMARY"), PlatformVersion: aws.String("1.3.0"), CapacityProviderStrategy: []ecs.CapacityProviderStrategyItem{{}}, NetworkConfiguration: &ecs.NetworkConfiguration{}, LoadBalancers: balancers}}
	for name, s := range map[string]ecs.Service{"of the service": whole, "of the task set": primary, "of both": both} {
		t.Run(name, func(t *testing.T) {
			text, sum := AppSpecOf(s).content("arn:task:2")
			var got any
			if err := json.Unmarshal([]byte(text), &got); err != nil || len(sum) != 64 {
				t.Fatal(err, sum)
			}
			want := map[string]any{"version": 0.0, "Resources": []any{map[string]any{"TargetService": map[string]any{"Type": "AWS::ECS::Service", "Properties": map[string]any{
				"TaskDefinition": "arn:task:2", "PlatformVersion": "1.4.0", "LoadBalancerInfo": map[string]any{"ContainerName": "application", "ContainerPort": 8080.0},
				"NetworkConfiguration":     map[string]any{"AwsvpcConfiguration": map[string]any{"Subnets": []any{"s-1"}, "SecurityGroups": []any{"sg-1"}, "AssignPublicIp": "DISABLED"}},
				"CapacityProviderStrategy": []any{map[string]any{"CapacityProvider": "FARGATE_SPOT", "Base": 1.0, "Weight": 3.0}}}}}}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if !strings.Contains(text, `"version":0.0`) {
				t.Error("the version is not the one allowed")
			}
		})
	}
	if text, _ := AppSpecOf(ecs.Service{LoadBalancers: balancers}).content("arn"); strings.Contains(text, "Network") || strings.Contains(text, "Capacity") || strings.Contains(text, "Platform") {
		t.Error(text)
	}
}

// The time that a release takes follows from its configuration.
func TestPlanTimes(t *testing.T) {
	for config, want := range map[string]time.Duration{
		"CodeDeployDefault.ECSLinear10PercentEvery1Minutes": 10 * time.Minute, "CodeDeployDefault.ECSLinear10PercentEvery3Minutes": 30 * time.Minute,
		"CodeDeployDefault.ECSCanary10Percent5Minutes": 5 * time.Minute, AllAtOnce: 0, "own": 0, "CodeDeployDefault.ECSLinear0PercentEvery1Minutes": 0,
		"CodeDeployDefault.ECSLinear30PercentEvery1Minutes": 4 * time.Minute,
	} {
		if got := shiftTime(config); got != want {
			t.Errorf("%s takes %v, want %v", config, got, want)
		}
	}
	p := Plan{Shifts: 10 * time.Minute, Waits: 10 * time.Minute}
	if got := p.Limit(); got != 95*time.Minute {
		t.Errorf("limit %v", got)
	}
	began := time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		step report.ShiftedEvent
		now  time.Time
		want time.Duration
	}{
		"installing":    {report.ShiftedEvent{Name: "Install", Status: "InProgress", Started: began}, began, 0},
		"shifting":      {report.ShiftedEvent{Name: "AllowTraffic", Status: "InProgress", Started: began}, began.Add(3 * time.Minute), 17 * time.Minute},
		"shifting long": {report.ShiftedEvent{Name: "AllowTraffic", Status: "InProgress", Started: began}, began.Add(time.Hour), 10 * time.Minute},
		"waiting":       {report.ShiftedEvent{Name: "AfterAllowTraffic", Status: "Succeeded", Ended: began}, began.Add(4 * time.Minute), 6 * time.Minute},
	} {
		if got := p.left(State{Steps: []report.ShiftedEvent{tc.step}}, tc.now); got != tc.want {
			t.Errorf("%s: %v left, want %v", name, got, tc.want)
		}
	}
}

// The step shown is the one that runs, or ran last.
func TestStep(t *testing.T) {
	s := State{Steps: []report.ShiftedEvent{{Name: "BeforeInstall", Status: "Skipped"}, {Name: "Install", Status: "Succeeded"}, {Name: "AllowTraffic", Status: "Pending"}}}
	if s.Step() != "Install" || !s.Passed("Install") || s.Passed("AllowTraffic") || s.Passed("Nothing") || (State{}).Step() != "" {
		t.Error(s.Step())
	}
	if (State{Steps: []report.ShiftedEvent{{Name: "BeforeInstall", Status: "Pending"}}}).Step() != "BeforeInstall" {
		t.Error("before anything runs the first step is shown")
	}
}

// A script answers for CodeDeploy.
type script struct {
	API
	groups  func(*codedeploy.ListDeploymentGroupsInput) (*codedeploy.ListDeploymentGroupsOutput, error)
	group   *types.DeploymentGroupInfo
	target  *types.DeploymentTarget
	failure error
}

func (s script) ListDeploymentGroups(_ context.Context, in *codedeploy.ListDeploymentGroupsInput, _ ...func(*codedeploy.Options)) (*codedeploy.ListDeploymentGroupsOutput, error) {
	return s.groups(in)
}

func (s script) GetDeploymentGroup(context.Context, *codedeploy.GetDeploymentGroupInput, ...func(*codedeploy.Options)) (*codedeploy.GetDeploymentGroupOutput, error) {
	return &codedeploy.GetDeploymentGroupOutput{DeploymentGroupInfo: s.group}, s.failure
}

func (s script) GetDeploymentTarget(context.Context, *codedeploy.GetDeploymentTargetInput, ...func(*codedeploy.Options)) (*codedeploy.GetDeploymentTargetOutput, error) {
	return &codedeploy.GetDeploymentTargetOutput{DeploymentTarget: s.target}, s.failure
}

func (s script) StopDeployment(context.Context, *codedeploy.StopDeploymentInput, ...func(*codedeploy.Options)) (*codedeploy.StopDeploymentOutput, error) {
	return nil, s.failure
}

// Deployment groups are read to the last page; a bare one says little and breaks nothing.
func TestPlans(t *testing.T) {
	pages := 0
	s := script{group: &types.DeploymentGroupInfo{EcsServices: []types.ECSService{{ClusterName: aws.String("c"), ServiceName: aws.String("s")}}},
		groups: func(in *codedeploy.ListDeploymentGroupsInput) (*codedeploy.ListDeploymentGroupsOutput, error) {
			if pages++; in.NextToken == nil {
				return &codedeploy.ListDeploymentGroupsOutput{DeploymentGroups: []string{"b"}, NextToken: aws.String("more")}, nil
			}
			return &codedeploy.ListDeploymentGroupsOutput{DeploymentGroups: []string{"a"}}, nil
		}}
	plans, err := NewCodeDeploy(s).Plans(t.Context(), "application")
	if err != nil || pages != 2 || plans["c/s"].RollsBack || len(plans) != 1 {
		t.Error(plans, pages, err)
	}
}

// A deployment without a target of ECS has no task sets yet; one that ended cannot be stopped, and need not be.
func TestEarlyAndLate(t *testing.T) {
	state, err := NewCodeDeploy(script{}).Look(t.Context(), Service{}, "d-1", false)
	if err != nil || !state.Running() {
		t.Error(state, err)
	}
	state, err = NewCodeDeploy(script{target: &types.DeploymentTarget{EcsTarget: &types.ECSTarget{Status: types.TargetStatusFailed, LifecycleEvents: []types.LifecycleEvent{{LifecycleEventName: aws.String("Install"),
		Status: types.LifecycleEventStatusFailed, Diagnostics: &types.Diagnostics{Message: aws.String("no capacity")}}}}}}).Look(t.Context(), Service{}, "d-1", false)
	if err != nil || state.Reason != "Install: no capacity" || !state.Settled {
		t.Error(state, err)
	}
	if err := NewCodeDeploy(script{failure: &smithy.GenericAPIError{Code: "DeploymentAlreadyCompletedException"}}).Stop(t.Context(), "d-1"); err != nil {
		t.Error(err)
	}
	if err := NewCodeDeploy(script{failure: errors.New("broken")}).Stop(t.Context(), "d-1"); err == nil {
		t.Error("a release that could not be stopped counts as stopped")
	}
}

// A sleeper is a clock that a test moves; it ends the context at a number of sleeps.
type sleeper struct {
	now    time.Time
	sleeps int
	end    func()
}

func (s *sleeper) Now() time.Time { return s.now }

func (s *sleeper) Sleep(ctx context.Context, d time.Duration) error {
	s.now = s.now.Add(d)
	if s.sleeps--; s.sleeps == 0 && s.end != nil {
		s.end()
	}
	return ctx.Err()
}

// A told shifter says of a release what it is given, and nothing of what comes after.
type told struct {
	Shifter
	states []State
	err    error
}

func (t *told) Look(context.Context, Service, string, bool) (State, error) {
	s := t.states[0]
	if len(t.states) > 1 {
		t.states = t.states[1:]
	}
	if s.ID == "broken" {
		return s, t.err
	}
	return s, nil
}

// Following ends at the time that a release may take, when the rollback that was announced does not come, and with the run.
func TestFollowing(t *testing.T) {
	start := time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)
	failed := State{ID: "d-1", Status: Failed, RollsBack: true}
	for name, tc := range map[string]struct {
		states []State
		err    error
		sleeps int
		want   string
		code   fault.Code
	}{
		"never begins":              {[]State{{ID: "d-1", Status: Running}}, nil, 0, "takes longer than 1h15m0s", fault.StillRunning},
		"no rollback":               {[]State{failed}, nil, 0, "", fault.OK},
		"no rollback, later denied": {[]State{failed, {ID: "broken"}}, errors.New("denied"), 0, "cannot be followed any more", fault.StillRunning},
		"no rollback, interrupted":  {[]State{failed}, nil, 2, "canceled", fault.Unexpected},
		"interrupted during a look": {[]State{{ID: "broken"}}, context.Canceled, -1, "canceled", fault.Unexpected},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if tc.sleeps < 0 {
				cancel()
			}
			f := Follower{Shifter: &told{states: tc.states, err: tc.err}, Clock: &sleeper{now: start, sleeps: tc.sleeps, end: cancel}, Reporter: report.Func(func(report.Event) {})}
			_, err := f.Run(ctx, Service{}, "d-1", UntilTerminated)
			if fault.CodeOf(err) != tc.code || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

func (s script) CreateDeployment(context.Context, *codedeploy.CreateDeploymentInput, ...func(*codedeploy.Options)) (*codedeploy.CreateDeploymentOutput, error) {
	return nil, &types.DeploymentLimitExceededException{}
}

func (s script) ListDeployments(context.Context, *codedeploy.ListDeploymentsInput, ...func(*codedeploy.Options)) (*codedeploy.ListDeploymentsOutput, error) {
	return nil, s.failure
}

// Where a release runs already and nobody can tell whose it is, none is begun.
func TestStartUnread(t *testing.T) {
	if id, err := NewCodeDeploy(script{failure: errors.New("denied")}).Start(t.Context(), Order{}); id != "" || err == nil || !strings.Contains(err.Error(), "denied") {
		t.Error(id, err)
	}
}
