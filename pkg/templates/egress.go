package templates

import "github.com/tierform/tierform/pkg/cfn"

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

// Egress declares ….
func Egress(t *cfn.Template, in EgressInputs) EgressOutputs {
	t.Describe("Egress")
	return EgressOutputs{}
}
