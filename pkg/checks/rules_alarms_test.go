package checks

import (
	"strings"
	"testing"
)

func TestAlarmRules(t *testing.T) {
	checkGolden(t, alarmRules())
	const (
		service, group                 = txnID + "Service", txnID + "DeploymentGroup"
		failing, latency, cpu, tasks   = txnID + "ErrorsAlarm", txnID + "LatencyAlarm", txnID + "CpuAlarm", txnID + "RunningTasksAlarm"
		watch, expression              = "observability.yaml", "Metrics[0].Expression"
		strategy, content              = "CapacityProviderStrategy", "AutoMinorVersionUpgrade"
		fullName, requests, configured = ".TargetGroupFullName", "FILL(requests_blue,0)+FILL(requests_green,0)>=10", "AlarmConfiguration"
	)
	formula := func(text string) edit {
		return replaceInResource(txn, failing, "IF("+requests+",100*(FILL(blue,0)+FILL(green,0))/(FILL(requests_blue,0)+FILL(requests_green,0)),0)", text)
	}
	in := func(id, old, replacement string) edit { return replaceInResource(txn, id, old, replacement) }
	metric := func(id, replacement string) plantedFault {
		return plantedFault{"ALA001", service, "", strategy, in(id, "MetricName: ", "MetricName: "+replacement)}
	}
	checkPlanted(t, alarmRules(), []plantedFault{
		{"ALA001", service, "", strategy, dropResource(txn, txnID+"MemoryAlarm")},
		{"ALA001", service, "", strategy, in(cpu, "ClusterName", "Cluster")},
		{"ALA001", service, "", strategy, in(cpu, "!GetAtt "+service+".Name", "other")},
		{"ALA001", service, "", strategy, in(tasks, "LessThanThreshold", "GreaterThanThreshold")},
		metric(cpu, "Not"),
		metric(tasks, "Not"),
		{"ALA001", service, "", strategy, in(latency, "GreaterThanThreshold", "LessThanThreshold")},
		{"ALA002", "Cluster", "", content, dropResource(watch, "DatabaseCpuAlarm")},
		{"ALA002", "Cluster", "", content, replaceInResource(watch, "DatabaseMemoryAlarm", "!Ref Database", "other")},
		{"ALA002", "Cluster", "", content, replaceInResource(watch, "DatabaseCapacityAlarm", "ACUUtilization", "Other")},
		{"ALA003", "LoadBalancer", "", "IpAddressType", replaceInResource(watch, "LoadBalancerErrorsAlarm", "HTTPCode_ELB_5XX_Count", "RequestCount")},
		{"ALA003", "HttpsListener", "", "Certificates", replaceInResource(watch, "CertificateAlarm", "!Ref Certificate", "other")},
		{"ALA003", "WebAcl", "", "DataProtectionConfig", replaceInResource(watch, "BlockedRequestsAlarm", "Name: Rule", "Name: RuleGroup")},
		{"ALA004", failing, "AlarmActions", "AlarmActions: []", in(failing, "AlarmActions:\n        - !Ref Topic", "AlarmActions: []")},
		{"ALA004", failing, "OKActions", "AlarmActions", in(failing, "      OKActions:\n        - !Ref Topic\n", "")},
		{"ALA004", failing, "ActionsEnabled", "false", in(failing, "      AlarmActions:", "      ActionsEnabled: false\n      AlarmActions:")},
		{"ALA005", failing, expression, "IF(blues", formula("IF(blues>0,1,0)")},
		{"ALA005", failing, "DatapointsToAlarm", "4", in(failing, "DatapointsToAlarm: 2", "DatapointsToAlarm: 4")},
		{"ALA006", latency, "Metrics", "- Expression", in(latency, txnID+"Green"+"TargetGroup"+fullName, txnID+"BlueTargetGroup"+fullName)},
		{"ALA007", failing, "TreatMissingData", "breaching", edits(formula("IF(blue+green+requests_blue+requests_green>1000,9,0)"), in(failing, "notBreaching", "breaching"))},
		{"ALA007", tasks, "TreatMissingData", "breaching", in(tasks, "      MissingDataBreaches: ECS reports no number when no task runs at all\n", "")},
		{"ALA008", failing, expression, "100*FILL(blue,0)/", formula("IF(" + requests + ",100*FILL(blue,0)/(FILL(requests_blue,0)+FILL(requests_green,0)),0)")},
		{"ALA008", failing, expression, "IF(", in(failing, "Threshold: 5\n", "Threshold: 100\n")},
		{"ALA008", failing, expression, "IF(", in(failing, "            Period: 60\n            Stat: Sum\n          ReturnData: false\n        - Id: green", "            Period: 60\n            Stat: Average\n          ReturnData: false\n        - Id: green")},
		{"ALA008", cpu, "MetricName", "CPUUtilization", edits(in(cpu, "EvaluationPeriods: 5", "EvaluationPeriods: 40"), in(cpu, "DatapointsToAlarm: 5", "DatapointsToAlarm: 40"))},
		{"ALA008", cpu, "MetricName", "CPUUtilization", in(cpu, "Threshold: 85", "Threshold: 100")},
		{"ALA008", tasks, "MetricName", "RunningTaskCount", in(tasks, "Threshold: !Ref MinTasks", "Threshold: 1")},
		{"ALA008", txnID + "CeilingAlarm", "MetricName", "RunningTaskCount", in(txnID+"CeilingAlarm", "Threshold: !Ref MaxTasks", "Threshold: 1000")},
		{"ALA008", "DatabaseCpuAlarm", "MetricName", "CPUUtilization", replaceInResource(watch, "DatabaseCpuAlarm", "GreaterThanThreshold", "LessThanThreshold")},
		{"ALA008", "TargetErrorsAlarm", "Metrics[0].Expression", "IF(FILL", replaceInResource(watch, "TargetErrorsAlarm", "            Stat: Sum\n          ReturnData: false\n        - Id: requests", "            Stat: Average\n          ReturnData: false\n        - Id: requests")},
		{"ALA009", cpu, "MetricName", "CPUUtilization", in(cpu, "Threshold: 85", "Threshold: 20")},
		{"ALA009", failing, expression, "IF(", in(failing, "GreaterThanThreshold", "LessThanThreshold")},
		{"ALA009", tasks, "MetricName", "RunningTaskCount", in(tasks, "Threshold: !Ref MinTasks", "Threshold: 1000")},
		{"ALA010", failing, "DatapointsToAlarm", "3", in(failing, "DatapointsToAlarm: 2", "DatapointsToAlarm: 3")},
		{"ALA011", group, configured + ".Enabled", "false", in(group, "        Enabled: true\n        IgnorePollAlarmFailure", "        Enabled: false\n        IgnorePollAlarmFailure")},
		{"ALA011", group, configured + ".IgnorePollAlarmFailure", "true", in(group, "IgnorePollAlarmFailure: false", "IgnorePollAlarmFailure: true")},
		{"ALA011", group, configured + ".Alarms", "- Name", in(group, "          - Name: !Ref "+latency+"\n", "")},
		{"ALA011", group, configured + ".Alarms", "Alarms: []", in(group, "Alarms:\n          - Name: !Ref "+failing+"\n          - Name: !Ref "+latency, "Alarms: []")},
		{"ALA011", group, configured + ".Alarms", "- Name", in(group, "          - Name: !Ref "+latency+"\n", strings.Repeat("          - Name: !Ref "+latency+"\n", 10))},
		{"ALA012", service, "", strategy, dropResource(watch, "Dashboard")},
		{"ALA001", service, "", strategy, dropResource(txn, txnID+"CeilingAlarm")},
		{"ALA013", "AdministrationSchedule", "", "Description", dropResource("administration.yaml", "AdministrationScheduleAlarm")},
		{"ALA013", "AdministrationSchedule", "", "Description", replaceInResource("administration.yaml", "AdministrationSchedule", "!Ref AdministrationScheduleGroup", "default")},
		{"ALA008", "AdministrationScheduleAlarm", "MetricName", "Invocation", replaceInResource("administration.yaml", "AdministrationScheduleAlarm", "Threshold: 0", "Threshold: 1000")},
	})
}

// edits makes several changes that are one fault only together.
func edits(list ...edit) edit {
	return func(t testing.TB, files map[string]string) {
		t.Helper()
		for _, one := range list {
			one(t, files)
		}
	}
}

// watchTemplate is a flat template with a rolling service, its target group and more resources.
func watchTemplate(resources string) map[string]string {
	text := serviceTemplate("2", "8", shopCPU)["shop.json"]
	text = strings.Replace(text, `{"Resources": {`, `{"Parameters": {"P": {"Type": "String"}}, "Conditions": {"Perhaps": {"Fn::Equals": [{"Ref": "P"}, "x"]}}, "Resources": {`, 1)
	return map[string]string{"shop.json": strings.TrimSuffix(text, "}}") + ", " + resources + "}}"}
}

func TestAlarmsOfForeignTemplates(t *testing.T) {
	alarm := func(id, more string) string {
		return `"` + id + `": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmName": "` + id + `", "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 2, "Statistic": "Sum", ` + more + `}}`
	}
	elb := func(metric string) string {
		return `"Namespace": "AWS/ApplicationELB", "MetricName": "` + metric + `", "Threshold": 1, "Dimensions": [` + shopGroup + `]`
	}
	deployment := func(names string) string {
		return `, "Group": {"Type": "AWS::CodeDeploy::DeploymentGroup", "Properties": {"ECSServices": [{"ClusterName": {"Ref": "Cluster"}, "ServiceName": {"Fn::GetAtt": ["Shop", "Name"]}}],
			"AlarmConfiguration": {"Enabled": "true", "Alarms": [` + names + `]}}}`
	}
	both := alarm("E", elb("HTTPCode_Target_5XX_Count")) + ", " + alarm("L", elb("TargetResponseTime"))
	cases := []struct{ name, rule, resources, want string }{
		{"perhaps an alarm", "ALA001", strings.Replace(alarm("E", elb("UnHealthyHostCount")), `"Properties"`, `"Condition": "Perhaps", "Properties"`, 1), "unknown" + strings.Repeat(" | Shop", 6)},
		{"dead letters", "ALA013", `"S": {"Type": "AWS::Scheduler::Schedule", "Properties": {"Target": {"DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:111122223333:q"}}}}`, "pass"},
		{"default group", "ALA013", `"S": {"Type": "AWS::Scheduler::Schedule"}`, "fail | S"},
		{"service alone", "ALA006", both, "not applicable"},
		{"topic elsewhere", "ALA004", alarm("E", `"AlarmActions": ["arn:aws:sns:us-east-1:111122223333:ops"], "OKActions": [{"Ref": "P"}]`), "unknown | E AlarmActions | E OKActions"},
		{"no topic", "ALA004", alarm("E", `"AlarmActions": ["arn:aws:automate:us-east-1:ec2:reboot"], "OKActions": []`), "fail | E AlarmActions | E OKActions"},
		{"topic here", "ALA004", `"T": {"Type": "AWS::SNS::Topic"}, ` + alarm("E", `"AlarmActions": [{"Ref": "T"}], "OKActions": [{"Ref": "T"}]`), "pass"},
		{"metric of nothing here", "ALA008", alarm("E", `"Namespace": "AWS/RDS", "MetricName": "CPUUtilization", "Threshold": 1, "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": "x"}]`), "unknown | E MetricName"},
		{"metric of a wrong balancer", "ALA008", alarm("E", `"Namespace": "AWS/ApplicationELB", "MetricName": "RequestCount", "Threshold": 1, "Dimensions": [{"Name": "LoadBalancer", "Value": "x"}, {"Name": "TargetGroup", "Value": "y"}]`), "unknown | E MetricName"},
		{"metric of an unknown kind", "ALA008", alarm("E", `"Namespace": "Shop", "MetricName": "Sold", "Threshold": 1`), "not applicable"},
		{"tasks without bounds", "ALA008", strings.Replace(alarm("E", `"Namespace": "ECS/ContainerInsights", "MetricName": "RunningTaskCount", "Threshold": 1, "Dimensions": [
			{"Name": "ClusterName", "Value": {"Ref": "Cluster"}}, {"Name": "ServiceName", "Value": "w"}]`), "", "", 1) + `, "W": {"Type": "AWS::ECS::Service", "Properties": {"ServiceName": "w", "Cluster": {"Ref": "Cluster"}}}`, "unknown | E MetricName"},
		{"instance alarms", "ALA002", `"D": {"Type": "AWS::RDS::DBCluster"}, "I": {"Type": "AWS::RDS::DBInstance", "Properties": {"DBClusterIdentifier": {"Ref": "D"}}}, ` +
			alarm("C", `"Namespace": "AWS/RDS", "MetricName": "CPUUtilization", "Threshold": 1, "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": {"Ref": "I"}}]`), "fail | D | D"},
		{"composite", "ALA011", both + `, "A": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {"AlarmName": "all", "AlarmRule": "ALARM(E) OR ALARM(\"L\")"}}` + deployment(`{"Name": {"Ref": "A"}}`), "pass"},
		{"alarm elsewhere", "ALA011", both + deployment(`{"Name": "other"}`), "unknown | Group AlarmConfiguration.Alarms[0].Name"},
		{"no deployment group", "ALA011", both, "not applicable"},
		{"dashboard", "ALA012", `"D": {"Type": "AWS::CloudWatch::Dashboard", "Properties": {"DashboardBody": {"Fn::Sub": "[\"${Shop.Name}\"]"}}}`, "pass"},
		{"unknown dashboard", "ALA012", `"D": {"Type": "AWS::CloudWatch::Dashboard", "Properties": {"DashboardBody": {"Ref": "P"}}}`, "unknown | Shop"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := outcomes(t, worldOf(t, nil, watchTemplate(c.resources)), alarmRules(), c.rule); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
