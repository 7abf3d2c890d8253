package checks

import "io"

// SARIF 2.1.0, as far as it is used here. Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version
// 2.1.0", sections 3.13 to 3.52.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID                   string             `json:"id"`
		ShortDescription     sarifText          `json:"shortDescription"`
		DefaultConfiguration sarifConfiguration `json:"defaultConfiguration"`
		Properties           sarifProperties    `json:"properties"`
	}
	sarifConfiguration struct {
		Level string `json:"level"`
	}
	sarifProperties struct {
		Tags     []string `json:"tags"`
		Severity string   `json:"security-severity"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Kind         string             `json:"kind"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifLogical struct {
		Name               string `json:"name"`
		FullyQualifiedName string `json:"fullyQualifiedName"`
		Kind               string `json:"kind"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification"`
	}
)

// WriteSARIF prints the report as SARIF 2.1.0, which code scanning reads. Broken promises are results of kind fail, unknown
// ones of kind review; exempt ones are suppressed with their reason as justification.
func (r Report) WriteSARIF(out io.Writer) error {
	run := sarifRun{ColumnKind: "utf16CodeUnits", Results: []sarifResult{},
		Tool: sarifTool{sarifDriver{Name: "tierform", InformationURI: "https://github.com/tierform/tierform", Rules: []sarifRule{}}}}
	for i, result := range r.Results {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(result.Rule))
		for _, f := range result.Findings {
			run.Results = append(run.Results, r.sarifResult(i, result.Rule, f))
		}
	}
	return writeJSON(out, sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

func sarifRuleOf(rule Rule) sarifRule {
	return sarifRule{ID: rule.ID, ShortDescription: sarifText{rule.Title}, DefaultConfiguration: sarifConfiguration{sarifLevel(rule.Severity)},
		Properties: sarifProperties{Tags: append([]string{"security"}, labels(rule)...), Severity: sarifScore(rule.Severity)}}
}

// sarifLevel is what a severity is to SARIF.
func sarifLevel(s Severity) string {
	switch s {
	case Critical, High:
		return "error"
	case Medium:
		return "warning"
	}
	return "note"
}

// sarifScore is the number by which GitHub's code scanning ranks: over 9.0 critical, 7.0 high, 4.0 medium.
// (GitHub documentation, "SARIF support for code scanning", security-severity.)
func sarifScore(s Severity) string {
	return map[Severity]string{Critical: "9.5", High: "8.0", Medium: "5.5", Low: "2.0"}[s]
}

func (r Report) sarifResult(index int, rule Rule, f Finding) sarifResult {
	result := sarifResult{RuleID: rule.ID, RuleIndex: index, Kind: "fail", Level: sarifLevel(rule.Severity), Message: sarifText{f.message()},
		Locations: []sarifLocation{}}
	switch f.Outcome {
	case Unsure:
		// A result whose kind is not fail has no level. (Section 3.27.10.)
		result.Kind, result.Level = "review", "none"
	case Exempt:
		result.Suppressions = []sarifSuppression{{"external", f.Reason}}
	}
	if f.Template == "" {
		return result
	}
	location := sarifLocation{Physical: sarifPhysical{sarifArtifact{r.file(f.Template)}, sarifRegion{max(1, f.Line)}}}
	if f.LogicalID != "" {
		name := f.Template + "/" + f.LogicalID
		if f.Path != "" {
			name += "/" + f.Path
		}
		location.Logical = []sarifLogical{{f.LogicalID, name, "resource"}}
	}
	result.Locations = append(result.Locations, location)
	return result
}

// message is the finding in a sentence or two.
func (f Finding) message() string {
	text := "Found " + f.Found + ", needed " + f.Needed + "."
	if f.Mend != "" {
		text += " To mend it: " + f.Mend + "."
	}
	if f.Outcome == Unsure {
		text = "Unknown: " + f.Reason + ". Needed " + f.Needed + "."
	}
	return text
}
