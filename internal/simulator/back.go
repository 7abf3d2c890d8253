package simulator

import (
	"maps"

	"github.com/tierform/tierform/internal/deploy/source"
)

// A snapshot is a stack's last stable state, to which an update goes back.
type snapshot struct {
	template         *source.Template
	parameters, tags map[string]string
	outputs          map[string]string
	resources        map[string]*resource
	status           string
}

func (st *stack) snapshot() *snapshot {
	resources := map[string]*resource{}
	for id, r := range st.resources {
		resources[id] = new(*r)
	}
	return &snapshot{st.template, maps.Clone(st.parameters), st.tags, maps.Clone(st.outputs), resources, st.status}
}

// back brings a stack to what it was before the update (CloudFormation User Guide, "Stack failure options").
func (s *Simulator) back(st *stack, reason string, skip map[string]bool) {
	s.set(st, "UPDATE_ROLLBACK_IN_PROGRESS", reason)
	was := st.stable
	r := &run{stack: st, doing: "UPDATE", rolling: true, template: was.template, parameters: was.parameters, skip: skip}
	if st.parent != nil {
		r.done = st.awaited
	}
	st.template, st.parameters, st.tags = was.template, was.parameters, was.tags
	s.begin(r)
	s.step(r)
}

// restore puts one resource back. What the update created is deleted when all is back; what it did not touch stays.
func (s *Simulator) restore(r *run, id string) {
	st := r.stack
	was, now := st.stable.resources[id], st.resources[id]
	if n := was.nested; n != nil {
		s.restoreNested(r, was, now)
		return
	}
	if now != nil && now.generation == was.generation {
		return
	}
	back := new(*was)
	back.status = ""
	if now != nil && now.physical != was.physical && now.made {
		st.garbage = append(st.garbage, now)
	}
	st.resources[id] = back
	w := &work{}
	r.working[id] = w
	if r.skip[st.name+"."+id] || r.skip[id] && st.parent == nil || r.skip[anyFailed] && now != nil && now.status == "UPDATE_FAILED" {
		delete(r.working, id)
		back.properties = now.properties
		s.tell(st, back, "UPDATE_COMPLETE", "", "")
		return
	}
	s.tell(st, back, "UPDATE_IN_PROGRESS", "", "")
	c := s.took(r, now, back, "UPDATE")
	if now == nil || now.physical != was.physical { // the old one still exists
		c.took, c.configured = s.durations.of(stackType, "UPDATE").Took, 0
	}
	s.carryOut(r, w, back, "UPDATE", c)
}

// anyFailed stands for all resources that a forced rollback skips (ContinueUpdateRollback, ForceRollback).
const anyFailed = "*"

// restoreNested rolls a nested stack back that the update touched, or waits for one that does it already.
func (s *Simulator) restoreNested(r *run, was, now *resource) {
	st, n := r.stack, was.nested
	touched := n.stable != nil && n.round == st.root.round
	if now != nil && now.generation == was.generation && !touched {
		return
	}
	back := new(*was)
	st.resources[was.id] = back
	if !touched {
		s.tell(st, back, "UPDATE_COMPLETE", "", "")
		return
	}
	w := &work{}
	r.working[was.id] = w
	s.tell(st, back, "UPDATE_IN_PROGRESS", "", "")
	n.awaited = func(ok bool) {
		if !w.off {
			s.restoredNested(r, back, ok)
		}
	}
	switch {
	case n.status == "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS":
		n.awaited(true)
	case n.run != nil && n.run.rolling:
		n.run.done = n.awaited
	default:
		s.newOperation(n, "ROLLBACK")
		s.back(n, "", r.skip)
	}
}

// restoredNested takes the end of a nested stack's rollback into its parent.
func (s *Simulator) restoredNested(r *run, back *resource, ok bool) {
	n := back.nested
	n.awaited = nil
	delete(r.working, back.id)
	if !ok {
		s.broke(r, back, "UPDATE", "Embedded stack "+n.arn+" was not successfully updated. Currently in "+n.status+" with reason: "+n.reason)
		return
	}
	s.tell(r.stack, back, "UPDATE_COMPLETE", "", "")
	s.step(r)
}
