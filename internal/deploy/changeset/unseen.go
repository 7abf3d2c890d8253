package changeset

import (
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

// lost makes the report of a nested stack that goes with all that is in it, of which CloudFormation says nothing: what the deployed
// template declares. Resources whose condition does not hold are not there.
func (r *reviewer) lost(name string, l *level, retained bool) report.Stack {
	s := report.Stack{Name: name}
	if l.was == nil {
		s.Unknown = "the deployed template cannot be read, so that what goes with this nested stack is not known"
		return s
	}
	for _, id := range sorted(l.was.Resources) {
		declared := l.was.Resources[id]
		if !l.deployed().has(declared) {
			continue
		}
		change := declaredChange(id, declared, report.Delete)
		change.Why = "it goes with its stack"
		if change.PolicyAction = policy(nil, report.Delete, declared, declared); retained {
			change.PolicyAction = retains
		}
		if declared.Nested != nil {
			nested := r.lost(id, l.nested[id], retained || change.PolicyAction == retains)
			s.Nested = append(s.Nested, nested)
			change.Stateful = l.nested[id].was == nil
		}
		r.count(change)
		s.Changes = append(s.Changes, change)
	}
	return s
}

// suspects adds what may be lost in a nested stack that has no change set: everything with data that is there, as far as can be told, and
// that is not proved to stay as it is.
func (r *reviewer) suspects(s *report.Stack, l *level) {
	declared, stays := resources(l.was), resources(l.now)
	if l.was == nil {
		declared = stays
	}
	for _, id := range sorted(declared) {
		was, now := declared[id], stays[id]
		if l.was != nil && !l.deployed().has(was) {
			continue
		}
		if !l.planned().has(now) {
			now = source.Resource{}
		}
		change := declaredChange(id, was, report.Replace)
		change.Certainty, change.Why = report.Unknown, "nobody can tell: there is no change set, and its declaration or its inputs change"
		switch {
		case was.Nested != nil && now.Type != "" && !l.nested[id].untouched():
			nested := report.Stack{Name: id, Unknown: s.Unknown}
			r.suspects(&nested, l.nested[id])
			s.Nested = append(s.Nested, nested)
			continue
		case was.Nested != nil && now.Type == "":
			s.Nested = append(s.Nested, r.lost(id, l.nested[id], false))
			continue
		case !change.Stateful || l.resourceKept(id):
			continue
		case now.Type == "":
			change.Action, change.Certainty, change.Why = report.Delete, "", "it is not declared any more, or its condition does not hold any more"
		}
		change.PolicyAction = policy(nil, change.Action, now, was)
		r.count(change)
		s.Changes = append(s.Changes, change)
	}
}

func declaredChange(id string, declared source.Resource, action report.Action) report.Change {
	return report.Change{LogicalID: id, Type: declared.Type, Description: declared.Description, Action: action, Stateful: declared.Stateful}
}
