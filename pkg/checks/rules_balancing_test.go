package checks

import "testing"

func TestBalancingRules(t *testing.T) {
	const (
		ingress, balancer, http, https = "ingress.yaml", "LoadBalancer", "HttpListener", "HttpsListener"
		rule                           = txnID + "ListenerRule"
		redirect                       = "DefaultActions[0].RedirectConfig"
		config                         = "            Port: '443'\n            Protocol: HTTPS\n            StatusCode: HTTP_301\n"
		paths                          = "Conditions[0].PathPatternConfig.Values"
		server                         = "      ListenerAttributes:\n        - Key: routing.http.response.server.enabled\n          Value: 'false'\n"
	)
	in := func(id, old, replacement string) []edit {
		return []edit{replaceInResource(ingress, id, old, replacement)}
	}
	faults := []goldenFault{
		{rule: "BAL001", name: "another port", id: https, edits: in(https, "Port: 443", "Port: 8443"), path: "Port", line: "8443"},
		{rule: "BAL001", name: "another protocol", id: https, edits: in(https, "Protocol: HTTPS", "Protocol: TCP"), path: "Protocol", line: "TCP"},
		{rule: "BAL001", name: "of nothing", id: http, edits: in(http, "      LoadBalancerArn: !Ref LoadBalancer\n", ""), path: "LoadBalancerArn", line: "Properties:"},
		{rule: "BAL001", name: "of another's", id: http, outcome: Unsure, edits: in(http, "LoadBalancerArn: !Ref LoadBalancer", "LoadBalancerArn: arn:of:another"), path: "LoadBalancerArn", line: "arn:of:another"},
		{rule: "BAL002", name: "the same port", id: http, edits: in(http, "            Port: '443'\n", ""), path: redirect + ".Port", line: "Protocol: HTTPS"},
		{rule: "BAL002", name: "no redirect", id: http, edits: in(http, "HTTP_301", "HTTP_200"), path: redirect + ".StatusCode", line: "HTTP_200"},
		{rule: "BAL002", name: "another place", id: http, edits: in(http, "            Port: '443'\n", "            Path: /\n            Port: '443'\n"), path: redirect + ".Path", line: "Path: /"},
		{rule: "BAL002", name: "nothing", id: http, edits: in(http, "        - RedirectConfig:\n"+config+"          Type: redirect\n", "        []\n"), path: "DefaultActions", line: "[]"},
		{rule: "BAL003", name: "another type", id: rule, edits: []edit{replaceInResource(txn, rule, "Type: forward", "Type: redirect")}, path: "Actions[0].Type", line: "Type: redirect"},
		{rule: "BAL003", name: "no place", id: rule, edits: []edit{replaceInResource(txn, rule, "Priority: 200", "Priority: 0")}, path: "Priority", line: "Priority: 0"},
		{rule: "BAL003", name: "another's place", id: rule, edits: []edit{replaceInResource(txn, rule, "Priority: 200", "Priority: 100")}, path: "Priority", line: "Priority: 100", found: "PaymentApiListenerRule"},
		{rule: "BAL003", name: "a path without what is below", id: rule, edits: []edit{replaceInResource(txn, rule, "              - /transactions/*\n", "")}, path: paths, line: "- /transactions", found: "/transactions"},
		{rule: "BAL003", name: "what is below without the path", id: rule, edits: []edit{replaceInResource(txn, rule, "              - /transactions\n", "")}, path: paths, line: "- /transactions/*"},
		{rule: "BAL003", name: "no path", id: rule, edits: []edit{replaceInResource(txn, rule, "              - /transactions\n", "              - ''\n")}, path: paths + "[0]", line: "- ''"},
		{rule: "BAL004", name: "idle for an hour", id: balancer, edits: in(balancer, "Value: '60'", "Value: '3601'"), path: "LoadBalancerAttributes[4].Value", line: "3601"},
		{rule: "BAL004", name: "left to AWS", id: balancer, edits: in(balancer, "        - Key: routing.http.preserve_host_header.enabled\n          Value: 'true'\n", ""), path: "LoadBalancerAttributes", line: "Key: access_logs", found: "AWS takes false"},
		{rule: "BAL004", name: "not known", id: balancer, outcome: Unsure, edits: in(balancer, "Value: append", "Value: !ImportValue x"), path: "LoadBalancerAttributes[8].Value", line: "ImportValue"},
		{rule: "BAL005", name: "for a day", id: https, edits: in(https, "max-age=31536000", "max-age=86400"), path: "ListenerAttributes[1].Value", line: "86400"},
		{rule: "BAL005", name: "names itself", id: http, edits: in(http, server, ""), path: "ListenerAttributes", line: "Properties:", found: "AWS takes true"},
		{rule: "BAL006", name: "no name", id: http, edits: in(http, "Key: routing.http.response.server.enabled", "Key: ''"), path: "ListenerAttributes[0].Key", line: "Key: ''"},
		{rule: "BAL006", name: "twice", id: balancer, edits: in(balancer, "Key: routing.http2.enabled", "Key: waf.fail_open.enabled"), path: "LoadBalancerAttributes[10].Key", line: "waf.fail_open"},
		{rule: "BAL006", name: "no value", id: http, edits: in(http, "          Value: 'false'\n", ""), path: "ListenerAttributes[0].Value", line: "Key: routing"},
	}
	for i := range faults {
		faults[i].template = ingress
		if faults[i].id == rule {
			faults[i].template = txn
		}
	}
	testGoldenFaults(t, balancingRules(), faults)
}

// TestForeignListeners: a load balancer of the network, one that nobody outside reaches, rules in an older style, and an HSTS
// header of other words.
func TestForeignListeners(t *testing.T) {
	w := worldOf(t, map[string]string{}, map[string]string{"flat.json": `{"Parameters": {"P": {"Type": "String"}}, "Resources": {
	"Network": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Type": "network"}},
	"Inside": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Scheme": "internal", "LoadBalancerAttributes": [{"Key": "routing.http.preserve_host_header.enabled", "Value": true}]}},
	"Tcp": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": {"Ref": "Network"}, "Port": 5432, "Protocol": "TCP"}},
	"Plain": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": {"Ref": "Inside"}, "Port": 8080, "Protocol": "HTTP",
		"ListenerAttributes": [{"Key": "routing.http.response.server.enabled", "Value": false}],
		"DefaultActions": [{"Type": "redirect", "RedirectConfig": {"Port": "8443", "StatusCode": "HTTP_302", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}"}}]}},
	"Secure": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": {"Ref": "Inside"}, "Port": 8443, "Protocol": "HTTPS", "ListenerAttributes": [
		{"Key": "routing.http.response.server.enabled", "Value": false}, {"Key": "routing.http.response.x_content_type_options.header_value", "Value": "nosniff"},
		{"Key": "routing.http.response.x_frame_options.header_value", "Value": "DENY"},
		{"Key": "routing.http.response.strict_transport_security.header_value", "Value": "max-age=63072000"}]}},
	"Rule": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "Secure"}, "Priority": "1", "Actions": [{"Type": "forward", "TargetGroupArn": "arn"}],
		"Conditions": [{"Field": "path-pattern", "Values": ["/*", "/favicon.ico", "/a*b/*"]}, {"Field": "host-header", "Values": ["example.com"]}]}}}}`})
	for id, want := range map[string]string{"BAL001": "not applicable", "BAL002": "pass", "BAL003": "pass", "BAL004": "pass", "BAL005": "pass", "BAL006": "pass"} {
		if got := outcomes(t, w, balancingRules(), id); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}
