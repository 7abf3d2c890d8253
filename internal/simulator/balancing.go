package simulator

import (
	"fmt"
	"net/http"
	"strings"
)

// balancing is what Elastic Load Balancing knows.
type balancing struct {
	rules     []*rule
	groups    []*targetGroup
	listeners []*listener
}

// A rule is one of a listener.
type rule struct {
	arn, listener, priority string
	targets                 []weighted
	paths                   []string
}

// A weighted target group is one that a rule forwards to.
type weighted struct {
	arn    string
	weight int
}

type targetGroup struct{ arn, name, vpc string }

type listener struct {
	arn, balancer, protocol string
	port                    int
}

func (s *Simulator) balancingActions() map[string]action {
	return map[string]action{"DescribeRules": s.describeRules, "DescribeListeners": s.describeListeners, "DescribeTargetGroups": s.describeTargetGroups, "DescribeTargetHealth": s.describeTargetHealth,
		"ModifyLoadBalancerAttributes": s.modifyBalancer}
}

func missing(code, what string) error {
	return &Error{http.StatusBadRequest, code, what + " not found"}
}

// pageOf cuts a list of Elastic Load Balancing at its marker.
func pageOf[T any](c *call, all []T) ([]T, string) {
	size := integer(c.form.Get("PageSize"), 400)
	return cut(all, c.form.Get("Marker"), size)
}

func (s *Simulator) describeRules(c *call) (any, error) {
	var found []*rule
	for _, r := range s.balancing.rules {
		if r.listener == c.form.Get("ListenerArn") {
			found = append(found, r)
		}
	}
	if arns := c.texts("RuleArns"); len(arns) > 0 {
		var lacking []string
		if found, lacking = named(s.balancing.rules, arns, func(r *rule, arn string) bool { return r.arn == arn }); len(lacking) > 0 {
			return nil, missing("RuleNotFound", "One or more rules")
		}
	}
	found, next := pageOf(c, found)
	var list []any
	for _, r := range found {
		list = append(list, r.elements())
	}
	return []element{{"Rules", list}, {"NextMarker", next}}, nil
}

func (r *rule) elements() []element {
	var groups []any
	for _, t := range r.targets {
		groups = append(groups, []element{{"TargetGroupArn", t.arn}, {"Weight", t.weight}})
	}
	action := []element{{"Type", "forward"}, {"ForwardConfig", []element{{"TargetGroups", groups}}}}
	return []element{{"RuleArn", r.arn}, {"Priority", r.priority}, {"IsDefault", false}, {"Actions", []any{action}},
		{"Conditions", []any{[]element{{"Field", "path-pattern"}, {"PathPatternConfig", []element{{"Values", anyList(r.paths)}}}}}}}
}

func (s *Simulator) describeListeners(c *call) (any, error) {
	var list []any
	for _, l := range s.balancing.listeners {
		if l.balancer == c.form.Get("LoadBalancerArn") || strings.Contains(strings.Join(c.texts("ListenerArns"), " "), l.arn) {
			list = append(list, append([]element{{"ListenerArn", l.arn}, {"LoadBalancerArn", l.balancer}, {"Port", l.port}, {"Protocol", l.protocol}}, s.listenerFacts(l.arn)...))
		}
	}
	if len(list) == 0 {
		return nil, missing("ListenerNotFound", "One or more listeners")
	}
	return []element{{"Listeners", list}}, nil
}

func (s *Simulator) describeTargetGroups(c *call) (any, error) {
	found := s.balancing.groups
	if wanted := append(c.texts("TargetGroupArns"), c.texts("Names")...); len(wanted) > 0 {
		var lacking []string
		if found, lacking = named(found, wanted, func(g *targetGroup, name string) bool { return g.arn == name || g.name == name }); len(lacking) > 0 {
			return nil, missing("TargetGroupNotFound", "One or more target groups")
		}
	}
	found, next := pageOf(c, found)
	var list []any
	for _, g := range found {
		list = append(list, []element{{"TargetGroupArn", g.arn}, {"TargetGroupName", g.name}, {"VpcId", g.vpc}, {"TargetType", "ip"}})
	}
	return []element{{"TargetGroups", list}, {"NextMarker", next}}, nil
}

// describeTargetHealth makes targets up: those of the services whose tasks stand behind the group (API reference, TargetHealth).
func (s *Simulator) describeTargetHealth(c *call) (any, error) {
	arn := c.form.Get("TargetGroupArn")
	if _, lacking := named(s.balancing.groups, []string{arn}, func(g *targetGroup, name string) bool { return g.arn == name }); len(lacking) > 0 {
		return nil, missing("TargetGroupNotFound", "One or more target groups")
	}
	var list []any
	for _, cs := range s.containers.services {
		for at, set := range cs.sets {
			for i := range max(set.running, set.leaving) {
				if set.target == arn && cs.status == "ACTIVE" {
					address := fmt.Sprintf("10.0.%d.%d", at+1, i+10)
					list = append(list, []element{{"Target", []element{{"Id", address}, {"Port", cs.port()}}}, {"HealthCheckPort", textOf(cs.port())}, {"TargetHealth", s.healthOf(arn, set)}})
				}
			}
		}
	}
	return []element{{"TargetHealthDescriptions", list}}, nil
}

// health is that of a task set's targets.
func (set *taskSet) health() []element {
	switch {
	case set.leaving > 0:
		return []element{{"State", "draining"}, {"Reason", "Target.DeregistrationInProgress"}, {"Description", "Target deregistration is in progress"}}
	case set.healthy:
		return []element{{"State", "healthy"}}
	case set.sick:
		return []element{{"State", "unhealthy"}, {"Reason", "Target.FailedHealthChecks"}, {"Description", "Health checks failed"}}
	}
	return []element{{"State", "initial"}, {"Reason", "Elb.InitialHealthChecking"}, {"Description", "Initial health checks in progress"}}
}

// port is that of the service's container behind the load balancer.
func (cs *containerService) port() int {
	port := 0
	for _, b := range structures(cs.balancers) {
		port = integer(b["containerPort"], 0)
	}
	return port
}

// nameOfTarget is the name in a target group's ARN.
func nameOfTarget(arn string) string {
	_, name, _ := strings.Cut(arn, ":targetgroup/")
	name, _, _ = strings.Cut(name, "/")
	return name
}
