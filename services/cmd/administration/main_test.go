package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"rotat"}, {"rotate", "payment-api"}, {"reconcile", "now"}, {""}} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), args, nil, &stdout, &stderr); code != exitUsage || !strings.Contains(stderr.String(), "usage:") {
			t.Errorf("%q: exit code %d, %q", args, code, stderr.String())
		}
	}
}

func TestAFailedRunSaysWhyInOneJSONLine(t *testing.T) {
	for _, args := range [][]string{nil, {"migrate"}, {"rotate"}, {"reconcile"}} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), args, []string{"MASTER_PASSWORD=hunter2"}, &stdout, &stderr)
		var line struct{ Level, Error, Command string }
		if err := json.Unmarshal(stdout.Bytes(), &line); err != nil || code != exitFailed {
			t.Fatalf("exit code %d, %v: %s", code, err, stdout.String())
		}
		if line.Level != "ERROR" || !strings.Contains(line.Error, "DATABASE_HOST") || strings.Contains(stdout.String(), "hunter2") {
			t.Errorf("line: %s", stdout.String())
		}
	}
}
