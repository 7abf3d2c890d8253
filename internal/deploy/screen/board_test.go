package screen

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy/report"
)

// A failure is printed with its whole reason the moment its event comes; what was cancelled because of it is not.
func TestFailureIsShownAtOnce(t *testing.T) {
	events := failed()
	at := 0
	for i, e := range events {
		if r, is := e.(report.Resource); is && r.Status == "UPDATE_FAILED" {
			at = i + 1
			break
		}
	}
	for _, s := range []setting{{}, {terminal: true, columns: 80}, {env: map[string]string{"GITHUB_ACTIONS": "true", "LANG": "C.UTF-8"}}} {
		var out, err bytes.Buffer
		s.Out, s.Err, s.Clock, s.Getenv = &out, &err, still{}, func(name string) string { return s.env[name] }
		s.IsTerminal = func(io.Writer) bool { return s.terminal }
		s.Size = func() (int, int) { return 80, 40 }
		screen, _ := New(s.Options)
		for _, e := range events[:at] {
			screen.Report(e)
		}
		if text := err.String(); !strings.Contains(text, "Resource handler returned message") || !strings.Contains(text, "GeneralServiceException") {
			t.Errorf("terminal %v: the reason is not on the screen:\n%s", s.terminal, text)
		}
	}
	_, err, _ := shownAs(t, setting{terminal: true, columns: 80}, events)
	if strings.Contains(err, "cancelled") || strings.Contains(err, "The following resource(s) failed") {
		t.Error("the tree prints failures that only followed")
	}
}

// Without events for long, a line is printed at least every minute; ticks come every two seconds.
func TestHeartbeat(t *testing.T) {
	var err bytes.Buffer
	last, longest := 0, 0
	screen, failed := New(Options{Out: io.Discard, Err: &err, Clock: still{}, Getenv: func(string) string { return "" }})
	if failed != nil {
		t.Fatal(failed)
	}
	screen.Report(report.Operation{Stack: "platform-qa7", Doing: "create", Started: dawn})
	for s := 0; s <= 600; s += 2 {
		before := err.Len()
		screen.Report(report.Tick{Time: at(float64(s)), LastEvent: dawn})
		if err.Len() > before {
			longest, last = max(longest, s-last), s
		}
	}
	if longest == 0 || longest > 60 || 600-last > 60 {
		t.Errorf("%d seconds without a line", longest)
	}
	if !strings.Contains(err.String(), "15:04:37Z platform-qa7 CREATE 56s 0/0 done, 0 running, last event 56s ago\n") {
		t.Error(err.String())
	}
}

// A stack that fails for a reason of its own, without a resource that did, is a cause; the stacks around it are not.
func TestStackThatFailsItself(t *testing.T) {
	b := newBoard(never)
	b.begin(report.Operation{Stack: "root", Doing: "create", Started: dawn, Resources: 7}, dawn)
	if got := b.root.tally().total; got != 7 {
		t.Errorf("%d resources expected", got)
	}
	take := func(path []string, id, physical, status, reason string) bool {
		return b.take(report.Resource{Path: path, LogicalID: id, PhysicalID: physical, Type: stackType, Status: status, Reason: reason, Time: at(1)})
	}
	take(nil, "DataStack", "arn:data", "CREATE_IN_PROGRESS", "")
	if !take(nil, "DataStack", "arn:data", "CREATE_FAILED", "Template error: unresolved") {
		t.Error("the nested stack is no cause")
	}
	if take([]string{"DataStack"}, "root-DataStack", "arn:data", "CREATE_FAILED", "Template error: unresolved") {
		t.Error("its own event is another cause")
	}
	if take(nil, "root", "arn:root", "CREATE_FAILED", "The following resource(s) failed to create: [DataStack].") {
		t.Error("the root stack is a cause")
	}
	if where, i := b.root.longest(nil); i != nil {
		t.Errorf("%s runs", where)
	}
	if pulse := b.pulse(); strings.Contains(pulse, ";") {
		t.Error(pulse)
	}
}

// A rollback that was asked for is an operation of its own, and counts as such.
func TestRollbackByItself(t *testing.T) {
	b := newBoard(never)
	b.begin(report.Operation{Stack: "root", Doing: "rollback", Started: dawn}, dawn)
	b.take(report.Resource{LogicalID: "X", Status: "UPDATE_COMPLETE", Time: at(1)})
	b.take(report.Resource{LogicalID: "root", Type: stackType, Status: "UPDATE_ROLLBACK_IN_PROGRESS", Time: at(2)})
	if b.heading() != "ROLLBACK" || b.root.tally().done != 1 {
		t.Errorf("%s %+v", b.heading(), b.root.tally())
	}
	b.root.status = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
	if b.heading() != "CLEANUP" {
		t.Error(b.heading())
	}
}
