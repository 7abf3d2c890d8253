package screen

import (
	"strings"

	"github.com/tierform/tierform/internal/deploy/report"
)

// checks prints what was looked at, one below the other: sign, name, what was found, and below it what to do.
func (s *sheet) checks(c report.Checks) {
	s.add(s.paint(cyan, c.Title))
	names := 0
	for _, one := range c.Checks {
		names = max(names, width(one.Name))
	}
	for _, one := range c.Checks {
		head := "  " + s.verdict(one.Verdict) + " " + pad(one.Name, names) + between
		below := pad("", width(head))
		if longestWord(one.Found+" "+one.Do) > s.columns-width(head) { // an ARN stays whole
			s.add(head)
			head, below = "      ", "      "
		}
		s.wrapped(head, below, one.Found, "")
		if one.Do != "" {
			s.wrapped(below+"Do: ", below+"    ", one.Do, "")
		}
	}
}

// verdict is the sign of a check.
func (s *sheet) verdict(verdict string) string {
	switch verdict {
	case report.Fine:
		return s.paint(green, s.done)
	case report.Warned:
		return s.paint(yellow, s.warning)
	case report.Problem:
		return s.paint(red, s.failed)
	}
	return s.paint(grey, "?")
}

// longestWord is the width of the longest word of a text.
func longestWord(text string) (longest int) {
	for word := range strings.FieldsSeq(text) {
		longest = max(longest, width(word))
	}
	return longest
}
