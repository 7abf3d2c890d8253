package screen

import (
	"strings"
)

// fence is the shortest mark of a text block.
const fence = "```"

// longest is a mark of a text block that no line in it has.
func longest(lines []string) string {
	mark := fence
	for strings.Contains(strings.Join(lines, "\n"), mark) {
		mark += "`"
	}
	return mark
}

func block(b *strings.Builder, lines []string) {
	f := longest(lines)
	b.WriteString(f + "\n" + strings.Join(lines, "\n") + "\n" + f + "\n\n")
}

// code is a text as it is, in one line: as code it mentions nobody, links nothing and is no HTML (GitHub Flavored Markdown, code spans).
func code(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	mark := "`"
	for strings.Contains(text, mark) {
		mark += "`"
	}
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	if text == "" {
		return "-"
	}
	return mark + text + mark
}

func codes(list []string) string {
	var all []string
	for _, text := range list {
		all = append(all, code(text))
	}
	return strings.Join(all, ", ")
}

// plainWord is a status without what Markdown would read.
func plainWord(status string) string { return strings.ReplaceAll(status, "_", " ") }

// rest stands where lines were left out.
const rest = "(shortened: the command prints all of it)\n"

// shortened cuts a text to so many bytes at the end of a line, and says so.
func shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	most -= len(rest)
	if most <= 0 {
		return ""
	}
	return text[:strings.LastIndexByte(text[:most+1], '\n')+1] + rest
}

// whole closes the text block in which a text was cut off.
func whole(text string) string {
	open := ""
	for line := range strings.Lines(text) {
		switch line = strings.TrimSuffix(line, "\n"); {
		case open == "" && strings.HasPrefix(line, fence):
			open = line
		case line == open:
			open = ""
		}
	}
	if open != "" {
		text += open + "\n"
	}
	return text
}
