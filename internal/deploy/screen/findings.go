package screen

import (
	"fmt"
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
)

// summary prints the validations and the line that sums a plan up.
func (s *sheet) summary(findings []report.Validation, p *report.Plan) {
	if p != nil {
		s.add("")
	}
	s.findings(findings)
	if p == nil {
		return
	}
	c := p.Counts
	text := fmt.Sprintf("Plan: %d add, %d change, %d replace, %d delete.", c.Add, c.Change, c.Replace, c.Delete)
	approval := ""
	if len(p.Needs) > 0 {
		approval = "Approval: " + strings.Join(unbroken(p.Needs), ", ")
	}
	if width(text)+2+width(approval) <= s.columns {
		s.add(strings.ReplaceAll(strings.TrimSpace(text+"  "+approval), together, " "))
		return
	}
	s.add(text)
	s.wrapped("", "          ", approval, "")
}

// unbroken are phrases that no line is broken in.
func unbroken(phrases []string) (all []string) {
	for _, phrase := range phrases {
		all = append(all, strings.ReplaceAll(phrase, " ", together))
	}
	return all
}

// findings prints validations, errors first.
func (s *sheet) findings(all []report.Validation) {
	errors := 0
	for _, v := range all {
		if v.Severity == "error" {
			errors++
		}
	}
	s.add("Validation  " + report.Plural(errors, "error", "errors") + ", " + report.Plural(len(all)-errors, "warning", "warnings"))
	for _, first := range []bool{true, false} {
		for _, v := range all {
			if (v.Severity == "error") != first {
				continue
			}
			mark := s.paint(yellow, s.warning)
			if first {
				mark = s.paint(red, s.failed)
			}
			where := report.Place(v.Path, v.LogicalID)
			text := v.Text
			if where != "" {
				text = where + ": " + text
			}
			if v.Check != "" {
				text += "  [" + v.Source + ":" + together + v.Check + "]"
			}
			s.wrapped("  "+mark+" ", "    ", text, "")
			if v.Mend != "" {
				s.wrapped("    Do: ", "        ", v.Mend, "")
			}
		}
	}
}
