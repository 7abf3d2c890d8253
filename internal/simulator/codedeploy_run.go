package simulator

import (
	"fmt"
	"time"
)

// A lifecycleEvent is a step of a deployment.
type lifecycleEvent struct {
	name, status string
	began, ended time.Time
}

// lifecycle are the events of a group's deployments (CodeDeploy User Guide, "What happens during an Amazon ECS deployment"). Without a test
// listener those of test traffic are not there (Amazon ECS Developer Guide, "Creating a service using a blue/green deployment").
func (g *deploymentGroup) lifecycle() []*lifecycleEvent {
	names := []string{"BeforeInstall", "Install", "AfterInstall", "BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"}
	if g.test != "" {
		names = []string{"BeforeInstall", "Install", "AfterInstall", "AllowTestTraffic", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"}
	}
	var all []*lifecycleEvent
	for _, name := range names {
		all = append(all, &lifecycleEvent{name: name, status: "Pending"})
	}
	return all
}

// The documented limits of a deployment.
const (
	// untilHealthy is how long the replacement task set may take (CodeDeploy User Guide, "A timeout occurs while waiting for replacement task
	// set").
	untilHealthy = time.Hour
	// untilSteady is how long a service that scales while traffic shifts may take (Amazon ECS Developer Guide, "Blue/green deployment
	// considerations").
	untilSteady = 5 * time.Minute
)

// later plans a deployment's next step, which does not come when the deployment ends or takes another course.
func (s *Simulator) later(d *deployment, after time.Duration, do func()) {
	turn := d.turn
	s.after(after, func() {
		if d.turn == turn {
			do()
		}
	})
}

// reach ends what a deployment does and all events before one, and begins that one; "" ends all. Hooks are no more than names here: the
// simulator has no Lambda functions.
func (s *Simulator) reach(d *deployment, name string) {
	d.touched = s.present()
	for _, e := range d.events {
		switch {
		case e.name == name:
			e.status, e.began = "InProgress", s.present()
			return
		case e.status == "Pending":
			e.status, e.began, e.ended = "Succeeded", s.present(), s.present()
		case e.status == "InProgress":
			e.status, e.ended = "Succeeded", s.present()
		}
	}
}

// startRelease begins a deployment that was created. That a service which is not there fails it with INVALID_ECS_SERVICE is assumed.
func (s *Simulator) startRelease(d *deployment) {
	d.status, d.target, d.phase, d.started = "InProgress", "InProgress", installing, s.present()
	s.reach(d, "BeforeInstall")
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

// replacement is the ARN of the pair's other target group, or why it cannot be used.
func (s *Simulator) replacement(d *deployment) (target, problem string) {
	mine := false
	for _, g := range s.balancing.groups {
		switch {
		case g.arn == d.blue.target:
			mine = g.name == d.group.pair[0] || g.name == d.group.pair[1]
		case g.name == d.group.pair[0] || g.name == d.group.pair[1]:
			target = g.arn
		}
	}
	for _, listener := range []string{d.group.listener, d.group.test} {
		if listener == "" {
			continue
		}
		at := listener
		if mine && target != "" {
			at = s.astray(listener, d.blue.target, target)
		}
		if listener == d.group.test && at != listener { // whatever serves it: it is rewritten before it counts (assumed)
			at = ""
		}
		if at != "" {
			return "", "Primary taskset target group must be behind listener " + at
		}
	}
	return target, ""
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

// observe lets deployments of a service see that its task sets changed.
func (s *Simulator) observe(cs *containerService) {
	for _, d := range s.releases.deployments {
		if d.service != cs || d.green == nil {
			continue
		}
		switch steady := cs.steady(d.green) && cs.steady(d.blue); {
		case d.phase == installing && cs.steady(d.green):
			s.installed(d)
		case d.phase == shifting && !steady && !d.unsteady:
			d.unsteady = true
			s.restless(d)
		case steady:
			d.unsteady = false
		}
	}
}

// restless fails a deployment whose service does not become steady in time.
func (s *Simulator) restless(d *deployment) {
	d.restless++
	count := d.restless
	s.later(d, untilSteady, func() {
		if d.unsteady && d.restless == count && d.phase == shifting {
			s.breakOff(d, "Failed", "TIMEOUT", "The deployment failed because the ECS service did not reach a steady state within 5 minutes of a scaling event.", onFailure) // words and code assumed
		}
	})
}

// installed goes on after the replacement task set is healthy: at once, or when somebody says so.
func (s *Simulator) installed(d *deployment) {
	if d.group.test != "" {
		s.reach(d, "AllowTestTraffic")
		s.route(d.group.test, d.blue.target, d.green.target, 100)
	}
	if !d.group.stops {
		s.shiftTraffic(d)
		return
	}
	s.reach(d, "BeforeAllowTraffic")
	d.phase, d.status, d.target = ready, "Ready", "Ready"
	s.later(d, d.group.ready, func() {
		s.breakOff(d, "Stopped", "TIMEOUT", fmt.Sprintf("The deployment timed out while waiting for a notification to continue. This time out period is %d minutes.", int(d.group.ready.Minutes())), onFailure)
	})
}

// shiftTraffic begins to shift traffic.
func (s *Simulator) shiftTraffic(d *deployment) {
	d.turn++
	d.phase, d.status, d.target = shifting, "InProgress", "InProgress"
	s.reach(d, "AllowTraffic")
	for _, step := range shifts(d.routing) {
		s.later(d, step.after, func() { s.shiftTo(d, step.share) })
	}
}

// shiftTo gives the replacement its share. With all of the traffic it becomes the primary task set; the original one is kept for a while.
func (s *Simulator) shiftTo(d *deployment, share int) {
	d.share, d.touched = share, s.present()
	s.route(d.group.listener, d.blue.target, d.green.target, share)
	if share < 100 {
		return
	}
	s.promote(d.service, d.green)
	s.reach(d, "")
	d.turn++
	d.target = "Succeeded"
	if d.group.keeps {
		s.succeedRelease(d)
		return
	}
	d.phase, d.waiting = baking, true
	s.later(d, d.group.termination, func() { s.terminate(d) })
}

// terminate ends the original task set. Alarms do not count any more.
func (s *Simulator) terminate(d *deployment) {
	d.turn++
	d.phase = terminating
	took, gone := s.durations.of("AWS::CodeDeploy::Deployment", "TERMINATE").Took, s.durations.of("AWS::ECS::TaskSet", "DELETE").Took
	if d.plan.Termination > 0 {
		took = d.plan.Termination
	}
	s.drain(d.service, d.blue, max(took, gone))
	s.later(d, took, func() { s.succeedRelease(d) })
}

func (s *Simulator) succeedRelease(d *deployment) {
	d.phase, d.status, d.completed, d.touched = over, "Succeeded", s.present(), s.present()
}
