package templates

import "github.com/tierform/tierform/pkg/cfn"

// NetworkInputs are what the network tier takes.
type NetworkInputs struct {
	Environment
	// Config gives zones, services and who calls whom.
	Config Config
	// VPCCIDR is a /16 (a root parameter).
	VPCCIDR cfn.CIDR
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
	// Zones are the names of the zones in this account.
	Zones             cfn.Zoned[cfn.AvailabilityZone]
	LoadBalancerGroup cfn.SecurityGroupID
	// ServiceGroups are the groups of the services' tasks, by service name.
	ServiceGroups       map[string]cfn.SecurityGroupID
	AdministrationGroup cfn.SecurityGroupID
	DatabaseGroup       cfn.SecurityGroupID
	EndpointGroup       cfn.SecurityGroupID
}

// Network declares ….
func Network(t *cfn.Template, in NetworkInputs) NetworkOutputs {
	t.Describe("Network")
	return NetworkOutputs{}
}
