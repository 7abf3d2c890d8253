package deploy_test

import (
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// One parameter file holds the values of all roots: each takes its own, and what none has is an error.
func TestOneFileForAllRoots(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	w.edit("foundation.yaml", "Parameters:\n", "Parameters:\n  OnlyHere:\n    Type: String\n    Default: ''\n")
	w.run(apply(request("Size", "5", "OnlyHere", "x"))).ends(fault.OK)
	w.run(plan(request("Size", "6", "OnlyHere", "x", "Nowhere", "y"))).ends(fault.Usage, "Nowhere")
	if r := w.run(plan(request("OnlyHere", "x", "EnvironmentSuffix", "qa"))); !strings.Contains(r.err.Error(), "sets itself") {
		t.Errorf("error %v", r.err)
	}
}
