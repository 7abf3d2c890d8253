package screen

import (
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

const taskARN = "arn:aws:ecs:us-east-1:111122223333:task/cluster-qa7/9f2c1d3e5a7b4c6d8e0f1a2b3c4d5e6f"

func adminTask(task string) report.AdminTask {
	return report.AdminTask{Task: task, ARN: taskARN, Definition: "task-administration-qa7:4", Cluster: "cluster-qa7", Container: "administration", LogGroup: "log-administration-qa7",
		LogStream: "administration/administration/9f2c1d3e5a7b4c6d8e0f1a2b3c4d5e6f", Time: at(0)}
}

// administered is a run of the administration task that fails, with all that one can be.
func administered() []report.Event {
	line := func(s float64, text string) report.Event {
		return report.AdminLine{Task: "migrate", Text: text, Time: at(s)}
	}
	events := []report.Event{started("deploy admin migrate"), adminTask("migrate")}
	for s := 0.0; s < 120; s += 5 {
		events = append(events, report.Tick{Time: at(s), LastEvent: at(0)})
	}
	last := []string{"migration 0042_add_ledger_index: CREATE INDEX CONCURRENTLY ledger_by_day ON payments.ledger (booked_at, account_id)", "ERROR: deadlock detected"}
	return append(events, line(118, "schema payments: 2 of 42 migrations to apply"), line(119, last[0]), line(121, last[1]),
		report.AdminEnded{Task: "migrate", ARN: taskARN, Result: report.AdminFailed, Container: "administration", ExitCode: new(int32(3)), StopCode: "EssentialContainerExited", Reason: "Essential container in task exited", Last: last, Seconds: 125},
		report.Result{Status: "needs_person", Code: fault.NeedsPerson, Text: "the administration task migrate failed: container administration of task 9f2c exited with 3", Next: []string{"mend the cause, then: deploy admin migrate -e qa7"}, Seconds: 131})
}

// How a task ended is a result: it stands on standard output, where the log is progress.
func TestEndsOfATask(t *testing.T) {
	for want, e := range map[string]report.AdminEnded{
		"✓ rotate is done":        {Result: report.AdminSucceeded, ExitCode: new(int32(0))},
		"✗ rotate never started":  {Result: report.AdminUnstarted, Reason: "CannotPullContainerError", StopCode: "TaskFailedToStart"},
		"◐ rotate goes on in AWS": {Result: report.AdminRunning},
		"✗ rotate failed":         {Result: report.AdminFailed, Reason: "by ana", Container: "administration"},
	} {
		e.Task, e.Seconds = "rotate", 65
		out, err, _ := shownAs(t, setting{}, []report.Event{adminTask("rotate"), report.AdminLine{Text: "one", Time: at(3)}, e})
		if !strings.HasPrefix(out, want+" ") || !strings.Contains(out, "1m05s\n") || !strings.Contains(out, e.Reason) || !strings.Contains(err, "15:03:44Z one\n") || !strings.Contains(err, "Administration  rotate") {
			t.Errorf("%s\n%s", out, err)
		}
	}
}

// Who wants no progress sees no log, and who wants quiet only what went wrong.
func TestTasksInSilence(t *testing.T) {
	done := report.AdminEnded{Task: "rotate", ARN: taskARN, Result: report.AdminSucceeded}
	events := []report.Event{adminTask("rotate"), report.AdminLine{Text: "one", Time: at(3)}, report.Tick{Time: at(600)}, done}
	out, err, _ := shownAs(t, setting{Options: Options{Progress: "none"}}, events)
	if err != "" || !strings.Contains(out, "rotate is done") {
		t.Errorf("%s%s", out, err)
	}
	out, err, _ = shownAs(t, setting{Options: Options{Quiet: true}}, events)
	if out+err != "" {
		t.Errorf("%s%s", out, err)
	}
}

// A secret in a line of the log is masked in each output, and a line gives no commands to a terminal or to GitHub.
func TestSecretsInALog(t *testing.T) {
	events := []report.Event{adminTask("migrate"), report.AdminLine{Text: "login with geheim-7f3c", Time: at(3)}, report.AdminLine{Text: "::error::\x1b[2Jx ##[y", Time: at(3)},
		report.AdminEnded{Result: report.AdminFailed, Container: "administration", Reason: "geheim-7f3c", Last: []string{"login with geheim-7f3c"}}}
	for _, s := range []setting{{}, {Options: Options{Output: "json"}}, {terminal: true, columns: 80}, {env: map[string]string{"GITHUB_ACTIONS": "true", "LANG": "C.UTF-8"}}} {
		s.before = func(shown *Screen) { shown.Mask("geheim-7f3c") }
		_, _, both := shownAs(t, s, events)
		if strings.Contains(both, "geheim") || strings.Count(both, report.Masked) < 3 || strings.Contains(both, "[2J") && strings.Contains(both, "\x1b[2J") || s.env != nil && strings.Contains(both, "##[") {
			t.Error(both)
		}
	}
}
