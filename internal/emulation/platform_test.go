package emulation

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/scan"
	"github.com/tierform/tierform/internal/deploy/source"
)

// An unscaled client answers for Application Auto Scaling, which the emulator does not have: nothing is registered there.
type unscaled struct{ client }

// Do sends a request, unless it is for Application Auto Scaling.
func (u unscaled) Do(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(r.Header.Get("X-Amz-Target"), "AnyScaleFrontendService.") {
		return u.client.Do(r)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, Body: io.NopCloser(strings.NewReader(`{"ScalableTargets":[]}`)), Request: r}, nil
}

// platform is an environment for the real templates of the whole platform.
func platform(t *testing.T) *environment {
	t.Helper()
	return &environment{t: t, account: newAccount(t), suffix: "dev", clock: hasty{time.Now()}, client: unscaled{newClient(t)}, templates: os.DirFS("../../golden"), roots: deploy.DefaultRoots()}
}

// values are those of an environment's parameter file, and flags after them.
func (e *environment) values(flags ...string) deploy.Request {
	e.t.Helper()
	data, err := os.ReadFile("../../environments/" + e.suffix + ".yaml")
	if err != nil {
		e.t.Fatal(err)
	}
	file, err := source.ReadValues(e.suffix, data)
	if err != nil {
		e.t.Fatal(err)
	}
	r := e.request(flags...)
	r.Values, r.NoAdmin = append([]source.Values{file}, r.Values...), true // the emulator's tasks run nothing and never end
	return r
}

// zone makes a hosted zone in Route 53, which the account's owner has before there is a platform, and tells its ID.
func (e *environment) zone(domain string) string {
	e.t.Helper()
	api, name := e.cloud().CloudFormation(), "dns"
	body := `{"Resources": {"Zone": {"Type": "AWS::Route53::HostedZone", "Properties": {"Name": "` + domain + `"}}}, "Outputs": {"Zone": {"Value": {"Ref": "Zone"}}}}`
	if _, err := api.CreateStack(e.t.Context(), &cloudformation.CreateStackInput{StackName: &name, TemplateBody: &body}); err != nil {
		e.t.Fatal(err)
	}
	for {
		out, err := api.DescribeStacks(e.t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
		if err != nil {
			e.t.Fatal(err)
		}
		switch s := out.Stacks[0]; s.StackStatus {
		case types.StackStatusCreateComplete:
			return aws.ToString(s.Outputs[0].OutputValue)
		case types.StackStatusCreateInProgress:
		default:
			e.t.Fatalf("the hosted zone is %s: %s", s.StackStatus, aws.ToString(s.StackStatusReason))
		}
	}
}

// images pushes an image for all that the platform runs, and tells their digests. The emulator has no scans: each is excepted.
func (e *environment) images(r *deploy.Request) {
	e.t.Helper()
	set, err := source.Load(e.templates, e.roots.Platform)
	if err != nil {
		e.t.Fatal(err)
	}
	r.Images = map[string]string{}
	for name := range set.Root.Parameters {
		stem, is := strings.CutSuffix(name, "ImageDigest")
		if !is {
			continue
		}
		image := deploy.ImageName(stem)
		repository, manifest := "ecr-"+image+"-"+e.suffix, fmt.Sprintf(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"digest":"sha256:%x"},"layers":[]}`, sha256.Sum256([]byte(image)))
		out, err := e.cloud().ECR().PutImage(e.t.Context(), &ecr.PutImageInput{RepositoryName: &repository, ImageManifest: &manifest, ImageTag: &image})
		if err != nil {
			e.t.Fatal(err)
		}
		r.Images[image] = aws.ToString(out.Image.ImageId.ImageDigest)
		r.Scan.Exceptions = append(r.Scan.Exceptions, report.Exception{Flag: scan.AllowUnscanned, ID: r.Images[image], Reason: "the emulator has no scans", Until: e.clock.Now().AddDate(0, 1, 0).UTC().Format("2006-01-02")})
	}
}

// The templates of the whole platform: created in the order that their wires demand, found unchanged, updated through a nested stack, and
// removed. Placeholders stand for the types that the emulator does not have.
func TestPlatform(t *testing.T) {
	t.Parallel()
	e := platform(t)
	t.Logf("placeholders: %s", strings.Join(running.Placeholders, ", "))
	everything := []string{"HostedZoneId=" + e.zone("payments.example.com"), "CloudTrail=enabled", "InterfaceEndpoints=enabled",
		"PipelineProviderArn=arn:aws:iam::" + e.account + ":oidc-provider/token.actions.githubusercontent.com", "PlanSubject=repo:example/payments:*",
		"PipelineSubject=repo:example/payments:environment:dev", "PublishSubject=repo:example/payments:ref:refs/heads/main"}
	bootstrapped := e.call(func(ctx context.Context, engine *deploy.Engine) error {
		return engine.Bootstrap(ctx, e.values(everything...))
	}).ends(fault.OK, "done")
	for _, id := range []string{"PlanRole", "PipelineRole", "PublishRole"} {
		if !slices.ContainsFunc(all[report.Resource](bootstrapped), func(r report.Resource) bool { return r.LogicalID == id && r.Status == "CREATE_COMPLETE" }) {
			t.Errorf("%s was not made", id)
		}
	}
	first := e.values(everything...)
	absent := first
	absent.Images = map[string]string{}
	for _, name := range []string{"payment-api", "transaction-processor", "notification-service", "administration", "envoy", "collector"} {
		absent.Images[name] = "sha256:" + strings.Repeat("0", 64)
	}
	e.call(func(ctx context.Context, engine *deploy.Engine) error { return engine.Apply(ctx, absent) }).ends(fault.Refused, "refused")
	e.images(&first)
	created := e.call(func(ctx context.Context, engine *deploy.Engine) error { return engine.Apply(ctx, first) }).ends(fault.OK, "done")
	e.made(created)

	e.call(func(ctx context.Context, engine *deploy.Engine) error {
		return engine.Apply(ctx, e.values(everything...))
	}).ends(fault.OK, "unchanged")
	more := e.values(append(everything, "PaymentApiMaxTasks=5")...)
	updated := e.call(func(ctx context.Context, engine *deploy.Engine) error { return engine.Apply(ctx, more) }).ends(fault.OK, "done")
	var changed []string
	for _, r := range all[report.Resource](updated) {
		if r.Status == "UPDATE_COMPLETE" && r.Type == "AWS::ApplicationAutoScaling::ScalableTarget" {
			changed = append(changed, strings.Join(append(r.Path, r.LogicalID), "/"))
		}
	}
	if !slices.Contains(changed, "ServicePaymentApiStack/PaymentApiScalableTarget") {
		t.Errorf("the update reached the scalable targets %q", changed)
	}
	e.destroy().ends(fault.OK, "done")
	e.leftovers(nil)
}

// made wants an event for each resource that the nested templates always have, and each placeholder to be needed.
func (e *environment) made(created *run) {
	e.t.Helper()
	set, err := source.Load(e.templates, e.roots.Platform)
	if err != nil {
		e.t.Fatal(err)
	}
	complete := map[string]int{}
	for _, r := range all[report.Resource](created) {
		if r.Status == "CREATE_COMPLETE" && len(r.Path) > 0 {
			complete[r.LogicalID+" "+r.Type]++
		}
	}
	total, types := 0, map[string]bool{}
	for _, template := range set.All() {
		for id, r := range template.Resources {
			types[r.Type] = true
			switch {
			case template == set.Root:
			case complete[id+" "+r.Type] > 0:
				complete[id+" "+r.Type]--
				total++
			case r.Condition == "":
				e.t.Errorf("%s of %s was not made", id, template.Name)
			}
		}
	}
	for _, placeholder := range running.Placeholders {
		if typ, _, _ := strings.Cut(placeholder, " "); !types[typ] {
			e.t.Errorf("the templates have no %s: take it out of tools/emulator.py", typ)
		}
	}
	e.t.Logf("%d resources made", total)
}
