package checks

import (
	"slices"
	"strings"
)

// actionIndex are the identity statements that allow an action: those with exact resources by the resource, those with all
// below a resource by that, and the others.
type actionIndex struct {
	exact, below map[string][]*Statement
	open         []*Statement
}

// statementsFor indexes the identity statements for an action, once.
func (id *Identity) statementsFor(action string) *actionIndex {
	id.mutex.Lock()
	defer id.mutex.Unlock()
	action = strings.ToLower(action)
	if known := id.actions[action]; known != nil {
		return known
	}
	index := &actionIndex{exact: map[string][]*Statement{}, below: map[string][]*Statement{}}
	for _, p := range id.Policies {
		if p.Kind != IdentityPolicy {
			continue
		}
		for _, s := range p.Statements {
			if s.allows() && s.coversAction(action).tri != No {
				index.add(s)
			}
		}
	}
	id.actions[action] = index
	return index
}

func (x *actionIndex) add(s *Statement) {
	if s.NotResources.given() || s.Resources.Unknown != "" || slices.ContainsFunc(s.Resources.Texts, isOpen) {
		x.open = append(x.open, s)
		return
	}
	for _, text := range s.Resources.Texts {
		if front, ok := strings.CutSuffix(text, "*"); ok {
			x.below[front] = append(x.below[front], s)
		} else {
			x.exact[text] = append(x.exact[text], s)
		}
	}
}

// isOpen tells whether a pattern is neither exact nor all below a resource, such as arn:...:log-group:name:*.
func isOpen(text string) bool {
	front, all := strings.CutSuffix(text, "*")
	return strings.ContainsAny(front, "*?$") || all && !strings.HasSuffix(front, ":") && !strings.HasSuffix(front, "/")
}

// matching are the statements that may cover a resource.
func (x *actionIndex) matching(resource string) []*Statement {
	found := slices.Clone(x.exact[resource])
	for i, c := range resource {
		if c == ':' || c == '/' {
			found = append(found, x.below[resource[:i+1]]...)
		}
	}
	for _, s := range x.open {
		if s.coversResource(resource).tri != No {
			found = append(found, s)
		}
	}
	return found
}

// candidates are the principals that some policy could let do an action on a resource.
func (id *Identity) candidates(action, resource string) []Principal {
	var list []Principal
	seen := map[Principal]bool{}
	add := func(who Principal) {
		if !seen[who] {
			seen[who] = true
			list = append(list, who)
		}
	}
	for _, s := range id.statementsFor(action).matching(resource) {
		addRoles(add, s)
	}
	for _, arn := range id.obscure {
		add(Principal{awsPrincipal, arn})
	}
	guarding, _ := id.policiesOn(resource)
	for _, p := range guarding {
		for _, s := range p.Statements {
			if s.allows() && s.coversAction(action).tri != No {
				id.addNamed(add, s)
			}
		}
	}
	return list
}

func addRoles(add func(Principal), s *Statement) {
	for _, arn := range s.Policy.Roles {
		add(Principal{awsPrincipal, arn})
	}
}

// addNamed adds whom a statement of a resource's policy names; one that names anybody may also let any role.
func (id *Identity) addNamed(add func(Principal), s *Statement) {
	for _, who := range s.Principals {
		if !who.isAccount() || who.account() != id.account {
			add(who)
		}
	}
	if len(s.NotPrincipals) > 0 {
		add(anybody())
	}
	if len(s.NotPrincipals) > 0 || slices.Contains(s.Principals, anybody()) {
		for _, role := range id.Roles {
			add(Principal{awsPrincipal, role.ARN})
		}
	}
}
