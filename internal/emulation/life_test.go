package emulation

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// A whole life on the machine's own clock: create, no change, updates through a nested stack by a value and by its template, and its end.
func TestLife(t *testing.T) {
	t.Parallel()
	e := shop(t, "dev")
	e.clock = clock.System{}
	e.bootstrap().ends(fault.OK, "done")
	created := e.apply().ends(fault.OK, "done")
	outputs, _ := last[report.Outputs](created)
	if want := map[string]string{"Orders": "/shop/orders-dev", "Topic": "arn:aws:sns:us-east-1:" + e.account + ":news-dev"}; !cmp.Equal(outputs.Values, want) {
		t.Errorf("outputs: %s", cmp.Diff(want, outputs.Values))
	}
	if events := all[report.Resource](created); !slices.ContainsFunc(events, func(r report.Resource) bool {
		return len(r.Path) == 1 && r.LogicalID == "Log" && r.Status == "CREATE_COMPLETE"
	}) {
		t.Errorf("the nested stack's resources are not followed:\n%s", created.story())
	}

	e.bootstrap().ends(fault.OK, "unchanged")
	same := e.apply().ends(fault.OK, "unchanged")
	result, _ := last[report.Result](same)
	calls := 0
	for _, n := range result.Calls {
		calls += n
	}
	if calls > 5 {
		t.Errorf("to find that nothing changes took %d calls: %v", calls, result.Calls)
	}

	e.apply("RefundPattern=return").ends(fault.OK, "done")
	if got := e.pattern(); got != "return" {
		t.Errorf("the filter looks for %q after the update, want %q", got, "return")
	}

	e.edit("orders.yaml", "Outputs:\n", "Outputs:\n  Pattern:\n    Value: !Ref RefundPattern\n")
	updated := e.apply("RefundPattern=return").ends(fault.OK, "done")
	if templates, _ := last[report.Templates](updated); templates.Uploaded != 1 || templates.Changed != 1 {
		t.Errorf("templates %+v, want one changed and uploaded", templates)
	}
	plan, _ := last[report.Plan](updated)
	for _, nested := range plan.Root.Nested {
		if changes := nested.Unknown != ""; changes != (nested.Name == "OrdersStack") {
			t.Errorf("the plan says of %s: %q", nested.Name, nested.Unknown)
		}
	}
	e.destroy().ends(fault.OK, "done")
	e.leftovers(nil)
}

// A plan leaves nothing behind: neither a change set, nor the stack in review that the first one makes.
func TestPlanLeavesNothing(t *testing.T) {
	t.Parallel()
	e := shop(t, "dev")
	e.bootstrap().ends(fault.OK, "done")
	e.plan().ends(fault.OK, "planned")
	e.leftovers([]string{"stack foundation-dev", "bucket shop-artifacts-dev-" + e.account, "repository web-dev"})
	e.apply().ends(fault.OK, "done")
	e.plan("RefundPattern=return").ends(fault.OK, "planned")
	e.unexecuted("")
	if got := e.pattern(); got != "refund" {
		t.Errorf("the filter looks for %q, want the %q of before", got, "refund")
	}
}

// What holds data in a nested stack is not touched without its name on the command line, even where CloudFormation gives no change set for
// the nested stack and nobody can tell what happens to it.
func TestWhatHoldsDataWantsItsName(t *testing.T) {
	t.Parallel()
	e := deployed(t, "dev")
	refused := e.apply("RetentionInDays=60").ends(fault.Unapproved, "unapproved")
	if !strings.Contains(refused.err.Error(), "--allow-replace Orders/Log") {
		t.Errorf("the error does not name the log group: %v", refused.err)
	}
	e.unexecuted("")
	if got := e.retention(); got != 30 {
		t.Errorf("refused, and the log group keeps %d days", got)
	}
	e.consent.Replace = []string{"Orders/Log"}
	e.apply("RetentionInDays=60").ends(fault.OK, "done")
	if got := e.retention(); got != 60 {
		t.Errorf("the log group keeps %d days after the update, want 60", got)
	}
}

// A nested stack that fails takes everything back; the cause is told with its path, and the next update is possible.
func TestFailingNestedStack(t *testing.T) {
	t.Parallel()
	e := deployed(t, "dev")
	failed := e.apply("RefundPattern=return", "AccountingRoleName=nobody").ends(fault.RolledBack, "rolled_back")
	failed.blames("OrdersStack/AccountingPolicy", "nobody cannot be found")
	if got := e.pattern(); got != "refund" {
		t.Errorf("the filter looks for %q, want the %q of before", got, "refund")
	}
	diagnosed := e.call(func(ctx context.Context, engine *deploy.Engine) error { return engine.Diagnose(ctx) }).ends(fault.OK, "done")
	diagnosed.blames("OrdersStack/AccountingPolicy", "nobody cannot be found")
	watched := e.call(func(ctx context.Context, engine *deploy.Engine) error { return engine.Watch(ctx) }).ends(fault.RolledBack, "rolled_back")
	watched.blames("OrdersStack/AccountingPolicy", "nobody cannot be found")

	e.apply("RefundPattern=return", "AccountingRoleName=orders-dev").ends(fault.OK, "done")
	if got := e.pattern(); got != "return" {
		t.Errorf("the filter looks for %q after the update, want %q", got, "return")
	}
	e.recorded("done", "rolled_back", "done")
}

// A first deployment that fails leaves a stack that takes nothing but its deletion; the next run deletes it and goes on.
func TestFailingFirstDeployment(t *testing.T) {
	t.Parallel()
	e := shop(t, "dev")
	e.bootstrap().ends(fault.OK, "done")
	failed := e.apply("AccountingRoleName=nobody").ends(fault.RolledBack, "rolled_back")
	failed.blames("OrdersStack", "nobody cannot be found")
	if got := e.status(); got != "ROLLBACK_COMPLETE" {
		t.Errorf("the stack is %s, want ROLLBACK_COMPLETE", got)
	}
	recreated := e.apply().ends(fault.OK, "done")
	if !recreated.told("never lived") {
		t.Errorf("the deletion is not told:\n%s", recreated.story())
	}
	e.recorded("done", "rolled_back")
}

// A rollback that cannot go on needs a person, who has one command for it.
func TestStuckRollback(t *testing.T) {
	t.Parallel()
	e := deployed(t, "dev")
	storage := e.cloud().S3()
	bucket, key := "shop-artifacts-dev-"+e.account, e.keyOf("orders.yaml")
	body, err := fs.ReadFile(e.templates, "orders.yaml")
	if err != nil {
		t.Fatal(err)
	}
	e.consent.Replace = []string{"Orders/Log"} // with the template gone nobody can tell what happens to it
	e.edit("orders.yaml", "Description: Orders", "Description: More orders")
	if _, err := storage.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: &key}); err != nil {
		t.Fatal(err)
	}
	e.apply("AccountingRoleName=nobody").ends(fault.NeedsPerson, "needs_person")
	if got := e.status(); got != "UPDATE_ROLLBACK_FAILED" {
		t.Fatalf("the stack is %s, want UPDATE_ROLLBACK_FAILED", got)
	}
	refused := e.apply().ends(fault.NeedsPerson, "needs_person")
	if result, _ := last[report.Result](refused); !slices.Equal(result.Next, []string{"deploy rollback -e dev"}) {
		t.Errorf("what to do next: %q", result.Next)
	}
	if _, err := storage.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(string(body))}); err != nil {
		t.Fatal(err)
	}
	e.call(func(ctx context.Context, engine *deploy.Engine) error {
		return engine.Rollback(ctx, deploy.RollbackRequest{Yes: true})
	}).ends(fault.OK, "done")
	e.consent.Replace = nil
	e.apply("RefundPattern=return").ends(fault.OK, "done")
}

// Two environments of one account know nothing of each other, even when they are deployed at the same time.
func TestTwoEnvironments(t *testing.T) {
	t.Parallel()
	one := shop(t, "dev")
	other := shop(t, "qa")
	other.account = one.account
	done := make(chan *run)
	for _, e := range []*environment{one, other} {
		go func() {
			r := e.bootstrap()
			if r.code == fault.OK {
				r = e.apply()
			}
			done <- r
		}()
	}
	for range 2 {
		(<-done).ends(fault.OK, "done")
	}
	one.destroy().ends(fault.OK, "done")
	other.apply().ends(fault.OK, "unchanged")
	if got := other.pattern(); got != "refund" {
		t.Errorf("the filter looks for %q, want the %q of before", got, "refund")
	}
	other.leftovers([]string{"stack foundation-qa", "stack platform-qa", "bucket shop-artifacts-qa-" + one.account, "bucket shop-pictures-qa-" + one.account,
		"repository web-qa", "log group /shop/orders-qa"})
}

// Destroy empties what AWS does not delete while it holds anything, and proves that nothing is left.
func TestDestroyWhatIsFull(t *testing.T) {
	t.Parallel()
	e := deployed(t, "dev")
	pictures, repository := "shop-pictures-dev-"+e.account, "web-dev"
	storage, registry := e.cloud().S3(), e.cloud().ECR()
	for i := range 40 {
		key := fmt.Sprintf("picture-%d.png", i%20) // each in two versions
		if _, err := storage.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &pictures, Key: &key, Body: strings.NewReader(key)}); err != nil {
			t.Fatal(err)
		}
	}
	deleted, unfinished := "picture-0.png", "picture-1.png"
	if _, err := storage.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &pictures, Key: &deleted}); err != nil {
		t.Fatal(err)
	}
	if _, err := storage.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: &pictures, Key: &unfinished}); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		manifest, tag := fmt.Sprintf(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"digest":"sha256:%064d"},"layers":[]}`, i), fmt.Sprint("v", i)
		if _, err := registry.PutImage(t.Context(), &ecr.PutImageInput{RepositoryName: &repository, ImageManifest: &manifest, ImageTag: &tag}); err != nil {
			t.Fatal(err)
		}
	}
	r := e.destroy().ends(fault.OK, "done")
	for _, what := range []string{"bucket " + pictures, "repository " + repository} {
		if !r.told(what) {
			t.Errorf("the emptying of %s is not told:\n%s", what, r.story())
		}
	}
	e.leftovers(nil)
	e.destroy().ends(fault.OK, "done")
}
