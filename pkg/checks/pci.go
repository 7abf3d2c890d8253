package checks

import (
	"cmp"
	_ "embed"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// PCIMatrix is what the platform does about PCI DSS v4.0.1, and which rules prove it of a set of templates.
type PCIMatrix struct {
	// Standard is the version.
	Standard string `json:"standard"`
	// Requirements are in the order of their numbers.
	Requirements []PCIRequirement `json:"requirements"`
	// Limits are what infrastructure cannot satisfy, or does not here.
	Limits []PCILimit `json:"limits"`
	// Exemptions are the findings that templates excuse, of rules that prove a requirement.
	Exemptions []Finding `json:"exemptions"`
	// Rules are all rules, by ID.
	Rules []ruleJSON `json:"rules"`
}

// PCIRequirement is a row of the matrix.
type PCIRequirement struct {
	Number string `yaml:"number" json:"number"`
	// Asks is the requirement in our words, Does what the platform does about it, Remains what is left to the operator.
	Asks    string `yaml:"asks" json:"asks"`
	Does    string `yaml:"does" json:"does"`
	Remains string `yaml:"remains" json:"remains"`
	// Types are those of the resources that do it.
	Types []string `yaml:"types" json:"-"`
	// Outcome is the worst of the rules; NotProvable without any.
	Outcome Outcome `yaml:"-" json:"outcome"`
	// Rules are the IDs of those that prove it.
	Rules []string `yaml:"-" json:"rules"`
	// Resources are the resources that do it.
	Resources []TemplateResources `yaml:"-" json:"resources"`
}

// TemplateResources are logical IDs of a template, sorted.
type TemplateResources struct {
	Template   string   `json:"template"`
	LogicalIDs []string `json:"logical_ids"`
}

// PCILimit is something that infrastructure does not satisfy.
type PCILimit struct {
	Title string `yaml:"title" json:"title"`
	Text  string `yaml:"text" json:"text"`
}

//go:embed pci-dss.yaml
var pciText []byte

// NewPCIMatrix fills the matrix with the results of [Verify] over a world.
func NewPCIMatrix(w *World, results []Result) (PCIMatrix, error) {
	return newPCIMatrix(pciText, w, results)
}

func newPCIMatrix(data []byte, w *World, results []Result) (PCIMatrix, error) {
	var table struct {
		Requirements []PCIRequirement
		Limits       []PCILimit
	}
	if err := yaml.Unmarshal(data, &table); err != nil {
		return PCIMatrix{}, err
	}
	m := PCIMatrix{Standard: "PCI DSS v4.0.1", Requirements: table.Requirements, Limits: table.Limits}
	for i := range m.Requirements {
		m.Requirements[i].judge(w, results)
	}
	slices.SortFunc(m.Requirements, func(a, b PCIRequirement) int { return compareNumbers(a.Number, b.Number) })
	m.Exemptions = []Finding{}
	for _, result := range results {
		m.Rules = append(m.Rules, ruleOf(result.Rule))
		for _, f := range result.Findings {
			if f.Outcome == Exempt && len(result.Rule.PCI) > 0 {
				m.Exemptions = append(m.Exemptions, f)
			}
		}
	}
	return m, nil
}

// judge finds the rules that prove a requirement, their outcome, and the resources.
func (r *PCIRequirement) judge(w *World, results []Result) {
	r.Rules, r.Resources, r.Outcome = []string{}, []TemplateResources{}, NotProvable
	var outcomes []Outcome
	for _, result := range results {
		if slices.Contains(result.Rule.PCI, r.Number) {
			r.Rules, outcomes = append(r.Rules, result.Rule.ID), append(outcomes, result.Outcome)
		}
	}
	if len(r.Rules) > 0 {
		r.Outcome = worst(outcomes)
	}
	for _, resource := range w.OfType(r.Types...) {
		r.add(resource.Stack.Template.Name, resource.LogicalID)
	}
	slices.SortFunc(r.Resources, func(a, b TemplateResources) int { return cmp.Compare(a.Template, b.Template) })
	for i := range r.Resources {
		slices.Sort(r.Resources[i].LogicalIDs)
	}
}

func (r *PCIRequirement) add(template, id string) {
	at := slices.IndexFunc(r.Resources, func(t TemplateResources) bool { return t.Template == template })
	if at < 0 {
		at = len(r.Resources)
		r.Resources = append(r.Resources, TemplateResources{Template: template})
	}
	if !slices.Contains(r.Resources[at].LogicalIDs, id) {
		r.Resources[at].LogicalIDs = append(r.Resources[at].LogicalIDs, id)
	}
}

// compareNumbers orders 3.5.1.2 after 3.5.1 and 10.2.1 after 9.1.
func compareNumbers(a, b string) int {
	parts := func(number string) (list []int) {
		for part := range strings.SplitSeq(number, ".") {
			n, _ := strconv.Atoi(part)
			list = append(list, n)
		}
		return list
	}
	return slices.Compare(parts(a), parts(b))
}
