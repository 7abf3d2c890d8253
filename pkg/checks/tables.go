package checks

import (
	"fmt"
	"strings"
)

// tableRows reads a table of words: a row a line, "#" begins a comment line.
func tableRows(text string) [][]string {
	var rows [][]string
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) > 0 && fields[0] != "#" {
			rows = append(rows, fields)
		}
	}
	return rows
}

// expandPath lists the paths in a value that a pattern stands for, in which "[*]" is every item of a list. Only those
// are listed at which there is a value.
func expandPath(v Value, pattern string) []string {
	before, after, isList := strings.Cut(pattern, "[*]")
	if !isList {
		if !v.At(pattern).Exists() {
			return nil
		}
		return []string{pattern}
	}
	var found []string
	list := v.At(before)
	if list.Unknown() != "" {
		return []string{before}
	}
	for i, item := range list.List() {
		start := fmt.Sprintf("%s[%d]", before, i)
		if after == "" {
			found = append(found, start)
			continue
		}
		for _, rest := range expandPath(item, strings.TrimPrefix(after, ".")) {
			found = append(found, start+"."+rest)
		}
	}
	return found
}

// having lists the resources of a type of which a property is, or lists, a text.
func (w *World) having(kind, property, text string) []*Resource {
	key := kind + " " + property
	if w.texts[key] == nil {
		found := map[string][]*Resource{}
		for _, r := range w.byType[kind] {
			for _, item := range r.At(property).Texts() {
				found[item] = append(found[item], r)
			}
		}
		w.texts[key] = found
	}
	return w.texts[key][text]
}
