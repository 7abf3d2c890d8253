package cfn

import "strings"

// A token is an intrinsic function inside a Go string: an opening mark, one letter for the function, arguments with
// separators, a closing mark. Arguments may hold tokens again. The marks are Unicode noncharacters: they cannot occur
// in a template, survive concatenation and encoding/json, and need no registry, so tokens are safe between goroutines.
const (
	tokenOpen      = "\uFDD0"
	tokenClose     = "\uFDD1"
	tokenSeparator = "\uFDD2"
	markLength     = len(tokenOpen)
	markFirst      = '\xef' // the byte that all three marks begin with
)

// Letters of the token functions.
const (
	tokenRef       = 'R' // owner, logical ID
	tokenAtt       = 'G' // owner, logical ID, attribute
	tokenIf        = 'I' // owner, condition, value if true, value if false
	tokenCondition = 'C' // owner, condition
	tokenFunction  = 'F' // name, arguments
	tokenList      = 'A' // a token that stands for a whole list
	tokenInvalid   = 'E' // message, value, allowed
)

func token(letter byte, arguments ...string) string {
	return tokenOpen + string(letter) + strings.Join(arguments, tokenSeparator) + tokenClose
}

// isToken tells whether s contains at least one token.
func isToken(s string) bool { return strings.Contains(s, tokenOpen) }

// nextMark finds the first mark in s at or behind from; it is at len(s) when there is none.
func nextMark(s string, from int) (mark string, at int) {
	for {
		next := strings.IndexByte(s[from:], markFirst)
		at = from + next
		if next < 0 || at+markLength > len(s) {
			return "", len(s)
		}
		switch mark = s[at : at+markLength]; mark {
		case tokenOpen, tokenClose, tokenSeparator:
			return mark, at
		}
		from = at + 1
	}
}

// hasMark tells whether s contains a mark, paired or not.
func hasMark(s string) bool {
	mark, _ := nextMark(s, 0)
	return mark != ""
}

// cutToken splits s, which begins with an opening mark, after the token's closing mark. It reports the letter and the
// arguments' text; ok is false when the token is malformed.
func cutToken(s string) (letter byte, arguments, rest string, ok bool) {
	depth := 0
	for mark, at := nextMark(s, 0); mark != ""; mark, at = nextMark(s, at+markLength) {
		switch mark {
		case tokenOpen:
			depth++
		case tokenClose:
			depth--
		}
		if depth == 0 {
			body := s[markLength:at]
			if body == "" {
				return 0, "", "", false
			}
			return body[0], body[1:], s[at+markLength:], true
		}
	}
	return 0, "", "", false
}

// nextArgument cuts the first argument off, leaving separators inside nested tokens alone.
func nextArgument(arguments string) (first, rest string, more bool) {
	depth := 0
	for mark, at := nextMark(arguments, 0); mark != ""; mark, at = nextMark(arguments, at+markLength) {
		switch {
		case mark == tokenOpen:
			depth++
		case mark == tokenClose:
			depth--
		case depth == 0:
			return arguments[:at], arguments[at+markLength:], true
		}
	}
	return arguments, "", false
}

// eachToken calls visit for every token in s, outer ones first, and returns false when a mark is left over.
func eachToken(s string, visit func(letter byte, arguments string)) bool {
	for {
		start := strings.Index(s, tokenOpen)
		if start < 0 {
			return !hasMark(s)
		}
		letter, arguments, rest, ok := cutToken(s[start:])
		if !ok || hasMark(s[:start]) {
			return false
		}
		visit(letter, arguments)
		for more := true; more; {
			var argument string
			argument, arguments, more = nextArgument(arguments)
			if !eachToken(argument, visit) {
				return false
			}
		}
		s = rest
	}
}

// owners lists the templates whose parameters and resources s refers to, and whether s is well formed.
func owners(s string) (found []string, ok bool) {
	ok = eachToken(s, func(letter byte, arguments string) {
		if letter == tokenFunction || letter == tokenList || letter == tokenInvalid {
			return
		}
		if owner, _, _ := nextArgument(arguments); owner != "" {
			found = append(found, owner)
		}
	})
	return found, ok
}
