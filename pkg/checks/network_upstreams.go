package checks

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Call is a call that a service declares: an upstream of its Envoy, or a host name of Cloud Map in its environment.
type Call struct {
	// From calls To, which is nil when no service of the templates has the host name.
	From, To *Node
	// Host and Port are what the caller has been told; Port is 0 when it has not been told.
	Host string
	Port int
	// Path is where in the caller's task definition it stands.
	Path string
}

// discoveryName is the host name that Cloud Map gives to the instances of a service; empty when it is not known.
func (w *World) discoveryName(registry Value) string {
	r := w.Find(registry)
	if r == nil || r.Type != "AWS::ServiceDiscovery::Service" {
		return ""
	}
	namespace := r.At("NamespaceId")
	if !namespace.Exists() {
		namespace = r.At("DnsConfig.NamespaceId")
	}
	space := w.Find(namespace)
	name := r.At("Name").String()
	if space == nil || name == "" || space.At("Name").String() == "" {
		return ""
	}
	return name + "." + space.At("Name").String()
}

// Calls lists what tasks declare to call in the private namespaces of the templates. The text says why there may be more.
func (n *Network) Calls(from *Node) ([]Call, string) {
	known, ok := n.calls[from]
	if !ok {
		known.list, known.maybe = n.readCalls(from)
		n.calls[from] = known
	}
	return known.list, known.maybe
}

func (n *Network) readCalls(from *Node) ([]Call, string) {
	if from.Kind != Tasks {
		return nil, ""
	}
	if from.Task == nil {
		return nil, "the task definition is not in the templates"
	}
	configs, maybe := n.envoys(from.Task)
	var calls []Call
	for _, config := range configs {
		for _, cluster := range config.Static.Clusters {
			for _, address := range cluster.addresses() {
				calls = n.call(calls, Call{From: from, Host: address.Socket.Address, Port: address.Socket.Port, Path: config.path})
			}
		}
	}
	hostAndPort := regexp.MustCompile(`([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)(?::(\d+))?`)
	for i, container := range from.Task.At("ContainerDefinitions").List() {
		for j, variable := range container.At("Environment").List() {
			value := variable.At("Value")
			maybe = cmp.Or(maybe, value.Unknown())
			for _, found := range hostAndPort.FindAllStringSubmatch(value.String(), -1) {
				port, _ := strconv.Atoi(found[2])
				calls = n.call(calls, Call{From: from, Host: found[1], Port: port, Path: fmt.Sprintf("ContainerDefinitions[%d].Environment[%d].Value", i, j)})
			}
		}
	}
	return calls, maybe
}

// call adds a call if its host is in a private namespace of the templates and not the caller itself.
func (n *Network) call(calls []Call, c Call) []Call {
	c.To = n.hosts[c.Host]
	if c.To == c.From || c.To == nil && !n.isPrivateName(c.Host) {
		return calls
	}
	return append(calls, c)
}

func (n *Network) isPrivateName(host string) bool {
	for rest := host; rest != ""; _, rest, _ = strings.Cut(rest, ".") {
		if n.spaces[rest] && rest != host {
			return true
		}
	}
	return false
}

// ContainerPorts are the ports on which the containers of tasks listen.
func (n *Node) ContainerPorts() []int {
	var ports []int
	if n.Task == nil {
		return nil
	}
	for _, container := range n.Task.At("ContainerDefinitions").List() {
		for _, mapping := range container.At("PortMappings").List() {
			if port, ok := mapping.At("ContainerPort").Int(); ok {
				ports = append(ports, port)
			}
		}
	}
	return ports
}

// Port is the port on which a database listens. What is left out depends on the engine, and is not known for Aurora.
// Source: AWS::RDS::DBCluster and AWS::RDS::DBInstance, property Port, in the CloudFormation template reference.
func (n *Node) Port() Value {
	v := n.Resource.At("Port")
	engine := n.Resource.At("Engine").String()
	defaults := map[string]string{"postgres": "5432", "mysql": "3306", "mariadb": "3306", "docdb": "27017", "neptune": "8182"}
	switch {
	case v.Exists():
		return v
	case n.Resource.Type == "AWS::DocDB::DBCluster":
		return Text(defaults["docdb"])
	case n.Resource.Type == "AWS::Neptune::DBCluster":
		return Text(defaults["neptune"])
	case defaults[engine] != "":
		return Text(defaults[engine])
	}
	return Unknown("the port is left to the engine " + engine)
}
