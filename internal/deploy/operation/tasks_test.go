package operation_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
)

// containers is Amazon ECS and CloudWatch Logs with a few stopped tasks; failing is the call that fails.
type containers struct {
	tasks   []types.Task
	driver  *types.LogConfiguration
	failing string
	asked   []string
}

var errDown = errors.New("down")

func (c *containers) fail(call string) error {
	c.asked = append(c.asked, call)
	if c.failing == call {
		return errDown
	}
	return nil
}

func (c *containers) ListTasks(_ context.Context, in *ecs.ListTasksInput, _ ...func(*ecs.Options)) (*ecs.ListTasksOutput, error) {
	out := &ecs.ListTasksOutput{}
	for _, t := range c.tasks {
		out.TaskArns = append(out.TaskArns, aws.ToString(t.TaskArn))
	}
	if aws.ToString(in.Cluster) != "cluster-dev" || in.DesiredStatus != types.DesiredStatusStopped {
		return nil, errDown
	}
	return out, c.fail("ListTasks")
}

func (c *containers) DescribeTasks(context.Context, *ecs.DescribeTasksInput, ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error) {
	return &ecs.DescribeTasksOutput{Tasks: slices.Clone(c.tasks)}, c.fail("DescribeTasks")
}

func (c *containers) DescribeTaskDefinition(context.Context, *ecs.DescribeTaskDefinitionInput, ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error) {
	return &ecs.DescribeTaskDefinitionOutput{TaskDefinition: &types.TaskDefinition{ContainerDefinitions: []types.ContainerDefinition{
		{Name: aws.String("envoy")}, {Name: aws.String("api"), LogConfiguration: c.driver}}}}, c.fail("DescribeTaskDefinition")
}

func (c *containers) GetLogEvents(_ context.Context, in *cloudwatchlogs.GetLogEventsInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.GetLogEventsOutput, error) {
	c.asked = append(c.asked, *in.LogGroupName+" "+*in.LogStreamName)
	return &cloudwatchlogs.GetLogEventsOutput{Events: []logs.OutputLogEvent{{Message: aws.String("panic: missing env\n")}}}, c.fail("GetLogEvents")
}

func task(id string, stopped int, group, reason string, containers ...types.Container) types.Task {
	return types.Task{TaskArn: aws.String("arn:aws:ecs:us-east-1:111122223333:task/cluster-dev/" + id), Group: &group, StoppedReason: &reason, Containers: containers,
		StoppedAt: aws.Time(epoch.Add(time.Duration(stopped) * time.Second)), TaskDefinitionArn: aws.String("api:7")}
}

func TestAFailedServiceIsExplainedByItsTasks(t *testing.T) {
	const group = "service:api-dev"
	exited := task("9f2c111122223333", 9, group, "Essential container in task exited", types.Container{Name: aws.String("envoy"), ExitCode: aws.Int32(0)}, types.Container{Name: aws.String("api"), ExitCode: aws.Int32(1)})
	unpulled := task("8e1d", 5, group, "Task failed to start", types.Container{Name: aws.String("api"), Reason: aws.String("CannotPullContainerError: not found")})
	silent := task("7a", 4, group, "")
	other := task("6b", 20, "service:other", "somebody else's")
	driver := &types.LogConfiguration{Options: map[string]string{"awslogs-group": "/ecs/api-dev", "awslogs-stream-prefix": "api"}}
	whole := []string{"task 9f2c1111: api exit 1, Essential container in task exited", "  api | panic: missing env", "task 8e1d: api CannotPullContainerError: not found", "task 7a: no reason given"}
	withoutLog := slices.Delete(slices.Clone(whole), 1, 2)
	for _, c := range []struct {
		name    string
		api     containers
		want    []string
		service string
	}{
		{"all of it", containers{tasks: []types.Task{silent, unpulled, other, exited}, driver: driver}, whole, ""},
		{"at most three tasks", containers{tasks: []types.Task{silent, unpulled, other, exited, task("old", 1, group, "old")}, driver: driver}, whole, ""},
		{"no log driver", containers{tasks: []types.Task{silent, unpulled, exited}}, withoutLog, ""},
		{"another log driver", containers{tasks: []types.Task{silent, unpulled, exited}, driver: &types.LogConfiguration{}}, withoutLog, ""},
		{"no permission for the definition", containers{tasks: []types.Task{silent, unpulled, exited}, driver: driver, failing: "DescribeTaskDefinition"}, withoutLog, ""},
		{"no permission for the log", containers{tasks: []types.Task{silent, unpulled, exited}, driver: driver, failing: "GetLogEvents"}, withoutLog, ""},
		{"no tasks", containers{}, nil, ""},
		{"no permission to list", containers{tasks: []types.Task{exited}, failing: "ListTasks"}, nil, ""},
		{"no permission to describe", containers{tasks: []types.Task{exited}, failing: "DescribeTasks"}, nil, ""},
		{"never made", containers{tasks: []types.Task{exited}}, nil, "-"},
		{"not an ARN", containers{tasks: []types.Task{exited}}, nil, "api-dev"},
	} {
		t.Run(c.name, func(t *testing.T) {
			physical := map[string]string{"": "arn:aws:ecs:us-east-1:111122223333:service/cluster-dev/api-dev", "-": ""}[c.service]
			if c.service != "" && c.service != "-" {
				physical = c.service
			}
			d := report.Diagnosis{Causes: []report.Cause{{LogicalID: "Topic", Type: "AWS::SNS::Topic"}, {Path: []string{"Api"}, LogicalID: "Service", Type: "AWS::ECS::Service", Details: []string{"a hook's remark"}}}}
			o := operation.Outcome{Events: []report.Resource{{Path: []string{"Api"}, LogicalID: "Service"}, {Path: []string{"Api"}, LogicalID: "Service", PhysicalID: physical}}}
			explained := operation.Explain(t.Context(), &c.api, &c.api, d, o)
			if diff := cmp.Diff(append([]string{"a hook's remark"}, c.want...), explained.Causes[1].Details); diff != "" {
				t.Error(diff)
			}
			if len(d.Causes[1].Details) != 1 || explained.Causes[0].Details != nil {
				t.Error("changed what was not to be changed")
			}
			if c.name == "all of it" && !slices.Contains(c.api.asked, "/ecs/api-dev api/api/9f2c111122223333") {
				t.Errorf("asked %v", c.api.asked)
			}
		})
	}
}
