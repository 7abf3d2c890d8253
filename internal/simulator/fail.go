package simulator

import (
	"slices"
	"strings"
)

// failure names what failed, in CloudFormation's words.
func (r *run) failure(verb string) string {
	slices.Sort(r.failed)
	return "The following resource(s) failed to " + verb + ": [" + strings.Join(r.failed, ", ") + "]. "
}

// fail ends a run that was halted, and goes back unless told otherwise.
func (s *Simulator) fail(r *run) {
	st := r.stack
	st.run = nil
	reason := r.halted
	if len(r.failed) > 0 {
		reason = r.failure(map[bool]string{true: "create", false: "update"}[r.doing == "CREATE"])
	}
	switch {
	case r.rolling:
		s.set(st, "UPDATE_ROLLBACK_FAILED", reason)
		r.report(false)
	case r.keep || r.onFailure == "DO_NOTHING":
		for _, other := range s.all(st) {
			if n := other.nested; n != nil && n.status == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS" {
				s.set(n, "UPDATE_COMPLETE", "")
			}
		}
		s.set(st, r.doing+"_FAILED", reason)
		r.report(false)
	case r.doing == "UPDATE":
		s.back(st, reason, nil)
		r.report(false)
	case r.onFailure == "DELETE":
		s.deleteStack(st, deletion{}, func(bool) { r.report(false) })
	default:
		if st.parent == nil {
			reason += "Rollback requested by user."
		}
		s.undo(st, reason, func(bool) { r.report(false) })
	}
}

// undo deletes what a failed creation made; the stack remains, and can only be deleted.
func (s *Simulator) undo(st *stack, reason string, done func(bool)) {
	s.unprepare(st)
	s.set(st, "ROLLBACK_IN_PROGRESS", reason)
	s.remove(st, s.all(st), removal{phase: Back, done: func(failed []string) {
		if len(failed) > 0 {
			s.set(st, "ROLLBACK_FAILED", "The following resource(s) failed to delete: ["+strings.Join(failed, ", ")+"]. ")
		} else {
			s.set(st, "ROLLBACK_COMPLETE", "")
		}
		if done != nil {
			done(len(failed) == 0)
		}
	}})
}

func (s *Simulator) all(st *stack) []*resource {
	var all []*resource
	for _, id := range sortedKeys(st.resources) {
		all = append(all, st.resources[id])
	}
	return all
}
