package checks

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// NodeKind says what a node of the network is.
type NodeKind string

const (
	// Internet is every address outside.
	Internet NodeKind = "internet"
	// AddressRange is a range of addresses that some rule names.
	AddressRange NodeKind = "address range"
	// PrefixList is a list of addresses that some rule names and no gateway endpoint serves.
	PrefixList NodeKind = "prefix list"
	// LoadBalancer is a load balancer of any kind.
	LoadBalancer NodeKind = "load balancer"
	// Tasks are the tasks of an ECS service, or those that a schedule or an event rule starts.
	Tasks NodeKind = "tasks"
	// Database is a cluster with its instances, or an instance without cluster.
	Database NodeKind = "database"
	// Endpoint is a VPC endpoint.
	Endpoint NodeKind = "endpoint"
	// Interface is anything else that has security groups.
	Interface NodeKind = "interface"
)

// Node is something that sends or takes traffic.
type Node struct {
	Kind NodeKind
	// Name is unique in the network and fit to be read: a discovery name, a physical name, an address range.
	Name string
	// Resource is what the node comes from; nil for the internet, address ranges and prefix lists.
	Resource *Resource
	// Task is the task definition of Tasks, nil when it is not known.
	Task *Resource
	// Members are the instances of a database cluster.
	Members []*Resource

	base       string // property path of the network configuration
	groups     []string
	groupMaybe string // why its groups are not all known
	unfiltered bool   // it needs no security group to be reached
	subnets    []*subnet
	netMaybe   string // why its subnets are not all known
	vpc        string // empty when it is not known
	public     Value  // whether it has a public address
	reach      block  // of Internet and AddressRange
	list       string // of PrefixList
	service    string // of Endpoint: com.amazonaws.us-east-1.s3
	gateway    bool   // of Endpoint
	discovery  string // host name in Cloud Map, of Tasks
}

// outside tells whether the node is no resource of the templates.
func (n *Node) outside() bool { return n.Resource == nil }

// Step is one thing that permits a path.
type Step struct {
	// Says is what the resource does for the path, such as "egress rule".
	Says string
	// Resource is nil for what is not in the templates.
	Resource *Resource
	// Path is the property of Resource that permits, "" for the resource as a whole.
	Path string
}

// String is the step in one line.
func (s Step) String() string {
	if s.Resource == nil {
		return s.Says
	}
	return strings.TrimSuffix(s.Says+" "+s.Resource.Where()+" "+s.Path, " ")
}

// Path is a way from one node to another for some traffic.
type Path struct {
	From, To *Node
	Flow     Flow
	// Via is what permits it, in the order in which traffic meets it.
	Via []Step
	// Unknown is why it cannot be known whether the path exists; empty when it does.
	Unknown string
}

// String is the path in one line.
func (p Path) String() string {
	line := fmt.Sprintf("%s -> %s %s", p.From.Name, p.To.Name, p.Flow)
	if p.Unknown != "" {
		return line + " unknown: " + p.Unknown
	}
	return line + " by " + strings.Join(mapped(p.Via, Step.String), ", ")
}

// step finds the last step that says something, or an empty one.
func (p Path) step(says string) Step {
	for _, s := range slices.Backward(p.Via) {
		if s.Says == says {
			return s
		}
	}
	return Step{}
}

// Network is who can reach whom in a world, on which port and why.
type Network struct {
	world       *World
	nodes       []*Node
	byName      map[string]*Node
	byOwner     map[*Resource][]*Node
	groups      map[string]*group
	rules       []*groupRule // all that the templates hold, in their order
	loose       []*groupRule // rules of which it is not known to which group they belong
	subnets     map[string]*subnet
	tables      map[string]*routeTable
	looseWays   []*route
	acls        map[string]*acl
	lists       map[string]string         // prefix lists that AWS keeps, by ID
	spaces      map[string]bool           // names of private namespaces
	hosts       map[string]*Node          // Tasks by host name in Cloud Map
	served      map[*Resource]served      // who is behind a target group
	below       map[*Resource][]*Resource // listeners of load balancers, rules of listeners
	within      map[NodeKind][]*subnet    // see subnetsOf
	endpoints   map[string][]*Node        // by VPC
	told        map[*Node]toldOf
	anyListener string            // why it is not known which load balancer has a listener
	peered      map[string]string // what joins a VPC with others
	memory      map[[2]*Node][]Path
	calls       map[*Node]callsOf
	proxies     map[*Resource]proxiesOf
	names       map[*Node][]string // see databaseNames
	databases   map[string]*Node   // by those names
}

type served struct {
	node *Node
	port int
}

type callsOf struct {
	list  []Call
	maybe string
}

// toldOf is what a node has been told in its environment.
type toldOf struct {
	texts     []string
	databases map[*Node]bool // those whose names are a text
	maybe     string
}

type proxiesOf struct {
	list  []envoyConfig
	maybe string
}

// Network is the world's network, computed once. It is not for use by several goroutines at a time.
func (w *World) Network() *Network {
	return w.models.network.get(func() *Network { return buildNetwork(w) })
}

func buildNetwork(w *World) *Network {
	n := &Network{world: w, byName: map[string]*Node{}, byOwner: map[*Resource][]*Node{}, groups: map[string]*group{},
		subnets: map[string]*subnet{}, tables: map[string]*routeTable{}, acls: map[string]*acl{}, lists: managedLists(),
		hosts: map[string]*Node{}, peered: map[string]string{}, memory: map[[2]*Node][]Path{}, calls: map[*Node]callsOf{},
		proxies: map[*Resource]proxiesOf{}, names: map[*Node][]string{}, databases: map[string]*Node{}, spaces: map[string]bool{},
		within: map[NodeKind][]*subnet{}, endpoints: map[string][]*Node{}, told: map[*Node]toldOf{}}
	n.readRoutes()
	n.readACLs()
	n.readSubnets()
	n.readGroups()
	n.readNodes()
	n.readOutside()
	n.readListeners()
	n.readTargets()
	n.readDatabaseNames()
	slices.SortStableFunc(n.nodes, func(a, b *Node) int { return cmp.Compare(a.Name, b.Name) })
	return n
}

// Nodes lists the nodes, sorted by name.
func (n *Network) Nodes() []*Node { return slices.Clone(n.nodes) }

// OfKind lists the nodes of some kinds, sorted by name.
func (n *Network) OfKind(kinds ...NodeKind) []*Node {
	var found []*Node
	for _, node := range n.nodes {
		if slices.Contains(kinds, node.Kind) {
			found = append(found, node)
		}
	}
	return found
}

// Node finds a node by its name, or by the logical ID or identity of its resource; nil when there is none, or when a
// logical ID stands for several.
func (n *Network) Node(name string) *Node {
	if found := n.byName[name]; found != nil {
		return found
	}
	var found []*Node
	for _, node := range n.nodes {
		if r := node.Resource; r != nil && (r.LogicalID == name || r.Identity() == name || r.Where() == name) {
			found = append(found, node)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return nil
}

// NodesOf lists the nodes that a resource is, or is a member of.
func (n *Network) NodesOf(r *Resource) []*Node { return n.byOwner[r] }

// add registers a node under a unique name.
func (n *Network) add(node *Node) {
	if n.byName[node.Name] != nil && node.Resource != nil {
		node.Name += " of " + node.Resource.Stack.Path
	}
	for first := node.Name; n.byName[node.Name] != nil; {
		node.Name = fmt.Sprintf("%s (%d)", first, len(n.nodes))
	}
	n.byName[node.Name] = node
	n.nodes = append(n.nodes, node)
	if node.Resource != nil {
		n.byOwner[node.Resource] = append(n.byOwner[node.Resource], node)
	}
	for _, member := range node.Members {
		n.byOwner[member] = append(n.byOwner[member], node)
	}
}
