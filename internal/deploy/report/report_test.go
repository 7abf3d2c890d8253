package report

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// events are one of each type.
func events() []Event {
	return []Event{Started{}, Note{}, Templates{}, Approval{}, Outputs{}, Result{}, Table{}, Plan{}, PlannedChange{}, Validation{}, Operation{}, Resource{}, Tick{}, Diagnosis{}, Sweep{}, Phase{}, Tasks{}, Checks{}, ImageScan{}, Observation{}, Verification{},
		Release{}, Shift{}, Released{}, AdminTask{}, AdminLine{}, AdminEnded{}, Forecast{}}
}

// Consumers tell events apart by their kinds: the words of the schema, each for one type.
func TestKinds(t *testing.T) {
	var got []string
	for _, e := range events() {
		got = append(got, e.Kind())
	}
	want := []string{"version", "note", "templates", "approval", "outputs", "result", "table", "plan", "change", "validation", "operation", "event", "tick", "diagnosis", "sweep", "phase", "tasks", "checks", "scan", "observation", "verification",
		"release", "shift", "released", "admin_task", "admin_line", "admin_ended", "forecast"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Every type with a kind is in the list above, so that none is forgotten there.
func TestEveryEventIsTested(t *testing.T) {
	known := map[string]bool{}
	for _, e := range events() {
		known[strings.TrimPrefix(fmt.Sprintf("%T", e), "report.")] = true
	}
	for _, name := range receivers(t, "Kind") {
		if !known[name] {
			t.Errorf("%s is an event without a test", name)
		}
	}
}

// receivers are the types that have a method, as the source says.
func receivers(t *testing.T, method string) (names []string) {
	t.Helper()
	files, err := filepath.Glob("[a-z]*[a-z].go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, is := d.(*ast.FuncDecl); is && f.Recv != nil && f.Name.Name == method {
				names = append(names, f.Recv.List[0].Type.(*ast.Ident).Name)
			}
		}
	}
	return names
}

// An event is its fields and no more: the kind is written by who makes JSON of it.
func TestFieldsOfAChange(t *testing.T) {
	data, err := json.Marshal(PlannedChange{Path: []string{"Data"}, Change: Change{LogicalID: "Cluster", Type: "AWS::RDS::DBCluster", Action: Replace, Stateful: true, PolicyAction: "ReplaceAndDelete"}})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"path":["Data"],"logical_id":"Cluster","resource_type":"AWS::RDS::DBCluster","action":"replace","stateful":true,"policy_action":"ReplaceAndDelete"}`
	if diff := cmp.Diff(want, string(data)); diff != "" {
		t.Error(diff)
	}
}

// The changes of a plan come stack by stack with their paths, whose lists do not share memory.
func TestChangesOfAPlan(t *testing.T) {
	leaf := func(name string) Stack { return Stack{Name: name, Changes: []Change{{LogicalID: name + "Leaf"}}} }
	p := Plan{Root: Stack{Name: "root", Changes: []Change{{LogicalID: "Top"}}, Nested: []Stack{{Name: "A", Nested: []Stack{leaf("B"), leaf("C")}}, leaf("D")}}}
	var got []string
	for _, c := range p.Changes() {
		got = append(got, strings.Join(append(slices.Clone(c.Path), c.LogicalID), "/"))
	}
	if diff := cmp.Diff([]string{"Top", "A/B/BLeaf", "A/C/CLeaf", "D/DLeaf"}, got); diff != "" {
		t.Error(diff)
	}
}

// Each exit code has a word in the result.
func TestStatuses(t *testing.T) {
	words := Statuses()
	for _, code := range []fault.Code{fault.OK, fault.Unexpected, fault.Differences, fault.Unapproved, fault.RolledBack, fault.NeedsPerson, fault.Refused, fault.Busy, fault.StillRunning, fault.Usage, fault.Interrupted, fault.Terminated} {
		if words[code] == "" {
			t.Errorf("exit code %d has no status", code)
		}
	}
}

func TestFuncTakesEvents(t *testing.T) {
	var got []Event
	var r Reporter = Func(func(e Event) { got = append(got, e) })
	r.Report(Note{Level: Info, Text: "one"})
	if diff := cmp.Diff([]Event{Note{Level: Info, Text: "one"}}, got); diff != "" {
		t.Error(diff)
	}
}
