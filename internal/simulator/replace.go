package simulator

import (
	_ "embed"
	"strings"
)

//go:embed replacements.txt
var replacementTable string

// replacements hold the properties whose change makes CloudFormation replace a resource, "Always" or "Conditionally", by type and name.
type replacements map[string]string

func newReplacements() replacements {
	all := replacements{}
	for line := range strings.Lines(replacementTable) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") {
			continue
		}
		typ, names, _ := strings.Cut(line, " ")
		for _, name := range strings.Fields(names) {
			if maybe, is := strings.CutSuffix(name, "?"); is {
				all[typ+" "+maybe] = "Conditionally"
				continue
			}
			all[typ+" "+name] = "Always"
		}
	}
	return all
}

// recreation tells whether a change of a property replaces the resource: Always, Conditionally or Never.
func (all replacements) recreation(typ, property string) string {
	if when, known := all[typ+" "+property]; known {
		return when
	}
	return "Never"
}

// replaces tells whether a change of properties makes CloudFormation replace a resource. What it does conditionally is taken as an update.
func (all replacements) replaces(typ string, before, after map[string]any) bool {
	for name := range changed(before, after) {
		if all.recreation(typ, name) == "Always" {
			return true
		}
	}
	return false
}
