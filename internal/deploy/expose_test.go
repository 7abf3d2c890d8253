package deploy_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// A witness sees a run as a screen shows it: what the engine says is secret, it masks from then on.
type witness struct {
	masked []string
	shown  []string
}

func (w *witness) option(o *deploy.Options, _ *cloud.Options) {
	o.Mask = func(values ...string) { w.masked = append(w.masked, values...) }
	told := o.Reporter
	o.Reporter = report.Func(func(e report.Event) {
		text := fmt.Sprintf("%s %+v", e.Kind(), e)
		if plan, is := e.(report.Plan); is {
			text = fmt.Sprintf("%s %+v", e.Kind(), plan.Changes())
		}
		for _, value := range w.masked {
			text = strings.ReplaceAll(text, value, report.Masked)
		}
		w.shown = append(w.shown, text)
		told.Report(e)
	})
}

// leaks are the events that show a text.
func (w *witness) leaks(text string) []string {
	return slices.DeleteFunc(slices.Clone(w.shown), func(shown string) bool { return !strings.Contains(shown, text) })
}

// exposes makes a world whose templates expose their secret as change does. The stack holds it.
func exposes(t *testing.T, change func(*world)) *world {
	t.Helper()
	w := newWorld(t)
	change(w)
	w.run(bootstrap).ends(fault.OK)
	w.run(apply(firstRequest("Password", "canary-1"))).ends(fault.OK)
	return w
}

// exposures are ways of templates to show a secret to everybody who may describe the stack.
func exposures() map[string]func(*world) {
	return map[string]func(*world){
		"by an output": func(w *world) {
			w.edit("platform.yaml", "Outputs:\n", "Outputs:\n  Login: {Value: !Sub 'postgres://u:${Password}@db'}\n  Same: {Value: see canary-1}\n")
		},
		"by an output of a nested stack": func(w *world) {
			w.edit("data.yaml", "Outputs:\n", "Outputs:\n  Login: {Value: !Join [':', [u, !Ref Password]]}\n")
			w.edit("platform.yaml", "Outputs:\n", "Outputs:\n  Login: {Value: !Sub 'postgres://${DataStack.Outputs.Login}@db'}\n")
		},
		"by a parameter of a nested stack": func(w *world) {
			w.edit("data.yaml", "Password: {Type: String, NoEcho: true}", "Password: {Type: String}")
		},
	}
}

// A run that was not given the secret shows it nowhere: not in outputs, and not where AWS repeats it.
func TestExposed(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	for name, change := range exposures() {
		t.Run(name, func(t *testing.T) {
			w := exposes(t, change)
			see := func(want fault.Code, do func(context.Context, *deploy.Engine) error) {
				t.Helper()
				seen := &witness{}
				r := w.run(do, seen.option).ends(want)
				for _, o := range all[report.Outputs](r) {
					if strings.Contains(o.Values["Login"], "canary") {
						t.Errorf("outputs %v", o.Values)
					}
				}
				for _, text := range seen.leaks("canary") {
					t.Errorf("shows the secret: %s", text)
				}
			}
			for _, verb := range []func(context.Context, *deploy.Engine) error{outputs, status, watch, plan(request("Size", "2")), apply(request("Size", "2")), history, doctor} {
				see(fault.OK, verb)
			}
			w.sim.Drift(simulator.Drifted{LogicalID: "Log", Path: "/LogGroupName", Actual: "log-canary-1"})
			see(fault.Differences, drifts)
			w.sim.Fail("Database", "The password canary-1 is too short")
			see(fault.RolledBack, apply(request("Size", "3")))
			see(fault.RolledBack, watch)
			see(fault.OK, diagnose)
			left := request("Size", "4")
			left.NoRollback = true
			see(fault.NeedsPerson, apply(left))
			see(fault.NeedsPerson, doctor)
			see(fault.OK, rollback)
			w.sim.Heal()
			w.die(apply(request("Size", "5")))
			see(fault.OK, func(ctx context.Context, e *deploy.Engine) error { return e.Cancel(ctx, true) })
			w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Unlock(ctx, true) })
			w.sim.FailDelete("Database", "canary-1 is still used")
			see(fault.NeedsPerson, func(ctx context.Context, e *deploy.Engine) error {
				return e.Destroy(ctx, deploy.DestroyRequest{Confirm: "dev"})
			})
		})
	}
}

// What the state of a stack says is masked as well.
func TestExposedReason(t *testing.T) {
	t.Parallel()
	b := newBeyond(deployed(t))
	b.answers["cloudformation:DescribeStacks"] = `<R><DescribeStacksResult><Stacks><member><StackId>arn:aws:cloudformation:us-east-1:1:stack/platform-dev/1</StackId><StackName>platform-dev</StackName>` +
		`<StackStatus>UPDATE_ROLLBACK_FAILED</StackStatus><StackStatusReason>canary-1 is taken</StackStatusReason><Outputs><member><OutputKey>Login</OutputKey><OutputValue>u:canary-1</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></R>`
	b.answers["cloudformation:GetTemplate"] = "<R><GetTemplateResult><TemplateBody>{Parameters: {P: {Type: String, NoEcho: true}}, Resources: {T: {Type: 'AWS::SNS::Topic'}}, Outputs: {Login: {Value: !Sub 'u:${P}'}}}</TemplateBody></GetTemplateResult></R>"
	seen := &witness{}
	b.run(doctor, b.in, seen.option).ends(fault.NeedsPerson)
	if leaks := seen.leaks("canary"); len(leaks) > 0 || len(seen.leaks("**** is taken")) == 0 {
		t.Errorf("shows the secret: %v", leaks)
	}
}

// Templates that are at hand need not be read, nor those to which no output leads.
func TestExposedCalls(t *testing.T) {
	t.Parallel()
	w := exposes(t, exposures()["by an output of a nested stack"])
	elsewhere := func(o *deploy.Options, _ *cloud.Options) { o.Templates = fstest.MapFS{} }
	for name, tt := range map[string]struct {
		where      option
		get, lists int
	}{"at hand": {func(*deploy.Options, *cloud.Options) {}, 1, 0}, "elsewhere": {elsewhere, 3, 1}} {
		r := w.run(outputs, tt.where).ends(fault.OK)
		calls, values := last[report.Result](r).Calls, last[report.Outputs](r).Values
		if calls["cloudformation:GetTemplate"] != tt.get || calls["cloudformation:ListStackResources"] != tt.lists {
			t.Errorf("%s: %v", name, calls)
		}
		if values["Login"] != report.Masked || values["ClusterName"] != "cluster-dev" || values["Endpoint"] == report.Masked {
			t.Errorf("%s: %v", name, values)
		}
	}
}

// Where nobody can tell what outputs are made of, they are masked, and -v says why.
func TestExposedUnclear(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	body := func(text string) string {
		return "<R><GetTemplateResult><TemplateBody>" + text + "</TemplateBody></GetTemplateResult></R>"
	}
	const plain = "Resources: {T: {Type: 'AWS::SNS::Topic'}}\nOutputs: {ClusterName: {Value: a}}\n"
	for name, tt := range map[string]struct {
		change func(*beyond)
		says   string
		shown  bool
	}{
		"a template that may not be read": {func(b *beyond) { b.answers["cloudformation:GetTemplate"] = "400 AccessDenied" }, "read the template of", false},
		"no template":                     {func(b *beyond) { b.answers["cloudformation:GetTemplate"] = body("") }, "it is empty", false},
		"macros that stay":                {func(b *beyond) { b.answers["cloudformation:GetTemplate"] = body("Transform: M\n" + plain) }, "as its macros left it", false},
		"macros": {func(b *beyond) {
			b.answers["cloudformation:GetTemplate"] = body("Transform: M\n" + plain)
			asked := 0
			b.on["cloudformation:GetTemplate"] = func() {
				if asked++; asked == 2 {
					b.answers["cloudformation:GetTemplate"] = body(plain)
				}
			}
		}, "", true},
		"nested stacks that may not be listed": {func(b *beyond) { b.answers["cloudformation:ListStackResources"] = "400 AccessDenied" }, "list the resources of platform-dev", false},
		"another stack's export": {func(b *beyond) {
			b.answers["cloudformation:GetTemplate"] = body(strings.Replace(plain, "Value: a", "Value: !ImportValue X", 1))
		}, "do not tell that no secret is in it: ApiServiceName, ClusterName, Endpoint", false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBeyond(deployed(t))
			tt.change(b)
			r := b.run(outputs, b.in, func(o *deploy.Options, _ *cloud.Options) { o.Templates = fstest.MapFS{} }).ends(fault.OK)
			if got := last[report.Outputs](r).Values["ClusterName"]; (got != report.Masked) != tt.shown {
				t.Errorf("ClusterName is %s", got)
			}
			said := slices.ContainsFunc(all[report.Note](r), func(n report.Note) bool {
				return n.Level == report.Detail && strings.Contains(n.Text, tt.says)
			})
			if !said {
				t.Errorf("does not say %q: %v", tt.says, all[report.Note](r))
			}
		})
	}
}

// Secrets handed to nested stacks that cannot be read stay unknown, and the run goes on.
func TestExposedUnread(t *testing.T) {
	t.Parallel()
	b := newBeyond(exposes(t, exposures()["by a parameter of a nested stack"]))
	b.edit("data.yaml", "Outputs:", "# other\nOutputs:")
	b.answers["cloudformation:ListStackResources"] = "400 AccessDenied"
	seen := &witness{}
	b.run(diagnose, b.in, seen.option).ends(fault.OK)
	if slices.Contains(seen.masked, "canary-1") {
		t.Errorf("masks %v", seen.masked)
	}
}
