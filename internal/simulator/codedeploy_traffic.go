package simulator

import (
	"slices"
	"time"
)

// allAtOnce is the configuration of a group without one, and of rollbacks (published run of a rollback, dop-c02 lab
// ecs-bluegreen-codedeploy, 2026-08).
const allAtOnce = "CodeDeployDefault.ECSAllAtOnce"

// predefined are the configurations for Amazon ECS that every account has (CodeDeploy User Guide, "Predefined deployment configurations for
// an Amazon ECS compute platform").
func predefined() map[string]map[string]any {
	linear := func(percentage, interval int) map[string]any {
		return map[string]any{"type": "TimeBasedLinear", "timeBasedLinear": map[string]any{"linearPercentage": percentage, "linearInterval": interval}}
	}
	canary := func(percentage, interval int) map[string]any {
		return map[string]any{"type": "TimeBasedCanary", "timeBasedCanary": map[string]any{"canaryPercentage": percentage, "canaryInterval": interval}}
	}
	return map[string]map[string]any{allAtOnce: {"type": "AllAtOnce"},
		"CodeDeployDefault.ECSLinear10PercentEvery1Minutes": linear(10, 1), "CodeDeployDefault.ECSLinear10PercentEvery3Minutes": linear(10, 3),
		"CodeDeployDefault.ECSCanary10Percent5Minutes": canary(10, 5), "CodeDeployDefault.ECSCanary10Percent15Minutes": canary(10, 15)}
}

// routing is how a configuration shifts traffic; nil when there is no such configuration.
func (s *Simulator) routing(name string) map[string]any {
	if r := s.releases.configs[name]; r != nil {
		routing, _ := s.shapes.object(r, "TrafficRoutingConfig").(map[string]any)
		return routing
	}
	return predefined()[name]
}

// A shift is the share of the traffic that the green task set has from a time of the shifting on.
type shift struct {
	after time.Duration
	share int
}

// shifts are those of a configuration. Traffic moves at the start of each increment (API reference, TimeBasedLinear), so that the last one
// ends the shifting: in the published run (dop-c02 lab ecs-bluegreen-codedeploy) ten increments of a minute took nine minutes.
func shifts(routing map[string]any) []shift {
	var all []shift
	linear, _ := routing["timeBasedLinear"].(map[string]any)
	canary, _ := routing["timeBasedCanary"].(map[string]any)
	switch routing["type"] {
	case "TimeBasedLinear":
		step := max(integer(linear["linearPercentage"], 100), 1)
		for i := 0; i == 0 || all[i-1].share < 100; i++ {
			all = append(all, shift{time.Duration(i) * minutes(linear["linearInterval"]), min((i+1)*step, 100)})
		}
	case "TimeBasedCanary":
		all = []shift{{0, integer(canary["canaryPercentage"], 100)}, {minutes(canary["canaryInterval"]), 100}}
	default:
		all = []shift{{0, 100}}
	}
	return all
}

// route gives the green task set a share of a listener's traffic, in each rule that forwards to one of the pair's target groups; rules of
// others are not touched.
func (s *Simulator) route(listener string, blue, green string, share int) {
	for _, r := range s.balancing.rules {
		if r.listener != listener || !r.forwards(blue) && !r.forwards(green) {
			continue
		}
		r.weigh(blue, 100-share)
		r.weigh(green, share)
	}
}

// forwards tells whether a rule names a target group.
func (r *rule) forwards(target string) bool {
	return slices.ContainsFunc(r.targets, func(t weighted) bool { return t.arn == target })
}

// weigh gives a target group its weight in a rule, which then names it.
func (r *rule) weigh(target string, weight int) {
	for i := range r.targets {
		if r.targets[i].arn == target {
			r.targets[i].weight = weight
			return
		}
	}
	r.targets = append(r.targets, weighted{target, weight})
}

// astray is a rule of a listener that forwards to the pair but sends nothing to the primary task set's target group, or the listener when no
// rule names that; empty when all is well (CodeDeploy User Guide, "The ELB could not be updated due to the following error: Primary taskset
// target group must be behind listener"; that a weight of 0 counts as not behind it is assumed).
func (s *Simulator) astray(listener, primary, other string) string {
	known := false
	for _, r := range s.balancing.rules {
		if r.listener != listener || !r.forwards(primary) && !r.forwards(other) {
			continue
		}
		known = true
		if !slices.ContainsFunc(r.targets, func(t weighted) bool { return t.arn == primary && t.weight > 0 }) {
			return r.arn
		}
	}
	if !known {
		return listener
	}
	return ""
}
