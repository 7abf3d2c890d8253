package resources

import (
	"strconv"

	"github.com/awslabs/goformation/v7/cloudformation/wafv2"

	"github.com/tierform/tierform/pkg/cfn"
)

// Limits of a rate-based rule.
// https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html
const (
	minRateLimit = 10
	maxRateLimit = 2_000_000_000
)

// rateWindowSeconds is the time over which requests are counted.
const rateWindowSeconds = 300

// noWAFOverride leaves a managed rule group its own actions, which block.
var noWAFOverride = &wafv2.WebACL_OverrideAction{None: map[string]any{}}

// WebACLInput describes a web ACL for load balancers.
type WebACLInput struct {
	// Name is the physical name and the value of the CloudWatch dimension WebACL.
	Name string
	// Description says what it protects.
	Description string
	// RateLimit is how many requests an address may make in five minutes.
	RateLimit int
	// ManagedRules are names of AWS's rule groups, in the order in which they look at a request.
	ManagedRules []string
}

// AddWebACL declares a web ACL that blocks (PCI DSS 6.4.2): addresses that ask too often first, then what AWS's managed
// rules match with their own actions; everything else passes. Every rule has a metric. What WAF shows of requests holds
// neither credentials nor card data.
// https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
func AddWebACL(t *cfn.Template, logicalID, is string, in WebACLInput) cfn.Resource[*wafv2.WebACL] {
	acl := cfn.Add(t, logicalID, is, webACL(in))
	// goformation does not know data protection.
	acl.Patch("DataProtectionConfig", protectedRequestData())
	return acl
}

func webACL(in WebACLInput) *wafv2.WebACL {
	acl := &wafv2.WebACL{
		Name:             new(in.Name),
		Description:      new(in.Description),
		Scope:            "REGIONAL",
		DefaultAction:    &wafv2.WebACL_DefaultAction{Allow: &wafv2.WebACL_AllowAction{}},
		VisibilityConfig: wafVisibility(in.Name),
		Rules: []wafv2.WebACL_Rule{{
			Name: "RateLimit", Priority: 0,
			Action: &wafv2.WebACL_RuleAction{Block: &wafv2.WebACL_BlockAction{}},
			Statement: &wafv2.WebACL_Statement{RateBasedStatement: &wafv2.WebACL_RateBasedStatement{
				AggregateKeyType: "IP", Limit: in.RateLimit, EvaluationWindowSec: new(rateWindowSeconds),
			}},
			VisibilityConfig: wafVisibility("RateLimit"),
		}},
	}
	for i, name := range in.ManagedRules {
		acl.Rules = append(acl.Rules, wafv2.WebACL_Rule{
			Name: name, Priority: i + 1, OverrideAction: noWAFOverride,
			Statement: &wafv2.WebACL_Statement{ManagedRuleGroupStatement: &wafv2.WebACL_ManagedRuleGroupStatement{
				VendorName: "AWS", Name: name,
			}},
			VisibilityConfig: wafVisibility(name),
		})
	}
	switch {
	case in.RateLimit < minRateLimit || in.RateLimit > maxRateLimit:
		acl.Description = new(cfn.Invalid("rate limit of web ACL "+in.Name, strconv.Itoa(in.RateLimit), "10 to 2,000,000,000 requests in five minutes"))
	case len(in.ManagedRules) == 0:
		acl.Description = new(cfn.Invalid("web ACL has no managed rules", in.Name, "at least one of AWS's rule groups"))
	}
	return acl
}

func wafVisibility(metric string) *wafv2.WebACL_VisibilityConfig {
	return &wafv2.WebACL_VisibilityConfig{MetricName: metric, CloudWatchMetricsEnabled: true, SampledRequestsEnabled: true}
}

// protectedRequestData keeps secrets and card data out of everything WAF shows of requests, which are its log and the
// samples in its console, match details included: credentials in headers, query strings, and excerpts of bodies
// (PCI DSS 3.3).
// https://docs.aws.amazon.com/waf/latest/APIReference/API_DataProtection.html
func protectedRequestData() map[string]any {
	protect := func(field map[string]any) any {
		return map[string]any{"Field": field, "Action": "SUBSTITUTION"}
	}
	return map[string]any{"DataProtections": []any{
		protect(map[string]any{"FieldType": "SINGLE_HEADER", "FieldKeys": credentialHeaders}),
		protect(map[string]any{"FieldType": "QUERY_STRING"}),
		protect(map[string]any{"FieldType": "BODY"}),
	}}
}

// credentialHeaders are the request headers that carry credentials.
var credentialHeaders = []string{"authorization", "cookie"}

// WebACLLogging writes what a web ACL sees of every request to a log group, without credentials and query strings. The
// group's name begins with aws-waf-logs-; WAF wants its ARN without the trailing ":*".
// https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
func WebACLLogging(acl cfn.Resource[*wafv2.WebACL], groupName string) *wafv2.LoggingConfiguration {
	logging := &wafv2.LoggingConfiguration{
		ResourceArn:           acl.Att("Arn"),
		LogDestinationConfigs: []string{"arn:" + cfn.Partition + ":logs:" + cfn.Region + ":" + cfn.AccountID + ":log-group:" + groupName},
		RedactedFields:        []wafv2.LoggingConfiguration_FieldToMatch{{QueryString: map[string]any{}}},
	}
	for _, header := range credentialHeaders {
		logging.RedactedFields = append(logging.RedactedFields, wafv2.LoggingConfiguration_FieldToMatch{
			SingleHeader: &wafv2.LoggingConfiguration_SingleHeader{Name: header},
		})
	}
	return logging
}
