package checks

import (
	"cmp"
	"slices"
	"strings"
)

// link is how traffic is carried between two nodes.
type link struct {
	ok    bool
	maybe string
	via   []Step
}

// link finds how traffic is carried from one node to another, whatever rules say.
func (n *Network) link(from, to *Node) link {
	switch {
	case from.outside():
		return n.linkIn(from, to)
	case to.gateway:
		return n.linkGateway(from, to)
	case to.outside():
		return n.linkOut(from, to)
	case from.vpc == "" || to.vpc == "":
		return link{ok: true, maybe: otherwise(n.shareGroup(from, to), "the VPC of "+cmp.Or(otherwise(from.vpc != "", from.Name), to.Name)+" is not known")}
	case from.vpc == to.vpc:
		return link{ok: true}
	}
	return link{ok: true, maybe: "ways between VPCs, such as " + n.peered[from.vpc] + ", are not followed"}
}

// readPeerings finds what joins VPCs with others.
func (n *Network) readPeerings() {
	for _, r := range n.world.OfType("AWS::EC2::VPCPeeringConnection", "AWS::EC2::TransitGatewayAttachment", "AWS::EC2::TransitGatewayVpcAttachment") {
		for _, property := range []string{"VpcId", "PeerVpcId"} {
			n.peered[r.At(property).String()] = r.LogicalID
		}
	}
	delete(n.peered, "")
}

// shareGroup tells whether a rule of one side names a group of the other, which it can within a VPC only.
func (n *Network) shareGroup(from, to *Node) bool {
	for _, rule := range slices.Concat(n.rulesOf(from, true), n.rulesOf(to, false)) {
		if rule.peer.group != "" && (slices.Contains(from.groups, rule.peer.group) || slices.Contains(to.groups, rule.peer.group)) {
			return true
		}
	}
	return false
}

// linkIn is the way from outside: to a public address by way of an internet gateway, or from a private range.
func (n *Network) linkIn(from, to *Node) link {
	if to.gateway || from.Kind == PrefixList && from.service != "" {
		return link{}
	}
	if from.Kind == AddressRange && !from.reach.isPublic() {
		return n.linkPrivate(to, from)
	}
	if to.public.String() == "false" {
		return link{}
	}
	best := n.across(to, anyIPv4(), "", func(r *route) (bool, string) { return r.isInternetGateway(), "" })
	best.maybe = cmp.Or(best.maybe, to.public.Unknown())
	slices.Reverse(best.via)
	return best
}

// linkPrivate is the way between a node and private addresses: those of the VPC itself, or those behind some route.
func (n *Network) linkPrivate(node, outside *Node) link {
	for _, r := range n.world.OfType("AWS::EC2::VPC") {
		if b, why := readBlock(r.At("CidrBlock")); r.Identity() == node.vpc && (why != "" || b.Overlaps(outside.reach.Prefix)) {
			return link{ok: true, maybe: why}
		}
	}
	return n.across(node, outside.reach, "", func(r *route) (bool, string) {
		return !r.isInternetGateway() && !r.isNAT() && r.through != "EgressOnlyInternetGatewayId", ""
	})
}

// linkOut is the way to addresses outside: by way of NAT, or of an internet gateway with a public address.
func (n *Network) linkOut(from, to *Node) link {
	target := to.reach
	if to.Kind == PrefixList {
		target = anyIPv4()
	} else if to.Kind == AddressRange && !target.isPublic() {
		return n.linkPrivate(from, to)
	}
	return n.across(from, target, to.list, func(r *route) (bool, string) {
		if r.isInternetGateway() {
			return from.public.String() != "false", from.public.Unknown()
		}
		return true, ""
	})
}

// linkGateway is the way to a gateway endpoint: the routes that it adds to the route tables it names.
func (n *Network) linkGateway(from, to *Node) link {
	best := link{maybe: from.netMaybe, ok: from.netMaybe != ""}
	for _, s := range from.subnets {
		if slices.Contains(s.table.endpoints, to.Resource) {
			return link{ok: true, via: []Step{{Says: "gateway endpoint", Resource: to.Resource, Path: "RouteTableIds"}}}
		}
		if s.table.maybe != "" {
			best.ok, best.maybe = true, cmp.Or(best.maybe, s.table.maybe)
		}
	}
	return best
}

// across finds the first subnet of a node with a route that will do.
func (n *Network) across(node *Node, target block, list string, does func(*route) (bool, string)) link {
	best := link{maybe: node.netMaybe, ok: node.netMaybe != ""}
	for _, s := range node.subnets {
		r, why := n.wayOut(s, target, list)
		if r == nil {
			best.ok, best.maybe = best.ok || why != "", cmp.Or(best.maybe, why)
			continue
		}
		ok, doubt := does(r)
		why = cmp.Or(why, doubt)
		switch {
		case ok && why == "":
			return link{ok: true, via: routeSteps(r)}
		case ok:
			best.ok, best.maybe, best.via = true, cmp.Or(best.maybe, why), routeSteps(r)
		}
	}
	return best
}

func routeSteps(r *route) []Step {
	via := []Step{{Says: "route", Resource: r.resource}}
	if r.gateway != nil {
		via = append(via, Step{Says: gatewayWord(r), Resource: r.gateway})
	}
	return via
}

func gatewayWord(r *route) string {
	switch {
	case r.isInternetGateway():
		return "internet gateway"
	case r.isNAT():
		return "NAT gateway"
	}
	return strings.TrimSuffix(r.through, "Id")
}
