package screen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
)

// plan draws a change set as a tree of stacks, then who may do what and who reaches whom.
func (s *sheet) plan(p report.Plan) {
	s.flow(indent, "Change set  "+p.Root.Name+" / "+p.Name, fmt.Sprintf("%.1f s", p.Seconds))
	if p.First {
		s.add("            the environment does not exist yet: this makes it")
	}
	if p.Incomplete != "" {
		s.wrapped(s.paint(yellow, s.warning)+" This preview is incomplete: ", "  ", p.Incomplete, "")
	}
	s.add("")
	s.stack(p.Root, "", "")
	all := p.Changes()
	s.area(all, "identity", "Access: who may do what", "BROADENS access")
	s.area(all, "network", "Network: who reaches whom", "BROADENS reach")
	for i, name := range p.Adopts {
		if i == 0 {
			s.add("")
		}
		s.add(s.paint(cyan, s.bullet) + " " + name + " adopts the live colour, no effect")
	}
}

// stack draws a stack with its changes and the stacks nested in it.
func (s *sheet) stack(k report.Stack, head, below string) {
	right := tallied(k)
	if right == noChanges {
		right = s.paint(grey, right)
	}
	s.spread(head+s.paint(cyan, k.Name), right)
	inside := below
	if len(k.Nested) > 0 {
		inside += s.pipe
	} else if below == "" {
		inside = s.gap
	}
	if k.Unknown != "" {
		s.wrapped(inside+s.paint(yellow, s.warning)+" ", inside+"  ", "its changes are not known: "+k.Unknown, "")
	}
	s.changes(inside, k.Changes)
	s.hidden(inside, k.Changes)
	for i, nested := range k.Nested {
		if i == len(k.Nested)-1 {
			s.stack(nested, below+s.last, below+s.gap)
		} else {
			s.stack(nested, below+s.branch, below+s.pipe)
		}
	}
}

const noChanges = "no changes"

// tallied says in words what happens to a stack.
func tallied(k report.Stack) string {
	numbers := map[report.Action]int{}
	for _, c := range k.Changes {
		if effective(c) {
			numbers[c.Action]++
		}
	}
	var parts []string
	for _, kind := range []struct {
		action    report.Action
		one, many string
	}{{report.Add, "addition", "additions"}, {report.Import, "import", "imports"}, {report.Modify, "change", "changes"}, {report.Replace, "replacement", "replacements"}, {report.Delete, "deletion", "deletions"}} {
		if n := numbers[kind.action]; n > 0 {
			parts = append(parts, plural(n, kind.one, kind.many))
		}
	}
	switch {
	case k.Unknown != "":
		return "unknown"
	case len(parts) > 0:
		return strings.Join(parts, ", ")
	case len(k.Nested) > 0:
		return ""
	}
	return noChanges
}

// foldFrom is the number of additions, or of deletions, in one place that are counted and not listed, unless asked for.
const foldFrom = 9

// changes lists the changes of a stack. Identity and network have their properties in blocks of their own.
func (s *sheet) changes(prefix string, changes []report.Change) {
	var list []report.PlannedChange
	for _, c := range changes {
		if !c.Hidden {
			list = append(list, report.PlannedChange{Change: c})
		}
	}
	s.listed(prefix, list, func(c report.PlannedChange) (tag string, full bool) {
		switch {
		case c.Area == "identity" && c.Broadens:
			return "BROADENS access, see Access", false
		case c.Area == "network" && c.Broadens:
			return "BROADENS reach, see Network", false
		case c.Area == "identity":
			return "see Access", false
		case c.Area == "network":
			return "see Network", false
		}
		return "", true
	})
}

// area lists the changes of an area with their properties.
func (s *sheet) area(all []report.PlannedChange, area, title, broadens string) {
	list := slices.DeleteFunc(slices.Clone(all), func(c report.PlannedChange) bool { return c.Area != area || !effective(c.Change) })
	if len(list) == 0 {
		return
	}
	s.add("", s.paint(cyan, title))
	s.listed("  ", list, func(c report.PlannedChange) (tag string, full bool) {
		if c.Broadens {
			return broadens, true
		}
		return "", true
	})
}

// listed lists changes, with many of a kind folded to their number.
func (s *sheet) listed(prefix string, list []report.PlannedChange, tag func(report.PlannedChange) (string, bool)) {
	for _, action := range []report.Action{report.Add, report.Delete} {
		var fold, rest []report.PlannedChange
		for _, c := range list {
			if c.Action == action && (action == report.Add || !c.Stateful) {
				fold = append(fold, c)
			} else {
				rest = append(rest, c)
			}
		}
		if len(fold) >= foldFrom && !s.verbose {
			s.folded(prefix, action, fold)
			list = rest
		}
	}
	names := 0
	for _, c := range list {
		names = max(names, min(width(place(c.Path, c.LogicalID)), 30))
	}
	for _, c := range list {
		word, full := tag(c)
		s.change(prefix, names, c, word, full)
	}
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
		parts = append(parts, fmt.Sprintf("%d %s", n, typ))
	}
	slices.SortFunc(parts, func(a, b string) int {
		return strings.Compare(a[strings.IndexByte(a, ' '):], b[strings.IndexByte(b, ' '):])
	})
	verb := " added: "
	if action == report.Delete {
		verb = " deleted: "
	}
	text := count(len(list)) + verb + strings.Join(parts, ", ")
	if broadens > 0 {
		text += fmt.Sprintf("; %d BROADEN", broadens)
	}
	s.wrapped(prefix+s.mark(action)+" ", prefix+"  ", text+"   (-v lists them)", "")
}

// hidden counts what CloudFormation reported and what was disproved, with the reasons.
func (s *sheet) hidden(prefix string, changes []report.Change) {
	var hidden []report.Change
	var reasons []string
	for _, c := range changes {
		if c.Hidden {
			hidden = append(hidden, c)
			if !slices.Contains(reasons, c.Why) {
				reasons = append(reasons, c.Why)
			}
		}
	}
	if len(hidden) == 0 {
		return
	}
	if s.verbose {
		s.wrapped(prefix, prefix+"  ", plural(len(hidden), "change", "changes")+" reported by CloudFormation, disproved locally:", grey)
		for _, c := range hidden {
			s.wrapped(prefix+"  "+s.bullet+" ", prefix+"    ", c.LogicalID+"  "+c.Type+"  "+string(c.Action)+": "+c.Why, grey)
		}
		return
	}
	s.wrapped(prefix, prefix, plural(len(hidden), "change", "changes")+" hidden: reported by CloudFormation, disproved locally", grey)
	for i, why := range reasons {
		if i == len(reasons)-1 {
			why += ")   -v to show"
		} else {
			why += ";"
		}
		open := " "
		if i == 0 {
			open = "("
		}
		s.wrapped(prefix+"  "+s.paint(grey, open), prefix+"   ", why, grey)
	}
}
