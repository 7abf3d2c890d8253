package deploy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// lastDeployment is the row of the last deployment that status shows; nil for none.
func (w *world) lastDeployment() []string {
	w.Helper()
	for _, t := range all[report.Table](w.run(status).ends(fault.OK)) {
		if t.Title == "Last deployment" {
			return t.Rows[0]
		}
	}
	return nil
}

// Status tells which deployment was the last, how it ended, who made it and when; also of one that never told its end.
func TestTheLastDeployment(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := newWorld(t)
	w.run(bootstrap).ends(fault.OK)
	if row := w.lastDeployment(); row != nil {
		t.Errorf("nothing was deployed, and status shows %v", row)
	}
	w.run(apply(firstRequest())).ends(fault.OK)
	began := w.sim.Clock().Now()
	w.run(apply(request("Size", "2"))).ends(fault.OK)
	row := w.lastDeployment()
	at, err := time.Parse(time.RFC3339, row[3])
	if diff := cmp.Diff([]string{"done", "rehearsal"}, row[1:3]); diff != "" || err != nil || at.Before(began.Truncate(time.Second)) || !strings.HasSuffix(row[4], "s") {
		t.Errorf("%v %s", row, diff)
	}
	w.die(apply(request("Size", "3")))
	if row := w.lastDeployment(); row[1] != "running or broken off" || row[4] != "" {
		t.Error(row)
	}
}

// A record that is none, and one that may not be read, do not keep status from telling the rest.
func TestTheLastDeploymentIsNotKnown(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	if err := w.sim.PutObject("bucket-artifacts-111122223333-dev", "env/dev/deployments/99999999-000000-x.json", "{}"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"99999999-000000-x", "unreadable", "", "", ""}, w.lastDeployment()); diff != "" {
		t.Error(diff)
	}
	w.sim.Inject(simulator.Fault{Operation: "ListObjectsV2", Kind: simulator.Denied})
	r := w.run(status).ends(fault.OK)
	if notes := all[report.Note](r); len(notes) != 1 || notes[0].Level != report.Warning || !strings.Contains(notes[0].Text, "the last deployment is not known") {
		t.Errorf("%+v", notes)
	}
	w.sim.Heal()
	w.sim.Inject(simulator.Fault{Operation: "ListObjectsV2", Kind: simulator.Failing, Code: "Broken"})
	w.run(status).ends(fault.Unexpected)
}

// A release that the stack does not know yet stands beside the colour, with what brings it level.
func TestAColourThatIsNotLevel(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	if err := w.sim.Release("service-api-dev"); err != nil {
		t.Fatal(err)
	}
	r := w.run(status).ends(fault.OK)
	if color := all[report.Table](r)[1].Rows[0][1]; color != "green, the stack says blue" {
		t.Error(color)
	}
	if next := last[report.Result](r).Next; len(next) != 1 || next[0] != "take over the live colour of service-api-dev, without an effect: deploy apply -e dev" {
		t.Error(next)
	}
	w.run(apply(request())).ends(fault.OK)
	if next := last[report.Result](w.run(status).ends(fault.OK)).Next; len(next) != 0 {
		t.Error(next)
	}
}
