package checks

import (
	"slices"
	"strings"
)

// everyAllow calls a judge with each statement that allows something in policies of the kinds given. A policy that is not
// known is unsure.
func everyAllow(w *World, l *Looking, needed string, judge func(s *Statement), kinds ...PolicyKind) {
	everyAllowIn(w, l, needed, judge, func(p *Policy) bool { return slices.Contains(kinds, p.Kind) })
}

// everyAllowIn is everyAllow for the policies chosen.
func everyAllowIn(w *World, l *Looking, needed string, judge func(s *Statement), chosen func(p *Policy) bool) {
	for _, p := range w.Identity().Policies {
		if !chosen(p) {
			continue
		}
		if p.Unknown != "" {
			l.Look()
			l.Unsure(p.Source, p.Path, needed, p.Unknown)
		}
		for _, s := range p.Statements {
			if s.allows() {
				judge(s)
			}
		}
	}
}

// noExcuse is the key of Metadata for faults that no reason excuses.
const noExcuse = ""

// fault reports a statement, or the reason that the template gives for it under a key of its Metadata.
func fault(l *Looking, s *Statement, key, path, found, needed, mend string) {
	if reason := s.excuse(key); key != noExcuse && reason != "" {
		l.Exempt(s.Policy.Source, path, found, needed, reason)
		return
	}
	l.FailText(s.Policy.Source, path, found, needed, mend)
}

// unsureOf reports elements of a statement whose values are not known.
func unsureOf(l *Looking, s *Statement, needed string, elements ...Patterns) {
	for _, e := range elements {
		if e.Unknown != "" {
			l.Unsure(s.Policy.Source, e.place.path, needed, e.Unknown)
		}
	}
}

func allKinds() []PolicyKind {
	return []PolicyKind{IdentityPolicy, TrustPolicy, ResourcePolicy, EndpointPolicy}
}

func checkWildcardActions(w *World, l *Looking) {
	const needed = "actions by their full names"
	everyAllow(w, l, needed, func(s *Statement) {
		l.Look()
		unsureOf(l, s, needed, s.Actions)
		for i, action := range s.Actions.Texts {
			if strings.ContainsAny(action, "*?") {
				fault(l, s, noExcuse, s.Actions.path(i), action, needed, "list the actions that are used")
			}
		}
	}, allKinds()...)
}

func checkAnyResource(w *World, l *Looking) {
	const needed = "the ARNs of the resources used, or a reason under Metadata AnyResource"
	everyAllowIn(w, l, needed, func(s *Statement) {
		l.Look()
		unsureOf(l, s, needed, s.Resources)
		for i, resource := range s.Resources.Texts {
			if isAnyResource(resource) || s.Policy.isOfLogs() && isAnyGroup(resource) {
				fault(l, s, "AnyResource", s.Resources.path(i), resource, needed, "name the resources; where AWS has no resource-level permission, give the Sid a reason")
			}
		}
	}, (*Policy).namesResources)
}

// namesResources tells whether * would stand for more in a policy than for the resource that has it.
func (p *Policy) namesResources() bool {
	switch p.Source.Type {
	case "AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", "AWS::Logs::ResourcePolicy":
		return true
	}
	return p.Kind == IdentityPolicy || p.Kind == EndpointPolicy
}

// isOfLogs tells whether a policy is one of CloudWatch Logs, which is about all log groups that it names.
func (p *Policy) isOfLogs() bool { return p.Source.Type == "AWS::Logs::ResourcePolicy" }

// isAnyGroup tells whether a pattern does not say the beginning of a log group's name.
func isAnyGroup(pattern string) bool {
	_, name, found := strings.Cut(pattern, ":log-group:")
	return found && strings.HasPrefix(name, "*")
}

// isAnyResource tells whether a pattern names neither an account nor a resource.
func isAnyResource(pattern string) bool {
	parts := strings.SplitN(pattern, ":", 6)
	if len(parts) < 6 {
		return strings.Contains(pattern, "*") && strings.Trim(strings.TrimPrefix(pattern, "arn:"), "*:") == "" || pattern == "*"
	}
	return strings.Trim(parts[4], "*") == "" && strings.Trim(parts[5], "*/:") == ""
}

func checkExclusions(w *World, l *Looking) {
	const needed = "a list of what is allowed"
	everyAllow(w, l, needed, func(s *Statement) {
		l.Look()
		report := func(element, found string) {
			fault(l, s, noExcuse, s.Path+"."+element, found, needed, "replace "+element+" by what it means to allow")
		}
		if s.NotActions.given() {
			report("NotAction", "everything but "+strings.Join(s.NotActions.Texts, ", "))
		}
		if s.NotResources.given() {
			report("NotResource", "everything but "+strings.Join(s.NotResources.Texts, ", "))
		}
		if len(s.NotPrincipals) > 0 {
			report("NotPrincipal", "everybody but "+s.NotPrincipals[0].String())
		}
	}, allKinds()...)
}

// checkComplete wants every element that IAM asks for, with at least one value: it refuses a policy without when the stack is
// deployed, and what an empty list was meant to say is lost. (IAM User Guide, JSON policy element reference.)
func checkComplete(w *World, l *Looking) {
	for _, p := range w.Identity().Policies {
		for _, s := range p.Statements {
			l.Look()
			for _, element := range s.missing() {
				l.FailText(p.Source, s.Path+"."+element, "nothing", "at least one value", "say what the statement is about")
			}
		}
	}
}

// missing are the elements that a statement lacks.
func (s *Statement) missing() []string {
	var list []string
	lacks := func(isMissing bool, element string) {
		if isMissing {
			list = append(list, element)
		}
	}
	lacks(!s.Actions.given() && !s.NotActions.given(), "Action")
	lacks(!s.Resources.given() && !s.NotResources.given() && s.Policy.Kind != TrustPolicy, "Resource")
	lacks(len(s.Principals)+len(s.NotPrincipals) == 0 && s.unknownPrincipal == "" && s.Policy.Kind != IdentityPolicy, "Principal")
	for _, c := range s.Conditions {
		lacks(!c.Values.given(), "Condition."+c.Operator+"."+c.Key)
	}
	return list
}

// checkConditionValues wants conditions that hold somebody off: a wildcard alone does not.
func checkConditionValues(w *World, l *Looking) {
	const needed = "values that say which: an account, a name, an ARN with an account"
	everyAllow(w, l, needed, func(s *Statement) {
		for _, c := range s.Conditions {
			l.Look()
			unsureOf(l, s, needed, c.Values)
			for i, value := range c.Values.Texts {
				if saysNothing(value) {
					l.FailText(s.Policy.Source, c.Values.path(i), c.Key+" "+value, needed, "name what you mean, or remove the condition")
				}
			}
		}
	}, allKinds()...)
}
