package deploy_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/simulator"
)

func destroy(ctx context.Context, e *deploy.Engine) error {
	return e.Destroy(ctx, deploy.DestroyRequest{Confirm: "dev"})
}

func keepArtifacts(ctx context.Context, e *deploy.Engine) error {
	return e.Destroy(ctx, deploy.DestroyRequest{Confirm: "dev", KeepArtifacts: true})
}

// goldenRequest is one for the real platform, with the values of the environment's file and others.
func goldenRequest(t testing.TB, more ...string) deploy.Request {
	t.Helper()
	data, err := os.ReadFile("../../environments/dev.yaml")
	if err != nil {
		t.Fatal(err)
	}
	values, err := source.ReadValues("dev.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	r := request(more...)
	r.Values, r.Images = append([]source.Values{values}, r.Values...), map[string]string{}
	for _, name := range []string{"payment-api", "transaction-processor", "notification-service", "administration", "envoy", "collector"} {
		r.Images[name] = digest
	}
	return r
}

// golden is a world with the real platform deployed.
func golden(t *testing.T) *beyond {
	t.Helper()
	w := newWorld(t)
	w.templates = os.DirFS("../../golden")
	r := goldenRequest(t)
	w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Bootstrap(ctx, r) }).ends(fault.OK)
	for name := range r.Images {
		w.pushImage(name, digest)
	}
	w.run(apply(r)).ends(fault.OK)
	return newBeyond(w)
}

// more are resources that the small templates lack and that a teardown cares about.
const more = `
  Archive:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Sub 'bucket-archive-${Suffix}', VersioningConfiguration: {Status: Enabled}}
  Repository:
    Type: AWS::ECR::Repository
    Properties: {RepositoryName: !Sub 'ecr-web-${Suffix}'}
  Key:
    Type: AWS::KMS::Key
  Secret:
    Type: AWS::SecretsManager::Secret
    Properties: {Name: !Sub 'secret-api-${Suffix}'}
  Discovery:
    Type: AWS::ServiceDiscovery::Service
    Properties: {Name: api}
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Name: !Sub 'alb-${Suffix}'}
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties: {TrailName: !Sub 'trail-${Suffix}'}
`

// furnished is a small world with something in all that can hold anything.
func furnished(t *testing.T, edits ...string) *beyond {
	t.Helper()
	w := newWorld(t)
	w.edit("data.yaml", "Outputs:\n", strings.TrimPrefix(more, "\n")+"Outputs:\n")
	for i := 0; i+2 < len(edits); i += 3 {
		w.edit(edits[i], edits[i+1], edits[i+2])
	}
	w.run(bootstrap).ends(fault.OK)
	w.run(apply(firstRequest())).ends(fault.OK)
	b := newBeyond(w)
	b.fill("bucket-archive-dev", 3)
	b.push("ecr-web-dev", 2)
	return b
}

// fill puts objects in two versions into a bucket, some of them deleted, and an upload that never ended.
func (b *beyond) fill(bucket string, objects int) {
	b.Helper()
	for i := range objects {
		for range 2 {
			b.must(b.sim.PutObject(bucket, fmt.Sprintf("key-%04d", i), "body"))
		}
		if i%10 == 0 {
			b.must(b.sim.DeleteObject(bucket, fmt.Sprintf("key-%04d", i)))
		}
	}
	b.must(b.sim.BeginUpload(bucket, "unfinished"))
}

// push puts indexes with two manifests each into a repository.
func (b *beyond) push(repository string, indexes int) {
	b.Helper()
	var children []string
	for i := range indexes * 2 {
		digest, err := b.sim.PutImage(repository, nil)
		b.must(err)
		if children = append(children, digest); i%2 == 1 {
			_, err := b.sim.PutImage(repository, []string{fmt.Sprintf("v%d", i), "latest"}, children...)
			b.must(err)
			children = nil
		}
	}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// way is to the simulated account.
func (b *beyond) way() *cloud.Cloud {
	b.Helper()
	way, err := cloud.Open(b.Context(), cloud.Options{Region: simulator.Region, Client: b.sim.Client(), Clock: b.sim.Clock(), Credentials: credentials.NewStaticCredentialsProvider("AKIASIMULATED", "simulated", "")})
	b.must(err)
	return way
}

// protect turns a stack's termination protection on.
func (b *beyond) protect(stack string) {
	b.Helper()
	_, err := b.way().CloudFormation().UpdateTerminationProtection(b.Context(), &cloudformation.UpdateTerminationProtectionInput{StackName: &stack, EnableTerminationProtection: new(true)})
	b.must(err)
}

// nothing wants that the account holds nothing of the environment any more.
func (b *beyond) nothing(buckets ...string) {
	b.Helper()
	way := b.way()
	stacks, err := way.CloudFormation().DescribeStacks(b.Context(), &cloudformation.DescribeStacksInput{})
	b.must(err)
	for _, s := range stacks.Stacks {
		b.Errorf("stack %s is %s", *s.StackName, s.StackStatus)
	}
	groups, err := way.Logs().DescribeLogGroups(b.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
	b.must(err)
	repositories, err := way.ECR().DescribeRepositories(b.Context(), &ecr.DescribeRepositoriesInput{})
	b.must(err)
	definitions, err := way.ECS().ListTaskDefinitions(b.Context(), &ecs.ListTaskDefinitionsInput{Status: "INACTIVE"})
	b.must(err)
	repositories.Repositories = slices.DeleteFunc(repositories.Repositories, func(r ecrtypes.Repository) bool { return *r.RepositoryName == registry })
	if len(groups.LogGroups)+len(repositories.Repositories)+len(definitions.TaskDefinitionArns) > 0 {
		b.Errorf("left: %v %v %v", groups.LogGroups, repositories.Repositories, definitions.TaskDefinitionArns)
	}
	for _, name := range buckets {
		if err := b.sim.PutObject(name, "key", "body"); err == nil {
			b.Errorf("bucket %s is left", name)
		}
	}
}

func kept(r *run) string {
	var all []string
	for _, l := range last[report.Sweep](r).Kept {
		all = append(all, l.Type+" "+l.ID+": "+l.Why)
	}
	return strings.Join(all, "\n")
}

func left(r *run) string {
	var all []string
	for _, l := range last[report.Sweep](r).Left {
		all = append(all, l.Type+" "+l.ID+": "+l.Why)
	}
	return strings.Join(all, "\n")
}

func notes(r *run) string {
	var told []string
	for _, n := range all[report.Note](r) {
		told = append(told, n.Level+" "+n.Text)
	}
	return strings.Join(told, "\n")
}

// says wants texts in what a run told.
func says(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("it does not say %q:\n%s", word, text)
		}
	}
}

// The real platform goes without a trace, though its buckets and registries are full, something writes until the last moment, a service
// is slow to leave Cloud Map, and Container Insights makes its log group again.
func TestDestroyThePlatform(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	b := golden(t)
	b.fill("bucket-archive-111122223333-dev", 1450)
	b.fill("bucket-access-111122223333-dev", 5)
	b.push("ecr-payment-api-dev", 70)
	const insights = "/aws/ecs/containerinsights/cluster-payments-dev/performance"
	b.sim.RecreateLogGroup(insights, 20*time.Second)
	b.must(b.sim.RegisterInstances("PaymentApiDiscoveryService", 24*time.Hour))
	b.answers["servicediscovery:ListInstances"] = `{"Instances":[{"Id":"task-1"}]}`
	b.answers["servicediscovery:DeregisterInstance"] = `{"OperationId":"o"}`
	b.on["servicediscovery:DeregisterInstance"] = func() { b.must(b.sim.RegisterInstances("PaymentApiDiscoveryService", 0)) }
	b.protect("platform-dev")
	wrote := 0
	r := b.run(destroy, b.in, func(o *deploy.Options, _ *cloud.Options) {
		told := o.Reporter
		o.Reporter = report.Func(func(e report.Event) {
			told.Report(e)
			if r, is := e.(report.Resource); is && r.LogicalID == "LoadBalancer" && r.Status == "DELETE_COMPLETE" {
				wrote++
				b.must(b.sim.PutObject("bucket-access-111122223333-dev", "last words", "of the load balancer"))
			}
		})
	}).ends(fault.OK)
	b.nothing("bucket-archive-111122223333-dev", "bucket-access-111122223333-dev", "bucket-artifacts-111122223333-dev")
	if wrote == 0 || left(r) != "" {
		t.Errorf("wrote %d times, left %s", wrote, left(r))
	}
	says(t, notes(r), "termination protection of platform-dev", "deleted 3045 objects and versions of bucket bucket-archive-111122223333-dev", "deleted 211 images of repository ecr-payment-api-dev",
		"deregistered 1 instance of PaymentApiDiscoveryService", "PaymentApiDiscoveryService stays for now", "deleted log group "+insights, "deleted 4 inactive revisions")
	says(t, kept(r), "kms:key", "until 2026-11-29")
}

// A destroy that is killed at any moment is finished by the next one: after each number of calls the process dies, cleaning up nothing.
func TestDestroyKilled(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := furnished(t)
	if r := b.run(destroy, b.in).ends(fault.OK); left(r) != "" {
		t.Fatal(left(r))
	}
	whole := b.calls
	for after := 1; after < whole; after += max(1, whole/points()) {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			b := furnished(t)
			b.sim.RecreateLogGroup("log-platform-dev", time.Second)
			b.killed(after, destroy)
			b.must(b.sim.Clock().Sleep(b.Context(), 20*time.Minute)) // the lock of a dead run expires
			if r := b.run(destroy, b.in).ends(fault.OK); left(r) != "" {
				t.Error(left(r))
			}
			b.nothing("bucket-archive-dev", "bucket-artifacts-111122223333-dev")
		})
	}
	t.Log(whole, "calls")
}

// Whatever call fails once, for good or with its answer lost, the next destroy leaves nothing.
func TestDestroyFails(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := furnished(t)
	b.run(destroy, b.in).ends(fault.OK)
	whole := b.reached
	for skip := 1; skip < whole; skip += max(1, whole/points()) {
		for _, kind := range []simulator.Kind{simulator.Failing, simulator.Lost} {
			t.Run(fmt.Sprintf("%s-%d", kind, skip), func(t *testing.T) {
				b := furnished(t)
				b.sim.Inject(simulator.Fault{Kind: kind, Code: "Broken", Message: "broken on purpose", Skip: skip, Times: 1})
				r := b.run(destroy, b.in)
				if kind == simulator.Lost {
					r.ends(fault.OK)
				}
				if r.err != nil && !strings.Contains(r.err.Error(), "broken on purpose") && !strings.Contains(notes(r), "broken on purpose") {
					t.Errorf("it does not say what failed: %v", r.err)
				}
				b.run(destroy, b.in).ends(fault.OK)
				b.nothing("bucket-archive-dev", "bucket-artifacts-111122223333-dev")
			})
		}
	}
}
