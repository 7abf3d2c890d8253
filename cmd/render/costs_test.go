package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The document about costs is what templates, parameter values, prices and assumptions say.
func TestCostsAreFresh(t *testing.T) {
	code, want, stderr := rendered("costs", "--format", "markdown", "--environments", "../../environments", "../../golden")
	have, err := os.ReadFile("../../docs/costs.md")
	if err != nil || code != exitOK {
		t.Fatal(err, code, stderr)
	}
	if diff := cmp.Diff(want, string(have)); diff != "" {
		t.Errorf("docs/costs.md is out of date: run go run ./cmd/render costs --write docs/costs.md\n(-want +have):\n%s", diff)
	}
}
