package checks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ScalingPolicy is a target tracking policy.
type ScalingPolicy struct {
	// Resource is the AWS::ApplicationAutoScaling::ScalingPolicy.
	Resource *Resource
	// Predefined is the type of a predefined metric, such as ECSServiceAverageCPUUtilization.
	Predefined string
	// Queries are what a customized metric is computed from.
	Queries Queries
	// Target is the value to keep; In and Out are the cooldowns in minutes, rounded up.
	Target  float64
	In, Out int
	// NoScaleIn tells that the policy never removes tasks.
	NoScaleIn bool

	problem *queryProblem
}

const trackingPath = "TargetTrackingScalingPolicyConfiguration"

// Default cooldown of ECS services, in minutes.
// https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
const defaultCooldown = 5

// readPolicy decodes a scaling policy.
func readPolicy(r *Resource) *ScalingPolicy {
	c := r.At(trackingPath)
	p := &ScalingPolicy{Resource: r, Predefined: c.At("PredefinedMetricSpecification.PredefinedMetricType").String(),
		In: cooldownMinutes(c.At("ScaleInCooldown")), Out: cooldownMinutes(c.At("ScaleOutCooldown")), NoScaleIn: c.At("DisableScaleIn").True()}
	if why := c.anyUnknown() + r.Maybe; why != "" {
		p.problem = &queryProblem{path: trackingPath, unknown: why}
		return p
	}
	target, ok := c.At("TargetValue").Float()
	if p.Target = target; !ok || !(target > 0) {
		p.problem = &queryProblem{path: trackingPath + ".TargetValue", found: c.At("TargetValue").Show()}
		return p
	}
	customized := c.At("CustomizedMetricSpecification")
	at := trackingPath + ".CustomizedMetricSpecification"
	switch {
	case customized.At("Metrics").Exists():
		p.Queries, p.problem = readQueries(customized.At("Metrics"), at+".Metrics")
	case customized.Exists():
		p.Queries = Queries{{ID: "m", Metric: readMetric(customized, customized.At("Statistic"), Value{}), Returned: true, Path: at}}
	case p.Predefined == "":
		p.problem = &queryProblem{path: trackingPath, found: "no metric"}
	}
	return p
}

func cooldownMinutes(v Value) int {
	seconds, ok := v.Int()
	if !ok {
		return defaultCooldown
	}
	return (seconds + 59) / 60
}

// isCPU tells whether the policy tracks the average CPU of the service.
func (p *ScalingPolicy) isCPU() bool { return p.Predefined == "ECSServiceAverageCPUUtilization" }

// appMetric tells whether a metric exists only when the application emits it.
func appMetric(m *Metric) bool {
	return !strings.HasPrefix(m.Namespace, "AWS/") && m.Namespace != "ECS/ContainerInsights"
}

// countsTasks tells whether a metric is the number of tasks.
func countsTasks(m *Metric) bool {
	return m.Namespace == "ECS/ContainerInsights" && (m.Name == "RunningTaskCount" || m.Name == "DesiredTaskCount")
}

// signature describes the policy for a table of results.
func (p *ScalingPolicy) signature(role func(*Metric) string) string {
	return fmt.Sprint(p.Predefined, p.Target, p.In, p.Out, p.NoScaleIn, p.Resource.At(trackingPath+".PredefinedMetricSpecification.ResourceLabel").Exists()) +
		p.Queries.signature(role)
}

// rolesOf tells what a metric is about, seen from a service: the index of a target group, the service, its load balancer,
// the application, something else, or, for what should be a resource of the templates and is not, nothing.
func (o *Operations) rolesOf(s *ScaledService) func(*Metric) string {
	return func(m *Metric) string {
		i := slices.Index(s.Groups, m.subject)
		switch {
		case appMetric(m):
			return "application"
		case m.subject == nil && belongsToResource(m):
			return ""
		case i >= 0:
			return strconv.Itoa(i)
		case m.subject == nil:
			return "other"
		case m.subject == s.Resource:
			return "service"
		case m.subject.Type == "AWS::ElasticLoadBalancingV2::LoadBalancer":
			return "balancer"
		case m.subject.Type == "AWS::ElasticLoadBalancingV2::TargetGroup" || m.subject.Type == "AWS::ECS::Service":
			return ""
		}
		return "other"
	}
}
