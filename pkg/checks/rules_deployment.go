package checks

import (
	"slices"
	"strings"
)

// deploymentRules prove that CloudFormation's role may do what the stacks take, and nothing else.
func deploymentRules() []Rule {
	return []Rule{
		{ID: "DEP001", Title: "CloudFormation's role may do what the resources of its stacks take", Requirements: []string{"R16"}, PCI: []string{"7.2.2"}, Severity: Medium, Check: checkDeployerMay},
		{ID: "DEP002", Title: "CloudFormation's role may do nothing that no resource of its stacks takes", Requirements: []string{"R16"}, PCI: []string{"7.2.2", "7.2.5"}, Severity: High, Check: checkDeployerNeeds},
		{ID: "DEP003", Title: "CloudFormation's role changes neither itself nor what stands before its stacks", Requirements: []string{"R16"}, PCI: []string{"7.2.2", "7.2.5"}, Severity: Critical, Check: checkDeployerKeepsOff},
		{ID: "DEP004", Title: "CloudFormation's role acts in its region only", Requirements: []string{"R16", "R22"}, PCI: []string{"7.2.2"}, Severity: Medium, Check: checkDeployerRegion},
	}
}

// checkDeployerMay asks for each action of each handler. (CloudFormation User Guide, AWS CloudFormation service role; handlers of
// resource types: CloudFormation CLI User Guide, resource type schema.)
func checkDeployerMay(w *World, l *Looking) {
	for _, d := range w.deployers() {
		if d.unknown != "" && len(d.own) > 0 {
			l.Look()
			l.Unsure(d.role.Resource, "", "all policies of CloudFormation's role", d.unknown)
			continue
		}
		told := map[string]bool{}
		for _, s := range d.own {
			for _, r := range s.Resources {
				l.Look()
				d.judgeHandlers(l, r, told)
			}
		}
	}
}

// judgeHandlers reports the first resource of a type for which an action is not allowed: one statement mends them all.
func (d *deployer) judgeHandlers(l *Looking, r *Resource, told map[string]bool) {
	subject := d.subject(r)
	if subject == nil {
		if !told[r.Type] {
			l.Unsure(r, "", "what CloudFormation's role may do for a "+r.Type, "what CloudFormation calls for a "+r.Type+" is not known here")
		}
		told[r.Type] = true
		return
	}
	for _, a := range subject.of.actions {
		called := subject.called(a)
		if called.tri == No {
			continue
		}
		for _, request := range subject.requests(a) {
			allowed := d.may(request)
			if allowed.tri != No && !allowed.unknown || told[r.Type+a.name] {
				continue
			}
			told[r.Type+a.name] = true
			needed := asRole(d.role.ARN).String() + " may " + a.name + " on " + request.resource + ", which CloudFormation calls for a " + r.Type
			switch {
			case allowed.tri == No && called.tri == Yes:
				l.FailText(r, "", d.role.Resource.Where()+" may not "+a.name, needed, "allow it in a policy of the role")
			case allowed.tri == No:
				l.Unsure(r, "", needed, "whether it is called depends on what is not known: "+called.why)
			default:
				l.Unsure(r, "", needed, allowed.why)
			}
		}
	}
}

// checkDeployerNeeds wants a resource for each action, in whatever branch of the templates: a role that makes roles can do what it
// likes with whatever else it may.
func checkDeployerNeeds(w *World, l *Looking) {
	const needed = "actions that CloudFormation calls for the types of resources in the templates"
	for _, d := range w.deployers() {
		if len(d.own) == 0 {
			continue
		}
		taken, unknown := d.taken()
		for _, p := range d.role.Policies {
			for _, s := range p.Statements {
				if !s.allows() {
					continue
				}
				l.Look()
				d.judgeHeld(l, s)
				for i, action := range s.Actions.Texts {
					switch {
					case taken[strings.ToLower(action)] || strings.ContainsAny(action, "*?$"):
					case unknown != "":
						l.Unsure(p.Source, s.Actions.path(i), needed, "what CloudFormation calls for a "+unknown+" is not known here")
					default:
						l.FailText(p.Source, s.Actions.path(i), action, needed, "remove the action")
					}
				}
			}
		}
	}
}

// taken are the actions that the resources of the role's own stacks take, and a type of which it is not known.
func (d *deployer) taken() (actions map[string]bool, unknown string) {
	actions = map[string]bool{}
	for action := range d.tables.any {
		actions[strings.ToLower(action)] = true
	}
	for _, s := range d.own {
		resources := s.Template.section("Resources")
		for i, id := range resources.keysOrNone() {
			kind := resources.items[i].field("Type").scalar()
			of := d.tables.types[kind]
			if of == nil {
				unknown = kind
				continue
			}
			subject := s.subjectOf(d, id)
			for _, a := range of.actions {
				if !actions[a.key] && d.mayTake(subject, resources.items[i].field("Properties"), a) {
					actions[a.key] = true
				}
			}
		}
	}
	return actions, unknown
}

// subjectOf is a resource of the stack; nil if it does not exist under these conditions.
func (s *Stack) subjectOf(d *deployer, id string) *deploySubject {
	if r := s.byID[id]; r != nil {
		return d.subject(r)
	}
	return nil
}

// mayTake tells whether a resource takes an action; of one that does not exist, whether it would have the property for it.
func (d *deployer) mayTake(subject *deploySubject, properties *expression, a deploymentAction) bool {
	when := d.tables.when(a)
	switch {
	case when == calledNever:
		return false
	case when == calledGranted || when == calledAlways || when == "":
		return true
	case subject != nil:
		return subject.called(a).tri != No
	}
	return slices.ContainsFunc(strings.Split(when, "|"), func(alternative string) bool {
		end := strings.IndexAny(alternative+".", ".[~")
		return properties.field(alternative[:end]) != nil
	})
}

// judgeHeld wants the condition that holds an action on what has no name to what the resources are for.
func (d *deployer) judgeHeld(l *Looking, s *Statement) {
	for _, action := range s.Actions.Texts {
		key := d.tables.held[action]
		if key == "" || slices.ContainsFunc(s.Conditions, func(c Condition) bool {
			return strings.EqualFold(c.Key, key) && c.holds(map[string][]string{c.key: {"-"}}).tri == No
		}) {
			continue
		}
		l.FailText(s.Policy.Source, s.Path+".Condition", conditionsShown(s), "a condition on "+key+" with the values that the resources have",
			"add StringEquals "+key)
		return
	}
}
