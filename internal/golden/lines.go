package golden

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

const maxLines = 5 // differing lines shown of a file that is not compared as a template

// describe explains how two versions of a file differ.
func describe(name string, before, after []byte) []string {
	switch {
	case bytes.Equal(unixLines(before), unixLines(after)):
		return []string{bytesOnly(before, after, false)}
	case name == InventoryName:
		return diffInventory(before, after)
	case !isTemplate(name):
		return diffLines(before, after)
	}
	was, oldComments, oldErr := parseTemplate(before)
	is, newComments, newErr := parseTemplate(after)
	var lines []string
	if oldErr != nil {
		lines = append(lines, "on disk no template any more: "+visible(oldErr.Error()))
	}
	if newErr != nil {
		lines = append(lines, "rendered, but no template: "+visible(newErr.Error()))
	}
	if len(lines) > 0 {
		return append(lines, diffLines(before, after)...)
	}
	if lines = diffTemplates(was, is); len(lines) > 0 {
		return lines
	}
	return []string{bytesOnly(before, after, oldComments != newComments)}
}

func isTemplate(name string) bool {
	return strings.HasSuffix(name, ".yaml")
}

// bytesOnly names a difference that changes nothing of what a template says.
func bytesOnly(before, after []byte, comments bool) string {
	was, is := unixLines(before), unixLines(after)
	var reasons []string
	if bytes.Equal(was, is) || (len(was) == len(before)) != (len(is) == len(after)) {
		reasons = append(reasons, "line endings (CRLF)")
	}
	switch {
	case comments:
		reasons = append(reasons, "comments")
	case !bytes.Equal(was, is):
		reasons = append(reasons, "whitespace or notation")
	}
	return fmt.Sprintf("same content, other bytes: %s, first in line %d", strings.Join(reasons, " and "), firstLine(before, after))
}

func unixLines(data []byte) []byte {
	return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
}

// firstLine is the number of the first line that differs.
func firstLine(before, after []byte) int {
	same, _ := commonEnds(len(before), len(after), func(i, j int) bool { return before[i] == after[j] })
	return bytes.Count(before[:same], []byte("\n")) + 1
}

// diffInventory shows the lines that only one side has, whatever moved around them.
func diffInventory(before, after []byte) []string {
	was, is := splitLines(before), splitLines(after)
	var lines []string
	for _, line := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(was, is)))) {
		switch old, fresh := slices.Contains(was, line), slices.Contains(is, line); {
		case line == "":
			continue
		case old && !fresh:
			lines = append(lines, "- "+clip(visible(line)))
		case fresh && !old:
			lines = append(lines, "+ "+clip(visible(line)))
		}
	}
	if len(lines) == 0 {
		return diffLines(before, after)
	}
	return lines
}

// diffLines shows the first lines that differ.
func diffLines(before, after []byte) []string {
	was, is := splitLines(before), splitLines(after)
	prefix, suffix := commonEnds(len(was), len(is), func(i, j int) bool { return was[i] == is[j] })
	was, is = was[prefix:len(was)-suffix], is[prefix:len(is)-suffix]
	lines := []string{fmt.Sprintf("first difference in line %d", prefix+1)}
	var added []string
	for i := range min(maxLines, max(len(was), len(is))) {
		switch {
		case i >= len(was):
			added = append(added, "+ "+clip(shown(is[i])))
		case i >= len(is):
			lines = append(lines, "- "+clip(shown(was[i])))
		default:
			old, fresh := shortenPair(shown(was[i]), shown(is[i]))
			lines, added = append(lines, "- "+old), append(added, "+ "+fresh)
		}
	}
	lines = append(lines, added...)
	if len(was) > maxLines || len(is) > maxLines {
		lines = append(lines, fmt.Sprintf("… of %d lines on disk and %d rendered", len(was), len(is)))
	}
	return lines
}

// shown makes also an empty line visible.
func shown(line string) string {
	if line == "" {
		return "(empty)"
	}
	return visible(line)
}

func splitLines(data []byte) []string {
	return strings.Split(string(data), "\n")
}
