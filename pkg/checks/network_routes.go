package checks

import (
	"cmp"
	_ "embed"
	"net/netip"
	"slices"
	"strings"
)

// subnet is a subnet with what it says about ways in and out.
type subnet struct {
	id       string
	resource *Resource // nil when it is not in the templates
	vpc      string    // empty when it is not known
	blocks   []block
	unsized  string // why its blocks are not all known
	zone     string
	zoneless string // why its zone is not known
	table    *routeTable
	acl      *acl
}

// routeTable is a route table; without a resource it is a VPC's main one, which has the local route alone.
type routeTable struct {
	resource  *Resource
	routes    []*route
	endpoints []*Resource // gateway endpoints
	maybe     string      // why its routes are not all known
}

// route is a route to somewhere outside the VPC.
type route struct {
	resource *Resource
	to       block
	list     string
	through  string // the property that names the gateway, such as NatGatewayId
	gateway  *Resource
	target   Value
	maybe    string
}

// gatewayProperties are the targets that a route can have.
// Source: AWS::EC2::Route in the CloudFormation template reference.
func gatewayProperties() []string {
	return []string{"GatewayId", "NatGatewayId", "EgressOnlyInternetGatewayId", "TransitGatewayId", "VpcPeeringConnectionId", "VpcEndpointId",
		"NetworkInterfaceId", "InstanceId", "CarrierGatewayId", "LocalGatewayId", "CoreNetworkArn"}
}

func anyIPv4() block { return block{netip.MustParsePrefix("0.0.0.0/0")} }

func (n *Network) readRoutes() {
	n.readPeerings()
	for _, r := range n.world.OfType("AWS::EC2::RouteTable") {
		n.tables[r.Identity()] = &routeTable{resource: r}
	}
	for _, r := range n.world.OfType("AWS::EC2::Route") {
		way := n.readRoute(r)
		table := r.At("RouteTableId")
		if t := n.tables[table.String()]; t != nil {
			t.routes = append(t.routes, way)
			continue
		}
		if table.Unknown() != "" {
			way.maybe = cmp.Or(way.maybe, table.Unknown())
			n.looseWays = append(n.looseWays, way)
		}
	}
	for _, r := range n.world.OfType("AWS::EC2::VPCEndpoint") {
		for _, table := range r.At("RouteTableIds").List() {
			if t := n.tables[table.String()]; t != nil {
				t.endpoints = append(t.endpoints, r)
			}
		}
	}
}

func (n *Network) readRoute(r *Resource) *route {
	way := &route{resource: r, maybe: r.Maybe, list: r.At("DestinationPrefixListId").String()}
	to := r.At("DestinationCidrBlock")
	if !to.Exists() {
		to = r.At("DestinationIpv6CidrBlock")
	}
	if to.Exists() || way.list == "" {
		var why string
		if way.to, why = readBlock(to); why != "" {
			way.maybe, way.to = cmp.Or(way.maybe, why), anyIPv4()
		}
	}
	for _, property := range gatewayProperties() {
		if v := r.At(property); v.Exists() {
			way.through, way.target, way.gateway = property, v, n.world.Find(v)
			break
		}
	}
	return way
}

// isInternetGateway, and isNAT, tell by type, else by the form of the ID.
func (r *route) isInternetGateway() bool {
	if r.through != "GatewayId" {
		return false
	}
	return r.gateway != nil && r.gateway.Type == "AWS::EC2::InternetGateway" || strings.HasPrefix(r.target.String(), "igw-")
}

func (r *route) isNAT() bool { return r.through == "NatGatewayId" }

func (n *Network) readSubnets() {
	tables := map[string]Value{}
	for _, r := range n.world.OfType("AWS::EC2::SubnetRouteTableAssociation") {
		tables[r.At("SubnetId").String()] = r.At("RouteTableId")
	}
	acls := map[string]Value{}
	for _, r := range n.world.OfType("AWS::EC2::SubnetNetworkAclAssociation") {
		acls[r.At("SubnetId").String()] = r.At("NetworkAclId")
	}
	for _, r := range n.world.OfType("AWS::EC2::Subnet") {
		s := &subnet{id: r.Identity(), resource: r, vpc: r.At("VpcId").String(), table: n.tableOf(tables[r.Identity()]), acl: n.aclOf(acls[r.Identity()])}
		for _, property := range []string{"CidrBlock", "Ipv6CidrBlock"} {
			if v := r.At(property); v.Exists() {
				b, why := readBlock(v)
				s.blocks, s.unsized = append(s.blocks, b), cmp.Or(s.unsized, why)
			}
		}
		s.zone, s.zoneless = n.zoneOf(r)
		n.subnets[s.id] = s
	}
}

func (n *Network) tableOf(v Value) *routeTable {
	if t := n.tables[v.String()]; t != nil {
		return t
	}
	if !v.Exists() {
		return &routeTable{}
	}
	return &routeTable{maybe: cmp.Or(v.Unknown(), "route table "+v.String()+" is not in the templates")}
}

// zoneOf is the zone that a resource names, by name or ID; a reference to another resource's zone leads to that one's.
func (n *Network) zoneOf(r *Resource) (string, string) {
	for range 10 {
		v := r.At("AvailabilityZone")
		if !v.Exists() {
			v = r.At("AvailabilityZoneId")
		}
		if !v.Exists() {
			return "", "AWS picks the zone"
		}
		next := n.world.Find(v)
		if next == nil || next == r {
			return v.String(), v.Unknown()
		}
		r = next
	}
	return "", "zones refer to each other"
}

// subnetOf finds a subnet; one that is not in the templates has routes and blocks that are not known.
func (n *Network) subnetOf(id string) *subnet {
	if s := n.subnets[id]; s != nil {
		return s
	}
	why := "subnet " + id + " is not in the templates"
	s := &subnet{id: id, unsized: why, zoneless: why, table: &routeTable{maybe: why}, acl: &acl{maybe: why}}
	n.subnets[id] = s
	return s
}

// wayOut finds the most specific route from a subnet to a block; nil when there is none. The text says why it is not known.
func (n *Network) wayOut(s *subnet, to block, list string) (*route, string) {
	var best *route
	for _, r := range slices.Concat(s.table.routes, n.looseWays) {
		matches := r.to.contains(to) || list != "" && r.list == list
		if matches && (best == nil || best.maybe != "" || r.list != "" || r.to.Bits() > best.to.Bits()) {
			best = r
		}
	}
	if best == nil {
		return nil, s.table.maybe
	}
	return best, cmp.Or(best.maybe, s.table.maybe)
}

//go:embed prefixlists.txt
var prefixListsText string

// managedLists are the prefix lists that AWS keeps, and whose addresses they are.
func managedLists() map[string]string {
	lists := map[string]string{}
	for line := range strings.Lines(prefixListsText) {
		if id, service, ok := strings.Cut(strings.TrimSpace(line), " "); ok && id != "#" {
			lists[id] = service
		}
	}
	return lists
}
