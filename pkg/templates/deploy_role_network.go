package templates

import "github.com/tierform/tierform/pkg/resources"

// network is for the tiers network and egress. EC2 gives its resources IDs instead of names, so they are limited to the
// types that the tiers use, in this account and region. An action checks only resources of the types it works on.
func (d deployRole) network() []resources.Statement {
	return []resources.Statement{
		{
			Sid: "DescribeNetwork", AnyResource: "EC2's Describe actions have no resources",
			Actions: []string{
				"ec2:DescribeAccountAttributes", "ec2:DescribeAddresses", "ec2:DescribeAvailabilityZones", "ec2:DescribeFlowLogs",
				"ec2:DescribeInstances", "ec2:DescribeInternetGateways", "ec2:DescribeNatGateways", "ec2:DescribeNetworkAcls",
				"ec2:DescribeNetworkInterfaces", "ec2:DescribeRegions", "ec2:DescribeRouteTables", "ec2:DescribeSecurityGroupRules",
				"ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeTags", "ec2:DescribeVpcEncryptionControls",
				"ec2:DescribeVpcEndpoints", "ec2:DescribeVpcs", "ec2:DescribeVpnGateways",
			},
		},
		{
			Sid: "ManageNetwork",
			Actions: []string{
				"ec2:AllocateAddress", "ec2:AssociateRouteTable", "ec2:AttachInternetGateway", "ec2:AuthorizeSecurityGroupEgress",
				"ec2:AuthorizeSecurityGroupIngress", "ec2:CreateFlowLogs", "ec2:CreateInternetGateway", "ec2:CreateNatGateway",
				"ec2:CreateRoute", "ec2:CreateRouteTable", "ec2:CreateSecurityGroup", "ec2:CreateSubnet", "ec2:CreateTags", "ec2:CreateVpc",
				"ec2:CreateVpcEndpoint", "ec2:DeleteFlowLogs", "ec2:DeleteInternetGateway", "ec2:DeleteNatGateway", "ec2:DeleteRoute",
				"ec2:DeleteRouteTable", "ec2:DeleteSecurityGroup", "ec2:DeleteSubnet", "ec2:DeleteTags", "ec2:DeleteVpc",
				"ec2:DeleteVpcEndpoints", "ec2:DescribeVpcAttribute", "ec2:DetachInternetGateway", "ec2:DisassociateAddress",
				"ec2:DisassociateRouteTable", "ec2:GetSecurityGroupsForVpc", "ec2:ModifySubnetAttribute", "ec2:ModifyVpcAttribute", "ec2:ModifyVpcEndpoint",
				"ec2:ReleaseAddress", "ec2:ReplaceRoute", "ec2:ReplaceRouteTableAssociation", "ec2:RevokeSecurityGroupEgress",
				"ec2:RevokeSecurityGroupIngress", "ec2:UpdateSecurityGroupRuleDescriptionsEgress",
				"ec2:UpdateSecurityGroupRuleDescriptionsIngress",
			},
			Resources: d.in("ec2", "elastic-ip/*", "internet-gateway/*", "natgateway/*", "network-interface/*", "route-table/*",
				"security-group-rule/*", "security-group/*", "subnet/*", "vpc-endpoint/*", "vpc-flow-log/*", "vpc/*"),
		},
		{
			// Private DNS of an interface endpoint is a hosted zone of AWS, associated with the VPC on the caller's behalf.
			// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
			Sid: "PrivateDNSOfEndpoints", Actions: []string{"route53:AssociateVPCWithHostedZone"}, Resources: hostedZones(),
		},
	}
}

// hostedZones are all zones: those that Cloud Map and AWS make are known by ID only, and the public one is a parameter
// of the platform.
func hostedZones() []string { return arns("route53::", []string{"hostedzone/*"}) }
