package screen

import (
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy/report"
)

// Data that would be lost is said to be, by what the change set tells of the old resource.
func TestFate(t *testing.T) {
	for _, tc := range []struct {
		change report.Change
		want   string
	}{
		{report.Change{Action: report.Replace, PolicyAction: "ReplaceAndDelete"}, "the old one is deleted (UpdateReplacePolicy: Delete)"},
		{report.Change{Action: report.Replace, PolicyAction: "ReplaceAndDelete", Stateful: true}, "the old one is deleted with its data, which is LOST (UpdateReplacePolicy: Delete)"},
		{report.Change{Action: report.Replace, PolicyAction: "ReplaceAndRetain"}, "the old one is kept, outside of the stack (UpdateReplacePolicy: Retain)"},
		{report.Change{Action: report.Replace, PolicyAction: "ReplaceAndSnapshot"}, "the old one is deleted after a snapshot of it (UpdateReplacePolicy: Snapshot)"},
		{report.Change{Action: report.Delete, PolicyAction: "Delete"}, ""},
		{report.Change{Action: report.Delete, PolicyAction: "Delete", Stateful: true}, "it is deleted with its data, which is LOST (DeletionPolicy: Delete)"},
		{report.Change{Action: report.Delete, PolicyAction: "Retain"}, "it is kept, outside of the stack (DeletionPolicy: Retain)"},
		{report.Change{Action: report.Delete, PolicyAction: "Snapshot"}, "it is deleted after a snapshot of it (DeletionPolicy: Snapshot)"},
		{report.Change{Action: report.Delete, Stateful: true}, "it is deleted with its data, which is LOST, unless its DeletionPolicy keeps it"},
		{report.Change{Action: report.Replace, Stateful: true}, "the old one is deleted with its data, which is LOST, unless its UpdateReplacePolicy keeps it"},
		{report.Change{Action: report.Replace, Stateful: true, Certainty: report.Spurious}, ""},
		{report.Change{Action: report.Modify, Stateful: true}, ""},
	} {
		if got := strings.Join(fate(tc.change), "\n"); got != tc.want {
			t.Errorf("%+v: %q, want %q", tc.change, got, tc.want)
		}
	}
}

// copied tells a line of one name that does not fit: it is not broken, so that it can be copied.
func copied(line string, columns int) bool {
	words := strings.Fields(strings.TrimLeft(line, "│ -+"))
	return len(words) == 1 && width(words[0]) > columns-20
}

// No line of a result is longer than the screen, but those that a person copies: commands, addresses, names that do not fit a line.
func TestResultsKeepTheirWidth(t *testing.T) {
	for name, events := range stories() {
		for _, columns := range []int{80, 100, 120} {
			out, _, _ := shownAs(t, setting{Options: Options{Verbose: true}, env: map[string]string{"LANG": "C.UTF-8", "COLUMNS": count(columns)}}, events)
			for line := range strings.Lines(out) {
				if w := width(strings.TrimSuffix(line, "\n")); w > columns && !strings.HasPrefix(line, "Next: ") && !strings.HasPrefix(line, "Console: ") && !copied(line, columns) {
					t.Errorf("%s: %d columns in %d: %s", name, w, columns, line)
				}
			}
		}
	}
}

// planOf is the screen of a plan with these changes in its root.
func planOf(t *testing.T, verbose bool, changes ...report.Change) string {
	t.Helper()
	out, _, _ := shownAs(t, setting{Options: Options{Verbose: verbose}}, []report.Event{report.Plan{Name: "c", Incomplete: "a nested stack could not be read", Root: report.Stack{Name: "s", Changes: changes}}})
	return out
}

func TestPlanOfOddChanges(t *testing.T) {
	long := strings.Repeat("word ", 100)
	gone := make([]report.Change, 12)
	for i := range gone {
		gone[i] = report.Change{LogicalID: "Gone" + count(i), Type: "AWS::SNS::Topic", Action: report.Delete}
	}
	bucket := report.Change{LogicalID: "Bucket", Type: "AWS::S3::Bucket", Action: report.Delete, Stateful: true}
	for _, tc := range []struct {
		name      string
		verbose   bool
		changes   []report.Change
		has, lack string
	}{
		{"a disproved replacement of what holds data is not folded", false, []report.Change{{LogicalID: "Cluster", Action: report.Replace, Certainty: report.Spurious, Stateful: true, Why: "equal"}}, "· Cluster", "hidden"},
		{"it says so", false, []report.Change{{LogicalID: "Cluster", Action: report.Replace, Certainty: report.Spurious, Stateful: true}}, "not replaced: disproved", "REPLACED"},
		{"an import", false, []report.Change{{LogicalID: "Old", Action: report.Import}}, "+ Old", ""},
		{"it is tagged", false, []report.Change{{LogicalID: "Old", Action: report.Import}}, "imported\n", ""},
		{"many deletions are counted", false, gone, "- 12 deleted: 12 SNS::Topic (-v lists them)", "Gone3"},
		{"but never those of data", false, append(gone[:len(gone):len(gone)], bucket), "- Bucket", "Gone3"},
		{"all are listed when asked for", true, gone, "- Gone3", "lists them"},
		{"an area that does not broaden", false, []report.Change{{LogicalID: "R", Action: report.Modify, Area: "identity"}, {LogicalID: "N", Action: report.Modify, Area: "network"}}, "see Access", "BROADENS"},
		{"what was removed", false, []report.Change{{LogicalID: "X", Properties: []report.Property{{Path: "P", Before: "gone"}}}}, "P  - gone\n", ""},
		{"a cause", true, []report.Change{{LogicalID: "X", Properties: []report.Property{{Path: "P", Before: "a", After: "b", Cause: "Parameter"}}}}, "P  a → b from Parameter\n", ""},
		{"neither value nor cause", false, []report.Change{{LogicalID: "X", Properties: []report.Property{{Path: "P"}}}}, "P  changes\n", ""},
		{"a long value is cut", false, []report.Change{{LogicalID: "X", Properties: []report.Property{{Path: "P", After: long}}}}, "… (-v shows)", ""},
		{"and shown when asked for", true, []report.Change{{LogicalID: "X", Properties: []report.Property{{Path: "P", After: long}}}}, "word word", "…"},
		{"never cut where access is approved", false, []report.Change{{LogicalID: "X", Area: "identity", Properties: []report.Property{{Path: "P", After: long}}}}, "word word", "…"},
		{"JSON written differently", false, []report.Change{{LogicalID: "X", Properties: []report.Property{{Path: "P", Before: `{"a": 1}`, After: `{"a":1}`}}}}, `P  {"a": 1} → {"a":1}`, ""},
		{"JSON that is none", false, []report.Change{{LogicalID: "X", Properties: []report.Property{{Path: "P", Before: `[1`, After: `[2]`}}}}, `P  [1 → [2]`, ""},
		{"a value in JSON", false, []report.Change{{LogicalID: "X", Properties: []report.Property{{Path: "P", Before: `{"a":{"b":1},"c":[{"d":1},{"d":2}]}`, After: `{"a":{"b":2},"c":[{"d":1},{"d":3},{"<e>":4}]}`}}}}, "P.a.b     1 → 2\n", "d\":1"},
		{"an object in a list", false, []report.Change{{LogicalID: "X", Properties: []report.Property{{Path: "P", Before: `{"a":{"b":1},"c":[{"d":1},{"d":2}]}`, After: `{"a":{"b":2},"c":[{"d":1},{"d":3},{"<e>":4}]}`}}}}, "P.c[1].d  2 → 3\n", ""},
		{"an object that is added", false, []report.Change{{LogicalID: "X", Properties: []report.Property{{Path: "P", Before: `[{"d":2}]`, After: `[{"d":2},{"<e>":4}]`}}}}, `P  + {"<e>":4}`, ""},
		{"another kind of value", false, []report.Change{{LogicalID: "X", Properties: []report.Property{{Path: "P", Before: `[{"d":2}]`, After: `["d"]`}}}}, `P  - {"d":2}`, ""},
		{"the preview is incomplete", false, nil, "! This preview is incomplete: a nested stack could not be read", ""},
	} {
		out := planOf(t, tc.verbose, tc.changes...)
		if !strings.Contains(out, tc.has) || tc.lack != "" && strings.Contains(out, tc.lack) {
			t.Errorf("%s: want %q and not %q in\n%s", tc.name, tc.has, tc.lack, out)
		}
	}
}
