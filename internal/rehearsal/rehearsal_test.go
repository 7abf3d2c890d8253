package rehearsal_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/rehearsal"
	"github.com/tierform/tierform/internal/simulator"
)

// platform is a rehearsal of the real templates that keeps what it is told.
func platform(t *testing.T, events *[]report.Event) rehearsal.Options {
	t.Helper()
	data, err := os.ReadFile("../../environments/dev.yaml")
	if err != nil {
		t.Fatal(err)
	}
	values, err := source.ReadValues("environments/dev.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	return rehearsal.Options{Environment: "dev", Templates: os.DirFS("../../golden"), Roots: deploy.DefaultRoots(), Values: []source.Values{values},
		Reporter: report.Func(func(e report.Event) { *events = append(*events, e) })}
}

// The whole life of the real platform, with the exit code that each step has in it.
func TestLifeOfThePlatform(t *testing.T) {
	if testing.Short() {
		t.Skip("left out of short runs: the engine's tests play each step on smaller templates")
	}
	var events []report.Event
	if err := rehearsal.Run(t.Context(), platform(t, &events)); err != nil {
		t.Fatal(err)
	}
	var results []fault.Code
	administered := 0
	for _, e := range events {
		switch e := e.(type) {
		case report.Result:
			results = append(results, e.Code)
		case report.Plan:
			for _, need := range e.Needs {
				if strings.HasPrefix(need, "replace ") || strings.HasPrefix(need, "delete ") {
					t.Errorf("%s would %s", e.Name, need)
				}
			}
		case report.AdminEnded:
			if administered++; e.Result != report.AdminSucceeded {
				t.Errorf("the administration task %s: %s", e.Result, e.Reason)
			}
		case report.Started:
			if !e.Simulated {
				t.Error("a rehearsal does not say that it is simulated")
			}
		}
	}
	want := []fault.Code{fault.OK, fault.OK, fault.OK, fault.OK, fault.OK, fault.OK, fault.OK, fault.RolledBack, fault.OK, fault.RolledBack, fault.OK, fault.OK}
	if len(results) != len(want) {
		t.Fatalf("results %v", results)
	}
	for i, code := range want {
		if results[i] != code {
			t.Errorf("step %d ends with %d, want %d", i+1, results[i], code)
		}
	}
	if administered != 2 { // after the first deployment and after the update, not after what was rolled back
		t.Errorf("the administration task ran %d times", administered)
	}
	f, last := events[len(events)-1].(report.Forecast)
	if !last || f.Stack != "platform-dev" || f.Seconds < 60 || f.LeastSeconds < 60 || f.LeastSeconds > f.Seconds || f.EstimatedShare <= 0 || f.EstimatedShare >= 1 || f.Ratio != f.Seconds/f.LeastSeconds {
		t.Errorf("the last event is no forecast, or not of the first deployment: %+v", events[len(events)-1])
	}
	spent := 0.0
	for _, link := range f.CriticalPath {
		if spent += link.Seconds; link.Type == "" || link.Begins+link.Seconds > f.Seconds+1 {
			t.Errorf("%+v", link)
		}
	}
	if spent < 60 || spent > f.Seconds+1 {
		t.Errorf("the critical path takes %.0f s of %.0f s", spent, f.Seconds)
	}
}

// A step that ends otherwise than it should ends the rehearsal, and the error says which.
func TestStepThatEndsOtherwise(t *testing.T) {
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	var events []report.Event
	o := platform(t, &events)
	o.Change = rehearsal.Change{Name: "DatabaseMaxCapacity", Update: "6", Failing: "6"} // which changes nothing, so that nothing fails
	if err := rehearsal.Run(t.Context(), o); fault.CodeOf(err) != fault.Unexpected || !strings.Contains(err.Error(), "step 10") || !strings.Contains(err.Error(), "exit code 0, want 4") {
		t.Errorf("error %v", err)
	}
	if _, is := events[len(events)-1].(report.Forecast); !is {
		t.Errorf("the forecast is not the last: %+v", events[len(events)-1])
	}
	o.Change = rehearsal.Change{Name: "NoSuchParameter", Update: "1", Failing: "2"}
	if err := rehearsal.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "NoSuchParameter") {
		t.Errorf("error %v", err)
	}
	o.Environment = "Not A Suffix"
	if err := rehearsal.Run(t.Context(), o); fault.CodeOf(err) != fault.Usage {
		t.Errorf("error %v", err)
	}
	o.Templates = fstest.MapFS{}
	if err := rehearsal.Run(t.Context(), o); fault.CodeOf(err) != fault.Usage {
		t.Errorf("error %v", err)
	}
}

// An interruption ends a rehearsal.
func TestInterruption(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var events []report.Event
	if err := rehearsal.Run(ctx, platform(t, &events)); fault.CodeOf(err) == fault.OK {
		t.Error("an interrupted rehearsal ends well")
	}
}

// The error that a rehearsal ends with shows no secret that it was given, and whoever prints its events is told of it.
func TestSecretsOfARehearsal(t *testing.T) {
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	const canary = "canary-7f3c"
	var events []report.Event
	var masked []string
	o := platform(t, &events)
	o.Templates, o.Values, o.Fail = os.DirFS("../deploy/testdata/small"), []source.Values{{Origin: "-p", ByName: map[string]string{"Password": canary}}}, "Database"
	o.Change = rehearsal.Change{Name: "Size", Update: "2", Failing: "3"}
	o.Mask = func(values ...string) { masked = append(masked, values...) }
	o.Simulator = simulator.New(simulator.Options{})
	o.Simulator.Inject(simulator.Fault{Operation: "ExecuteChangeSet", Kind: simulator.Failing, Code: "ValidationError", Message: "Parameter Password has the value " + canary, Skip: 2})
	err := rehearsal.Run(t.Context(), o)
	if err == nil || strings.Contains(err.Error(), canary) || !strings.Contains(err.Error(), report.Masked) || !slices.Contains(masked, canary) {
		t.Errorf("%v, masked %v", err, masked)
	}
	if errors.Unwrap(err) == nil || fault.CodeOf(err) == fault.OK {
		t.Error("the error's kind is lost")
	}
}
