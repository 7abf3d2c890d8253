package cfn

import (
	"strconv"
	"strings"
)

// text writes a string behind a colon, dash or tag, and ends the line: several lines as a literal block, the rest as a
// scalar.
func (w *writer) text(s string, indent int) {
	if !isBlock(s) {
		w.scalar(s, false)
		w.out = append(w.out, '\n')
		return
	}
	body := strings.TrimRight(s, "\n")
	switch len(s) - len(body) {
	case 0:
		w.out = append(w.out, "|-\n"...)
	case 1:
		w.out = append(w.out, "|\n"...)
	default:
		w.out = append(w.out, "|+\n"...)
		body = s[:len(s)-1]
	}
	for line := range strings.SplitSeq(body, "\n") {
		if line != "" {
			w.indent(indent + 2)
			w.out = append(w.out, line...)
		}
		w.out = append(w.out, '\n')
	}
}

// isBlock tells whether a text has several lines and reads back unchanged from a literal block in every YAML reader.
func isBlock(s string) bool {
	if !strings.Contains(s, "\n") || s[0] == ' ' || s[0] == '\n' || strings.Contains(s, " \n") || strings.HasSuffix(s, " ") {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }) < 0
}

// scalar writes a string plain if every reader takes it for that string, else quoted.
func (w *writer) scalar(s string, inFlow bool) {
	switch styleOf(s, inFlow) {
	case doubleQuoted:
		w.out = strconv.AppendQuoteToASCII(w.out, s)
	case plain:
		w.out = append(w.out, s...)
	default:
		w.out = append(w.out, '\'')
		for quote := strings.IndexByte(s, '\''); quote >= 0; quote = strings.IndexByte(s, '\'') {
			w.out = append(append(w.out, s[:quote+1]...), '\'')
			s = s[quote+1:]
		}
		w.out = append(append(w.out, s...), '\'')
	}
}

type style uint8

const (
	plain style = iota
	singleQuoted
	doubleQuoted
)

// What a byte may do to a plain scalar.
const (
	unprintable uint8 = 1 << iota // outside printable ASCII
	indicator                     // means something else at the beginning
	flowEnd                       // ends the scalar between brackets
	spacing                       // a blank or colon, which may end the scalar
	digit                         // begins numbers, dates and times
	numeric                       // is part of them
)

// classes says it for every byte.
var classes = func() (table [256]uint8) {
	for c := range table {
		if c < ' ' || c > '~' {
			table[c] = unprintable
		}
	}
	for class, characters := range map[uint8]string{
		indicator: "-?:,[]{}#&*!|>'\"%@` .+=<~",
		flowEnd:   ",?[]{}:",
		spacing:   " :",
		digit:     "0123456789",
		numeric:   "0123456789abcdefABCDEFxXoO_:.,+-TtZz ",
	} {
		for i := range len(characters) {
			table[characters[i]] |= class
		}
	}
	return table
}()

// styleOf tells how a string must be written so that a YAML 1.1 or 1.2 reader takes it for that string.
func styleOf(s string, inFlow bool) style {
	if s == "" {
		return singleQuoted
	}
	first, seen := classes[s[0]], uint8(0)
	for i := range len(s) {
		seen |= classes[s[i]]
	}
	switch {
	case seen&unprintable != 0:
		return doubleQuoted
	case first&indicator != 0, inFlow && seen&flowEnd != 0, seen&spacing != 0 && endsAtSpacing(s),
		first&digit != 0 && isNumeric(s), isWord(s):
		return singleQuoted
	}
	return plain
}

// isNumeric tells whether a text that begins with a digit may be a number, date or time.
func isNumeric(s string) bool {
	for i := range len(s) {
		if classes[s[i]]&numeric == 0 {
			return false
		}
	}
	return true
}

// endsAtSpacing tells whether a blank or colon ends a plain scalar.
func endsAtSpacing(s string) bool {
	return strings.HasSuffix(s, " ") || strings.HasSuffix(s, ":") || strings.Contains(s, ": ") || strings.Contains(s, " #")
}

// words are the booleans and nulls of YAML 1.1, by length.
var words = [...][]string{1: {"y", "n"}, 2: {"no", "on"}, 3: {"yes", "off"}, 4: {"true", "null"}, 5: {"false"}}

// isWord tells whether a reader would take the text for one of them; case does not matter.
func isWord(s string) bool {
	if len(s) >= len(words) {
		return false
	}
	for _, word := range words[len(s)] {
		if strings.EqualFold(s, word) {
			return true
		}
	}
	return false
}
