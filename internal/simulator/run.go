package simulator

import (
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/source"
)

// A run is an operation on one stack: what is to be made of it, in the order of its dependencies.
type run struct {
	stack *stack
	// doing is CREATE or UPDATE; rolling is set on the way back of an update.
	doing   string
	rolling bool
	// template and parameters are the goal.
	template   *source.Template
	parameters map[string]string
	// pending are the logical IDs not yet begun, working those under way, configured those of them that need only become consistent.
	pending, configured map[string]bool
	working             map[string]*work
	failed              []string
	// needed caches what each resource depends on.
	needed map[string]needs
	// halted says why nothing new is begun; empty while all is well.
	halted string
	// keep leaves everything as it is after a failure; onFailure is the change set's OnStackFailure.
	keep      bool
	onFailure string
	// skip are the resources that a continued rollback leaves as they are.
	skip map[string]bool
	told bool
	done func(ok bool)
}

// work is what is being done to one resource. It may be called off.
type work struct{ off bool }

// goal is what start makes a stack into.
type goal struct {
	template   *source.Template
	parameters map[string]string
	tags       map[string]string
	keep       bool
	onFailure  string
	minutes    int // of TimeoutInMinutes
}

// start begins to make a stack into what a template says: resources without dependencies on each other at the same time (CloudFormation
// User Guide, "How CloudFormation works").
func (s *Simulator) start(st *stack, doing string, g goal, done func(bool)) {
	if st.stable == nil { // kept over failures: RollbackStack goes back to the last state that was stable
		st.stable = st.snapshot()
	}
	st.round = st.root.round
	r := &run{stack: st, doing: doing, template: g.template, parameters: g.parameters, keep: g.keep, onFailure: g.onFailure, done: done}
	st.template, st.parameters, st.tags = g.template, g.parameters, g.tags
	s.newOperation(st, map[string]string{"CREATE": "CREATE_STACK", "UPDATE": "UPDATE_STACK"}[doing])
	s.set(st, doing+"_IN_PROGRESS", "User Initiated")
	if doing == "CREATE" {
		st.begun = s.present()
	}
	s.begin(r)
	if g.minutes > 0 {
		s.schedule.at(s.present().Add(time.Duration(g.minutes)*time.Minute), func() { s.expire(r) })
	}
	s.step(r)
}

// begin prepares a run.
func (s *Simulator) begin(r *run) {
	r.pending, r.configured, r.working, r.needed = map[string]bool{}, map[string]bool{}, map[string]*work{}, map[string]needs{}
	r.stack.run = r
	scope := s.scope(r.stack, r.template, r.parameters)
	for id, declared := range r.template.Resources {
		if scope.declares(declared) {
			r.pending[id] = true
		}
	}
}

// declares tells whether a resource's condition holds.
func (s *scope) declares(r source.Resource) bool {
	return r.Condition == "" || s.condition(r.Condition)
}

// expire ends a stack that took longer than its TimeoutInMinutes (AWS::CloudFormation::Stack, Template reference).
func (s *Simulator) expire(r *run) {
	if r.stack.run == r && r.halted == "" && !r.rolling {
		s.halt(r, "Stack creation time exceeded the specified timeout. ")
	}
}

// step begins all that nothing stands in the way of, and ends the run when nothing is left.
func (s *Simulator) step(r *run) {
	for again := true; again; { // what does not change lets others begin at once
		again = false
		for _, id := range sortedKeys(r.pending) {
			if r.halted == "" && r.pending[id] && r.ready(id) {
				delete(r.pending, id)
				s.make(r, id)
				again = true
			}
		}
	}
	if r.stack.run != r || len(r.working) > 0 {
		s.tellConfigured(r)
		return
	}
	switch {
	case r.halted != "":
		s.fail(r)
	case len(r.pending) == 0:
		s.succeed(r)
	}
}

// tellConfigured is the event of a stack all of whose resources are configured (CloudFormation User Guide, "Understand CloudFormation
// stack creation events").
func (s *Simulator) tellConfigured(r *run) {
	if r.doing != "CREATE" || r.told || r.halted != "" || len(r.pending) > 0 || len(r.configured) < len(r.working) || r.stack.run != r {
		return
	}
	r.told = true
	s.event(r.stack, event{logical: r.stack.name, physical: r.stack.arn, typ: stackType, status: "CREATE_IN_PROGRESS", reason: consistency, detailed: configured})
}

// The words of a resource that is configured and becomes consistent.
const (
	consistency = "Eventual consistency check initiated"
	configured  = "CONFIGURATION_COMPLETE"
)

// halt stops a run: what is under way is cancelled at once, nested stacks with all that is under way in them.
func (s *Simulator) halt(r *run, reason string) {
	r.halted = reason
	for _, id := range sortedKeys(r.working) {
		now := r.stack.resources[id]
		r.working[id].off = true
		delete(r.working, id)
		verb := map[bool]string{true: "creation", false: "update"}[strings.HasPrefix(now.status, "CREATE")]
		now.generation = 0
		s.tell(r.stack, now, now.status[:6]+"_FAILED", "Resource "+verb+" cancelled", "")
		if n := now.nested; n != nil && n.run != nil && n.run.halted == "" {
			n.run.done, n.run.keep = nil, n.run.keep || n.run.doing == "CREATE" // a new stack is deleted by its parent
			s.halt(n.run, "Resource "+verb+" cancelled")
		}
	}
	s.step(r)
}

// succeed completes a stack; what an update replaced or removed is deleted afterwards.
func (s *Simulator) succeed(r *run) {
	st := r.stack
	scope := s.scope(st, r.template, r.parameters)
	st.outputs = map[string]string{}
	for _, name := range sortedKeys(r.template.Outputs) {
		o, _ := r.template.Outputs[name].(map[string]any)
		if condition := textOf(o["Condition"]); condition == "" || scope.condition(condition) {
			st.outputs[name] = textOf(scope.value(o["Value"]))
		}
	}
	for _, id := range sortedKeys(st.resources) {
		if declared, wanted := r.template.Resources[id]; !wanted || !scope.declares(declared) {
			st.garbage = append(st.garbage, st.resources[id])
			delete(st.resources, id)
		}
	}
	for _, id := range sortedKeys(st.stable.resources) { // what was replaced
		was, now := st.stable.resources[id], st.resources[id]
		if !r.rolling && was.made && was.nested == nil && now != nil && now.physical != was.physical {
			st.garbage = append(st.garbage, was)
		}
	}
	st.run = nil
	if r.doing == "CREATE" {
		st.stable = nil
		s.set(st, "CREATE_COMPLETE", "")
		r.report(true)
		return
	}
	st.updated = s.present()
	end := "UPDATE_COMPLETE"
	if r.rolling {
		end = "UPDATE_ROLLBACK_COMPLETE"
	}
	s.set(st, end+"_CLEANUP_IN_PROGRESS", "")
	r.report(true)
	if st.parent == nil {
		s.cleanUp(st, end, nil)
	}
}

// report tells who waits for a run how it ended.
func (r *run) report(ok bool) {
	if done := r.done; done != nil {
		r.done = nil
		done(ok)
	}
}
