package checks

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// PolicyKind says what a policy is about.
type PolicyKind string

// The kinds of policies.
const (
	// IdentityPolicy says what the roles may do that have it.
	IdentityPolicy PolicyKind = "identity"
	// TrustPolicy says who may assume a role.
	TrustPolicy PolicyKind = "trust"
	// ResourcePolicy says who may do what with a resource.
	ResourcePolicy PolicyKind = "resource"
	// EndpointPolicy says what may pass a VPC endpoint.
	EndpointPolicy PolicyKind = "endpoint"
)

// Policy is a decoded policy document.
type Policy struct {
	Kind PolicyKind
	// Source is the resource that holds the document, at Path below its properties.
	Source *Resource
	Path   string
	// Statements are in the document's order.
	Statements []*Statement
	// Roles are the ARNs of the roles that have an identity policy.
	Roles []string
	// On is the ARN of the resource that a trust or resource policy protects, or the service of an endpoint.
	On string
	// Unknown is why the document, or a part of it, is not known.
	Unknown string

	// maybe is why it is not known whether there is such a policy, where what it is on may be there without.
	maybe string
}

// Statement is one statement of a policy.
type Statement struct {
	Policy *Policy
	// Path leads to it below the properties of the policy's Source.
	Path        string
	Sid, Effect string
	// Principals are those named; NotPrincipals those left out.
	Principals, NotPrincipals                    []Principal
	Actions, NotActions, Resources, NotResources Patterns
	Conditions                                   []Condition

	unknownPrincipal string
}

// String names the statement and where it is.
func (s *Statement) String() string {
	if s.Sid == "" {
		return s.Policy.Source.Where() + " " + s.Path
	}
	return s.Policy.Source.Where() + " " + s.Sid
}

func (s *Statement) allows() bool { return s.Effect == "Allow" }

// excuse is the reason that the template gives for a statement, under a key of Metadata.
func (s *Statement) excuse(key string) string {
	return s.Policy.Source.Metadata.At(key).fields[s.Sid].String()
}

// newPolicy decodes a document, which may also be written as a JSON text.
func newPolicy(kind PolicyKind, document place) *Policy {
	p := &Policy{Kind: kind, Source: document.resource, Path: document.path}
	if text := document.value.String(); text != "" {
		var content any
		if err := json.Unmarshal([]byte(text), &content); err != nil {
			p.Unknown = "the policy is no JSON: " + err.Error()
		}
		document.value, document.source = valueOf(content), nil
	}
	if why := document.value.Unknown(); why != "" {
		p.Unknown = why
	}
	statements := document.field("Statement")
	for _, at := range statements.items() {
		if why := at.value.Unknown(); why != "" {
			p.Unknown = why
			continue
		}
		s := newStatement(p, at)
		if s.Effect != "Allow" && s.Effect != "Deny" {
			p.Unknown = "the effect of statement " + at.path + " is " + at.field("Effect").value.Show()
			continue
		}
		p.Statements = append(p.Statements, s)
	}
	return p
}

// valueOf is a decoded JSON value.
func valueOf(content any) Value {
	switch v := content.(type) {
	case map[string]any:
		fields := map[string]Value{}
		for key, item := range v {
			fields[key] = valueOf(item)
		}
		return mapOf(fields)
	case []any:
		list := make([]Value, len(v))
		for i, item := range v {
			list[i] = valueOf(item)
		}
		return listOf(list)
	case bool:
		return truth(v)
	case nil:
		return Value{}
	}
	return Text(fmt.Sprint(content))
}

func newStatement(p *Policy, at place) *Statement {
	s := &Statement{Policy: p, Path: at.path, Sid: at.field("Sid").value.String(), Effect: at.field("Effect").value.String(),
		Actions: patternsOf(at.field("Action")), NotActions: patternsOf(at.field("NotAction")),
		Resources: patternsOf(at.field("Resource")), NotResources: patternsOf(at.field("NotResource"))}
	s.Principals = s.principals(at.field("Principal").value)
	s.NotPrincipals = s.principals(at.field("NotPrincipal").value)
	conditions := at.field("Condition")
	if why := conditions.value.Unknown(); why != "" {
		s.Conditions = append(s.Conditions, Condition{Values: Patterns{Unknown: why}})
	}
	for _, operator := range conditions.keys() {
		for _, key := range conditions.field(operator).keys() {
			values := conditions.field(operator).field(key)
			s.Conditions = append(s.Conditions, newCondition(operator, key, values))
		}
	}
	return s
}

func (s *Statement) principals(v Value) []Principal {
	if text := v.String(); text != "" {
		return []Principal{{awsPrincipal, text}}
	}
	if why := v.anyUnknown(); why != "" {
		s.unknownPrincipal = why
	}
	var list []Principal
	for _, kind := range v.Keys() {
		for _, id := range v.fields[kind].Texts() {
			list = append(list, Principal{kind, id})
		}
	}
	return list
}

// concerns tells whether the statement is about a principal: itself, or only its account, which then decides by identity
// policies. Identity policies are about whoever has them.
func (s *Statement) concerns(p Principal) (itself, account verdict) {
	if s.Policy.Kind == IdentityPolicy {
		return certain(), impossible()
	}
	named, itsAccount := p.namedIn(s.Principals)
	itself, account = yesIf(named), yesIf(itsAccount)
	if len(s.NotPrincipals) > 0 {
		named, itsAccount = p.namedIn(s.NotPrincipals)
		itself = yesIf(!named && !itsAccount)
	}
	if s.unknownPrincipal != "" {
		itself = either(itself, unknownVerdict(s.unknownPrincipal))
	}
	return itself, account
}

// covers tells whether the statement is about an action on a resource in a request's context.
func (s *Statement) covers(q question) verdict {
	answer := s.coversAction(q.action)
	if answer.tri == No {
		return answer
	}
	if answer = both(answer, s.coversResource(q.resource)); answer.tri == No {
		return answer
	}
	for _, c := range s.Conditions {
		answer = both(answer, c.holds(q.context))
	}
	return answer
}

func (s *Statement) coversAction(action string) verdict {
	if s.NotActions.given() {
		return opposite(s.NotActions.match(action, true))
	}
	return s.Actions.match(action, true)
}

// coversResource takes a missing Resource for any in trust policies, which have none; elsewhere for none.
func (s *Statement) coversResource(resource string) verdict {
	switch {
	case s.NotResources.given():
		return opposite(s.NotResources.match(resource, false))
	case s.Resources.given():
		return s.Resources.match(resource, false)
	}
	return yesIf(s.Policy.Kind == TrustPolicy)
}

func opposite(v verdict) verdict {
	switch v.tri {
	case Yes:
		return impossible()
	case No:
		return certain()
	}
	return v
}

// narrowed tells whether a condition of the statement holds it to certain values of one of the keys.
func (s *Statement) narrowed(keys ...string) bool {
	return slices.ContainsFunc(s.Conditions, func(c Condition) bool { return c.narrows(keys...) })
}

// touches tells whether one of the actions given is among those that the statement is about.
func (s *Statement) touches(actions ...string) bool {
	return slices.ContainsFunc(actions, func(a string) bool { return s.coversAction(a).tri != No })
}

// servicesNamed are the service principals of a statement.
func (s *Statement) servicesNamed() []string {
	var names []string
	for _, p := range s.Principals {
		if p.Kind == servicePrincipal {
			names = append(names, strings.ToLower(p.ID))
		}
	}
	return names
}
