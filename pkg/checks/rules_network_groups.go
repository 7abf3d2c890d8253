package checks

import (
	"slices"
	"strings"
)

// at is the path of a rule's property.
func (r *groupRule) at(property string) string {
	return strings.TrimPrefix(r.path+"."+property, ".")
}

// value is a rule's property.
func (r *groupRule) value(property string) Value { return r.resource.At(r.at(property)) }

// cidrProperty is the property that holds a rule's address range.
func (r *groupRule) cidrProperty() string {
	if r.value("CidrIpv6").Exists() {
		return r.at("CidrIpv6")
	}
	return r.at("CidrIp")
}

// portProperty is the property that decides on a rule's ports.
func (r *groupRule) portProperty() string {
	switch {
	case r.flow.Protocol == "all" || r.flow.Protocol == "icmp":
		return r.at("IpProtocol")
	case r.flow.FromPort != r.flow.ToPort && r.value("ToPort").Exists():
		return r.at("ToPort")
	}
	return r.at("FromPort")
}

// isPort tells whether a rule is about one port of TCP or UDP.
func (r *groupRule) isPort() bool {
	return r.flow.FromPort == r.flow.ToPort && (r.flow.Protocol == "tcp" || r.flow.Protocol == "udp")
}

// wide tells whether a block is, for what it lets in or out, every address: 0.0.0.0/0, or a large part of it.
func (b block) wide() bool { return b.IsValid() && b.isPublic() && b.Bits() < 8 }

// holders are the nodes that have a group.
func (n *Network) holders(g *group) []*Node {
	var list []*Node
	for _, node := range n.nodes {
		for _, id := range node.groups {
			if g != nil && id == g.id {
				list = append(list, node)
			}
		}
	}
	return list
}

func netCheckOpenGroups(w *World, l *Looking) {
	n := w.Network()
	for _, r := range n.rules {
		if r.egress {
			continue
		}
		l.Look()
		const needed = "connections from any address for public load balancers only, on ports 443 and 80"
		if r.maybe != "" && (r.peer.anybody || r.peer.block.isPublic()) {
			l.Unsure(r.resource, r.path, needed, r.maybe)
			continue
		}
		if !r.peer.block.isPublic() {
			continue
		}
		for _, node := range n.holders(r.owner) {
			if node.Kind != LoadBalancer || node.public.String() == "false" {
				l.Fail(r.resource, r.cidrProperty(), Text(r.peer.block.String()+" to "+node.Name), needed, "Name the security group that may connect")
			}
		}
		if len(n.holders(r.owner)) == 0 {
			l.Fail(r.resource, r.cidrProperty(), Text(r.peer.block.String()+" to a group that nothing uses"), needed, "Take the rule away")
		}
		if r.flow != tcp(443) && r.flow != tcp(80) {
			l.Fail(r.resource, r.portProperty(), Text(r.flow.String()), needed, "Open port 443 alone, and 80 to redirect")
		}
	}
}

func netCheckExactRules(w *World, l *Looking) {
	for _, r := range w.Network().rules {
		if r.implicit || r.peer.block.isPublic() {
			continue
		}
		l.Look()
		switch {
		case r.maybe != "":
			l.Unsure(r.resource, r.path, "a group and an exact port", r.maybe)
		case r.peer.block.IsValid():
			l.Fail(r.resource, r.cidrProperty(), Text(r.peer.block.String()), "the group of the other side", "Name the security group of the other side instead of its addresses")
		case !r.isPort():
			l.Fail(r.resource, r.portProperty(), Text(r.flow.String()), "one port", "Name the protocol and the one port that is needed")
		}
	}
}

func netCheckExplicitEgress(w *World, l *Looking) {
	for _, r := range w.OfType(securityGroupType) {
		l.Look()
		if v := r.At("SecurityGroupEgress"); v.Unknown() != "" || len(v.List()) == 0 {
			l.Fail(r, "SecurityGroupEgress", v, "at least one inline rule, else EC2 adds one that allows all", "Add the rules, or one to 255.255.255.255/32 that permits nothing")
		}
	}
}

func netCheckEgressOutside(w *World, l *Looking) {
	n := w.Network()
	for _, r := range n.rules {
		if !r.egress || r.implicit || r.peer.group != "" || r.peer.block.IsValid() && !r.peer.block.isPublic() {
			continue
		}
		l.Look()
		const needed = "port 443 of prefix lists; of any address only in a VPC without interface endpoints"
		if r.maybe != "" {
			l.Unsure(r.resource, r.path, needed, r.maybe)
			continue
		}
		if r.flow != tcp(443) {
			l.Fail(r.resource, r.portProperty(), Text(r.flow.String()), needed, "Open port 443 alone")
		}
		if r.peer.block.wide() && n.hasInterfaceEndpoints(r.owner) {
			l.Fail(r.resource, r.cidrProperty(), Text(r.peer.block.String()), needed, "Name the security group of the endpoints, or a prefix list of the addresses that are called")
		}
		if r.peer.list != "" && !n.chosenList(r) {
			l.Fail(r.resource, r.at("DestinationPrefixListId"), Text(r.peer.list), "a prefix list of AWS, of the templates or of a parameter: nobody sees what another holds", "Let a parameter of the root name it")
		}
	}
}

// chosenList tells whether a rule's prefix list is one that AWS keeps, one of the templates, or one that whoever deploys
// names by a parameter.
func (n *Network) chosenList(r *groupRule) bool {
	s, path := r.resource.Stack, r.at("DestinationPrefixListId")
	return n.lists[r.peer.list] != "" || n.world.Find(r.value("DestinationPrefixListId")) != nil ||
		len(s.rootParameters(s.written(r.resource.source, "Properties."+path))) > 0
}

// hasInterfaceEndpoints tells whether the VPC of a group has interface endpoints; an unknown VPC counts as if it had.
func (n *Network) hasInterfaceEndpoints(g *group) bool {
	if g.resource == nil {
		return true
	}
	for _, node := range n.OfKind(Endpoint) {
		if !node.gateway && node.vpc == g.resource.At("VpcId").String() {
			return true
		}
	}
	return false
}

func netCheckRuleReasons(w *World, l *Looking) {
	for _, r := range w.Network().rules {
		if r.implicit {
			continue
		}
		l.Look()
		if v := r.value("Description"); v.Unknown() != "" || strings.TrimSpace(v.String()) == "" {
			l.Fail(r.resource, r.at("Description"), v, "what the rule is for", "Describe the need for the rule")
		}
	}
}

func netCheckCounterparts(w *World, l *Looking) {
	n := w.Network()
	for _, r := range n.rules {
		other := n.groups[r.peer.group]
		if other == nil || other.resource == nil || r.owner == nil || r.maybe != "" {
			continue
		}
		l.Look()
		opposite, side := other.ingress, "ingress"
		if !r.egress {
			opposite, side = other.egress, "egress"
		}
		if !slices.ContainsFunc(opposite, func(o *groupRule) bool {
			return (o.peer.group == r.owner.id || o.peer.block.any() || o.peer.anybody) && o.flow.covers(r.flow)
		}) {
			l.FailText(r.resource, r.path, "no "+side+" rule of "+other.resource.LogicalID+" for "+r.flow.String(), "a rule on the other side", "Add the rule, or take this one away")
		}
	}
}
