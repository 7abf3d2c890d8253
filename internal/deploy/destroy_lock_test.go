package deploy_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// beginDelete begins the deletion of a stack, and lets some time pass.
func (b *beyond) beginDelete(stack string, while time.Duration) {
	b.Helper()
	_, err := b.way().CloudFormation().DeleteStack(b.Context(), &cloudformation.DeleteStackInput{StackName: &stack})
	b.must(err)
	b.pass(while)
}

// deployMore deploys another bucket with data.
func (b *beyond) deployMore() {
	b.Helper()
	b.edit("data.yaml", "  Key:\n", "  Recent:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: !Sub 'bucket-recent-${Suffix}'}\n  Key:\n")
	b.run(apply(request())).ends(fault.OK)
	b.fill("bucket-recent-dev", 1)
}

// Between the look and the lock somebody else may have deployed, released or destroyed. What would be lost beyond what was shown is shown, and
// asked about; where nobody can be asked, nothing is deleted.
func TestDestroyLooksAgainWithTheLock(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		meanwhile func(*beyond)
		request   func(*beyond) deploy.DestroyRequest
		typed     func(*beyond) string // nil for nobody
		want      fault.Code
		says      []string
		tables    int
	}{
		"nothing":         {func(*beyond) {}, nil, nil, fault.OK, nil, 1},
		"destroyed":       {func(b *beyond) { b.beginDelete("deploy-role-dev", time.Hour) }, nil, nil, fault.OK, nil, 1},
		"being destroyed": {func(b *beyond) { b.beginDelete("platform-dev", 0) }, nil, nil, fault.OK, nil, 1},
		"being destroyed without a final snapshot": {func(b *beyond) { b.beginDelete("platform-dev", 0) }, func(b *beyond) deploy.DestroyRequest {
			return deploy.DestroyRequest{Confirm: "dev", FinalSnapshot: new(b.sim.CreateKey())}
		}, nil, fault.Usage, []string{"comes too late for db-dev"}, 1},
		"released":                {func(b *beyond) { b.must(b.sim.BeginRelease("service-api-dev", 10)) }, nil, nil, fault.Busy, []string{"a release of service-api-dev runs"}, 1},
		"deployed":                {(*beyond).deployMore, nil, nil, fault.Unapproved, []string{"dev was changed since its losses were shown", "deploy destroy -e dev --confirm dev"}, 2},
		"deployed and approved":   {(*beyond).deployMore, nil, func(*beyond) string { return "dev" }, fault.OK, nil, 2},
		"deployed and declined":   {(*beyond).deployMore, nil, func(*beyond) string { return "" }, fault.Unapproved, []string{"wants the suffix"}, 2},
		"deployed, answered late": {(*beyond).deployMore, nil, func(b *beyond) string { b.pass(16 * time.Minute); b.steal(); return "dev" }, fault.Busy, []string{"somebody holds it"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			sampled(t, 9)
			b := furnished(t)
			r, typing := deploy.DestroyRequest{Confirm: "dev"}, func(*deploy.Options, *cloud.Options) {}
			if tc.request != nil {
				r = tc.request(b)
			}
			if tc.typed != nil {
				typing = func(o *deploy.Options, _ *cloud.Options) {
					o.Type = func(context.Context, string) (string, error) { return tc.typed(b), nil }
				}
			}
			destroyed := b.run(func(ctx context.Context, e *deploy.Engine) error { return e.Destroy(ctx, r) }, b.in, typing,
				when(first[report.Table](), func() { tc.meanwhile(b); b.asked = nil })).ends(tc.want, tc.says...)
			if tables := all[report.Table](destroyed); len(tables) != tc.tables {
				t.Errorf("the losses are shown %d times", len(tables))
			} else if tc.tables == 2 && !slices.ContainsFunc(tables[1].Rows, func(row []string) bool { return slices.Contains(row, "bucket-recent-dev") }) {
				t.Errorf("the new bucket is not shown: %v", tables[1])
			}
			if tc.want == fault.OK {
				b.nothing("bucket-archive-dev", "bucket-recent-dev", artifacts)
				return
			}
			for _, call := range []string{"cloudformation:DeleteStack", "s3:DeleteObjects", "ecs:UpdateService"} {
				if slices.Contains(b.asked, call) {
					t.Errorf("it was refused, and calls %s", call)
				}
			}
		})
	}
}

// While one stack is deleted, somebody may delete the next by hand.
func TestDestroyFindsTheNextStackDeleted(t *testing.T) {
	t.Parallel()
	for name, while := range map[string]time.Duration{"gone": time.Hour, "going": 0} {
		t.Run(name, func(t *testing.T) {
			sampled(t, 2)
			b := furnished(t)
			over := func(r report.Resource) bool { return r.LogicalID == "platform-dev" && r.Status == "DELETE_COMPLETE" }
			b.run(destroy, b.in, when(first(over), func() { b.beginDelete("deploy-role-dev", while) })).ends(fault.OK)
			b.nothing()
		})
	}
}
