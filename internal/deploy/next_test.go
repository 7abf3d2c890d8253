package deploy_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// What is shown as the next step does what the run was asked for: it has all of its flags, quoted for a shell, but no secret.
func TestNextAsksForTheSame(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	w.edit("foundation.yaml", "Parameters:\n", "Parameters:\n  Owner: {Type: String, Default: nobody}\n  Token: {Type: String, NoEcho: true, Default: none}\n")
	r := request("Size", "2", "Password", "canary", "Owner", "it's me", "Token", "canary")
	r.Consent = changeset.Consent{Policy: changeset.RequireAny, Replace: []string{"Data/Database"}, Delete: []string{"Log"}}
	r.Files, r.SavedAs, r.Tags = []string{"a b.yaml"}, "x.plan", map[string]string{"Team": "$HOME"}
	r.Role, r.Flat, r.NoRollback, r.Force, r.Detach, r.WaitLock = "arn:aws:iam::111122223333:role/role-deploy-dev", true, true, true, true, time.Minute
	got := last[report.Result](w.run(plan(r)).ends(fault.OK)).Next
	want := []string{"deploy apply -e dev --plan x.plan --params 'a b.yaml' -p 'Owner=it'\\''s me' -p Password=… -p Size=2 -p Token=… --tag 'Team=$HOME'" +
		" --role-arn arn:aws:iam::111122223333:role/role-deploy-dev --allow-replace Data/Database --allow-delete Log --no-nested --no-rollback --force --detach --wait-lock 1m0s --allow-replace Data/Log"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	r.Consent = changeset.Consent{Policy: changeset.RequireBroadening, Yes: true}
	got = last[report.Result](w.run(plan(r)).ends(fault.OK)).Next
	if len(got) != 1 || !strings.Contains(got[0], " --require-approval broadening ") || !strings.HasSuffix(got[0], " --yes --allow-replace Data/Database --allow-replace Data/Log") {
		t.Errorf("%q", got)
	}
}

// Flags that say which account and region are meant stand in every command that is shown.
func TestNextIsInTheSamePlace(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	w := deployed(t)
	here := func(o *deploy.Options, _ *cloud.Options) { o.Where = []string{"--profile", "my $1"} }
	const profile = " --profile 'my $1'"
	first, key := w.ids()[0], w.sim.CreateKey()
	noYes := func(verb func(context.Context, *deploy.Engine, deploy.Request) error) func(context.Context, *deploy.Engine) error {
		return func(ctx context.Context, e *deploy.Engine) error {
			r := request("Size", "2")
			r.Consent = changeset.Consent{}
			return verb(ctx, e, r)
		}
	}
	w.run(apply(request("Size", "9"))).ends(fault.OK)
	for name, tc := range map[string]struct {
		verb func(context.Context, *deploy.Engine) error
		want string
	}{
		"restore": {noYes(func(ctx context.Context, e *deploy.Engine, r deploy.Request) error { return e.Restore(ctx, first, r) }),
			"look at the plan, then: deploy rollback -e dev" + profile + " --to " + first + " --yes"},
		"destroy": {func(ctx context.Context, e *deploy.Engine) error {
			return e.Destroy(ctx, deploy.DestroyRequest{KeepArtifacts: true})
		}, "deploy destroy -e dev" + profile + " --keep-artifacts --confirm dev"},
		"destroy with a snapshot": {func(ctx context.Context, e *deploy.Engine) error {
			return e.Destroy(ctx, deploy.DestroyRequest{FinalSnapshot: &key})
		}, " --final-snapshot " + key + " --confirm dev"},
	} {
		t.Run(name, func(t *testing.T) {
			result := last[report.Result](w.run(tc.verb, here))
			if !strings.Contains(strings.Join(result.Next, "\n")+result.Text, tc.want) {
				t.Errorf("%+v", result)
			}
		})
	}
	w.sim.Fail("Database", "Insufficient capacity")
	w.sim.FailRollback("Database", "Still none")
	r := w.run(apply(request("Size", "3")), here).ends(fault.NeedsPerson)
	if next := last[report.Result](r).Next; len(next) != 1 || next[0] != "deploy rollback -e dev"+profile {
		t.Errorf("%q", next)
	}
	skip := func(ctx context.Context, e *deploy.Engine) error {
		return e.Rollback(ctx, deploy.RollbackRequest{Force: true, Skip: []string{"Data/Database"}})
	}
	r = w.run(skip, here).ends(fault.Unapproved, "if that is meant: deploy rollback -e dev --force --skip Data/Database --yes")
	if text := last[report.Result](r).Text; !strings.Contains(text, "-e dev"+profile+" --force") {
		t.Error(text)
	}
	if do := last[report.Diagnosis](w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Diagnose(ctx) }, here)).Do; len(do) != 1 || !strings.Contains(do[0], profile) {
		t.Errorf("%q", do)
	}
	status := all[report.Table](w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Status(ctx) }, here).ends(fault.OK))[0]
	if row := status.Rows[2]; !strings.Contains(row[2], profile) {
		t.Errorf("%q", row)
	}
}

// A plan that is stale is to be planned again into the same file.
func TestNextOfAStalePlan(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	r := request("Size", "2")
	r.Keep, r.SavedAs = true, "a plan"
	var saved *deploy.SavedPlan
	w.run(func(ctx context.Context, e *deploy.Engine) (err error) { saved, err = e.Plan(ctx, r); return err }).ends(fault.OK)
	w.run(apply(request("Size", "3"))).ends(fault.OK)
	got := last[report.Result](w.run(func(ctx context.Context, e *deploy.Engine) error { return e.ApplySaved(ctx, r, *saved) }).ends(fault.Unapproved)).Next
	if diff := cmp.Diff([]string{"plan again: deploy plan -e dev -p Size=2 --out 'a plan'"}, got); diff != "" {
		t.Error(diff)
	}
}

// Commands in findings and remarks mean the same account and region too; what only looks like a command stays as it is.
func TestRemarksAreInTheSamePlace(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	r := w.run(func(_ context.Context, e *deploy.Engine) error {
		e.Reporter.Report(report.Note{Text: "deploy watch -e dev, or deploy watch -e dev-2, or grep -e dev"})
		e.Reporter.Report(report.Validation{Mend: "deploy gc -e dev"})
		return nil
	}, func(o *deploy.Options, _ *cloud.Options) { o.Where = []string{"--region", "us-east-1"} })
	if got, want := last[report.Note](r).Text, "deploy watch -e dev --region us-east-1, or deploy watch -e dev-2, or grep -e dev"; got != want {
		t.Error(got)
	}
	if got := last[report.Validation](r).Mend; got != "deploy gc -e dev --region us-east-1" {
		t.Error(got)
	}
}
