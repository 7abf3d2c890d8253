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
	s.observe(d.service)
}

// shiftTo gives the replacement its share. With all of the traffic it becomes the primary task set; the original one is kept for a while.
func (s *Simulator) shiftTo(d *deployment, share int) {
	if !d.service.has(d.blue) || !d.service.has(d.green) {
		s.breakOff(d, "Failed", "ECS_UPDATE_ERROR", lostSet, onFailure)
		return
	}
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

// lostSet is what ECS says of a task set that somebody took away (that CodeDeploy tells it so is assumed).
const lostSet = "The ECS service cannot be updated due to an unexpected error: TaskSet not found. (Service: AmazonECS; Status Code: 400; Error Code: TaskSetNotFoundException)"

func (s *Simulator) succeedRelease(d *deployment) {
	d.phase, d.status, d.completed, d.touched = over, "Succeeded", s.present(), s.present()
}
