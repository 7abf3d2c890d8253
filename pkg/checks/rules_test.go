package checks

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Each rule has an ID of its own and says what it promises and proves.
func TestRulesAreWellFormed(t *testing.T) {
	id, number, requirement := regexp.MustCompile(`^[A-Z]{3}\d{3}$`), regexp.MustCompile(`^\d+(\.\d+){2,3}$`), regexp.MustCompile(`^R\d+$`)
	known := map[string]bool{}
	for _, r := range requirements() {
		known[r.ID] = true
	}
	seen := map[string]bool{}
	last := ""
	for _, r := range Rules() {
		switch {
		case !id.MatchString(r.ID) || seen[r.ID] || r.ID < last:
			t.Errorf("ID %q: of another form, out of order or twice", r.ID)
		case r.Title == "" || strings.HasSuffix(r.Title, "."):
			t.Errorf("%s: title %q", r.ID, r.Title)
		case sarifScore(r.Severity) == "":
			t.Errorf("%s: severity %q", r.ID, r.Severity)
		case r.Check == nil:
			t.Errorf("%s checks nothing", r.ID)
		case len(r.Requirements) == 0:
			t.Errorf("%s proves no requirement", r.ID)
		}
		for _, n := range r.Requirements {
			if !requirement.MatchString(n) || !known[n] {
				t.Errorf("%s: requirement %q is not in requirements.txt", r.ID, n)
			}
		}
		for _, n := range r.PCI {
			if !number.MatchString(n) {
				t.Errorf("%s: PCI number %q", r.ID, n)
			}
		}
		seen[r.ID], last = true, r.ID
	}
	if !seen[followed] {
		t.Errorf("the gate asks for rule %s, which there is not", followed)
	}
}

// No list of rules is forgotten.
func TestRulesHasAllLists(t *testing.T) {
	text, err := os.ReadFile("rules.go")
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	lists := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if !ok || f.Recv != nil || f.Name.Name == "Rules" || f.Type.Params.NumFields() > 0 || f.Type.Results.NumFields() != 1 {
				continue
			}
			list, isList := f.Type.Results.List[0].Type.(*ast.ArrayType)
			if !isList {
				continue
			}
			if of, isName := list.Elt.(*ast.Ident); !isName || of.Name != "Rule" {
				continue
			}
			lists++
			if !strings.Contains(string(text), f.Name.Name+"()") {
				t.Errorf("%s: Rules leaves out %s", name, f.Name.Name)
			}
		}
	}
	if lists < 9 {
		t.Errorf("%d lists of rules found", lists)
	}
}

// R1 to R22 are each proven by a rule that had something to judge in golden, or named as not provable with the reason.
func TestEveryRequirementIsProven(t *testing.T) {
	w := goldenWorldOf(t, withoutValues())
	report := NewReport(w, Verify(w, Rules()))
	var ids []string
	for _, r := range report.Requirements {
		ids = append(ids, r.ID)
		switch {
		case r.Outcome == NotProvable && len(r.Beyond) > len("not provable: "):
		case r.Outcome == NotApplicable || len(r.Rules) == 0 || r.Subjects == 0:
			t.Errorf("%s %s: %s by %v", r.ID, r.Title, r.Outcome, r.Rules)
		}
	}
	for n := 1; n <= 22; n++ {
		if !slices.Contains(ids, fmt.Sprint("R", n)) {
			t.Errorf("R%d is not in requirements.txt", n)
		}
	}
}

// withoutValues are no parameter values but the suffix.
func withoutValues() map[string]string {
	return map[string]string{"EnvironmentSuffix": "example"}
}
