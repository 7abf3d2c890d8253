package deploy_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

const artifacts, lockKey = "bucket-artifacts-111122223333-dev", "env/dev/lock.json"

// steal gives the lock to somebody else, as a forced unlock does when another run follows; giveBack ends that run.
func (w *world) steal() {
	w.Helper()
	w.must(w.sim.PutObject(artifacts, lockKey, `{"id":"other","owner":"somebody","command":"deploy apply","since":"2026-11-22T00:00:00Z","expires":"2030-01-01T00:00:00Z"}`))
}

func (w *world) giveBack() {
	w.Helper()
	w.must(w.sim.DeleteObject(artifacts, lockKey))
}

// first is the first event of a kind.
func first[E report.Event](fits ...func(E) bool) func(report.Event) bool {
	seen := false
	return func(event report.Event) bool {
		e, is := event.(E)
		if is = is && !seen && !slices.ContainsFunc(fits, func(fits func(E) bool) bool { return !fits(e) }); is {
			seen = true
		}
		return is
	}
}

// registered is a world with new revisions of both services, which nothing runs yet.
func registered(t *testing.T) *world {
	w := quick(t)
	next := request()
	next.Images = map[string]string{"api": digestNumber(11), "worker": digestNumber(11)}
	w.run(apply(next)).ends(fault.OK)
	return w
}

// answering is a person who answers yes, after something.
func answering(meanwhile func()) option {
	return func(o *deploy.Options, _ *cloud.Options) {
		o.Approve = func(context.Context, string) (bool, error) { meanwhile(); return true, nil }
	}
}

// Without the lock nothing new is begun: what runs in AWS is followed to its end, and the run ends with who holds the lock.
func TestLostLockBeginsNothing(t *testing.T) {
	t.Parallel()
	small := func(t *testing.T) *world { return deployed(t) }
	full := func(t *testing.T) *world { return furnished(t).world }
	admins := func(t *testing.T) *world { return administered(t) }
	deleting := func(e report.Resource) bool { return e.Status == "DELETE_IN_PROGRESS" }
	asked := request("Size", "2")
	asked.Consent.Yes = false
	for name, tc := range map[string]struct {
		world  func(*testing.T) *world
		do     func(context.Context, *deploy.Engine) error
		event  func(report.Event) bool // at which the lock is lost
		call   string                  // or before this one, or at the question
		never  []string
		says   []string
		before func(*world)
	}{
		"apply": {world: small, do: apply(request("Size", "2")), event: first[report.Plan](), never: []string{"cloudformation:ExecuteChangeSet"}},
		"the task after apply": {world: admins, do: apply(request("Size", "2")), event: first[report.Operation](), never: []string{"ecs:RunTask"},
			says: []string{"platform-dev is UPDATE_COMPLETE: the stack itself is deployed", "when the other run has ended: deploy admin reconcile -e dev"}},
		"admin":                {world: admins, do: admin(deploy.AdminMigrate), call: "ecs:ListTasks", never: []string{"ecs:RunTask"}},
		"registering":          {world: quick, do: doRelease(newImages(11, "api")), event: first[report.Plan](), never: []string{"cloudformation:ExecuteChangeSet", "codedeploy:CreateDeployment"}},
		"release":              {world: registered, do: doRelease(deploy.ReleaseRequest{}), never: []string{"codedeploy:CreateDeployment"}},
		"destroy":              {world: full, do: destroy, call: "ecs:UpdateService", never: []string{"s3:DeleteObjects", "cloudformation:DeleteStack"}, says: []string{"what is left of dev stays for now", "deploy destroy -e dev --confirm dev"}},
		"destroy, next stack":  {world: full, do: destroy, event: first(deleting), never: []string{"logs:DescribeLogGroups", "cloudformation:DeleteStack deploy-role-dev"}},
		"destroy, emptied":     {world: full, do: destroy, call: "s3:DeleteObjects", never: []string{"cloudformation:DeleteStack"}},
		"destroy, second try":  {world: full, do: destroy, event: first(deleting), never: []string{"ecs:StopTask", "servicediscovery:ListInstances"}, before: func(w *world) { w.sim.FailDelete("Discovery", "not now") }},
		"destroy, kept bucket": {world: full, do: keepArtifacts, event: first(deleting), never: []string{"cloudformation:DeleteStack deploy-role-dev"}, says: []string{"--keep-artifacts"}},
	} {
		t.Run(name, func(t *testing.T) {
			sampled(t, 7)
			w := tc.world(t)
			if tc.before != nil {
				tc.before(w)
			}
			b, lost := newBeyond(w), false
			steal := func() {
				if !lost {
					lost = true
					w.steal()
					b.asked, b.on = nil, map[string]func(){"cloudformation:DeleteStack": func() {
						b.asked = append(b.asked, "cloudformation:DeleteStack "+stackOf(b))
					}}
				}
			}
			event := tc.event
			if event == nil {
				event = func(report.Event) bool { return false }
			}
			if tc.call != "" {
				b.on[tc.call] = steal
			}
			r := b.run(tc.do, b.in, when(event, steal), answering(func() {
				if tc.event == nil && tc.call == "" {
					steal()
				}
			}))
			r.ends(fault.Busy, append(tc.says, "the lock of dev was lost: somebody holds it, who runs deploy apply since 2026-11-22T00:00:00Z")...)
			for _, call := range tc.never {
				if slices.Contains(b.asked, call) {
					t.Errorf("%s without the lock", call)
				}
			}
			says(t, notes(r), "warning the lock of dev was lost")
			w.giveBack()
			w.nothingLeft()
		})
	}
}

// stackOf is the stack that is being deleted.
func stackOf(b *beyond) string {
	_, name, _ := strings.Cut(b.sent["cloudformation:DeleteStack"].Get("StackName"), "/")
	name, _, _ = strings.Cut(name, "/")
	return name
}

// A plan that was kept stays when the lock is lost: it is executed by the next run.
func TestLostLockKeepsThePlan(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	kept := request("Size", "2")
	kept.Keep = true
	var saved *deploy.SavedPlan
	w.run(func(ctx context.Context, e *deploy.Engine) (err error) { saved, err = e.Plan(ctx, kept); return err }).ends(fault.OK)
	applied := func(ctx context.Context, e *deploy.Engine) error {
		return e.ApplySaved(ctx, request("Size", "2"), *saved)
	}
	w.run(applied, when(first[report.Plan](), w.steal)).ends(fault.Busy, "somebody holds it")
	w.giveBack()
	w.run(applied).ends(fault.OK)
}

// A release that has begun is followed to its end without the lock; the next service's is not begun, and the stack is left as it is for the
// next command, which brings it level.
func TestLostLockDuringARelease(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		images  []string
		at      func(report.Event) bool
		results string
	}{
		"of the first of two": {[]string{"api", "worker"}, first[report.Release](), "api shifted green, worker unbegun blue"},
		"of the only one":     {[]string{"api"}, first[report.Release](), "api shifted green"},
		"while it is levelled": {[]string{"api"}, func() func(report.Event) bool {
			plans := 0
			return func(e report.Event) bool {
				if _, is := e.(report.Plan); is {
					plans++
					return plans == 2
				}
				return false
			}
		}(), "api shifted green"},
	} {
		t.Run(name, func(t *testing.T) {
			sampled(t, 3)
			w := quick(t)
			b := newBeyond(w)
			r := b.run(doRelease(newImages(11, tc.images...)), b.in, when(tc.at, func() { w.steal(); b.asked = nil })).ends(fault.Busy, "somebody holds it")
			if got := r.results(); got != tc.results {
				t.Errorf("results %q, want %q", got, tc.results)
			}
			never := []string{"codedeploy:CreateDeployment", "cloudformation:ExecuteChangeSet"}
			if !strings.Contains(name, "levelled") {
				never = append(never, "cloudformation:CreateChangeSet")
			}
			for _, call := range never {
				if slices.Contains(b.asked, call) {
					t.Errorf("%s without the lock", call)
				}
			}
			w.giveBack()
			w.nothingLeft()
			w.run(watch).ends(fault.OK)
			w.serves("api", digestNumber(11))
			if len(tc.images) == 1 {
				w.level()
				return
			}
			w.run(doRelease(deploy.ReleaseRequest{Yes: true})).ends(fault.OK)
			w.serves("worker", digestNumber(11))
			w.level()
		})
	}
}

// Who answers after the lock has expired goes on if nobody worked on the environment meanwhile, and else is told so.
func TestLateAnswer(t *testing.T) {
	t.Parallel()
	unasked := request("Size", "2")
	unasked.Consent.Yes = false
	for name, tc := range map[string]struct {
		world func(*testing.T) *world
		do    func(context.Context, *deploy.Engine) error
		other deploy.Request
	}{
		"apply":   {deployed, apply(unasked), request("Size", "3")},
		"release": {registered, doRelease(deploy.ReleaseRequest{}), request("Note", "another")},
	} {
		for meanwhile, want := range map[string]fault.Code{"nothing": fault.OK, "another run": fault.Busy, "a run that goes on": fault.Busy} {
			t.Run(name+", "+meanwhile, func(t *testing.T) {
				sampled(t, 5)
				w := tc.world(t)
				r := w.run(tc.do, answering(func() {
					w.pass(16 * time.Minute)
					switch meanwhile {
					case "another run":
						w.run(apply(tc.other)).ends(fault.OK)
					case "a run that goes on":
						w.steal()
					}
				}))
				says := map[string][]string{"another run": {"gave it back"}, "a run that goes on": {"somebody holds it"}}[meanwhile]
				if r.ends(want, says...); want == fault.Busy && len(all[report.Operation](r))+len(all[report.Release](r)) > 0 {
					t.Error("something was begun")
				}
				if meanwhile == "a run that goes on" {
					w.giveBack()
				}
				w.nothingLeft()
			})
		}
	}
}
