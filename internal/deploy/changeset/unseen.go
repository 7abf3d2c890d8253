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
		if holds, known := l.deployed().holds(l.was.Conditions[declared.Condition]); known && !holds {
			continue
		}
		change := declaredChange(id, declared, report.Delete)
		change.Why = "it goes with its stack"
		if change.PolicyAction = policy(nil, report.Delete, declared, declared); retained {
			change.PolicyAction = retains
		}
		if declared.Nested != nil {
			nested := r.lost(StackName(id), l.nested[id], retained || change.PolicyAction == retains)
			s.Nested = append(s.Nested, nested)
			change.Stateful = l.nested[id].was == nil
		}
		r.count(change)
		s.Changes = append(s.Changes, change)
	}
	return s
}

// suspects adds what may be lost in a nested stack that has no change set: everything with data that is not proved to stay as it is.
func (r *reviewer) suspects(s *report.Stack, l *level) {
	declared := resources(l.was)
	if l.was == nil {
		declared = resources(l.now)
	}
	for _, id := range sorted(declared) {
		was, now := declared[id], resources(l.now)[id]
		change := declaredChange(id, was, report.Replace)
		change.Certainty, change.Why = report.Unknown, "nobody can tell: there is no change set, and its declaration or its inputs change"
		switch {
		case was.Nested != nil && now.Type != "" && !l.nested[id].untouched():
			nested := report.Stack{Name: StackName(id), Unknown: s.Unknown}
			r.suspects(&nested, l.nested[id])
			s.Nested = append(s.Nested, nested)
			continue
		case was.Nested != nil && now.Type == "":
			s.Nested = append(s.Nested, r.lost(StackName(id), l.nested[id], false))
			continue
		case !change.Stateful || l.resourceKept(id):
			continue
		case now.Type == "":
			change.Action, change.Certainty, change.Why = report.Delete, "", "the template to be does not have it"
		}
		change.PolicyAction = policy(nil, change.Action, now, was)
		r.count(change)
		s.Changes = append(s.Changes, change)
	}
}

func declaredChange(id string, declared source.Resource, action report.Action) report.Change {
	return report.Change{LogicalID: id, Type: declared.Type, Description: declared.Description, Action: action, Stateful: declared.Stateful}
}
