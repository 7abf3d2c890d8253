package checks

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// UnknownNameError is a question about something that there is not, or that may be several things.
type UnknownNameError struct {
	// Kind is what was asked for, such as "node"; Name is the name given.
	Kind, Name string
	// Ambiguous tells that the name fits all of the candidates; otherwise they are the nearest names that there are.
	Ambiguous  bool
	Candidates []string
}

// Error names the candidates.
func (e *UnknownNameError) Error() string {
	list := "\n  " + strings.Join(e.Candidates, "\n  ")
	switch {
	case e.Ambiguous:
		return fmt.Sprintf("%s %q is ambiguous; it may be:%s", e.Kind, e.Name, list)
	case len(e.Candidates) == 0:
		return fmt.Sprintf("there is no %s %q", e.Kind, e.Name)
	}
	return fmt.Sprintf("there is no %s %q; names near it:%s", e.Kind, e.Name, list)
}

// choose finds the one name that another stands for: equal, equal without regard to case, or the only one that holds it.
func choose(kind, name string, names []string) (int, error) {
	fits := []func(string) bool{
		func(have string) bool { return have == name },
		func(have string) bool { return strings.EqualFold(have, name) },
		func(have string) bool { return strings.Contains(strings.ToLower(have), strings.ToLower(name)) },
	}
	for _, fit := range fits {
		var found []string
		at := 0
		for i, have := range names {
			if fit(have) {
				found, at = append(found, have), i
			}
		}
		switch {
		case len(found) == 1:
			return at, nil
		case len(found) > 1:
			return 0, &UnknownNameError{Kind: kind, Name: name, Ambiguous: true, Candidates: found}
		}
	}
	return 0, &UnknownNameError{Kind: kind, Name: name, Candidates: nearest(name, names)}
}

// maxNearest is how many names an error proposes.
const maxNearest = 8

// nearest are the names that take the fewest changes of characters, at most maxNearest.
func nearest(name string, names []string) []string {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	distances := map[string]int{}
	for _, have := range names {
		distances[have] = distance(strings.ToLower(name), strings.ToLower(have))
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(distances[a], distances[b]) })
	return names[:min(maxNearest, len(names))]
}

// distance is the number of characters to insert, delete or replace between two texts (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
