package checks

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

func netCheckServiceAccess(w *World, l *Looking) {
	n := w.Network()
	for _, node := range n.OfKind(Tasks) {
		needs, maybe := n.needsOf(node)
		if maybe != "" {
			l.Look()
			l.Unsure(node.Resource, "", "AWS services that are known", maybe)
		}
		for _, service := range slices.Sorted(maps.Keys(needs)) {
			l.Look()
			l.serviceAccess(n, node, service, needs[service])
		}
		for _, endpoint := range n.endpoints[node.vpc] {
			for _, p := range n.Reach(node, endpoint) {
				if p.Flow != tcp(443) {
					l.failPath(p, "egress rule", "endpoints on port 443 only", "Open port 443 alone")
				}
			}
		}
	}
}

// serviceAccess judges whether tasks reach an AWS service: by way of its endpoint, else by way of NAT.
func (l *Looking) serviceAccess(n *Network, node *Node, service, reason string) {
	needed := node.Name + " " + reason + " and reaches " + service + " on " + tcp(443).String()
	var endpoint *Node
	maybe := ""
	for _, candidate := range append(slices.Clone(n.endpoints[node.vpc]), n.byName["internet"]) {
		if candidate.Kind == Endpoint && !strings.HasSuffix(candidate.service, "."+service) {
			continue
		}
		if candidate.Kind == Endpoint {
			endpoint = candidate
		}
		ok, why := permits(n.Reach(node, candidate), tcp(443))
		if ok && why == "" {
			return
		}
		maybe = cmp.Or(maybe, why)
	}
	switch {
	case maybe != "":
		l.Unsure(node.Resource, node.base, needed, maybe)
	case endpoint == nil && node.vpc == "":
		l.Unsure(node.Resource, node.base, needed, "the VPC is not known")
	case endpoint == nil:
		l.FailText(node.Resource, node.base, "neither an endpoint of "+service+" nor a way out on port 443", needed, "Add the endpoint, or an egress rule and a route by way of NAT")
	default:
		g := n.gapOf(node, endpoint, tcp(443))
		l.FailText(g.resource, g.path, g.found, needed, g.mend)
	}
}

func netCheckEndpoints(w *World, l *Looking) {
	n := w.Network()
	tasks := map[string][]*Node{}
	for _, node := range n.OfKind(Tasks) {
		tasks[node.vpc] = append(tasks[node.vpc], node)
	}
	for _, endpoint := range n.OfKind(Endpoint) {
		l.Look()
		r := endpoint.Resource
		if v := r.At("PolicyDocument"); !v.Exists() || v.Unknown() != "" {
			l.Fail(r, "PolicyDocument", v, "a policy: without one everybody may do everything through it", "Add a policy with the actions and principals that use the endpoint")
		}
		if endpoint.gateway {
			l.gatewayEndpoint(n, endpoint)
			continue
		}
		if v := r.At("VpcEndpointType"); v.String() != "Interface" && strings.HasPrefix(endpoint.service, "com.amazonaws.") {
			l.Fail(r, "VpcEndpointType", v, "Interface, or Gateway for S3 and DynamoDB", "Set VpcEndpointType to Interface")
		}
		if v := r.At("PrivateDnsEnabled"); !v.True() {
			l.Fail(r, "PrivateDnsEnabled", v, "true: clients find the endpoint under the service's own name", "Set PrivateDnsEnabled to true")
		}
		if v := r.At("SecurityGroupIds"); v.Unknown() != "" || len(v.List()) == 0 {
			l.Fail(r, "SecurityGroupIds", v, "a security group: without one the VPC's default group holds", "Name the group of the endpoints")
		}
		have, why := zonesOf(endpoint)
		for _, node := range tasks[endpoint.vpc] {
			zones, _ := zonesOf(node)
			missing := slices.DeleteFunc(zones, func(zone string) bool { return slices.Contains(have, zone) })
			switch {
			case len(missing) == 0:
			case why != "":
				l.Unsure(r, "SubnetIds", "a subnet in each zone of the tasks", why)
			default:
				l.FailText(r, "SubnetIds", "none in "+strings.Join(missing, ", "), "a subnet in each zone of the tasks", "Add a subnet of the zone")
			}
		}
	}
}

func (l *Looking) gatewayEndpoint(n *Network, endpoint *Node) {
	for _, s := range n.subnetsOf(Tasks) {
		if s.vpc != endpoint.vpc || slices.Contains(s.table.endpoints, endpoint.Resource) {
			continue
		}
		const needed = "the route tables of all subnets with tasks"
		if why := cmp.Or(s.table.maybe, endpoint.Resource.At("RouteTableIds").anyUnknown()); why != "" {
			l.Unsure(endpoint.Resource, "RouteTableIds", needed, why)
			continue
		}
		l.FailText(endpoint.Resource, "RouteTableIds", "not the one of "+s.resource.LogicalID, needed, "Add the route table")
	}
}
