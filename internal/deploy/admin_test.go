package deploy_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// Each task runs as the schedule would run it, with its word for a command, and shows its log to the last line.
func TestAdminTasks(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for _, tc := range []struct {
		task    string
		command []string
	}{{deploy.AdminMigrate, []string{"migrate"}}, {deploy.AdminRotate, []string{"rotate"}}, {deploy.AdminReconcile, nil}} {
		t.Run(tc.task, func(t *testing.T) {
			w := administered(t)
			w.sim.PlanTask(adminFamily, 0, numbered(3), 0)
			r := w.run(admin(tc.task)).ends(fault.OK)
			if diff := cmp.Diff(numbered(3), r.logged()); diff != "" {
				t.Error(diff)
			}
			tasks := w.adminTasks()
			if len(tasks) != 1 {
				t.Fatalf("%d tasks", len(tasks))
			}
			var command []string
			if o := tasks[0].Overrides; o != nil && len(o.ContainerOverrides) > 0 {
				command = o.ContainerOverrides[0].Command
				if name := *o.ContainerOverrides[0].Name; name != "admin" {
					t.Errorf("%s is overridden", name)
				}
			}
			if !slices.Equal(command, tc.command) || !strings.HasPrefix(*tasks[0].StartedBy, "deploy/") || tasks[0].LaunchType != "FARGATE" || *tasks[0].PlatformVersion != "1.4.0" || !strings.HasPrefix(*tasks[0].Attachments[0].Details[0].Value, "subnet-") {
				t.Errorf("%+v", tasks[0])
			}
			begun, ended := last[report.AdminTask](r), last[report.AdminEnded](r)
			if begun.Definition != "task-admin-dev:1" || begun.Cluster != "cluster-dev" || begun.LogGroup != "log-admin-dev" || !strings.HasPrefix(begun.LogStream, "run/admin/") || begun.ARN != *tasks[0].TaskArn {
				t.Errorf("%+v", begun)
			}
			if ended.Result != report.AdminSucceeded || *ended.ExitCode != 0 || ended.Seconds < 55 || ended.Task != tc.task {
				t.Errorf("%+v", ended)
			}
		})
	}
}

// A log is read page by page as it grows, and no line is told twice.
func TestAdminLogPages(t *testing.T) {
	t.Parallel()
	w := administered(t)
	w.sim.PlanTask(adminFamily, 0, numbered(730), 12*time.Second)
	if diff := cmp.Diff(numbered(730), w.run(admin("migrate")).ends(fault.OK).logged()); diff != "" {
		t.Error(diff)
	}
}

// A task that fails ends with 5; the error names the container, its exit code, why it stopped and what it said last.
func TestAdminFails(t *testing.T) {
	t.Parallel()
	w := administered(t)
	w.sim.PlanTask(adminFamily, 3, append(numbered(9), "schema is locked"), 0)
	r := w.run(admin("migrate")).ends(fault.NeedsPerson, "migrate failed", "container admin", "exited with 3", "Essential container in task exited", "it last said: schema is locked", "deploy admin migrate -e dev")
	ended := last[report.AdminEnded](r)
	if want := []string{"line 6", "line 7", "line 8", "line 9", "schema is locked"}; ended.Result != report.AdminFailed || !slices.Equal(ended.Last, want) {
		t.Errorf("%+v", ended)
	}
	w.sim.PlanTask(adminFamily, 0, nil, 0)
	w.run(admin("migrate")).ends(fault.OK) // nothing is left that would be in the way
}

// How tasks can end otherwise: what never started changed nothing, and what was stopped is not done, whatever its code.
func TestAdminEndings(t *testing.T) {
	t.Parallel()
	task := func(rest string) string {
		return `{"tasks":[{"taskArn":"arn:x/t1","lastStatus":"STOPPED",` + rest + `}]}`
	}
	for name, tc := range map[string]struct {
		answer string
		want   string
		says   []string
	}{
		"no image": {task(`"stopCode":"TaskFailedToStart","stoppedReason":"CannotPullContainerError: no such manifest","containers":[{"name":"admin","lastStatus":"STOPPED"}]`),
			report.AdminUnstarted, []string{"never started", "nothing was changed", "CannotPullContainerError: no such manifest"}},
		"no secret":         {task(`"stopCode":"TaskFailedToStart","containers":[{"name":"admin","reason":"ResourceInitializationError: no secret"}]`), report.AdminUnstarted, []string{"admin: ResourceInitializationError"}},
		"no reason":         {task(`"containers":[{"name":"admin"}]`), report.AdminUnstarted, []string{"gave no reason"}},
		"out of memory":     {task(`"startedAt":1,"stopCode":"EssentialContainerExited","stoppedReason":"Essential container in task exited","containers":[{"name":"admin","exitCode":137,"reason":"OutOfMemoryError: killed"}]`), report.AdminFailed, []string{"exited with 137", "OutOfMemoryError"}},
		"stopped by hand":   {task(`"startedAt":1,"stopCode":"UserInitiated","stoppedReason":"by ana","containers":[{"name":"side","exitCode":0},{"name":"admin","exitCode":0}]`), report.AdminFailed, []string{"exited with 0", "by ana", "UserInitiated"}},
		"taken away by AWS": {task(`"startedAt":1,"stopCode":"SpotInterruption","containers":[{"name":"admin"}]`), report.AdminFailed, []string{"container admin of task", "SpotInterruption"}},
	} {
		t.Run(name, func(t *testing.T) {
			sampled(t, 12)
			b := newBeyond(administered(t))
			b.answers["ecs:DescribeTasks"] = tc.answer
			r := b.run(admin("rotate"), b.in).ends(fault.NeedsPerson, tc.says...)
			if got := last[report.AdminEnded](r).Result; got != tc.want {
				t.Errorf("the task %s, want %s", got, tc.want)
			}
		})
	}
}

// Where ECS has no room, or starts nothing without a word, the reason is told.
func TestAdminWithoutCapacity(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for answer, says := range map[string]string{
		`{"tasks":[],"failures":[{"reason":"Capacity is unavailable at this time.","detail":"us-east-1a"}]}`: "Capacity is unavailable at this time. us-east-1a",
		`{"tasks":[],"failures":[]}`: "gave no reason",
	} {
		b := newBeyond(administered(t))
		b.answers["ecs:RunTask"] = answer
		r := b.run(admin("migrate"), b.in).ends(fault.NeedsPerson, "never started", says)
		if len(b.adminTasks()) != 0 || last[report.AdminEnded](r).Result != report.AdminUnstarted {
			t.Error("there is a task")
		}
	}
}

// Only one administration task runs at a time, whoever started it.
func TestAdminIsAlone(t *testing.T) {
	t.Parallel()
	w := administered(t)
	w.sim.PlanTask(adminFamily, 0, nil, time.Hour)
	detached := w.interrupted(admin("reconcile"), nil)
	if fault.CodeOf(detached.err) != fault.Interrupted {
		t.Fatal(detached.err)
	}
	w.run(admin("migrate")).ends(fault.Busy, "runs already", *w.adminTasks()[0].TaskArn, "aws ecs describe-tasks --region us-east-1 --cluster")
	if n := len(w.adminTasks()); n != 1 {
		t.Errorf("%d tasks", n)
	}
	w.pass(2 * time.Hour)
	w.sim.PlanTask(adminFamily, 0, nil, 0)
	w.run(admin("migrate")).ends(fault.OK)
}

// Answers that are lost, broken, late or given twice start one task, which is followed to its end.
func TestAdminCallsRepeated(t *testing.T) {
	t.Parallel()
	for _, kind := range []simulator.Kind{simulator.Lost, simulator.Half, simulator.Twice, simulator.Throttled, simulator.Internal} {
		for _, operation := range []string{"RunTask", "ListTasks", "DescribeTasks", "DescribeTaskDefinition", "GetLogEvents"} {
			t.Run(operation+" "+string(kind), func(t *testing.T) {
				sampled(t, 9)
				w := administered(t)
				w.sim.PlanTask(adminFamily, 0, numbered(2), 4*time.Minute) // longer than the repeated calls take
				w.sim.Inject(simulator.Fault{Operation: operation, Kind: kind, Times: 2})
				r := w.run(admin("migrate")).ends(fault.OK)
				if n, lines := len(w.adminTasks()), r.logged(); n != 1 || len(lines) != 2 {
					t.Errorf("%d tasks, log %q", n, lines)
				}
			})
		}
	}
}

// A task whose start is never answered is found by its mark: it runs, or has ended meanwhile.
func TestAdminStartUnanswered(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for name, took := range map[string]time.Duration{"runs": 15 * time.Minute, "ended": time.Second} {
		t.Run(name, func(t *testing.T) {
			w := administered(t)
			w.sim.PlanTask(adminFamily, 0, nil, took)
			w.sim.Inject(simulator.Fault{Operation: "RunTask", Kind: simulator.Lost})
			w.run(admin("migrate")).ends(fault.OK)
			if n := len(w.adminTasks()); n != 1 {
				t.Errorf("%d tasks", n)
			}
		})
	}
}

// A run that is interrupted, timed out, without credentials or without the permission to look leaves the task to AWS, names it and says how
// to see it.
func TestAdminOutOfSight(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for name, tc := range map[string]struct {
		fault simulator.Fault
		want  fault.Code
	}{
		"expired":     {simulator.Fault{Service: "ecs", Operation: "DescribeTasks", Kind: simulator.Expired, Skip: 2}, fault.StillRunning},
		"denied":      {simulator.Fault{Service: "ecs", Operation: "DescribeTasks", Kind: simulator.Denied}, fault.StillRunning},
		"interrupted": {simulator.Fault{}, fault.Interrupted},
		"timed out":   {simulator.Fault{}, fault.StillRunning},
	} {
		t.Run(name, func(t *testing.T) {
			w := administered(t)
			w.sim.PlanTask(adminFamily, 0, nil, time.Hour)
			if tc.fault.Kind != "" {
				w.sim.Inject(tc.fault)
			}
			var r *run
			switch name {
			case "interrupted":
				r = w.interrupted(admin("rotate"), nil)
			case "timed out":
				r = w.runIn(expiring{t.Context(), w.sim.Clock().Now().Add(time.Minute), w.sim.Clock()}, admin("rotate"))
			default:
				r = w.run(admin("rotate"))
			}
			r.ends(tc.want, "goes on in AWS", "arn:aws:ecs:us-east-1:111122223333:task/cluster-dev/", "aws logs tail log-admin-dev --region us-east-1 --log-stream-names run/admin/")
			if got := last[report.AdminEnded](r).Result; got != report.AdminRunning {
				t.Errorf("the task is told to be %s", got)
			}
			w.sim.Heal()
			if n := len(w.adminTasks()); n != 1 {
				t.Errorf("%d tasks", n)
			}
		})
	}
}

// expiring is a context whose time ends by the simulator's clock.
type expiring struct {
	context.Context
	at    time.Time
	clock clock
}

func (e expiring) Err() error {
	if e.clock.Now().After(e.at) {
		return context.DeadlineExceeded
	}
	return nil
}

// A run that is killed wherever leaves at most one task, and the next one says so or does the work.
func TestAdminKilled(t *testing.T) {
	t.Parallel()
	w := administered(t)
	b := newBeyond(w)
	whole := len(b.run(admin("migrate"), b.in).ends(fault.OK).events)
	for after := 1; after < whole+40; after += 40 / points() {
		before := len(w.adminTasks())
		b.killed(after, admin("migrate"))
		if started := len(w.adminTasks()) - before; started > 1 {
			t.Fatalf("%d tasks after %d calls", started, after)
		}
		w.pass(lockTime)
		w.run(admin("migrate")).ends(fault.OK)
	}
}

// A log that cannot be read is told of once; the task is followed to its end without it.
func TestAdminWithoutItsLog(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := administered(t)
	w.sim.PlanTask(adminFamily, 0, numbered(3), 0)
	w.sim.Inject(simulator.Fault{Operation: "GetLogEvents", Kind: simulator.Denied})
	r := w.run(admin("migrate")).ends(fault.OK)
	warned := 0
	for _, n := range all[report.Note](r) {
		if n.Level == report.Warning && strings.Contains(n.Text, "the log of the task cannot be read") && strings.Contains(n.Text, "may not call logs:GetLogEvents") {
			warned++
		}
	}
	if warned != 1 {
		t.Errorf("told %d times", warned)
	}
	w = administered(t, "LogConfiguration", "DockerLabels: {A: b}, X", "LogDriver: awslogs, ", "")
	w.run(admin("migrate")).ends(fault.OK)
}

// What the caller may not do is told before anything is started.
func TestAdminDenied(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for _, operation := range []string{"RunTask", "ListTasks", "DescribeTaskDefinition", "ListStackResources", "GetTemplate", "DescribeStacks"} {
		w := administered(t)
		w.sim.Inject(simulator.Fault{Operation: operation, Kind: simulator.Denied})
		r := w.run(admin("migrate")).ends(fault.Unexpected, operation)
		if next := last[report.Result](r).Next; !slices.Contains(next, "deploy doctor -e dev") {
			t.Errorf("%s: next %q", operation, next)
		}
		if w.sim.Heal(); len(w.adminTasks()) != 0 {
			t.Error("there is a task")
		}
	}
}

// A task that ECS does not know of is not waited for without an end.
func TestAdminTaskIsGone(t *testing.T) {
	t.Parallel()
	b := newBeyond(administered(t))
	b.answers["ecs:DescribeTasks"] = `{"tasks":[],"failures":[{"reason":"MISSING"}]}`
	r := b.run(admin("migrate"), b.in).ends(fault.StillRunning, "is not known to Amazon ECS")
	if took := last[report.Result](r).Seconds; took > 300 {
		t.Errorf("waits %.0f s", took)
	}
}

// A secret that the stack shows is learned before the task's log is, so that a line with it can be masked.
func TestAdminConceals(t *testing.T) {
	t.Parallel()
	w := administered(t)
	w.edit("platform.yaml", "AdministrationTaskDefinition:", "Leak: {Value: !Sub 'x-${Password}'}\n  AdministrationTaskDefinition:")
	changed := request("Password", "geheim-7f3c")
	changed.NoAdmin = true
	w.run(apply(changed)).ends(fault.OK)
	w.sim.PlanTask(adminFamily, 0, []string{"logs in with x-geheim-7f3c"}, 0)
	var masked []string
	r := w.run(admin("migrate"), masking(&masked)).ends(fault.OK)
	if !slices.Contains(masked, "x-geheim-7f3c") || len(r.logged()) != 1 {
		t.Errorf("masked are %q, told %q", masked, r.logged())
	}
}

// What cannot be administered is refused before anything is started, with the reason.
func TestAdminRefused(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for name, tc := range map[string]struct {
		edits []string
		want  fault.Code
		says  string
	}{
		"no schedule":          {[]string{"AWS::Scheduler::Schedule", "AWS::SSM::Parameter"}, fault.NeedsPerson, "no AWS::Scheduler::Schedule runs task-admin-dev"},
		"another schedule":     {[]string{"task-definition/task-admin-", "task-definition/task-other-"}, fault.NeedsPerson, "no AWS::Scheduler::Schedule runs task-admin-dev"},
		"a network from afar":  {[]string{"[!Ref Subnet, subnet-2]", "!Split [',', 'a,b']"}, fault.NeedsPerson, "cannot be told from the template"},
		"no essential at work": {[]string{"Command: [reconcile]", "Essential: false"}, fault.NeedsPerson, "no essential container"},
	} {
		t.Run(name, func(t *testing.T) {
			w := administered(t, tc.edits...)
			w.run(admin("migrate")).ends(tc.want, tc.says)
			if len(w.adminTasks()) != 0 {
				t.Error("there is a task")
			}
		})
	}
	w := deployed(t)
	w.run(admin("migrate")).ends(fault.Usage, "has no administration task", "output AdministrationTaskDefinition")
	w.run(admin("destroy")).ends(fault.Usage, "destroy", "migrate, rotate, reconcile")
	newWorld(t).run(admin("migrate")).ends(fault.Usage, "there is no stack platform-dev")
	b := newBeyond(administered(t))
	b.answers["cloudformation:DescribeStacks"] = describedAs("REVIEW_IN_PROGRESS", "")
	b.run(admin("migrate"), b.in).ends(fault.Usage, "nothing to administer", "deploy apply -e dev")
	b.answers["cloudformation:DescribeStacks"] = describedAs("UPDATE_IN_PROGRESS", "")
	b.run(admin("migrate"), b.in).ends(fault.Busy, "UPDATE_IN_PROGRESS")
	b.answers["cloudformation:DescribeStacks"] = describedAs("UPDATE_COMPLETE", "<member><OutputKey>AdministrationTaskDefinition</OutputKey><OutputValue>arn:x/f:1</OutputValue></member>")
	b.run(admin("migrate"), b.in).ends(fault.Usage, "no artifact bucket")
}

// describedAs is CloudFormation's description of the platform stack.
func describedAs(status, outputs string) string {
	return `<R><DescribeStacksResult><Stacks><member><StackName>platform-dev</StackName><StackId>arn:aws:cloudformation:us-east-1:111122223333:stack/platform-dev/1</StackId><StackStatus>` + status +
		`</StackStatus><Outputs>` + outputs + `</Outputs></member></Stacks></DescribeStacksResult></R>`
}
