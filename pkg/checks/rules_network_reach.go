package checks

import (
	"cmp"
	"fmt"
	"slices"
)

func netCheckFromInternet(w *World, l *Looking) {
	n := w.Network()
	for _, to := range n.nodes {
		if to.outside() || to.gateway {
			continue
		}
		l.Look()
		for _, from := range n.OfKind(Internet, AddressRange) {
			if from.Kind == AddressRange && !from.reach.isPublic() {
				continue
			}
			for _, p := range n.Reach(from, to) {
				if to.Kind == LoadBalancer && (p.Flow == tcp(443) || p.Flow == tcp(80)) {
					continue
				}
				l.failPath(p, "ingress rule", "from outside, ports 443 and 80 of load balancers only", "Take the rule away, or let it name the security group that may connect")
			}
		}
	}
}

func netCheckDatabaseUsers(w *World, l *Looking) {
	n := w.Network()
	for _, database := range n.OfKind(Database) {
		l.Look()
		port, ok := database.Port().Int()
		if !ok {
			l.Fail(database.Resource, "Port", database.Port(), "the port to which rules are held", "Set Port")
			continue
		}
		for _, node := range n.nodes {
			if node != database {
				l.Look()
				l.databaseUser(n, node, database, tcp(port))
			}
		}
	}
}

// databaseUser judges what one node may do with a database.
func (l *Looking) databaseUser(n *Network, node, database *Node, flow Flow) {
	uses, maybe := false, ""
	if node.Kind == Tasks || node.Kind == Interface {
		uses, maybe = n.Uses(node, database)
	}
	if uses {
		l.needPath(n, node, database, flow, fmt.Sprintf("%s uses %s and reaches it on %s", node.Name, database.Name, flow))
	}
	for _, p := range n.Reach(node, database) {
		switch {
		case uses && p.Flow == flow:
		case maybe != "" && p.Flow == flow:
			l.Unsure(node.Resource, "", node.Name+" declares to use "+database.Name, maybe)
		default:
			l.failPath(p, "ingress rule", "only those reach "+database.Name+" that have its endpoint or secret in their environment, on "+flow.String(),
				"Take the ingress rule and its egress counterpart away, or declare the use")
		}
	}
}

func netCheckSilentNodes(w *World, l *Looking) {
	n := w.Network()
	for _, from := range n.OfKind(Database, Endpoint) {
		if from.gateway {
			continue
		}
		l.Look()
		for _, r := range n.rulesOf(from, true) {
			needed := from.Name + " reaches nothing"
			switch {
			case r.maybe != "":
				l.Unsure(cmp.Or(r.resource, from.Resource), r.path, needed, r.maybe)
			case r.resource == nil:
				l.FailText(from.Resource, "", "the VPC's default group, which allows all", needed, "Give it a security group of its own")
			default:
				l.FailText(r.resource, r.path, r.flow.String()+" to "+r.peer.String(), needed, "Take the egress rule away; keep an inline one to 255.255.255.255/32")
			}
		}
	}
}

func netCheckUpstreams(w *World, l *Looking) {
	n := w.Network()
	tasks := n.OfKind(Tasks)
	for _, from := range tasks {
		calls, maybe := n.Calls(from)
		for _, call := range calls {
			l.Look()
			if call.To == nil {
				l.FailText(from.Task, call.Path, call.Host, "a service that is registered under the name", "Register the service, or correct the name")
			} else if ports := call.To.ContainerPorts(); call.Port != 0 && call.To.Task != nil && !slices.Contains(ports, call.Port) {
				l.FailText(from.Task, call.Path, fmt.Sprintf("%s:%d", call.Host, call.Port), fmt.Sprintf("a port of %s: %v", call.To.Name, ports), "Call the container's port")
			}
		}
		for _, to := range tasks {
			l.Look()
			l.upstream(n, from, to, portsOf(calls, to), maybe)
		}
	}
}

// portsOf are the ports on which calls go to a service.
func portsOf(calls []Call, to *Node) []int {
	var ports []int
	for _, call := range calls {
		if call.To != to {
			continue
		}
		if call.Port == 0 {
			ports = append(ports, to.ContainerPorts()...)
			continue
		}
		ports = append(ports, call.Port)
	}
	return ports
}

// upstream judges what one service may do with another, or with its own other tasks.
func (l *Looking) upstream(n *Network, from, to *Node, ports []int, maybe string) {
	for _, port := range ports {
		l.needPath(n, from, to, tcp(port), fmt.Sprintf("%s calls %s and reaches it on %s", from.Name, to.Name, tcp(port)))
	}
	for _, p := range n.Reach(from, to) {
		switch {
		case p.Flow.Protocol == "tcp" && p.Flow.FromPort == p.Flow.ToPort && slices.Contains(ports, p.Flow.FromPort):
		case maybe != "":
			l.Unsure(from.Resource, "", from.Name+" declares to call "+to.Name, maybe)
		default:
			l.failPath(p, "egress rule", from.Name+" reaches only what it declares to call", "Take the egress rule and its ingress counterpart away, or declare the call")
		}
	}
}

func netCheckTargets(w *World, l *Looking) {
	n := w.Network()
	for _, from := range n.OfKind(LoadBalancer) {
		if from.unfiltered {
			l.Look()
			l.FailText(from.Resource, "SecurityGroups", "no security group", "a security group that names the targets", "Give the load balancer a security group")
			continue
		}
		targets, maybe := n.targetsOf(from)
		for _, to := range n.nodes {
			l.Look()
			for _, port := range targets[to] {
				l.needPath(n, from, to, tcp(port), fmt.Sprintf("%s forwards to %s and reaches it on %s", from.Name, to.Name, tcp(port)))
			}
			for _, p := range n.Reach(from, to) {
				switch {
				case p.Flow.Protocol == "tcp" && p.Flow.FromPort == p.Flow.ToPort && slices.Contains(targets[to], p.Flow.FromPort):
				case maybe != "":
					l.Unsure(from.Resource, "", from.Name+" forwards to "+to.Name, maybe)
				default:
					l.failPath(p, "egress rule", from.Name+" reaches only the targets of its listeners", "Take the egress rule and its ingress counterpart away")
				}
			}
		}
	}
}
