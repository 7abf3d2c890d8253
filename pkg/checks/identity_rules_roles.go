package checks

import "strings"

// checkPassRole keeps iam:PassRole to roles by name and services by name. (IAM User Guide, passing a role to a service.)
func checkPassRole(w *World, l *Looking) {
	const (
		roles = "ARNs of roles; for CloudFormation's role, which makes them, patterns that begin with a name"
		to    = "a condition on iam:PassedToService"
	)
	id := w.Identity()
	everyAllow(w, l, roles, func(s *Statement) {
		if !s.touches("iam:PassRole") {
			return
		}
		l.Look()
		unsureOf(l, s, roles, s.Resources)
		for i, resource := range s.Resources.Texts {
			_, name, _ := strings.Cut(resource, ":role/")
			if first := strings.IndexAny(name, "*?"); name == "" || first == 0 || first > 0 && !id.onlyDeploys(s.Policy) {
				fault(l, s, noExcuse, s.Resources.path(i), resource, roles, "name the roles")
			}
		}
		if !s.narrowed("iam:PassedToService") {
			fault(l, s, noExcuse, s.Path+".Condition", conditionsShown(s), to, "add StringEquals iam:PassedToService with the service that gets the role")
		}
	}, IdentityPolicy)
}

// onlyDeploys tells whether a policy belongs to CloudFormation's roles alone.
func (id *Identity) onlyDeploys(p *Policy) bool {
	for _, arn := range p.Roles {
		if !id.deploys(id.roles[arn]) {
			return false
		}
	}
	return len(p.Roles) > 0
}

// conditionsShown are a statement's conditions in one line.
func conditionsShown(s *Statement) string {
	var parts []string
	for _, c := range s.Conditions {
		parts = append(parts, c.Operator+" "+c.Key+" "+strings.Join(c.Values.Texts, ", "))
	}
	if len(parts) == 0 {
		return "no condition"
	}
	return strings.Join(parts, "; ")
}

func checkLogGroupCreation(w *World, l *Looking) {
	const needed = "log groups made by CloudFormation alone, with key and retention"
	id := w.Identity()
	everyAllow(w, l, needed, func(s *Statement) {
		l.Look()
		if !s.touches("logs:CreateLogGroup") || s.Policy.Kind == IdentityPolicy && id.onlyDeploys(s.Policy) {
			return
		}
		path := s.Actions.place.path
		for i, action := range s.Actions.Texts {
			if coversVariable(action, "logs:CreateLogGroup", true) {
				path = s.Actions.path(i)
			}
		}
		fault(l, s, noExcuse, path, strings.Join(s.Actions.Texts, ", "), needed, "remove logs:CreateLogGroup and declare the group")
	}, IdentityPolicy, ResourcePolicy)
}

// checkManagedPolicies reports policies of which the templates do not say what they allow.
func checkManagedPolicies(w *World, l *Looking) {
	const needed = "policies whose statements are in the templates"
	for _, role := range w.Identity().Roles {
		l.Look()
		known := map[string]bool{}
		for _, p := range role.Policies {
			known[arnOf(p.Source)] = true
		}
		for _, at := range placeOf(role.Resource).each("ManagedPolicyArns[]") {
			name := at.value.String()
			switch {
			case known[w.Identity().target(at.value)]:
			case strings.HasSuffix(name, "FullAccess") || strings.HasSuffix(name, "/AdministratorAccess") || strings.HasSuffix(name, "/PowerUserAccess"):
				l.Fail(role.Resource, at.path, at.value, needed, "write down the actions that are used")
			default:
				l.Unsure(role.Resource, at.path, needed, "what "+at.value.Show()+" allows is not in the templates")
			}
		}
	}
}
