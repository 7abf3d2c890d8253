package deploy

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/report"
)

const (
	// adminEvery is the pause between two looks at the task.
	adminEvery = 5 * time.Second
	// adminMissing is how long ECS may not know of a task that it started: its answers become consistent in time (Amazon ECS API
	// reference, RunTask).
	adminMissing = 2 * time.Minute
	// adminTail is how many looks at the log follow the end of the task: lines arrive some seconds after they were written.
	adminTail = 2
	// adminLast is how many of the last lines the result repeats.
	adminLast = 5
)

// An adminLog is how far the log was read.
type adminLog struct {
	stream string
	token  *string
	// last are the latest lines; blind tells that it was said that the log cannot be read.
	last  []string
	blind bool
}

// follow looks at the task until it has stopped, and tells what it writes.
func (r *adminRun) follow(ctx context.Context) error {
	renewing, seen := r.renewing(ctx), r.began
	for {
		task, err := r.described(ctx)
		switch {
		case err != nil:
			return r.detachedTask(err)
		case task != nil:
			seen = r.Clock.Now()
		case r.Clock.Now().Sub(seen) > adminMissing:
			return r.detachedTask(fmt.Errorf("task %s is not known to Amazon ECS", taskID(r.arn)))
		}
		r.read(ctx)
		if task != nil && text(task.LastStatus) == "STOPPED" {
			for range adminTail {
				_ = r.Clock.Sleep(ctx, adminEvery) // a run that has ended judges by what it has
				r.read(ctx)
			}
			return r.judge(*task)
		}
		renewing.Report(report.Tick{Time: r.Clock.Now(), LastEvent: r.began})
		if err := r.Clock.Sleep(ctx, adminEvery); err != nil {
			return r.detachedTask(err)
		}
	}
}

// described is the task as it is; nil while ECS does not know of it.
func (r *adminRun) described(ctx context.Context) (*types.Task, error) {
	out, err := r.Cloud.ECS().DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: r.order.Cluster, Tasks: []string{r.arn}})
	if err != nil {
		return nil, fmt.Errorf("read task %s: %w", r.arn, err)
	}
	if len(out.Tasks) == 0 {
		return nil, nil
	}
	return &out.Tasks[0], nil
}

// read tells the lines that are new, page by page: at the end a page's token is the one that was given (Amazon CloudWatch Logs API
// reference, GetLogEvents). A log that cannot be read is told of once; the task is followed without it. A stream that is not there yet is
// no error.
func (r *adminRun) read(ctx context.Context) {
	for r.group != "" {
		out, err := r.Cloud.Logs().GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: &r.group, LogStreamName: &r.log.stream, NextToken: r.log.token, StartFromHead: aws.Bool(true)})
		if err != nil {
			if !cloud.Missing(err) && !r.log.blind && ctx.Err() == nil {
				r.log.blind = true
				r.Reporter.Report(report.Note{Level: report.Warning, Text: "the log of the task cannot be read, it is followed without: " + r.words(err)})
			}
			return
		}
		for _, event := range out.Events {
			line := report.AdminLine{Task: r.word, Text: strings.TrimRight(text(event.Message), "\r\n"), Time: time.UnixMilli(aws.ToInt64(event.Timestamp)).UTC()}
			r.log.last = append(r.log.last, line.Text)
			r.log.last = r.log.last[max(0, len(r.log.last)-adminLast):]
			r.Reporter.Report(line)
		}
		before := text(r.log.token)
		if r.log.token = out.NextForwardToken; text(r.log.token) == before {
			return
		}
	}
}

// judge tells how the task ended, by the exit code of the container that works. A task that somebody or something else stopped has not done
// its work, whatever its code (Amazon ECS API reference, Task, stopCode).
func (r *adminRun) judge(task types.Task) error {
	e := report.AdminEnded{Container: r.container, StopCode: string(task.StopCode), Reason: text(task.StoppedReason)}
	for _, c := range task.Containers {
		if text(c.Name) == r.container {
			e.ExitCode = c.ExitCode
		}
		if why := text(c.Reason); why != "" {
			e.Reason = text(c.Name) + ": " + why
		}
	}
	own := task.StopCode == "" || task.StopCode == types.TaskStopCodeEssentialContainerExited
	switch {
	case task.StopCode == types.TaskStopCodeTaskFailedToStart, e.ExitCode == nil && task.StartedAt == nil:
		e.Result, e.Reason = report.AdminUnstarted, cmp.Or(e.Reason, "Amazon ECS gave no reason")
	case own && e.ExitCode != nil && *e.ExitCode == 0:
		r.Reporter.Report(report.AdminEnded{Task: r.word, ARN: r.arn, Result: report.AdminSucceeded, Container: r.container, ExitCode: e.ExitCode, StopCode: e.StopCode, Seconds: r.Clock.Now().Sub(r.began).Seconds()})
		return nil
	default:
		e.Result = report.AdminFailed
	}
	return r.failed(e)
}
