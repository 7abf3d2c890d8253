package checks

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// readNodes collects everything that has an address.
func (n *Network) readNodes() {
	for _, r := range n.world.OfType("AWS::ServiceDiscovery::PrivateDnsNamespace") {
		n.spaces[r.At("Name").String()] = true
	}
	for _, s := range n.world.Stacks {
		for _, r := range s.Resources {
			switch r.Type {
			case "AWS::ECS::Service", "AWS::ECS::TaskSet":
				n.addTasks(r, "NetworkConfiguration", r.At("TaskDefinition"))
			case "AWS::Scheduler::Schedule":
				if r.At("Target.EcsParameters").Exists() {
					n.addTasks(r, "Target.EcsParameters.NetworkConfiguration", r.At("Target.EcsParameters.TaskDefinitionArn"))
				}
			case "AWS::Events::Rule":
				n.addTargets(r)
			case "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancing::LoadBalancer":
				n.addLoadBalancer(r)
			case "AWS::EC2::VPCEndpoint":
				n.addEndpoint(r)
			default:
				if isDatabase(r) {
					n.addDatabase(r)
				} else if !strings.HasPrefix(r.Type, securityGroupType) {
					n.addInterface(r)
				}
			}
		}
	}
}

// node begins a node with what is common to all.
func (n *Network) node(kind NodeKind, r *Resource, groups, subnets Value) *Node {
	node := &Node{Kind: kind, Resource: r, Name: physicalName(r), public: truth(false)}
	n.attach(node, groups, subnets)
	return node
}

// physicalName is the name that a resource gives itself, else its logical ID.
func physicalName(r *Resource) string {
	for _, property := range []string{"ServiceName", "DBClusterIdentifier", "DBInstanceIdentifier", "FunctionName", "Name"} {
		if name := r.At(property).String(); name != "" && !strings.Contains(name, "<") {
			return name
		}
	}
	return r.LogicalID
}

// attach gives a node its security groups and subnets; without groups it has its VPC's default group.
func (n *Network) attach(node *Node, groups, subnets Value) {
	for _, v := range subnets.List() {
		if id := v.String(); id != "" {
			s := n.subnetOf(id)
			node.subnets, node.vpc = append(node.subnets, s), cmp.Or(node.vpc, s.vpc)
		} else {
			node.netMaybe = cmp.Or(node.netMaybe, v.Unknown(), "a subnet is not given by its ID")
		}
	}
	if len(subnets.List()) == 0 {
		node.netMaybe = "no subnets are given"
	}
	for _, v := range groups.List() {
		if id := v.String(); id != "" {
			node.groups = append(node.groups, id)
		} else {
			node.groupMaybe = cmp.Or(node.groupMaybe, v.Unknown(), "a security group is not given by its ID")
		}
	}
	for _, id := range node.groups {
		if g := n.groups[id]; g != nil && g.resource != nil {
			node.vpc = cmp.Or(node.vpc, g.resource.At("VpcId").String())
		}
	}
	if len(groups.List()) == 0 {
		node.groups = []string{cmp.Or(node.vpc, node.Resource.Identity()) + defaultGroup}
	}
}

// addTasks adds tasks that have a network interface of their own; others share the one of an instance that is not known.
func (n *Network) addTasks(r *Resource, base string, definition Value) {
	config := r.At(base + ".AwsvpcConfiguration")
	path := base + ".AwsvpcConfiguration"
	if other := r.At(base + ".AwsVpcConfiguration"); other.Exists() {
		config, path = other, base+".AwsVpcConfiguration"
	}
	node := n.node(Tasks, r, config.At("SecurityGroups"), config.At("Subnets"))
	node.base = path
	if !config.Exists() {
		node.groups, node.groupMaybe = nil, "the tasks have no network interface of their own"
	}
	if v := config.At("AssignPublicIp"); v.Unknown() != "" {
		node.public = v
	} else {
		node.public = truth(v.String() == "ENABLED") // by default DISABLED
	}
	node.Task = n.world.taskDefinition(definition)
	for _, registry := range r.At("ServiceRegistries").List() {
		if host := n.world.discoveryName(registry.At("RegistryArn")); host != "" && node.discovery == "" {
			node.discovery, node.Name = host, host[:strings.IndexByte(host, '.')]
			n.hosts[host] = node
		}
	}
	n.add(node)
}

func (n *Network) addTargets(r *Resource) {
	for i, target := range r.At("Targets").List() {
		if target.At("EcsParameters").Exists() {
			base := "Targets[" + strconv.Itoa(i) + "].EcsParameters."
			n.addTasks(r, base+"NetworkConfiguration", r.At(base+"TaskDefinitionArn"))
		}
	}
}

// taskDefinition finds a task definition by reference, ARN or family; nil when it is not in the templates.
func (w *World) taskDefinition(v Value) *Resource {
	if r := w.Find(v); r != nil && r.Type == "AWS::ECS::TaskDefinition" {
		return r
	}
	families := w.models.families.get(func() map[string]*Resource {
		known := map[string]*Resource{}
		for _, r := range w.OfType("AWS::ECS::TaskDefinition") {
			known[r.At("Family").String()] = r
		}
		delete(known, "")
		return known
	})
	family := v.String()
	family, _, _ = strings.Cut(family[strings.LastIndexByte(family, '/')+1:], ":")
	return families[family]
}

func (n *Network) addLoadBalancer(r *Resource) {
	subnets := r.At("Subnets")
	if mappings := r.At("SubnetMappings").List(); len(mappings) > 0 {
		subnets = listOf(mapped(mappings, func(m Value) Value { return m.At("SubnetId") }))
	}
	node := n.node(LoadBalancer, r, r.At("SecurityGroups"), subnets)
	kind := r.At("Type").String()
	node.unfiltered = (kind == "network" || kind == "gateway") && len(r.At("SecurityGroups").List()) == 0
	if scheme := r.At("Scheme"); scheme.Unknown() != "" {
		node.public = scheme
	} else {
		node.public = truth(scheme.String() != "internal") // by default internet-facing
	}
	n.add(node)
}

func (n *Network) addEndpoint(r *Resource) {
	node := n.node(Endpoint, r, r.At("SecurityGroupIds"), r.At("SubnetIds"))
	node.service, node.vpc = r.At("ServiceName").String(), r.At("VpcId").String()
	node.Name = cmp.Or(node.service, r.LogicalID)
	if kind := r.At("VpcEndpointType").String(); kind == "" || kind == "Gateway" {
		node.gateway, node.unfiltered, node.netMaybe = true, true, "" // by default a gateway
	}
	n.add(node)
	n.endpoints[node.vpc] = append(n.endpoints[node.vpc], node)
}

func isInstance(r *Resource) bool {
	return r.Type == "AWS::RDS::DBInstance" || r.Type == "AWS::DocDB::DBInstance" || r.Type == "AWS::Neptune::DBInstance"
}

func isDatabase(r *Resource) bool {
	return isInstance(r) || r.Type == "AWS::RDS::DBCluster" || r.Type == "AWS::DocDB::DBCluster" || r.Type == "AWS::Neptune::DBCluster"
}

// addDatabase adds a cluster with its instances, or an instance that is in no cluster.
func (n *Network) addDatabase(r *Resource) {
	if isInstance(r) && r.At("DBClusterIdentifier").Exists() {
		return
	}
	groups := r.At("VpcSecurityGroupIds")
	if !groups.Exists() {
		groups = r.At("VPCSecurityGroups")
	}
	node := n.node(Database, r, groups, n.subnetGroup(r.At("DBSubnetGroupName")))
	for _, i := range n.world.OfType("AWS::RDS::DBInstance", "AWS::DocDB::DBInstance", "AWS::Neptune::DBInstance") {
		if n.world.Find(i.At("DBClusterIdentifier")) == r {
			node.Members = append(node.Members, i)
		}
	}
	node.public = publiclyAccessible(append(slices.Clone(node.Members), r))
	n.add(node)
}

// publiclyAccessible is what the first says that says other than no. What is left out depends on the VPC, but for
// DocumentDB and Neptune, which never have public addresses.
func publiclyAccessible(instances []*Resource) Value {
	for _, r := range instances {
		v := r.At("PubliclyAccessible")
		switch {
		case v.True() || v.Unknown() != "":
			return v
		case !v.Exists() && r.Type == "AWS::RDS::DBInstance":
			return Unknown("PubliclyAccessible of " + r.LogicalID + " is left to RDS")
		}
	}
	return truth(false)
}

// subnetGroup lists the subnets of a subnet group of RDS, ElastiCache and the like.
func (n *Network) subnetGroup(v Value) Value {
	if v.Unknown() != "" || !v.Exists() {
		return v
	}
	r := n.world.Find(v)
	if r == nil {
		return Unknown("subnet group " + v.String() + " is not in the templates")
	}
	return r.At("SubnetIds")
}
