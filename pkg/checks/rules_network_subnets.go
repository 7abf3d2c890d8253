package checks

import (
	"cmp"
	"fmt"
	"slices"
)

func netCheckPublicAddresses(w *World, l *Looking) {
	n := w.Network()
	const needed = "no public address"
	for _, node := range n.OfKind(Tasks) {
		l.Look()
		if node.public.String() != "false" {
			l.Fail(node.Resource, node.base+".AssignPublicIp", node.Resource.At(node.base+".AssignPublicIp"), needed, "Set AssignPublicIp to DISABLED")
		}
	}
	for _, node := range n.OfKind(Database) {
		for _, r := range append([]*Resource{node.Resource}, node.Members...) {
			l.Look()
			if v := publiclyAccessible([]*Resource{r}); v.String() != "false" {
				l.Fail(r, "PubliclyAccessible", v, needed, "Set PubliclyAccessible to false")
			}
		}
	}
	for _, r := range w.OfType("AWS::EC2::Subnet") {
		l.Look()
		if v := r.At("MapPublicIpOnLaunch"); v.Unknown() != "" || v.True() {
			l.Fail(r, "MapPublicIpOnLaunch", v, "false: whoever needs a public address asks for it", "Set MapPublicIpOnLaunch to false")
		}
	}
}

func netCheckIsolatedSubnets(w *World, l *Looking) {
	n := w.Network()
	for _, s := range n.subnetsOf(Database) {
		l.Look()
		for _, r := range slices.Concat(s.table.routes, n.looseWays) {
			why := cmp.Or(r.maybe, s.table.maybe)
			if why != "" {
				l.Unsure(r.resource, "", "no route out of the network", why)
				continue
			}
			l.FailText(r.resource, "RouteTableId", "a route for "+s.resource.LogicalID+" to "+cmp.Or(r.list, r.to.String()), "no route but the local one", "Give the subnets of the database a route table without routes")
		}
		if s.table.maybe != "" {
			l.Unsure(s.resource, "", "no route out of the network", s.table.maybe)
		}
	}
}

// subnetsOf lists the subnets, of the templates, in which nodes of a kind are.
func (n *Network) subnetsOf(kind NodeKind) []*subnet {
	if list, ok := n.within[kind]; ok {
		return list
	}
	list := []*subnet{}
	seen := map[*subnet]bool{}
	for _, node := range n.OfKind(kind) {
		for _, s := range node.subnets {
			if s.resource != nil && !seen[s] {
				seen[s], list = true, append(list, s)
			}
		}
	}
	n.within[kind] = list
	return list
}

func netCheckOwnNAT(w *World, l *Looking) {
	n := w.Network()
	for _, node := range n.OfKind(Tasks) {
		if node.netMaybe != "" {
			l.Look()
			l.Unsure(node.Resource, node.base, "subnets with a way out by way of NAT", node.netMaybe)
		}
	}
	for _, s := range n.subnetsOf(Tasks) {
		l.Look()
		l.ownNAT(n, s)
	}
}

func (l *Looking) ownNAT(n *Network, s *subnet) {
	const needed = "a default route to a NAT gateway in the subnet's own zone"
	r, why := n.wayOut(s, anyIPv4(), "")
	switch {
	case r == nil && why == "":
		l.FailText(s.resource, "", "no default route", needed, "Add a route for 0.0.0.0/0 to the zone's NAT gateway")
		return
	case why != "":
		l.Unsure(s.resource, "", needed, why)
		return
	case !r.isNAT():
		l.FailText(r.resource, r.through, cmp.Or(gatewayWord(r), "no gateway"), needed, "Route to the zone's NAT gateway")
		return
	case r.gateway == nil:
		l.Unsure(r.resource, r.through, needed, "the NAT gateway is not in the templates")
		return
	}
	home := n.subnets[r.gateway.At("SubnetId").String()]
	if home == nil || home.resource == nil {
		l.Unsure(r.gateway, "SubnetId", needed, "the subnet of the NAT gateway is not in the templates")
		return
	}
	if out, why := n.wayOut(home, anyIPv4(), ""); why == "" && (out == nil || !out.isInternetGateway()) {
		l.FailText(r.gateway, "SubnetId", home.resource.LogicalID+" has no route to an internet gateway", "a public subnet", "Put the NAT gateway into a public subnet")
	}
	if doubt := cmp.Or(s.zoneless, home.zoneless); doubt != "" {
		l.Unsure(r.resource, r.through, needed, doubt)
	} else if s.zone != home.zone {
		l.FailText(r.resource, r.through, s.resource.LogicalID+" is in "+s.zone+", the NAT gateway in "+home.zone, needed, "Route to the zone's own NAT gateway")
	}
}

func netCheckZones(w *World, l *Looking) {
	for _, node := range w.Network().OfKind(LoadBalancer, Tasks, Database) {
		if node.Kind == LoadBalancer && node.public.String() == "false" {
			continue
		}
		l.Look()
		r, path := node.Resource, node.base+".Subnets"
		switch node.Kind {
		case LoadBalancer:
			path = "Subnets"
		case Database:
			path = "DBSubnetGroupName"
			if group := w.Find(r.At(path)); group != nil {
				r, path = group, "SubnetIds"
			}
		}
		zones, why := zonesOf(node)
		if len(zones) >= 3 {
			continue
		}
		needed := "subnets in three zones"
		if why != "" {
			l.Unsure(r, path, needed, why)
			continue
		}
		l.FailText(r, path, fmt.Sprintf("zones %v", zones), needed, "Add a subnet of each zone")
	}
}

// zonesOf are the zones in which a node has subnets; the text says why there may be more.
func zonesOf(node *Node) ([]string, string) {
	var zones []string
	why := node.netMaybe
	for _, s := range node.subnets {
		if s.zoneless != "" {
			why = s.zoneless
		} else if !slices.Contains(zones, s.zone) {
			zones = append(zones, s.zone)
		}
	}
	slices.Sort(zones)
	return zones, why
}

func netCheckVPCNames(w *World, l *Looking) {
	for _, r := range w.OfType("AWS::EC2::VPC") {
		l.Look()
		// By default EnableDnsSupport is true and EnableDnsHostnames false.
		if v := r.At("EnableDnsSupport"); v.Exists() && !v.True() {
			l.Fail(r, "EnableDnsSupport", v, "true: discovery and private DNS of endpoints need it", "Set EnableDnsSupport to true")
		}
		if v := r.At("EnableDnsHostnames"); !v.True() {
			l.Fail(r, "EnableDnsHostnames", v, "true: discovery and private DNS of endpoints need it", "Set EnableDnsHostnames to true")
		}
	}
}

func netCheckFlowLogs(w *World, l *Looking) {
	const mend = "Add an AWS::EC2::FlowLog with TrafficType ALL"
	for _, vpc := range w.OfType("AWS::EC2::VPC") {
		l.Look()
		logs, found := w.OfType("AWS::EC2::FlowLog"), false
		for _, r := range logs {
			if w.Find(r.At("ResourceId")) != vpc {
				continue
			}
			found = true
			if v := r.At("TrafficType"); v.String() != "ALL" {
				l.Fail(r, "TrafficType", v, "ALL", "Set TrafficType to ALL")
			}
			if v := r.At("ResourceType"); v.String() != "VPC" {
				l.Fail(r, "ResourceType", v, "VPC", "Set ResourceType to VPC")
			}
			if r.Maybe != "" {
				l.Unsure(r, "", "a flow log of all traffic", r.Maybe)
			}
		}
		if !found {
			l.FailText(vpc, "", "no flow log", "a flow log of all traffic", mend)
		}
	}
}
