package release

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/live"
	"github.com/tierform/tierform/internal/deploy/report"
)

// API are the calls of AWS CodeDeploy.
type API interface {
	ListDeploymentGroups(context.Context, *codedeploy.ListDeploymentGroupsInput, ...func(*codedeploy.Options)) (*codedeploy.ListDeploymentGroupsOutput, error)
	GetDeploymentGroup(context.Context, *codedeploy.GetDeploymentGroupInput, ...func(*codedeploy.Options)) (*codedeploy.GetDeploymentGroupOutput, error)
	CreateDeployment(context.Context, *codedeploy.CreateDeploymentInput, ...func(*codedeploy.Options)) (*codedeploy.CreateDeploymentOutput, error)
	GetDeployment(context.Context, *codedeploy.GetDeploymentInput, ...func(*codedeploy.Options)) (*codedeploy.GetDeploymentOutput, error)
	GetDeploymentTarget(context.Context, *codedeploy.GetDeploymentTargetInput, ...func(*codedeploy.Options)) (*codedeploy.GetDeploymentTargetOutput, error)
	ListDeployments(context.Context, *codedeploy.ListDeploymentsInput, ...func(*codedeploy.Options)) (*codedeploy.ListDeploymentsOutput, error)
	StopDeployment(context.Context, *codedeploy.StopDeploymentInput, ...func(*codedeploy.Options)) (*codedeploy.StopDeploymentOutput, error)
}

// A CodeDeploy shifts by AWS CodeDeploy's blue/green deployments for Amazon ECS.
type CodeDeploy struct{ api API }

// NewCodeDeploy makes a Shifter of AWS CodeDeploy.
func NewCodeDeploy(api API) CodeDeploy { return CodeDeploy{api} }

var _ Shifter = CodeDeploy{}

// tokenMark precedes the order's token in a deployment's description.
const tokenMark = "deploy release "

// Start begins a deployment. A group runs one at a time; when ours runs already, because the answer to the first try was lost, it is that
// one (AWS CodeDeploy API reference, CreateDeployment, DeploymentLimitExceededException).
func (c CodeDeploy) Start(ctx context.Context, o Order) (string, error) {
	content, sum := o.AppSpec.content(o.Revision)
	in := &codedeploy.CreateDeploymentInput{ApplicationName: &o.Service.Plan.Application, DeploymentGroupName: &o.Service.Plan.Group, Description: new(tokenMark + o.Token),
		Revision: &types.RevisionLocation{RevisionType: types.RevisionLocationTypeAppSpecContent, AppSpecContent: &types.AppSpecContent{Content: &content, Sha256: &sum}}}
	if o.Config != "" {
		in.DeploymentConfigName = &o.Config
	}
	out, err := c.api.CreateDeployment(ctx, in)
	if err == nil {
		return aws.ToString(out.DeploymentId), nil
	}
	var limit *types.DeploymentLimitExceededException
	if !errors.As(err, &limit) {
		return "", fmt.Errorf("begin the release of %s: %w", o.Service.Title, err)
	}
	latest, unread := c.Latest(ctx, o.Service)
	switch {
	case unread != nil:
		return "", unread
	case latest.Token == o.Token:
		return latest.ID, nil
	}
	return latest.ID, fmt.Errorf("%w: %s", ErrBusy, latest.ID)
}

// Latest asks for the newest deployment of the group.
func (c CodeDeploy) Latest(ctx context.Context, s Service) (State, error) {
	out, err := c.api.ListDeployments(ctx, &codedeploy.ListDeploymentsInput{ApplicationName: &s.Plan.Application, DeploymentGroupName: &s.Plan.Group})
	if err != nil {
		return State{}, fmt.Errorf("list the releases of %s: %w", s.Title, err)
	}
	var latest State
	for _, id := range out.Deployments[:min(len(out.Deployments), newest)] { // newest first is what AWS does and does not promise
		state, err := c.status(ctx, id)
		if err != nil {
			return State{}, err
		}
		if latest.ID == "" || state.Created.After(latest.Created) {
			latest = state
		}
	}
	if latest.ID == "" {
		return latest, nil
	}
	return latest, c.target(ctx, s, &latest)
}

// newest is how many deployments are asked about to find the newest: a rollback and what it rolled back.
const newest = 2

// Look asks for the deployment's target; a full look asks for the deployment itself too, which tells the end.
func (c CodeDeploy) Look(ctx context.Context, of Service, id string, full bool) (State, error) {
	state := State{ID: id, Status: Running}
	if err := c.target(ctx, of, &state); err != nil || !full {
		return state, err
	}
	told, err := c.status(ctx, id)
	told.Steps, told.Old, told.New, told.Settled, told.Reason = state.Steps, state.Old, state.New, state.Settled, cmp.Or(told.Reason, state.Reason)
	return told, err
}

// status is what the deployment itself says.
func (c CodeDeploy) status(ctx context.Context, id string) (State, error) {
	out, err := c.api.GetDeployment(ctx, &codedeploy.GetDeploymentInput{DeploymentId: &id})
	if err != nil {
		return State{}, fmt.Errorf("read release %s: %w", id, err)
	}
	d := out.DeploymentInfo
	s := State{ID: id, Status: statuses[d.Status], Returning: d.Creator == types.DeploymentCreatorCodeDeployRollback, Created: aws.ToTime(d.CreateTime), Ended: aws.ToTime(d.CompleteTime)}
	if s.Status == "" {
		s.Status = Running // a state that is not known yet is none of the final ones
	}
	if token, ours := strings.CutPrefix(aws.ToString(d.Description), tokenMark); ours {
		s.Token = token
	}
	if e := d.ErrorInformation; e != nil {
		s.Reason = strings.TrimSpace(string(e.Code) + ": " + aws.ToString(e.Message))
	}
	if r := d.RollbackInfo; r != nil {
		s.Rollback, s.Of = aws.ToString(r.RollbackDeploymentId), aws.ToString(r.RollbackTriggeringDeploymentId)
	}
	if a := d.AutoRollbackConfiguration; a != nil && !s.Returning {
		s.RollsBack = a.Enabled && (s.Status == Failed || s.Status == Stopped)
	}
	return s, nil
}

// statuses are those of CodeDeploy that end a deployment.
var statuses = map[types.DeploymentStatus]string{types.DeploymentStatusSucceeded: Succeeded, types.DeploymentStatusFailed: Failed, types.DeploymentStatusStopped: Stopped}

// target fills in task sets, weights and lifecycle events. A deployment that was just made, or that failed at once, has no target yet.
func (c CodeDeploy) target(ctx context.Context, of Service, s *State) error {
	id := of.Cluster + ":" + of.Name // AWS CodeDeploy API reference, ListDeploymentTargets
	out, err := c.api.GetDeploymentTarget(ctx, &codedeploy.GetDeploymentTargetInput{DeploymentId: &s.ID, TargetId: &id})
	if code := cloud.ErrorCode(err); code == "DeploymentTargetDoesNotExistException" || code == "DeploymentNotStartedException" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the task sets of release %s: %w", s.ID, err)
	}
	if out.DeploymentTarget == nil || out.DeploymentTarget.EcsTarget == nil {
		return nil
	}
	t := out.DeploymentTarget.EcsTarget
	for _, e := range t.LifecycleEvents {
		s.Steps = append(s.Steps, report.ShiftedEvent{Name: aws.ToString(e.LifecycleEventName), Status: string(e.Status), Started: aws.ToTime(e.StartTime), Ended: aws.ToTime(e.EndTime)})
		if d := e.Diagnostics; d != nil && e.Status == types.LifecycleEventStatusFailed && s.Reason == "" {
			s.Reason = aws.ToString(e.LifecycleEventName) + ": " + aws.ToString(d.Message)
		}
	}
	for _, set := range t.TaskSetsInfo {
		told := report.TaskSet{Weight: set.TrafficWeight, Desired: int(set.DesiredCount), Running: int(set.RunningCount), Pending: int(set.PendingCount)}
		if set.TargetGroup != nil {
			told.Color = live.ColorOf(aws.ToString(set.TargetGroup.Name))
		}
		if set.TaskSetLabel == types.TargetLabelGreen {
			s.New = told
		} else {
			s.Old = told
		}
	}
	s.Settled = !slices.Contains([]types.TargetStatus{types.TargetStatusPending, types.TargetStatusInProgress, types.TargetStatusReady}, t.Status)
	return nil
}

// Stop ends a deployment and lets CodeDeploy bring the traffic back.
func (c CodeDeploy) Stop(ctx context.Context, id string) error {
	_, err := c.api.StopDeployment(ctx, &codedeploy.StopDeploymentInput{DeploymentId: &id, AutoRollbackEnabled: new(true)})
	if cloud.ErrorCode(err) == "DeploymentAlreadyCompletedException" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("stop release %s: %w", id, err)
	}
	return nil
}

// Plans reads how the services of an application are released, by "cluster/service".
func (c CodeDeploy) Plans(ctx context.Context, application string) (map[string]Plan, error) {
	var names []string
	in := &codedeploy.ListDeploymentGroupsInput{ApplicationName: &application}
	for {
		out, err := c.api.ListDeploymentGroups(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("list the deployment groups of %s: %w", application, err)
		}
		names = append(names, out.DeploymentGroups...)
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			break
		}
	}
	slices.Sort(names)
	plans := map[string]Plan{}
	for _, name := range names {
		out, err := c.api.GetDeploymentGroup(ctx, &codedeploy.GetDeploymentGroupInput{ApplicationName: &application, DeploymentGroupName: &name})
		if err != nil {
			return nil, fmt.Errorf("read deployment group %s: %w", name, err)
		}
		for _, s := range out.DeploymentGroupInfo.EcsServices {
			plans[aws.ToString(s.ClusterName)+"/"+aws.ToString(s.ServiceName)] = planOf(out.DeploymentGroupInfo)
		}
	}
	return plans, nil
}

// planOf reads a deployment group.
func planOf(g *types.DeploymentGroupInfo) Plan {
	p := Plan{Application: aws.ToString(g.ApplicationName), Group: aws.ToString(g.DeploymentGroupName), Config: aws.ToString(g.DeploymentConfigName)}
	p.Shifts = shiftTime(p.Config)
	if b := g.BlueGreenDeploymentConfiguration; b != nil && b.TerminateBlueInstancesOnDeploymentSuccess != nil {
		p.Waits = minutes(b.TerminateBlueInstancesOnDeploymentSuccess.TerminationWaitTimeInMinutes)
	}
	if a := g.AlarmConfiguration; a != nil && a.Enabled {
		for _, alarm := range a.Alarms {
			p.Alarms = append(p.Alarms, aws.ToString(alarm.Name))
		}
	}
	p.RollsBack = g.AutoRollbackConfiguration != nil && g.AutoRollbackConfiguration.Enabled
	if l := g.LoadBalancerInfo; l != nil {
		for _, pair := range l.TargetGroupPairInfoList {
			if pair.ProdTrafficRoute != nil {
				p.Listeners = append(p.Listeners, pair.ProdTrafficRoute.ListenerArns...)
			}
			for _, group := range pair.TargetGroups {
				p.Groups = append(p.Groups, aws.ToString(group.Name))
			}
		}
	}
	return p
}
