// Package live reads what CodeDeploy and scaling own: which colour takes a service's traffic, what it runs, and whether its scaling was
// left suspended. A deployment passes these on and never decides them (AWS CodeDeploy User Guide, "Deployments on an Amazon ECS compute
// platform").
package live

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
)

// Colours of target groups, as the services' ActiveColor parameters take them.
const (
	Blue  = "blue"
	Green = "green"
)

// A Service is one that CodeDeploy releases, as it runs.
type Service struct {
	// Stem is the service in the root template's words: PaymentApi of PaymentApiServiceName and PaymentApiActiveColor.
	Stem string
	// Name and Cluster are the physical ones.
	Name, Cluster string
	// Color takes the production traffic: Blue, Green, or empty when no task set tells.
	Color string
	// TaskDefinition is the ARN that the primary task set runs.
	TaskDefinition string
	// Releasing tells that a second task set exists: a release is under way or waits to end the old tasks.
	Releasing bool
	// Suspended tells that scaling was suspended, as it is during a release. It is not known when ScalingUnread says why.
	Suspended     bool
	ScalingUnread error
	// Found is false for a service that the outputs name and ECS does not have.
	Found bool
}

// ECS and Scaling are the calls made.
type (
	// ECS is Amazon ECS.
	ECS interface {
		DescribeServices(context.Context, *ecs.DescribeServicesInput, ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error)
	}
	// Scaling is Application Auto Scaling.
	Scaling interface {
		DescribeScalableTargets(context.Context, *applicationautoscaling.DescribeScalableTargetsInput, ...func(*applicationautoscaling.Options)) (*applicationautoscaling.DescribeScalableTargetsOutput, error)
	}
)

// The root's outputs by which services are found.
const (
	clusterOutput = "ClusterName"
	serviceOutput = "ServiceName"
	colorSuffix   = "ActiveColor"
)

// perCall is how many services DescribeServices takes (API reference).
const perCall = 10

// ColorParameter is the root's parameter that takes the service's colour.
func (s Service) ColorParameter() string { return s.Stem + colorSuffix }

// Declared are the services that the outputs of a root stack name, sorted. A root without such outputs has none.
func Declared(outputs map[string]string) []Service {
	var services []Service
	for _, name := range slices.Sorted(maps.Keys(outputs)) {
		if stem, is := strings.CutSuffix(name, serviceOutput); is && outputs[clusterOutput] != "" {
			services = append(services, Service{Stem: stem, Name: outputs[name], Cluster: outputs[clusterOutput]})
		}
	}
	return services
}

// Read asks ECS and Application Auto Scaling about the declared services: one call each for up to ten services. A service that is not there,
// or no more, is told by Found. What cannot be read is an error, never guessed, but for scaling that the caller may not read: no deployment
// depends on it, and it is told by ScalingUnread.
func Read(ctx context.Context, containers ECS, scalers Scaling, services []Service) ([]Service, error) {
	read := slices.Clone(services)
	for chunk := range slices.Chunk(read, perCall) {
		if err := describe(ctx, containers, chunk); err != nil {
			return nil, err
		}
		if err := suspended(ctx, scalers, chunk); err != nil {
			return nil, err
		}
	}
	return read, nil
}

// describe fills in what ECS knows.
func describe(ctx context.Context, api ECS, services []Service) error {
	in := &ecs.DescribeServicesInput{Cluster: &services[0].Cluster}
	for _, s := range services {
		in.Services = append(in.Services, s.Name)
	}
	out, err := api.DescribeServices(ctx, in)
	if cloud.Missing(err) {
		return nil // no cluster: nothing runs
	}
	if err != nil {
		return fmt.Errorf("read the services' colours: %w", err)
	}
	for _, found := range out.Services {
		for i := range services {
			if services[i].Name == aws.ToString(found.ServiceName) && aws.ToString(found.Status) == "ACTIVE" {
				services[i].fill(found)
			}
		}
	}
	return nil
}

func (s *Service) fill(found types.Service) {
	s.Found, s.TaskDefinition, s.Releasing = true, aws.ToString(found.TaskDefinition), Sets(found) > 1
	balancers := found.LoadBalancers
	for _, set := range found.TaskSets {
		if aws.ToString(set.Status) == "PRIMARY" {
			s.TaskDefinition, balancers = aws.ToString(set.TaskDefinition), set.LoadBalancers
		}
	}
	colors := map[string]bool{}
	for _, b := range balancers {
		colors[ColorOf(aws.ToString(b.TargetGroupArn))] = true
	}
	for color := range colors {
		if len(colors) == 1 { // of several target groups none says which one counts
			s.Color = color
		}
	}
}

// Sets counts a service's task sets. One whose tasks are being ended, after a release, is none (Amazon ECS API reference, TaskSet).
func Sets(s types.Service) int {
	n := 0
	for _, set := range s.TaskSets {
		if aws.ToString(set.Status) != "DRAINING" {
			n++
		}
	}
	return n
}

// ColorOf is the colour in a target group's name or ARN: the first word of it that is one, since the suffix of an environment, which comes
// last, may be one too. Empty when there is none.
func ColorOf(targetGroup string) string {
	name := targetGroup
	if _, after, is := strings.Cut(targetGroup, ":targetgroup/"); is { // arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID
		name, _, _ = strings.Cut(after, "/")
	}
	for word := range strings.SplitSeq(name, "-") {
		if word == Blue || word == Green {
			return word
		}
	}
	return ""
}

// suspended fills in whether scaling was left suspended.
func suspended(ctx context.Context, api Scaling, services []Service) error {
	in := &applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: scaling.ServiceNamespaceEcs}
	for _, s := range services {
		in.ResourceIds = append(in.ResourceIds, "service/"+s.Cluster+"/"+s.Name)
	}
	out, err := api.DescribeScalableTargets(ctx, in)
	if cloud.Denied(err) {
		for i := range services {
			services[i].ScalingUnread = err
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the services' scaling: %w", err)
	}
	for _, target := range out.ScalableTargets {
		for i := range services {
			if state := target.SuspendedState; state != nil && "service/"+services[i].Cluster+"/"+services[i].Name == aws.ToString(target.ResourceId) {
				services[i].Suspended = aws.ToBool(state.DynamicScalingInSuspended) || aws.ToBool(state.DynamicScalingOutSuspended)
			}
		}
	}
	return nil
}
