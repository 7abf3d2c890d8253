package pictures

import (
	"fmt"
	"strings"
)

// colour is a fill and its line, the same for a kind of thing in all pictures.
type colour string

const (
	blue   colour = "#ddf4ff #54aeff"
	green  colour = "#dafbe1 #4ac26b"
	amber  colour = "#fff8c5 #d4a72c"
	purple colour = "#fbefff #c297ff"
	grey   colour = "#f6f8fa #8c959f"
	white  colour = "#ffffff #8c959f"
)

func (c colour) fill() string {
	fill, _, _ := strings.Cut(string(c), " ")
	return fill
}

func (c colour) line() string {
	_, line, _ := strings.Cut(string(c), " ")
	return line
}

// document writes DOT, statement by statement.
type document struct {
	strings.Builder
	indent string
}

// begin opens a picture. Pictures should not be wider than 830 pixels, the width of a README: then text has its full size.
// The background is white, for a reader in dark mode.
func begin(title, direction string, attributes ...string) *document {
	d := &document{}
	d.line("// Made from golden/ by make pictures: change the templates or internal/pictures, not this file.")
	d.open("digraph " + quote(title))
	d.line("graph [%s]", join(append([]string{
		attribute("rankdir", direction), `newrank="true"`, `compound="true"`, `bgcolor="#ffffff"`, `pad="0.1"`,
		`fontname="Verdana"`, `fontsize="12"`, `fontcolor="#1b1f24"`,
	}, attributes...)))
	d.line(`node [shape="plain", fontname="Verdana", fontsize="12", fontcolor="#1b1f24"]`)
	d.line(`edge [fontname="Verdana", fontsize="11", color="#57606a", fontcolor="#24292f", arrowsize="0.7"]`)
	return d
}

// end closes the picture below a line that explains it.
func (d *document) end(legend ...string) string {
	d.line("label=%s; labelloc=\"b\"; labeljust=\"l\"; fontsize=\"11\"; fontcolor=\"#424a53\"", quote(strings.Join(legend, "\\l")+"\\l"))
	d.close()
	return d.String()
}

func (d *document) line(format string, arguments ...any) {
	fmt.Fprintf(&d.Builder, d.indent+format+"\n", arguments...)
}

func (d *document) open(what string) {
	d.line("%s {", what)
	d.indent += "  "
}

func (d *document) close() {
	d.indent = d.indent[2:]
	d.line("}")
}

// frame opens a frame around nodes; close ends it.
func (d *document) frame(id, label string, c colour, attributes ...string) {
	d.open("subgraph " + quote("cluster_"+id))
	d.line("graph [%s]", join(append([]string{
		attribute("label", label), attribute("color", c.line()), attribute("bgcolor", c.fill()), `labeljust="l"`, `labelloc="t"`,
		`style="rounded"`, `fontsize="11"`, `margin="8"`,
	}, attributes...)))
}

// row puts nodes side by side: in one column where ranks go from left to right.
func (d *document) row(ids []string) {
	d.line(`{ rank="same"; %s }`, strings.Join(mapped(ids, quote), "; "))
}

// box writes a node.
func (d *document) box(id string, t table) { d.line("%s [label=<%s>]", quote(id), t.markup()) }

// end is where an arrow begins or ends.
type end string

// at is a box, or a port of a box, or a side (n, e, s, w) of either.
func at(box string, more ...string) end {
	return end(strings.Join(mapped(append([]string{box}, more...), quote), ":"))
}

// edge writes an arrow.
func (d *document) edge(from, to end, attributes ...string) {
	d.line("%s -> %s [%s]", from, to, join(attributes))
}

func attribute(name, value string) string { return name + "=" + quote(value) }

func quote(s string) string {
	return `"` + strings.NewReplacer(`"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

func join(attributes []string) string { return strings.Join(attributes, ", ") }
