package templates

import (
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/ec2"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// The network tier: the VPC with its subnets and route tables (R1) here, and all security groups with the rules between
// them (R2) in network_groups.go. It is a tier of its own because it costs nothing, changes rarely and is what everything
// else stands on; all groups are in one place so that they can name each other, and so that who may talk to whom can be
// read in one file.
//
// CloudFormation cannot empty the VPC's default security group, which lets its members talk to each other and out; nothing
// is in it. An account-wide control, such as Security Hub's EC2.2, removes its rules.

// NetworkInputs are what the network tier takes.
type NetworkInputs struct {
	Environment
	// Config gives zones, services and who calls whom.
	Config Config
	// CIDRBlock is a /16 (a root parameter).
	CIDRBlock cfn.CIDR
	// Endpoints is enabled or disabled (a root parameter): disabled lets tasks reach port 443 of any address.
	Endpoints cfn.Text
	// EgressPrefixList is what External services may reach, or empty (a root parameter).
	EgressPrefixList cfn.PrefixListID
}

// NetworkOutputs are the subnets and groups that the other tiers use.
type NetworkOutputs struct {
	VPC                                            cfn.VPCID
	PublicSubnets, PrivateSubnets, IsolatedSubnets cfn.Zoned[cfn.SubnetID]
	PrivateRouteTables                             cfn.Zoned[cfn.RouteTableID]
	// DatabaseZones are the names, in this account, of the zones that the database's instances are in.
	DatabaseZones     cfn.Zoned[cfn.AvailabilityZone]
	LoadBalancerGroup cfn.SecurityGroupID
	// ServiceGroups are the groups of the services' tasks, by service name.
	ServiceGroups       map[string]cfn.SecurityGroupID
	AdministrationGroup cfn.SecurityGroupID
	DatabaseGroup       cfn.SecurityGroupID
	EndpointGroup       cfn.SecurityGroupID
}

// A subnetKind is one of the three kinds of subnet, of which each zone has one. Its blocks are cut from the VPC's /16 so
// that six zones fit and a zone more moves no other: count blocks with hostBits bits for hosts, of which the kind has six
// from first on.
type subnetKind struct {
	name, is               string
	count, hostBits, first int
}

// In a VPC 10.0.0.0/16 the private subnets begin at 10.0.0.0, 4,091 addresses each, because every task takes one and a
// deployment doubles them; the public ones at 10.0.128.0 and the isolated ones at 10.0.160.0, 1,019 addresses each. The
// rest, 10.0.96.0/19, 10.0.152.0/21 and 10.0.184.0 to the end, is free.
var (
	privateSubnets  = subnetKind{name: "Private", is: "tasks and endpoints, with a way out through NAT", count: 16, hostBits: 12, first: 0}
	publicSubnets   = subnetKind{name: "Public", is: "load balancer and NAT gateways", count: 64, hostBits: 10, first: 32}
	isolatedSubnets = subnetKind{name: "Isolated", is: "the database, without a way out", count: 64, hostBits: 10, first: 40}
)

// Network declares the VPC, its subnets and route tables, and the security groups with all that they permit.
func Network(t *cfn.Template, in NetworkInputs) NetworkOutputs {
	t.Describe("Network: a VPC with public, private and isolated subnets in each zone, their route tables, and the security groups with every flow that is permitted between them.")
	vpc := addVPC(t, in)
	gateway, attached := addInternetGateway(t, in, vpc)
	public, zones := addSubnets(t, in, vpc, publicSubnets)
	private, _ := addSubnets(t, in, vpc, privateSubnets)
	isolated, _ := addSubnets(t, in, vpc, isolatedSubnets)
	addPublicRoutes(t, in, vpc, gateway, public).DependsOn(attached)
	routeTables := addPrivateRouteTables(t, in, vpc, private)
	addIsolatedRouteTable(t, in, vpc, isolated)

	out := addGroups(t, in, vpc)
	out.VPC, out.DatabaseZones, out.PrivateRouteTables = vpc, zones[:databaseInstances], routeTables
	out.PublicSubnets, out.PrivateSubnets, out.IsolatedSubnets = public, private, isolated
	return out
}

// addVPC declares the VPC. Cloud Map and the private names of endpoints need both DNS settings.
func addVPC(t *cfn.Template, in NetworkInputs) cfn.VPCID {
	return resources.VPCID(cfn.Add(t, "VPC", "The platform's network", &ec2.VPC{
		CidrBlock: new(string(in.CIDRBlock)), EnableDnsSupport: new(true), EnableDnsHostnames: new(true), Tags: resources.NameTag(in.Name("vpc")),
	}))
}

// addInternetGateway declares the gateway and its attachment, which routes through it must wait for.
func addInternetGateway(t *cfn.Template, in NetworkInputs, vpc cfn.VPCID) (gateway string, attached cfn.Dependency) {
	gateway = cfn.Add(t, "InternetGateway", "Way between the public subnets and the internet", &ec2.InternetGateway{Tags: resources.NameTag(in.Name("igw"))}).Ref()
	return gateway, cfn.Add(t, "InternetGatewayAttachment", "Attaches the internet gateway to the VPC", &ec2.VPCGatewayAttachment{
		VpcId: string(vpc), InternetGatewayId: new(gateway),
	})
}

// addSubnets declares the subnets of a kind, one for each zone.
func addSubnets(t *cfn.Template, in NetworkInputs, vpc cfn.VPCID, kind subnetKind) (subnets cfn.Zoned[cfn.SubnetID], zones cfn.Zoned[cfn.AvailabilityZone]) {
	for i, zone := range in.Config.Zones {
		block := cfn.Select(kind.first+i, cfn.SubnetCIDRs(string(in.CIDRBlock), kind.count, kind.hostBits))
		name := in.Name("subnet", strings.ToLower(kind.name), zoneQualifier(i))
		subnet := cfn.Add(t, kind.name+"Subnet"+zoneLetter(i), kind.name+" subnet in zone "+zoneLetter(i)+" for "+kind.is, resources.Subnet(name, vpc, cfn.CIDR(block), zone))
		subnets, zones = append(subnets, resources.SubnetID(subnet)), append(zones, resources.SubnetZone(subnet))
	}
	return subnets, zones
}

// addRouteTable declares a route table, whose name in consoles is that of its kind and zone.
func addRouteTable(t *cfn.Template, in NetworkInputs, vpc cfn.VPCID, logicalID, is string, qualifiers ...string) cfn.RouteTableID {
	return resources.RouteTableID(cfn.Add(t, logicalID, is, &ec2.RouteTable{VpcId: string(vpc), Tags: resources.NameTag(in.Name("rtb", qualifiers...))}))
}

// associate makes subnets follow a route table.
func associate(t *cfn.Template, kind, zone string, subnet cfn.SubnetID, table cfn.RouteTableID) {
	cfn.Add(t, kind+"SubnetRoutes"+zone, "Makes the "+strings.ToLower(kind)+" subnet in zone "+zone+" follow its route table", &ec2.SubnetRouteTableAssociation{
		SubnetId: string(subnet), RouteTableId: string(table),
	})
}

// addPublicRoutes routes the public subnets to the internet gateway.
func addPublicRoutes(t *cfn.Template, in NetworkInputs, vpc cfn.VPCID, gateway string, subnets cfn.Zoned[cfn.SubnetID]) cfn.Resource[*ec2.Route] {
	table := addRouteTable(t, in, vpc, "PublicRouteTable", "Routes of the public subnets", "public")
	for i, subnet := range subnets {
		associate(t, publicSubnets.name, zoneLetter(i), subnet, table)
	}
	return cfn.Add(t, "PublicDefaultRoute", "Sends what leaves the public subnets to the internet", &ec2.Route{
		RouteTableId: string(table), DestinationCidrBlock: new(anywhere), GatewayId: new(gateway),
	})
}

// addPrivateRouteTables gives each private subnet a table of its own: the egress tier adds the route to the NAT gateway of
// the same zone.
func addPrivateRouteTables(t *cfn.Template, in NetworkInputs, vpc cfn.VPCID, subnets cfn.Zoned[cfn.SubnetID]) (tables cfn.Zoned[cfn.RouteTableID]) {
	for i, subnet := range subnets {
		zone := zoneLetter(i)
		table := addRouteTable(t, in, vpc, "PrivateRouteTable"+zone, "Routes of the private subnet in zone "+zone, "private", zoneQualifier(i))
		associate(t, privateSubnets.name, zone, subnet, table)
		tables = append(tables, table)
	}
	return tables
}

// addIsolatedRouteTable keeps the isolated subnets from the VPC's main table, to which somebody might add a route.
func addIsolatedRouteTable(t *cfn.Template, in NetworkInputs, vpc cfn.VPCID, subnets cfn.Zoned[cfn.SubnetID]) {
	table := addRouteTable(t, in, vpc, "IsolatedRouteTable", "Routes of the isolated subnets: none but within the VPC", "isolated")
	for i, subnet := range subnets {
		associate(t, isolatedSubnets.name, zoneLetter(i), subnet, table)
	}
}
