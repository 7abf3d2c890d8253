package simulator

import (
	"fmt"
	"slices"
	"time"
)

// A taskSet is one of a service with the deployment controller CODE_DEPLOY (Amazon ECS API reference, TaskSet).
type taskSet struct {
	id, status, definition, target string
	// external is the deployment that made it; empty for the service's first.
	external string
	// network, platform, launch and strategy are how its tasks start: those of the service, or of the AppSpec.
	network          any
	platform, launch string
	strategy         []any
	created, updated time.Time
	// scale is the share of the desired count that it runs, in percent.
	scale, running int
	// leaving is how many targets are deregistered.
	leaving int
	// healthy tells that the load balancer finds the tasks so; sick that it never will.
	healthy, sick bool
	// round is the last change of its number of tasks.
	round int
}

// newSet makes a task set that runs the service's tasks.
func (s *Simulator) newSet(cs *containerService, definition, target string) *taskSet {
	set := &taskSet{id: "ecs-svc/" + s.nextID()[:8], status: "ACTIVE", definition: definition, target: target, created: s.present(), updated: s.present(), scale: 100, running: cs.desired, healthy: true}
	set.network, set.platform, set.launch, set.strategy = cs.network, cs.platform, cs.launch, cs.strategy
	return set
}

// primary is the task set that serves production; nil when there is none.
func (cs *containerService) primary() *taskSet {
	for _, set := range cs.sets {
		if set.status == "PRIMARY" {
			return set
		}
	}
	return nil
}

// has tells whether a task set is there and runs.
func (cs *containerService) has(set *taskSet) bool {
	return slices.Contains(cs.sets, set) && set.status != "DRAINING"
}

// wanted is how many tasks a task set is to run (API reference, computedDesiredCount).
func (cs *containerService) wanted(set *taskSet) int { return (cs.desired*set.scale + 99) / 100 }

// steady tells whether a task set is (API reference, stabilityStatus).
func (cs *containerService) steady(set *taskSet) bool {
	return set.healthy && set.running == cs.wanted(set)
}

// launch starts the tasks of a new task set: they run first, and are healthy behind the load balancer later.
func (s *Simulator) launch(cs *containerService, set *taskSet, d Duration) {
	set.running, set.healthy = 0, false
	cs.sets = append(cs.sets, set)
	s.after(d.Configured, func() {
		if set.scale > 0 {
			set.running = cs.wanted(set)
		}
	})
	s.after(d.Took, func() {
		if set.scale > 0 && !set.sick {
			set.healthy = true
			s.tellSteady(cs)
			s.observe(cs)
		}
	})
}

// resize gives a service another number of tasks: those that are too many stop at once, new ones run after a while.
func (s *Simulator) resize(cs *containerService, desired int, took time.Duration) {
	cs.desired = desired
	for _, set := range cs.sets {
		set.round++
		round := set.round
		set.running = min(set.running, cs.wanted(set))
		s.after(took, func() {
			if set.round == round && set.scale > 0 {
				set.running = cs.wanted(set)
				s.observe(cs)
			}
		})
	}
	s.observe(cs)
}

// drain ends a task set (API reference, DeleteTaskSet): it has no tasks at once and is gone when its targets are deregistered.
func (s *Simulator) drain(cs *containerService, set *taskSet, took time.Duration) {
	set.status, set.leaving, set.scale, set.running, set.updated = "DRAINING", set.running, 0, 0, s.present()
	s.after(took, func() { cs.sets = slices.DeleteFunc(cs.sets, func(other *taskSet) bool { return other == set }) })
}

// promote makes a task set the primary one; what it is made of becomes the service's (API reference, UpdateServicePrimaryTaskSet).
func (s *Simulator) promote(cs *containerService, set *taskSet) {
	for _, other := range cs.sets {
		if other.status == "PRIMARY" {
			other.status, other.updated = "ACTIVE", s.present()
		}
	}
	set.status, set.updated = "PRIMARY", s.present()
	cs.definition, cs.balancers = set.definition, balancersOf(cs.balancers, set.target)
	cs.network, cs.platform, cs.launch, cs.strategy = set.network, set.platform, set.launch, set.strategy
}

// after plans something.
func (s *Simulator) after(d time.Duration, do func()) { s.schedule.at(s.present().Add(d), do) }

// tellSteady is the event that ECS writes of a service (Developer Guide, "Service event messages").
func (s *Simulator) tellSteady(cs *containerService) {
	s.tellService(cs, fmt.Sprintf("(service %s) has reached a steady state.", cs.name))
}

// tellService adds an event to a service, the newest first.
func (s *Simulator) tellService(cs *containerService, message string) {
	cs.events = slices.Insert(cs.events, 0, any(map[string]any{"id": s.nextID(), "createdAt": epochSeconds(s.present()), "message": message}))
}

func (set *taskSet) members(s *Simulator, cs *containerService) map[string]any {
	m := map[string]any{"id": set.id, "taskSetArn": s.arn("ecs", "task-set/"+cs.cluster+"/"+cs.name+"/"+set.id), "serviceArn": cs.arn, "clusterArn": s.containers.clusters[cs.cluster], "status": set.status,
		"taskDefinition": set.definition, "computedDesiredCount": cs.wanted(set), "runningCount": set.running, "pendingCount": max(cs.wanted(set)-set.running, 0), "createdAt": epochSeconds(set.created),
		"updatedAt": epochSeconds(set.updated), "scale": map[string]any{"value": set.scale, "unit": "PERCENT"}, "stabilityStatus": "STABILIZING", "stabilityStatusAt": epochSeconds(s.present()),
		"loadBalancers": balancersOf(cs.balancers, set.target)}
	if cs.steady(set) {
		m["stabilityStatus"] = "STEADY_STATE"
	}
	if set.external != "" {
		m["externalId"], m["startedBy"] = set.external, "CODE_DEPLOY"
	}
	started(m, set.network, set.platform, set.launch, set.strategy)
	return m
}

// started adds how tasks start; what is not there stays out.
func started(m map[string]any, network any, platform, launch string, strategy []any) {
	if network != nil {
		m["networkConfiguration"] = network
	}
	if platform != "" {
		m["platformVersion"] = platform
	}
	if launch != "" {
		m["launchType"] = launch
	}
	if len(strategy) > 0 {
		m["capacityProviderStrategy"] = strategy
	}
}
