package checks

import (
	_ "embed"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Report is what rules say about a set of templates, made to be printed.
type Report struct {
	// Directory is where the templates are, Environment the suffix and Parameters the file of values that were given; for
	// the head line and for links.
	Directory, Environment, Parameters string
	// Assumed are values, such as Name=value, that stand for parameters nobody gave one.
	Assumed []string
	// Templates, Stacks and Resources count what was judged.
	Templates, Stacks, Resources int
	// Requirements are those of the platform, in their order.
	Requirements []RequirementResult
	// Results are the rules in the order of their IDs.
	Results []Result
}

// RequirementResult is what became of a requirement of the platform.
type RequirementResult struct {
	// ID is such as R2.
	ID    string
	Title string
	// Outcome is the worst of the rules that had something to judge; NotProvable where none can, NotApplicable where none
	// had.
	Outcome Outcome
	// Rules are the IDs of the rules that prove it; Subjects is how many things they judged.
	Rules    []string
	Subjects int
	// Beyond is what the templates cannot prove of it, and who does.
	Beyond string
}

// NotProvable means that templates cannot show it.
const NotProvable Outcome = "not provable"

// NewReport arranges the results of [Verify] over a world.
func NewReport(w *World, results []Result) Report {
	r := Report{Templates: len(w.set.Templates), Stacks: len(w.Stacks), Results: results}
	for _, s := range w.Stacks {
		r.Resources += len(s.Resources)
	}
	for _, requirement := range requirements() {
		r.Requirements = append(r.Requirements, requirement.judged(results))
	}
	return r
}

// judged gathers the results of the rules that prove a requirement.
func (r RequirementResult) judged(results []Result) RequirementResult {
	outcomes := []Outcome{}
	for _, result := range results {
		if slices.Contains(result.Rule.Requirements, r.ID) {
			r.Rules, r.Subjects = append(r.Rules, result.Rule.ID), r.Subjects+result.Subjects
			outcomes = append(outcomes, result.Outcome)
		}
	}
	r.Outcome = worst(outcomes)
	if strings.HasPrefix(r.Beyond, string(NotProvable)) && len(r.Rules) == 0 {
		r.Outcome = NotProvable
	}
	return r
}

// worst is the worst of some outcomes; without any that judged something, NotApplicable.
func worst(outcomes []Outcome) Outcome {
	for _, o := range []Outcome{Fail, Unsure, Exempt, Pass} {
		if slices.Contains(outcomes, o) {
			return o
		}
	}
	return NotApplicable
}

// Failed tells whether a rule found a promise broken.
func (r Report) Failed() bool { return len(r.findings(Fail)) > 0 }

// found is a finding with its rule.
type found struct {
	rule Rule
	Finding
}

// findings lists those of an outcome, in the order of rules and places.
func (r Report) findings(outcome Outcome) []found {
	var list []found
	for _, result := range r.Results {
		for _, f := range result.Findings {
			if f.Outcome == outcome {
				list = append(list, found{result.Rule, f})
			}
		}
	}
	return list
}

// count is how many rules have an outcome.
func (r Report) count(outcome Outcome) int {
	n := 0
	for _, result := range r.Results {
		if result.Outcome == outcome {
			n++
		}
	}
	return n
}

// file is the name of a template with its directory, in the form of a relative URL.
func (r Report) file(template string) string {
	return path.Join(filepath.ToSlash(r.Directory), template)
}

//go:embed requirements.txt
var requirementsText string

// requirements reads the table of the platform's requirements.
func requirements() []RequirementResult {
	var list []RequirementResult
	for line := range strings.Lines(requirementsText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(strings.TrimSpace(line), " | ")
		r := RequirementResult{ID: fields[0], Title: fields[1]}
		if len(fields) > 2 {
			r.Beyond = fields[2]
		}
		list = append(list, r)
	}
	return list
}
