package screen

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tierform/tierform/internal/deploy/report"
)

const (
	// shortSecret is the length below which a value is masked only as a word of its own: every "a" would go otherwise.
	shortSecret = 4
	// secretLine is the length from which a line of a longer secret is one by itself: logs show keys line by line.
	secretLine = 8
)

// secrets are values that no output may show.
type secrets struct{ values [][]rune }

// add takes values with their lines, and as base64 writes them.
func (s *secrets) add(values ...string) {
	for _, value := range values {
		list := []string{value, strings.TrimSpace(value)}
		for line := range strings.Lines(value) {
			if line = strings.TrimSpace(line); len(line) >= secretLine {
				list = append(list, line)
			}
		}
		for _, text := range list {
			s.keep(text)
			if utf8.RuneCountInString(text) >= shortSecret {
				for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
					s.keep(encoding.EncodeToString([]byte(text)))
				}
			}
		}
	}
}

func (s *secrets) keep(text string) {
	value := []rune(text)
	known := slices.ContainsFunc(s.values, func(other []rune) bool { return slices.Equal(other, value) })
	if text != "" && text != report.Masked && !known {
		s.values = append(s.values, value)
	}
}

// mask puts the mask in the place of each run of characters that belongs to a secret. Secrets may overlap.
func (s *secrets) mask(text string) string {
	var hit []bool
	for _, secret := range s.values {
		for begin := start(text, 0, secret); begin >= 0; begin = start(text, begin+1, secret) {
			end := match(text, begin, secret)
			if end < 0 || len(secret) < shortSecret && !(apart(text[:begin], true) && apart(text[end:], false)) {
				continue
			}
			if hit == nil {
				hit = make([]bool, len(text))
			}
			for at := begin; at < end; at++ {
				hit[at] = true
			}
		}
	}
	if hit == nil {
		return text
	}
	var b strings.Builder
	for at := range len(text) {
		switch {
		case !hit[at]:
			b.WriteByte(text[at])
		case at == 0 || !hit[at-1]:
			b.WriteString(report.Masked)
		}
	}
	return b.String()
}

// apart tells whether a word ends where a text does, at its end or its beginning.
func apart(text string, end bool) bool {
	r, size := utf8.DecodeRuneInString(text)
	if end {
		r, size = utf8.DecodeLastRuneInString(text)
	}
	return size == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}
