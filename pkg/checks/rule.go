package checks

import (
	"cmp"
	"slices"
	"strings"
)

// Severity ranks what a broken rule means.
type Severity string

const (
	// Critical is an open door: data or money can be taken.
	Critical Severity = "critical"
	// High breaks a promise of security or availability.
	High Severity = "high"
	// Medium weakens one.
	Medium Severity = "medium"
	// Low is untidy.
	Low Severity = "low"
)

// Rule proves one promise about a world.
type Rule struct {
	// ID names the rule for ever, such as NET001: exemptions and reports refer to it.
	ID string
	// Title is the promise, in one sentence without full stop.
	Title string
	// Requirements are the platform's requirements that it proves, such as R2.
	Requirements []string
	// PCI are the requirements of PCI DSS v4.0.1 that it supports, such as 1.3.1.
	PCI []string
	// Severity is what a violation means.
	Severity Severity
	// Check looks at the world. It counts every subject it judges with Report.Look, so that a rule that found nothing to
	// judge is not taken for one that passed.
	Check func(w *World, r *Looking)
}

// Finding is one subject that does not keep a rule's promise, or of which it cannot be known.
type Finding struct {
	// Rule is the rule's ID.
	Rule string `json:"rule"`
	// Outcome is Fail, Exempt or Unsure.
	Outcome Outcome `json:"outcome"`
	// Template, LogicalID, Path and Line say where.
	Template  string `json:"template"`
	LogicalID string `json:"logical_id"`
	Path      string `json:"path,omitempty"`
	Line      int    `json:"line,omitempty"`
	// Found is what is there, Needed what the promise takes, Mend how to get from one to the other.
	Found  string `json:"found"`
	Needed string `json:"needed"`
	Mend   string `json:"mend,omitempty"`
	// Reason is why the finding is exempt or unsure.
	Reason string `json:"reason,omitempty"`
}

// Outcome is what became of a rule or a finding.
type Outcome string

const (
	// Pass means every subject keeps the promise.
	Pass Outcome = "pass"
	// Fail means one does not.
	Fail Outcome = "fail"
	// Exempt means that those that do not have a reason.
	Exempt Outcome = "exempt"
	// Unsure means that it cannot be known from the templates and the parameter values given.
	Unsure Outcome = "unknown"
	// NotApplicable means that there is nothing the rule is about.
	NotApplicable Outcome = "not applicable"
)

// Exemption excuses a finding for a reason, which every report shows. Empty fields match anything.
type Exemption struct {
	Rule, Template, LogicalID string
	Reason                    string
}

// Looking is a rule at work: it counts subjects and takes findings.
type Looking struct {
	rule       Rule
	exemptions []Exemption
	subjects   int
	findings   []Finding
}

// Look counts a subject that the rule judges.
func (l *Looking) Look() { l.subjects++ }

// Fail reports that the value at a path below a resource's Properties ("" for the resource as a whole) is not what is
// needed. A value that is unknown becomes an unsure finding by itself.
func (l *Looking) Fail(r *Resource, path string, found Value, needed, mend string) {
	f := l.finding(r, path, found.Show(), needed, mend)
	if why := found.Unknown(); why != "" {
		f.Outcome, f.Reason = Unsure, why
	}
	l.add(f)
}

// FailText is Fail for something found that is no single value.
func (l *Looking) FailText(r *Resource, path, found, needed, mend string) {
	l.add(l.finding(r, path, found, needed, mend))
}

// Unsure reports that something about a resource cannot be known, for a reason.
func (l *Looking) Unsure(r *Resource, path, needed, reason string) {
	f := l.finding(r, path, "unknown", needed, "")
	f.Outcome, f.Reason = Unsure, reason
	l.add(f)
}

// Exempt reports a violation that the template itself excuses, for instance in the resource's Metadata.
func (l *Looking) Exempt(r *Resource, path, found, needed, reason string) {
	f := l.finding(r, path, found, needed, "")
	f.Outcome, f.Reason = Exempt, reason
	l.add(f)
}

// FailUnlessExcused is Fail, unless the resource excuses itself: its Metadata has Exemptions with a reason for the path,
// for the path's first step or for the rule.
func (l *Looking) FailUnlessExcused(r *Resource, path string, found Value, needed, mend string) {
	first := strings.FieldsFunc(path, func(c rune) bool { return c == '.' || c == '[' })
	for _, key := range append([]string{l.rule.ID, path}, first[:min(1, len(first))]...) {
		if reason := r.Metadata.Field("Exemptions").Field(key).String(); reason != "" && key != "" {
			l.Exempt(r, path, found.Show(), needed, reason)
			return
		}
	}
	l.Fail(r, path, found, needed, mend)
}

// FailTemplate reports something in a template that is no resource, such as a section or a parameter.
func (l *Looking) FailTemplate(t *Template, path, found, needed, mend string) {
	l.add(Finding{Rule: l.rule.ID, Outcome: Fail, Template: t.Name, Path: path, Line: t.line(path), Found: found, Needed: needed, Mend: mend})
}

// UnsureTemplate reports that something in a template that is no resource cannot be known, for a reason.
func (l *Looking) UnsureTemplate(t *Template, path, needed, reason string) {
	l.add(Finding{Rule: l.rule.ID, Outcome: Unsure, Template: t.Name, Path: path, Line: t.line(path), Found: "unknown", Needed: needed, Reason: reason})
}

func (l *Looking) finding(r *Resource, path, found, needed, mend string) Finding {
	f := Finding{Rule: l.rule.ID, Outcome: Fail, Path: path, Found: found, Needed: needed, Mend: mend}
	if r != nil {
		f.Template, f.LogicalID, f.Line = r.Stack.Template.Name, r.LogicalID, r.Line(path)
	}
	return f
}

func (l *Looking) add(f Finding) {
	for _, e := range l.exemptions {
		matches := func(have, want string) bool { return want == "" || have == want }
		if f.Outcome == Fail && matches(f.Rule, e.Rule) && matches(f.Template, e.Template) && matches(f.LogicalID, e.LogicalID) {
			f.Outcome, f.Reason = Exempt, e.Reason
		}
	}
	l.findings = append(l.findings, f)
}

// Result is what a rule found.
type Result struct {
	Rule Rule
	// Outcome is the worst of the findings, Pass without any, NotApplicable without subjects.
	Outcome Outcome
	// Subjects is how many things were judged.
	Subjects int
	// Findings are sorted by place.
	Findings []Finding
}

// Verify runs rules over a world, in the order of their IDs. Where the values leave conditions open, a rule that finds
// nothing is asked again for each way they may turn out, and is unsure where it then finds something.
func Verify(w *World, rules []Rule, exemptions ...Exemption) []Result {
	rules = slices.Clone(rules)
	slices.SortFunc(rules, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	results := make([]Result, 0, len(rules))
	for _, rule := range rules {
		l := &Looking{rule: rule, exemptions: exemptions}
		rule.Check(w, l)
		l.askAgain(w)
		results = append(results, l.result())
	}
	return results
}

func (l *Looking) result() Result {
	slices.SortStableFunc(l.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Template, b.Template), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Found, b.Found),
			cmp.Compare(a.LogicalID, b.LogicalID), cmp.Compare(a.Needed, b.Needed), cmp.Compare(a.Reason, b.Reason))
	})
	has := func(o Outcome) bool {
		return slices.ContainsFunc(l.findings, func(f Finding) bool { return f.Outcome == o })
	}
	outcome := Pass
	switch {
	case has(Fail):
		outcome = Fail
	case has(Unsure):
		outcome = Unsure
	case has(Exempt):
		outcome = Exempt
	case l.subjects == 0:
		outcome = NotApplicable
	}
	return Result{Rule: l.rule, Outcome: outcome, Subjects: l.subjects, Findings: slices.Compact(l.findings)}
}
