package checks

import (
	"fmt"
	"math"
	"slices"
)

// scalingRules prove that services grow with their load and shrink after it.
func scalingRules() []Rule {
	return []Rule{
		{ID: "SCA001", Title: "A service scales between a minimum of at least two tasks and a greater maximum, for which its subnets have addresses", Requirements: []string{"R12"}, Severity: High, Check: checkBounds},
		{ID: "SCA002", Title: "A service that the internet reaches has at least one task in each of its zones", Requirements: []string{"R12"}, Severity: High, Check: checkTaskPerZone},
		{ID: "SCA003", Title: "A service tracks 70 % of its CPU", Requirements: []string{"R12"}, Severity: High, Check: checkCPUTarget},
		{ID: "SCA004", Title: "A service tracks a custom CloudWatch metric of its own that can be computed", Requirements: []string{"R12"}, Severity: High, Check: checkCustomMetric},
		{ID: "SCA005", Title: "A scaling policy says both cooldowns, neither long, and may remove tasks", Requirements: []string{"R12"}, Severity: Medium, Check: checkCooldowns},
		{ID: "SCA006", Title: "A tracked custom metric has a value of zero when nothing happens and before the application emits anything", Requirements: []string{"R12"}, Severity: High, Check: checkQuietMetric},
		{ID: "SCA007", Title: "Under a simulated ramp a service goes from its minimum to its maximum and back in time, without flapping", Requirements: []string{"R12"}, Severity: High, Check: checkRamp},
		{ID: "SCA008", Title: "A service scales by its CPU as long as the application emits no metrics", Requirements: []string{"R12"}, Severity: High, Check: checkSilentRamp},
		{ID: "SCA009", Title: "A tracked number of requests is one that a task can serve: 1 to 1,000 a second", Requirements: []string{"R12"}, Severity: Medium, Check: checkRequestTarget},
	}
}

func eachService(w *World, l *Looking, judge func(s *ScaledService)) {
	for _, s := range w.Operations().Services {
		l.Look()
		judge(s)
	}
}

func checkBounds(w *World, l *Looking) {
	eachService(w, l, func(s *ScaledService) {
		if s.Target == nil {
			l.FailText(s.Resource, "", "no scalable target names the service", "a scalable target", "Add an AWS::ApplicationAutoScaling::ScalableTarget for service/<cluster>/<service>")
			return
		}
		if s.Target.Maybe != "" {
			l.Unsure(s.Target, "", "a scalable target", s.Target.Maybe)
		}
		least, okLeast := s.Target.At("MinCapacity").Int()
		most, okMost := s.Target.At("MaxCapacity").Int()
		if !okLeast || least < 2 {
			l.Fail(s.Target, "MinCapacity", s.Target.At("MinCapacity"), "at least 2", "One task is none while it is replaced")
		}
		if !okMost || okLeast && most <= least {
			l.Fail(s.Target, "MaxCapacity", s.Target.At("MaxCapacity"), "above MinCapacity", "Leave room to grow")
		} else {
			judgeRoom(w, l, s, most)
		}
		if v := s.Target.At("ServiceNamespace"); v.String() != "ecs" {
			l.Fail(s.Target, "ServiceNamespace", v, "ecs", "Set it")
		}
	})
}

func checkTaskPerZone(w *World, l *Looking) {
	const path = "MinCapacity"
	for _, s := range w.Operations().Services {
		if s.Target == nil || !s.Public && s.Unclear == "" {
			continue
		}
		l.Look()
		zones, unknown := w.zonesOf(s.Resource.At("NetworkConfiguration.AwsvpcConfiguration.Subnets").List())
		least, ok := s.Target.At(path).Int()
		needed := "at least one task for each zone of its subnets"
		switch {
		case s.Unclear != "" || unknown != "":
			l.Unsure(s.Target, path, needed, s.Unclear+unknown)
		case !ok || least < len(zones):
			l.Fail(s.Target, path, s.Target.At(path), fmt.Sprintf("%s: %d", needed, len(zones)), "Raise it")
		}
	}
}

func checkCPUTarget(w *World, l *Looking) {
	const path, percent = trackingPath + ".TargetValue", 70
	eachService(w, l, func(s *ScaledService) {
		i := slices.IndexFunc(s.Policies, (*ScalingPolicy).isCPU)
		if i < 0 {
			l.missingPolicy(s, "no policy tracks its CPU", "a target tracking policy on ECSServiceAverageCPUUtilization")
			return
		}
		policy := s.Policies[i].Resource
		if v, ok := policy.At(path).Float(); !ok || v != percent {
			l.Fail(policy, path, policy.At(path), "70", "Set it")
		}
		l.judgeTracking(policy)
	})
}

// judgeTracking: of another type, StepScaling is the default, a policy leaves its tracking configuration aside.
func (l *Looking) judgeTracking(policy *Resource) {
	if kind := policy.At("PolicyType"); kind.String() != "TargetTrackingScaling" {
		l.Fail(policy, "PolicyType", kind, "TargetTrackingScaling", "Set it")
	}
}

// missingPolicy reports that a service lacks a policy, unless one is not known.
func (l *Looking) missingPolicy(s *ScaledService, found, needed string) {
	for _, p := range s.Policies {
		if p.problem != nil && p.problem.unknown != "" {
			l.Unsure(p.Resource, p.problem.path, needed, p.problem.unknown)
			return
		}
	}
	l.FailText(s.Resource, "", found, needed, "Add an AWS::ApplicationAutoScaling::ScalingPolicy")
}

// isCustom tells whether the policy tracks a customized metric, whether or not it can be read.
func (p *ScalingPolicy) isCustom() bool {
	return p.Resource.At(trackingPath + ".CustomizedMetricSpecification").Exists()
}

func checkCustomMetric(w *World, l *Looking) {
	eachService(w, l, func(s *ScaledService) {
		i := slices.IndexFunc(s.Policies, (*ScalingPolicy).isCustom)
		if i < 0 {
			l.missingPolicy(s, "no policy tracks a custom metric", "a target tracking policy with a CustomizedMetricSpecification")
			return
		}
		for _, p := range s.Policies[i:] {
			if p.isCustom() {
				l.judgeProblem(p.Resource, p.problem, "a metric or expression with one result")
				l.judgeTracking(p.Resource)
				w.Operations().judgeOwnLoad(l, s, p)
			}
		}
	})
}

// judgeProblem reports what is wrong with, or not known of, queries.
func (l *Looking) judgeProblem(r *Resource, p *queryProblem, needed string) {
	switch {
	case p == nil:
	case p.unknown != "":
		l.Unsure(r, p.path, needed, p.unknown)
	default:
		l.FailText(r, p.path, p.found, needed, "Correct it")
	}
}

func checkCooldowns(w *World, l *Looking) {
	for _, s := range w.Operations().Services {
		for _, p := range s.Policies {
			l.Look()
			for _, property := range []string{"ScaleInCooldown", "ScaleOutCooldown"} {
				path, most := trackingPath+"."+property, longestCooldowns[property]
				if seconds, ok := p.Resource.At(path).Int(); !ok || seconds < 1 || seconds > most {
					l.Fail(p.Resource, path, p.Resource.At(path), fmt.Sprintf("1 to %d seconds", most), "Say it: the default is not seen in review")
				}
			}
			if p.NoScaleIn {
				l.Fail(p.Resource, trackingPath+".DisableScaleIn", p.Resource.At(trackingPath+".DisableScaleIn"), "not true", "Take it away: tasks would never be removed")
			}
		}
	}
}

// checkQuietMetric evaluates the tracked metric with the minimum of tasks and nothing else. Without a value, or with
// another than zero, the policy would keep all others from removing tasks.
func checkQuietMetric(w *World, l *Looking) {
	o := w.Operations()
	for _, s := range o.Services {
		for _, p := range s.Policies {
			if !p.isCustom() || p.problem != nil {
				continue
			}
			l.Look()
			for _, reading := range DocumentedReadings() {
				r := &ramp{role: o.rolesOf(s), reading: reading, active: "0", silent: true}
				v := r.evaluate(p, 1, func(m *Metric, _ int) float64 { return r.driver(m, 0, 2) })[0]
				if math.IsNaN(v) || v != 0 {
					l.FailText(p.Resource, p.resultPath(), fmt.Sprintf("%s gives %s", p.resultText(), numberText(v)), "0",
						"Build it on a metric that is always there: IF(tasks>0,FILL(metric,0),0)")
					break
				}
			}
		}
	}
}

func numberText(v float64) string {
	if math.IsNaN(v) {
		return "no data point"
	}
	return fmt.Sprint(v)
}

// resultPath is where the tracked metric stands, resultText what it is.
func (p *ScalingPolicy) resultPath() string { return p.Queries.returned().resultPath() }
func (p *ScalingPolicy) resultText() string { return p.Queries.returned().resultText() }

func (q Query) resultPath() string {
	if q.Formula != nil {
		return q.Path + ".Expression"
	}
	return q.Path
}

func (q Query) resultText() string {
	switch {
	case q.Formula != nil:
		return q.Formula.String()
	case q.Metric != nil:
		return q.Metric.String()
	}
	return "nothing"
}

func checkRamp(w *World, l *Looking)       { judgeRamp(w, l, false) }
func checkSilentRamp(w *World, l *Looking) { judgeRamp(w, l, true) }

// judgeRamp simulates each service that has bounds and policies; that it has is for other rules.
func judgeRamp(w *World, l *Looking, silent bool) {
	needed := fmt.Sprintf("the maximum within %d minutes of load, the minimum within %d minutes after it, one direction each", reachesMaxWithin, reachesMinWithin)
	for _, s := range w.Operations().Services {
		if s.Target == nil || len(s.Policies) == 0 {
			continue
		}
		l.Look()
		least, most, unknown := s.bounds()
		for _, p := range s.Policies {
			if p.problem != nil {
				unknown = p.Resource.Where() + ": " + p.problem.Error()
			}
		}
		if unknown != "" {
			l.Unsure(s.Target, "", needed, unknown)
			continue
		}
		switch v := w.Operations().rampOf(s, least, most, silent); {
		case v.problem == "":
		case v.policy != nil:
			l.FailText(v.policy.Resource, v.policy.resultPath(), v.policy.resultText()+": "+v.problem, needed, "Let the expression grow with the load on either target group")
		default:
			l.FailText(s.Target, "", v.problem, needed, "Look at targets, cooldowns and bounds")
		}
	}
}
