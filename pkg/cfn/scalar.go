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
	switch {
	case !isPrintable(s):
		w.out = strconv.AppendQuoteToASCII(w.out, s)
	case isPlain(s, inFlow):
		w.out = append(w.out, s...)
	default:
		w.out = append(w.out, '\'')
		for i := range len(s) {
			if s[i] == '\'' {
				w.out = append(w.out, '\'')
			}
			w.out = append(w.out, s[i])
		}
		w.out = append(w.out, '\'')
	}
}

func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// isPlain tells whether a printable string needs no quotes.
func isPlain(s string, inFlow bool) bool {
	if s == "" || strings.IndexByte("-?:,[]{}#&*!|>'\"%@` .+=<~", s[0]) >= 0 || isAmbiguous(s) {
		return false
	}
	for i := range len(s) {
		switch s[i] {
		case ':':
			if inFlow || i+1 == len(s) || s[i+1] == ' ' {
				return false
			}
		case ' ':
			if i+1 == len(s) || s[i+1] == '#' {
				return false
			}
		case ',', '?', '[', ']', '{', '}':
			if inFlow {
				return false
			}
		}
	}
	return true
}

// isAmbiguous tells whether a YAML 1.1 or 1.2 reader would take the text for a boolean, null, number or date.
func isAmbiguous(s string) bool {
	if s[0] >= '0' && s[0] <= '9' {
		return strings.Trim(s, "0123456789abcdefABCDEFxXoO_:.,+-TtZz ") == ""
	}
	if len(s) > len("false") {
		return false
	}
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return true
	}
	return false
}
