package checks

import "strings"

// question is a request as policies see it.
type question struct {
	who              Principal
	action, resource string
	context          map[string][]string
}

// tally is what a set of policies says to a question.
type tally struct {
	itself, account, denied verdict
	by, deniedBy            []*Statement
}

// contextOf adds the keys that follow from who asks. (IAM User Guide, global condition context keys.)
func (id *Identity) contextOf(who Principal, given map[string][]string) map[string][]string {
	context := map[string][]string{"aws:requestedregion": {id.region}}
	switch {
	case who == anybody():
		const elsewhere = "999999999999"
		context["aws:principalaccount"], context["kms:calleraccount"] = []string{elsewhere}, []string{elsewhere}
		context["aws:principalarn"] = []string{"arn:aws:iam::" + elsewhere + ":role/anybody"}
	case who.Kind == servicePrincipal:
		context["aws:principalarn"], context["aws:principalaccount"] = nil, nil
		context["aws:principalisawsservice"], context["aws:principalservicename"] = []string{"true"}, []string{who.ID}
	default:
		context["aws:principalarn"], context["aws:principalisawsservice"] = []string{who.ID}, []string{"false"}
		context["aws:principalaccount"], context["kms:calleraccount"] = []string{who.account()}, []string{who.account()}
	}
	for key, values := range given {
		context[strings.ToLower(key)] = values
	}
	return context
}

// elsewhere tells whether a resource may belong to another account, so that both sides must allow.
func (id *Identity) elsewhere(q question) bool {
	parts := strings.Split(q.resource, ":")
	return len(parts) > 5 && parts[4] != q.who.account()
}

// combine joins what the principal's and the resource's policies say.
func combine(q question, own, theirs tally, elsewhere bool) verdict {
	switch {
	case q.who.Kind == servicePrincipal || q.who == anybody():
		return theirs.itself
	case elsewhere:
		return both(theirs.itself, own.itself)
	case strings.HasPrefix(q.action, "kms:") || strings.HasPrefix(q.action, "sts:assume"):
		return either(theirs.itself, both(theirs.account, own.itself))
	}
	return either(theirs.itself, own.itself)
}

// lacking names the policy that would have to allow it.
func (id *Identity) lacking(q question, own, theirs tally) string {
	resources := "its resource policy does"
	switch {
	case strings.HasPrefix(q.action, "kms:"):
		resources = "the key policy does"
	case strings.HasPrefix(q.action, "sts:assume"):
		resources = "the trust policy does"
	case q.who.Kind != servicePrincipal:
		return "no policy of " + q.who.String() + " allows it"
	}
	if own.itself.tri == No && theirs.account.tri != No && q.who.Kind != servicePrincipal {
		return "no policy of " + q.who.String() + " allows it"
	}
	return resources + " not allow it"
}

// identitySays weighs the identity policies of a role, within its permissions boundary.
func (id *Identity) identitySays(q question) tally {
	role := id.roles[q.who.ID]
	if role == nil {
		if q.who.Kind == awsPrincipal && q.who != anybody() {
			return tally{itself: unknownVerdict(q.who.ID + " is not in the templates")}
		}
		return tally{}
	}
	says := q.weigh(role.Policies)
	if role.Unknown != "" {
		says.itself = either(says.itself, unknownVerdict(role.Unknown))
	}
	if role.boundary != nil {
		limit := q.weigh([]*Policy{role.boundary})
		says.itself, says.denied = both(says.itself, limit.itself), either(says.denied, limit.denied)
		says.deniedBy = append(says.deniedBy, limit.deniedBy...)
	}
	if role.unknownBoundary != "" {
		says.itself = both(says.itself, unknownVerdict(role.unknownBoundary))
	}
	return says
}

// weigh asks every statement of some policies.
func (q question) weigh(policies []*Policy) tally {
	var t tally
	for _, p := range policies {
		if p.Unknown != "" {
			t.itself = either(t.itself, unknownVerdict(p.Unknown))
		}
		for _, s := range p.Statements {
			t.add(s, q)
		}
	}
	return t
}

func (t *tally) add(s *Statement, q question) {
	itself, account := s.concerns(q.who)
	if itself.tri == No && account.tri == No {
		return
	}
	covered := s.covers(q)
	if s.Policy.maybe != "" {
		covered = both(covered, unknownVerdict(s.Policy.maybe))
	}
	if covered.tri == No {
		return
	}
	if !s.allows() {
		t.denied = either(t.denied, both(either(itself, account), covered))
		if t.denied.tri == Yes {
			t.deniedBy = append(t.deniedBy, s)
		}
		return
	}
	t.itself, t.account = either(t.itself, both(itself, covered)), either(t.account, both(account, covered))
	t.by = append(t.by, s)
}

// Through decides whether the endpoints of a service, such as secretsmanager or ecr.api, let a request pass. It is Yes
// where there is none.
func (id *Identity) Through(service string, who Principal, action, resource string, context map[string][]string) Decision {
	d := Decision{Allowed: Yes}
	for _, gate := range id.gates[service] {
		q := question{who, strings.ToLower(action), resource, id.contextOf(who, context)}
		says := q.weigh([]*Policy{gate})
		d.By = append(d.By, says.by...)
		switch {
		case says.denied.tri == Yes || says.itself.tri == No:
			return Decision{Denied: says.deniedBy, Why: "the policy of the endpoint " + gate.Source.Where() + " does not allow it"}
		case says.itself.tri == Maybe || says.denied.tri == Maybe:
			v := both(says.itself, opposite(says.denied))
			d.Allowed, d.Why, d.Unknown = Maybe, v.why, v.unknown
		}
	}
	return d
}

// policiesOn are the policies that protect a resource, and what has them that is not in the templates, if that is so.
func (id *Identity) policiesOn(resource string) (policies []*Policy, missing string) {
	parts := strings.SplitN(resource, ":", 6)
	if len(parts) < 6 {
		return nil, ""
	}
	owner := resource
	switch parts[2] {
	case "logs":
		return id.logs, ""
	case "s3":
		owner, _, _ = strings.Cut(resource, "/")
	case "kms", "sns", "sqs", "secretsmanager", "ecr", "iam":
	default:
		return nil, ""
	}
	guards := id.on[owner]
	if id.declared[owner] != nil || len(guards) > 0 || id.managedByService(owner) {
		return guards, ""
	}
	return nil, owner
}

// managedByService tells whether a secret is one that RDS made for a database: it has no policy of ours.
func (id *Identity) managedByService(secret string) bool {
	r := id.world.index[secret]
	return r != nil && r.Type == "AWS::RDS::DBCluster"
}
