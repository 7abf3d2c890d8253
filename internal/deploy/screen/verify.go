package screen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
)

// An examination is one check with what was found, in the order in which it came.
type examination struct {
	report.Observation
	found []report.Observation
}

// examinations groups observations by their checks.
func examinations(all []report.Observation) (checks []examination) {
	for _, o := range all {
		at := slices.IndexFunc(checks, func(e examination) bool { return e.Check == o.Check })
		if at < 0 {
			at, checks = len(checks), append(checks, examination{Observation: o})
		}
		checks[at].found = append(checks[at].found, o)
	}
	return checks
}

// with are the observations of some result.
func (e examination) with(result string) (some []report.Observation) {
	for _, o := range e.found {
		if o.Result == result {
			some = append(some, o)
		}
	}
	return some
}

// verification prints what was found by check: the promises that do not hold first, then what nobody could tell, then what holds. A quiet
// screen leaves out the latter.
func (s *sheet) verification(v report.Verification, all []report.Observation, quiet bool) {
	checks := examinations(all)
	for _, result := range []string{report.Failed, report.Unread} {
		for _, e := range checks {
			if found := e.with(result); len(found) > 0 {
				s.examined(e, result, found)
			}
		}
	}
	if !quiet {
		s.held(checks)
		s.add("")
	}
	text := fmt.Sprintf("Verified %s: %s, %d passed, %d failed, %d unknown", v.Environment, report.Plural(v.Checks, "check", "checks"), v.Pass, v.Fail, v.Unknown+v.Accepted)
	if v.Accepted > 0 {
		text += fmt.Sprintf(" (%d accepted)", v.Accepted)
	}
	if v.NotApplicable > 0 {
		text += fmt.Sprintf(", %d not applicable", v.NotApplicable)
	}
	s.wrapped("", "  ", text, "")
	if v.Evidence != "" {
		s.add("Evidence  "+s.paint(cyan, v.Evidence), "SHA-256   "+v.SHA256)
	}
}

// sign is that of a result.
func (s *sheet) sign(result string) string {
	switch result {
	case report.Failed:
		return s.paint(red, s.failed)
	case report.Unread:
		return s.paint(yellow, "?")
	case report.Passed:
		return s.paint(green, s.done)
	}
	return s.paint(grey, s.bullet)
}

// examined prints a check with all of one result: resources with the same story below each other, and the story once.
func (s *sheet) examined(e examination, result string, found []report.Observation) {
	s.spread(s.sign(result)+" "+s.paint(cyan, e.Check), s.paint(grey, numbers(e.Observation)))
	s.wrapped("  ", "  ", e.Title, "")
	for len(found) > 0 {
		first, rest := found[0], []report.Observation(nil)
		for _, o := range found {
			if o.Expected != first.Expected || o.Observed != first.Observed || o.Why != first.Why || o.Accepted != first.Accepted {
				rest = append(rest, o)
				continue
			}
			s.resource(o)
		}
		s.story(first)
		found = rest
	}
	s.add("")
}

// resource prints a place and the ARN, beside each other if they fit.
func (s *sheet) resource(o report.Observation) {
	place, arn := o.Place, s.paint(grey, o.Resource)
	switch {
	case place == "" && arn == "":
	case place == "":
		s.add("    " + arn)
	case arn == "" || width("    "+place+between+arn) <= s.columns:
		s.add(strings.TrimRight("    "+place+between+arn, " "))
	default:
		s.add("    "+place, "      "+arn)
	}
}

// story prints what was expected and what is.
func (s *sheet) story(o report.Observation) {
	for _, line := range [][2]string{{"expected  ", o.Expected}, {"observed  ", o.Observed}, {"why       ", o.Why}, {"accepted  ", o.Accepted}} {
		const beside = "                "
		widest := 0
		for word := range strings.FieldsSeq(line[1]) {
			widest = max(widest, width(word))
		}
		switch {
		case line[1] == "":
		case width(beside)+widest > s.columns: // an ARN stands on a line of its own, to be copied
			s.add("      " + s.paint(grey, strings.TrimSpace(line[0])))
			s.wrapped("        ", "        ", line[1], "")
		default:
			s.wrapped("      "+s.paint(grey, line[0]), beside, line[1], "")
		}
	}
}

// numbers are the requirements behind a check.
func numbers(o report.Observation) string {
	text := strings.Join(o.Requirements, " ")
	if len(o.PCI) > 0 {
		text += "  PCI DSS " + strings.Join(o.PCI, " ")
	}
	return text
}

// held prints one line for each check that holds; a verbose screen also each of its resources.
func (s *sheet) held(checks []examination) {
	names := 0
	for _, e := range checks {
		names = max(names, width(e.Check))
	}
	for _, e := range checks {
		passed, rest := e.with(report.Passed), e.with(report.NotApplicable)
		if len(e.with(report.Failed))+len(e.with(report.Unread)) > 0 && !s.verbose {
			continue
		}
		if len(passed) > 0 {
			s.spread(s.sign(report.Passed)+" "+pad(e.Check, names)+between+report.Plural(len(passed), "resource", "resources"), s.paint(grey, numbers(e.Observation)))
			for _, o := range passed {
				if s.verbose {
					s.resource(o)
					s.story(o)
				}
			}
		}
		if len(rest) > 0 && (len(passed) == 0 || s.verbose) {
			s.wrapped(s.sign(report.NotApplicable)+" "+pad(e.Check, names)+between, strings.Repeat(" ", names+4), "not applicable: "+reasons(rest), grey)
		}
	}
}

// reasons are those of several observations, each once.
func reasons(all []report.Observation) string {
	var some []string
	for _, o := range all {
		if !slices.Contains(some, o.Why) {
			some = append(some, o.Why)
		}
	}
	return strings.Join(some, "; ")
}
