package pictures

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tierform/tierform/pkg/checks"
)

// services draws each service with its containers, scaling and calls.
func services(w *checks.World) string {
	d := begin("Services", "LR", `nodesep="0.25"`, `ranksep="0.29"`)
	net := w.Network()
	for _, n := range net.OfKind(checks.LoadBalancer) {
		d.box(n.Name, table{title: "load balancer", colour: blue, rows: say(n.Name)})
	}
	for _, n := range net.OfKind(checks.Database) {
		d.box(n.Name, table{title: "database", colour: amber, rows: say(databaseLines(n)...)})
	}
	for _, s := range w.Operations().Services {
		for _, n := range net.NodesOf(s.Resource) {
			d.box(n.Name, table{title: n.Name, colour: green, rows: append(containers(n), say(serviceLines(s)...)...)})
			drawRules(d, net, n)
			drawCalls(d, net, n)
			drawDatabases(d, net, n)
		}
	}
	for _, n := range net.OfKind(checks.Tasks) {
		if n.Resource.Type == "AWS::ECS::Service" {
			continue
		}
		rows := append(containers(n), say("scheduled task", n.Resource.At("ScheduleExpression").String())...)
		d.box(n.Name, table{title: shortSchedule(n.Name), colour: purple, rows: rows})
		drawDatabases(d, net, n)
	}
	return d.end(
		"Green arrows: calls, from the caller's Envoy to the other's application; what waits there is its queue. Others: the load",
		"balancer's rules, and connections to the database. Numbers are ports. Values of "+parameters+".")
}

func databaseLines(n *checks.Node) []string {
	lines := []string{n.Name, n.Resource.At("Engine").String(), fmt.Sprintf("%d instances", len(n.Members))}
	if scaling := n.Resource.At("ServerlessV2ScalingConfiguration"); scaling.Exists() {
		lines = append(lines, fmt.Sprintf("%s–%s ACU each", scaling.At("MinCapacity").Show(), scaling.At("MaxCapacity").Show()))
	}
	return lines
}

func serviceLines(s *checks.ScaledService) []string {
	var lines []string
	if s.Target != nil {
		lines = append(lines, fmt.Sprintf("%s–%s tasks; targets:", s.Target.At("MinCapacity").Show(), s.Target.At("MaxCapacity").Show()))
	}
	for _, p := range s.Policies {
		lines = append(lines, tracked(p))
	}
	return append(lines, spotShare(s.Resource))
}

// containers are the containers of tasks, and what a task is given.
func containers(n *checks.Node) []row {
	var rows []row
	for _, container := range definitions(n) {
		c := cell{text: container.At("Name").String(), port: container.At("Name").String(), fill: white}
		for _, mapping := range container.At("PortMappings").List() {
			c.text += " :" + mapping.At("ContainerPort").String()
		}
		if container.At("Essential").String() == "false" {
			c.text += ", may fail"
		}
		for _, u := range upstreams(container) {
			c.text += "\n" + u
		}
		rows = append(rows, row{c})
	}
	if n.Task == nil {
		return nil
	}
	cpu, _ := n.Task.At("Cpu").Float()
	memory, _ := n.Task.At("Memory").Float()
	return append(rows, row{{text: fmt.Sprintf("%g vCPU, %g GB a task", cpu/1024, memory/1024)}})
}

// tracked says what a scaling policy keeps at which value.
func tracked(p *checks.ScalingPolicy) string {
	if p.Predefined != "" {
		return fmt.Sprintf("%s %g %%", strings.TrimSuffix(strings.TrimPrefix(p.Predefined, "ECSServiceAverage"), "Utilization"), p.Target)
	}
	var names []string
	for _, q := range p.Queries {
		if m := q.Metric; m != nil && m.Name != "RunningTaskCount" && !slices.Contains(names, m.Name) {
			names = append(names, m.Name)
		}
	}
	name := strings.Join(names, ", ")
	if !strings.HasSuffix(name, "PerTask") {
		name += " a task"
	}
	return fmt.Sprintf("%s %g", name, p.Target)
}

// spotShare says how tasks are spread: the base first, the rest by weight.
func spotShare(service *checks.Resource) string {
	spot, all, base := 0, 0, 0
	for _, item := range service.At("CapacityProviderStrategy").List() {
		weight, _ := item.At("Weight").Int()
		first, _ := item.At("Base").Int()
		all, base = all+weight, base+first
		if item.At("CapacityProvider").String() == "FARGATE_SPOT" {
			spot += weight
		}
	}
	if spot == 0 {
		return "no Spot"
	}
	return fmt.Sprintf("Spot: %d %% beyond %d", 100*spot/all, base)
}
