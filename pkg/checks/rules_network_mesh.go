package checks

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

func netCheckRegistration(w *World, l *Looking) {
	n := w.Network()
	for _, node := range n.OfKind(Tasks) {
		r := node.Resource
		if r.Type != "AWS::ECS::Service" {
			continue
		}
		l.Look()
		const needed = "a registry in a private DNS namespace"
		registry := r.At("ServiceRegistries[0].RegistryArn")
		service := w.Find(registry)
		switch {
		case registry.Unknown() != "" || registry.Exists() && service == nil:
			l.Unsure(r, "ServiceRegistries", needed, cmp.Or(registry.Unknown(), "the registry is not in the templates"))
		case service == nil:
			l.FailText(r, "ServiceRegistries", "no registry", needed, "Register the service in Cloud Map")
		case node.discovery == "":
			l.Unsure(service, "DnsConfig.NamespaceId", needed, "the namespace is not in the templates")
		default:
			l.registry(w, node, service)
		}
	}
}

// registry judges a service of Cloud Map: its namespace is one of the VPC's and its records give addresses.
func (l *Looking) registry(w *World, node *Node, service *Resource) {
	namespace := cmp.Or(w.Find(service.At("NamespaceId")), w.Find(service.At("DnsConfig.NamespaceId")))
	if namespace.Type != "AWS::ServiceDiscovery::PrivateDnsNamespace" {
		l.FailText(namespace, "", namespace.Type, "a private DNS namespace", "Use an AWS::ServiceDiscovery::PrivateDnsNamespace")
	} else if v := namespace.At("Vpc"); node.vpc != "" && v.String() != node.vpc {
		l.Fail(namespace, "Vpc", v, "the VPC of "+node.Name, "Name the VPC in which the service runs")
	}
	if v := service.At("DnsConfig.DnsRecords[0].Type"); v.String() != "A" && v.String() != "SRV" {
		l.Fail(service, "DnsConfig.DnsRecords", v, "A records", "Add an A record")
	}
}

func netCheckBreakers(w *World, l *Looking) {
	n := w.Network()
	for _, node := range n.OfKind(Tasks) {
		calls, maybe := n.Calls(node)
		for _, call := range calls {
			l.Look()
			if strings.Contains(call.Path, ".Environment[") {
				l.FailText(node.Task, call.Path, call.Host, "the address of a proxy on the loopback", "Call the service through its proxy")
			}
		}
		if maybe != "" {
			l.Look()
			l.Unsure(cmp.Or(node.Task, node.Resource), "", "calls that are known", maybe)
		}
		if node.Task == nil {
			continue
		}
		configs, _ := n.envoys(node.Task)
		for _, config := range configs {
			for _, cluster := range config.Static.Clusters {
				l.Look()
				l.breaker(config, cluster)
			}
		}
	}
}

// maxRetries is the most retries of one request that do not make a failing service fail for good.
const maxRetries = 3

// breaker judges a cluster of Envoy and the routes that lead to it.
func (l *Looking) breaker(config envoyConfig, cluster envoyCluster) {
	fail := func(found, needed string) {
		l.FailText(config.task, config.path, "cluster "+cluster.Name+": "+found, needed, "Add it to the configuration of Envoy")
	}
	if len(cluster.Breakers.Thresholds) == 0 {
		fail("no circuit breaker", "limits of connections, pending requests, requests and retries")
	}
	for _, t := range cluster.Breakers.Thresholds {
		if t.Connections == nil || t.Pending == nil || t.Requests == nil || t.Retries == nil && t.Budget == nil {
			fail("a threshold without all limits", "limits of connections, pending requests, requests and retries")
		}
	}
	if o := cluster.Outliers; o == nil || o.Consecutive == nil || *o.Consecutive < 1 || o.Ejection != nil && *o.Ejection < 1 {
		fail("no outlier detection", "outlier detection that ejects hosts")
	}
	found := false
	for _, listener := range config.Static.Listeners {
		for _, route := range listener.routes() {
			if route.Route.Cluster != cluster.Name {
				continue
			}
			found = true
			if r := route.Route.Retry; r == nil || r.Retries == nil || *r.Retries > maxRetries {
				fail("route "+route.Name+" without a bound of retries", fmt.Sprintf("num_retries of at most %d", maxRetries))
			}
			if route.Route.Timeout == "" {
				fail("route "+route.Name+" without a timeout", "a timeout")
			}
		}
	}
	if !found {
		fail("no route leads to it", "a listener with a route to it")
	}
}

func netCheckLoopback(w *World, l *Looking) {
	n := w.Network()
	for _, task := range w.OfType("AWS::ECS::TaskDefinition") {
		configs, maybe := n.envoys(task)
		if maybe != "" {
			l.Look()
			l.Unsure(task, "", "a configuration of Envoy that is known", maybe)
		}
		for _, config := range configs {
			addresses := []string{config.Admin.Address.Socket.Address}
			for _, listener := range config.Static.Listeners {
				addresses = append(addresses, listener.Address.Socket.Address)
			}
			for _, address := range addresses {
				l.Look()
				if address != "" && !slices.Contains([]string{"127.0.0.1", "::1"}, address) {
					l.FailText(task, config.path, "listens on "+address, "127.0.0.1", "Listen on 127.0.0.1")
				}
			}
		}
	}
}
