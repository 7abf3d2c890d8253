package deploy_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	rel "github.com/tierform/tierform/internal/deploy/release"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// A release shifts all traffic step by step, one service after the other, and leaves nothing for a plan to show. What did not change is not
// released.
func TestRelease(t *testing.T) {
	t.Parallel()
	w := releasing(t)
	r := w.run(doRelease(newImages(11, "api"))).ends(fault.OK)
	if got := r.results(); got != "api shifted green" {
		t.Errorf("results %q", got)
	}
	w.serves("api", digestNumber(11))
	w.serves("worker", oldDigest)
	w.level()

	r = w.run(doRelease(newImages(12, "api", "worker"))).ends(fault.OK)
	if got := r.results(); got != "api shifted blue, worker shifted green" {
		t.Errorf("results %q", got)
	}
	w.level()
	r = w.run(doRelease(newImages(12, "api"))).ends(fault.OK)
	if result := last[report.Result](r); result.Status != "unchanged" || len(all[report.Release](r)) > 0 {
		t.Errorf("the same digest again: %+v", result)
	}
	r = w.run(doRelease(newImages(13, "proxy"))).ends(fault.OK) // a sidecar of both
	if got := r.results(); got != "api shifted green, worker shifted blue" {
		t.Errorf("results %q", got)
	}
	w.level()
}

// A release changes digests and colours and nothing else: values that the templates have defaults for stay what they are.
func TestReleaseKeepsValues(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := releasing(t)
	w.run(apply(request("Note", "keep me"))).ends(fault.OK)
	w.run(doRelease(newImages(11, "api"))).ends(fault.OK)
	if got := last[report.Outputs](w.run(outputs).ends(fault.OK)).Values["Note"]; got != "keep me" {
		t.Errorf("Note is %q", got)
	}
}

// The weights come as CodeDeploy sets them, no later than five seconds after, and cost few calls.
func TestReleaseProgress(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := releasing(t)
	r := w.run(doRelease(newImages(11, "api"))).ends(fault.OK)
	var weights []float64
	var steps []string
	for _, s := range all[report.Shift](r) {
		if len(weights) == 0 || weights[len(weights)-1] != s.New.Weight {
			weights = append(weights, s.New.Weight)
		}
		if len(steps) == 0 || steps[len(steps)-1] != s.Step {
			steps = append(steps, s.Step)
		}
		for _, e := range s.Steps {
			if e.Status == "InProgress" && e.Name == s.Step && len(steps) > 0 && s.Time.Sub(e.Started) < 0 {
				t.Errorf("%s is told before it began", e.Name)
			}
		}
	}
	if want := []float64{0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100}; !slices.Equal(weights, want) {
		t.Errorf("weights %v", weights)
	}
	if !slices.Contains(steps, "Install") || !slices.Contains(steps, "AllowTraffic") {
		t.Errorf("steps %v", steps)
	}
	result := last[report.Result](r)
	calls := 0
	for name, n := range result.Calls {
		if strings.HasPrefix(name, "codedeploy:") {
			calls += n
		}
	}
	if quarters := result.Seconds / (15 * time.Minute).Seconds(); float64(calls) > 240*quarters {
		t.Errorf("%d calls to CodeDeploy in %.0f s are more than 240 in a quarter of an hour: %v", calls, result.Seconds, slices.Sorted(maps.Keys(result.Calls)))
	}
	released := last[report.Released](r)
	if released.Serving != "task-api-dev:2" || released.Color != "green" || released.Seconds < 19*60 {
		t.Errorf("%+v", released)
	}
	if begun := last[report.Release](r); begun.From != "task-api-dev:1" || begun.To != "task-api-dev:2" || len(begun.Images) != 1 || begun.Images[0].Container != "application" || begun.Images[0].To != digestNumber(11) {
		t.Errorf("%+v", begun)
	}
}

// What goes wrong during a release ends with what serves, told and in the exit code; the digest that serves is back in the stack, and
// nothing stays behind.
func TestReleaseGoesWrong(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		plant func(*world)
		want  fault.Code
		says  string
		// serves is the digest that serves in the end.
		serves string
	}{
		"alarm during the shift":             {func(w *world) { w.alarm("api", 6*time.Minute) }, fault.RolledBack, "ALARM_ACTIVE", oldDigest},
		"alarm while the old tasks are kept": {func(w *world) { w.alarm("api", 15*time.Minute) }, fault.RolledBack, "ALARM_ACTIVE", oldDigest},
		"alarm after the end":                {func(w *world) { w.alarm("api", time.Hour) }, fault.OK, "", digestNumber(11)},
		"never healthy":                      {func(w *world) { w.sim.PlanRelease("service-api-dev", simulator.ReleasePlan{Unhealthy: true}) }, fault.RolledBack, "rolled back", oldDigest},
		"image cannot be pulled":             {func(w *world) { w.sim.PlanRelease("service-api-dev", simulator.ReleasePlan{PullError: "not found"}) }, fault.RolledBack, "rolled back", oldDigest},
		"slow end of the old tasks": {func(w *world) {
			w.sim.PlanRelease("service-api-dev", simulator.ReleasePlan{Termination: 10 * time.Minute})
		}, fault.OK, "", digestNumber(11)},
		"scale-out during the shift": {func(w *world) { w.scaleOut("api", 5*time.Minute) }, fault.OK, "", digestNumber(11)},
	} {
		t.Run(name, func(t *testing.T) {
			sampled(t, 9)
			w := releasing(t)
			tc.plant(w)
			w.run(doRelease(newImages(11, "api"))).ends(tc.want, strings.Fields(tc.says)...)
			w.serves("api", tc.serves)
			w.level()
			if status := w.run(releaseStatus).ends(fault.OK); !strings.Contains(strings.Join(last[report.Table](status).Rows[0], "|"), "the same") {
				t.Errorf("status %v", last[report.Table](status).Rows)
			}
		})
	}
}

func (w *world) alarm(service string, after time.Duration) {
	w.Helper()
	if err := w.sim.SetAlarmAfter("alarm-"+service+"-errors-dev", "ALARM", after); err != nil {
		w.Fatal(err)
	}
}

func (w *world) scaleOut(service string, after time.Duration) {
	w.Helper()
	if err := w.sim.ScaleOut("service-"+service+"-dev", 2, after); err != nil {
		w.Fatal(err)
	}
}

// A rollback that fails needs a person, and says what has the traffic.
func TestReleaseRollbackFails(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := releasing(t)
	w.sim.PlanRelease("service-api-dev", simulator.ReleasePlan{RollbackFails: "no capacity"})
	w.alarm("api", 6*time.Minute)
	r := w.run(doRelease(newImages(11, "api"))).ends(fault.NeedsPerson, "did not end plainly", "blue", "green")
	if got := r.results(); got != "api needs_person" {
		t.Errorf("results %q", got)
	}
	if w.truth("api").suspended {
		t.Error("scaling is suspended")
	}
	w.run(doRelease(newImages(12, "api"))).ends(fault.NeedsPerson)
	w.run(releaseStatus).ends(fault.OK)
}

// After a service that was not shifted no other is begun, and the stack names what each runs.
func TestReleaseStopsAtTheFirstFailure(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := releasing(t)
	w.alarm("api", 6*time.Minute)
	r := w.run(doRelease(newImages(11, "api", "worker", "proxy"))).ends(fault.RolledBack)
	if got := r.results(); got != "api rolled_back blue, worker unbegun blue" {
		t.Errorf("results %q", got)
	}
	w.serves("api", oldDigest)
	w.serves("worker", oldDigest)
	if err := w.sim.SetAlarm("alarm-api-errors-dev", "OK"); err != nil {
		t.Fatal(err)
	}
	status := last[report.Table](w.run(releaseStatus).ends(fault.OK))
	if status.Rows[0][2] != "the same" || status.Rows[1][2] == "the same" {
		t.Errorf("api was put back and worker waits for its release: %v", status.Rows)
	}
	w.run(doRelease(deploy.ReleaseRequest{Yes: true})).ends(fault.OK)
	w.serves("worker", digestNumber(11))
}

// What cannot be right is refused before anything is touched.
func TestReleaseRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		plant   func(*world)
		request deploy.ReleaseRequest
		want    fault.Code
		says    []string
	}{
		"service that does not exist": {nil, deploy.ReleaseRequest{Services: []string{"mail"}}, fault.Usage, []string{`"mail"`, "api, worker"}},
		"image of a service left out": {nil, deploy.ReleaseRequest{Services: []string{"api"}, Images: map[string]string{"worker": digestNumber(11)}}, fault.Usage, []string{`"worker"`, "images of api"}},
		"image that does not exist":   {nil, newImages(11, "mail"), fault.Usage, []string{`"mail"`, "api, proxy, worker"}},
		"event that does not exist":   {nil, deploy.ReleaseRequest{Until: "later"}, fault.Usage, []string{`"later"`, "shifted", "AllowTraffic"}},
		"no digest":                   {nil, deploy.ReleaseRequest{Yes: true, Images: map[string]string{"api": "latest"}}, fault.Usage, []string{"ecr-api-dev", `"latest"`}},
		"alarm before the shift":      {func(w *world) { w.alarm("api", 0) }, newImages(11, "api"), fault.Refused, []string{"alarm-api-errors-dev", "ALARM"}},
		"listener changed by hand":    {func(w *world) { w.weights("Rule", 60, 40) }, newImages(11, "api"), fault.NeedsPerson, []string{"tg-api-blue-dev 60 %", "tg-api-green-dev 40 %"}},
		"no task set":                 {func(w *world) { w.drop("api") }, newImages(11, "api"), fault.NeedsPerson, []string{"service-api-dev"}},
		"nobody approves":             {nil, deploy.ReleaseRequest{Images: map[string]string{"api": digestNumber(11)}}, fault.Unapproved, []string{"--yes"}},
	} {
		t.Run(name, func(t *testing.T) {
			sampled(t, 9)
			w := releasing(t)
			if tc.plant != nil {
				tc.plant(w)
			}
			r := w.run(doRelease(tc.request)).ends(tc.want, tc.says...)
			if len(all[report.Release](r)) > 0 || w.truth("worker").suspended || w.truth("api").suspended {
				t.Error("something was begun")
			}
		})
	}
	w := newWorld(t)
	w.run(doRelease(newImages(1, "api"))).ends(fault.Usage, "deploy bootstrap")
	w.run(bootstrap).ends(fault.OK)
	w.run(doRelease(newImages(1, "api"))).ends(fault.Usage, "deploy apply")
	w = deployed(t) // services that no deployment group releases
	w.run(doRelease(newImages(1, "api"))).ends(fault.Usage, "CodeDeployApplication")
}

func (w *world) weights(rule string, weights ...int) {
	w.Helper()
	if err := w.sim.SetWeights(rule, weights...); err != nil {
		w.Fatal(err)
	}
}

func (w *world) drop(service string) {
	w.Helper()
	if err := w.sim.DropTaskSets("service-" + service + "-dev"); err != nil {
		w.Fatal(err)
	}
}

// The command can end before the release does; watch completes what it left.
func TestReleaseWaitUntil(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for until, want := range map[rel.Until]string{rel.UntilShifted: "api shifted green", "Install": "api running"} {
		t.Run(string(until), func(t *testing.T) {
			w := releasing(t)
			asked := newImages(11, "api")
			asked.Until = until
			r := w.run(doRelease(asked)).ends(fault.OK)
			if got := r.results(); got != want {
				t.Errorf("results %q, want %q", got, want)
			}
			if w.truth("api").suspended {
				t.Error("scaling is suspended")
			}
			w.run(doRelease(newImages(12, "worker"))).ends(fault.Busy, "deploy watch")
			w.run(watch).ends(fault.OK)
			w.serves("api", digestNumber(11))
			w.level()
		})
	}
}

// A release that runs can be stopped, and one that has ended can be gone back from.
func TestReleaseBack(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := releasing(t)
	w.run(stopRelease).ends(fault.Usage, "release status")
	w.run(rollbackRelease(deploy.ReleaseRequest{Yes: true})).ends(fault.Usage, "--image")
	asked := newImages(11, "api")
	asked.Until = "Install"
	w.run(doRelease(asked)).ends(fault.OK)
	status := w.run(releaseStatus).ends(fault.OK)
	if len(all[report.Shift](status)) != 1 || !strings.Contains(last[report.Table](status).Rows[0][4], "runs: ") {
		t.Errorf("status %v", last[report.Table](status).Rows)
	}
	w.run(stopRelease).ends(fault.OK)
	w.serves("api", oldDigest)
	w.level()

	w.run(doRelease(newImages(12, "api", "worker"))).ends(fault.OK)
	r := w.run(rollbackRelease(deploy.ReleaseRequest{Yes: true, AllAtOnce: true})).ends(fault.OK)
	if begun := last[report.Release](r); begun.Shift != rel.AllAtOnce {
		t.Errorf("shift %s", begun.Shift)
	}
	w.serves("api", oldDigest)
	w.serves("worker", oldDigest)
	w.level()
}
