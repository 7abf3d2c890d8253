package screen

import (
	"fmt"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/report"
)

// A tasking is the administration task that is shown: what it writes, line by line, and that it lives.
type tasking struct {
	*pen
	// silent shows nothing until the end.
	silent  bool
	now     report.AdminTask
	printed time.Time
}

// exitedByItself is the stop code of each task whose container ended without being stopped: the reason says the same in words.
const exitedByItself = "EssentialContainerExited"

// running tells whether a task was begun and has not ended.
func (t *tasking) running() bool { return t.now.ARN != "" }

// begin tells which task runs.
func (t *tasking) begin(e report.AdminTask) {
	t.now, t.printed = e, e.Time
	if t.silent {
		return
	}
	s := t.sheet(false, nil)
	s.add("")
	s.flow("  ", t.paint(cyan, "Administration  "+e.Task), e.Definition, t.paint(grey, "task "+e.ARN[strings.LastIndexByte(e.ARN, '/')+1:]))
	t.lines(s.lines...)
}

// line is one of the task's log, with the time at which it was written.
func (t *tasking) line(e report.AdminLine) {
	if t.printed = later(t.printed, e.Time); t.silent {
		return
	}
	stamped := t.paint(grey, e.Time.UTC().Format(stamp)) + " "
	s := t.sheet(false, nil)
	s.wrapped(stamped, strings.Repeat(" ", width(stamped)), e.Text, "")
	t.lines(s.lines...)
}

// tick prints a line where nothing was printed for long.
func (t *tasking) tick(now time.Time) {
	if t.silent || now.Sub(t.printed) < heartbeat {
		return
	}
	t.printed = now
	t.lines(now.UTC().Format(stamp) + " " + t.now.Task + " runs for " + elapsed(now.Sub(t.now.Time)))
}

// end forgets the task.
func (t *tasking) end() { t.now = report.AdminTask{} }

// task shows what the administration task does; false for other events.
func (h *human) task(e report.Event) bool {
	switch e := e.(type) {
	case report.AdminTask:
		h.progress.settle()
		h.tasking.begin(e)
	case report.AdminLine:
		h.tasking.line(e)
	case report.AdminEnded:
		h.tasking.end()
		if e.Result != report.AdminSucceeded || !h.quiet {
			h.print(func(s *sheet) { s.taskEnded(e) })
		}
	default:
		return false
	}
	return true
}

// taskEnded tells how the task ended; of one that failed also why, and what it said last.
func (s *sheet) taskEnded(e report.AdminEnded) {
	mark, tone, words := s.failed, red, "failed"
	switch e.Result {
	case report.AdminSucceeded:
		mark, tone, words = s.done, green, "is done"
	case report.AdminUnstarted:
		words = "never started"
	case report.AdminRunning:
		mark, tone, words = s.half, yellow, "goes on in AWS"
	}
	s.spread(s.paint(tone, mark+" "+e.Task+" "+words), s.paint(grey, elapsed(seconds(e.Seconds))))
	if e.Result == report.AdminSucceeded || e.Result == report.AdminRunning {
		return
	}
	var why []string
	if e.ExitCode != nil {
		why = append(why, fmt.Sprintf("%s exited with %d", e.Container, *e.ExitCode))
	}
	for _, text := range []string{e.Reason, e.StopCode} {
		if text != "" && text != exitedByItself {
			why = append(why, text)
		}
	}
	s.wrapped("  ", "  ", strings.Join(why, ", "), "")
	for _, line := range e.Last {
		s.wrapped("  "+e.Container+" | ", "  "+strings.Repeat(" ", len(e.Container))+" | ", line, grey)
	}
}
