package simulator

import (
	"fmt"
	"slices"
	"strings"
)

// breakOff ends a deployment before its time, and rolls it back when its configuration says so (CodeDeploy User Guide, "Stopped and failed
// deployments"; statuses and words as in the published runs of dop-c02 lab ecs-bluegreen-codedeploy, 2026-08).
func (s *Simulator) breakOff(d *deployment, status, code, message, event string) {
	s.endEarly(d, status, code, message)
	if d.triggering == "" && d.blue != nil && d.rollback.on(event) {
		s.rollBack(d)
	}
}

// endEarly ends a deployment: what it was about failed, and the rest is skipped.
func (s *Simulator) endEarly(d *deployment, status, code, message string) {
	d.turn++
	d.phase, d.status, d.code, d.message, d.completed, d.touched = over, status, code, message, s.present(), s.present()
	for _, e := range d.events {
		switch e.status {
		case "InProgress":
			e.status, e.ended = "Failed", s.present()
		case "Pending":
			e.status = "Skipped"
		}
	}
	if d.target != "Succeeded" {
		d.target = "Failed"
	}
}

// rollBack begins a deployment that undoes another: all traffic back at once, no new task set. How long it takes, and that its lifecycle
// events are the usual ones, is assumed.
func (s *Simulator) rollBack(d *deployment) {
	r := &deployment{creator: "codeDeployRollback", config: allAtOnce, group: d.group, spec: d.spec, routing: s.routing(allAtOnce), rollback: d.rollback, alarms: d.alarms, status: "Created", phase: created,
		target: "Pending", created: s.present(), touched: s.present(), plan: d.plan, triggering: d.id, service: d.service, blue: d.blue, green: d.green, share: d.share}
	r.spec.content, r.spec.hash = "", ""
	s.enter(r)
	d.rollbackID = r.id
	d.rollbackMessage = fmt.Sprintf("Deployment %s terminated. Automatic rollback is triggered with a DeploymentId %s.", d.id, r.id)
	r.rollbackMessage = fmt.Sprintf("Deployment %s is triggered to roll back deployment %s.", r.id, d.id)
	s.later(r, s.durations.of("AWS::CodeDeploy::Deployment", "START").Took, func() { s.startRollback(r) })
}

// startRollback moves the traffic back and ends the replacement task set, if there is one.
func (s *Simulator) startRollback(r *deployment) {
	r.status, r.target, r.phase, r.started = "InProgress", "InProgress", shifting, s.present()
	s.reach(r, "AllowTraffic")
	code, problem := "INTERNAL_ERROR", r.plan.RollbackFails
	if problem == "" && !r.service.has(r.blue) {
		code, problem = "ECS_UPDATE_ERROR", lostSet
	}
	if problem != "" {
		s.later(r, s.durations.of("AWS::CodeDeploy::Deployment", "ROLLBACK").Took, func() { s.breakOff(r, "Failed", code, problem, onFailure) })
		return
	}
	if r.green != nil {
		s.route(r.group.listener, r.blue.target, r.green.target, 0)
		s.route(r.group.test, r.blue.target, r.green.target, 0)
		s.promote(r.service, r.blue)
		s.drain(r.service, r.green, s.durations.of("AWS::ECS::TaskSet", "DELETE").Took)
		r.share = 0
	}
	s.later(r, s.durations.of("AWS::CodeDeploy::Deployment", "ROLLBACK").Took, func() {
		s.reach(r, "")
		r.target = "Succeeded"
		s.succeedRelease(r)
	})
}

// abandon fails the deployments of a service that is being deleted; there is nothing to roll back to (assumed).
func (s *Simulator) abandon(cs *containerService) {
	for _, d := range s.releases.deployments {
		if d.service == cs && d.phase != over {
			s.endEarly(d, "Failed", "INVALID_ECS_SERVICE", fmt.Sprintf("The ECS service %s:%s is not ACTIVE", cs.cluster, cs.name))
		}
	}
}

// watch stops a deployment when one of its alarms is in ALARM, or when their states cannot be read, and tells whether it did (CodeDeploy
// User Guide, "Monitoring deployments with CloudWatch alarms in CodeDeploy"). Alarms count until the original task set is ended, and never
// for a rollback.
func (s *Simulator) watch(d *deployment) bool {
	if !d.alarms.enabled || d.triggering != "" || !slices.Contains([]string{installing, ready, shifting, baking}, d.phase) {
		return false
	}
	var firing []string
	for _, name := range d.alarms.names {
		a := s.alarms[name]
		switch {
		case a == nil && !d.alarms.ignores: // words assumed
			s.breakOff(d, "Stopped", "ALARM_ACTIVE", "The state of the alarm "+name+" could not be retrieved from Amazon CloudWatch, and the affected deployments have been stopped.", onAlarm)
			return true
		case a != nil && s.stateOf(a) == "ALARM":
			firing = append(firing, "<"+name+">")
		}
	}
	if len(firing) == 0 {
		return false
	}
	s.breakOff(d, "Stopped", "ALARM_ACTIVE", "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: "+strings.Join(firing, " "), onAlarm)
	return true
}

// stopDeployment stops one (API reference, StopDeployment). It is Pending while the deployment works, and without autoRollbackEnabled the
// configuration decides about the rollback (assumed).
func (s *Simulator) stopDeployment(c *call) (any, error) {
	d, err := s.deployment(c)
	switch {
	case err != nil:
		return nil, err
	case d.phase == over:
		return nil, refuse("DeploymentAlreadyCompletedException", "The deployment %s has already completed", d.id)
	}
	stop := func() {
		s.endEarly(d, "Stopped", "MANUAL_STOP", "The deployment was stopped by a user.") // words assumed
		back, said := c.body["autoRollbackEnabled"].(bool)
		if !said {
			back = d.rollback.on(onRequest)
		}
		if back && d.triggering == "" && d.blue != nil && d.blue.status != "DRAINING" {
			s.rollBack(d)
		}
	}
	if d.phase == created {
		stop()
		return map[string]any{"status": "Succeeded", "statusMessage": "The deployment was stopped before it began"}, nil
	}
	s.after(s.durations.of("AWS::CodeDeploy::Deployment", "STOP").Took, func() {
		if d.phase != over {
			stop()
		}
	})
	return map[string]any{"status": "Pending", "statusMessage": "The deployment is being stopped"}, nil
}

// continueDeployment ends a wait: before the traffic is shifted, or before the original task set is ended (API reference,
// ContinueDeployment).
func (s *Simulator) continueDeployment(c *call) (any, error) {
	d, err := s.deployment(c)
	wait := c.text("deploymentWaitType")
	switch {
	case err != nil:
		return nil, err
	case d.phase == over:
		return nil, refuse("DeploymentAlreadyCompletedException", "The deployment %s has already completed", d.id)
	case wait != "" && wait != "READY_WAIT" && wait != "TERMINATION_WAIT":
		return nil, refuse("InvalidDeploymentWaitTypeException", "The wait type %s is invalid", wait)
	case wait == "TERMINATION_WAIT" && d.phase == baking:
		s.terminate(d)
	case wait != "TERMINATION_WAIT" && d.phase == ready:
		s.shiftTraffic(d)
	default:
		return nil, refuse("DeploymentIsNotInReadyStateException", "The deployment %s does not wait", d.id)
	}
	return nil, nil
}
