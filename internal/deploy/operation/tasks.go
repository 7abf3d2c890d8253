package operation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/tierform/tierform/internal/deploy/report"
)

// Tasks and Lines are the calls by which a failed service is explained.
type (
	// Tasks is Amazon ECS.
	Tasks interface {
		ListTasks(context.Context, *ecs.ListTasksInput, ...func(*ecs.Options)) (*ecs.ListTasksOutput, error)
		DescribeTasks(context.Context, *ecs.DescribeTasksInput, ...func(*ecs.Options)) (*ecs.DescribeTasksOutput, error)
		DescribeTaskDefinition(context.Context, *ecs.DescribeTaskDefinitionInput, ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error)
	}
	// Lines is Amazon CloudWatch Logs.
	Lines interface {
		GetLogEvents(context.Context, *cloudwatchlogs.GetLogEventsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.GetLogEventsOutput, error)
	}
)

const (
	serviceType = "AWS::ECS::Service"
	// shownTasks is how many stopped tasks are told of: they mostly stopped for the same reason.
	shownTasks = 3
	// shownLines is how many of the last lines of a log are.
	shownLines = 20
)

// Explain adds to each service that failed why its tasks stopped, and the last lines of the container at fault. Stopped tasks are known for
// about an hour (ECS Developer Guide, "Stopped tasks errors"). What cannot be read is left out: the causes stand without it.
func Explain(ctx context.Context, tasks Tasks, lines Lines, d report.Diagnosis, o Outcome) report.Diagnosis {
	d.Causes = slices.Clone(d.Causes)
	for i, c := range d.Causes {
		if c.Type != serviceType {
			continue
		}
		at := slices.IndexFunc(o.Events, func(r report.Resource) bool {
			return r.LogicalID == c.LogicalID && slices.Equal(r.Path, c.Path) && r.PhysicalID != ""
		})
		if at < 0 {
			continue
		}
		// arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME
		if parts := strings.Split(o.Events[at].PhysicalID, "/"); len(parts) == 3 {
			d.Causes[i].Details = append(slices.Clone(c.Details), stopped(ctx, tasks, lines, parts[1], parts[2])...)
		}
	}
	return d
}

// stopped tells of the tasks of a service that stopped last.
func stopped(ctx context.Context, api Tasks, lines Lines, cluster, service string) []string {
	// Not by service: one that could not be created is deleted again, its tasks are still known.
	listed, err := api.ListTasks(ctx, &ecs.ListTasksInput{Cluster: &cluster, DesiredStatus: types.DesiredStatusStopped})
	if err != nil || len(listed.TaskArns) == 0 {
		return nil
	}
	out, err := api.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &cluster, Tasks: listed.TaskArns})
	if err != nil {
		return nil
	}
	found := slices.DeleteFunc(out.Tasks, func(t types.Task) bool { return aws.ToString(t.Group) != "service:"+service })
	slices.SortStableFunc(found, func(a, b types.Task) int { return aws.ToTime(b.StoppedAt).Compare(aws.ToTime(a.StoppedAt)) })
	var details []string
	for i, t := range found[:min(shownTasks, len(found))] {
		container, why := atFault(t)
		arn := aws.ToString(t.TaskArn)
		id := arn[strings.LastIndexByte(arn, '/')+1:]
		details = append(details, "task "+id[:min(8, len(id))]+": "+why)
		if i == 0 && container != "" {
			details = append(details, lastLines(ctx, api, lines, aws.ToString(t.TaskDefinitionArn), container, id)...)
		}
	}
	return details
}

// atFault is the container that ended a task, and why in one line.
func atFault(t types.Task) (container, why string) {
	why = aws.ToString(t.StoppedReason)
	for _, c := range t.Containers {
		if reason := aws.ToString(c.Reason); reason != "" || aws.ToInt32(c.ExitCode) != 0 {
			if c.ExitCode != nil {
				why = fmt.Sprintf("%s exit %d, %s", aws.ToString(c.Name), *c.ExitCode, cmp.Or(reason, why))
				return aws.ToString(c.Name), why
			}
			return aws.ToString(c.Name), aws.ToString(c.Name) + " " + reason
		}
	}
	return "", cmp.Or(why, "no reason given")
}

// lastLines are those of a container's log (ECS Developer Guide, "awslogs": the stream is PREFIX/CONTAINER/TASK).
func lastLines(ctx context.Context, api Tasks, logs Lines, definition, container, task string) []string {
	out, err := api.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &definition})
	if err != nil {
		return nil
	}
	for _, c := range out.TaskDefinition.ContainerDefinitions {
		if aws.ToString(c.Name) != container || c.LogConfiguration == nil || c.LogConfiguration.Options["awslogs-group"] == "" {
			continue
		}
		options := c.LogConfiguration.Options
		stream := options["awslogs-stream-prefix"] + "/" + container + "/" + task
		read, err := logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: new(options["awslogs-group"]), LogStreamName: &stream, Limit: new(int32(shownLines)), StartFromHead: new(false)})
		if err != nil {
			return nil
		}
		var lines []string
		for _, e := range read.Events { // below the task's line
			lines = append(lines, "  "+container+" | "+strings.TrimRight(aws.ToString(e.Message), "\r\n"))
		}
		return lines
	}
	return nil
}
