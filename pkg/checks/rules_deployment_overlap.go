package checks

import "strings"

// maxOverlap bounds the work of comparing two patterns.
const maxOverlap = 1 << 20

// overlaps tells whether some text matches two patterns with * and ?; of patterns too long to tell, that it may.
func overlaps(a, b string) bool {
	for a != "" && b != "" && a[0] != '*' && b[0] != '*' {
		if a[0] != b[0] && a[0] != '?' && b[0] != '?' {
			return false
		}
		a, b = a[1:], b[1:]
	}
	if len(a)*len(b) > maxOverlap {
		return true
	}
	// below[j] and here[j] tell whether the rests of a behind the current and of b from j overlap.
	below := restsOfNothing(b)
	for i := len(a) - 1; i >= 0; i-- {
		here := make([]bool, len(b)+1)
		here[len(b)] = a[i] == '*' && below[len(b)]
		for j := len(b) - 1; j >= 0; j-- {
			switch {
			case a[i] == '*' || b[j] == '*':
				here[j] = below[j] || here[j+1]
			case a[i] == b[j] || a[i] == '?' || b[j] == '?':
				here[j] = below[j+1]
			}
		}
		below = here
	}
	return below[0]
}

// restsOfNothing tells for each rest of a pattern whether it matches nothing.
func restsOfNothing(b string) []bool {
	rests := make([]bool, len(b)+1)
	for j := range rests {
		rests[j] = strings.Trim(b[j:], "*") == ""
	}
	return rests
}
