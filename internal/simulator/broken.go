package simulator

import (
	"slices"
	"strings"
	"time"
)

// Phases of an operation in which a resource can be made to fail.
const (
	// Forward is creating and updating, not on the way back.
	Forward = "FORWARD"
	// Back is everything while a stack rolls back: putting resources back and deleting new ones.
	Back = "BACK"
	// Deletion is the deletion of the resource, whenever it comes.
	Deletion = "DELETE"
)

// A Broken resource fails, is late or never ends.
type Broken struct {
	// Resource is a logical ID, or a path to one: "DataStack/Cluster".
	Resource string
	// Reason is the status reason; a resource without one does not fail and is only slow.
	Reason string
	// When is a phase, Forward when empty.
	When string
	// After is how long the resource takes; its typical duration when 0.
	After time.Duration
	// Stuck resources never end by themselves: only a timeout or cancelling ends them.
	Stuck bool
	// Skip is how often the resource goes well first; Times how often it fails then, 0 for always.
	Skip, Times int
}

type breakage struct {
	Broken
	seen int
}

// Break makes resources fail.
func (s *Simulator) Break(broken ...Broken) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, b := range broken {
		if b.When == "" {
			b.When = Forward
		}
		s.broken = append(s.broken, &breakage{Broken: b})
	}
}

// Fail makes a resource, by logical ID or "Stack/LogicalID", fail with a reason whenever it is created or updated; going back it succeeds.
func (s *Simulator) Fail(resource, reason string) {
	s.Break(Broken{Resource: resource, Reason: reason})
}

// FailAfter is Fail a while after the resource's beginning.
func (s *Simulator) FailAfter(resource string, after time.Duration, reason string) {
	s.Break(Broken{Resource: resource, Reason: reason, After: after})
}

// FailRollback makes a resource fail when its stack rolls back: the stack ends in UPDATE_ROLLBACK_FAILED, or ROLLBACK_FAILED.
func (s *Simulator) FailRollback(resource, reason string) {
	s.Break(Broken{Resource: resource, Reason: reason, When: Back})
}

// FailDelete makes the deletion of a resource fail: the stack ends in DELETE_FAILED.
func (s *Simulator) FailDelete(resource, reason string) {
	s.Break(Broken{Resource: resource, Reason: reason, When: Deletion})
}

// Stick makes creating or updating a resource never end.
func (s *Simulator) Stick(resource string) { s.Break(Broken{Resource: resource, Stuck: true}) }

// breakageOf is what is planned for work on a resource now; nil for nothing.
func (s *Simulator) breakageOf(st *stack, r *resource, phases ...string) *Broken {
	path := r.id
	for up := st; up.parent != nil; up = up.parent {
		path = up.logicalID + "/" + path
	}
	var acting *Broken
	for _, b := range s.broken {
		if b.Resource != path && !strings.HasSuffix("/"+path, "/"+b.Resource) || !slices.Contains(phases, b.When) {
			continue
		}
		b.seen++
		if b.seen <= b.Skip || b.Times > 0 && b.seen > b.Skip+b.Times || acting != nil {
			continue
		}
		acting = &b.Broken
	}
	return acting
}
