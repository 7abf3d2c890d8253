package deploy_test

import (
	"context"
	"testing"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// Wherever a destroy ends, the command that goes on keeps what this one was asked to keep, quoted for a shell.
func TestDestroyAgainKeepsTheSame(t *testing.T) {
	t.Parallel()
	refuse := func(message string) func(*beyond, func()) {
		return func(b *beyond, _ func()) {
			b.sim.Inject(simulator.Fault{Service: "cloudformation", Operation: "DeleteStack", Kind: simulator.Failing, Code: "ValidationError", Message: message})
		}
	}
	for name, tc := range map[string]struct {
		before func(b *beyond, cancel func())
		want   fault.Code
	}{
		"unconfirmed":     {nil, fault.Unapproved},
		"stuck":           {func(b *beyond, _ func()) { b.sim.FailDelete("Subnet", "has dependencies") }, fault.NeedsPerson},
		"no role":         {refuse("Role is invalid or cannot be assumed"), fault.NeedsPerson},
		"not deleted":     {refuse("Stack cannot be deleted"), fault.NeedsPerson},
		"no snapshot":     {func(b *beyond, _ func()) { b.answers["rds:CopyDBClusterSnapshot"] = "400 KMSKeyNotAccessibleFault" }, fault.NeedsPerson},
		"interrupted":     {func(b *beyond, cancel func()) { b.on["cloudformation:DescribeStackEvents"] = cancel }, fault.Interrupted},
		"something stays": {func(b *beyond, _ func()) { b.answers["kms:DescribeKey"] = `{"KeyMetadata":{"KeyState":"Enabled"}}` }, fault.NeedsPerson},
	} {
		t.Run(name, func(t *testing.T) {
			sampled(t, 7)
			b := furnished(t)
			b.answers["kms:DescribeKey"] = `{"KeyMetadata":{"Arn":"arn:aws:kms:us-east-1:111122223333:key/other","KeyState":"Enabled"}}`
			b.answers["rds:CopyDBClusterSnapshot"], b.answers["rds:DeleteDBClusterSnapshot"] = "<R/>", "<R/>"
			b.answers["rds:DescribeDBClusterSnapshots"] = snapshotState("available")
			request := deploy.DestroyRequest{Confirm: "dev", KeepArtifacts: true, FinalSnapshot: new("alias/our key")}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if tc.before == nil {
				request.Confirm = ""
			} else {
				tc.before(b, cancel)
			}
			const again = "deploy destroy -e dev --keep-artifacts --final-snapshot 'alias/our key' --confirm dev"
			r := b.runIn(ctx, func(ctx context.Context, e *deploy.Engine) error { return e.Destroy(ctx, request) }, b.in).ends(tc.want, again)
			if d := last[report.Diagnosis](r); name == "stuck" && (len(d.Do) != 1 || d.Do[0] != again) {
				t.Errorf("the diagnosis says %q", d.Do)
			}
		})
	}
}
