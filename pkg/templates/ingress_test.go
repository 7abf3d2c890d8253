package templates_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// attributes are the key-value attributes of a load balancer or listener.
func attributes(list any) map[string]string {
	found := map[string]string{}
	for _, a := range items(list) {
		found[text(at(a, "Key"))] = text(at(a, "Value"))
	}
	return found
}

// R7: one internet-facing load balancer in the public subnets.
func TestLoadBalancerStandsInPublicSubnets(t *testing.T) {
	_, lb := only(t, file(t, "ingress.yaml"), "AWS::ElasticLoadBalancingV2::LoadBalancer")
	if lb.Properties["Scheme"] != "internet-facing" || text(at(lb.Properties, "SecurityGroups", 0)) != "${Group}" {
		t.Errorf("load balancer: %v", lb.Properties)
	}
	passed := at(file(t, "platform.yaml").Resources["IngressStack"].Properties, "Parameters")
	for _, zone := range []string{"A", "B", "C"} {
		if got := text(at(passed, "Subnets"+zone)); got != "${NetworkStack.Outputs.PublicSubnets"+zone+"}" {
			t.Errorf("subnet %s is %s", zone, got)
		}
	}
	if got := text(at(passed, "Group")); got != "${NetworkStack.Outputs.LoadBalancerGroup}" {
		t.Errorf("security group is %s", got)
	}
	if len(texts(lb.Properties["Subnets"])) < 3 {
		t.Error("the load balancer does not span the zones")
	}
}

// R18, R20, R8: access logs are on, nothing protects it from deletion, and without WAF it does not answer.
func TestLoadBalancerAttributes(t *testing.T) {
	_, lb := only(t, file(t, "ingress.yaml"), "AWS::ElasticLoadBalancingV2::LoadBalancer")
	got := attributes(lb.Properties["LoadBalancerAttributes"])
	for key, want := range map[string]string{
		"access_logs.s3.enabled": "true", "access_logs.s3.bucket": "${AccessLogBucket}", "access_logs.s3.prefix": "",
		"deletion_protection.enabled": "false", "routing.http.drop_invalid_header_fields.enabled": "true", "waf.fail_open.enabled": "false",
	} {
		if got[key] != want {
			t.Errorf("%s is %q, want %q", key, got[key], want)
		}
	}
}

// R7: customers' data travels over TLS 1.2 or 1.3; plain HTTP is only told where to go; what no rule matches is not found.
func TestListeners(t *testing.T) {
	for id, l := range file(t, "ingress.yaml").ofType("AWS::ElasticLoadBalancingV2::Listener") {
		action := at(l.Properties, "DefaultActions", 0)
		switch l.Properties["Port"] {
		case 443:
			policy, _ := l.Properties["SslPolicy"].(string)
			if l.Properties["Protocol"] != "HTTPS" || !strings.HasPrefix(policy, "ELBSecurityPolicy-TLS13-1-2-Res-") {
				t.Errorf("%s speaks %v by %s", id, l.Properties["Protocol"], policy)
			}
			if at(action, "Type") != "fixed-response" || at(action, "FixedResponseConfig", "StatusCode") != "404" {
				t.Errorf("%s answers %v by default", id, action)
			}
			sent := attributes(l.Properties["ListenerAttributes"])
			if !strings.HasPrefix(sent["routing.http.response.strict_transport_security.header_value"], "max-age=31536000") || sent["routing.http.response.server.enabled"] != "false" {
				t.Errorf("%s sends %v", id, sent)
			}
		case 80:
			want := map[string]any{"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
			if diff := cmp.Diff(want, at(action, "RedirectConfig")); at(action, "Type") != "redirect" || diff != "" {
				t.Errorf("%s does more than redirect: %s", id, diff)
			}
		default:
			t.Errorf("%s listens on %v", id, l.Properties["Port"])
		}
	}
	if n := len(file(t, "ingress.yaml").ofType("AWS::ElasticLoadBalancingV2::Listener")); n != 2 {
		t.Errorf("%d listeners, want two", n)
	}
}

// The listener has the given certificate, or one that is issued when none is given; the name exists with its zone only.
func TestCertificateAndName(t *testing.T) {
	f := file(t, "ingress.yaml")
	id, certificate := only(t, f, "AWS::CertificateManager::Certificate")
	want := map[string]any{"Fn::Equals": []any{map[string]any{"Ref": "CertificateArn"}, ""}}
	if diff := cmp.Diff(want, f.Conditions[certificate.Condition]); diff != "" {
		t.Error(diff)
	}
	chosen := at(f.Resources["HttpsListener"].Properties, "Certificates", 0, "CertificateArn", "Fn::If")
	if at(chosen, 0) != certificate.Condition || text(at(chosen, 1)) != "${"+id+"}" || text(at(chosen, 2)) != "${CertificateArn}" {
		t.Errorf("certificate: %v", chosen)
	}
	if certificate.Properties["ValidationMethod"] != "DNS" || text(at(certificate.Properties, "DomainValidationOptions", 0, "HostedZoneId")) != "${HostedZoneId}" {
		t.Errorf("validation: %v", certificate.Properties)
	}
	_, alias := only(t, f, "AWS::Route53::RecordSet")
	want = map[string]any{"Fn::Not": []any{map[string]any{"Fn::Equals": []any{map[string]any{"Ref": "HostedZoneId"}, ""}}}}
	if diff := cmp.Diff(want, f.Conditions[alias.Condition]); diff != "" {
		t.Error(diff)
	}
	// Conditions may look at parameters of the root only: outputs of other stacks are placeholders in change sets.
	for _, name := range []string{"CertificateArn", "HostedZoneId"} {
		if got := text(at(file(t, "platform.yaml").Resources["IngressStack"].Properties, "Parameters", name)); got != "${"+name+"}" {
			t.Errorf("%s is fed by %s", name, got)
		}
	}
}

// R8: the web ACL stands before the load balancer and blocks: no rule only counts.
func TestFirewallBlocks(t *testing.T) {
	f := file(t, "ingress.yaml")
	id, acl := only(t, f, "AWS::WAFv2::WebACL")
	var managed []string
	for i, r := range items(acl.Properties["Rules"]) {
		switch {
		case at(r, "Statement", "ManagedRuleGroupStatement") != nil:
			managed = append(managed, at(r, "Statement", "ManagedRuleGroupStatement", "Name").(string))
			if at(r, "OverrideAction", "None") == nil || at(r, "Statement", "ManagedRuleGroupStatement", "RuleActionOverrides") != nil {
				t.Errorf("rule %d is overridden: %v", i, r)
			}
		case at(r, "Statement", "RateBasedStatement") != nil:
			if at(r, "Action", "Block") == nil || at(r, "Statement", "RateBasedStatement", "Limit") != 2000 {
				t.Errorf("rate limit: %v", r)
			}
		default:
			t.Errorf("unknown rule %v", r)
		}
		if at(r, "VisibilityConfig", "CloudWatchMetricsEnabled") != true {
			t.Errorf("rule %d has no metric", i)
		}
	}
	for _, want := range []string{"AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet", "AWSManagedRulesAmazonIpReputationList"} {
		if !slices.Contains(managed, want) {
			t.Errorf("no %s", want)
		}
	}
	_, association := only(t, f, "AWS::WAFv2::WebACLAssociation")
	if text(association.Properties["ResourceArn"]) != "${LoadBalancer}" || text(association.Properties["WebACLArn"]) != "${"+id+".Arn}" {
		t.Errorf("association: %v", association.Properties)
	}
	if text(acl.Properties["Name"]) != text(at(acl.Properties, "VisibilityConfig", "MetricName")) || text(at(f.Outputs, "WebAcl", "Value")) != text(acl.Properties["Name"]) {
		t.Error("the web ACL's metric is not found under its name")
	}
}

// R8, R18, PCI DSS 3.3: WAF logs to a group of ours, which exists first, and shows neither credentials nor bodies.
func TestFirewallLog(t *testing.T) {
	f := file(t, "ingress.yaml")
	groupID, group := only(t, f, "AWS::Logs::LogGroup")
	name := text(group.Properties["LogGroupName"])
	_, logging := only(t, f, "AWS::WAFv2::LoggingConfiguration")
	destination := text(at(logging.Properties, "LogDestinationConfigs", 0))
	if !strings.HasPrefix(name, "aws-waf-logs-") || !strings.HasSuffix(destination, ":log-group:"+name) {
		t.Errorf("group %s, destination %s", name, destination)
	}
	policyID, policy := only(t, f, "AWS::Logs::ResourcePolicy")
	if !slices.Contains(logging.DependsOn, groupID) || !slices.Contains(logging.DependsOn, policyID) {
		t.Errorf("logging waits for %v only", logging.DependsOn)
	}
	if logging.Properties["LoggingFilter"] != nil {
		t.Error("some requests are not logged")
	}
	_, acl := only(t, f, "AWS::WAFv2::WebACL")
	hidden := map[string]bool{}
	for _, p := range items(at(acl.Properties, "DataProtectionConfig", "DataProtections")) {
		kind := at(p, "Field", "FieldType").(string)
		hidden[kind] = at(p, "Action") == "SUBSTITUTION" && at(p, "ExcludeRuleMatchDetails") != true
		if kind == "SINGLE_HEADER" && !slices.Equal(texts(at(p, "Field", "FieldKeys")), []string{"authorization", "cookie"}) {
			t.Errorf("headers: %v", p)
		}
	}
	for _, kind := range []string{"SINGLE_HEADER", "QUERY_STRING", "BODY"} {
		if !hidden[kind] {
			t.Errorf("WAF shows %s", kind)
		}
	}

	var document struct {
		Statement []struct {
			Effect    string
			Principal map[string][]string
			Action    []string
			Resource  []string
			Condition map[string]map[string][]string
		}
	}
	if err := json.Unmarshal([]byte(text(policy.Properties["PolicyDocument"])), &document); err != nil || len(document.Statement) != 1 {
		t.Fatalf("policy: %v, %v", policy.Properties["PolicyDocument"], err)
	}
	s := document.Statement[0]
	if !slices.Equal(s.Principal["Service"], []string{"delivery.logs.amazonaws.com"}) || !slices.Equal(s.Action, []string{"logs:CreateLogStream", "logs:PutLogEvents"}) ||
		len(s.Resource) != 1 || !strings.HasSuffix(s.Resource[0], ":log-group:"+name+":log-stream:*") ||
		!slices.Equal(s.Condition["StringEquals"]["aws:SourceAccount"], []string{"${AWS::AccountId}"}) {
		t.Errorf("delivery: %+v", s)
	}
}
