package deploy_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

// oldDigest runs first.
var oldDigest = digestNumber(10)

// digestNumber is one of an image that nobody built.
func digestNumber(n int) string { return fmt.Sprintf("sha256:%064x", n) }

// releasing is a world with two services that CodeDeploy releases as those of the platform: 10 % a minute, and ten minutes more.
func releasing(t *testing.T) *world {
	t.Helper()
	return releasingBy(t, "CodeDeployDefault.ECSLinear10PercentEvery1Minutes", 10)
}

// quick is a world whose releases take a minute, for tests of much beside their course.
func quick(t *testing.T) *world {
	t.Helper()
	return releasingBy(t, "CodeDeployDefault.ECSAllAtOnce", 1)
}

// releasingBy is a world with another course of releases.
func releasingBy(t *testing.T, config string, waits int) *world {
	t.Helper()
	w := newWorld(t)
	w.templates = os.DirFS("testdata/release")
	for _, name := range []string{"api.yaml", "worker.yaml"} {
		w.edit(name, "CodeDeployDefault.ECSLinear10PercentEvery1Minutes", config)
		w.edit(name, "TerminationWaitTimeInMinutes: 10", fmt.Sprintf("TerminationWaitTimeInMinutes: %d", waits))
	}
	w.run(bootstrap).ends(fault.OK)
	for _, name := range []string{"api", "worker", "proxy"} {
		w.sim.CreateRepository("ecr-" + name + "-dev")
		for _, n := range []int{10, 11, 12, 13, 100, 101, 102, 103, 104} {
			w.pushImage(name, digestNumber(n))
		}
	}
	_ = w.sim.Clock().Sleep(t.Context(), 10*time.Minute) // their scans end
	first := request()
	first.Images = map[string]string{"api": oldDigest, "worker": oldDigest, "proxy": oldDigest}
	w.run(apply(first)).ends(fault.OK)
	return w
}

func doRelease(r deploy.ReleaseRequest) func(context.Context, *deploy.Engine) error {
	return func(ctx context.Context, e *deploy.Engine) error { return e.Release(ctx, r) }
}

func stopRelease(ctx context.Context, e *deploy.Engine) error {
	return e.StopRelease(ctx, deploy.StopRequest{Yes: true})
}

func releaseStatus(ctx context.Context, e *deploy.Engine) error { return e.ReleaseStatus(ctx, nil) }

func rollbackRelease(r deploy.ReleaseRequest) func(context.Context, *deploy.Engine) error {
	return func(ctx context.Context, e *deploy.Engine) error { return e.RollbackRelease(ctx, r) }
}

// newImages releases a new digest of images, approved.
func newImages(n int, names ...string) deploy.ReleaseRequest {
	r := deploy.ReleaseRequest{Images: map[string]string{}, Yes: true}
	for _, name := range names {
		r.Images[name] = digestNumber(n)
	}
	return r
}

// results are how the services' releases ended: "api shifted green".
func (r *run) results() string {
	var found []string
	for _, e := range all[report.Released](r) {
		found = append(found, strings.TrimSpace(e.Service+" "+e.Result+" "+e.Color))
	}
	return strings.Join(found, ", ")
}

// level wants a plan to show nothing.
func (w *world) level() {
	w.Helper()
	r := w.run(plan(request())).ends(fault.OK)
	if result := last[report.Result](r); result.Status != "unchanged" {
		w.Errorf("a plan shows %v", changes(last[report.Plan](r)))
	}
}

// A truth is what a service is like, asked of ECS, Elastic Load Balancing and Application Auto Scaling by the test itself.
type truth struct {
	// image is the digest that the primary task set runs, color that of its target group.
	image, color string
	// shares are the weights by colour; empty those colours with a share and without a healthy target.
	shares map[string]int
	empty  []string
	// strategy and suspended are the service's.
	strategy, suspended bool
	desired             int32
}

func (w *world) way() *cloud.Cloud {
	w.Helper()
	way, err := cloud.Open(w.Context(), cloud.Options{Region: simulator.Region, Client: w.sim.Client(), Clock: w.sim.Clock(), Credentials: credentials.NewStaticCredentialsProvider("AKIA", "x", "")})
	if err != nil {
		w.Fatal(err)
	}
	return way
}

// truth asks about a service: api or worker.
func (w *world) truth(service string) truth {
	w.Helper()
	way, found := w.way(), truth{shares: map[string]int{}}
	check := func(err error) {
		w.Helper()
		if err != nil {
			w.Fatal(err)
		}
	}
	out, err := way.ECS().DescribeServices(w.Context(), &ecs.DescribeServicesInput{Cluster: aws.String("cluster-dev"), Services: []string{"service-" + service + "-dev"}})
	check(err)
	found.desired = out.Services[0].DesiredCount
	for _, set := range out.Services[0].TaskSets {
		if aws.ToString(set.Status) == "PRIMARY" {
			found.image, found.color = w.image(way, set), colorOf(aws.ToString(set.LoadBalancers[0].TargetGroupArn))
			found.strategy = len(set.CapacityProviderStrategy) == 2
		}
	}
	id := map[string]string{"api": "Rule", "worker": "WorkerRule"}[service]
	rule, err := w.sim.Physical(id)
	check(err)
	rules, err := way.ELB().DescribeRules(w.Context(), &elasticloadbalancingv2.DescribeRulesInput{RuleArns: []string{rule}})
	check(err)
	for _, group := range rules.Rules[0].Actions[0].ForwardConfig.TargetGroups {
		color := colorOf(aws.ToString(group.TargetGroupArn))
		found.shares[color] = int(aws.ToInt32(group.Weight))
		if aws.ToInt32(group.Weight) == 0 {
			continue
		}
		health, err := way.ELB().DescribeTargetHealth(w.Context(), &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: group.TargetGroupArn})
		check(err)
		if len(health.TargetHealthDescriptions) == 0 {
			found.empty = append(found.empty, color)
		}
	}
	targets, err := way.Scaling().DescribeScalableTargets(w.Context(), &applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: scaling.ServiceNamespaceEcs, ResourceIds: []string{"service/cluster-dev/service-" + service + "-dev"}})
	check(err)
	for _, t := range targets.ScalableTargets {
		found.suspended = aws.ToBool(t.SuspendedState.DynamicScalingOutSuspended) || aws.ToBool(t.SuspendedState.DynamicScalingInSuspended)
	}
	return found
}

func (w *world) image(way *cloud.Cloud, set types.TaskSet) string {
	w.Helper()
	out, err := way.ECS().DescribeTaskDefinition(w.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: set.TaskDefinition})
	if err != nil {
		w.Fatal(err)
	}
	_, digest, _ := strings.Cut(aws.ToString(out.TaskDefinition.ContainerDefinitions[0].Image), "@")
	return digest
}

func colorOf(arn string) string {
	for _, color := range []string{"blue", "green"} {
		if strings.Contains(arn, "-"+color+"-") {
			return color
		}
	}
	return ""
}

// serves wants a digest to have all traffic of a service, with healthy targets, its capacity provider strategy and its scaling.
func (w *world) serves(service, digest string) {
	w.Helper()
	got := w.truth(service)
	if got.image != digest || got.shares[got.color] == 0 || len(got.empty) > 0 {
		w.Errorf("%s serves %s with %v, empty %v; want %s", service, got.image, got.shares, got.empty, digest)
	}
	for color, share := range got.shares {
		if color != got.color && share > 0 {
			w.Errorf("%s: %d %% of the traffic is at %s beside the primary task set", service, share, color)
		}
	}
	if !got.strategy {
		w.Errorf("%s lost its capacity provider strategy", service)
	}
	if got.suspended {
		w.Errorf("the scaling of %s is still suspended", service)
	}
}
