package screen

import (
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
	if d.Status != "" {
		e.status, e.took = d.Status, seconds(d.Seconds)
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
		s.add("Not causes: " + plural(d.Cancelled, "resource", "resources") + " cancelled after the failure above")
	}
	if left := e.left(); left != "" {
		s.add(left)
	}
	for _, do := range e.next() {
		s.wrapped("Do: ", "    ", do, "")
	}
	last := ""
	if e.result == nil || e.result.Code != fault.OK {
		last = "More: deploy diagnose -e " + e.started.Environment
	}
	if d.Console != "" {
		s.add("Console: " + d.Console)
	}
	if e.result != nil && e.result.Code != fault.OK {
		s.spread(last, e.code())
	} else if last != "" && e.started.Environment != "" {
		s.add(last)
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

// cause prints what failed and the whole reason, first of all: what else is known of it stands below.
func (e ending) cause(s *sheet, c report.Cause) {
	where := "  " + strings.ReplaceAll(place(c.Path, c.LogicalID), "/", " / ")
	when := c.Status
	if !c.Time.IsZero() {
		when += " " + c.Time.UTC().Format(stamp)
	}
	one := width(where)+3+width(c.Type)+2+width(when) <= s.columns
	if one {
		s.spread(where+"   "+s.paint(grey, c.Type), s.paint(red, when))
	} else {
		s.add(where)
	}
	s.wrapped("    ", "    ", c.Reason, red)
	if !one {
		s.wrapped("    ", "    ", c.Type+"   "+when, grey)
	}
	for _, detail := range c.Details {
		if strings.HasPrefix(detail, " ") {
			s.wrapped("      ", "      ", detail, "")
		} else {
			s.wrapped("    "+s.elbow, "      ", detail, "")
		}
	}
}

// next are the steps that follow: the diagnosis' own and the result's.
func (e ending) next() []string {
	var all []string
	if e.diagnosis != nil {
		all = append(all, e.diagnosis.Do...)
	}
	if e.result != nil {
		for _, do := range e.result.Next {
			if !slices.ContainsFunc(all, func(said string) bool { return strings.Contains(said, do) }) {
				all = append(all, do)
			}
		}
	}
	return all
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
			s.add("Next: " + next)
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
	case fault.Differences, fault.Busy, fault.StillRunning, fault.Interrupted, fault.Terminated:
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
