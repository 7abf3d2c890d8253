package screen

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/report"
)

// predicted is a forecast of this project's platform.
func predicted() report.Forecast {
	link := func(stack, id, typ string, begins, spends float64) report.Link {
		return report.Link{Path: []string{stack}, LogicalID: id, Type: typ, Begins: begins, Seconds: spends}
	}
	return report.Forecast{Stack: "platform-qa7", Seconds: 912.4, LeastSeconds: 877.3, Ratio: 912.4 / 877.3, EstimatedShare: 0.0804, CriticalPath: []report.Link{
		link("SecurityStack", "DataKey", "AWS::KMS::Key", 0, 18), link("DataStack", "Cluster", "AWS::RDS::DBCluster", 54, 18), link("DataStack", "Writer", "AWS::RDS::DBInstance", 72, 390),
		link("ReaderStack", "InstanceEventSubscription", "AWS::RDS::EventSubscription", 846, 66.4)}}
}

// forecast is the end of a rehearsal.
func forecast() []report.Event {
	s := started("deploy destroy -e qa7 --confirm qa7")
	s.Simulated = true
	return []report.Event{report.Phase{Number: 12, Title: "Everything removed", Command: "deploy destroy -e qa7 --confirm qa7"}, s, report.Result{Status: "done", Text: "qa7 is gone", Seconds: 1086}, predicted()}
}

// A person finds the prediction at the very end of standard output, in one line of a screen of 80 columns.
func TestForecastIsTheEnd(t *testing.T) {
	for _, s := range []setting{{}, {terminal: true, columns: 80}, {Options: Options{Quiet: true}}, {env: map[string]string{"GITHUB_ACTIONS": "true", "LANG": "C.UTF-8"}}} {
		out, _, _ := shownAs(t, s, forecast())
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if last := lines[len(lines)-1]; last != "Predicted: 15.2 minutes, 1.04 times the least of 14.6; 8 % rests on estimates" {
			t.Errorf("the last line is %q", last)
		}
	}
}

// A program reads the same numbers that the event has, before the result, which ends the stream.
func TestForecastInJSON(t *testing.T) {
	all := objectsOf(t, forecast())
	object := all[len(all)-2]
	if object["type"] != "forecast" || all[len(all)-1]["type"] != "result" {
		t.Fatalf("the stream ends with %v, %v", object, all[len(all)-1])
	}
	delete(object, "type")
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	var read report.Forecast
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(predicted(), read); diff != "" {
		t.Error(diff)
	}
	if _, is := object["critical_path"].([]any)[0].(map[string]any)["seconds"].(float64); !is {
		t.Error("seconds are no number")
	}
}
