package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The platform is rehearsed to its end for a suffix without a parameter file, and the prediction is the last that it says: to a person on
// standard output, to a program in numbers.
func TestRehearsalOfAnySuffix(t *testing.T) {
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	p := newPlace(t)
	if err := os.CopyFS(filepath.Join(p.dir, "environments"), os.DirFS("../../environments")); err != nil {
		t.Fatal(err)
	}
	golden, err := filepath.Abs("../../golden")
	if err != nil {
		t.Fatal(err)
	}
	e := p.call("rehearse", "-e", "abcdefghijkl", "--templates", golden, "--fail", "Data/Cluster", "--throttle", "29").exits(0)
	lines := strings.Split(strings.TrimSpace(e.stdout), "\n")
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "Predicted: ") || !strings.Contains(last, " minutes, ") || !strings.HasSuffix(last, " % rests on estimates") || len(last) > 80 {
		t.Errorf("standard output ends with %q", last)
	}
	if strings.Count(e.stdout, "Critical path") != 1 || strings.Contains(e.stderr, "redict") {
		t.Error("the prediction is told twice, or on standard error")
	}
	lines = strings.Split(strings.TrimSpace(p.call("rehearse", "-e", "qa7", "--templates", golden, "-o", "json").exits(0).stdout), "\n")
	var forecast struct {
		Type           string
		Seconds, Ratio float64
		CriticalPath   []struct{ Seconds float64 } `json:"critical_path"`
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-2]), &forecast); err != nil || forecast.Type != "forecast" || forecast.Seconds < 60 || forecast.Ratio < 1 || len(forecast.CriticalPath) == 0 {
		t.Errorf("before the result stands no forecast: %v, %+v", err, forecast)
	}
	if !strings.HasPrefix(lines[len(lines)-1], `{"type":"result","status":"done","exit_code":0`) {
		t.Errorf("the stream ends with %s", lines[len(lines)-1])
	}
}
