package cfn

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxColumn is the longest line on which an intrinsic's arguments are written in flow style.
const maxColumn = 110

// writer writes nodes as YAML: two spaces of indent, short-form tags, readable by YAML 1.1 and 1.2 readers alike.
type writer struct {
	*arena
	out     []byte
	scratch []byte
}

// comment writes a line of comment, in which nothing ends the line or is refused by a reader.
func (w *writer) comment(line string) {
	w.out = append(w.out, '#', ' ')
	for _, r := range line {
		if !unicode.IsPrint(r) {
			r = ' '
		}
		w.out = utf8.AppendRune(w.out, r)
	}
	w.out = append(bytes.TrimRight(w.out, " "), '\n')
}

// document writes a template; sections and resources are set apart by blank lines.
func (w *writer) document(root int32) {
	for section := w.nodes[root].first; section != noNode; section = w.nodes[section].next {
		at := &w.nodes[section]
		if at.kind != mapNode || at.first == noNode {
			w.entry(section, 0)
			continue
		}
		w.blankLine()
		w.scalar(at.key, false)
		w.out = append(w.out, ":\n"...)
		for item := at.first; item != noNode; item = w.nodes[item].next {
			if at.key == "Resources" && item != at.first {
				w.blankLine()
			}
			w.entry(item, 2)
		}
	}
}

// blankLine sets the next line apart, unless a literal block that keeps its last newlines has done so: a further one
// would become part of its text.
func (w *writer) blankLine() {
	if !bytes.HasSuffix(w.out, []byte("\n\n")) {
		w.out = append(w.out, '\n')
	}
}

// entry writes "key: value" at an indent.
func (w *writer) entry(n int32, indent int) {
	w.indent(indent)
	w.key(n)
	w.value(n, indent)
}

func (w *writer) key(n int32) {
	if at := &w.nodes[n]; at.plainKey {
		w.out = append(w.out, at.key...)
	} else {
		w.scalar(at.key, false)
	}
	w.out = append(w.out, ':')
}

func (w *writer) indent(n int) {
	const blanks = "                                        "
	for ; n > len(blanks); n -= len(blanks) {
		w.out = append(w.out, blanks...)
	}
	w.out = append(w.out, blanks[:n]...)
}

// value writes what stands behind a colon or dash, which is at the given indent, and ends the line.
func (w *writer) value(n int32, indent int) {
	at := &w.nodes[n]
	switch at.kind {
	case mapNode:
		w.children(n, indent, "{}")
	case seqNode:
		w.children(n, indent, "[]")
	case functionNode:
		w.function(n, indent)
	case subNode:
		w.out = append(w.out, " !Sub "...)
		w.text(w.subText(n), indent)
	case stringNode:
		w.out = append(w.out, ' ')
		w.text(at.text, indent)
	default:
		w.out = append(w.out, ' ')
		w.short(n)
		w.out = append(w.out, '\n')
	}
}

// children writes a map or list below its key or dash.
func (w *writer) children(n int32, indent int, empty string) {
	at := &w.nodes[n]
	if at.first == noNode {
		w.out = append(append(append(w.out, ' '), empty...), '\n')
		return
	}
	w.out = append(w.out, '\n')
	for child := at.first; child != noNode; child = w.nodes[child].next {
		if at.kind == seqNode {
			w.item(child, indent+2)
		} else {
			w.entry(child, indent+2)
		}
	}
}

// item writes "- value"; a map or list begins on the dash's line.
func (w *writer) item(n int32, indent int) {
	w.indent(indent)
	w.dash(n, indent)
}

func (w *writer) dash(n int32, indent int) {
	w.out = append(w.out, '-')
	at := &w.nodes[n]
	if at.kind != mapNode && at.kind != seqNode || at.first == noNode {
		w.value(n, indent)
		return
	}
	w.out = append(w.out, ' ')
	for child := at.first; child != noNode; child = w.nodes[child].next {
		if child != at.first {
			w.indent(indent + 2)
		}
		if at.kind == seqNode {
			w.dash(child, indent+2)
			continue
		}
		w.key(child)
		w.value(child, indent+2)
	}
}

// function writes an intrinsic: on the line when it is short, else as a list below the tag. Two tags cannot follow one
// another, so a single argument with a tag of its own takes the long form.
func (w *writer) function(n int32, indent int) {
	at := &w.nodes[n]
	start := len(w.out)
	w.out = append(w.out, ' ')
	if w.flow(n) && len(w.out)-bytes.LastIndexByte(w.out, '\n') <= maxColumn {
		w.out = append(w.out, '\n')
		return
	}
	w.out = w.out[:start]
	if w.hasOneArgument(n) {
		if w.out[start-1] == '-' {
			w.out = append(w.out, ' ')
		} else {
			w.out = append(w.out, '\n')
			w.indent(indent + 2)
		}
		w.out = append(append(w.out, at.text...), ':')
		w.value(at.first, indent+2)
		return
	}
	w.out = append(append(w.out, ' '), shortTag(at.text)...)
	w.out = append(w.out, '\n')
	for child := at.first; child != noNode; child = w.nodes[child].next {
		w.item(child, indent+2)
	}
}

// hasOneArgument tells whether the function takes its only argument bare, not in a list.
func (w *writer) hasOneArgument(n int32) bool {
	switch w.nodes[n].text {
	case "Fn::Not", "Fn::And", "Fn::Or":
		return false
	}
	at := &w.nodes[n]
	return at.first != noNode && at.first == at.last
}

func shortTag(function string) string { return "!" + strings.TrimPrefix(function, "Fn::") }

// flow writes a node on the current line in flow style; false means it cannot be.
func (w *writer) flow(n int32) bool {
	at := &w.nodes[n]
	switch at.kind {
	case mapNode:
		return false
	case seqNode:
		return w.flowList(at.first)
	case functionNode:
		w.out = append(append(w.out, shortTag(at.text)...), ' ')
		if !w.hasOneArgument(n) {
			return w.flowList(at.first)
		}
		return !w.tagged(at.first) && w.flow(at.first)
	case subNode:
		text := w.subText(n)
		if isBlock(text) {
			return false
		}
		w.out = append(w.out, "!Sub "...)
		w.scalar(text, true)
	case stringNode:
		if isBlock(at.text) {
			return false
		}
		w.scalar(at.text, true)
	default:
		w.short(n)
	}
	return true
}

func (w *writer) flowList(first int32) bool {
	w.out = append(w.out, '[')
	for child := first; child != noNode; child = w.nodes[child].next {
		if child != first {
			w.out = append(w.out, ", "...)
		}
		if !w.flow(child) {
			return false
		}
	}
	w.out = append(w.out, ']')
	return true
}

// tagged tells whether the node is written with a tag.
func (w *writer) tagged(n int32) bool {
	switch w.nodes[n].kind {
	case refNode, attNode, subNode, functionNode, conditionNode:
		return true
	}
	return false
}

// short writes a node that always fits on the line.
func (w *writer) short(n int32) {
	switch at := &w.nodes[n]; at.kind {
	case refNode:
		w.out = append(append(w.out, "!Ref "...), at.text...)
	case attNode:
		w.out = append(append(append(append(w.out, "!GetAtt "...), at.text...), '.'), at.attribute...)
	case conditionNode:
		w.out = append(append(w.out, "!Condition "...), at.text...)
	case nullNode:
		w.out = append(w.out, "null"...)
	default: // numbers, booleans, and faults, which are never kept
		w.out = append(w.out, at.text...)
	}
}

// subText is the text of Fn::Sub; literal "${" is escaped.
func (w *writer) subText(n int32) string {
	w.scratch = w.scratch[:0]
	for part := w.nodes[n].first; part != noNode; part = w.nodes[part].next {
		switch at := &w.nodes[part]; at.kind {
		case refNode:
			w.scratch = append(append(append(w.scratch, "${"...), at.text...), '}')
		case attNode:
			w.scratch = append(append(append(append(append(w.scratch, "${"...), at.text...), '.'), at.attribute...), '}')
		default:
			w.scratch = append(w.scratch, strings.ReplaceAll(at.text, "${", "${!")...)
		}
	}
	return string(w.scratch)
}
