package deploy_test

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/source"
)

// granted are the actions that policies of the foundation allow.
func granted(t *testing.T, policies ...string) map[string]bool {
	t.Helper()
	body, err := os.ReadFile("../../golden/foundation.yaml")
	if err != nil {
		t.Fatal(err)
	}
	foundation, err := source.Parse("foundation.yaml", body)
	if err != nil {
		t.Fatal(err)
	}
	actions := map[string]bool{}
	for _, id := range policies {
		document, _ := foundation.Resources[id].Properties["PolicyDocument"].(map[string]any)
		statements, _ := document["Statement"].([]any)
		for _, s := range statements {
			list, _ := s.(map[string]any)["Action"].([]any)
			for _, action := range list {
				actions[action.(string)] = true
			}
		}
	}
	if len(actions) < 10*len(policies)/2 {
		t.Fatalf("%v allow %d actions", policies, len(actions))
	}
	return actions
}

// A recorder writes down the IAM actions of all requests.
type recorder struct {
	aws.HTTPClient
	lock    sync.Mutex
	actions map[string]bool
}

func (r *recorder) Do(request *http.Request) (*http.Response, error) {
	for _, action := range actionsOf(request) {
		r.lock.Lock()
		r.actions[action] = true
		r.lock.Unlock()
	}
	return r.HTTPClient.Do(request)
}

// actionsOf are what a request takes (Service Authorization Reference): mostly the operation's name. Anybody may ask who he is.
func actionsOf(r *http.Request) []string {
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	service, operation := strings.Split(scope, "/")[3], middleware.GetOperationName(r.Context())
	if operation == "" { // a signed call without a client
		target := r.Header.Get("X-Amz-Target")
		operation = target[strings.LastIndexByte(target, '.')+1:]
		if operation == "" {
			body, _ := r.GetBody()
			data, _ := io.ReadAll(body)
			form, _ := url.ParseQuery(string(data))
			operation = form.Get("Action")
		}
	}
	if name, is := map[string]string{"monitoring": "cloudwatch", "tagging": "tag"}[service]; is {
		service = name
	}
	called := service + ":" + operation
	if other, is := otherActions[called]; is {
		return other
	}
	return []string{called}
}

// otherActions are those of operations whose actions are called otherwise.
var otherActions = map[string][]string{
	"sts:GetCallerIdentity":                          nil,
	"s3:ListObjectsV2":                               {"s3:ListBucket"},
	"s3:HeadBucket":                                  {"s3:ListBucket"},
	"s3:HeadObject":                                  {"s3:GetObject"},
	"s3:GetBucketEncryption":                         {"s3:GetEncryptionConfiguration"},
	"s3:GetPublicAccessBlock":                        {"s3:GetBucketPublicAccessBlock"},
	"wafv2:GetWebACLForResource":                     {"wafv2:GetWebACLForResource", "wafv2:GetWebACL", "elasticloadbalancing:GetLoadBalancerWebACL"},
	"codedeploy:CreateDeployment":                    {"codedeploy:CreateDeployment", "codedeploy:GetDeploymentConfig", "codedeploy:RegisterApplicationRevision"},
	"ecr:DescribeImageScanFindings":                  {"ecr:DescribeImageScanFindings", "inspector2:ListFindings"},
	"application-autoscaling:RegisterScalableTarget": {"application-autoscaling:RegisterScalableTarget", "ecs:DescribeServices", "ecs:UpdateService"},
}

// may runs a verb and wants the role to be allowed all that it calls. What was called is added to used.
func (w *world) may(role map[string]bool, used map[string]bool, name string, verb func(context.Context, *deploy.Engine) error, want fault.Code) {
	w.Helper()
	seen := &recorder{HTTPClient: w.sim.Client(), actions: map[string]bool{}}
	w.run(verb, func(_ *deploy.Options, c *cloud.Options) { c.Client = seen }).ends(want)
	for _, action := range slices.Sorted(maps.Keys(seen.actions)) {
		used[action] = true
		if !role[action] {
			w.Errorf("%s calls %s, which the role may not", name, action)
		}
	}
	if len(seen.actions) < 2 {
		w.Errorf("%s calls %v", name, seen.actions)
	}
}

// What the verbs call, the roles of pipelines may: an auditor who reads, who plans and who deploys.
func TestRolesMayWhatVerbsCall(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	reads, plans, deploys := granted(t, "ReadPolicy"), granted(t, "ReadPolicy", "PlanPolicy"), granted(t, "ReadPolicy", "PlanPolicy", "PipelinePolicy")
	used := map[string]bool{}
	w := platform(t)
	w.may(reads, used, "verify", verified(deploy.VerifyRequest{}), fault.OK)
	w.may(plans, used, "scan", scanning(deploy.ScanRequest{Images: map[string]string{"envoy": "v1"}}), fault.OK)
	w.may(deploys, used, "admin", func(ctx context.Context, e *deploy.Engine) error {
		return e.Administer(ctx, deploy.AdminRequest{Task: "migrate"})
	}, fault.OK)

	w = quick(t)
	w.may(plans, used, "plan", plan(request()), fault.OK)
	w.may(plans, used, "scan", scanning(deploy.ScanRequest{}), fault.OK)
	images := request()
	images.Images = newImages(13, "proxy").Images
	w.may(deploys, used, "apply", apply(images), fault.OK)
	w.may(deploys, used, "release", doRelease(newImages(11, "api", "proxy")), fault.OK)
	w.may(reads, used, "status", status, fault.OK)
	w.may(reads, used, "history", history, fault.OK)
	w.may(reads, used, "release status", releaseStatus, fault.OK)
	w.may(deploys, used, "release rollback", rollbackRelease(deploy.ReleaseRequest{Yes: true}), fault.OK)
	until := newImages(12, "api")
	until.Until = "shifted"
	w.may(deploys, used, "release until shifted", doRelease(until), fault.OK)
	w.may(deploys, used, "watch", watch, fault.OK)

	w = releasing(t)
	until = newImages(11, "worker")
	until.Until = "Install"
	w.may(deploys, used, "release until installed", doRelease(until), fault.OK)
	w.may(deploys, used, "release stop", stopRelease, fault.OK)

	w = newWorld(t)
	w.run(bootstrap).ends(fault.OK)
	w.sim.Fail("Database", "Insufficient capacity")
	w.may(deploys, used, "a first apply that fails", apply(firstRequest()), fault.RolledBack)
	w.sim.Heal()
	w.may(deploys, used, "the next one", apply(firstRequest()), fault.OK)
	w.sim.Fail("Database", "Insufficient capacity")
	w.sim.FailRollback("Database", "Still none")
	w.may(deploys, used, "an apply that sticks", apply(request("Size", "9")), fault.NeedsPerson)
	w.sim.Heal()
	w.may(deploys, used, "rollback", rollback, fault.OK)

	for action := range deploys {
		if !used[action] && !slices.Contains(notRepeated, action) {
			t.Errorf("the roles may %s, and no verb calls it", action)
		}
	}
}

// notRepeated are actions that are not seen here: what AWS checks by itself, what runs that go otherwise call, and what `deploy destroy` looks for.
var notRepeated = []string{
	// Checked by AWS: roles that are passed, tags of a change set, the bucket's key, an AppSpec that was registered before, enhanced scanning.
	"iam:PassRole", "cloudformation:TagResource", "kms:Decrypt", "kms:GenerateDataKey", "codedeploy:GetApplicationRevision", "inspector2:ListCoverage",
	// Called for an index of images and for one that was never scanned, and when tasks do not start.
	"ecr:BatchGetImage", "ecr:GetRegistryScanningConfiguration", "ecr:StartImageScan", "ecs:ListTasks", "ecs:DescribeTasks", "logs:GetLogEvents",
	// Called when a run is refused, broken off or has to be got out of.
	"cloudformation:DeleteChangeSet", "cloudformation:CancelUpdateStack", "cloudformation:RollbackStack", "cloudformation:UpdateTerminationProtection", "tag:GetResources",
}
