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
	s.brief = p.First && !s.verbose
	s.stack(p.Root, "", "")
	s.disproved(p.Changes())
	if s.brief && len(p.Root.Nested) > 0 {
		s.add(s.paint(grey, "  all of it is new; -v lists it"))
	}
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
	right, name := tallied(k), k.Name
	if n := len(hidden(k.Changes)); n > 0 && !s.verbose {
		right += " (" + count(n) + " disproved)"
	}
	if strings.HasPrefix(right, noChanges) {
		right = s.paint(grey, right)
	}
	if head != "" { // nested
		name = report.StackName(name)
	}
	s.spread(head+s.paint(cyan, name), right)
	inside := below
	if len(k.Nested) > 0 {
		inside += s.pipe
	} else if below == "" {
		inside = s.gap
	}
	if k.Unknown != "" {
		s.wrapped(inside+s.paint(yellow, s.warning)+" ", inside+"  ", "its changes are not known: "+k.Unknown, "")
	}
	if !s.brief || head == "" {
		s.changes(inside, k.Changes)
		if s.verbose {
			s.hidden(inside, k.Changes)
		}
	}
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
	numbers, data := map[report.Action]int{}, 0
	for _, c := range k.Changes {
		if effective(c) {
			numbers[c.Action]++
			if c.Stateful && c.Action == report.Add {
				data++
			}
		}
	}
	var parts []string
	for _, kind := range []struct {
		action    report.Action
		one, many string
	}{{report.Add, "addition", "additions"}, {report.Import, "import", "imports"}, {report.Modify, "change", "changes"}, {report.Replace, "replacement", "replacements"}, {report.Delete, "deletion", "deletions"}} {
		if n := numbers[kind.action]; n > 0 {
			parts = append(parts, report.Plural(n, kind.one, kind.many))
		}
	}
	if data > 0 { // additions come first
		parts[0] += ", " + report.Plural(data, "holds data", "hold data")
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
			return "BROADENS access" + s.see(c.Change, ", ", "see Access"), false
		case c.Area == "network" && c.Broadens:
			return "BROADENS reach" + s.see(c.Change, ", ", "see Network"), false
		case c.Area == "identity":
			return s.see(c.Change, "", "see Access"), false
		case c.Area == "network":
			return s.see(c.Change, "", "see Network"), false
		}
		return "", true
	})
}

// see is where the properties of a change are; empty for what is only counted there.
func (s *sheet) see(c report.Change, comma, where string) string {
	if s.brief && counted(c) {
		return ""
	}
	return comma + where
}

// counted tells additions of which there is nothing to say but that they are made.
func counted(c report.Change) bool { return c.Action == report.Add && len(c.Properties) == 0 }

// area lists the changes of an area with their properties. Of a first deployment, additions are only counted.
func (s *sheet) area(all []report.PlannedChange, area, title, broadens string) {
	list := slices.DeleteFunc(slices.Clone(all), func(c report.PlannedChange) bool { return c.Area != area || !effective(c.Change) })
	if len(list) == 0 {
		return
	}
	s.add("", s.paint(cyan, title))
	if s.brief {
		var fold []report.PlannedChange
		fold, list = divided(list, func(c report.PlannedChange) bool { return counted(c.Change) })
		if len(fold) > 0 {
			s.folded("  ", report.Add, fold)
		}
	}
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
		fold, rest := divided(list, func(c report.PlannedChange) bool { return c.Action == action && (action == report.Add || !c.Stateful) })
		if len(fold) >= foldFrom && !s.verbose {
			s.folded(prefix, action, fold)
			list = rest
		}
	}
	names := 0
	for _, c := range list {
		names = max(names, min(width(report.Place(c.Path, c.LogicalID)), 30))
	}
	for _, c := range list {
		word, full := tag(c)
		s.change(prefix, names, c, word, full)
	}
}
