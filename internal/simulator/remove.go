package simulator

import (
	"slices"
	"strings"
)

// A removal deletes resources of a stack in the reverse order of their dependencies.
type removal struct {
	stack *stack
	left  []*resource
	// phase is Back for the rollback of a creation.
	phase string
	// replaced tells that UpdateReplacePolicy counts, not DeletionPolicy.
	replaced func(*resource) bool
	// retain are logical IDs that stay (DeleteStack, RetainResources); force keeps whatever cannot be deleted (DeletionMode).
	retain []string
	force  bool

	working map[*resource]bool
	failed  []string
	off     bool
	done    func(failed []string)
}

// remove begins a removal; a stack has one at a time.
func (s *Simulator) remove(st *stack, gone []*resource, m removal) {
	if st.removal != nil {
		st.removal.off = true
	}
	m.stack, m.left, m.working = st, slices.Clone(gone), map[*resource]bool{}
	st.removal = &m
	s.advanceRemoval(&m)
}

// advanceRemoval deletes all that nothing left needs any more. What failed is tried no more, and what it needs stays.
func (s *Simulator) advanceRemoval(m *removal) {
	for _, r := range slices.Clone(m.left) {
		if !m.off && slices.Contains(m.left, r) && !m.working[r] && !slices.Contains(m.failed, r.id) && !m.wanted(r) {
			s.discard(m, r)
		}
	}
	if len(m.working) == 0 && !m.off && (len(m.left) == 0 || !slices.ContainsFunc(m.left, func(r *resource) bool { return !slices.Contains(m.failed, r.id) && !m.wanted(r) })) {
		m.off = true
		slices.Sort(m.failed)
		m.done(m.failed)
	}
}

// wanted tells whether something that is not yet deleted depends on a resource.
func (m *removal) wanted(r *resource) bool {
	return slices.ContainsFunc(m.left, func(other *resource) bool { return other != r && slices.Contains(other.needs, r.id) })
}

// policy is what becomes of a resource: Delete, Retain or Snapshot (Template reference, "DeletionPolicy attribute", "UpdateReplacePolicy
// attribute"). A database cluster without a policy gets a snapshot.
func (m *removal) policy(r *resource) string {
	policy := r.deletion
	if m.replaced != nil && m.replaced(r) {
		policy = r.replacing
	}
	switch {
	case slices.Contains(m.retain, r.id):
		return "Retain"
	case policy == "RetainExceptOnCreate" && m.phase != Back:
		return "Retain"
	case policy == "" && (r.typ == "AWS::RDS::DBCluster" || r.typ == "AWS::RDS::DBInstance" && r.properties["DBClusterIdentifier"] == nil):
		return "Snapshot"
	}
	return policy
}

// discard deletes one resource.
func (s *Simulator) discard(m *removal, r *resource) {
	st := m.stack
	switch policy := m.policy(r); {
	case !r.made && r.nested == nil:
		s.tell(st, r, "DELETE_COMPLETE", "", "")
		m.gone(s, r)
		return
	case policy == "Retain":
		s.tell(st, r, "DELETE_SKIPPED", "", "")
		m.gone(s, r)
		return
	case policy == "Snapshot":
		s.finalSnapshot(st, r)
	}
	m.working[r] = true
	s.tell(st, r, "DELETE_IN_PROGRESS", "", "")
	s.leaving(r)
	over := func(reason string) { s.deleted(m, r, reason) }
	if r.nested != nil {
		s.deleteStack(r.nested, deletion{force: m.force}, func(ok bool) {
			reason := ""
			if !ok {
				reason = "Embedded stack " + r.nested.arn + " was not successfully deleted: " + r.nested.reason
			}
			over(reason)
		})
		return
	}
	took, reason := s.durations.of(r.typ, "DELETE").Took, ""
	phases := []string{Deletion}
	if m.phase == Back {
		phases = append(phases, Back)
	}
	if b := s.breakageOf(st, r, phases...); b != nil {
		if reason = b.Reason; b.After > 0 {
			took = b.After
		}
		if b.Stuck {
			return
		}
	}
	s.schedule.at(s.present().Add(took), func() {
		if reason == "" {
			reason = s.obstacle(r)
		}
		over(reason)
	})
}

// deleted takes the end of a deletion.
func (s *Simulator) deleted(m *removal, r *resource, reason string) {
	if m.off {
		return
	}
	delete(m.working, r)
	switch {
	case reason != "" && m.force:
		s.tell(m.stack, r, "DELETE_SKIPPED", reason, "")
		m.gone(s, r)
		return
	case reason != "":
		s.tell(m.stack, r, "DELETE_FAILED", reason, "")
		m.failed = append(m.failed, r.id)
	default:
		s.tell(m.stack, r, "DELETE_COMPLETE", "", "")
		s.vanish(r)
		m.gone(s, r)
		return
	}
	s.advanceRemoval(m)
}

// gone takes a resource out of the removal and its stack.
func (m *removal) gone(s *Simulator, r *resource) {
	m.left = slices.DeleteFunc(m.left, func(other *resource) bool { return other == r })
	if m.stack.resources[r.id] == r {
		delete(m.stack.resources, r.id)
	}
	if m.replaced == nil {
		m.stack.gone[r.id] = r
	}
	s.advanceRemoval(m)
}

// deletion are the options of deleting a stack.
type deletion struct {
	retain []string
	force  bool
}

// deleteStack deletes a stack and all in it.
func (s *Simulator) deleteStack(st *stack, d deletion, done func(bool)) {
	s.callOff(st)
	s.unprepare(st)
	s.newOperation(st, "DELETE_STACK")
	s.set(st, "DELETE_IN_PROGRESS", "User Initiated")
	gone := append(s.all(st), st.garbage...)
	st.garbage = nil
	s.remove(st, gone, removal{phase: Deletion, retain: d.retain, force: d.force, done: func(failed []string) {
		if len(failed) > 0 {
			s.set(st, "DELETE_FAILED", "The following resource(s) failed to delete: ["+strings.Join(failed, ", ")+"]. ")
		} else {
			st.deleted = s.present()
			s.set(st, "DELETE_COMPLETE", "")
			if s.stacks.live[st.name] == st {
				delete(s.stacks.live, st.name)
			}
		}
		if done != nil {
			done(len(failed) == 0)
		}
	}})
}

// callOff ends what is under way in a stack without a word: its deletion takes over.
func (s *Simulator) callOff(st *stack) {
	if st.run == nil {
		return
	}
	for id, w := range st.run.working {
		w.off = true
		if n := st.resources[id].nested; n != nil {
			s.callOff(n)
		}
	}
	st.run = nil
}

// cleanUp deletes what an update replaced or removed, in a stack and those nested in it. What cannot be deleted is left: the update
// counts as done.
func (s *Simulator) cleanUp(st *stack, end string, done func()) {
	open, kept := 1, false
	over := func() {
		if open--; open > 0 {
			return
		}
		st.stable = nil
		s.set(st, end, map[bool]string{true: "Update successful. One or more resources could not be deleted."}[kept])
		if done != nil {
			done()
		}
	}
	for _, r := range s.all(st) {
		if n := r.nested; n != nil && strings.HasSuffix(n.status, "_CLEANUP_IN_PROGRESS") {
			open++
			s.cleanUp(n, strings.TrimSuffix(n.status, "_CLEANUP_IN_PROGRESS"), over)
		}
	}
	garbage := st.garbage
	st.garbage = nil
	s.remove(st, garbage, removal{phase: Deletion, replaced: func(r *resource) bool { return st.resources[r.id] != nil }, done: func(failed []string) {
		kept = len(failed) > 0
		over()
	}})
}
