package deploy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// An adminRun is one run of the administration task.
type adminRun struct {
	*Engine
	administration
	word, arn string
	began     time.Time
	log       adminLog
}

// runAdmin runs the administration task of a stack with one of its words, and follows it to the end.
func (e *Engine) runAdmin(ctx context.Context, p *stack, word string) error {
	a, err := e.administration(ctx, p)
	if err != nil {
		return err
	}
	r := &adminRun{Engine: e, administration: a, word: word}
	if err := r.alone(ctx); err != nil {
		return err
	}
	if err := r.holding(ctx); err != nil {
		return err
	}
	if err := r.start(ctx); err != nil {
		return err
	}
	r.log.stream = r.stream + taskID(r.arn)
	r.tell()
	return r.follow(ctx)
}

// taskID is the last part of a task's ARN.
func taskID(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// alone refuses while a task of the family runs, whoever started it: the schedule may have.
func (r *adminRun) alone(ctx context.Context) error {
	running, err := r.tasks(ctx, &ecs.ListTasksInput{Cluster: r.order.Cluster, Family: &r.family})
	if err != nil || len(running) == 0 {
		return err
	}
	return &fault.Error{Code: fault.Busy, What: "an administration task runs already: only one does at a time", Found: strings.Join(running, ", "),
		Do: "wait until it has ended, then: " + r.adminCommand(r.word) + "; it is seen by: " + r.look(running[0])}
}

// tasks are the ARNs of tasks.
func (r *adminRun) tasks(ctx context.Context, in *ecs.ListTasksInput) (arns []string, err error) {
	for {
		out, err := r.Cloud.ECS().ListTasks(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("list the tasks of %s: %w", r.family, err)
		}
		arns = append(arns, out.TaskArns...)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return arns, nil
		}
	}
}

// look is the command of AWS's own tool that shows a task.
func (r *adminRun) look(arn string) string {
	return "aws ecs describe-tasks --region " + r.Cloud.Region() + " --cluster " + text(r.order.Cluster) + " --tasks " + arn
}

// start starts the task. A repeated call makes no other one, because of its token (API reference, "Ensuring idempotency"). Where no answer
// tells what became of the call, ECS is asked for a task with this run's mark.
func (r *adminRun) start(ctx context.Context) error {
	id := r.NewID()
	order := r.order
	order.ClientToken, order.StartedBy = &id, new("deploy/"+id)
	if r.word != AdminReconcile { // what the revision runs by itself
		order.Overrides = &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{Name: &r.container, Command: []string{r.word}}}}
	}
	r.began = r.Clock.Now()
	out, err := r.Cloud.ECS().RunTask(ctx, &order)
	if err != nil {
		if r.arn = r.marked(ctx, *order.StartedBy); r.arn != "" {
			return nil
		}
		return fmt.Errorf("start %s: %w", shortRevision(r.definition), err)
	}
	if len(out.Tasks) > 0 {
		r.arn = text(out.Tasks[0].TaskArn)
		return nil
	}
	var why []string
	for _, f := range out.Failures {
		why = append(why, strings.TrimSpace(text(f.Reason)+" "+text(f.Detail)))
	}
	return r.failed(report.AdminEnded{Result: report.AdminUnstarted, Reason: cmp.Or(strings.Join(why, "; "), "Amazon ECS started no task and gave no reason")})
}

// marked is the task that a call started whose answer is lost; empty for none.
func (r *adminRun) marked(ctx context.Context, mark string) string {
	for _, status := range []types.DesiredStatus{types.DesiredStatusRunning, types.DesiredStatusStopped} {
		if found, err := r.tasks(ctx, &ecs.ListTasksInput{Cluster: r.order.Cluster, StartedBy: &mark, DesiredStatus: status}); err == nil && len(found) > 0 {
			return found[0]
		}
	}
	return ""
}

// tell reports that the task has begun.
func (r *adminRun) tell() {
	e := report.AdminTask{Task: r.word, ARN: r.arn, Definition: shortRevision(r.definition), Cluster: taskID(text(r.order.Cluster)), Container: r.container, LogGroup: r.group, Time: r.Clock.Now()}
	if r.group != "" {
		e.LogStream = r.log.stream
	}
	r.Reporter.Report(e)
}

// failed reports how the task ended, and gives the error to end with.
func (r *adminRun) failed(e report.AdminEnded) error {
	e.Task, e.ARN, e.Seconds = r.word, r.arn, r.Clock.Now().Sub(r.began).Seconds()
	what := "the administration task " + r.word + " never started, nothing was changed: " + e.Reason
	if e.Result == report.AdminFailed {
		e.Last = r.log.last
		what = "the administration task " + r.word + " failed: " + ended(e)
		if n := len(e.Last); n > 0 {
			what += "; it last said: " + e.Last[n-1]
		}
	}
	r.Reporter.Report(e)
	return &fault.Error{Code: fault.NeedsPerson, What: what, Do: "mend the cause, then: " + r.adminCommand(r.word)}
}

// ended says how a container ended.
func ended(e report.AdminEnded) string {
	text := "container " + e.Container + " of task " + taskID(e.ARN)
	if e.ExitCode != nil {
		text += fmt.Sprintf(" exited with %d", *e.ExitCode)
	}
	if e.Reason != "" {
		text += ", " + e.Reason
	}
	if e.StopCode != "" && e.StopCode != string(types.TaskStopCodeEssentialContainerExited) { // which the reason says in words
		text += " (" + e.StopCode + ")"
	}
	return text
}

// detachedTask says that the task goes on without the run.
func (r *adminRun) detachedTask(err error) error {
	code := fault.StillRunning
	if errors.Is(err, context.Canceled) {
		code = fault.Interrupted
	}
	r.Reporter.Report(report.AdminEnded{Task: r.word, ARN: r.arn, Result: report.AdminRunning, Seconds: r.Clock.Now().Sub(r.began).Seconds()})
	do := r.look(r.arn)
	if r.group != "" {
		do += "; aws logs tail " + r.group + " --region " + r.Cloud.Region() + " --log-stream-names " + r.log.stream + " --follow"
	}
	return &fault.Error{Code: code, What: "the administration task " + r.word + " goes on in AWS without this command: " + r.arn, Err: err, Do: do}
}
