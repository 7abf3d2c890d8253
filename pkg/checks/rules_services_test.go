package checks

import (
	"strings"
	"testing"
)

func TestServiceRules(t *testing.T) {
	const (
		task, service, secret = txnID + "TaskDefinition", txnID + "Service", txnID + "DatabaseSecret"
		group, discovery      = txnID + "BlueTargetGroup", txnID + "DiscoveryService"
		application, envoy    = "ContainerDefinitions[0]", "ContainerDefinitions[1]"
		password              = "            - Name: DATABASE_PASSWORD\n              ValueFrom: !Sub '${TransactionProcessorDatabaseSecret}:password::'\n"
		delay                 = "      TargetGroupAttributes:\n        - Key: deregistration_delay.timeout_seconds\n          Value: '60'\n"
		template              = `SecretStringTemplate: '{"username":"transaction_processor"}'`
		most                  = `"max_active_downstream_connections": 1024`
	)
	in := func(id, old, replacement string) []edit { return []edit{replaceInResource(txn, id, old, replacement)} }
	faults := []goldenFault{
		{rule: "SER001", name: "no such container", id: service, edits: in(service, "ContainerName: application", "ContainerName: other"), path: "LoadBalancers[0].ContainerName", line: "other"},
		{rule: "SER001", name: "no such port", id: service, edits: in(service, "ContainerPort: 8080", "ContainerPort: 22"), path: "LoadBalancers[0].ContainerPort", line: "22"},
		{rule: "SER001", name: "another protocol", id: task, edits: in(task, "Protocol: tcp", "Protocol: udp"), path: application + ".PortMappings[0].Protocol", line: "udp"},
		{rule: "SER001", name: "task not known", id: service, outcome: Unsure, edits: in(service, "task-transaction-processor-", "task-other-"), path: "LoadBalancers[0]", line: "ContainerName"},
		{rule: "SER002", name: "no time", id: service, edits: in(service, "HealthCheckGracePeriodSeconds: 60", "HealthCheckGracePeriodSeconds: 29"), path: "HealthCheckGracePeriodSeconds", line: "29"},
		{rule: "SER002", name: "too much", id: service, edits: in(service, "HealthCheckGracePeriodSeconds: 60", "HealthCheckGracePeriodSeconds: 601"), path: "HealthCheckGracePeriodSeconds", line: "601"},
		{rule: "SER002", name: "left to AWS", id: service, edits: in(service, "      HealthCheckGracePeriodSeconds: 60\n", ""), path: "HealthCheckGracePeriodSeconds", line: "Properties:"},
		{rule: "SER003", name: "cut off", id: group, edits: in(group, "Value: '60'", "Value: '0'"), path: "TargetGroupAttributes[0].Value", line: "'0'"},
		{rule: "SER003", name: "longer than the task", id: group, edits: in(group, "Value: '60'", "Value: '91'"), path: "TargetGroupAttributes[0].Value", line: "'91'", found: "91"},
		{rule: "SER003", name: "left to AWS", id: group, edits: in(group, delay, ""), path: "TargetGroupAttributes", line: "Properties:", found: "300"},
		{rule: "SER003", name: "stop not known", id: group, outcome: Unsure, edits: in(task, "StopTimeout: 90", "StopTimeout: !ImportValue s"), path: "TargetGroupAttributes[0].Value", line: "'60'"},
		{rule: "SER004", name: "a name without password", id: task, edits: in(task, password, ""), path: application + ".Secrets", line: "Secrets:", found: "username without password"},
		{rule: "SER004", name: "twice", id: task, edits: in(task, "Name: DATABASE_PASSWORD", "Name: DATABASE_USERNAME"), path: application + ".Secrets[1].Name", line: "DATABASE_USERNAME"},
		{rule: "SER005", name: "no value", id: secret, edits: in(secret, "      GenerateSecretString:\n        ExcludePunctuation: true\n        GenerateStringKey: password\n        PasswordLength: 32\n        "+template+"\n", ""), path: "GenerateSecretString", line: "Properties:"},
		{rule: "SER005", name: "short", id: secret, edits: in(secret, "PasswordLength: 32", "PasswordLength: 8"), path: "GenerateSecretString.PasswordLength", line: "8"},
		{rule: "SER005", name: "no key", id: secret, edits: in(secret, "        GenerateStringKey: password\n", ""), path: "GenerateSecretString.GenerateStringKey", line: "GenerateSecretString"},
		{rule: "SER005", name: "no template", id: secret, edits: in(secret, "        "+template+"\n", ""), path: "GenerateSecretString.SecretStringTemplate", line: "GenerateSecretString"},
		{rule: "SER005", name: "a password to read", id: secret, edits: in(secret, template, `SecretStringTemplate: '{"username":"t","db_password":"x"}'`), path: "GenerateSecretString.SecretStringTemplate", line: "db_password"},
		{rule: "SER005", name: "not known", id: secret, outcome: Unsure, edits: in(secret, "GenerateStringKey: password", "GenerateStringKey: !ImportValue k"), path: "GenerateSecretString.GenerateStringKey", line: "ImportValue"},
		{rule: "SER006", name: "one on each instance", id: service, edits: in(service, "SchedulingStrategy: REPLICA", "SchedulingStrategy: DAEMON"), path: "SchedulingStrategy", line: "DAEMON"},
		{rule: "SER006", name: "left to AWS", id: service, edits: in(service, "          AssignPublicIp: DISABLED\n", ""), path: "NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp", line: "SecurityGroups:"},
		{rule: "SER006", name: "health that nobody tells", id: discovery, edits: in(discovery, "      HealthCheckCustomConfig:\n        FailureThreshold: 1\n", ""), path: "HealthCheckCustomConfig", line: "Properties:"},
		{rule: "SER006", name: "DNS not known", id: discovery, outcome: Unsure, edits: in(discovery, "      DnsConfig:\n        DnsRecords:\n          - TTL: 10\n            Type: A\n        NamespaceId: !Ref Namespace\n        RoutingPolicy: MULTIVALUE\n      HealthCheckCustomConfig:\n        FailureThreshold: 1\n", "      DnsConfig: !ImportValue d\n"), path: "HealthCheckCustomConfig", line: "Properties:"},
		{rule: "SER007", name: "no limit to speak of", id: task, edits: in(task, most, `"max_active_downstream_connections": 1000000`), path: envoy + ".Command[1]", line: "!Sub", found: "1000000"},
		{rule: "SER007", name: "another monitor", id: task, edits: in(task, "envoy.resource_monitors.global_downstream_max_connections", "envoy.resource_monitors.fixed_heap"), path: envoy + ".Command[1]", line: "!Sub", found: "0 connections"},
		{rule: "SER007", name: "no number", id: task, edits: in(task, most, `"max_active_downstream_connections": "many"`), path: envoy + ".Command[1]", line: "!Sub", found: "0 connections"},
		{rule: "SER007", name: "not known", id: task, outcome: Unsure, edits: in(task, "--config-yaml'\n            - !Sub |-", "--config-yaml'\n            - !ImportValue |-"), line: "Properties"},
	}
	for i := range faults {
		faults[i].template = txn
	}
	faults = append(faults, goldenFault{rule: "SER006", name: "absence that is remembered", edits: []edit{replaceIn("cluster.yaml", "      Properties:\n        DnsProperties:\n          SOA:\n            TTL: 15\n", "")},
		template: "cluster.yaml", id: "Namespace", path: "Properties.DnsProperties.SOA.TTL", line: "Properties:"},
		goldenFault{rule: "SER004", name: "the master's password alone", edits: []edit{replaceIn("administration.yaml", "            - Name: MASTER_USERNAME\n              ValueFrom: !Sub '${MasterSecret}:username::'\n", "")},
			template: "administration.yaml", id: "AdministrationTaskDefinition", path: application + ".Secrets", line: "Secrets:", found: "password without username"})
	testGoldenFaults(t, serviceRules(), faults)
}

// TestForeignServices: services that no load balancer knows, secrets of other forms, and tasks of somebody else.
func TestForeignServices(t *testing.T) {
	const secret = "arn:aws:secretsmanager:us-east-1:111122223333:secret:x-AbCdEf"
	w := worldOf(t, nil, map[string]string{"flat.json": `{"Resources": {
	"Written": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": {"Ref": "AWS::NoValue"}, "GenerateSecretString": {"PasswordLength": "20"}}},
	"Given": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "{}"}},
	"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [{"Name": "app", "Secrets": [
		{"Name": "A", "ValueFrom": "` + secret + `"}, {"Name": "B", "ValueFrom": "` + secret + `:password::"},
		{"Name": "C", "ValueFrom": {"Fn::Sub": "${Written}:username::"}}, {"Name": "D", "ValueFrom": {"Ref": "Written"}}]}]}},
	"Background": {"Type": "AWS::ECS::Service", "Properties": {"ServiceName": "b", "TaskDefinition": {"Ref": "Task"}}},
	"Elsewhere": {"Type": "AWS::ECS::Service", "Properties": {"ServiceName": "e", "TaskDefinition": "other:1"}}}}`})
	for id, want := range map[string]string{"SER001": "not applicable", "SER002": "not applicable", "SER003": "not applicable", "SER004": "pass", "SER005": "pass", "SER006": "pass", "SER007": "not applicable"} {
		if got := outcomes(t, w, serviceRules(), id); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}

// What the table of settings says can be read, and each row is about a rule that there is.
func TestServiceSettings(t *testing.T) {
	ids := map[string]bool{}
	for _, r := range Rules() {
		ids[r.ID] = true
	}
	for _, row := range tableRows(serviceSettings) {
		if len(row) < 7 || !ids[row[0]] || !strings.HasPrefix(row[1], "AWS::") {
			t.Errorf("%q", row)
			continue
		}
		if allowed := allowedSetting(row[4]); row[5] != "-" && !allowed(Text(row[5])) && !strings.Contains("/ true false", row[5]) {
			t.Errorf("%s: AWS's choice %s does not do", row[2], row[5])
		}
	}
}
