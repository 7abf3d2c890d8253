package checks

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each number that a rule names is a row; each row with rules names resources that golden has, and each without does not
// claim any.
func TestPCIMatrixIsWhole(t *testing.T) {
	w := goldenWorldOf(t, withoutValues())
	results := Verify(w, Rules())
	m, err := NewPCIMatrix(w, results)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for _, r := range m.Requirements {
		switch {
		case rows[r.Number]:
			t.Errorf("%s stands twice", r.Number)
		case r.Asks == "" || r.Does == "" || r.Remains == "":
			t.Errorf("%s says not all", r.Number)
		case (len(r.Rules) == 0) != (len(r.Types) == 0) || (r.Outcome == NotProvable) != (len(r.Rules) == 0):
			t.Errorf("%s: rules %v, types %v, %s", r.Number, r.Rules, r.Types, r.Outcome)
		}
		for _, kind := range r.Types {
			if len(w.OfType(kind)) == 0 {
				t.Errorf("%s: there is no %s", r.Number, kind)
			}
		}
		rows[r.Number] = true
	}
	for _, result := range results {
		for _, number := range result.Rule.PCI {
			if !rows[number] {
				t.Errorf("%s proves %s, which is not in pci-dss.yaml", result.Rule.ID, number)
			}
		}
	}
	if !slices.IsSortedFunc(m.Requirements, func(a, b PCIRequirement) int { return compareNumbers(a.Number, b.Number) }) {
		t.Error("not sorted")
	}
	var limits strings.Builder
	for _, limit := range m.Limits {
		limits.WriteString(limit.Title + limit.Text)
	}
	for _, plain := range []string{"AuditArchiveBucketName", "3.5.1.2", "mutual TLS", "People and process", "S3.15", "S3.22", "S3.23", "EC2.2", "without an operating system"} {
		if !strings.Contains(strings.ReplaceAll(limits.String(), "\n", " "), plain) {
			t.Errorf("the limits say nothing of %s", plain)
		}
	}
}

const someRows = `
requirements:
  - {number: 10.2.1, asks: logs, does: "logs | all", remains: reading, types: [AWS::Logs::LogGroup]}
  - {number: 1.3.1, asks: groups, does: closes, remains: nothing, types: [AWS::EC2::SecurityGroup, AWS::EC2::SecurityGroup]}
limits:
  - {title: Paper, text: is patient}
`

// A row is judged by the rules that name its number, and lists resources by template.
func TestPCIMatrixOfRules(t *testing.T) {
	w := worldOf(t, nil, map[string]string{"groups.yaml": reportedTemplate, "more.yaml": reportedTemplate})
	rules := reportedRules()
	rules[1].PCI = []string{"1.3.1"}
	m, err := newPCIMatrix([]byte(someRows), w, Verify(w, rules[:2]))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1.3.1", "10.2.1"}, []string{m.Requirements[0].Number, m.Requirements[1].Number}); diff != "" {
		t.Error(diff)
	}
	want := PCIRequirement{Number: "1.3.1", Asks: "groups", Does: "closes", Remains: "nothing", Types: []string{"AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroup"},
		Outcome: Fail, Rules: []string{"AAA001", "AAA002"}, Resources: []TemplateResources{{"groups.yaml", []string{"Closed", "Open"}}, {"more.yaml", []string{"Closed", "Open"}}}}
	if diff := cmp.Diff(want, m.Requirements[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if m.Requirements[1].Outcome != NotProvable || len(m.Exemptions) != 2 {
		t.Errorf("%+v", m)
	}
	var b bytes.Buffer
	if err := m.WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| [1.3.1](#131) | groups | closes | nothing | AAA001 AAA002 | fail |", `logs \| all`, "**Paper.** is patient",
		"- AAA002, `groups.yaml` Open ``: it is a lobby", "### 1.3.1\n\n- `groups.yaml`: Closed, Open\n- `more.yaml`: Closed, Open\n", "### 10.2.1\n\nNone"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, &b)
		}
	}
	b.Reset()
	if err := m.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var have PCIMatrix
	if err := json.Unmarshal(b.Bytes(), &have); err != nil || strings.Contains(b.String(), "null") {
		t.Fatalf("%v:\n%s", err, &b)
	}
	m.Requirements[0].Types, m.Requirements[1].Types = nil, nil
	if diff := cmp.Diff(m, have); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A table that is no YAML is an error.
func TestPCIMatrixThatCannotBeRead(t *testing.T) {
	if _, err := newPCIMatrix([]byte("requirements: 7"), worldOf(t, nil, nil), nil); err == nil {
		t.Error("no error")
	}
}

// The list of rules names each, with what it proves, and each requirement of the platform.
func TestWriteRules(t *testing.T) {
	var b bytes.Buffer
	if err := WriteRules(&b); err != nil {
		t.Fatal(err)
	}
	for _, r := range Rules() {
		if !strings.Contains(b.String(), "| "+r.ID+" | "+string(r.Severity)+" | ") {
			t.Errorf("%s is missing", r.ID)
		}
	}
	for _, r := range requirements() {
		if !strings.Contains(b.String(), "| "+r.ID+" | "+r.Title+" | ") {
			t.Errorf("%s is missing", r.ID)
		}
	}
}
