package screen

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// Refusals are never left out; images that pass are, when only the result is wanted.
func TestQuietGate(t *testing.T) {
	out, _, _ := shownAs(t, setting{Options: Options{Quiet: true}}, gated())
	if strings.Contains(out, "payment-api") || !strings.Contains(out, "envoy: findings above MEDIUM: 25 HIGH") || !strings.Contains(out, "transaction-processor: repository ecr-transaction-processor-qa7 holds no") {
		t.Error(out)
	}
}

// No line of a verdict is wider than the terminal, but what is copied.
func TestGateFits(t *testing.T) {
	out, _, _ := shownAs(t, setting{env: map[string]string{"LANG": "C.UTF-8", "COLUMNS": "80"}}, gated())
	for line := range strings.Lines(out) {
		if width(strings.TrimSpace(line)) > 80 && !strings.Contains(line, "sha256:bbbb") {
			t.Errorf("%d columns: %s", width(line), line)
		}
	}
}

// sarifOf is the file of a run.
func sarifOf(t *testing.T, events []report.Event, before func(*Screen)) (string, sarifLog) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "scan.sarif")
	shownAs(t, setting{Options: Options{Sarif: file}, after: before}, events)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	if err := json.Unmarshal(data, &log); err != nil {
		t.Fatal(err)
	}
	return string(data), log
}

func TestSARIF(t *testing.T) {
	text, log := sarifOf(t, gated(), nil)
	compareTranscript(t, "gate.sarif.json", text)
	if log.Version != "2.1.0" || !strings.HasSuffix(log.Schema, "sarif-schema-2.1.0.json") || len(log.Runs) != 1 {
		t.Errorf("%s, %s, %d runs", log.Version, log.Schema, len(log.Runs))
	}
	levels, suppressed := map[string]int{}, 0
	run := log.Runs[0]
	for _, r := range run.Results {
		levels[r.Level]++
		suppressed += len(r.Suppressions)
		if rule := run.Tool.Driver.Rules[r.Index]; rule.ID != r.Rule {
			t.Errorf("result of %s points to rule %s", r.Rule, rule.ID)
		}
		if uri := r.Locations[0].Physical.Artifact.URI; !strings.HasPrefix(uri, "ecr-") || strings.Contains(uri, ":") {
			t.Errorf("location %q", uri)
		}
	}
	// One above the limit that is excepted, 25 that are not, two images that nobody knows; one finding below each of the others' limits.
	if levels["error"] != 28 || levels["warning"] != 1 || levels["note"] != 1 || suppressed != 2 {
		t.Errorf("%v, %d suppressed", levels, suppressed)
	}
}

// A run that judged nothing leaves a valid file without results.
func TestEmptySARIF(t *testing.T) {
	text, _ := sarifOf(t, []report.Event{report.Result{Code: fault.Usage}}, nil)
	if !strings.Contains(text, `"results": []`) || !strings.Contains(text, `"rules": []`) {
		t.Error(text)
	}
}

func TestSecretsInSARIF(t *testing.T) {
	text, _ := sarifOf(t, []report.Event{report.ImageScan{Name: "api", Reason: "hunter2 is no token", Findings: []report.Finding{{Severity: "LOW", Title: "hunter2"}}}}, func(s *Screen) { s.Mask("hunter2") })
	if strings.Contains(text, "hunter2") {
		t.Error(text)
	}
}

func TestSARIFThatCannotBeWritten(t *testing.T) {
	_, err := New(Options{Sarif: filepath.Join(t.TempDir(), "no", "such"), Getenv: func(string) string { return "" }})
	if fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), "--sarif") {
		t.Error(err)
	}
}
