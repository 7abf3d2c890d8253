package checks

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// Identity is who may do what in a world: all policies, and decisions as AWS takes them within one account. Policies that
// the templates do not hold, such as service control policies, are left out.
type Identity struct {
	// Policies are all policy documents, in stack and template order.
	Policies []*Policy
	// Roles are the roles and users, in stack and template order.
	Roles []*Role

	world                      *World
	account, region, partition string
	roles                      map[string]*Role               // by ARN
	on                         map[string][]*Policy           // trust and resource policies by the ARN that they protect
	declared                   map[string]*Resource           // what may have a resource policy, by ARN
	logs                       []*Policy                      // resource policies of CloudWatch Logs, which name the groups themselves
	gates                      map[string][]*Policy           // endpoint policies by the end of the service's name
	names                      map[string]string              // ARNs of roles and users by name
	aliases                    map[string]string              // ARNs of keys by alias
	users                      map[string][]roleUse           // who hands a role to a service, by the role's ARN
	obscure                    []string                       // ARNs of roles of which not all policies are known
	families                   map[string]*taskUse            // by family
	tasks                      []*taskUse                     // what task definitions use
	uses                       onceOf[map[string]*secretUse]  // who secrets are for, by ARN
	services                   onceOf[map[string]*Resource]   // ECS services by name
	encrypted                  onceOf[map[string][]encrypted] // what keys encrypt, by ARN
	mutex                      sync.Mutex                     // guards actions
	actions                    map[string]*actionIndex        // identity statements by action
}

// Role is a role or a user with its identity policies.
type Role struct {
	ARN      string
	Resource *Resource
	Policies []*Policy
	// Unknown is why not all of its policies are known.
	Unknown string

	boundary        *Policy
	unknownBoundary string
}

// Identity is the world's identity model, computed once.
func (w *World) Identity() *Identity {
	return w.models.identity.get(func() *Identity { return newIdentity(w) })
}

// Decision is the answer to whether a principal may do an action on a resource.
type Decision struct {
	// Allowed is Yes, No, or Maybe when it depends on what is not known.
	Allowed Tri
	// By are the statements that allow it, Denied those that deny it.
	By, Denied []*Statement
	// Why says in words why it is not allowed, or what it depends on.
	Why string
	// Unknown tells that values or policies are missing; otherwise a Maybe depends on the request.
	Unknown bool
}

// Grant is a principal that may do something.
type Grant struct {
	Principal Principal
	// Statements allow it.
	Statements []*Statement
	// Unknown is why it cannot be known whether they do; empty when they do, at least in some requests.
	Unknown string
}

// Can decides whether a principal may do an action on a resource. The context maps condition keys to values: a key with no
// values is absent from the request, a key that is left out may have any. What follows from the principal is added.
//
// An explicit deny wins; within the account an identity policy or a resource policy allows. Keys and the assuming of roles
// need the resource's policy, which may name the account and so leave it to identity policies. Services need the resource's
// policy. (IAM User Guide, policy evaluation logic; KMS Developer Guide, key policies.)
func (id *Identity) Can(who Principal, action, resource string, context map[string][]string) Decision {
	q := question{who, strings.ToLower(action), resource, id.contextOf(who, context)}
	own := id.identitySays(q)
	guarding, missing := id.policiesOn(resource)
	theirs := q.weigh(guarding)
	if missing != "" {
		theirs.itself = either(theirs.itself, unknownVerdict("the policy of "+missing+" is not in the templates"))
		theirs.account = either(theirs.account, theirs.itself)
	}
	denied := either(own.denied, theirs.denied)
	allowed := combine(q, own, theirs, missing != "" && id.elsewhere(q))
	d := Decision{By: append(own.by, theirs.by...), Denied: append(own.deniedBy, theirs.deniedBy...)}
	switch {
	case denied.tri == Yes:
		d.Why = "denied by " + d.Denied[0].String()
	case allowed.tri == No:
		d.Why = id.lacking(q, own, theirs)
	case denied.tri == Maybe:
		d.Allowed, d.Why, d.Unknown = Maybe, "it may be denied: "+denied.why, denied.unknown
	default:
		d.Allowed, d.Why, d.Unknown = allowed.tri, allowed.why, allowed.unknown
	}
	return d
}

// WhoCan lists who may do an action on a resource in some request: the roles of the world, and whom the resource's policies
// name, sorted.
func (id *Identity) WhoCan(action, resource string) []Grant {
	var grants []Grant
	for _, who := range id.candidates(action, resource) {
		d := id.Can(who, action, resource, nil)
		if d.Allowed == No {
			continue
		}
		g := Grant{Principal: who, Statements: d.By}
		if d.Allowed == Maybe && d.Unknown || len(d.By) == 0 {
			g.Unknown = d.Why
		}
		grants = append(grants, g)
	}
	slices.SortFunc(grants, func(a, b Grant) int {
		return cmp.Or(cmp.Compare(a.Principal.Kind, b.Principal.Kind), cmp.Compare(a.Principal.ID, b.Principal.ID))
	})
	return grants
}
