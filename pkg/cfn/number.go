package cfn

import (
	"strconv"
	"strings"
	"sync/atomic"
)

// Numbers in goformation's structs are Go numbers, so a reference is stored as a sentinel that no real property has:
// -8888, then six digits for the template and six for the use in it. A double represents it exactly, and its text is
// found again in JSON. The template's digits only tell templates apart; they are never written.
const (
	sentinelDigits = 12
	sentinelFirst  = 8888 * 1_000_000 * 1_000_000
	perTemplate    = 1_000_000
	sentinelPrefix = "-8888"
)

var templatesWithNumbers atomic.Int64

// Int stores a reference to a number in an int field. The result is meaningful in templates of t only.
func (t *Template) Int(n Number) int {
	if len(t.numbers) == 0 {
		t.serial = templatesWithNumbers.Add(1) % 1_000_000
	}
	t.numbers = append(t.numbers, string(n))
	return -int(sentinelFirst + t.serial*perTemplate + int64(len(t.numbers)) - 1)
}

// Float is Int for float64 fields.
func (t *Template) Float(n Number) float64 { return float64(t.Int(n)) }

// sentinel finds the token behind a number; isSentinel says whether the number was meant as one.
func (t *Template) sentinel(n int64) (tok string, isSentinel, known bool) {
	offset := -n - sentinelFirst
	if offset < 0 || offset >= 1_000_000*perTemplate {
		return "", false, false
	}
	serial, index := offset/perTemplate, offset%perTemplate
	if serial != t.serial || index >= int64(len(t.numbers)) {
		return "", true, false
	}
	return t.numbers[index], true, true
}

// withNumbers puts the tokens back in place of sentinels that became part of a text, such as a JSON document. It
// leaves others as they are: they may be text that looks alike.
func (t *Template) withNumbers(s string) string {
	if len(s) < len(sentinelPrefix)+sentinelDigits {
		return s
	}
	var b strings.Builder
	for {
		start := strings.Index(s, sentinelPrefix)
		end := start + len(sentinelPrefix) + sentinelDigits
		if start < 0 || end > len(s) {
			return b.String() + s
		}
		n, _ := strconv.ParseInt(s[start:end], 10, 64)
		tok, _, known := t.sentinel(n)
		if !known {
			end = start + len(sentinelPrefix)
			tok = sentinelPrefix
		}
		b.WriteString(s[:start])
		b.WriteString(tok)
		s = s[end:]
	}
}
