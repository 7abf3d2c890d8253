package screen

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// outcome is the status that a followed operation ended with, and how long it took.
func (b *board) outcome() (status string, took time.Duration) {
	if b.root.status == "" {
		return "", 0
	}
	return b.root.status, b.root.ended.Sub(b.began)
}

// An ending is how a run ended and, after a failure, why.
type ending struct {
	started   report.Started
	diagnosis *report.Diagnosis
	result    *report.Result
	status    string
	took      time.Duration
	quiet     bool
}

func (e ending) write(s *sheet) {
	if e.diagnosis != nil {
		e.why(s)
		return
	}
	e.how(s)
}

// why prints the causes of a failure: the first one within the first five lines, its reason in full.
func (e ending) why(s *sheet) {
	d := e.diagnosis
	e.status = cmp.Or(d.Status, e.status)
	if d.Seconds > 0 {
		e.took = seconds(d.Seconds)
	}
	if len(d.Causes) == 0 {
		e.how(s)
		s.add("No resource failed for a reason of its own.")
	} else {
		e.title(s)
		s.add("", fmt.Sprintf("Root cause (%d)", len(d.Causes)))
	}
	for _, c := range d.Causes {
		e.cause(s, c)
	}
	if d.Cancelled > 0 {
		s.add("Not causes: " + report.Plural(d.Cancelled, "resource", "resources") + " cancelled after the failure above")
	}
	if left := e.left(); left != "" {
		s.add(left)
	}
	for _, do := range e.next() {
		s.command("Do: ", do)
	}
	last := ""
	if e.result == nil || e.result.Code != fault.OK {
		last = "More: deploy diagnose -e " + e.started.Environment
	}
	if e.result != nil && e.result.Code != fault.OK {
		s.spread(last, e.code())
	} else if last != "" && e.started.Environment != "" {
		s.add(last)
	}
	if d.Console != "" && !e.started.Simulated { // longer than a line: whole, and where it parts nothing
		s.add("Console:", d.Console)
	}
}

// title says in the first line what failed; it is short enough for one.
func (e ending) title(s *sheet) {
	text := e.diagnosis.Stack + " failed"
	if e.took > 0 {
		text += " after " + elapsed(e.took)
	}
	switch {
	case strings.HasSuffix(e.status, "ROLLBACK_FAILED"):
		text += ", and so did its rollback"
	case strings.HasSuffix(e.status, "ROLLBACK_COMPLETE"), e.status == "" && e.result != nil && e.result.Code == fault.RolledBack:
		text += " and was rolled back"
	}
	s.add(s.paint(red, s.failed+" "+text))
}

// left says what the failure left behind.
func (e ending) left() string {
	switch {
	case e.status == "":
		return ""
	case e.status == "ROLLBACK_COMPLETE":
		return "It is ROLLBACK_COMPLETE: nothing of it runs"
	case strings.HasSuffix(e.status, "ROLLBACK_COMPLETE"):
		return "It is " + e.status + ": what ran before runs again"
	}
	return "It is " + e.status
}

// how prints how a run ended.
func (e ending) how(s *sheet) {
	r := e.result
	if r == nil {
		return
	}
	text := sentence(*r)
	right := ""
	switch r.Code {
	case fault.OK:
		if r.Seconds >= 1 {
			right = elapsed(seconds(r.Seconds))
		}
	default:
		right = e.code()
	}
	if mark := e.mark(s); r.Status != "planned" {
		lines := wrap(text, s.columns-2-10)
		for i, line := range lines {
			if i > 0 {
				mark = " "
			}
			if i == len(lines)-1 {
				s.spread(mark+" "+line, s.paint(grey, right))
			} else {
				s.add(mark + " " + line)
			}
		}
	}
	if e.diagnosis == nil && !e.quiet {
		for _, next := range r.Next {
			s.command("Next: ", next)
		}
	}
	if s.verbose && len(r.Calls) > 0 {
		s.wrapped("Calls: ", "       ", calls(r.Calls), grey)
	}
}

// sentence is a result's text without the next step, which the text of an error ends with.
func sentence(r report.Result) string {
	for _, next := range r.Next {
		r.Text = strings.TrimSuffix(r.Text, "; "+next)
	}
	return r.Text
}

func (e ending) code() string { return fmt.Sprintf("exit %d", e.result.Code) }

// mark is the sign of an ending.
func (e ending) mark(s *sheet) string {
	switch e.result.Code {
	case fault.OK:
		return s.paint(green, s.done)
	case fault.Differences: // an answer, not a warning
		return s.paint(cyan, s.bullet)
	case fault.Busy, fault.StillRunning, fault.Interrupted, fault.Terminated:
		return s.paint(yellow, s.warning)
	}
	return s.paint(red, s.failed)
}

// calls counts requests.
func calls(byName map[string]int) string {
	var parts []string
	sum := 0
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		sum += byName[name]
		parts = append(parts, fmt.Sprintf("%d %s", byName[name], name))
	}
	return fmt.Sprintf("%d: ", sum) + strings.Join(parts, ", ")
}
