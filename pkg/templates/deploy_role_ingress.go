package templates

import "github.com/tierform/tierform/pkg/resources"

// ingress is for the tier of that name, and for the target groups and listener rules of the services.
func (d deployRole) ingress() []resources.Statement {
	balancer := d.in("elasticloadbalancing", "loadbalancer/app/"+d.Name("alb", "*")+"/*")
	return []resources.Statement{
		{
			Sid: "DescribeLoadBalancing", AnyResource: "Elastic Load Balancing's Describe actions have no resources",
			Actions: []string{
				"elasticloadbalancing:DescribeCapacityReservation", "elasticloadbalancing:DescribeListenerAttributes",
				"elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeLoadBalancerAttributes",
				"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTags",
				"elasticloadbalancing:DescribeTargetGroupAttributes", "elasticloadbalancing:DescribeTargetGroups",
				"elasticloadbalancing:DescribeTargetHealth",
			},
		},
		{
			Sid: "ManageLoadBalancing",
			Actions: []string{
				"elasticloadbalancing:AddTags", "elasticloadbalancing:CreateListener", "elasticloadbalancing:CreateLoadBalancer",
				"elasticloadbalancing:CreateRule", "elasticloadbalancing:CreateTargetGroup", "elasticloadbalancing:CreateWebACLAssociation",
				"elasticloadbalancing:DeleteListener", "elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:DeleteRule",
				"elasticloadbalancing:DeleteTargetGroup", "elasticloadbalancing:DeleteWebACLAssociation",
				"elasticloadbalancing:GetLoadBalancerWebACL", "elasticloadbalancing:ModifyListener",
				"elasticloadbalancing:ModifyListenerAttributes", "elasticloadbalancing:ModifyLoadBalancerAttributes",
				"elasticloadbalancing:ModifyRule", "elasticloadbalancing:ModifyTargetGroup", "elasticloadbalancing:ModifyTargetGroupAttributes",
				"elasticloadbalancing:RemoveTags", "elasticloadbalancing:SetIpAddressType", "elasticloadbalancing:SetRulePriorities",
				"elasticloadbalancing:SetSecurityGroups", "elasticloadbalancing:SetSubnets",
			},
			Resources: append(d.in("elasticloadbalancing", "listener-rule/app/"+d.Name("alb", "*")+"/*",
				"listener/app/"+d.Name("alb", "*")+"/*", "targetgroup/"+d.Name("tg", "*")+"/*"), balancer...),
		},
		{
			Sid: "AttachWebACL", AnyResource: "the action has no resources; WAF checks its own action on the load balancer as well",
			Actions: []string{"elasticloadbalancing:SetWebACL"},
		},
		{
			Sid: "ManageWebACL",
			Actions: []string{
				"wafv2:AssociateWebACL", "wafv2:CreateWebACL", "wafv2:DeleteLoggingConfiguration", "wafv2:DeleteWebACL",
				"wafv2:DisassociateWebACL", "wafv2:GetLoggingConfiguration", "wafv2:GetWebACL", "wafv2:GetWebACLForResource",
				"wafv2:ListTagsForResource", "wafv2:PutLoggingConfiguration", "wafv2:TagResource", "wafv2:UntagResource",
				"wafv2:UpdateWebACL",
			},
			Resources: append(d.in("wafv2", "regional/managedruleset/*/*", "regional/webacl/"+d.Name("waf", "*")+"/*"), balancer...),
		},
		{
			Sid: "RequestCertificate", AnyResource: "a certificate has no ARN before it is requested", Actions: []string{"acm:RequestCertificate"},
		},
		{
			Sid: "ManageCertificate",
			Actions: []string{
				"acm:AddTagsToCertificate", "acm:DeleteCertificate", "acm:DescribeCertificate", "acm:ListTagsForCertificate",
				"acm:RemoveTagsFromCertificate", "acm:UpdateCertificateOptions",
			},
			Resources: d.in("acm", "certificate/*"),
		},
		{
			// A for the load balancer, CNAME for the certificate's validation, SOA for Cloud Map.
			Sid: "ChangeRecords", Actions: []string{"route53:ChangeResourceRecordSets"}, Resources: hostedZones(),
			Conditions: resources.Conditions{"ForAllValues:StringEquals": {
				"route53:ChangeResourceRecordSetsRecordTypes": {"A", "CNAME", "SOA"},
			}},
		},
		{
			Sid: "ReadRecords", Actions: []string{"route53:GetHostedZone", "route53:ListResourceRecordSets"}, Resources: hostedZones(),
		},
		{
			Sid: "FollowChanges", Actions: []string{"route53:GetChange"}, Resources: arns("route53::", []string{"change/*"}),
		},
		{
			Sid: "FindZones", AnyResource: "listing zones has no resources",
			Actions: []string{"route53:ListHostedZones", "route53:ListHostedZonesByName"},
		},
	}
}
