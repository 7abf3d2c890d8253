package simulator

import (
	"time"
)

// A ReleasePlan is how releases of a service go wrong.
type ReleasePlan struct {
	// Stuck deployments stay Created.
	Stuck bool
	// Install is how long the replacement task set takes to be healthy, typical when 0. Unhealthy ones never are.
	Install   time.Duration
	Unhealthy bool
	// PullError is why the replacement's images cannot be pulled: its tasks stop, again and again.
	PullError string
	// Termination is how long the original task set takes to end, typical when 0.
	Termination time.Duration
	// RollbackFails is why rollback deployments fail; traffic and task sets stay as they are then.
	RollbackFails string
}

// PlanRelease lets releases of a service that begin from now on go as a plan says; an empty plan lets them go well.
func (s *Simulator) PlanRelease(service string, p ReleasePlan) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.releases.plans[service] = p
}

// activeService is a service by name.
func (s *Simulator) activeService(name string) *containerService {
	for _, cs := range s.containers.services {
		if cs.name == name && cs.status == "ACTIVE" {
			return cs
		}
	}
	return nil
}

// ScaleOut lets Application Auto Scaling add tasks to a service a while from now, up to its maximum, unless scaling out is suspended then.
// While a release runs the service is not steady for longer than CodeDeploy waits (assumed: the new tasks are those of two task sets).
func (s *Simulator) ScaleOut(service string, by int, after time.Duration) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.advance()
	cs := s.activeService(service)
	if cs == nil || s.scalables["service/"+cs.cluster+"/"+cs.name] == nil {
		return errAbsent("service that scales", service)
	}
	s.after(after, func() {
		t := s.scalables["service/"+cs.cluster+"/"+cs.name]
		if t == nil || t.suspended["DynamicScalingOutSuspended"] == true || cs.status != "ACTIVE" {
			return
		}
		took := s.durations.of("AWS::ECS::TaskSet", "UPDATE").Took
		if len(cs.sets) > 1 {
			took = s.durations.of("AWS::ECS::TaskSet", "SCALE").Took
		}
		s.resize(cs, min(cs.desired+by, t.most), took)
	})
	return nil
}

// SetWeights gives the target groups of a listener rule, by the logical ID of its resource, other weights, as somebody does by hand.
func (s *Simulator) SetWeights(rule string, weights ...int) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.advance()
	if r := s.resource(rule); r != nil {
		for _, known := range s.balancing.rules {
			if known.arn == r.physical && len(known.targets) == len(weights) {
				for i, weight := range weights {
					known.targets[i].weight = weight
				}
				return nil
			}
		}
	}
	return errAbsent("listener rule with so many target groups", rule)
}

// DropTaskSets takes all task sets of a service away, as somebody does by hand.
func (s *Simulator) DropTaskSets(service string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.advance()
	cs := s.activeService(service)
	if cs == nil {
		return errAbsent("service", service)
	}
	cs.sets = nil
	return nil
}

// failPulls stops the replacement's tasks: their images cannot be pulled (Amazon ECS Developer Guide, "CannotPullContainer task errors").
func (s *Simulator) failPulls(d *deployment) {
	const every = 40 * time.Second // assumed; ECS waits longer and longer
	for i := range 5 {
		s.after(time.Duration(i)*every+20*time.Second, func() {
			if d.green.scale == 0 {
				return
			}
			reason := "CannotPullContainerError: " + d.plan.PullError
			s.stopOf(d.service, d.green, "TaskFailedToStart", reason)
			s.tellService(d.service, "(service "+d.service.name+", taskSet "+d.green.id+") was unable to start a task: "+reason)
		})
	}
}
