package templates

import (
	"encoding/json"

	"github.com/awslabs/goformation/v7/cloudformation/elasticloadbalancingv2"
	"github.com/awslabs/goformation/v7/cloudformation/logs"
	"github.com/awslabs/goformation/v7/cloudformation/wafv2"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// requestsPerAddress is how many requests an address may make in five minutes.
const requestsPerAddress = 2000

// managedRules are AWS's rule groups before the load balancer, 1,125 of the 1,500 capacity units that a web ACL has at its
// base price. The common rule set refuses bodies over 8 KB, which is as far as WAF looks into requests to a load
// balancer: what it cannot see does not pass. A service that takes larger bodies needs a rule of its own for its path.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
func managedRules() []string {
	return []string{
		"AWSManagedRulesAmazonIpReputationList",
		"AWSManagedRulesCommonRuleSet",
		"AWSManagedRulesKnownBadInputsRuleSet",
		"AWSManagedRulesSQLiRuleSet",
	}
}

// addFirewall declares the web ACL before the load balancer and its log. It returns the web ACL's name, which is also the
// name of its metric, and the log group.
func addFirewall(t *cfn.Template, in IngressInputs, balancer cfn.Resource[*elasticloadbalancingv2.LoadBalancer]) (cfn.WebACLName, cfn.LogGroupName) {
	name := in.Name("waf", product)
	acl := resources.AddWebACL(t, "WebAcl", "Blocks attacks and floods before they reach the load balancer", resources.WebACLInput{
		Name: name, Description: "Before the load balancer of the payment platform", RateLimit: requestsPerAddress, ManagedRules: managedRules(),
	})
	cfn.Add(t, "WebAclAssociation", "Puts the web ACL before the load balancer", &wafv2.WebACLAssociation{
		ResourceArn: balancer.Ref(), WebACLArn: acl.Att("Arn"),
	})
	group := cfn.Add(t, "WafLogGroup", "Takes what the web ACL decided on each request", resources.LogGroup(in.WAFLogGroupName(), in.LogsKey))
	delivery := cfn.Add(t, "WafLogDeliveryPolicy", "Lets log delivery write to the web ACL's log group", &logs.ResourcePolicy{
		PolicyName:     in.Name("policy", "waf-logs"),
		PolicyDocument: wafLogDelivery(in.WAFLogGroupName()),
	})
	logging := cfn.Add(t, "WebAclLogging", "Logs every request that the web ACL sees, without credentials", resources.WebACLLogging(acl, in.WAFLogGroupName()))
	logging.DependsOn(group, delivery)
	return cfn.WebACLName(name), resources.LogGroupName(group)
}

// wafLogDelivery lets the log delivery service write to the group on behalf of this account. WAF would otherwise add such
// a policy itself, which would stay when the environment is gone.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
func wafLogDelivery(group string) string {
	account := "arn:" + cfn.Partition + ":logs:" + cfn.Region + ":" + cfn.AccountID
	document, _ := json.MarshalIndent(resources.Policy(resources.Statement{
		Sid:        "LogDelivery",
		Principals: resources.Principals{Service: []string{"delivery.logs.amazonaws.com"}},
		Actions:    []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resources:  []string{account + ":log-group:" + group + ":log-stream:*"},
		Conditions: resources.Conditions{
			"StringEquals": {"aws:SourceAccount": {cfn.AccountID}},
			"ArnLike":      {"aws:SourceArn": {account + ":*"}},
		},
	}), "", "  ")
	return string(document)
}
