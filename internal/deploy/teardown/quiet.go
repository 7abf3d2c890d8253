package teardown

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
)

// Tasks are the calls of Amazon ECS that end tasks.
type Tasks interface {
	UpdateService(context.Context, *ecs.UpdateServiceInput, ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error)
	ListTasks(context.Context, *ecs.ListTasksInput, ...func(*ecs.Options)) (*ecs.ListTasksOutput, error)
	StopTask(context.Context, *ecs.StopTaskInput, ...func(*ecs.Options)) (*ecs.StopTaskOutput, error)
}

// Balancers are the calls of Elastic Load Balancing that end access logs.
type Balancers interface {
	ModifyLoadBalancerAttributes(context.Context, *elasticloadbalancingv2.ModifyLoadBalancerAttributesInput, ...func(*elasticloadbalancingv2.Options)) (*elasticloadbalancingv2.ModifyLoadBalancerAttributesOutput, error)
}

// A Service is an ECS service by name.
type Service struct{ Cluster, Name string }

// Target is what Application Auto Scaling calls the service.
func (s Service) Target() string { return "service/" + s.Cluster + "/" + s.Name }

// Services are those among resources that still exist.
func Services(resources []Resource) []Service {
	var all []Service
	for _, r := range resources {
		if parts := strings.Split(r.ID, "/"); r.Type == serviceType && !r.Gone() && len(parts) == 3 {
			all = append(all, Service{parts[1], parts[2]})
		}
	}
	return all
}

// Quieter ends what runs and writes, so that deleting goes faster and what was emptied stays empty. Everything it does could be left out:
// what fails is told and does not matter.
type Quieter struct {
	Tasks     Tasks
	Balancers Balancers
	Signer    Signer
}

// Quiet scales services to zero, stops tasks that a schedule started, and ends the logging of load balancers and trails into buckets. It
// returns what it could not do.
func (q Quieter) Quiet(ctx context.Context, resources []Resource) []error {
	var failed []error
	try := func(what string, err error) {
		if err != nil && !cloud.Missing(err) && !cloud.Unsupported(err) && !errors.Is(err, context.Canceled) {
			failed = append(failed, fmt.Errorf("%s: %w", what, err))
		}
	}
	for _, s := range Services(resources) {
		_, err := q.Tasks.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: &s.Cluster, Service: &s.Name, DesiredCount: new(int32(0))})
		try("scale service "+s.Name+" to zero", err)
	}
	for _, r := range resources {
		switch {
		case r.Gone() || r.ID == "":
		case r.Type == taskSetCluster:
			try("stop the tasks of cluster "+r.ID, StopTasks(ctx, q.Tasks, r.ID))
		case r.Type == balancerType:
			off := []types.LoadBalancerAttribute{{Key: new("access_logs.s3.enabled"), Value: new("false")}, {Key: new("connection_logs.s3.enabled"), Value: new("false")}}
			_, err := q.Balancers.ModifyLoadBalancerAttributes(ctx, &elasticloadbalancingv2.ModifyLoadBalancerAttributesInput{LoadBalancerArn: &r.ID, Attributes: off})
			try("end the access logs of load balancer "+r.LogicalID, err)
		case r.Type == trailType:
			try("stop trail "+r.ID, q.Signer.StopTrail(ctx, r.ID))
		}
	}
	return failed
}

// StopTasks stops the tasks of a cluster that belong to no service: those that a schedule started hold network interfaces until they end.
func StopTasks(ctx context.Context, api Tasks, cluster string) error {
	in := &ecs.ListTasksInput{Cluster: &cluster}
	for {
		out, err := api.ListTasks(ctx, in)
		if err != nil {
			return err
		}
		for _, arn := range out.TaskArns {
			if _, err := api.StopTask(ctx, &ecs.StopTaskInput{Cluster: &cluster, Task: aws.String(arn), Reason: new("the environment is destroyed")}); err != nil && !cloud.Missing(err) {
				return err
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return nil
		}
	}
}
