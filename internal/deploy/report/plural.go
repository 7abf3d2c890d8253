package report

import "fmt"

// Plural is a number with its noun: "1 change", "2 changes", "0 changes". With an empty second word, the first gets an s.
func Plural(n int, one, many string) string {
	if many == "" {
		many = one + "s"
	}
	return fmt.Sprint(n, " ", Choose(n, one, many))
}

// Choose is the first of two words for one thing, the second for any other number.
func Choose(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
