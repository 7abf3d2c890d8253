package release

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/report"
)

// A group has deployments, listed as they stand here.
type group struct {
	API
	all     []types.DeploymentInfo
	target  *types.ECSTarget
	busy    bool
	created *codedeploy.CreateDeploymentInput
	asked   []string
}

func (g *group) CreateDeployment(_ context.Context, in *codedeploy.CreateDeploymentInput, _ ...func(*codedeploy.Options)) (*codedeploy.CreateDeploymentOutput, error) {
	if g.created = in; g.busy {
		return nil, &types.DeploymentLimitExceededException{}
	}
	return &codedeploy.CreateDeploymentOutput{DeploymentId: aws.String("d-new")}, nil
}

func (g *group) ListDeployments(context.Context, *codedeploy.ListDeploymentsInput, ...func(*codedeploy.Options)) (*codedeploy.ListDeploymentsOutput, error) {
	out := &codedeploy.ListDeploymentsOutput{}
	for _, d := range g.all {
		out.Deployments = append(out.Deployments, *d.DeploymentId)
	}
	return out, nil
}

func (g *group) GetDeployment(_ context.Context, in *codedeploy.GetDeploymentInput, _ ...func(*codedeploy.Options)) (*codedeploy.GetDeploymentOutput, error) {
	g.asked = append(g.asked, *in.DeploymentId)
	i := slices.IndexFunc(g.all, func(d types.DeploymentInfo) bool { return *d.DeploymentId == *in.DeploymentId })
	if i < 0 {
		return nil, &types.DeploymentDoesNotExistException{}
	}
	return &codedeploy.GetDeploymentOutput{DeploymentInfo: &g.all[i]}, nil
}

func (g *group) GetDeploymentTarget(_ context.Context, in *codedeploy.GetDeploymentTargetInput, _ ...func(*codedeploy.Options)) (*codedeploy.GetDeploymentTargetOutput, error) {
	if g.target == nil || *in.TargetId != "c:s" {
		return nil, &types.DeploymentTargetDoesNotExistException{}
	}
	return &codedeploy.GetDeploymentTargetOutput{DeploymentTarget: &types.DeploymentTarget{EcsTarget: g.target}}, nil
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// deployment is one of the group, some minutes after noon.
func deployment(id, description string, status types.DeploymentStatus, minute int) types.DeploymentInfo {
	return types.DeploymentInfo{DeploymentId: &id, Description: &description, Status: status, CreateTime: aws.Time(noon.Add(time.Duration(minute) * time.Minute))}
}

// A group runs one deployment at a time: ours, when the answer to the first try was lost, or somebody else's.
func TestStart(t *testing.T) {
	const running = types.DeploymentStatusInProgress
	for name, tc := range map[string]struct {
		busy bool
		all  []types.DeploymentInfo
		want string
		err  error
	}{
		"free":                            {false, nil, "d-new", nil},
		"begun already":                   {true, []types.DeploymentInfo{deployment("d-1", tokenMark+"t", running, 0)}, "d-1", nil},
		"begun already, the older first":  {true, []types.DeploymentInfo{deployment("d-0", tokenMark+"s", running, 0), deployment("d-1", tokenMark+"t", running, 1)}, "d-1", nil},
		"begun by another run":            {true, []types.DeploymentInfo{deployment("d-1", tokenMark+"s", running, 1), deployment("d-0", tokenMark+"t", running, 0)}, "d-1", ErrBusy},
		"begun in the console":            {true, []types.DeploymentInfo{deployment("d-1", "t", running, 0)}, "d-1", ErrBusy},
		"a group that says nothing of it": {true, nil, "", ErrBusy},
	} {
		t.Run(name, func(t *testing.T) {
			g := &group{busy: tc.busy, all: tc.all}
			o := Order{Service: Service{Plan: Plan{Application: "a", Group: "g"}}, Token: "t", Revision: "arn:task:2"}
			id, err := NewCodeDeploy(g).Start(t.Context(), o)
			if id != tc.want || !errors.Is(err, tc.err) {
				t.Errorf("%s, %v", id, err)
			}
			in := g.created
			if *in.ApplicationName+*in.DeploymentGroupName+" "+*in.Description != "ag "+tokenMark+"t" || in.DeploymentConfigName != nil || !strings.Contains(*in.Revision.AppSpecContent.Content, "arn:task:2") {
				t.Errorf("%+v", in)
			}
			o.Config = AllAtOnce
			if _, _ = NewCodeDeploy(g).Start(t.Context(), o); aws.ToString(g.created.DeploymentConfigName) != AllAtOnce {
				t.Errorf("by the configuration %q", aws.ToString(g.created.DeploymentConfigName))
			}
		})
	}
}

// What CodeDeploy says of a deployment and its task sets, in a few looks and in one.
func TestLook(t *testing.T) {
	failed := deployment("d-1", tokenMark+"t", types.DeploymentStatusFailed, 0)
	failed.CompleteTime = aws.Time(noon.Add(time.Hour))
	failed.ErrorInformation = &types.ErrorInformation{Code: types.ErrorCodeAlarmActive, Message: aws.String("too many errors")}
	failed.RollbackInfo = &types.RollbackInfo{RollbackDeploymentId: aws.String("d-2")}
	failed.AutoRollbackConfiguration = &types.AutoRollbackConfiguration{Enabled: true}
	back := deployment("d-2", "automatic", types.DeploymentStatusBaking, 1)
	back.Creator = types.DeploymentCreatorCodeDeployRollback
	back.RollbackInfo = &types.RollbackInfo{RollbackTriggeringDeploymentId: aws.String("d-1")}
	back.AutoRollbackConfiguration = failed.AutoRollbackConfiguration
	stopped := deployment("d-3", "by hand", types.DeploymentStatusStopped, 2)
	stopped.AutoRollbackConfiguration = &types.AutoRollbackConfiguration{}
	g := &group{all: []types.DeploymentInfo{failed, back, stopped}, target: &types.ECSTarget{Status: types.TargetStatusInProgress,
		LifecycleEvents: []types.LifecycleEvent{
			{LifecycleEventName: aws.String("Install"), Status: types.LifecycleEventStatusSucceeded, StartTime: &noon, Diagnostics: &types.Diagnostics{Message: aws.String("well")}},
			{LifecycleEventName: aws.String("AllowTraffic"), Status: types.LifecycleEventStatusFailed, Diagnostics: &types.Diagnostics{Message: aws.String("stopped")}},
			{LifecycleEventName: aws.String("AfterAllowTraffic"), Status: types.LifecycleEventStatusFailed, Diagnostics: &types.Diagnostics{Message: aws.String("never came")}}},
		TaskSetsInfo: []types.ECSTaskSet{
			{TaskSetLabel: types.TargetLabelGreen, TrafficWeight: 100, DesiredCount: 3, RunningCount: 2, PendingCount: 1, TargetGroup: &types.TargetGroupInfo{Name: aws.String("tg-api-green-dev")}},
			{TaskSetLabel: types.TargetLabelBlue, RunningCount: 4}}}}
	looked := State{ID: "d-1", Status: Running, Reason: "AllowTraffic: stopped", Steps: []report.ShiftedEvent{{Name: "Install", Status: "Succeeded", Started: noon}, {Name: "AllowTraffic", Status: "Failed"}, {Name: "AfterAllowTraffic", Status: "Failed"}},
		New: report.TaskSet{Color: "green", Weight: 100, Desired: 3, Running: 2, Pending: 1}, Old: report.TaskSet{Running: 4}}
	with := func(change func(*State)) State {
		s := looked
		change(&s)
		return s
	}
	for name, tc := range map[string]struct {
		id   string
		full bool
		want State
	}{
		"short": {"d-1", false, looked},
		"failed": {"d-1", true, with(func(s *State) {
			s.Token, s.Status, s.Rollback, s.RollsBack, s.Reason, s.Created, s.Ended = "t", Failed, "d-2", true, "ALARM_ACTIVE: too many errors", noon, noon.Add(time.Hour)
		})},
		"a rollback": {"d-2", true, with(func(s *State) { s.ID, s.Of, s.Returning, s.Created = "d-2", "d-1", true, noon.Add(time.Minute) })},
		"stopped":    {"d-3", true, with(func(s *State) { s.ID, s.Status, s.Created = "d-3", Stopped, noon.Add(2*time.Minute) })},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := NewCodeDeploy(g).Look(t.Context(), Service{Cluster: "c", Name: "s"}, tc.id, tc.full)
			if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
	if _, err := NewCodeDeploy(g).Look(t.Context(), Service{}, "d-9", true); err == nil {
		t.Error("a deployment that is not there is looked at")
	}
	if !looked.Shifted() || (State{New: report.TaskSet{Weight: 90}, Old: report.TaskSet{Weight: 10}}).Shifted() || (State{New: report.TaskSet{Weight: 100}, Old: report.TaskSet{Weight: 100}}).Shifted() {
		t.Error("shifted is when the new task set has everything, and the old one nothing")
	}
}

// A deployment group says how its service is released.
func TestPlanOf(t *testing.T) {
	g := &types.DeploymentGroupInfo{ApplicationName: aws.String("a"), DeploymentGroupName: aws.String("g"), DeploymentConfigName: aws.String("CodeDeployDefault.ECSCanary10Percent5Minutes"),
		BlueGreenDeploymentConfiguration: &types.BlueGreenDeploymentConfiguration{TerminateBlueInstancesOnDeploymentSuccess: &types.BlueInstanceTerminationOption{TerminationWaitTimeInMinutes: 7}},
		AlarmConfiguration:               &types.AlarmConfiguration{Enabled: true, Alarms: []types.Alarm{{Name: aws.String("errors")}}},
		AutoRollbackConfiguration:        &types.AutoRollbackConfiguration{Enabled: true},
		LoadBalancerInfo: &types.LoadBalancerInfo{TargetGroupPairInfoList: []types.TargetGroupPairInfo{{ProdTrafficRoute: &types.TrafficRoute{ListenerArns: []string{"arn:listener"}},
			TargetGroups: []types.TargetGroupInfo{{Name: aws.String("blue")}, {Name: aws.String("green")}}}}}}
	want := Plan{Application: "a", Group: "g", Config: "CodeDeployDefault.ECSCanary10Percent5Minutes", Shifts: 5 * time.Minute, Waits: 7 * time.Minute, Alarms: []string{"errors"}, RollsBack: true,
		Listeners: []string{"arn:listener"}, Groups: []string{"blue", "green"}}
	if diff := cmp.Diff(want, planOf(g)); diff != "" {
		t.Error(diff)
	}
	g.AlarmConfiguration.Enabled, g.AutoRollbackConfiguration.Enabled = false, false
	want.Alarms, want.RollsBack = nil, false
	if diff := cmp.Diff(want, planOf(g)); diff != "" {
		t.Error("switched off:", diff)
	}
}
