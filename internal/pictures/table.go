package pictures

import (
	"fmt"
	"html"
	"strings"
)

// table is what a box shows: a title and rows below it.
type table struct {
	title  string
	colour colour
	rows   []row
}

// row has one cell, or as many as the other rows that have several.
type row []cell

// cell is a text, which may have several lines.
type cell struct {
	text string
	name string // what of its beginning stands out
	port string // what arrows name
	fill colour // of a frame within the box; none without
	left bool   // at the left, not in the middle
}

// say makes rows of texts.
func say(texts ...string) []row {
	return mapped(texts, func(text string) row { return row{{text: text}} })
}

// markup is Graphviz's HTML-like label. https://graphviz.org/doc/info/shapes.html#html
func (t table) markup() string {
	columns := 1
	for _, r := range t.rows {
		columns = max(columns, len(r))
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<table border="1" style="rounded" cellborder="0" cellspacing="2" cellpadding="1" bgcolor="%s" color="%s">`, t.colour.fill(), t.colour.line())
	fmt.Fprintf(&b, `<tr><td colspan="%d" cellpadding="4"><b>%s</b></td></tr>`, columns, html.EscapeString(t.title))
	for _, r := range t.rows {
		b.WriteString("<tr>")
		for _, c := range r {
			b.WriteString(c.markup(columns / len(r)))
		}
		b.WriteString("</tr>")
	}
	return b.String() + "</table>"
}

func (c cell) markup(columns int) string {
	attributes, end := fmt.Sprintf(` colspan="%d"`, columns), "<br/>"
	if c.port != "" {
		attributes += fmt.Sprintf(` port="%s"`, html.EscapeString(c.port))
	}
	if c.fill != "" {
		attributes += fmt.Sprintf(` border="1" style="rounded" bgcolor="%s" color="%s" cellpadding="4"`, c.fill.fill(), c.fill.line())
	}
	if c.left {
		attributes, end = attributes+` align="left" balign="left"`, `<br align="left"/>`
	}
	text := html.EscapeString(c.text)
	if text == "" {
		return fmt.Sprintf("<td%s></td>", attributes) // Graphviz refuses an empty font element
	}
	if c.name != "" {
		text = `<font color="#0550ae">` + c.name + "</font>" + strings.Replace(strings.TrimPrefix(text, c.name), " ", "&#160;", 1)
	}
	return fmt.Sprintf(`<td%s><font point-size="11" color="#424a53">%s</font></td>`, attributes, strings.ReplaceAll(text, "\n", end))
}

// wrapped breaks words into lines of at most width characters, unless a word is longer.
func wrapped(words []string, width int) string {
	var b strings.Builder
	at := 0
	for i, word := range words {
		n := len([]rune(word))
		switch {
		case i == 0:
		case at+1+n > width:
			b.WriteByte('\n')
			at = 0
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String()
}

// listed joins items by commas, each a word that wrapped does not break.
func listed(items []string) []string {
	words := append([]string(nil), items...)
	for i := range len(words) - 1 {
		words[i] += ","
	}
	return words
}
