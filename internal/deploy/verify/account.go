package verify

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	containers "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	balancing "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
)

// An account answers what several checks ask, each question once.
type account struct {
	Input
	services   func() (map[string]containers.Service, error)
	targets    func() (map[string]scaling.ScalableTarget, error)
	listeners  func() (map[string]balancing.Listener, error)
	groups     func() (map[string]logs.LogGroup, error)
	clusters   func() (map[string]databaseCluster, error)
	alarms     func() (map[string]alarm, error)
	definition func(name string) (*containers.TaskDefinition, error)
}

func newAccount(ctx context.Context, in Input) *account {
	a := &account{Input: in}
	a.services = once(ctx, a.askServices)
	a.targets = once(ctx, a.askTargets)
	a.listeners = once(ctx, a.askListeners)
	a.groups = once(ctx, a.askGroups)
	a.clusters = once(ctx, a.askClusters)
	a.alarms = once(ctx, a.askAlarms)
	a.definition = a.askDefinition(ctx)
	return a
}

// once asks when first wanted, and remembers the answer.
func once[T any](ctx context.Context, ask func(context.Context) (T, error)) func() (T, error) {
	return sync.OnceValues(func() (T, error) { return ask(ctx) })
}

// Most that one call takes (API references of Amazon ECS and Application Auto Scaling).
const (
	servicesAtOnce = 10
	targetsAtOnce  = 50
)

// askServices are the ECS services of the stacks, by ARN; deleted ones are none.
func (a *account) askServices(ctx context.Context) (map[string]containers.Service, error) {
	byCluster, found := map[string][]string{}, map[string]containers.Service{}
	for _, r := range a.Estate.Of(serviceType) {
		cluster := clusterOf(r)
		byCluster[cluster] = append(byCluster[cluster], r.ID)
	}
	for _, cluster := range sortedKeys(byCluster) {
		for chunk := range slices.Chunk(byCluster[cluster], servicesAtOnce) {
			out, err := a.Cloud.ECS().DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &cluster, Services: chunk})
			if cloud.Missing(err) {
				continue
			}
			if err != nil {
				return nil, asking("ecs:DescribeServices", err)
			}
			for _, s := range out.Services {
				if aws.ToString(s.Status) == "ACTIVE" {
					found[aws.ToString(s.ServiceArn)] = s
				}
			}
		}
	}
	return found, nil
}

// clusterOf is in the service's ARN, but for old ones, which have none (Amazon ECS Developer Guide, "ARNs and IDs").
func clusterOf(r *Resource) string {
	if parts := strings.Split(r.ID, "/"); len(parts) == 3 {
		return parts[1]
	}
	if name := r.property("Cluster").text(); name != "" {
		return lastPart(name)
	}
	return "default"
}

// primary is the task set that takes the traffic; nil for services that no task sets make.
func primary(s containers.Service) *containers.TaskSet {
	for i := range s.TaskSets {
		if aws.ToString(s.TaskSets[i].Status) == "PRIMARY" {
			return &s.TaskSets[i]
		}
	}
	return nil
}

// releasing tells that a second task set exists: a release is under way, or waits to end the old tasks.
func releasing(s containers.Service) bool { return len(s.TaskSets) > 1 }

// running is the task definition that the service's traffic goes to.
func running(s containers.Service) string {
	if set := primary(s); set != nil {
		return aws.ToString(set.TaskDefinition)
	}
	return aws.ToString(s.TaskDefinition)
}

// liveGroups are the target groups that the service's tasks stand behind.
func liveGroups(s containers.Service) []string {
	balancers := s.LoadBalancers
	if set := primary(s); set != nil {
		balancers = set.LoadBalancers
	}
	var arns []string
	for _, b := range balancers {
		if arn := aws.ToString(b.TargetGroupArn); arn != "" {
			arns = append(arns, arn)
		}
	}
	slices.Sort(arns)
	return slices.Compact(arns)
}

// askTargets are the scalable targets of the stacks' services, by resource.
func (a *account) askTargets(ctx context.Context) (map[string]scaling.ScalableTarget, error) {
	var ids []string
	for _, r := range a.Estate.Of(scalableType) {
		if id := r.property("ResourceId"); id.text() != "" {
			ids = append(ids, id.text())
		}
	}
	found := map[string]scaling.ScalableTarget{}
	for chunk := range slices.Chunk(ids, targetsAtOnce) {
		in := &applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: scaling.ServiceNamespaceEcs, ResourceIds: chunk}
		for {
			out, err := a.Cloud.Scaling().DescribeScalableTargets(ctx, in)
			if err != nil {
				return nil, asking("application-autoscaling:DescribeScalableTargets", err)
			}
			for _, t := range out.ScalableTargets {
				found[aws.ToString(t.ResourceId)] = t
			}
			if in.NextToken = out.NextToken; in.NextToken == nil {
				break
			}
		}
	}
	return found, nil
}

// askListeners are the listeners of the stacks, by ARN: one by one, for a call for several fails when one is gone.
func (a *account) askListeners(ctx context.Context) (map[string]balancing.Listener, error) {
	found := map[string]balancing.Listener{}
	for _, r := range a.Estate.Of(listenerType) {
		out, err := a.Cloud.ELB().DescribeListeners(ctx, &elasticloadbalancingv2.DescribeListenersInput{ListenerArns: []string{r.ID}})
		if gone := (&question{err: err}); err != nil && gone.missing() {
			continue
		}
		if err != nil {
			return nil, asking("elasticloadbalancing:DescribeListeners", err)
		}
		for _, l := range out.Listeners {
			found[aws.ToString(l.ListenerArn)] = l
		}
	}
	return found, nil
}

// askGroups are the log groups that have the environment's suffix in their names, declared or not, and declared ones that have not.
func (a *account) askGroups(ctx context.Context) (map[string]logs.LogGroup, error) {
	found := map[string]logs.LogGroup{}
	ask := func(in *cloudwatchlogs.DescribeLogGroupsInput) error {
		for {
			out, err := a.Cloud.Logs().DescribeLogGroups(ctx, in)
			if err != nil {
				return asking("logs:DescribeLogGroups", err)
			}
			for _, g := range out.LogGroups {
				found[aws.ToString(g.LogGroupName)] = g
			}
			if in.NextToken = out.NextToken; in.NextToken == nil {
				return nil
			}
		}
	}
	if err := ask(&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePattern: &a.Environment}); err != nil {
		return nil, err
	}
	var err error
	for _, r := range a.Estate.Of(groupType) {
		if err == nil && !strings.Contains(strings.ToLower(r.ID), a.Environment) {
			err = ask(&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &r.ID})
		}
	}
	return found, err
}

// askDefinition reads task definitions, each once.
func (a *account) askDefinition(ctx context.Context) func(string) (*containers.TaskDefinition, error) {
	var lock sync.Mutex
	known := map[string]func() (*containers.TaskDefinition, error){}
	return func(name string) (*containers.TaskDefinition, error) {
		lock.Lock()
		ask := known[name]
		if ask == nil {
			ask = sync.OnceValues(func() (*containers.TaskDefinition, error) {
				out, err := a.Cloud.ECS().DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &name})
				if err != nil {
					return nil, asking("ecs:DescribeTaskDefinition", err)
				}
				return out.TaskDefinition, nil
			})
			known[name] = ask
		}
		lock.Unlock()
		return ask()
	}
}
