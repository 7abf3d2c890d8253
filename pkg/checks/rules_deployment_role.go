package checks

import (
	"slices"
	"strings"
)

// deployer is a role that CloudFormation acts as, with what it may do and the stacks that it is for.
type deployer struct {
	id             *Identity
	tables         *deploymentTables
	role           *Role
	allows, denies *statementsByAction
	// limits are the statements of the permissions boundary that allow.
	limits *statementsByAction
	// unknown is why not all of its policies are known.
	unknown string
	// own are the stacks that are deployed as the role, before those that it finds.
	own, before []*Stack
	context     map[string][]string
	aliases     map[string][]string // names of keys by ARN
	forms       map[string]string   // of ARNs, by kind
}

// statementsByAction finds the statements about an action.
type statementsByAction struct {
	exact map[string][]aboutAction
	wide  []*Statement             // with wildcards, or by exclusion
	found map[string][]aboutAction // both, of the actions that are asked for most
}

// aboutAction is a statement with the answer to whether it is about an action.
type aboutAction struct {
	*Statement
	covered verdict
}

// deployers are the roles that CloudFormation acts as.
func (w *World) deployers() []*deployer {
	return w.models.deployers.get(func() []*deployer {
		var list []*deployer
		var tables *deploymentTables
		id := w.Identity()
		for _, role := range id.Roles {
			if id.deploys(role) {
				if tables == nil {
					tables = readDeploymentTables()
				}
				list = append(list, newDeployer(id, tables, role))
			}
		}
		return list
	})
}

func newDeployer(id *Identity, tables *deploymentTables, role *Role) *deployer {
	d := &deployer{id: id, tables: tables, role: role, unknown: role.Unknown, aliases: map[string][]string{}, forms: map[string]string{},
		context: id.contextOf(asRole(role.ARN), secureRequest(nil))}
	if role.unknownBoundary != "" {
		d.unknown = role.unknownBoundary
	}
	d.allows, d.denies = newStatements(), newStatements()
	d.index(role.Policies, d.allows)
	if role.boundary != nil {
		d.limits = newStatements()
		d.index([]*Policy{role.boundary}, d.limits)
	}
	d.prepare()
	here := strings.NewReplacer("{partition}", id.partition, "{region}", id.region, "{account}", id.account)
	for kind, form := range tables.forms {
		d.forms[kind] = here.Replace(form)
	}
	for name, key := range id.aliases {
		if strings.HasPrefix(name, "alias/") {
			d.aliases[key] = append(d.aliases[key], name)
		}
	}
	d.findStacks()
	return d
}

func newStatements() *statementsByAction {
	return &statementsByAction{exact: map[string][]aboutAction{}, found: map[string][]aboutAction{}}
}

// index files statements under their actions.
func (d *deployer) index(policies []*Policy, allows *statementsByAction) {
	for _, p := range policies {
		if p.Unknown != "" {
			d.unknown = p.Unknown
		}
		for _, s := range p.Statements {
			if s.allows() {
				allows.add(s)
			} else {
				d.denies.add(s)
			}
		}
	}
}

func (x *statementsByAction) add(s *Statement) {
	if s.NotActions.given() || s.Actions.Unknown != "" || slices.ContainsFunc(s.Actions.Texts, func(a string) bool { return strings.ContainsAny(a, "*?$") }) {
		x.wide = append(x.wide, s)
		return
	}
	for _, action := range s.Actions.Texts {
		key := strings.ToLower(action)
		x.exact[key] = append(x.exact[key], aboutAction{s, certain()})
	}
}

// prepare finds the statements about every action that the types of the world take.
func (d *deployer) prepare() {
	for kind := range d.id.world.byType {
		if of := d.tables.types[kind]; of != nil {
			for _, a := range of.actions {
				for _, x := range []*statementsByAction{d.allows, d.denies} {
					if _, done := x.found[a.key]; !done {
						x.found[a.key] = x.about(a.key)
					}
				}
			}
		}
	}
}

// about are the statements about an action.
func (x *statementsByAction) about(action string) []aboutAction {
	if found, ok := x.found[action]; ok {
		return found
	}
	list := slices.Clip(x.exact[action])
	for _, s := range x.wide {
		if covered := s.coversAction(action); covered.tri != No {
			list = append(list, aboutAction{s, covered})
		}
	}
	return list
}

// findStacks tells the stacks that are deployed as the role from those that stand before it. Its own stack is none of its. Where
// some of the others nest stacks, they are its own, and of those without only what it could create.
func (d *deployer) findStacks() {
	nests := map[*Stack]bool{}
	for _, s := range d.id.world.Stacks {
		nests[s.root()] = nests[s.root()] || s.as != nil
	}
	home := d.role.Resource.Stack.root()
	some := false
	for root, nesting := range nests {
		some = some || nesting && root != home
	}
	for _, s := range d.id.world.Stacks {
		if root := s.root(); root != home && (!some || nests[root] || d.creates(root)) {
			d.own = append(d.own, s)
		} else {
			d.before = append(d.before, s)
		}
	}
}

// root is the stack that a nested one belongs to.
func (s *Stack) root() *Stack {
	for s.as != nil {
		s = s.as.Stack
	}
	return s
}

// creates tells whether the role may create all resources of a stack.
func (d *deployer) creates(s *Stack) bool {
	for _, r := range s.Resources {
		subject := d.subject(r)
		if subject == nil {
			return false
		}
		for _, a := range subject.of.actions {
			if !a.creates || subject.called(a).tri != Yes {
				continue
			}
			for _, request := range subject.requests(a) {
				if d.may(request).tri == No {
					return false
				}
			}
		}
	}
	return true
}
