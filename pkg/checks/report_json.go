package checks

import (
	"encoding/json"
	"io"
)

// ReportVersion is the form of the JSON report. It rises when a field is renamed, removed or changes its meaning; new
// fields do not raise it.
const ReportVersion = 1

// The JSON report. Lists are never null and are sorted as in the text report.
type (
	reportJSON struct {
		Version      int               `json:"version"`
		Directory    string            `json:"directory"`
		Environment  string            `json:"environment"`
		Parameters   string            `json:"parameters"`
		Assumed      []string          `json:"assumed"`
		Templates    int               `json:"templates"`
		Stacks       int               `json:"stacks"`
		Resources    int               `json:"resources"`
		Outcome      Outcome           `json:"outcome"`
		Requirements []requirementJSON `json:"requirements"`
		Rules        []resultJSON      `json:"rules"`
	}
	requirementJSON struct {
		ID       string   `json:"id"`
		Title    string   `json:"title"`
		Outcome  Outcome  `json:"outcome"`
		Subjects int      `json:"subjects"`
		Rules    []string `json:"rules"`
		Beyond   string   `json:"beyond,omitempty"`
	}
	ruleJSON struct {
		ID           string   `json:"id"`
		Title        string   `json:"title"`
		Severity     Severity `json:"severity"`
		Requirements []string `json:"requirements"`
		PCI          []string `json:"pci"`
	}
	resultJSON struct {
		ruleJSON
		Outcome  Outcome   `json:"outcome"`
		Subjects int       `json:"subjects"`
		Findings []Finding `json:"findings"`
	}
)

// WriteJSON prints the report for tools; docs/checks.md describes the fields.
func (r Report) WriteJSON(out io.Writer) error {
	report := reportJSON{Version: ReportVersion, Directory: r.Directory, Environment: r.Environment, Parameters: r.Parameters, Assumed: present(r.Assumed),
		Templates: r.Templates, Stacks: r.Stacks, Resources: r.Resources, Requirements: []requirementJSON{}, Rules: []resultJSON{}}
	var outcomes []Outcome
	for _, q := range r.Requirements {
		report.Requirements = append(report.Requirements, requirementJSON{q.ID, q.Title, q.Outcome, q.Subjects, present(q.Rules), q.Beyond})
	}
	for _, result := range r.Results {
		outcomes = append(outcomes, result.Outcome)
		report.Rules = append(report.Rules, resultJSON{ruleOf(result.Rule), result.Outcome, result.Subjects, present(result.Findings)})
	}
	report.Outcome = worst(outcomes)
	return writeJSON(out, report)
}

func ruleOf(rule Rule) ruleJSON {
	return ruleJSON{rule.ID, rule.Title, rule.Severity, present(rule.Requirements), present(rule.PCI)}
}

// present is a list that JSON does not print as null.
func present[T any](list []T) []T { return append([]T{}, list...) }

// writeJSON prints a value indented, with <, > and & as they are.
func writeJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
