package checks

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// oneRule judges each T of a world as a test says.
func oneRule(judge func(w *World, l *Looking, r *Resource)) []Rule {
	return []Rule{{ID: "X002"}, {ID: "X001", Check: func(w *World, l *Looking) {
		for _, r := range w.OfType("T") {
			l.Look()
			judge(w, l, r)
		}
	}}}
}

const judged = `
Resources:
  B: {Type: T, Properties: {P: {Q: 1}}}
  A:
    Type: T
    Metadata: {Exemptions: {P: because, X001: ''}}
    Properties:
      P: [{Q: 2}]
`

func TestVerify(t *testing.T) {
	everything := func(w *World, l *Looking, r *Resource) {}
	fail := func(w *World, l *Looking, r *Resource) { l.Fail(r, "P", r.At("P"), "3", "mend") }
	excused := func(w *World, l *Looking, r *Resource) { l.FailUnlessExcused(r, "P[0].Q", r.At("P[0].Q"), "3", "mend") }
	finding := func(id, path string, line int, found string, outcome Outcome, reason string) Finding {
		f := Finding{Rule: "X001", Outcome: outcome, Template: "t.yaml", LogicalID: id, Path: path, Line: line, Found: found, Needed: "3", Mend: "mend", Reason: reason}
		if outcome == Exempt && reason == "because" {
			f.Mend = ""
		}
		return f
	}
	tests := map[string]struct {
		judge      func(w *World, l *Looking, r *Resource)
		exemptions []Exemption
		outcome    Outcome
		findings   []Finding
	}{
		"nothing found":  {everything, nil, Pass, nil},
		"found":          {fail, nil, Fail, []Finding{finding("B", "P", 3, "{Q: 1}", Fail, ""), finding("A", "P", 8, "[{Q: 2}]", Fail, "")}},
		"excused in one": {excused, nil, Fail, []Finding{finding("B", "P[0].Q", 3, "1", Fail, ""), finding("A", "P[0].Q", 8, "2", Exempt, "because")}},
		"all exempt": {fail, []Exemption{{LogicalID: "A", Reason: "a"}, {Rule: "X001", Template: "t.yaml", LogicalID: "B", Reason: "b"}, {Rule: "X009", Reason: "c"}, {Template: "u.yaml", Reason: "d"}}, Exempt,
			[]Finding{finding("B", "P", 3, "{Q: 1}", Exempt, "b"), finding("A", "P", 8, "[{Q: 2}]", Exempt, "a")}},
		"unknown": {func(w *World, l *Looking, r *Resource) { l.Fail(r, "P", Unknown("why"), "3", "mend") }, []Exemption{{Reason: "never for what is not known"}}, Unsure,
			[]Finding{finding("B", "P", 3, "unknown (why)", Unsure, "why"), finding("A", "P", 8, "unknown (why)", Unsure, "why")}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := worldOf(t, nil, map[string]string{"t.yaml": judged})
			rules := oneRule(tt.judge)
			rules[0].Check = func(*World, *Looking) {}
			results := Verify(w, rules, tt.exemptions...)
			if len(results) != 2 || results[0].Rule.ID != "X001" || results[0].Subjects != 2 || results[1].Outcome != NotApplicable {
				t.Fatalf("%+v", results)
			}
			if diff := cmp.Diff(tt.findings, results[0].Findings); diff != "" || results[0].Outcome != tt.outcome {
				t.Error(results[0].Outcome, diff)
			}
		})
	}
}

// TestFindings: the forms in which a rule may say what it found; the same said twice counts once.
func TestFindings(t *testing.T) {
	w := worldOf(t, nil, map[string]string{"t.yaml": "Parameters:\n  P:\n    Type: String\n" + judged})
	rules := []Rule{{ID: "X001", Check: func(w *World, l *Looking) {
		r := w.OfType("T")[1]
		l.FailText(nil, "", "everything", "n", "m")
		l.FailText(r, "P", "text", "n", "m")
		l.FailText(r, "P", "text", "n", "m")
		l.Unsure(r, "", "n", "why")
		l.Exempt(r, "P", "f", "n", "reason")
		l.FailTemplate(r.Stack.Template, "Parameters.P.Type", "f", "n", "m")
		l.UnsureTemplate(r.Stack.Template, "Parameters.Q", "n", "why")
	}}}
	want := []Finding{
		{Rule: "X001", Outcome: Fail, Found: "everything", Needed: "n", Mend: "m"},
		{Rule: "X001", Outcome: Unsure, Template: "t.yaml", Path: "Parameters.Q", Line: 2, Found: "unknown", Needed: "n", Reason: "why"},
		{Rule: "X001", Outcome: Fail, Template: "t.yaml", Path: "Parameters.P.Type", Line: 3, Found: "f", Needed: "n", Mend: "m"},
		{Rule: "X001", Outcome: Unsure, Template: "t.yaml", LogicalID: "A", Line: 11, Found: "unknown", Needed: "n", Reason: "why"},
		{Rule: "X001", Outcome: Exempt, Template: "t.yaml", LogicalID: "A", Path: "P", Line: 11, Found: "f", Needed: "n", Reason: "reason"},
		{Rule: "X001", Outcome: Fail, Template: "t.yaml", LogicalID: "A", Path: "P", Line: 11, Found: "text", Needed: "n", Mend: "m"},
	}
	result := Verify(w, rules)[0]
	if diff := cmp.Diff(want, result.Findings); diff != "" || result.Outcome != Fail {
		t.Error(result.Outcome, diff)
	}
}
