package checks

import (
	"slices"
	"strings"
)

// addInterface adds whatever else names security groups anywhere in its properties: functions, caches, instances.
func (n *Network) addInterface(r *Resource) {
	found := attachments{}
	found.read(r.Properties)
	if !found.has && !(launches(r) && len(found.subnets) > 0) {
		return
	}
	subnets := listOf(found.subnets)
	if len(found.subnets) == 0 && found.subnetGroup.Exists() {
		subnets = n.subnetGroup(found.subnetGroup)
	}
	node := n.node(Interface, r, listOf(found.groups), subnets)
	node.public = found.public
	if !found.public.Exists() {
		node.public = truth(false)
		for _, s := range node.subnets {
			if launches(r) && s.resource != nil {
				node.public = s.resource.At("MapPublicIpOnLaunch")
			}
		}
	}
	n.add(node)
}

// launches tells whether a resource starts instances, which take over what their subnet says about public addresses.
func launches(r *Resource) bool {
	return slices.Contains([]string{"AWS::EC2::Instance", "AWS::EC2::LaunchTemplate", "AWS::AutoScaling::LaunchConfiguration", "AWS::EC2::NetworkInterface"}, r.Type)
}

// attachments are the places of a resource in the network, wherever its type writes them.
type attachments struct {
	has                 bool
	groups, subnets     []Value
	subnetGroup, public Value
}

func (a *attachments) read(v Value) {
	for _, item := range v.list {
		a.read(item)
	}
	for _, key := range v.Keys() {
		value := v.fields[key]
		switch strings.ToLower(key) {
		case "securitygroupids", "securitygroups", "vpcsecuritygroupids", "vpcsecuritygroups", "groupset", "securitygroupidlist":
			a.has, a.groups = true, append(a.groups, value.List()...)
		case "subnetids", "subnets", "subnetid", "vpcsubnetids":
			a.subnets = append(a.subnets, value.List()...)
		case "cachesubnetgroupname", "clustersubnetgroupname", "replicationsubnetgroupidentifier", "subnetgroupname":
			a.subnetGroup = value
		case "publiclyaccessible", "associatepublicipaddress":
			a.public = value
		default:
			a.read(value)
		}
	}
}

// readOutside adds the internet, and the address ranges and prefix lists that rules name.
func (n *Network) readOutside() {
	n.add(&Node{Kind: Internet, Name: "internet", reach: anyIPv4(), public: truth(true)})
	served := map[string]bool{}
	for _, node := range n.OfKind(Endpoint) {
		served[node.service] = node.gateway
	}
	rules := slices.Clone(n.loose)
	for _, g := range n.groups {
		rules = slices.Concat(rules, g.ingress, g.egress)
	}
	for _, rule := range rules {
		p := rule.peer
		switch {
		case p.block.IsValid() && !p.block.any():
			n.addOnce(&Node{Kind: AddressRange, Name: p.block.String(), reach: p.block})
		case p.list != "" && !served[n.lists[p.list]]:
			n.addOnce(&Node{Kind: PrefixList, Name: p.list, list: p.list, service: n.lists[p.list]})
		}
	}
}

func (n *Network) addOnce(node *Node) {
	if n.byName[node.Name] == nil {
		n.add(node)
	}
}
