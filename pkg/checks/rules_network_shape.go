package checks

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// netCheckOpenPorts compares the ports that a public load balancer's groups open to public addresses with its listeners.
func netCheckOpenPorts(w *World, l *Looking) {
	n := w.Network()
	for _, balancer := range n.OfKind(LoadBalancer) {
		listeners, maybe := n.listenersOf(balancer)
		if balancer.public.String() == "false" || balancer.unfiltered || len(listeners) == 0 {
			continue
		}
		if why := balancer.public.Unknown(); why != "" {
			l.Look()
			l.Unsure(balancer.Resource, "Scheme", "ports that are open exactly where it is public", why)
			continue
		}
		open := slices.DeleteFunc(n.rulesOf(balancer, false), func(r *groupRule) bool { return r.implicit || r.maybe == "" && !r.peer.block.isPublic() })
		for _, listener := range listeners {
			l.Look()
			maybe = cmp.Or(maybe, listener.At("Port").Unknown())
			l.openPort(listener, open)
		}
		for _, r := range open {
			l.Look()
			if !slices.ContainsFunc(listeners, func(listener *Resource) bool { return r.maybe != "" || r.opens(listener) }) {
				const needed = "a listener on the port, which redirects where it has no TLS"
				if maybe != "" {
					l.Unsure(r.resource, r.portProperty(), needed, maybe)
					continue
				}
				l.Fail(r.resource, r.portProperty(), Text(r.flow.String()), needed, "Add the listener, or take the rule away")
			}
		}
	}
}

// opens tells whether a rule lets connections pass to a listener's port.
func (r *groupRule) opens(listener *Resource) bool {
	port, ok := listener.At("Port").Int()
	return ok && r.flow.covers(tcp(port))
}

func (l *Looking) openPort(listener *Resource, open []*groupRule) {
	needed := "an ingress rule of the load balancer's group for the port"
	maybe := listener.At("Port").Unknown()
	for _, r := range open {
		if r.maybe == "" && r.opens(listener) {
			return
		}
		maybe = cmp.Or(maybe, r.maybe)
	}
	if maybe != "" {
		l.Unsure(listener, "Port", needed, maybe)
		return
	}
	l.Fail(listener, "Port", listener.At("Port"), needed, "Add the rule, or take the listener away")
}

// netCheckTargetKind wants target groups of tasks with a network interface of their own to register addresses: instances
// and functions cannot be such tasks (AWS::ECS::Service LoadBalancer, "targetGroupArn").
func netCheckTargetKind(w *World, l *Looking) {
	n := w.Network()
	for _, g := range w.OfType("AWS::ElasticLoadBalancingV2::TargetGroup") {
		node, _ := n.servedBy(g)
		if node == nil || !node.Resource.At(node.base).Exists() {
			continue
		}
		l.Look()
		if v := g.At("TargetType"); v.String() != "ip" {
			l.Fail(g, "TargetType", v, "ip: "+node.Name+" has tasks with addresses of their own", "Set TargetType to ip")
		}
	}
}

// netCheckAddresses holds VPCs to the sizes that EC2 takes, and subnets to ranges of their own within them
// (Amazon VPC User Guide, "VPC CIDR blocks" and "Subnet CIDR blocks").
func netCheckAddresses(w *World, l *Looking) {
	n := w.Network()
	ranges := map[string]block{}
	for _, r := range w.OfType("AWS::EC2::VPC") {
		v := r.At("CidrBlock")
		if !v.Exists() {
			continue
		}
		l.Look()
		const needed = "an IPv4 range of /16 to /28"
		b, why := readBlock(v)
		switch {
		case v.Unknown() != "":
			l.Fail(r, "CidrBlock", v, needed, "")
		case why != "" || !b.Addr().Is4() || b.Bits() < 16 || b.Bits() > 28:
			l.Fail(r, "CidrBlock", v, needed, "Choose a range that no connected network uses")
		default:
			ranges[r.Identity()] = b
		}
	}
	taken := map[string][]*subnet{}
	for _, r := range w.OfType("AWS::EC2::Subnet") {
		s := n.subnets[r.Identity()]
		if len(s.blocks) == 0 {
			continue // as REQ001 says, or IPAM gives it
		}
		l.Look()
		l.subnetRange(s, ranges, taken[s.vpc])
		taken[s.vpc] = append(taken[s.vpc], s)
	}
}

func (l *Looking) subnetRange(s *subnet, ranges map[string]block, others []*subnet) {
	const needed = "a range within the VPC's that no other subnet has"
	if why := cmp.Or(s.unsized, s.resource.At("VpcId").Unknown()); why != "" {
		l.Unsure(s.resource, "CidrBlock", needed, why)
		return
	}
	for _, b := range s.blocks {
		if whole, known := ranges[s.vpc]; known && b.Addr().Is4() && !whole.contains(b) {
			l.FailText(s.resource, "CidrBlock", b.String()+" outside of "+whole.String(), needed, "Choose another range")
		}
		for _, other := range others {
			if slices.ContainsFunc(other.blocks, func(o block) bool { return o.Overlaps(b.Prefix) }) {
				l.FailText(s.resource, "CidrBlock", b.String()+", as "+other.resource.LogicalID, needed, "Choose another range")
			}
		}
	}
}

// netCheckOwnTables wants each subnet associated with a route table: the VPC's main one, which others follow, belongs to no
// template and changes without it (Amazon VPC User Guide, "Main route table").
func netCheckOwnTables(w *World, l *Looking) {
	n := w.Network()
	unknown := ""
	for _, r := range w.OfType("AWS::EC2::SubnetRouteTableAssociation") {
		unknown = cmp.Or(unknown, r.At("SubnetId").Unknown())
	}
	for _, r := range w.OfType("AWS::EC2::Subnet") {
		l.Look()
		const needed = "an association with a route table"
		switch table := n.subnets[r.Identity()].table; {
		case table.resource != nil || table.maybe != "":
		case unknown != "":
			l.Unsure(r, "", needed, unknown)
		default:
			l.FailText(r, "", "none: the VPC's main route table counts", needed, "Add an AWS::EC2::SubnetRouteTableAssociation")
		}
	}
}

// netCheckAttached wants internet gateways that routes lead to attached to the VPC of the route table.
func netCheckAttached(w *World, l *Looking) {
	for _, r := range w.OfType("AWS::EC2::Route") {
		gateway, table := w.Find(r.At("GatewayId")), w.Find(r.At("RouteTableId"))
		if gateway == nil || gateway.Type != "AWS::EC2::InternetGateway" || table == nil {
			continue
		}
		l.Look()
		const needed = "an internet gateway that is attached to the VPC of the route table"
		attached, maybe := false, table.At("VpcId").Unknown()
		for _, a := range w.OfType("AWS::EC2::VPCGatewayAttachment") {
			maybe = cmp.Or(maybe, a.At("InternetGatewayId").Unknown(), a.At("VpcId").Unknown(), a.Maybe)
			attached = attached || a.Maybe == "" && w.Find(a.At("InternetGatewayId")) == gateway && a.At("VpcId").String() == table.At("VpcId").String()
		}
		switch {
		case attached:
		case maybe != "":
			l.Unsure(r, "GatewayId", needed, maybe)
		default:
			l.FailText(r, "GatewayId", gateway.LogicalID+", which is attached elsewhere or not at all", needed, "Add an AWS::EC2::VPCGatewayAttachment")
		}
	}
}

// netCheckSameZones wants a load balancer in each zone of its targets, as it sends nothing to others (User Guide for
// Application Load Balancers, "Availability Zones"), and databases in zones of those who use them.
func netCheckSameZones(w *World, l *Looking) {
	n := w.Network()
	for _, balancer := range n.OfKind(LoadBalancer) {
		targets, _ := n.targetsOf(balancer)
		for _, node := range n.OfKind(Tasks) {
			if len(targets[node]) > 0 {
				l.Look()
				l.withinZones(node, balancer, balancer.Resource, "Subnets")
			}
		}
	}
	for _, database := range n.OfKind(Database) {
		for _, node := range n.OfKind(Tasks) {
			if uses, _ := n.Uses(node, database); uses {
				l.Look()
				l.withinZones(database, node, database.Resource, "DBSubnetGroupName")
			}
		}
	}
}

// withinZones judges whether the zones of one node are among those of another.
func (l *Looking) withinZones(inner, outer *Node, r *Resource, path string) {
	zones, doubt := zonesOf(inner)
	have, why := zonesOf(outer)
	needed := fmt.Sprintf("the zones of %s among those of %s", inner.Name, outer.Name)
	missing := slices.DeleteFunc(zones, func(zone string) bool { return slices.Contains(have, zone) })
	switch {
	case cmp.Or(doubt, why) != "":
		l.Unsure(r, path, needed, cmp.Or(doubt, why))
	case len(missing) > 0:
		l.FailText(r, path, strings.Join(missing, ", ")+" has no subnet of "+outer.Name, needed, "Put them into the same zones")
	}
}
