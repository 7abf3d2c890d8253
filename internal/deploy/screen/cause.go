package screen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// cause prints what failed and the whole reason, first of all: what else is known of it stands below.
func (e ending) cause(s *sheet, c report.Cause) {
	where := "  " + strings.ReplaceAll(report.Place(c.Path, c.LogicalID), "/", " / ")
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
	s.wrapped("    ", "    ", reason(c.Type, c.Reason), red)
	if !one {
		s.wrapped("    ", "    ", c.Type+"   "+when, grey)
	}
	for at, detail := range c.Details {
		switch last, lines := logged(c.Details, at); {
		case lines == 0:
			s.wrapped("    "+s.elbow, "      ", detail, "")
		case e.full(s) || last < shownLines:
			s.wrapped("      ", "      ", strings.TrimSpace(detail), "")
		case last == lines-1:
			s.add(s.paint(grey, fmt.Sprintf("      (the last %d of %d lines; deploy diagnose shows all)", shownLines, lines)))
		}
	}
}

// shownLines is how many of the last lines of a log a failure shows; a diagnosis that was asked for shows all.
const shownLines = 3

// full tells whether all lines of a log are shown.
func (e ending) full(s *sheet) bool { return s.verbose || e.result == nil || e.result.Code == fault.OK }

// logged tells of a line how many log lines come after it in its log, and how many the log has; none of what is no log line.
func logged(details []string, at int) (after, lines int) {
	is := func(i int) bool { return i >= 0 && i < len(details) && strings.HasPrefix(details[i], " ") }
	if !is(at) {
		return 0, 0
	}
	first, last := at, at
	for is(first - 1) {
		first--
	}
	for is(last + 1) {
		last++
	}
	return last - at, last - first + 1
}

// next are the steps that follow: the diagnosis' own and the result's.
func (e ending) next() []string {
	var said, all []string
	if e.diagnosis != nil {
		said = append(said, e.diagnosis.Do...)
	}
	if e.result != nil {
		said = append(said, e.result.Next...)
	}
	for _, do := range said {
		if !slices.ContainsFunc(all, func(other string) bool { return strings.Contains(other, do) }) {
			all = append(all, e.mended(do))
		}
	}
	return all
}

// mended is a next step after a failure: what failed would fail again.
func (e ending) mended(do string) string {
	if e.diagnosis == nil || len(e.diagnosis.Causes) == 0 || !strings.HasPrefix(do, "deploy apply") {
		return do
	}
	c := e.diagnosis.Causes[0]
	return "mend " + report.Place(c.Path, c.LogicalID) + ", then: " + do
}
