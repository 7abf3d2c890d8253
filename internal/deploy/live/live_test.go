package live_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/live"
)

// A region has services and scalable targets; describing and scaling are what the calls fail with.
type region struct {
	services   []types.Service
	targets    []scaling.ScalableTarget
	describing error
	scaling    error
	asked      []string
}

func (r *region) DescribeServices(_ context.Context, in *ecs.DescribeServicesInput, _ ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error) {
	r.asked = append(r.asked, fmt.Sprint("services ", aws.ToString(in.Cluster), " ", len(in.Services)))
	if len(in.Services) > 10 {
		return nil, errors.New("InvalidParameterException: services cannot have more than 10 elements")
	}
	out := &ecs.DescribeServicesOutput{}
	for _, s := range r.services {
		if slices.Contains(in.Services, aws.ToString(s.ServiceName)) {
			out.Services = append(out.Services, s)
		}
	}
	return out, r.describing
}

func (r *region) DescribeScalableTargets(_ context.Context, in *applicationautoscaling.DescribeScalableTargetsInput, _ ...func(*applicationautoscaling.Options)) (*applicationautoscaling.DescribeScalableTargetsOutput, error) {
	r.asked = append(r.asked, fmt.Sprint("targets ", len(in.ResourceIds)))
	out := &applicationautoscaling.DescribeScalableTargetsOutput{}
	for _, target := range r.targets {
		if slices.Contains(in.ResourceIds, aws.ToString(target.ResourceId)) {
			out.ScalableTargets = append(out.ScalableTargets, target)
		}
	}
	return out, r.scaling
}

const groups = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/"

func balancer(groups ...string) []types.LoadBalancer {
	var all []types.LoadBalancer
	for _, g := range groups {
		all = append(all, types.LoadBalancer{TargetGroupArn: &g})
	}
	return all
}

func set(status, definition, group string) types.TaskSet {
	return types.TaskSet{Status: &status, TaskDefinition: &definition, LoadBalancers: balancer(group)}
}

func service(name, status string, sets ...types.TaskSet) types.Service {
	return types.Service{ServiceName: &name, Status: &status, TaskDefinition: aws.String("api:1"), TaskSets: sets, LoadBalancers: balancer(groups + "tg-api-blue-dev/1")}
}

func TestDeclared(t *testing.T) {
	outputs := map[string]string{"ClusterName": "cluster-dev", "PaymentApiServiceName": "payment-api-dev", "NotificationServiceServiceName": "notification-dev", "Endpoint": "x"}
	got := live.Declared(outputs)
	want := []live.Service{{Stem: "NotificationService", Name: "notification-dev", Cluster: "cluster-dev"}, {Stem: "PaymentApi", Name: "payment-api-dev", Cluster: "cluster-dev"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if name := got[1].ColorParameter(); name != "PaymentApiActiveColor" {
		t.Error(name)
	}
	delete(outputs, "ClusterName")
	if got := live.Declared(outputs); got != nil {
		t.Errorf("without a cluster: %v", got)
	}
}

func TestRead(t *testing.T) {
	declared := []live.Service{{Stem: "Api", Name: "api", Cluster: "c"}}
	found := func(change func(*live.Service)) live.Service {
		s := live.Service{Stem: "Api", Name: "api", Cluster: "c", Found: true, Color: live.Blue, TaskDefinition: "api:1"}
		change(&s)
		return s
	}
	target := func(in, out bool) scaling.ScalableTarget {
		return scaling.ScalableTarget{ResourceId: aws.String("service/c/api"), SuspendedState: &scaling.SuspendedState{DynamicScalingInSuspended: &in, DynamicScalingOutSuspended: &out}}
	}
	for _, c := range []struct {
		name   string
		region region
		want   live.Service
	}{
		{"never released", region{services: []types.Service{service("api", "ACTIVE")}}, found(func(*live.Service) {})},
		{"blue", region{services: []types.Service{service("api", "ACTIVE", set("PRIMARY", "api:7", groups+"tg-api-blue-dev/1"))}}, found(func(s *live.Service) { s.TaskDefinition = "api:7" })},
		{"green", region{services: []types.Service{service("api", "ACTIVE", set("PRIMARY", "api:7", groups+"tg-api-green-dev/1"))}}, found(func(s *live.Service) { s.TaskDefinition, s.Color = "api:7", live.Green })},
		{"releasing", region{services: []types.Service{service("api", "ACTIVE", set("ACTIVE", "api:8", groups+"tg-api-green-dev/1"), set("PRIMARY", "api:7", groups+"tg-api-blue-dev/1"))}},
			found(func(s *live.Service) { s.TaskDefinition, s.Releasing = "api:7", true })},
		{"releasing, told the other way round", region{services: []types.Service{service("api", "ACTIVE", set("PRIMARY", "api:7", groups+"tg-api-blue-dev/1"), set("ACTIVE", "api:8", groups+"tg-api-green-dev/1"))}},
			found(func(s *live.Service) { s.TaskDefinition, s.Releasing = "api:7", true })},
		{"released, the old tasks end", region{services: []types.Service{service("api", "ACTIVE", set("PRIMARY", "api:8", groups+"tg-api-green-dev/1"), set("DRAINING", "api:7", groups+"tg-api-blue-dev/1"))}},
			found(func(s *live.Service) { s.TaskDefinition, s.Color = "api:8", live.Green })},
		{"no colour in the name", region{services: []types.Service{service("api", "ACTIVE", set("PRIMARY", "api:7", groups+"tg-api-dev/1"))}}, found(func(s *live.Service) { s.TaskDefinition, s.Color = "api:7", "" })},
		{"both colours at once", region{services: []types.Service{service("api", "ACTIVE", types.TaskSet{Status: aws.String("PRIMARY"), TaskDefinition: aws.String("api:7"), LoadBalancers: balancer(groups+"a-blue-dev/1", groups+"a-green-dev/1")})}},
			found(func(s *live.Service) { s.TaskDefinition, s.Color = "api:7", "" })},
		{"no load balancer", region{services: []types.Service{{ServiceName: aws.String("api"), Status: aws.String("ACTIVE"), TaskDefinition: aws.String("api:1")}}}, found(func(s *live.Service) { s.Color = "" })},
		{"gone", region{services: []types.Service{service("api", "INACTIVE", set("PRIMARY", "api:7", groups+"tg-api-green-dev/1"))}}, declared[0]},
		{"going", region{services: []types.Service{service("api", "DRAINING")}}, declared[0]},
		{"never made", region{}, declared[0]},
		{"no cluster", region{describing: &smithy.GenericAPIError{Code: "ClusterNotFoundException"}}, declared[0]},
		{"suspended inwards", region{services: []types.Service{service("api", "ACTIVE")}, targets: []scaling.ScalableTarget{target(true, false)}}, found(func(s *live.Service) { s.Suspended = true })},
		{"suspended outwards", region{services: []types.Service{service("api", "ACTIVE")}, targets: []scaling.ScalableTarget{target(false, true)}}, found(func(s *live.Service) { s.Suspended = true })},
		{"scaling", region{services: []types.Service{service("api", "ACTIVE")}, targets: []scaling.ScalableTarget{target(false, false)}}, found(func(*live.Service) {})},
		{"scaling, nothing said", region{services: []types.Service{service("api", "ACTIVE")}, targets: []scaling.ScalableTarget{{ResourceId: aws.String("service/c/api")}}}, found(func(*live.Service) {})},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := live.Read(t.Context(), &c.region, &c.region, declared)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]live.Service{c.want}, got); diff != "" {
				t.Error(diff)
			}
			if declared[0].Found {
				t.Error("changed what it was given")
			}
		})
	}
}

func TestManyServicesAreReadTenAtATime(t *testing.T) {
	r := &region{}
	var declared []live.Service
	for i := range 23 {
		name := fmt.Sprint("service", i)
		declared = append(declared, live.Service{Name: name, Cluster: "c"})
		r.services = append(r.services, service(name, "ACTIVE"))
	}
	got, err := live.Read(t.Context(), r, r, declared)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range got {
		if !s.Found || s.Color != live.Blue {
			t.Errorf("%+v", s)
		}
	}
	if diff := cmp.Diff([]string{"services c 10", "targets 10", "services c 10", "targets 10", "services c 3", "targets 3"}, r.asked); diff != "" {
		t.Error(diff)
	}
	if got, err := live.Read(t.Context(), r, r, nil); err != nil || len(got) != 0 || len(r.asked) != 6 {
		t.Errorf("without services: %v, %v", got, err)
	}
}

func TestWhatCannotBeReadIsAnError(t *testing.T) {
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException"}
	broken := &smithy.GenericAPIError{Code: "InternalServiceException"}
	for want, r := range map[string]*region{"colours": {describing: denied}, "scaling": {scaling: broken}} {
		_, err := live.Read(t.Context(), r, r, []live.Service{{Name: "api", Cluster: "c"}})
		if !errors.Is(err, denied) && !errors.Is(err, broken) || !strings.Contains(err.Error(), want) {
			t.Error(err)
		}
	}
}

// Scaling that the caller may not read stops nothing, and is not taken for scaling that is on.
func TestScalingThatMayNotBeRead(t *testing.T) {
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException"}
	r := &region{scaling: denied, services: []types.Service{service("api", "ACTIVE")}}
	got, err := live.Read(t.Context(), r, r, []live.Service{{Name: "api", Cluster: "c"}})
	if err != nil || len(got) != 1 || got[0].Color != live.Blue || !errors.Is(got[0].ScalingUnread, denied) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestColorOf(t *testing.T) {
	for group, want := range map[string]string{
		groups + "tg-payment-blue-dev/73e2d6bc24d8a067": live.Blue, groups + "tg-payment-green-dev/73e2d6bc24d8a067": live.Green, "tg-payment-green-dev": live.Green,
		groups + "tg-payment-green-blue/1": live.Green, groups + "tg-payment-blue-green-2/1": live.Blue, groups + "tg-payment-dev/blue": "", groups + "tg-payment-green/1": live.Green, groups + "tg/1-blue": "", groups + "tg-bluebird-dev/1": "", "": "",
	} {
		if got := live.ColorOf(group); got != want {
			t.Errorf("%s: %q, want %q", group, got, want)
		}
	}
}
