package checks

import (
	"maps"
	"strings"
	"testing"
)

// goldenFault is an edit of golden, and the finding that a rule must make of it.
type goldenFault struct {
	name        string
	environment string // of environments/, prod unless told
	edits       []edit
	rule        string
	outcome     Outcome // Fail unless told
	template    string
	id, path    string
	line        string // what the line of the finding must hold
	found       string // what the finding must say
}

// editedLines are the lines of a golden template after edits.
func editedLines(t *testing.T, template string, edits []edit) []string {
	t.Helper()
	original, err := goldenText()
	if err != nil {
		t.Fatal(err)
	}
	files := maps.Clone(original)
	for _, change := range edits {
		change(t, files)
	}
	return strings.Split(files[template], "\n")
}

// testGoldenFaults shows that rules find faults, where they are, and that golden has none.
func testGoldenFaults(t *testing.T, rules []Rule, faults []goldenFault) {
	t.Helper()
	for _, environment := range []string{"dev", "prod"} {
		for _, result := range Verify(goldenWorldOf(t, goldenParameters(t, environment)), rules) {
			for _, f := range result.Findings {
				// The archive of the example of production is another account's.
				if f.Outcome != Exempt && !(f.Rule == "LOG007" && environment == "prod") {
					t.Errorf("golden, %s: %s %s: %s %s %s", environment, f.Rule, f.Outcome, f.LogicalID, f.Path, f.Found)
				}
			}
		}
	}
	found := map[string]bool{}
	for _, tt := range faults {
		found[tt.rule] = true
		t.Run(tt.rule+" "+tt.name, func(t *testing.T) { tt.check(t, rules) })
	}
	for _, rule := range rules {
		if !found[rule.ID] {
			t.Errorf("nothing shows that %s can fail", rule.ID)
		}
	}
}

func (tt goldenFault) check(t *testing.T, rules []Rule) {
	t.Helper()
	if tt.environment == "" {
		tt.environment = "prod"
	}
	if tt.outcome == "" {
		tt.outcome = Fail
	}
	result := resultOf(t, goldenWorldOf(t, goldenParameters(t, tt.environment), tt.edits...), rules, tt.rule)
	for _, f := range result.Findings {
		if f.Outcome != tt.outcome || f.LogicalID != tt.id || f.Path != tt.path || f.Template != tt.template || !strings.Contains(f.Found+f.Reason, tt.found) {
			continue
		}
		line := ""
		if lines := editedLines(t, tt.template, tt.edits); f.Line > 1 && f.Line <= len(lines) {
			line = lines[f.Line-2] + "\n" + lines[f.Line-1] // a map or list begins below its key
		}
		if !strings.Contains(line, tt.line) {
			t.Errorf("line %d: %q, want one with %q", f.Line, line, tt.line)
		}
		return
	}
	t.Errorf("%s is %s, want %s for %s %s (%s); findings: %+v", tt.rule, result.Outcome, tt.outcome, tt.id, tt.path, tt.found, result.Findings)
}
