package checks

import (
	"fmt"
	"slices"
	"strings"
)

// serviceRules prove that what belongs to a service fits together.
func serviceRules() []Rule {
	return []Rule{
		{ID: "SER001", Title: "A load balancer sends to a container and port that the task has", Requirements: []string{"R4", "R7"}, Severity: High, Check: checkReceivers},
		{ID: "SER002", Title: "A task has time to start before the load balancer's checks count", Requirements: []string{"R7"}, Severity: Medium, Check: checkGrace},
		{ID: "SER003", Title: "Requests may end, and end before their task does", Requirements: []string{"R5", "R7"}, Severity: Medium, Check: checkDeregistration},
		{ID: "SER004", Title: "Credentials are injected whole, each part under a name of its own", Requirements: []string{"R14"}, PCI: []string{"8.6.2"}, Severity: Medium, Check: checkWholeCredentials},
		{ID: "SER005", Title: "A secret gets a value that nobody knows", Requirements: []string{"R14"}, PCI: []string{"8.3.2", "8.6.2"}, Severity: High, Check: checkGenerated},
		{ID: "SER006", Title: "Services are found by a name that leads to tasks that are well", Requirements: []string{"R9"}, Severity: Medium, Check: checkSettings("SER006")},
		{ID: "SER007", Title: "A proxy refuses connections beyond a limit", Requirements: []string{"R10"}, Severity: Medium, Check: checkProxyLimits},
	}
}

// receiver is the container and port of a task that a load balancer sends to.
type receiver struct {
	container container
	port      string // path of the port mapping; "" without
}

// receiver finds what an entry of a service's LoadBalancers names; nil when no container has the name.
func (w *World) receiver(task *Resource, entry Value) *receiver {
	for _, c := range containersOf(task) {
		name := c.value.Field("Name").String()
		if name == "" || name != entry.At("ContainerName").String() {
			continue
		}
		for _, path := range expandPath(c.value, "PortMappings[*]") {
			if port := c.value.At(path + ".ContainerPort").String(); port != "" && port == entry.At("ContainerPort").String() {
				return &receiver{c, path}
			}
		}
		return &receiver{c, ""}
	}
	return nil
}

// eachReceiver runs a judgement over the services behind a load balancer, entry by entry. The task is nil when it is not known.
func eachReceiver(w *World, judge func(service, task *Resource, path string)) {
	for _, r := range w.OfType(serviceType) {
		for _, path := range expandPath(r.Properties, "LoadBalancers[*]") {
			judge(r, w.taskDefinition(r.At("TaskDefinition")), path)
		}
	}
}

func checkReceivers(w *World, l *Looking) {
	eachReceiver(w, func(service, task *Resource, path string) {
		l.Look()
		if task == nil {
			l.Unsure(service, path, "a container of the task", "its task definition is not known")
			return
		}
		switch to := w.receiver(task, service.At(path)); {
		case to == nil:
			l.FailUnlessExcused(service, path+".ContainerName", service.At(path+".ContainerName"), "a container of "+task.LogicalID, "name the container that takes requests")
		case to.port == "":
			l.FailUnlessExcused(service, path+".ContainerPort", service.At(path+".ContainerPort"), "a port that the container maps", "map the port in the task definition")
		default:
			if v := to.container.value.At(to.port + ".Protocol"); v.Exists() && v.String() != "tcp" {
				l.FailUnlessExcused(task, to.container.path+"."+to.port+".Protocol", v, "tcp", "map the port for TCP")
			}
		}
	})
}

// mostGrace is how long a task may fail the load balancer's checks without being replaced.
const mostGrace = 600

func checkGrace(w *World, l *Looking) {
	const path = "HealthCheckGracePeriodSeconds"
	for _, r := range w.OfType(serviceType) {
		if len(r.At("LoadBalancers").List()) == 0 {
			continue
		}
		l.Look()
		start := 1
		if task := w.taskDefinition(r.At("TaskDefinition")); task != nil {
			for _, c := range containersOf(task) {
				n, _ := c.number("HealthCheck.StartPeriod", 0)
				start = max(start, n)
			}
		}
		if v := r.At(path); !v.between(start, mostGrace) {
			l.FailUnlessExcused(r, path, v, fmt.Sprintf("%d to %d seconds, as its containers take to start", start, mostGrace), "set "+path)
		}
	}
}

// checkDeregistration: a load balancer lets requests end for 300 seconds where nothing is said (Elastic Load Balancing, User Guide
// for Application Load Balancers, "Deregistration delay").
func checkDeregistration(w *World, l *Looking) {
	const attribute, otherwise = "TargetGroupAttributes[deregistration_delay.timeout_seconds]", 300
	for _, s := range w.Operations().Services {
		task := w.taskDefinition(s.Resource.At("TaskDefinition"))
		if task == nil {
			continue
		}
		to := w.receiver(task, s.Resource.At("LoadBalancers[0]"))
		if to == nil {
			continue
		}
		stop, ok := to.container.stop()
		for _, group := range s.Groups {
			l.Look()
			path, v := settingAt(group, attribute)
			needed := fmt.Sprintf("%d seconds to the %d after which the container is ended", leastStop, stop)
			switch {
			case !ok:
				l.Unsure(group, path, needed, "its StopTimeout is not known")
			case !v.Exists():
				l.FailUnlessExcused(group, path, Text(fmt.Sprintf("nothing, for which AWS takes %d", otherwise)), needed, "set "+attribute)
			case !v.between(leastStop, stop):
				l.FailUnlessExcused(group, path, v, needed, "set "+attribute)
			}
		}
	}
}

// mostConnections is what a proxy may hold open: each takes memory of a sidecar, which has little.
const mostConnections = 10_000

// checkProxyLimits asks for the overload manager's limit of downstream connections, without which Envoy takes all.
// Source: config.overload.v3 in the API reference of Envoy.
func checkProxyLimits(w *World, l *Looking) {
	n := w.Network()
	for _, task := range w.OfType(taskDefinitionType) {
		configs, maybe := n.envoys(task)
		if maybe != "" {
			l.Look()
			l.Unsure(task, "", "a configuration of Envoy that is known", maybe)
		}
		for _, config := range configs {
			l.Look()
			if limit := config.limit(); limit < 1 || limit > mostConnections {
				l.FailText(task, config.path, fmt.Sprintf("a limit of %d connections", limit), fmt.Sprintf("a limit of 1 to %d connections", mostConnections), "set max_active_downstream_connections of the overload manager")
			}
		}
	}
}

// limit is the most connections that a proxy takes; 0 for no limit.
func (c envoyConfig) limit() int {
	for _, monitor := range c.Overload.Monitors {
		if n, isNumber := monitor.Config.Connections.(float64); isNumber && strings.HasSuffix(monitor.Name, "global_downstream_max_connections") {
			return int(n)
		}
	}
	return 0
}

// partsOf are the keys of a secret that a container is given.
type partsOf struct {
	secret string
	keys   []string
}

// injectedParts lists the secrets that a container is given by key, in their order.
func (c container) injectedParts() []partsOf {
	var list []partsOf
	for _, path := range expandPath(c.value, "Secrets[*].ValueFrom") {
		secret, key := secretPart(c.value.At(path).String())
		if key == "" {
			continue
		}
		at := slices.IndexFunc(list, func(p partsOf) bool { return p.secret == secret })
		if at < 0 {
			at, list = len(list), append(list, partsOf{secret: secret})
		}
		list[at].keys = append(list[at].keys, key)
	}
	return list
}
