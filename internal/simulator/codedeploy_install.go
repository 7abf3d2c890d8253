package simulator

import (
	"fmt"
	"slices"
)

// startRelease begins a deployment that was created (codes: API reference, ErrorInformation). That a service which is not there fails it with
// INVALID_ECS_SERVICE is assumed.
func (s *Simulator) startRelease(d *deployment) {
	d.status, d.target, d.phase, d.started = "InProgress", "InProgress", installing, s.present()
	s.reach(d, "BeforeInstall")
	if s.releases.groups[d.group.application+"/"+d.group.name] == nil {
		s.breakOff(d, "Failed", "DEPLOYMENT_GROUP_MISSING", "The deployment group "+d.group.name+" was deleted.", onFailure)
		return
	}
	if d.service = s.serviceOf(d.group); d.service != nil {
		d.blue = d.service.primary()
	}
	if d.blue == nil {
		s.breakOff(d, "Failed", "INVALID_ECS_SERVICE", fmt.Sprintf("The ECS service %s:%s is not ACTIVE or has no primary task set", d.group.cluster, d.group.service), onFailure)
		return
	}
	if s.watch(d) {
		return
	}
	s.reach(d, "Install")
	target, err := s.replacement(d)
	if err != "" {
		s.breakOff(d, "Failed", "ELASTIC_LOAD_BALANCING_INVALID", "The ELB could not be updated due to the following error: "+err, onFailure)
		return
	}
	s.install(d, target)
}

// replacement is the ARN of the pair's other target group, or why it cannot be used: the primary task set must be behind the production
// listener. The test listener is rewritten, so that either of the pair may be behind it, but no other (assumed).
func (s *Simulator) replacement(d *deployment) (target, problem string) {
	mine := false
	for _, g := range s.balancing.groups {
		switch paired := slices.Contains(d.group.pair, g.name); {
		case paired && g.arn == d.blue.target:
			mine = true
		case paired:
			target = g.arn
		}
	}
	at := d.group.listener
	if mine && target != "" {
		at = s.astray(d.group.listener, d.blue.target, target)
	}
	if at == "" && d.group.test != "" && s.astray(d.group.test, d.blue.target, target) == d.group.test {
		at = d.group.test
	}
	if at != "" {
		problem = "Primary taskset target group must be behind listener " + at
	}
	return target, problem
}

// install makes the replacement task set. A task set that an earlier deployment left behind is ended first (assumed).
func (s *Simulator) install(d *deployment, target string) {
	cs := d.service
	for _, set := range append([]*taskSet{}, cs.sets...) {
		if set != d.blue && set.status != "DRAINING" {
			s.drain(cs, set, s.durations.of("AWS::ECS::TaskSet", "DELETE").Took)
		}
	}
	d.green = s.newSet(cs, d.spec.definition, target)
	d.green.external, d.green.sick = d.id, d.plan.Unhealthy || d.plan.PullError != ""
	s.equip(d.green, d.spec)
	took := s.durations.of("AWS::ECS::TaskSet", "CREATE")
	if d.plan.Install > 0 {
		took.Took, took.Configured = d.plan.Install, d.plan.Install/2
	}
	s.launch(cs, d.green, took)
	if d.plan.PullError != "" {
		s.failPulls(d)
	}
	s.later(d, untilHealthy, func() {
		if d.phase == installing {
			s.breakOff(d, "Failed", "TIMEOUT", "The deployment timed out while waiting for the replacement task set to become healthy. This time out period is 60 minutes.", onFailure)
		}
	})
}

// equip starts a task set's tasks as an AppSpec says. What that leaves out is the service's, but for the platform version, which is the
// latest then, and the capacity provider strategy, which is lost: the tasks have the launch type FARGATE then (containers roadmap, issue 1752).
func (s *Simulator) equip(set *taskSet, a appSpec) {
	if set.platform = a.platform; set.platform == "" {
		set.platform = "LATEST"
	}
	if a.network != nil {
		set.network = a.network
	}
	set.strategy, set.launch = a.strategy, ""
	if len(a.strategy) == 0 {
		set.launch = "FARGATE"
	}
}
