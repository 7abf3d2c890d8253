package checks

import (
	"slices"
	"strings"
)

// callerKeys are condition keys that hold a statement to callers of certain accounts, organisations or networks. Those of the
// source are not among them: they say for whom a service asks, not which service does. (IAM User Guide, global condition
// context keys.)
func callerKeys() []string {
	return []string{"aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:SourceOwner",
		"aws:SourceVpc", "aws:SourceVpce", "kms:CallerAccount"}
}

// checkServiceTrust holds each role to the services that resources hand it to, acting for this account: a service that acts
// for another account would else be a confused deputy. (IAM User Guide, the confused deputy problem.)
func checkServiceTrust(w *World, l *Looking) {
	const needed = "the service that uses the role, held to this account by aws:SourceAccount, aws:SourceArn or sts:ExternalId"
	id := w.Identity()
	everyAllow(w, l, needed, func(s *Statement) {
		if s.unknownPrincipal != "" {
			l.Look()
			l.Unsure(s.Policy.Source, s.Path+".Principal", needed, s.unknownPrincipal)
		}
		services := s.servicesNamed()
		for _, service := range services {
			l.Look()
			id.judgeTrusted(l, s, service, needed)
		}
		id.judgeGroup(l, s)
		if len(services) > 0 && !s.narrowed("aws:SourceAccount", "aws:SourceArn", "sts:ExternalId") {
			fault(l, s, "Exemptions", s.Path+".Condition", conditionsShown(s), needed, "add a condition with this account, or a reason under Metadata Exemptions")
		}
	}, TrustPolicy)
}

// judgeTrusted accepts CloudFormation, since its role is named when a stack is made, and whoever a resource hands the role.
func (id *Identity) judgeTrusted(l *Looking, s *Statement, service, needed string) {
	users := id.users[s.Policy.On]
	switch {
	case id.handedTo(s.Policy.On, service) || service == "cloudformation.amazonaws.com" && len(users) == 0:
	case len(users) == 0:
		l.Unsure(s.Policy.Source, s.Path+".Principal", needed, "no resource of the templates gives the role to "+service)
	default:
		fault(l, s, noExcuse, s.Path+".Principal", service, needed, "leave only "+users[0].service+", to which "+users[0].at.resource.Where()+" gives the role")
	}
}

// judgeGroup keeps the schedules of other groups off a role. (EventBridge Scheduler User Guide, confused deputy prevention.)
func (id *Identity) judgeGroup(l *Looking, s *Statement) {
	for _, use := range id.users[s.Policy.On] {
		if use.group == "" {
			continue
		}
		other := map[string][]string{"aws:sourceaccount": {id.account}, "aws:sourcearn": {use.group + "-other"}}
		if s.covers(question{action: "sts:assumerole", context: other}).tri == Yes {
			fault(l, s, noExcuse, s.Path+".Condition", conditionsShown(s), "a condition on aws:SourceArn with "+use.group, "add the schedule group as source")
		}
	}
}

// checkPeopleTrust holds roles that accounts or identity providers may assume to a condition.
func checkPeopleTrust(w *World, l *Looking) {
	const needed = "a condition on who assumes the role: a second factor, a role's ARN, an external ID"
	id := w.Identity()
	everyAllow(w, l, needed, func(s *Statement) {
		for _, who := range s.Principals {
			if who.Kind == servicePrincipal {
				continue
			}
			l.Look()
			keys := []string{"aws:MultiFactorAuthPresent", "aws:PrincipalArn", "aws:PrincipalTag/*", "aws:PrincipalOrgID", "sts:ExternalId"}
			switch {
			case who.Kind == "Federated" && !s.narrowed("*:aud"):
				keys = []string{"*:aud"} // a token that somebody was given for another purpose
			case who.Kind == "Federated":
				keys = []string{"*:sub", "*:amr", "SAML:aud"} // a provider of the world speaks for everybody; one of SAML for an organisation
			case who == anybody():
				keys = []string{"aws:PrincipalArn"}
			case who.account() != id.account:
				keys = []string{"sts:ExternalId", "aws:PrincipalArn"}
			case !who.isAccount():
				continue
			}
			if !s.narrowed(keys...) {
				fault(l, s, noExcuse, s.Path+".Principal", who.ID+", "+conditionsShown(s), needed, "add a condition on "+strings.Join(keys, " or "))
			}
		}
	}, TrustPolicy)
}

// checkAnybody holds policies that let anybody in to certain callers. A reason excuses endpoints alone, whose policies let
// nobody in by themselves: elsewhere exemptions are about conditions that a service cannot take.
func checkAnybody(w *World, l *Looking) {
	const needed = "principals by name, or a condition that holds callers to an account, a role or a network"
	everyAllow(w, l, needed, func(s *Statement) {
		l.Look()
		if s.unknownPrincipal != "" {
			l.Unsure(s.Policy.Source, s.Path+".Principal", needed, s.unknownPrincipal)
			return
		}
		if slices.Contains(s.Principals, asService("*")) {
			l.FailText(s.Policy.Source, s.Path+".Principal", "any service", "services by name", "name the service")
		}
		if named, _ := anybody().namedIn(s.Principals); named && !s.narrowed(callerKeys()...) {
			key := noExcuse
			if s.Policy.Kind == EndpointPolicy {
				key = "Exemptions"
			}
			fault(l, s, key, s.Path+".Principal", "*, "+conditionsShown(s), needed, "name who may, or add a condition such as aws:PrincipalAccount")
		}
	}, ResourcePolicy, EndpointPolicy)
}

// narrowedToOurs tells whether a condition on aws:SourceArn says the account as well. The ARN of a bucket does not: somebody
// else may have the name one day. (IAM User Guide, aws:SourceArn.)
func (s *Statement) narrowedToOurs() bool {
	return slices.ContainsFunc(s.Conditions, func(c Condition) bool {
		return c.narrows("aws:SourceArn") && !slices.ContainsFunc(c.Values.Texts, func(arn string) bool { return accountIn(arn) == "" })
	})
}

// checkServicesActForUs holds services that resource policies name to this account.
func checkServicesActForUs(w *World, l *Looking) {
	const needed = "a condition on aws:SourceAccount, an aws:SourceArn with the account or, for a key, the encryption context"
	everyAllow(w, l, needed, func(s *Statement) {
		services := s.servicesNamed()
		if len(services) == 0 {
			return
		}
		l.Look()
		if !s.narrowed("aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOwner", "kms:EncryptionContext:*") && !s.narrowedToOurs() {
			fault(l, s, "Exemptions", s.Path+".Condition", strings.Join(services, ", ")+", "+conditionsShown(s), needed,
				"add a condition with this account, or a reason under Metadata Exemptions")
		}
	}, ResourcePolicy)
}

// checkEndpointPolicies wants a policy on each endpoint: without one everything passes, for anybody, to any account. (AWS
// PrivateLink Guide, endpoint policies.)
func checkEndpointPolicies(w *World, l *Looking) {
	for _, r := range w.OfType("AWS::EC2::VPCEndpoint") {
		if kind := r.At("VpcEndpointType").String(); kind == "GatewayLoadBalancer" {
			continue
		}
		l.Look()
		if document := r.At("PolicyDocument"); !document.Exists() {
			l.Fail(r, "PolicyDocument", document, "a policy with the actions and resources that pass", "add a PolicyDocument")
		}
	}
}
