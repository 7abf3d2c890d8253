package deploy

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/release"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/store"
)

// A container's image is that of the stack with its digest, and of several the one that the repository is named after.
func TestImagesNamed(t *testing.T) {
	t.Parallel()
	parameters := map[string]string{"ApiImageDigest": "sha256:1", "WorkerImageDigest": "sha256:1", "ProxyImageDigest": "sha256:2", "Other": "sha256:1"}
	for image, want := range map[string][]string{
		"r/ecr-api-dev@sha256:1": {"api"}, "r/worker@sha256:1": {"worker"}, "r/mine@sha256:1": {"api", "worker"}, "r/ecr-api-dev@sha256:2": {"proxy"}, "r/ecr-api-dev:latest": nil,
	} {
		if diff := cmp.Diff(want, imagesNamed(parameters, image)); diff != "" {
			t.Errorf("%s: %s", image, diff)
		}
	}
	if parameterOf(parameters, "proxy") != "ProxyImageDigest" || parameterOf(parameters, "mail") != "" {
		t.Error("parameters of images")
	}
	if targetGroupName("arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/tg-api/1") != "tg-api" || targetGroupName("tg") != "tg" || digestIn("image:1") != "image:1" {
		t.Error("names")
	}
	if reason("") != nil || reason("ALARM_ACTIVE: so many words").Error() != "ALARM_ACTIVE" {
		t.Error("reasons")
	}
	if text := (serving{sets: 2}).words(); text != "no target group; the primary task set is none of 2" {
		t.Error(text)
	}
}

// Bringing a stack level may change weights and register revisions, and nothing else.
func TestOnlyLevels(t *testing.T) {
	t.Parallel()
	e := &Engine{environment: environment{"dev"}}
	plan := func(c report.Change) report.Plan {
		return report.Plan{Root: report.Stack{Nested: []report.Stack{{Name: "ApiStack", Changes: []report.Change{c}}}}}
	}
	for name, tc := range map[string]struct {
		change report.Change
		want   fault.Code
	}{
		"weights":            {report.Change{LogicalID: "Rule", Type: "AWS::ElasticLoadBalancingV2::ListenerRule", Action: report.Modify}, fault.OK},
		"a rule replaced":    {report.Change{LogicalID: "Rule", Type: "AWS::ElasticLoadBalancingV2::ListenerRule", Action: report.Replace}, fault.NeedsPerson},
		"a revision":         {report.Change{LogicalID: "Task", Type: "AWS::ECS::TaskDefinition", Action: report.Replace}, fault.OK},
		"a service":          {report.Change{LogicalID: "Service", Type: "AWS::ECS::Service", Action: report.Modify}, fault.NeedsPerson},
		"disproved, hidden":  {report.Change{LogicalID: "Key", Type: "AWS::KMS::Key", Action: report.Replace, Hidden: true}, fault.OK},
		"disproved, of data": {report.Change{LogicalID: "Cluster", Type: "AWS::RDS::DBCluster", Action: report.Replace, Certainty: report.Spurious, Stateful: true}, fault.OK},
		"not disproved":      {report.Change{LogicalID: "Cluster", Type: "AWS::RDS::DBCluster", Action: report.Replace, Certainty: report.Unknown, Stateful: true}, fault.NeedsPerson},
	} {
		if got := fault.CodeOf(e.onlyLevels(plan(tc.change))); got != tc.want {
			t.Errorf("%s: %d, want %d", name, got, tc.want)
		}
	}
}

// What serves decides what became of a release, and only where it is plain.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	done, early, failed := release.Outcome{Release: release.State{Status: release.Succeeded}}, release.Outcome{Early: true}, release.Outcome{Release: release.State{Status: release.Failed}}
	shifted := release.Outcome{Early: true, Release: release.State{New: report.TaskSet{Weight: 100}}}
	back := release.Outcome{Release: release.State{Status: release.Stopped}, Back: &release.State{Status: release.Succeeded}}
	for name, tc := range map[string]struct {
		now     serving
		outcome release.Outcome
		want    string
	}{
		"shifted":                            {serving{revision: "new", plain: true, sets: 1}, done, report.Shifted},
		"shifted, with the old set":          {serving{revision: "new", plain: true, sets: 2}, done, report.Shifted},
		"succeeded, and the old serves":      {serving{revision: "old", plain: true, sets: 2}, done, report.NeedsPerson},
		"succeeded, and weights are mixed":   {serving{revision: "new", sets: 2}, done, report.NeedsPerson},
		"failed, and the new serves alone":   {serving{revision: "new", plain: true, sets: 1}, failed, report.Shifted},
		"failed, and the new serves":         {serving{revision: "new", plain: true, sets: 2}, failed, report.NeedsPerson},
		"rolled back":                        {serving{revision: "old", plain: true, sets: 2}, back, report.RolledBack},
		"failed before anything was shifted": {serving{revision: "old", plain: true, sets: 1}, failed, report.RolledBack},
		"failed, with a second set":          {serving{revision: "old", plain: true, sets: 2}, failed, report.NeedsPerson},
		"left early, all shifted":            {serving{revision: "old", sets: 2}, shifted, report.Shifted},
		"left early":                         {serving{revision: "old", plain: true, sets: 2}, early, report.Running},
	} {
		if got := verdictOf(tc.now, tc.outcome, "old", "new"); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

// After rollbacks the digests that run are put back, but for what another service was released with; where a person has to decide, nothing is.
func TestBackDigests(t *testing.T) {
	t.Parallel()
	var notes []report.Note
	e := &Engine{Options: Options{Reporter: report.Func(func(e report.Event) { notes = append(notes, e.(report.Note)) })}}
	rolled := store.Release{Service: "b", Result: report.RolledBack, Images: map[string]string{"b": "1", "proxy": "1"}}
	images, clear := e.backDigests(store.Record{Releases: []store.Release{{Service: "a", Result: report.Shifted, Images: map[string]string{"a": "1", "proxy": "1"}}, rolled, {Service: "c", Result: report.Unbegun}}})
	if diff := cmp.Diff(map[string]string{"b": "1"}, images); diff != "" || !clear || len(notes) != 1 {
		t.Error(diff, clear, notes)
	}
	for _, result := range []string{report.NeedsPerson, report.Running} {
		if _, clear := e.backDigests(store.Record{Releases: []store.Release{rolled, {Result: result}}}); clear {
			t.Errorf("digests are put back beside a release that %s", result)
		}
	}
	if err := outcomeOf(store.Record{Releases: []store.Release{{Service: "a", Result: report.NeedsPerson}}}); fault.CodeOf(err) != fault.NeedsPerson {
		t.Error(err)
	}
	run := &releaseRun{Engine: e, record: store.Record{Releases: []store.Release{{Service: "gone"}}}}
	if err := run.recover(t.Context(), 0, nil); err != nil || run.record.Releases[0].Result != report.Unbegun {
		t.Error("the release of a service that is gone", err, run.record)
	}
}
