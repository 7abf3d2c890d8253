package checks

import (
	"cmp"
	"slices"
)

// permits tells whether one of the paths carries a flow; the text says why that is not known.
func permits(paths []Path, flow Flow) (bool, string) {
	maybe := ""
	for _, p := range paths {
		if p.Flow.covers(flow) {
			if p.Unknown == "" {
				return true, ""
			}
			maybe = p.Unknown
		}
	}
	return maybe != "", maybe
}

// gap is what a path lacks.
type gap struct {
	resource *Resource
	path     string
	found    string
	mend     string
}

// gapOf finds what keeps a flow from one node to another: a rule of the sender's group, one of the receiver's, or a route.
func (n *Network) gapOf(from, to *Node, flow Flow) gap {
	if !n.covered(from, to, flow, true) {
		return gap{n.groupResource(from), "SecurityGroupEgress", "no egress rule to " + to.Name + " on " + flow.String(),
			"Add an egress rule for " + flow.String() + " to the security group of " + to.Name}
	}
	if !n.covered(to, from, flow, false) {
		return gap{n.groupResource(to), "SecurityGroupIngress", "no ingress rule from " + from.Name + " on " + flow.String(),
			"Add an ingress rule for " + flow.String() + " from the security group of " + from.Name}
	}
	return gap{from.Resource, from.base, "no route from " + from.Name + " to " + to.Name, "Add the route, or the network ACL entry, that is missing"}
}

// covered tells whether a rule of a node's groups lets a flow to or from another node.
func (n *Network) covered(node, other *Node, flow Flow, egress bool) bool {
	return slices.ContainsFunc(n.rulesOf(node, egress), func(r *groupRule) bool {
		ok, _ := n.matches(r, other)
		return ok && r.flow.covers(flow)
	})
}

// groupResource is the first security group of a node that is in the templates, else the node's resource.
func (n *Network) groupResource(node *Node) *Resource {
	for _, id := range node.groups {
		if g := n.groups[id]; g != nil && g.resource != nil {
			return g.resource
		}
	}
	return node.Resource
}

// failPath reports a path that must not be there, at the rule that permits it, else at the end that the rule is about.
func (l *Looking) failPath(p Path, says, needed, mend string) {
	step := p.step(says)
	if step.Resource == nil {
		step = p.step("implicit " + says)
	}
	if step.Resource == nil {
		end, other := p.To, p.From
		if says == "egress rule" {
			end, other = p.From, p.To
		}
		step.Resource, step.Path = cmp.Or(end.Resource, other.Resource), ""
	}
	if p.Unknown != "" {
		l.Unsure(step.Resource, step.Path, needed, p.Unknown)
		return
	}
	l.FailText(step.Resource, step.Path, p.String(), needed, mend)
}

// needPath reports a path that must be there and is not.
func (l *Looking) needPath(n *Network, from, to *Node, flow Flow, needed string) {
	ok, why := permits(n.Reach(from, to), flow)
	switch {
	case ok && why == "":
	case ok:
		l.Unsure(n.groupResource(from), "", needed, why)
	default:
		g := n.gapOf(from, to, flow)
		l.FailText(g.resource, g.path, g.found, needed, g.mend)
	}
}
