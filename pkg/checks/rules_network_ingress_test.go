package checks

import (
	"strings"
	"testing"
)

func TestNetworkRulesFindFaultsOfIngress(t *testing.T) {
	const tlsPolicy = "SslPolicy: ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
	listener := func(old, replacement string) edit {
		return replaceInResource("ingress.yaml", "HttpsListener", old, replacement)
	}
	plain := func(old, replacement string) edit {
		return replaceInResource("ingress.yaml", "HttpListener", old, replacement)
	}
	acl := func(old, replacement string) edit {
		return replaceInResource("ingress.yaml", "WebAcl", old, replacement)
	}
	balancer := func(old, replacement string) edit {
		return replaceInResource("ingress.yaml", "LoadBalancer", old, replacement)
	}
	processor := func(old, replacement string) edit {
		return replaceInResource("service-transaction-processor.yaml", "TransactionProcessorListenerRule", old, replacement)
	}
	sourceIP := "        - Field: source-ip\n          SourceIpConfig:\n            Values:\n              - !Ref OperatorsCidr\n"
	runNetworkFaults(t, []networkFault{
		{name: "an old policy", rule: "NET019", edit: listener(tlsPolicy, "SslPolicy: ELBSecurityPolicy-2016-08"), id: "HttpsListener", path: "SslPolicy", line: "2016-08"},
		{name: "the default policy", rule: "NET019", edit: listener("      "+tlsPolicy+"\n", ""), id: "HttpsListener", path: "SslPolicy", line: "Certificates"},
		{name: "no certificate", rule: "NET019", edit: listener("        - CertificateArn: !If [IssuesCertificate, !Ref Certificate, !Ref CertificateArn]\n", "        []\n"), id: "HttpsListener", path: "Certificates", line: "[]"},
		{name: "an unknown protocol", rule: "NET019", edit: listener("Protocol: HTTPS", "Protocol: !Ref Nothing"), id: "HttpsListener", path: "Protocol", outcome: Unsure, line: "Nothing"},
		{name: "no encryption", rule: "NET020", edit: listener("Protocol: HTTPS", "Protocol: HTTP"), id: "HttpsListener", path: "DefaultActions[0].Type", line: "Type: fixed-response"},
		{name: "a redirect without encryption", rule: "NET020", edit: plain("Protocol: HTTPS", "Protocol: HTTP"), id: "HttpListener", path: "DefaultActions[0].RedirectConfig.Protocol", line: "Protocol: HTTP"},
		{name: "an unknown protocol", rule: "NET020", edit: plain("Protocol: HTTP\n", "Protocol: TCP\n"), id: "HttpListener", path: "Protocol", outcome: Unsure, line: "Protocol: TCP"},
		{name: "a rule of the plain listener", rule: "NET020", edit: addResource("ingress.yaml", "  Plain:\n    Type: AWS::ElasticLoadBalancingV2::ListenerRule\n    Properties:\n      ListenerArn: !Ref HttpListener\n      Actions:\n        - Type: fixed-response\n"),
			id: "Plain", path: "Actions[0].Type", line: "Type: fixed-response"},
		{name: "another default", rule: "NET021", edit: listener("Type: fixed-response", "Type: forward"), id: "HttpsListener", path: "DefaultActions[0].Type", line: "Type: forward"},
		{name: "another answer", rule: "NET021", edit: listener("StatusCode: '404'", "StatusCode: '200'"), id: "HttpsListener", path: "DefaultActions[0].FixedResponseConfig.StatusCode", line: "'200'"},
		{name: "an unknown load balancer of a listener", rule: "NET021", edit: listener("LoadBalancerArn: !Ref LoadBalancer", "LoadBalancerArn: !Ref Nothing"), id: "LoadBalancer", outcome: Unsure, line: "IpAddressType"},
		{name: "an internal service for everybody", rule: "NET022", edit: processor(sourceIP, ""), id: "TransactionProcessorListenerRule", path: "Conditions", line: "Field: path-pattern"},
		{name: "all addresses", rule: "NET022", edit: processor("!Ref OperatorsCidr", "0.0.0.0/0"), id: "TransactionProcessorListenerRule", path: "Conditions[1].SourceIpConfig.Values", line: "0.0.0.0/0"},
		{name: "no address", rule: "NET022", edit: processor("            Values:\n              - !Ref OperatorsCidr\n", "            Values: []\n"), id: "TransactionProcessorListenerRule", path: "Conditions[1].SourceIpConfig.Values", line: "[]"},
		{name: "addresses that are not known", rule: "NET022", edit: processor("!Ref OperatorsCidr", "!Ref Nothing"), id: "TransactionProcessorListenerRule", path: "Conditions[1].SourceIpConfig.Values", outcome: Unsure, line: "Nothing"},
		{name: "calls that are not known", rule: "NET022", edit: replaceIn("service-payment-api.yaml", `"address": "transaction-processor.payments-${EnvironmentSuffix}.internal"`, `"address": "${Nothing}"`),
			id: "PaymentApiListenerRule", path: "Conditions", outcome: Unsure, line: "path-pattern"},
		{name: "all paths", rule: "NET023", edit: processor("- /transactions\n", "- /*\n"), id: "TransactionProcessorListenerRule", path: "Conditions", line: "Field: path-pattern"},
		{name: "no path", rule: "NET023", edit: processor("Field: path-pattern", "Field: host-header"), id: "TransactionProcessorListenerRule", path: "Conditions", line: "Field: host-header"},
		{name: "target groups of nobody", rule: "NET023", edit: processor("!Ref TransactionProcessorGreenTargetGroup", "!Ref Lone"), id: "TransactionProcessorListenerRule", path: "Actions", line: "ForwardConfig", outcome: Unsure},
		{name: "target groups of two services", rule: "NET023", edit: allEdits(processor("!Ref TransactionProcessorGreenTargetGroup", "!Ref Lone"),
			addResource("service-transaction-processor.yaml", "  Lone:\n    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n    Properties:\n      Port: 8080\n")),
			id: "TransactionProcessorListenerRule", path: "Actions", line: "ForwardConfig"},
		{name: "no web ACL", rule: "NET024", edit: dropResource("ingress.yaml", "WebAclAssociation"), id: "LoadBalancer", line: "IpAddressType"},
		{name: "a web ACL of something unknown", rule: "NET024", edit: replaceInResource("ingress.yaml", "WebAclAssociation", "ResourceArn: !Ref LoadBalancer", "ResourceArn: !Ref Nothing"), id: "LoadBalancer", outcome: Unsure, line: "IpAddressType"},
		{name: "an unknown web ACL", rule: "NET024", edit: replaceInResource("ingress.yaml", "WebAclAssociation", "!GetAtt WebAcl.Arn", "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/a/b"), id: "WebAclAssociation", path: "WebACLArn", outcome: Unsure, line: "WebACLArn"},
		{name: "a web ACL that may not be associated", rule: "NET024", edit: replaceIn("ingress.yaml", "    Type: AWS::WAFv2::WebACLAssociation\n", "    Type: AWS::WAFv2::WebACLAssociation\n    Condition: Nothing\n"), id: "WebAclAssociation", outcome: Unsure, line: "ResourceArn"},
		{name: "a flood that is counted", rule: "NET025", edit: acl("        - Action:\n            Block: {}\n          Name: RateLimit", "        - Action:\n            Count: {}\n          Name: RateLimit"), id: "WebAcl", path: "Rules[0].Action", line: "Count"},
		{name: "a high limit", rule: "NET025", edit: acl("Limit: 2000", "Limit: 2000000"), id: "WebAcl", path: "Rules[0].Statement.RateBasedStatement.Limit", line: "2000000"},
		{name: "managed rules that count", rule: "NET025", edit: acl("        - Name: AWSManagedRulesCommonRuleSet\n          OverrideAction:\n            None: {}", "        - Name: AWSManagedRulesCommonRuleSet\n          OverrideAction:\n            Count: {}"), id: "WebAcl", path: "Rules[2].OverrideAction", line: "Count"},
		{name: "a managed group less", rule: "NET025", edit: acl("              Name: AWSManagedRulesSQLiRuleSet\n", "              Name: AWSManagedRulesLinuxRuleSet\n"), id: "WebAcl", path: "Rules", line: "- Action"},
		{name: "a rule that is overridden", rule: "NET025", edit: acl("              Name: AWSManagedRulesSQLiRuleSet\n", "              Name: AWSManagedRulesSQLiRuleSet\n              RuleActionOverrides:\n                - Name: SQLi_BODY\n                  ActionToUse:\n                    Count: {}\n"),
			id: "WebAcl", path: "Rules[4].Statement.ManagedRuleGroupStatement.RuleActionOverrides[0].ActionToUse", line: "Count"},
		{name: "a rule that is left out", rule: "NET025", edit: acl("              Name: AWSManagedRulesSQLiRuleSet\n", "              Name: AWSManagedRulesSQLiRuleSet\n              ExcludedRules:\n                - Name: SQLi_BODY\n"),
			id: "WebAcl", path: "Rules[4].Statement.ManagedRuleGroupStatement.ExcludedRules", line: "SQLi_BODY"},
		{name: "an unknown rule", rule: "NET025", edit: acl("      Rules:\n", "      Rules:\n        - !Ref Nothing\n"), id: "WebAcl", path: "Rules[0]", outcome: Unsure, line: "Nothing"},
		{name: "no log", rule: "NET025", edit: dropResource("ingress.yaml", "WebAclLogging"), id: "WebAcl", line: "DataProtectionConfig"},
		{name: "a log to nowhere", rule: "NET025", id: "WebAclLogging", path: "LogDestinationConfigs", line: "[]",
			edit: replaceInResource("ingress.yaml", "WebAclLogging", "        - !Sub arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:aws-waf-logs-payments-${EnvironmentSuffix}\n", "        []\n")},
		{name: "malformed requests", rule: "NET026", edit: balancer("routing.http.drop_invalid_header_fields.enabled\n          Value: 'true'", "routing.http.drop_invalid_header_fields.enabled\n          Value: 'false'"),
			id: "LoadBalancer", path: "LoadBalancerAttributes[6].Value", line: "'false'"},
		{name: "the default of malformed requests", rule: "NET026", edit: balancer("routing.http.drop_invalid_header_fields.enabled", "routing.http.x_amzn_tls_version_and_cipher_suite.enabled"),
			id: "LoadBalancer", path: "LoadBalancerAttributes", line: "- Key"},
		{name: "desync", rule: "NET026", edit: balancer("Value: defensive", "Value: monitor"), id: "LoadBalancer", path: "LoadBalancerAttributes[5].Value", line: "monitor"},
		{name: "open when the web ACL fails", rule: "NET026", edit: balancer("waf.fail_open.enabled\n          Value: 'false'", "waf.fail_open.enabled\n          Value: 'true'"), id: "LoadBalancer", path: "LoadBalancerAttributes[10].Value", line: "'true'"},
	})
}

func TestNetworkRulesFindFaultsBetweenServices(t *testing.T) {
	service := func(old, replacement string) edit {
		return replaceInResource("service-payment-api.yaml", "PaymentApiService", old, replacement)
	}
	proxy := func(old, replacement string) edit {
		return replaceInResource("service-payment-api.yaml", "PaymentApiTaskDefinition", old, replacement)
	}
	const configuration = "ContainerDefinitions[1].Command[1]"
	registry := "      ServiceRegistries:\n        - RegistryArn: !GetAtt PaymentApiDiscoveryService.Arn\n"
	faults := []networkFault{
		{name: "no registry", rule: "NET027", edit: service(registry, ""), id: "PaymentApiService", path: "ServiceRegistries", line: "CapacityProviderStrategy"},
		{name: "an unknown registry", rule: "NET027", edit: service("!GetAtt PaymentApiDiscoveryService.Arn", "arn:aws:servicediscovery:us-east-1:111122223333:service/srv-1"), id: "PaymentApiService", path: "ServiceRegistries", outcome: Unsure, line: "RegistryArn"},
		{name: "an unknown namespace", rule: "NET027", edit: replaceInResource("service-payment-api.yaml", "PaymentApiDiscoveryService", "NamespaceId: !Ref Namespace", "NamespaceId: ns-1"), id: "PaymentApiDiscoveryService", path: "DnsConfig.NamespaceId", outcome: Unsure, line: "NamespaceId"},
		{name: "a public namespace", rule: "NET027", edit: replaceIn("cluster.yaml", "PrivateDnsNamespace", "PublicDnsNamespace"), id: "Namespace", line: "Description"},
		{name: "a namespace of another VPC", rule: "NET027", edit: replaceInResource("cluster.yaml", "Namespace", "Vpc: !Ref Vpc", "Vpc: vpc-0abc"), id: "Namespace", path: "Vpc", line: "vpc-0abc"},
		{name: "records without address", rule: "NET027", edit: replaceInResource("service-payment-api.yaml", "PaymentApiDiscoveryService", "Type: A\n", "Type: CNAME\n"), id: "PaymentApiDiscoveryService", path: "DnsConfig.DnsRecords", line: "TTL"},
		{name: "a call that passes the proxy by", rule: "NET028", edit: proxy("http://127.0.0.1:9102", "http://transaction-processor.payments-prod.internal:8080"),
			id: "PaymentApiTaskDefinition", path: "ContainerDefinitions[0].Environment[12].Value", line: "http://transaction-processor"},
		{name: "an unknown environment", rule: "NET028", edit: proxy("http://127.0.0.1:9102", "!Ref Nothing"), id: "PaymentApiTaskDefinition", outcome: Unsure, line: "ContainerDefinitions"},
		{name: "an unknown task definition", rule: "NET028", edit: service("TaskDefinition: !Sub task-payment-api-${EnvironmentSuffix}", "TaskDefinition: elsewhere"), id: "PaymentApiService", outcome: Unsure, line: "CapacityProviderStrategy"},
		{name: "an unknown task definition", rule: "NET014", edit: service("TaskDefinition: !Sub task-payment-api-${EnvironmentSuffix}", "TaskDefinition: elsewhere"), id: "PaymentApiService", outcome: Unsure, line: "CapacityProviderStrategy"},
		{name: "an open administration", rule: "NET029", edit: proxy("\"address\": \"127.0.0.1\",\n                      \"port_value\": 9901", "\"address\": \"0.0.0.0\",\n                      \"port_value\": 9901"), id: "PaymentApiTaskDefinition", path: configuration, line: "!Sub |-"},
		{name: "an open listener", rule: "NET029", edit: proxy("\"address\": \"127.0.0.1\",\n                          \"port_value\": 9102", "\"address\": \"0.0.0.0\",\n                          \"port_value\": 9102"), id: "PaymentApiTaskDefinition", path: configuration, line: "!Sub |-"},
		{name: "an unknown proxy", rule: "NET029", edit: proxy("\"id\": \"payment-api\"", "\"id\": \"${Nothing}\""), id: "PaymentApiTaskDefinition", outcome: Unsure, line: "ContainerDefinitions"},
		{name: "a malformed proxy", rule: "NET029", edit: proxy("\"id\": \"payment-api\"", "\"id\": \"payment-api"), id: "PaymentApiTaskDefinition", outcome: Unsure, line: "ContainerDefinitions"},
	}
	for _, change := range [][2]string{
		{`"circuit_breakers"`, `"other"`}, {`"max_connections"`, `"other"`}, {`"max_pending_requests"`, `"other"`}, {`"max_requests"`, `"other"`}, {`"retry_budget"`, `"other"`},
		{`"outlier_detection": {`, `"other": {`}, {`"consecutive_5xx": 5`, `"consecutive_5xx": 0`}, {`"max_ejection_percent": 100`, `"max_ejection_percent": 0`},
		{`"timeout": "1.4s",` + "\n" + strings.Repeat(" ", 44) + `"auto_host_rewrite": true,` + "\n" + strings.Repeat(" ", 44) + `"retry_policy": {` + "\n" + strings.Repeat(" ", 46) + `"retry_on": "connect-failure,refused-stream,reset-before-request,reset`, `"retry_policy": {` + "\n" + strings.Repeat(" ", 46) + `"retry_on": "reset`},
		{"\"num_retries\": 2,\n" + strings.Repeat(" ", 46) + "\"per_try", "\"num_retries\": 20,\n" + strings.Repeat(" ", 46) + "\"per_try"},
		{"\"name\": \"transaction-processor\",\n                      \"connect_timeout\"", "\"name\": \"other\",\n                      \"connect_timeout\""},
	} {
		faults = append(faults, networkFault{name: change[1], rule: "NET028", edit: proxy(change[0], change[1]), id: "PaymentApiTaskDefinition", path: configuration, line: "!Sub |-"})
	}
	runNetworkFaults(t, faults)
}
