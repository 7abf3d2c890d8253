package resources_test

import (
	"testing"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// A web ACL without limit or without rules protects nothing.
func TestWebACLRefusesToBeToothless(t *testing.T) {
	rules := []string{"AWSManagedRulesCommonRuleSet"}
	for name, tc := range map[string]struct {
		want string
		in   resources.WebACLInput
	}{
		"right":    {"", resources.WebACLInput{Name: "waf", Description: "It", RateLimit: 2000, ManagedRules: rules}},
		"no limit": {"rate limit", resources.WebACLInput{Name: "waf", Description: "It", ManagedRules: rules}},
		"too high": {"rate limit", resources.WebACLInput{Name: "waf", Description: "It", RateLimit: 2_000_000_001, ManagedRules: rules}},
		"no rules": {"no managed rules", resources.WebACLInput{Name: "waf", Description: "It", RateLimit: 2000}},
	} {
		t.Run(name, func(t *testing.T) {
			wantInvalid(t, tc.want, func(root *cfn.Template) { resources.AddWebACL(root, "Acl", "Protects", tc.in) })
		})
	}
}

// WAF refuses a log group's ARN that ends in ":*".
func TestWebACLLoggingNamesTheGroup(t *testing.T) {
	root := cfn.NewTemplate("root", "A test")
	acl := resources.AddWebACL(root, "Acl", "Protects", resources.WebACLInput{Name: "waf", Description: "It", RateLimit: 10, ManagedRules: []string{"AWSManagedRulesCommonRuleSet"}})
	logging := resources.WebACLLogging(acl, "aws-waf-logs-x")
	want := "arn:" + cfn.Partition + ":logs:" + cfn.Region + ":" + cfn.AccountID + ":log-group:aws-waf-logs-x"
	if len(logging.LogDestinationConfigs) != 1 || logging.LogDestinationConfigs[0] != want {
		t.Errorf("destinations: %q", logging.LogDestinationConfigs)
	}
	var headers []string
	for _, f := range logging.RedactedFields {
		if f.SingleHeader != nil {
			headers = append(headers, f.SingleHeader.Name)
		}
	}
	if len(headers) != 2 || headers[0] != "authorization" || headers[1] != "cookie" {
		t.Errorf("headers kept out of the log: %v", headers)
	}
}
