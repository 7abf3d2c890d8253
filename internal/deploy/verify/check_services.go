package verify

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	containers "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	balancing "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/tierform/tierform/internal/deploy/live"
)

// eachService asks about the stacks' services. One that does not run breaks the promise.
func (l *look) eachService(expected string, judge func(*Resource, containers.Service)) {
	for _, r := range l.estate.Of(serviceType) {
		all, err := l.services()
		s, exists := all[r.ID]
		switch {
		case err != nil:
			l.unread(r, expected, err)
		case !exists:
			l.judge(r, false, expected, "does not exist")
		default:
			judge(r, s)
		}
	}
}

// short is a target group's name in its ARN, arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID.
func short(targetGroup string) string {
	if parts := strings.Split(targetGroup, "/"); len(parts) == 3 {
		return parts[1]
	}
	return targetGroup
}

// targetsHealthy wants each target of the live target groups healthy, and as many as the service wants tasks. Targets that are being
// registered or drained are on their way.
func targetsHealthy(ctx context.Context, l *look) {
	const expected = "all targets of the live target group healthy, one for each task wanted"
	l.eachService(expected, func(r *Resource, s containers.Service) {
		groups := liveGroups(s)
		if len(groups) == 0 {
			l.inapplicable(r, "", "no load balancer sends to this service")
		}
		for _, group := range groups {
			out, err := l.Cloud.ELB().DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: &group})
			if err != nil {
				l.unread(r, expected, asking("elasticloadbalancing:DescribeTargetHealth", err))
				continue
			}
			count := map[balancing.TargetHealthStateEnum]int{}
			for _, t := range out.TargetHealthDescriptions {
				if t.TargetHealth != nil {
					count[t.TargetHealth.State]++
				}
			}
			healthy, coming := count[balancing.TargetHealthStateEnumHealthy], count[balancing.TargetHealthStateEnumInitial]
			ill := len(out.TargetHealthDescriptions) - healthy - coming - count[balancing.TargetHealthStateEnumDraining]
			l.judge(r, healthy > 0 && ill == 0 && healthy+coming >= int(s.DesiredCount), expected, fmt.Sprintf("%s: %s; %d tasks wanted", short(group), states(count), s.DesiredCount))
		}
	})
}

func states(count map[balancing.TargetHealthStateEnum]int) string {
	var parts []string
	for _, state := range sortedKeys(count) {
		parts = append(parts, fmt.Sprintf("%d %s", count[state], state))
	}
	if len(parts) == 0 {
		return "no target"
	}
	return strings.Join(parts, ", ")
}

// trafficLive wants the listener rules to send everything to the target group that the service's primary task set stands behind.
func trafficLive(ctx context.Context, l *look) {
	const expected = "all of the traffic goes to the live target group"
	for _, r := range l.estate.Of(ruleType) {
		all, err := l.services()
		if err != nil {
			l.unread(r, expected, err)
			continue
		}
		out, err := l.Cloud.ELB().DescribeRules(ctx, &elasticloadbalancingv2.DescribeRulesInput{RuleArns: []string{r.ID}})
		if err != nil {
			l.unread(r, expected, asking("elasticloadbalancing:DescribeRules", err))
			continue
		}
		var actions []balancing.Action
		for _, rule := range out.Rules {
			actions = append(actions, rule.Actions...)
		}
		l.weights(r, expected, all, live.WeightsOf(actions))
	}
}

func (l *look) weights(r *Resource, expected string, services map[string]containers.Service, weights live.Weights) {
	for _, arn := range sortedKeys(services) {
		s := services[arn]
		groups := liveGroups(s)
		behind := func(group string) bool { return slices.Contains(groups, group) }
		if len(groups) == 0 || !slices.ContainsFunc(sortedKeys(weights), func(g string) bool { return behind(g) || l.paired(s, g) }) {
			continue
		}
		var said []string
		serving, other := 0, 0
		for _, group := range sortedKeys(weights) {
			said = append(said, fmt.Sprintf("%s %d", short(group), weights[group]))
			if behind(group) {
				serving += weights[group]
			} else {
				other += weights[group]
			}
		}
		observed := strings.Join(said, ", ")
		if releasing(s) {
			l.inapplicable(r, observed, "a release of "+aws.ToString(s.ServiceName)+" shifts the traffic or waits to end the old tasks")
			return
		}
		l.judge(r, serving > 0 && other == 0, expected+" of "+aws.ToString(s.ServiceName), observed)
		return
	}
	l.inapplicable(r, "", "the rule sends to no service of the stacks")
}

// paired tells that a target group is the other one of a service: both are declared by its stack.
func (l *look) paired(s containers.Service, group string) bool {
	service, other := l.estate.by(serviceType, aws.ToString(s.ServiceArn)), l.estate.by("AWS::ElasticLoadBalancingV2::TargetGroup", group)
	return service != nil && other != nil && service.stack == other.stack && len(l.estate.inStack(service.stack, serviceType)) == 1
}

// inStack are a stack's resources of a type.
func (e *Estate) inStack(s *Stack, typ string) []*Resource {
	return slices.DeleteFunc(e.Of(typ), func(r *Resource) bool { return r.stack != s })
}

// revisionRunning wants the services to run the revision of their stacks. A newer one in the stack waits for its release; a newer one that
// runs was registered past the stack.
func revisionRunning(_ context.Context, l *look) {
	revisions := map[string]string{}
	for _, r := range l.estate.Of(definitionType) {
		family, revision := splitDefinition(r.ID)
		revisions[family] = revision
	}
	l.eachService("the stack's revision", func(r *Resource, s containers.Service) {
		family, now := splitDefinition(running(s))
		was, known := revisions[family]
		expected, observed := family+":"+was, family+":"+now
		newest, _ := strconv.Atoi(was)
		serving, _ := strconv.Atoi(now)
		switch {
		case !known:
			l.judge(r, false, "a task definition of the stacks", observed)
		case was == now:
			l.judge(r, true, expected, observed)
		case releasing(s):
			l.inapplicable(r, observed, "a release is under way")
		case newest > serving:
			l.inapplicable(r, observed, "revision "+was+" of the stack waits for a release")
		default:
			l.judge(r, false, expected, observed)
		}
	})
}

// splitDefinition divides a revision's ARN, …:task-definition/FAMILY:REVISION.
func splitDefinition(arn string) (family, revision string) {
	family, revision, _ = strings.Cut(lastPart(arn), ":")
	return family, revision
}

// execOff wants ECS Exec as the template says, which is off when it says nothing.
func execOff(_ context.Context, l *look) {
	l.eachService("ECS Exec off", func(r *Resource, s containers.Service) {
		l.same(r, "ECS Exec "+onOff(r.property("EnableExecuteCommand").text() == "true"), "ECS Exec "+onOff(s.EnableExecuteCommand))
	})
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
