package screen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
)

// divided are the changes for which something holds, and the others.
func divided(list []report.PlannedChange, holds func(report.PlannedChange) bool) (those, others []report.PlannedChange) {
	for _, c := range list {
		if holds(c) {
			those = append(those, c)
		} else {
			others = append(others, c)
		}
	}
	return those, others
}

// folded counts changes by type.
func (s *sheet) folded(prefix string, action report.Action, list []report.PlannedChange) {
	byType, broadens := map[string]int{}, 0
	for _, c := range list {
		byType[strings.TrimPrefix(c.Type, "AWS::")]++
		if c.Broadens && c.Area != "" {
			broadens++
		}
	}
	var parts []string
	for typ, n := range byType {
		parts = append(parts, fmt.Sprintf("%d%s%s", n, together, typ))
	}
	slices.SortFunc(parts, func(a, b string) int {
		return strings.Compare(a[strings.Index(a, together):], b[strings.Index(b, together):])
	})
	verb := " added: "
	if action == report.Delete {
		verb = " deleted: "
	}
	text := count(len(list)) + verb + strings.Join(parts, ", ")
	switch {
	case broadens == len(list):
		text += "; all" + together + "BROADEN"
	case broadens > 0:
		text += fmt.Sprintf("; %d%sBROADEN", broadens, together)
	}
	s.wrapped(prefix+s.mark(action)+" ", prefix+"  ", text+" (-v"+together+"lists"+together+"them)", "")
}

// hidden are the changes that CloudFormation reported and that were disproved.
func hidden(changes []report.Change) (list []report.Change) {
	for _, c := range changes {
		if c.Hidden {
			list = append(list, c)
		}
	}
	return list
}

// hidden lists what was disproved in a stack, each with the reason.
func (s *sheet) hidden(prefix string, changes []report.Change) {
	list := hidden(changes)
	if len(list) == 0 {
		return
	}
	s.wrapped(prefix, prefix+"  ", report.Plural(len(list), "change", "")+" reported by CloudFormation, disproved locally:", grey)
	for _, c := range list {
		s.wrapped(prefix+"  "+s.bullet+" ", prefix+"    ", c.LogicalID+"  "+c.Type+"  "+string(c.Action)+": "+c.Why, grey)
	}
}

// disproved counts what is hidden in a whole plan, with the reason if there is one for all.
func (s *sheet) disproved(changes []report.PlannedChange) {
	n, reasons := 0, []string{}
	for _, c := range changes {
		if c.Hidden {
			n++
			if !slices.Contains(reasons, c.Why) {
				reasons = append(reasons, c.Why)
			}
		}
	}
	if n == 0 || s.verbose {
		return
	}
	text := report.Plural(n, "change", "") + " hidden: reported by CloudFormation, disproved locally (-v" + together + "shows)"
	s.wrapped("  ", "  ", text, grey)
	if len(reasons) == 1 {
		s.wrapped("    ", "     ", "("+reasons[0]+")", grey)
	}
}
