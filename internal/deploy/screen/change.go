package screen

import (
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
)

// mark is the sign of an action.
func (s *sheet) mark(a report.Action) string {
	switch a {
	case report.Add, report.Import:
		return s.paint(green, s.glyphs.add)
	case report.Replace:
		return s.paint(magenta, s.replace)
	case report.Delete:
		return s.paint(red, s.remove)
	}
	return s.paint(yellow, s.glyphs.change)
}

// change prints a change with what it does to data and, in full, with its properties.
func (s *sheet) change(prefix string, names int, c report.PlannedChange, tag string, full bool) {
	mark, disproved := s.mark(c.Action), c.Certainty == report.Spurious
	if disproved {
		mark = s.paint(grey, s.bullet)
	}
	left := prefix + mark + " " + pad(report.Place(c.Path, c.LogicalID), names)
	right := s.tags(c.Change, tag)
	if typ := "  " + s.paint(grey, c.Type); width(left)+width(typ)+width(right)+2 <= s.columns {
		s.spread(left+typ, right)
	} else {
		s.spread(left, right)
		s.add(prefix + "    " + s.paint(grey, c.Type))
	}
	below := prefix + "    "
	if !full && !c.Stateful || disproved && !s.verbose { // it stands in a block of its own, or does nothing
		return
	}
	for _, line := range fate(c.Change) {
		s.wrapped(below, below, line, s.fatal(c.Change))
	}
	if c.Why != "" && !c.Hidden {
		s.wrapped(below, below, "("+c.Why+")", grey)
	}
	if s.verbose && c.Description != "" {
		s.wrapped(below, below, c.Description, grey)
	}
	if full {
		s.properties(below, c.Change)
	}
}

// tags are the words at the right edge.
func (s *sheet) tags(c report.Change, more string) string {
	var words []string
	switch {
	case c.Certainty == report.Spurious && c.Action == report.Replace:
		words = append(words, s.paint(grey, "not replaced: disproved"))
	case c.Certainty == report.Spurious:
		words = append(words, s.paint(grey, "not changed: disproved"))
	case c.Action == report.Replace && c.Certainty == report.Unknown:
		words = append(words, s.paint(magenta, "may be REPLACED"))
	case c.Action == report.Replace:
		words = append(words, s.paint(magenta, "REPLACED"))
	case c.Action == report.Delete && c.PolicyAction == "Retain":
		words = append(words, "left behind")
	case c.Action == report.Delete:
		words = append(words, s.paint(red, "DELETED"))
	case c.Action == report.Import:
		words = append(words, "imported")
	}
	if c.Stateful && (c.Action == report.Replace || c.Action == report.Delete) && effective(c) {
		words = append(words, "holds data")
	}
	switch {
	case more != "" && c.Broadens:
		words = append(words, s.paint(red, more))
	case more != "":
		words = append(words, s.paint(grey, more))
	}
	return strings.Join(words, ", ")
}

// fate says what becomes of the old resource and of the data in it.
func fate(c report.Change) []string {
	if !effective(c) {
		return nil
	}
	data := ""
	if c.Stateful {
		data = " with its data, which is LOST"
	}
	switch c.PolicyAction {
	case "ReplaceAndDelete":
		return []string{"the old one is deleted" + data + " (UpdateReplacePolicy: Delete)"}
	case "ReplaceAndRetain":
		return []string{"the old one is kept, outside of the stack (UpdateReplacePolicy: Retain)"}
	case "ReplaceAndSnapshot":
		return []string{"the old one is deleted after a snapshot of it (UpdateReplacePolicy: Snapshot)"}
	case "Delete":
		if c.Stateful {
			return []string{"it is deleted" + data + " (DeletionPolicy: Delete)"}
		}
	case "Retain":
		return []string{"it is kept, outside of the stack (DeletionPolicy: Retain)"}
	case "Snapshot":
		return []string{"it is deleted after a snapshot of it (DeletionPolicy: Snapshot)"}
	case "":
		switch {
		case c.Stateful && c.Action == report.Replace:
			return []string{"the old one is deleted" + data + ", unless its UpdateReplacePolicy keeps it"}
		case c.Stateful && c.Action == report.Delete:
			return []string{"it is deleted" + data + ", unless its DeletionPolicy keeps it"}
		}
	}
	return nil
}

// fatal is the colour of a loss.
func (s *sheet) fatal(c report.Change) color {
	if c.Stateful && c.Action != report.Modify {
		return red
	}
	return ""
}

// knownLater is the value that CloudFormation gives where only the execution tells (API reference: ResourceTargetDefinition).
const knownLater = "{{changeSet:KNOWN_AFTER_APPLY}}"

// properties prints the values before and after. Those of identity and network are never cut: they are what a reviewer approves.
func (s *sheet) properties(prefix string, c report.Change) {
	rows := []report.Property{}
	names := 0
	for _, p := range c.Properties {
		for _, row := range s.unfolded(p) {
			rows = append(rows, row)
			names = max(names, min(width(row.Path), 30))
		}
	}
	for _, p := range rows {
		s.property(prefix, names, p, c.Area != "" || s.verbose)
	}
}

// property prints one property on one line if it fits, else the values below its name.
func (s *sheet) property(prefix string, names int, p report.Property, whole bool) {
	forces := ""
	switch p.Forces {
	case "always":
		forces = "(forces replacement)"
	case "maybe":
		forces = "(may force replacement)"
	}
	before, after := settled(p.Before), settled(p.After)
	text := s.paint(red, before) + " " + s.arrow + " " + s.paint(green, after)
	switch {
	case before == "" && after == "":
		text = "changes"
		if p.Cause != "" {
			text += " with " + p.Cause
		}
	case before == "":
		text = s.paint(green, s.glyphs.add+" "+after)
	case after == "":
		text = s.paint(red, s.remove+" "+before)
	}
	if s.verbose && p.Cause != "" && before+after != "" {
		text += s.paint(grey, " from "+p.Cause)
	}
	left := prefix + pad(p.Path, names) + "  " + text
	later := after == knownAtExecution && !s.verbose && width(left)+width(forces)+2 > s.columns
	if later { // what is there now tells a reviewer nothing
		if text = after; p.Cause != "" {
			text += " from " + p.Cause
		}
		left = prefix + pad(p.Path, names) + "  " + s.paint(green, text)
	}
	if !strings.Contains(left, "\n") && width(left)+width(forces)+2 <= s.columns {
		s.spread(left, s.paint(magenta, forces))
		return
	}
	s.wrapped(prefix, prefix+"  ", strings.TrimSpace(p.Path+"  "+forces), "")
	if before+after == "" || later {
		s.wrapped(prefix+"  ", prefix+"  ", text, "")
		return
	}
	for _, value := range []struct {
		mark, text string
		color      color
	}{{s.remove, before, red}, {s.glyphs.add, after, green}} {
		if value.text != "" {
			s.value(prefix+"  "+value.mark+" ", prefix+"    ", value.text, value.color, whole)
		}
	}
}

// valueLines is how many lines of a long value are shown.
const valueLines = 3

func (s *sheet) value(first, further, text string, c color, whole bool) {
	lines := wrap(text, s.columns-width(first))
	if cutting := len(lines) > valueLines && !whole; cutting {
		lines = append(lines[:valueLines-1], cut(lines[valueLines-1], s.columns-width(first)-12, s.ellipsis)+s.ellipsis+" (-v shows)")
	}
	for i, line := range lines {
		if i > 0 {
			first = further
		}
		s.add(first + s.paint(c, line))
	}
}

// knownAtExecution is how such a value reads.
const knownAtExecution = "(known at the execution)"

// settled is a value, or words for one that is not known yet.
func settled(value string) string {
	if value == knownLater {
		return knownAtExecution
	}
	return strings.TrimSpace(value)
}
