package checks

import (
	"fmt"
	"slices"
	"strings"
)

// Gate judges templates before they are deployed, with the parameter values that they will have. It is nil when nothing
// speaks against it, a [*GateError] with what does, or the error of [Load].
//
// A failed finding of any severity blocks. What is unknown blocks where a critical rule asks, because an open door that
// nobody could look at is taken for open, and where a template of the set cannot be followed, because then no rule has seen
// what it holds; other unknown findings do not, since a report shows them. An exemption excuses either.
func Gate(files []File, env Environment, exemptions ...Exemption) error {
	set, err := Load(files)
	if err != nil {
		return err
	}
	blocked := &GateError{}
	for _, result := range Verify(Deploy(set, env), Rules(), exemptions...) {
		for _, f := range result.Findings {
			switch {
			case f.Outcome == Fail:
				blocked.Failed = append(blocked.Failed, f)
			case f.Outcome == Unsure && (result.Rule.Severity == Critical || f.Rule == followed) && !excused(f, exemptions):
				blocked.Unknown = append(blocked.Unknown, f)
			}
		}
	}
	if len(blocked.Failed)+len(blocked.Unknown) == 0 {
		return nil
	}
	return blocked
}

// followed is the rule that every template of the set can be followed.
const followed = "LIF013"

// excused tells whether an exemption is about a finding.
func excused(f Finding, exemptions []Exemption) bool {
	matches := func(have, want string) bool { return want == "" || have == want }
	return slices.ContainsFunc(exemptions, func(e Exemption) bool {
		return matches(f.Rule, e.Rule) && matches(f.Template, e.Template) && matches(f.LogicalID, e.LogicalID)
	})
}

// GateError is why templates may not be deployed.
type GateError struct {
	// Failed are findings that break a promise, Unknown those of critical rules that could not be judged; both in the order
	// of rules and places.
	Failed, Unknown []Finding
}

// Error says each finding in a line, with how to mend it.
func (e *GateError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the templates break %d promises", len(e.Failed))
	if len(e.Unknown) > 0 {
		fmt.Fprintf(&b, ", and %d critical ones cannot be judged", len(e.Unknown))
	}
	for _, f := range e.Failed {
		fmt.Fprintf(&b, "\n  %s %s: found %s, needed %s", f.Rule, f.Where(), f.Found, f.Needed)
		if f.Mend != "" {
			b.WriteString("; " + f.Mend)
		}
	}
	for _, f := range e.Unknown {
		fmt.Fprintf(&b, "\n  %s %s: unknown, %s; needed %s", f.Rule, f.Where(), f.Reason, f.Needed)
	}
	return b.String()
}

// Where is the finding's place in one line: template, line, logical ID, path.
func (f Finding) Where() string {
	place := f.Template
	if place == "" {
		place = "the templates"
	}
	if f.Line > 0 {
		place = fmt.Sprintf("%s:%d", place, f.Line)
	}
	for _, part := range []string{f.LogicalID, f.Path} {
		if part != "" {
			place += " " + part
		}
	}
	return place
}
