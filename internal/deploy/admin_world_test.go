package deploy_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// administration is an administration task with its schedule, in the stack that has the cluster.
const administration = `
  AdminLog: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub 'log-admin-${Suffix}'}}
  Admin:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: !Sub task-admin-${Suffix}
      NetworkMode: awsvpc
      ContainerDefinitions:
        - {Name: side, Image: side, Essential: false}
        - {Name: admin, Image: !Sub 'admin@${Digest}', Command: [reconcile], LogConfiguration: {LogDriver: awslogs, Options: {awslogs-group: !Ref AdminLog, awslogs-stream-prefix: run}}}
  AdminBeat: {Type: AWS::Scheduler::Schedule, Properties: {Name: !Sub 'beat-${Suffix}', ScheduleExpression: rate(1 day), FlexibleTimeWindow: {Mode: 'OFF'}, Target: {Arn: !Ref Cluster, RoleArn: arn:aws:iam::111122223333:role/beat}}}
  AdminSchedule:
    Type: AWS::Scheduler::Schedule
    Properties:
      Name: !Sub schedule-${Suffix}
      ScheduleExpression: rate(1 day)
      FlexibleTimeWindow: {Mode: 'OFF'}
      Target:
        Arn: !Ref Cluster
        RoleArn: arn:aws:iam::111122223333:role/schedule
        EcsParameters:
          LaunchType: FARGATE
          PlatformVersion: 1.4.0
          NetworkConfiguration: {AwsvpcConfiguration: {AssignPublicIp: DISABLED, SecurityGroups: [sg-1], Subnets: [!Ref Subnet, subnet-2]}}
          TaskDefinitionArn: !Sub arn:aws:ecs:us-east-1:111122223333:task-definition/task-admin-${Suffix}
Outputs:
  Admin: {Value: !GetAtt Admin.TaskDefinitionArn}
`

const adminFamily = "task-admin-dev"

// administered is a world with an administration task, deployed without a run of it. edits are pairs of texts of the task's template.
func administered(t *testing.T, edits ...string) *world {
	t.Helper()
	w := newWorld(t)
	w.edit("service.yaml", "\nOutputs:\n", strings.NewReplacer(edits...).Replace(administration))
	w.edit("platform.yaml", "\nOutputs:\n", "\nOutputs:\n  AdministrationTaskDefinition: {Value: !GetAtt ServiceStack.Outputs.Admin}\n")
	w.run(bootstrap).ends(fault.OK)
	first := firstRequest()
	first.NoAdmin = true
	w.run(apply(first)).ends(fault.OK)
	return w
}

func admin(task string) func(context.Context, *deploy.Engine) error {
	return func(ctx context.Context, e *deploy.Engine) error {
		return e.Administer(ctx, deploy.AdminRequest{Task: task})
	}
}

// logged are the lines that a run showed.
func (r *run) logged() (lines []string) {
	for _, line := range all[report.AdminLine](r) {
		lines = append(lines, line.Text)
	}
	return lines
}

// adminTasks are the tasks of the family, whatever became of them.
func (w *world) adminTasks() []types.Task {
	w.Helper()
	api := w.way().ECS()
	var arns []string
	for _, status := range []types.DesiredStatus{types.DesiredStatusRunning, types.DesiredStatusStopped} {
		out, err := api.ListTasks(w.Context(), &ecs.ListTasksInput{Cluster: aws.String("cluster-dev"), Family: aws.String(adminFamily), DesiredStatus: status})
		if err != nil {
			w.Fatal(err)
		}
		arns = append(arns, out.TaskArns...)
	}
	if len(arns) == 0 {
		return nil
	}
	out, err := api.DescribeTasks(w.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("cluster-dev"), Tasks: arns})
	if err != nil {
		w.Fatal(err)
	}
	return out.Tasks
}

// numbered are lines that can be told apart.
func numbered(n int) (lines []string) {
	for i := range n {
		lines = append(lines, fmt.Sprintf("line %d", i+1))
	}
	return lines
}

// masking keeps the values that are to be masked.
func masking(kept *[]string) option {
	return func(o *deploy.Options, _ *cloud.Options) {
		o.Mask = func(values ...string) { *kept = append(*kept, values...) }
	}
}

// pass lets time go by.
func (w *world) pass(d time.Duration) { _ = w.sim.Clock().Sleep(w.Context(), d) }
