package checks

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

func TestEventRules(t *testing.T) {
	checkGolden(t, eventRuleRules())
	const watch, admin, schedule, parameters = "observability.yaml", "administration.yaml", "AdministrationSchedule", "Target.EcsParameters"
	const network = parameters + ".NetworkConfiguration.AwsvpcConfiguration."
	const counts = "EventPattern.detail.$or[0].finding-severity-counts.CRITICAL"
	in := func(id, old, replacement string) edit { return replaceInResource(watch, id, old, replacement) }
	release := func(old, replacement string) edit { return in("DeploymentRule", old, replacement) }
	task := func(old, replacement string) edit { return replaceInResource(admin, schedule, old, replacement) }
	failure := func(old, replacement string) edit {
		return replaceInResource(admin, "AdministrationFailureRule", old, replacement)
	}
	told := func(id, line string, plant edit) plantedFault { return plantedFault{"EVE003", id, "", line, plant} }
	quiet := func(id string, plant edit) plantedFault {
		return plantedFault{"EVE004", id, "EventPattern", "detail", plant}
	}
	checkPlanted(t, eventRuleRules(), []plantedFault{
		{"EVE001", "DeploymentRule", "State", "DISABLED", release("ENABLED", "DISABLED")},
		{"EVE001", "DeploymentRule", "Targets", "Targets: []", release("Targets:\n        - Arn: !Ref Topic\n          Id: topic\n          InputTransformer:\n            InputPathsMap:\n              deployment: $.detail.deploymentId\n              group: $.detail.deploymentGroup\n              state: $.detail.state\n            InputTemplate:", "Targets: []\n      Left:\n        - Away:")},
		{"EVE001", "DeploymentRule", "Targets[0].Arn", "Arn: ''", release("!Ref Topic", "''")},
		{"EVE001", "DeploymentRule", "EventPattern", "Description", release("EventPattern:", "Pattern:")},
		{"EVE002", "DeploymentRule", "EventPattern.detail.state", "state: []", release("state:\n            - FAILURE\n            - STOP\n", "state: []\n")},
		{"EVE002", "ImageScanRule", counts + "[0]", "numeric", in("ImageScanRule", "CRITICAL:\n                  - numeric:\n                      - '>'\n                      - 0", "CRITICAL:\n                  - numeric:\n                      - '>'\n                      - '0'")},
		{"EVE002", "DeploymentRule", "EventPattern.source", "detail", release("        source:\n          - aws.codedeploy\n", "")},
		{"EVE002", "DeploymentRule", "EventPattern.detail-type", "detail", release("        detail-type:\n          - CodeDeploy Deployment State-change Notification\n", "")},
		told("Application", "ApplicationName", dropResource(watch, "DeploymentRule")),
		told("Application", "ApplicationName", release("            - STOP\n", "")),
		told("Application", "ApplicationName", release("!Ref Application", "other")),
		told("Application", "ApplicationName", release("ENABLED", "DISABLED")),
		told("Application", "ApplicationName", release("!Ref Topic", "''")),
		told("Application", "ApplicationName", release("      Name: !Sub", "      EventBusName: ours\n      Name: !Sub")),
		told(txnID+"Service", "CapacityProviderStrategy", in("ServiceActionRule", "            - WARN\n", "")),
		told(txnID+"Service", "CapacityProviderStrategy", in("TaskFailureRule", "prefix: 'service:'", "prefix: 'services:'")),
		told(schedule, "Description", failure("anything-but: 0", "anything-but: 1")),
		told(schedule, "Description", failure("task-administration", "task-other")),
		told("PaymentApiRepository", "EmptyOnDelete", in("ImageScanRule", "wildcard: !Sub ecr-*-", "wildcard: !Sub ecr-*x-")),
		told("PaymentApiRepository", "EmptyOnDelete", in("ImageFindingRule", "            - HIGH\n", "")),
		told("WebAcl", "DataProtectionConfig", in("HealthRule", "            - WAF\n", "")),
		quiet("DeploymentRule", release("          state:\n            - FAILURE\n            - STOP\n", "")),
		quiet("DeploymentRule", release("          application:\n            - !Ref Application\n", "")),
		quiet("TaskFailureRule", in("TaskFailureRule", "          group:\n            - prefix: 'service:'\n", "")),
		quiet("HealthRule", in("HealthRule", "          eventTypeCategory:\n            - issue\n            - scheduledChange\n", "")),
		quiet("AdministrationFailureRule", failure("          lastStatus:\n            - STOPPED\n", "")),
		{"EVE005", "AlarmTopic", "", "KmsMasterKeyId", dropResource("security.yaml", "AlarmSubscription")},
		{"EVE005", "AlarmSubscription", "Endpoint", "''", replaceInResource("security.yaml", "AlarmSubscription", "!Ref AlarmEmail", "''")},
		{"EVE005", "AlarmSubscription", "Protocol", "Endpoint", replaceInResource("security.yaml", "AlarmSubscription", "      Protocol: email\n", "")},
		{"EVE006", schedule, parameters + ".LaunchType", "EC2", task("LaunchType: FARGATE", "LaunchType: EC2")},
		{"EVE006", schedule, parameters + ".PlatformVersion", "1.3.0", task("'1.4.0'", "'1.3.0'")},
		{"EVE006", schedule, network + "AssignPublicIp", "SecurityGroups", task("              AssignPublicIp: DISABLED\n", "")},
		{"EVE006", schedule, network + "Subnets", "Subnets: []", task("Subnets:\n                - !Ref SubnetsA\n                - !Ref SubnetsB\n                - !Ref SubnetsC", "Subnets: []")},
		{"EVE006", schedule, parameters + ".TaskDefinitionArn", "''", task("!Sub arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task-definition/task-administration-${EnvironmentSuffix}", "''")},
	})
	// Without an address for alarms the subscription is left out, and somebody has to subscribe by hand.
	if got := outcomes(t, goldenWorldOf(t, goldenParameters(t, "dev")), eventRuleRules(), "EVE005"); got != "exempt | AlarmTopic" {
		t.Error(got)
	}
}

func TestEventsOfForeignTemplates(t *testing.T) {
	const (
		topic        = `"T": {"Type": "AWS::SNS::Topic"}, `
		application  = topic + `"App": {"Type": "AWS::CodeDeploy::Application"}, `
		detail       = `"source": ["aws.codedeploy"], "detail-type": ["CodeDeploy Deployment State-change Notification"]`
		scheduled    = `"S": {"Type": "AWS::Scheduler::Schedule", "Properties": {"Target": {"Arn": "arn:aws:ecs:us-east-1:111122223333:cluster/c", "EcsParameters": `
		awsvpc       = `"NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": "DISABLED", "Subnets": ["subnet-1"]}}`
		subscription = `"Sub": {"Type": "AWS::SNS::Subscription", "Properties": {"Protocol": "email", "Endpoint": "ops@example.com", "TopicArn": `
	)
	rule := func(target, pattern, more string) string {
		return `"R": {"Type": "AWS::Events::Rule", ` + more + `"Properties": {"Targets": [{"Id": "t", "Arn": ` + target + `}], "EventPattern": ` + pattern + `}}`
	}
	cases := []struct{ name, rule, resources, want string }{
		{"nobody to tell", "EVE003", `"App": {"Type": "AWS::CodeDeploy::Application"}`, "not applicable"},
		{"nobody is told", "EVE003", strings.TrimSuffix(application, ", "), "fail | App | App"},
		{"all is told", "EVE003", application + rule(`{"Ref": "T"}`, `{`+detail+`}`, ""), "pass"},
		{"too much is told", "EVE004", application + rule(`{"Ref": "T"}`, `{`+detail+`}`, ""), "fail | R EventPattern | R EventPattern | R EventPattern"},
		{"a queue takes all", "EVE004", application + rule(`"arn:aws:sqs:us-east-1:111122223333:q"`, `{`+detail+`}`, ""), "not applicable"},
		{"unknown pattern", "EVE002", rule(`{"Ref": "T"}`, `{`+detail+`, "detail": {"state": [{"Ref": "P"}]}}`, ""), "unknown | R EventPattern"},
		{"null", "EVE002", rule(`{"Ref": "T"}`, `{`+detail+`, "detail": {"state": [null]}}`, ""), "unknown | R EventPattern.detail.state"},
		{"unknown kind", "EVE002", rule(`{"Ref": "T"}`, `{"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"]}`, ""), "unknown | R EventPattern.detail-type"},
		{"kind of their own", "EVE002", rule(`{"Ref": "T"}`, `{"source": ["shop"], "detail-type": ["Sold"]}`, ""), "pass"},
		{"schedule", "EVE002", `"R": {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 day)"}}`, "not applicable"},
		{"unknown target", "EVE003", application + rule(`{"Ref": "P"}`, `{`+detail+`}`, ""), "unknown | App | App"},
		{"perhaps a rule", "EVE003", application + rule(`{"Ref": "T"}`, `{`+detail+`}`, `"Condition": "Perhaps", `), "unknown | App | App"},
		{"unknown cluster", "EVE003", topic + `"W": {"Type": "AWS::ECS::Service", "Properties": {"Cluster": {"Ref": "P"}}}`, "fail | W | W | W | W | W | W"},
		{"no cluster named", "EVE004", topic + `"W": {"Type": "AWS::ECS::Service", "Properties": {"Cluster": {"Ref": "P"}}}, ` + rule(`{"Ref": "T"}`, `{"source": ["aws.ecs"], "detail-type": ["ECS Service Action"]}`, ""), "pass"},
		{"topic with readers", "EVE005", `"T": {"Type": "AWS::SNS::Topic", "Properties": {"Subscription": [{"Protocol": "email", "Endpoint": "ops@example.com"}]}}, ` + rule(`{"Ref": "T"}`, `{`+detail+`}`, ""), "pass"},
		{"subscription to something", "EVE005", topic + subscription + `{"Ref": "P"}}}, ` + rule(`{"Ref": "T"}`, `{`+detail+`}`, ""), "unknown | T | Sub TopicArn"},
		{"perhaps a subscription", "EVE005", topic + strings.Replace(subscription, `"Properties"`, `"Condition": "Perhaps", "Properties"`, 1) + `{"Ref": "T"}}}, ` + rule(`{"Ref": "T"}`, `{`+detail+`}`, ""), "unknown | T"},
		{"untold topic", "EVE005", strings.TrimSuffix(topic, ", "), "not applicable"},
		{"capacity providers", "EVE006", scheduled + `{"CapacityProviderStrategy": [{"CapacityProvider": "FARGATE"}], "TaskDefinitionArn": "t", ` + awsvpc + `}}}}`, "pass"},
		{"rule that runs a task", "EVE006", rule(`"arn:aws:ecs:us-east-1:111122223333:cluster/c", "EcsParameters": {"TaskDefinitionArn": "t", `+awsvpc+`}`, `{`+detail+`}`, ""), "fail | R Targets[0].EcsParameters.LaunchType"},
		{"another target", "EVE006", rule(`"arn:aws:sqs:us-east-1:111122223333:q"`, `{`+detail+`}`, ""), "not applicable"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text := `{"Parameters": {"P": {"Type": "String"}}, "Conditions": {"Perhaps": {"Fn::Equals": [{"Ref": "P"}, "x"]}}, "Resources": {` + c.resources + `}}`
			if got := outcomes(t, worldOf(t, nil, map[string]string{"flat.json": text}), eventRuleRules(), c.rule); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// The table is read whole, and its words are all known.
func TestEventSources(t *testing.T) {
	var sources []eventSource
	decoder := yaml.NewDecoder(strings.NewReader(string(eventSourcesText)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&sources); err != nil {
		t.Fatal(err)
	}
	w := goldenWorld(t)
	for i := range sources {
		source := &sources[i]
		if len(source.Of) == 0 || len(source.Told) == 0 || len(source.Quiet) == 0 {
			t.Errorf("%s is not complete", source.DetailType)
		}
		for _, r := range source.subjects(w) {
			sender, unknown := source.about(r)
			for _, change := range append(source.Told, source.Quiet...) {
				if text := sender.event(change).Show(); unknown != "" || strings.Contains(text, "{}}") && !strings.Contains(text, "counts: {}") || strings.Contains(text, "<nil>") {
					t.Errorf("%s: %s %s", change.What, text, unknown)
				}
				for field := range change.Change {
					if _, ok := source.Detail[field]; !ok {
						t.Errorf("%s changes %s, which the event does not have", change.What, field)
					}
				}
			}
		}
	}
}
