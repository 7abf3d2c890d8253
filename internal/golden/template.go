package golden

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	maxChanges = 40 // lines shown below one resource
	maxNames   = 10 // names listed on one line
)

// isSection says whether a part of a template is compared entry by entry.
func isSection(key string) bool {
	return slices.Contains([]string{"Parameters", "Rules", "Mappings", "Conditions", "Resources", "Outputs"}, key)
}

// diffTemplates reports section by section what differs between two templates; nothing when they mean the same and
// have the same order.
func diffTemplates(before, after *tree) []string {
	var lines []string
	was, is := before.fields(), after.fields()
	for _, key := range union(before.keys, after.keys) {
		if isSection(key) && canBeSection(was[key]) && canBeSection(is[key]) {
			lines = append(lines, diffSection(key, was[key], is[key])...)
			continue
		}
		var d differ
		d.either(key, was[key], is[key])
		lines = append(lines, changeLines("", d.changes)...)
	}
	if names := moved(before.keys, after.keys); len(names) > 0 {
		lines = append(lines, "order of sections changed: "+nameList(names))
	}
	return lines
}

func canBeSection(t *tree) bool {
	return t == nil || t.kind == object && t.intrinsic() == ""
}

// diffSection reports the entries of a section that were added, removed, changed or moved.
func diffSection(title string, before, after *tree) []string {
	before, after = orEmpty(before), orEmpty(after)
	var lines []string
	was, is := before.fields(), after.fields()
	renamed := renameNotes(was, is)
	for _, name := range union(before.keys, after.keys) {
		switch {
		case is[name] == nil:
			lines = append(lines, "  - "+heading(title, name, was[name]))
		case was[name] == nil:
			lines = append(lines, "  + "+heading(title, name, is[name])+renamed[is[name].canonical()])
		default:
			lines = append(lines, diffEntry(title, name, was[name], is[name])...)
		}
	}
	if names := moved(before.keys, after.keys); len(names) > 0 {
		lines = append(lines, "  order changed: "+nameList(names))
	}
	if len(lines) == 0 {
		return nil
	}
	return append([]string{title}, lines...)
}

func orEmpty(section *tree) *tree {
	if section == nil {
		return &tree{kind: object}
	}
	return section
}

// heading names an entry with its type; other entries than resources are short enough to be shown.
func heading(section, name string, entry *tree) string {
	if t, found := entry.fields()["Type"]; found && t.isLeaf() {
		return name + "  " + clip(t.String())
	}
	if section == "Resources" {
		return name
	}
	return name + "  " + clip(entry.String())
}

// renameNotes maps the contents of removed entries to a remark for an added one with the same contents: for
// CloudFormation a renamed resource is a replaced one.
func renameNotes(before, after map[string]*tree) map[string]string {
	notes := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if after[name] == nil {
			notes[before[name].canonical()] = "  (the same as " + name + ", which is gone)"
		}
	}
	return notes
}

// diffEntry reports a resource, parameter or output that both sides have.
func diffEntry(section, name string, before, after *tree) []string {
	var d differ
	d.compare("", before, after)
	if len(d.changes) > 0 {
		title := "  ~ " + name
		if section == "Resources" {
			title = "  ~ " + heading(section, name, after)
		}
		return append([]string{title}, changeLines("      ", d.changes)...)
	}
	if !sameOrder(before, after) {
		return []string{"  ~ " + name + "  only the order of keys changed"}
	}
	return nil
}

// changeLines prints changes; of very many it says how many more there are.
func changeLines(indent string, changes []change) []string {
	var lines []string
	for _, c := range changes[:min(len(changes), maxChanges)] {
		lines = append(lines, indent+c.String())
	}
	if more := len(changes) - maxChanges; more > 0 {
		lines = append(lines, fmt.Sprintf("%s… and %d more", indent, more))
	}
	return lines
}

func nameList(names []string) string {
	if more := len(names) - maxNames; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNames], ", "), more)
	}
	return strings.Join(names, ", ")
}
