package drift

import (
	"regexp"
	"slices"
	"strings"
)

// A rule says who owns a property.
type rule struct {
	typ string
	// path is a pattern for the property's path; says are words of which the path or the actual value must have one, if there are any: a
	// weight belongs to CodeDeploy, a rule that forwards no more does not.
	path          *regexp.Regexp
	says          []string
	owner, reason string
}

const (
	codeDeploy  = "CodeDeploy"
	autoScaling = "Application Auto Scaling"
)

// rules are the properties that services change while everything is as it should be. For CodeDeploy see the AWS CodeDeploy User Guide,
// "Deployments on an Amazon ECS compute platform"; for scaling the Application Auto Scaling User Guide.
func rules() []rule {
	return []rule{
		{typ: "AWS::ElasticLoadBalancingV2::ListenerRule", path: regexp.MustCompile(`^/Actions(/|$)`), says: []string{"ForwardConfig", "TargetGroupArn", "TargetGroups", "Weight"}, owner: codeDeploy,
			reason: "a release moves the weights to the other target group and leaves them there"},
		{typ: "AWS::ElasticLoadBalancingV2::Listener", path: regexp.MustCompile(`^/DefaultActions(/|$)`), says: []string{"ForwardConfig", "TargetGroupArn", "TargetGroups", "Weight"}, owner: codeDeploy,
			reason: "a release moves a listener that forwards by default, too"},
		{typ: "AWS::ECS::Service", path: regexp.MustCompile(`^/TaskDefinition$`), owner: codeDeploy, reason: "each release runs the revision that it was given"},
		{typ: "AWS::ECS::Service", path: regexp.MustCompile(`^/LoadBalancers(/|$)`), owner: codeDeploy, reason: "the primary task set is behind the target group of the live colour"},
		{typ: "AWS::ECS::Service", path: regexp.MustCompile(`^/TaskSets?(/|$)`), owner: codeDeploy, reason: "releases make and delete task sets"},
		{typ: "AWS::ECS::Service", path: regexp.MustCompile(`^/DesiredCount$`), owner: autoScaling, reason: "scaling sets the number of tasks"},
		{typ: "AWS::ApplicationAutoScaling::ScalableTarget", path: regexp.MustCompile(`^/SuspendedState(/|$)`), owner: "the release", reason: "a release suspends scaling while it shifts traffic; doctor tells when it was left so"},
	}
}

// owner is who owns a difference, and why; empty when nobody does.
func owner(typ string, d Difference) (string, string) {
	value := d.Actual
	if value == "" || value == "null" {
		value = d.Expected // removed: another difference says what is there instead
	}
	for _, r := range rules() {
		said := len(r.says) == 0 || slices.ContainsFunc(r.says, func(word string) bool { return strings.Contains(d.Path, word) || strings.Contains(value, word) })
		if r.typ == typ && r.path.MatchString(d.Path) && said {
			return r.owner, r.reason
		}
	}
	return "", ""
}
