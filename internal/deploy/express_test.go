package deploy_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// express is an update in express mode.
func express(values ...string) deploy.Request {
	r := request(values...)
	r.Express = true
	return r
}

// Express mode is asked for with the change set, always with rollback, and a person is told what the end does not mean.
func TestExpress(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := newBeyond(deployed(t))
	r := b.run(apply(express("Size", "2")), b.in).ends(fault.OK)
	says(t, notes(r), "warning express: CloudFormation ends before resources are ready")
	if form := b.sent["cloudformation:CreateChangeSet"]; form.Get("DeploymentConfig.Mode") != "EXPRESS" || form.Get("DeploymentConfig.DisableRollback") != "false" {
		t.Errorf("asked for %v", form)
	}
	r = b.run(apply(request("Size", "3")), b.in).ends(fault.OK)
	if form := b.sent["cloudformation:CreateChangeSet"]; form.Get("DeploymentConfig.Mode") != "" || strings.Contains(notes(r), "express") {
		t.Errorf("asked for %v", form)
	}
}

// Protected environments refuse it before anything is touched: by their stack's termination protection, or by their name.
func TestExpressIsRefused(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	both := express("Size", "2")
	both.NoRollback = true
	w.run(apply(both)).ends(fault.Usage, "--no-rollback")
	for _, suffix := range []string{"prod", "eu-live", "staging"} {
		w.run(apply(express("Size", "2")), func(o *deploy.Options, _ *cloud.Options) { o.Environment = suffix }).ends(fault.Refused, suffix+" is protected", "the suffix says")
	}
	w.run(func(ctx context.Context, e *deploy.Engine) error {
		return e.ApplySaved(ctx, express("Size", "2"), deploy.SavedPlan{Environment: "dev", Account: "111122223333"})
	}).ends(fault.Usage, "without --plan")
	b := newBeyond(w)
	b.protect("platform-dev")
	r := b.run(apply(express("Size", "2")), b.in).ends(fault.Refused, "dev is protected", "platform-dev has termination protection", "without --express")
	if len(all[report.Plan](r)) > 0 {
		t.Error("something was proposed")
	}
	_, err := b.way().CloudFormation().UpdateTerminationProtection(t.Context(), &cloudformation.UpdateTerminationProtectionInput{StackName: new("platform-dev"), EnableTerminationProtection: new(false)})
	b.must(err)
	b.run(apply(express("Size", "2")), b.in).ends(fault.OK)
}
