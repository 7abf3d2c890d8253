package changeset_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// twoKeys is a plan that replaces two resources of one name, and deletes another.
func twoKeys() report.Plan {
	key := func(action report.Action) report.Change {
		return report.Change{LogicalID: "Key", Action: action, Stateful: true, Certainty: report.Certain}
	}
	return report.Plan{Needs: []string{"any change", "broadening", "incomplete preview", "delete Data/Logs", "replace Data/Deep/Key", "replace Key"},
		Root: report.Stack{Changes: []report.Change{key(report.Replace)}, Nested: []report.Stack{{Name: "Data", Nested: []report.Stack{{Name: "Deep", Changes: []report.Change{key(report.Replace)}}}}}}}
}

func TestConsentMissing(t *testing.T) {
	for _, test := range []struct {
		name       string
		consent    changeset.Consent
		ask, named []string
	}{
		{"nothing given", changeset.Consent{}, []string{"any change", "broadening", "incomplete preview"}, []string{"delete Data/Logs", "replace Data/Deep/Key", "replace Key"}},
		{"--yes gives no names", changeset.Consent{Yes: true}, nil, []string{"delete Data/Logs", "replace Data/Deep/Key", "replace Key"}},
		{"broadening only", changeset.Consent{Policy: changeset.RequireBroadening, Replace: []string{"Key", "DataStack/Deep/Key"}, Delete: []string{"Logs"}}, []string{"broadening", "incomplete preview"}, nil},
		{"never", changeset.Consent{Policy: changeset.RequireNever, Replace: []string{"Deep/Key"}, Delete: []string{"Data/Logs"}}, []string{"incomplete preview"}, []string{"replace Key"}},
		{"any", changeset.Consent{Policy: changeset.RequireAny, Replace: []string{"Logs", "key"}, Delete: []string{"Key"}}, []string{"any change", "broadening", "incomplete preview"}, []string{"delete Data/Logs", "replace Data/Deep/Key", "replace Key"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			ask, named := test.consent.Missing(twoKeys())
			if diff := cmp.Diff([][]string{test.ask, test.named}, [][]string{ask, named}); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConsentCheck(t *testing.T) {
	for name, test := range map[string]struct {
		consent changeset.Consent
		wrong   string
	}{
		"nothing":               {},
		"right names":           {consent: changeset.Consent{Replace: []string{"Deep/Key", "Key"}, Delete: []string{"Logs"}}},
		"a typing error":        {changeset.Consent{Replace: []string{"Kye"}}, `--allow-replace names nothing that this change set would replace (found "Kye"); allowed: Data/Deep/Key, Key`},
		"deleted, not replaced": {changeset.Consent{Replace: []string{"Logs"}}, "allowed: Data/Deep/Key, Key"},
		"replaced, not deleted": {changeset.Consent{Delete: []string{"Key"}}, "allowed: Data/Logs"},
		"empty":                 {changeset.Consent{Delete: []string{""}}, "names nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.consent.Check(twoKeys())
			if (err == nil) != (test.wrong == "") || err != nil && (!strings.Contains(err.Error(), test.wrong) || fault.CodeOf(err) != fault.Unapproved) {
				t.Error(err)
			}
		})
	}
	p := twoKeys()
	p.Needs = []string{"replace Data/Key", "replace Archive/Key"}
	if err := (changeset.Consent{Replace: []string{"Key"}}).Check(p); err == nil || !strings.Contains(err.Error(), "names more than one resource") {
		t.Error("one name for two resources:", err)
	}
	if err := (changeset.Consent{Replace: []string{"Key"}}).Check(report.Plan{}); err == nil || !strings.Contains(err.Error(), "allowed: none") {
		t.Error(err)
	}
}

func TestCommand(t *testing.T) {
	if got := changeset.Command([]string{"delete Data/Logs", "replace Key"}); got != "--allow-delete Data/Logs --allow-replace Key" {
		t.Error(got)
	}
}
