package screen

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// width is how many columns a text takes, without the colours in it.
func width(text string) int {
	columns := 0
	for rest := text; rest != ""; {
		if code := sequence(rest); code > 0 {
			rest = rest[code:]
			continue
		}
		r, size := utf8.DecodeRuneInString(rest)
		columns, rest = columns+runeWidth(r), rest[size:]
	}
	return columns
}

// sequence is the length of the colour that a text begins with.
func sequence(text string) int {
	if !strings.HasPrefix(text, "\x1b[") {
		return 0
	}
	return strings.IndexByte(text, 'm') + 1
}

// wide are the blocks of characters that take two columns (Unicode Standard Annex 11, East Asian Width: W and F).
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x1100, Hi: 0x115f, Stride: 1}, {Lo: 0x2e80, Hi: 0x303e, Stride: 1}, {Lo: 0x3041, Hi: 0xa4cf, Stride: 1}, {Lo: 0xac00, Hi: 0xd7a3, Stride: 1},
		{Lo: 0xf900, Hi: 0xfaff, Stride: 1}, {Lo: 0xfe30, Hi: 0xfe6f, Stride: 1}, {Lo: 0xff00, Hi: 0xff60, Stride: 1}, {Lo: 0xffe0, Hi: 0xffe6, Stride: 1}},
	R32: []unicode.Range32{{Lo: 0x1f300, Hi: 0x1f64f, Stride: 1}, {Lo: 0x1f680, Hi: 0x1f6ff, Stride: 1}, {Lo: 0x1f900, Hi: 0x1f9ff, Stride: 1}, {Lo: 0x20000, Hi: 0x3fffd, Stride: 1}},
}

func runeWidth(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// cut shortens a text to so many columns and says so with an ellipsis.
func cut(text string, columns int, ellipsis string) string {
	if width(text) <= columns {
		return text
	}
	var b strings.Builder
	used, colored := 0, false
	for rest := text; ; {
		if code := sequence(rest); code > 0 {
			b.WriteString(rest[:code])
			colored, rest = true, rest[code:]
			continue
		}
		r, size := utf8.DecodeRuneInString(rest)
		if used += runeWidth(r); used > columns-width(ellipsis) {
			break
		}
		b.WriteString(rest[:size])
		rest = rest[size:]
	}
	b.WriteString(ellipsis)
	if colored {
		b.WriteString(reset)
	}
	return b.String()
}

// fewestCells are what is left for a text beside anything else.
const fewestCells = 10

// wrap breaks a text between words. A word that is longer than a line stays whole on a line of its own, beyond the edge: an ARN in two
// pieces cannot be copied. JSON is broken behind its commas, and scripts that have no spaces anywhere. Nothing but spaces is lost.
func wrap(text string, columns int) []string {
	columns = max(columns, fewestCells)
	var all []string
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		line = strings.TrimRight(line, " ")
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		if len(indent) > columns/2 {
			indent = ""
		}
		now := indent
		for _, word := range strings.Fields(line) {
			gap := " "
			if now == indent {
				gap = ""
			}
			for _, piece := range pieces(word, columns-width(indent)) {
				if now != indent && width(now)+width(gap)+width(piece) > columns {
					all, now, gap = append(all, now), indent, ""
				}
				now, gap = now+gap+piece, ""
			}
		}
		all = append(all, now)
	}
	for i := range all {
		all[i] = strings.ReplaceAll(all[i], together, " ")
	}
	return all
}

// together is a space at which no line is broken. No text that comes from elsewhere has it: control characters are taken out.
const together = "\x1f"

// pieces are the parts of a word that may stand on lines of their own.
func pieces(word string, columns int) (parts []string) {
	switch {
	case width(word) <= columns:
		return []string{word}
	case strings.ContainsFunc(word, func(r rune) bool { return runeWidth(r) == 2 }):
		for word != "" {
			head := fitting(word, columns)
			parts, word = append(parts, head), word[len(head):]
		}
		return parts
	case strings.Contains(word, `"`):
		return strings.SplitAfter(word, ",")
	}
	return []string{word}
}

// fitting is the beginning of a word that fits, one character at least.
func fitting(word string, columns int) string {
	used := 0
	for at, r := range word {
		if used += runeWidth(r); used > columns && at > 0 {
			return word[:at]
		}
	}
	return word
}

// pad fills a text up with spaces.
func pad(text string, columns int) string {
	return text + strings.Repeat(" ", max(0, columns-width(text)))
}

// elapsed is a duration as a person says it: 22s, 4m03s, 1h02m.
func elapsed(d time.Duration) string {
	switch d = max(0, d.Round(time.Second)); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// kilobytes is a size in the unit that fits.
func kilobytes(bytes int) string {
	const kilo = 1024
	switch {
	case bytes < kilo:
		return fmt.Sprintf("%d bytes", bytes)
	case bytes < kilo*kilo:
		return fmt.Sprintf("%d KB", (bytes+kilo/2)/kilo)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/kilo/kilo)
}
