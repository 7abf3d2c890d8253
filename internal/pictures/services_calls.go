package pictures

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tierform/tierform/pkg/checks"
)

// drawRules draws what the load balancer sends to a service.
func drawRules(d *document, net *checks.Network, n *checks.Node) {
	for _, rule := range n.Resource.Stack.Resources {
		if rule.Type != "AWS::ElasticLoadBalancingV2::ListenerRule" {
			continue
		}
		for _, balancer := range net.OfKind(checks.LoadBalancer) {
			for _, path := range net.Reach(balancer, n) {
				d.edge(at(balancer.Name, "e"), serving(n, path.Flow.ToPort), attribute("label", ruleLabel(rule)))
			}
		}
	}
}

// ruleLabel is what a listener rule asks for.
func ruleLabel(rule *checks.Resource) string {
	var lines []string
	for _, condition := range rule.At("Conditions").List() {
		switch condition.At("Field").String() {
		case "path-pattern":
			lines = append(lines, condition.At("PathPatternConfig.Values[0]").String()+"…")
		case "source-ip":
			lines = append(lines, "operators only")
		}
	}
	return strings.Join(lines, "\n")
}

// drawCalls draws whom a service calls.
func drawCalls(d *document, net *checks.Network, n *checks.Node) {
	calls, _ := net.Calls(n)
	for _, call := range calls {
		if call.To != nil {
			d.edge(calling(n, call), serving(call.To, call.Port), attribute("label", fmt.Sprint(call.Port)), `color="#1a7f37"`, `penwidth="1.6"`)
		}
	}
}

// drawDatabases draws which databases tasks reach.
func drawDatabases(d *document, net *checks.Network, n *checks.Node) {
	from := at(n.Name)
	if containers := definitions(n); len(containers) > 0 {
		from = at(n.Name, containers[0].At("Name").String())
	}
	for _, database := range net.OfKind(checks.Database) {
		for _, path := range net.Reach(n, database) {
			d.edge(from, at(database.Name), attribute("label", ports(path.Flow)))
		}
	}
}

// definitions are the containers of tasks.
func definitions(n *checks.Node) []checks.Value {
	if n.Task == nil {
		return nil
	}
	return n.Task.At("ContainerDefinitions").List()
}

// serving is the container of some tasks that listens on a port.
func serving(n *checks.Node, port int) end {
	for _, container := range definitions(n) {
		for _, mapping := range container.At("PortMappings").List() {
			if listens, _ := mapping.At("ContainerPort").Int(); listens == port {
				return at(n.Name, container.At("Name").String())
			}
		}
	}
	return at(n.Name)
}

// calling is the container that makes a call.
func calling(n *checks.Node, call checks.Call) end {
	container, _, _ := strings.Cut(call.Path, ".")
	return at(n.Name, n.Task.At(container+".Name").String())
}

// upstreams are the limits that a container's Envoy sets to each upstream: how many requests it sends at a time, and how
// many wait. Source: config.cluster.v3.CircuitBreakers in the API reference of Envoy.
func upstreams(container checks.Value) []string {
	var lines []string
	for _, argument := range container.At("Command").List() {
		var config struct {
			Static struct {
				Clusters []struct {
					Name     string `json:"name"`
					Breakers struct {
						Thresholds []struct {
							Pending  int `json:"max_pending_requests"`
							Requests int `json:"max_requests"`
						} `json:"thresholds"`
					} `json:"circuit_breakers"`
				} `json:"clusters"`
			} `json:"static_resources"`
		}
		if json.Unmarshal([]byte(argument.String()), &config) != nil {
			continue
		}
		for _, cluster := range config.Static.Clusters {
			for _, limit := range cluster.Breakers.Thresholds {
				lines = append(lines, fmt.Sprintf("≤ %d calls, ≤ %d wait", limit.Requests, limit.Pending))
			}
		}
	}
	return lines
}
