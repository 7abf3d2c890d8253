package templates

import (
	"github.com/awslabs/goformation/v7/cloudformation/ec2"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// The egress tier: the ways out of the private subnets, which are NAT gateways (R1) here and endpoints (R2) in
// egress_endpoints.go, and the flow logs of the VPC (R18). It is a tier of its own because it costs by the hour and takes
// minutes to create, and because only what runs tasks has to wait for it.

// EgressInputs are what the egress tier takes.
type EgressInputs struct {
	Environment
	// Endpoints is enabled or disabled (a root parameter).
	Endpoints                     cfn.Text
	LogsKey                       cfn.KeyARN
	VPC                           cfn.VPCID
	PublicSubnets, PrivateSubnets cfn.Zoned[cfn.SubnetID]
	PrivateRouteTables            cfn.Zoned[cfn.RouteTableID]
	EndpointGroup                 cfn.SecurityGroupID
}

// EgressOutputs let services wait for the way out.
type EgressOutputs struct {
	// Stack is complete when tasks can pull images.
	cfn.Stack
	// FlowLogGroup takes the VPC flow logs, an audit stream.
	FlowLogGroup cfn.LogGroupName
}

// Egress declares NAT gateways with the routes to them, endpoints and flow logs.
func Egress(t *cfn.Template, in EgressInputs) EgressOutputs {
	t.Describe("Egress: a NAT gateway in each zone with the private default routes, the endpoints of the AWS services that tasks use, and the flow logs of the VPC.")
	addNATGateways(t, in)
	addEndpoints(t, in)
	return EgressOutputs{FlowLogGroup: addFlowLogs(t, in)}
}

// addNATGateways gives each zone a NAT gateway of its own, so that the loss of a zone costs no other its way out. A region
// allows five addresses to begin with: the second environment needs a quota increase.
func addNATGateways(t *cfn.Template, in EgressInputs) {
	for i, subnet := range in.PublicSubnets {
		zone := zoneLetter(i)
		address := cfn.Add(t, "NATAddress"+zone, "Public address from which tasks in zone "+zone+" reach the outside; providers may have it on their lists", &ec2.EIP{
			Domain: new("vpc"), Tags: resources.NameTag(in.Name("eip", "nat", zoneQualifier(i))),
			AWSCloudFormationDeletionPolicy: "Delete", AWSCloudFormationUpdateReplacePolicy: "Delete",
			AWSCloudFormationMetadata: map[string]any{"Stateful": true},
		})
		gateway := cfn.Add(t, "NATGateway"+zone, "Way out for the private subnet in zone "+zone, &ec2.NatGateway{
			SubnetId: string(subnet), AllocationId: new(address.Att("AllocationId")), Tags: resources.NameTag(in.Name("nat", zoneQualifier(i))),
		})
		cfn.Add(t, "PrivateDefaultRoute"+zone, "Sends what leaves the private subnet in zone "+zone+" to the NAT gateway of the zone", &ec2.Route{
			RouteTableId: string(in.PrivateRouteTables[i]), DestinationCidrBlock: new(anywhere), NatGatewayId: new(gateway.Ref()),
		})
	}
}

// addFlowLogs records all traffic of the VPC, accepted and rejected.
func addFlowLogs(t *cfn.Template, in EgressInputs) cfn.LogGroupName {
	group := cfn.Add(t, "FlowLogGroup", "Takes the VPC flow logs", resources.LogGroup(in.LogGroupName("flow"), in.LogsKey))
	role := cfn.Add(t, "FlowLogRole", "Role with which the VPC writes flow logs", resources.Role(resources.RoleInput{
		Name: in.Name("role", "flow"), Description: "VPC flow logs: writes to their log group",
		Trust: resources.FlowLogTrust(), Statements: resources.FlowLogWriters(resources.LogGroupARN(group)),
	}))
	cfn.Add(t, "FlowLog", "Records all traffic of the VPC", resources.FlowLog(in.Name("flow"), in.VPC, resources.LogGroupName(group), resources.RoleARN(role)))
	return resources.LogGroupName(group)
}
