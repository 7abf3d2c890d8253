package golden

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

const (
	width   = 90 // characters of a value that fit a line of the report
	context = 20 // characters shown on each side of what differs in a longer value
)

// String prints a value on one line, intrinsic functions in short form.
func (t *tree) String() string {
	return t.print(false)
}

// print prints a value; inside another one, strings are quoted where they could be mistaken for its punctuation.
func (t *tree) print(nested bool) string {
	if name := t.intrinsic(); name != "" {
		return "!" + name + " " + t.printArgument(name, nested)
	}
	switch t.kind {
	case list:
		return "[" + t.printItems() + "]"
	case object:
		return "{" + t.printItems() + "}"
	}
	return t.printScalar(nested)
}

func (t *tree) printItems() string {
	parts := make([]string, len(t.items))
	for i, item := range t.items {
		parts[i] = item.print(true)
		if t.kind == object {
			parts[i] = t.keys[i] + ": " + parts[i]
		}
	}
	return strings.Join(parts, ", ")
}

// printArgument prints what an intrinsic function is given; GetAtt's two strings read "A.B".
func (t *tree) printArgument(name string, nested bool) string {
	argument := t.items[0]
	if name != "GetAtt" || argument.kind != list || len(argument.items) != 2 {
		return argument.print(nested)
	}
	resource, attribute := argument.items[0].print(true), argument.items[1].print(true)
	if resource != argument.items[0].text || attribute != argument.items[1].text || strings.Contains(resource, ".") {
		return argument.print(nested)
	}
	return resource + "." + attribute
}

// printScalar prints a scalar so that its tag can be told: plain when it would be read back as it is, else with quotes
// for a string and with the tag for everything else.
func (t *tree) printScalar(nested bool) string {
	switch plain := (&yaml.Node{Kind: yaml.ScalarNode, Value: t.text}).ShortTag(); {
	case t.tag == aliasTag:
		return aliasTag + visible(t.text)
	case t.tag == "!!str" && (plain != t.tag || needsQuotes(t.text, nested)):
		return strconv.Quote(t.text)
	case plain == t.tag:
		return t.text
	}
	return visible(t.tag) + " " + strconv.Quote(t.text)
}

// needsQuotes says whether a string printed as it is would look like something else.
func needsQuotes(text string, nested bool) bool {
	return strings.TrimSpace(text) != text || visible(text) != text || strings.Contains(text, "->") ||
		strings.ContainsAny(text[:1], "!*[{\"'") ||
		nested && (strings.ContainsAny(text, ",[]{}\"") || strings.Contains(text, ": "))
}

// visible quotes a text that a terminal would not show as it is.
func visible(text string) string {
	hidden := func(r rune) bool { return !unicode.IsPrint(r) }
	if !utf8.ValidString(text) || strings.ContainsFunc(text, hidden) {
		return strconv.Quote(text)
	}
	return text
}

// clip keeps the beginning of a text that is too long for a line.
func clip(text string) string {
	runes := []rune(text)
	if len(runes) <= width {
		return text
	}
	return string(runes[:width-1]) + "…"
}

// fits says whether a text needs no shortening.
func fits(text string) bool {
	return utf8.RuneCountInString(text) <= width
}

// shortenPair keeps of two long texts the part where they differ, with a little of what is around it.
func shortenPair(before, after string) (string, string) {
	if fits(before) && fits(after) {
		return before, after
	}
	a, b := []rune(before), []rune(after)
	prefix, suffix := commonEnds(len(a), len(b), func(i, j int) bool { return a[i] == b[j] })
	return window(a, prefix, len(a)-suffix), window(b, prefix, len(b)-suffix)
}

// window cuts text to the part from..to and its surroundings.
func window(text []rune, from, to int) string {
	start, end := max(0, from-context), min(len(text), to+context)
	end = min(end, start+width)
	cut := string(text[start:end])
	if start > 0 {
		cut = "…" + cut
	}
	if end < len(text) {
		cut += "…"
	}
	return cut
}

// commonEnds counts the equal elements at the beginning and at the end of two sequences, none of them twice.
func commonEnds(before, after int, equal func(i, j int) bool) (prefix, suffix int) {
	shorter := min(before, after)
	for prefix < shorter && equal(prefix, prefix) {
		prefix++
	}
	for suffix < shorter-prefix && equal(before-1-suffix, after-1-suffix) {
		suffix++
	}
	return prefix, suffix
}
