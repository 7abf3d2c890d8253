package screen

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// objectsOf are the lines of JSON output, each an object with its type first.
func objectsOf(t *testing.T, events []report.Event) (all []map[string]any) {
	t.Helper()
	out, _, _ := shownAs(t, setting{Options: Options{Output: "json"}}, events)
	for line := range strings.Lines(out) {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil || !strings.HasPrefix(line, `{"type":"`) {
			t.Fatalf("%v: %s", err, line)
		}
		all = append(all, object)
	}
	return all
}

func TestJSONBeginsWithVersionAndEndsWithResult(t *testing.T) {
	for name, events := range stories() {
		all := objectsOf(t, events)
		if first := all[0]; first["type"] != "version" || first["schema"] != "deploy/1.0" {
			t.Errorf("%s begins with %v", name, first)
		}
		results := 0
		for _, object := range all {
			if object["type"] == "result" {
				results++
			}
		}
		if last := all[len(all)-1]; name != "nothing" && (last["type"] != "result" || results != 1) {
			t.Errorf("%s ends with %v of %d results", name, last, results)
		}
	}
}

// A run that fails before it knows who it is has a version line all the same.
func TestJSONOfAnEarlyFailure(t *testing.T) {
	all := objectsOf(t, []report.Event{report.Result{Status: "error", Code: 1, Text: "no credentials"}})
	if len(all) != 2 || all[0]["type"] != "version" || all[0]["schema"] != report.Schema || all[1]["exit_code"] != 1.0 {
		t.Error(all)
	}
	all = objectsOf(t, []report.Event{report.Note{Level: report.Info}})
	if len(all) != 2 || all[0]["type"] != "version" {
		t.Error(all)
	}
}

// --detailed-exitcode corrects the result of a plan: one line, with what both said.
func TestCorrectedResult(t *testing.T) {
	events := []report.Event{started("deploy plan"), report.Result{Status: "planned", Text: "planned", Changes: &report.Counts{Add: 1}, ChangeSet: "arn", OperationID: "op", Next: []string{"deploy apply -e qa7"}},
		report.Result{Status: "differences", Code: fault.Differences, Text: "there are differences"}}
	all := objectsOf(t, events)
	want := map[string]any{"type": "result", "status": "differences", "exit_code": 2.0, "text": "there are differences", "next": []any{"deploy apply -e qa7"}, "change_set": "arn", "operation_id": "op",
		"changes": map[string]any{"add": 1.0, "change": 0.0, "replace": 0.0, "delete": 0.0, "suppressed": 0.0}, "seconds": 0.0}
	if diff := cmp.Diff(want, all[len(all)-1]); diff != "" || len(all) != 2 {
		t.Error(len(all), diff)
	}
	out, _, _ := shownAs(t, setting{}, events)
	if !strings.Contains(out, "· there are differences") || !strings.Contains(out, "exit 2\nNext: deploy apply -e qa7\n") {
		t.Error(out)
	}
}

// A rehearsal has several runs in one stream; each has its own result.
func TestSeveralRuns(t *testing.T) {
	all := objectsOf(t, append(planned(), applied()...))
	kinds := ""
	for _, object := range all {
		if kind := object["type"].(string); kind == "version" || kind == "result" {
			kinds += kind + " "
		}
	}
	if kinds != "version result version result " {
		t.Error(kinds)
	}
	out, _, _ := shownAs(t, setting{}, append(planned(), applied()...))
	if strings.Index(out, "Next: deploy apply") > strings.LastIndex(out, "Environment qa7") {
		t.Error("the first result comes after the second run begins")
	}
}

// Nothing is folded: hidden changes are in the tree and have lines of their own.
func TestJSONHidesNothing(t *testing.T) {
	hidden, changes := 0, 0
	for _, object := range objectsOf(t, planned()) {
		if object["type"] == "change" {
			changes++
			if object["hidden"] == true {
				hidden++
			}
		}
	}
	if hidden != 2 || changes != len(update().Changes()) {
		t.Errorf("%d changes, %d hidden", changes, hidden)
	}
	root := objectsOf(t, []report.Event{report.Plan{Root: report.Stack{Changes: []report.Change{{LogicalID: "X"}}}}})
	if path, is := root[2]["path"].([]any); !is || len(path) != 0 {
		t.Errorf("the path of a root's change is %v", root[2]["path"])
	}
}

func TestJSONTicksOnceAMinute(t *testing.T) {
	var events []report.Event
	for s := 0; s < 600; s += 2 {
		events = append(events, report.Tick{Time: at(float64(s)), LastEvent: dawn})
	}
	if n := len(objectsOf(t, events)); n != 11 {
		t.Errorf("%d lines in ten minutes", n)
	}
}

func TestJSONOfNoNumber(t *testing.T) {
	var failed error
	o := objects{write: func(string) {}, fail: func(err error) { failed = errors.Join(failed, err) }}
	o.Report(report.Templates{Seconds: math.NaN()})
	if failed == nil {
		t.Error("a number that is none is no error")
	}
}
