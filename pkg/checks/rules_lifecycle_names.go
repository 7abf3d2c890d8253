package checks

import (
	_ "embed"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
)

// suffixParameter is the parameter that tells environments of an account apart.
const suffixParameter = "EnvironmentSuffix"

//go:embed lifecycle_names.txt
var physicalNames string

// suffixes are the longest environment suffix that the root templates allow, and another one; or why they are not known.
// Both are empty when no root template has the parameter.
func (w *World) suffixes() (longest, other, why string) {
	for _, s := range w.Stacks {
		declared := s.Template.section("Parameters").field(suffixParameter)
		if s.as != nil || declared == nil {
			continue
		}
		if allowed := declared.field("AllowedValues"); allowed != nil {
			longest, other, why = pick(allowed.items)
		} else {
			longest, other, why = spell(declared)
		}
		if why != "" {
			return "", "", s.Template.Name + ": " + why
		}
	}
	return longest, other, ""
}

// pick takes the longest of the values allowed, and another.
func pick(allowed []*expression) (longest, other, why string) {
	for _, item := range allowed {
		if text := item.scalar(); len(text) > len(longest) {
			longest, other = text, longest
		} else {
			other = text
		}
	}
	if other == "" {
		return "", "", suffixParameter + " allows one value only"
	}
	return longest, other, ""
}

// spell writes a suffix of the greatest length that fits the pattern.
func spell(declared *expression) (longest, other, why string) {
	n, err := strconv.Atoi(declared.field("MaxLength").scalar())
	if err != nil || n < 2 || n > maxParameterBytes {
		return "", "", suffixParameter + " has no MaxLength"
	}
	pattern, err := regexp.Compile("^(?:" + declared.field("AllowedPattern").scalar() + ")$")
	if declared.field("AllowedPattern") == nil {
		pattern, err = regexp.Compile(".*")
	}
	if err != nil {
		return "", "", suffixParameter + " has a pattern that cannot be read"
	}
	for _, letter := range []string{"x", "X", "1"} {
		if longest, other := strings.Repeat(letter, n), strings.Repeat(letter, n-1); pattern.MatchString(longest) && pattern.MatchString(other) {
			return longest, other, ""
		}
	}
	return "", "", fmt.Sprintf("no suffix of %d characters fits the pattern of %s", n, suffixParameter)
}

// withSuffix is the world of another environment. Its resources have no values but those that are asked for.
func (w *World) withSuffix(suffix string) *World {
	env := w.env
	env.Parameters = maps.Clone(env.Parameters)
	if env.Parameters == nil {
		env.Parameters = map[string]string{}
	}
	env.Parameters[suffixParameter] = suffix
	return deploySet(w.set, env, false)
}

// suffixedName is a resource's physical name with two suffixes.
type suffixedName struct {
	resource       *Resource
	property       string
	limit          int
	longest, other Value
}

// suffixedNames are the physical names in the templates with two suffixes.
type suffixedNames struct {
	list    []suffixedName
	longest string
	why     string // what keeps them from being known
}

// physicalNames lists the physical names in the templates, once for all rules.
func (w *World) physicalNames() *suffixedNames {
	if w.order.names == nil {
		w.order.names = w.readNames()
	}
	return w.order.names
}

func (w *World) readNames() *suffixedNames {
	longest, other, why := w.suffixes()
	names := &suffixedNames{longest: longest, why: why}
	if longest == "" {
		return names
	}
	one, two := w.withSuffix(longest), w.withSuffix(other)
	for _, row := range tableRows(physicalNames) {
		limit, _ := strconv.Atoi(row[2])
		for _, r := range w.OfType(row[0]) {
			source := r.source.field("Properties").field(row[1])
			if !r.At(row[1]).Exists() {
				continue // AWS makes one up
			}
			n := suffixedName{r, row[1], limit, r.At(row[1]), r.At(row[1])}
			if s := one.stacks[r.Stack.Path]; s != nil {
				n.longest = s.resolve(source)
			}
			if s := two.stacks[r.Stack.Path]; s != nil {
				n.other = s.resolve(source)
			}
			names.list = append(names.list, n)
		}
	}
	return names
}

func checkNamesDiffer(w *World, l *Looking) {
	names := w.physicalNames()
	checkSuffixKnown(w, l, names.why)
	for _, n := range names.list {
		l.Look()
		switch {
		case n.longest.Unknown() != "":
			l.Fail(n.resource, n.property, n.longest, "a name with the environment suffix", "")
		case n.longest.String() == n.other.String() || !strings.Contains(strings.ToLower(n.longest.String()), strings.ToLower(names.longest)):
			l.FailUnlessExcused(n.resource, n.property, n.longest, "a name with the environment suffix", "end the name in -${"+suffixParameter+"}")
		}
	}
}

func checkNamesFit(w *World, l *Looking) {
	names := w.physicalNames()
	checkSuffixKnown(w, l, names.why)
	for _, n := range names.list {
		l.Look()
		needed := fmt.Sprintf("at most %d characters with the longest suffix", n.limit)
		switch size := len(n.longest.String()); {
		case n.longest.Unknown() != "":
			l.Fail(n.resource, n.property, n.longest, needed, "")
		case size > n.limit:
			l.FailUnlessExcused(n.resource, n.property, Text(fmt.Sprintf("%d characters: %s", size, n.longest.String())), needed, "shorten the name")
		}
	}
}

// checkSuffixKnown reports that names cannot be compared.
func checkSuffixKnown(w *World, l *Looking, why string) {
	if why == "" {
		return
	}
	l.Look()
	name, reason, _ := strings.Cut(why, ": ")
	l.UnsureTemplate(w.set.template(name), "Parameters."+suffixParameter, "the longest suffix, by MaxLength and a pattern", reason)
}
