package screen

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// match is where a secret ends in a text that has it at a place, or -1. The text may write each character in another way, mixed at will:
// as it is, as JSON does in any number of levels (a policy in a property in an event), as URLs do, as HTML does, with Markdown's
// backslashes.
func match(text string, begin int, secret []rune) int {
	ends := []int{begin}
	for _, r := range secret {
		var next []int
		for _, at := range ends {
			for _, size := range standing(text, at, r) {
				if !slices.Contains(next, at+size) {
					next = append(next, at+size)
				}
			}
		}
		if ends = next; len(ends) == 0 {
			return -1
		}
	}
	return slices.Max(ends)
}

// start is the next place at which a secret may begin, in any way of writing it, or -1.
func start(text string, from int, secret []rune) int {
	at := strings.IndexAny(text[from:], `\%+&`+string(secret[:1]))
	if at < 0 {
		return -1
	}
	return from + at
}

// standing are the lengths of what may stand for a character at a place of a text.
func standing(text string, at int, r rune) (sizes []int) {
	rest := text[at:]
	if strings.HasPrefix(rest, string(r)) {
		sizes = append(sizes, utf8.RuneLen(r))
	}
	slashes := len(rest) - len(strings.TrimLeft(rest, `\`))
	after, escaped := rest[slashes:], slashes > 0 || at > 0 && text[at-1] == '\\'
	switch {
	case r == '\\' && escaped: // however many levels doubled it
		sizes = append(sizes, slashes)
	case slashes > 0 && (unicode.IsPunct(r) || unicode.IsSymbol(r)) && strings.HasPrefix(after, string(r)):
		sizes = append(sizes, slashes+utf8.RuneLen(r))
	}
	if escaped {
		if n := unescaped(after, r); n > 0 {
			sizes = append(sizes, slashes+n)
		}
	}
	if n := percent(rest, r); n > 0 {
		sizes = append(sizes, n)
	}
	if n := entity(rest, r); n > 0 {
		sizes = append(sizes, n)
	}
	return sizes
}

// unescaped is the length of what JSON writes after a backslash.
func unescaped(after string, r rune) int {
	letter := map[rune]string{'\n': "n", '\r': "r", '\t': "t", '\b': "b", '\f': "f"}[r]
	if letter != "" && strings.HasPrefix(after, letter) {
		return 1
	}
	if high, low := utf16.EncodeRune(r); high != unicode.ReplacementChar {
		first := hex(after, high)
		if first == 0 {
			return 0
		}
		slashes := len(after[first:]) - len(strings.TrimLeft(after[first:], `\`))
		if second := hex(after[first+slashes:], low); second > 0 {
			return first + slashes + second
		}
		return 0
	}
	return hex(after, r)
}

// hex is the length of a code unit as JSON writes it: u003c.
func hex(text string, unit rune) int {
	if len(text) < 5 || text[0] != 'u' {
		return 0
	}
	if n, err := strconv.ParseUint(text[1:5], 16, 16); err != nil || rune(n) != unit {
		return 0
	}
	return 5
}

// percent is the length of a character as URLs write it.
func percent(text string, r rune) int {
	if r == ' ' && strings.HasPrefix(text, "+") {
		return 1
	}
	n := 0
	for _, b := range []byte(string(r)) {
		if len(text) < n+3 || text[n] != '%' {
			return 0
		}
		if v, err := strconv.ParseUint(text[n+1:n+3], 16, 8); err != nil || byte(v) != b {
			return 0
		}
		n += 3
	}
	return n
}

// entity is the length of a character as HTML writes it.
func entity(text string, r rune) int {
	if !strings.HasPrefix(text, "&") {
		return 0
	}
	name := map[rune]string{'<': "lt", '>': "gt", '&': "amp", '"': "quot", '\'': "apos"}[r]
	for _, form := range []string{name, "#" + strconv.Itoa(int(r)), "#x" + strconv.FormatInt(int64(r), 16)} {
		if whole := "&" + form + ";"; form != "" && len(text) >= len(whole) && strings.EqualFold(text[:len(whole)], whole) {
			return len(whole)
		}
	}
	return 0
}
