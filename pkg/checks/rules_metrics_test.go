package checks

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMetricRules(t *testing.T) {
	checkGolden(t, metricRules())
	const watch, admin = "observability.yaml", "administration.yaml"
	const failing, latency, cpu = txnID + "ErrorsAlarm", txnID + "LatencyAlarm", txnID + "CpuAlarm"
	const policy, waf, schedule = txnID + "MetricScalingPolicy", "BlockedRequestsAlarm", "AdministrationScheduleAlarm"
	const queries = trackingPath + ".CustomizedMetricSpecification.Metrics"
	in := func(id, old, replacement string) edit { return replaceInResource(txn, id, old, replacement) }
	checkPlanted(t, metricRules(), []plantedFault{
		{"MET001", cpu, "MetricName", "MetricName: CPUUtilization", in(cpu, "      Namespace: AWS/ECS\n", "")},
		{"MET001", cpu, "Dimensions", "- Name: Cluster", in(cpu, "Name: ClusterName", "Name: Cluster")},
		{"MET001", failing, "Metrics[1].MetricStat.Metric.Dimensions", "- Name: LoadBalancer", in(failing,
			"                - Name: TargetGroup\n                  Value: !GetAtt "+txnID+"BlueTargetGroup.TargetGroupFullName\n              MetricName: HTTPCode",
			"                - Name: Target\n                  Value: !GetAtt "+txnID+"BlueTargetGroup.TargetGroupFullName\n              MetricName: HTTPCode")},
		{"MET001", waf, "Dimensions", "- Name: WebACL", replaceInResource(watch, waf, "!Ref AWS::Region", "eu-west-1")},
		{"MET001", waf, "Dimensions", "- Name: WebACL", replaceInResource(watch, waf, "Value: ALL", "Value: nothing")},
		{"MET002", cpu, "Statistic", "SampleCount", in(cpu, "Statistic: Average", "Statistic: SampleCount")},
		{"MET002", "LatencyAlarm", "ExtendedStatistic", "p", replaceInResource(watch, "LatencyAlarm", "ExtendedStatistic: p99", "ExtendedStatistic: p999")},
		{"MET002", failing, "Metrics[1].MetricStat.Stat", "Average", in(failing, "            Stat: Sum\n          ReturnData: false\n        - Id: green", "            Stat: Average\n          ReturnData: false\n        - Id: green")},
		{"MET002", policy, queries + "[0].MetricStat.Stat", "SampleCount", in(policy, "                Stat: Average\n              ReturnData: false\n            - Id: tasks", "                Stat: SampleCount\n              ReturnData: false\n            - Id: tasks")},
		{"MET003", latency, "Metrics[0].Expression", "MAX([blue", in(latency, "FILL(blue,0)", "blue")},
		{"MET003", policy, queries + "[2].Expression", "IF(tasks", in(policy, "FILL(backlog,0)", "backlog")},
		{"MET004", cpu, "Period", "7", in(cpu, "Period: 60", "Period: 7")},
		{"MET004", cpu, "Period", "30", in(cpu, "Period: 60", "Period: 30")},
		{"MET004", cpu, "Period", "AlarmActions", in(cpu, "      Period: 60\n", "")},
		{"MET004", failing, "Metrics[1].MetricStat.Period", "90", in(failing, "            Period: 60\n            Stat: Sum\n          ReturnData: false\n        - Id: green", "            Period: 90\n            Stat: Sum\n          ReturnData: false\n        - Id: green")},
		{"MET004", cpu, "DatapointsToAlarm", "AlarmActions", in(cpu, "      DatapointsToAlarm: 5\n", "")},
		{"MET004", cpu, "TreatMissingData", "ignore", in(cpu, "notBreaching", "ignore")},
		{"MET004", cpu, "TreatMissingData", "AlarmActions", in(cpu, "      TreatMissingData: notBreaching\n", "")},
		{"MET005", policy, trackingPath + ".TargetValue", "TargetValue: 150", in(policy, "TargetValue: 100", "TargetValue: 150")},
		{"MET005", policy, queries + "[2].Expression", "IF(tasks", in(policy, "BacklogPerTask\n                  Namespace", "Backlog\n                  Namespace")},
		{"MET005", policy, queries + "[2].Expression", "IF(tasks", in(policy, "Value: transaction-processor", "Value: other")},
	})
	for name, change := range map[string]edit{
		"not in the table":  replaceInResource(admin, schedule, "InvocationDroppedCount", "Elsewhere"),
		"another namespace": replaceInResource(admin, schedule, "AWS/Scheduler", "Elsewhere"),
		"another group":     replaceInResource(admin, schedule, "schedules-administration", "schedules-other"),
	} {
		if got := outcomes(t, goldenWorld(t, change), metricRules(), "MET001"); !strings.HasPrefix(got, "unknown | "+schedule) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// A firewall's alarm may be on one of its rules.
func TestMetricOfOneRule(t *testing.T) {
	one := replaceInResource("observability.yaml", "BlockedRequestsAlarm", "Value: ALL", "Value: RateLimit")
	w := goldenWorld(t, one)
	if got := outcomes(t, w, metricRules(), "MET001"); got != "pass" {
		t.Error(got)
	}
}

func TestMetricsOfForeignTemplates(t *testing.T) {
	alarm := func(more string) string {
		return `"A": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 2, "Threshold": 1, "Statistic": "Sum", ` + more + `}}`
	}
	sold := `"Namespace": "Shop", "MetricName": "Sold"`
	filter := `, "F": {"Type": "AWS::Logs::MetricFilter", "Properties": {"MetricTransformations": [{"MetricNamespace": "Shop", "MetricName": "Sold"}]}}`
	board := func(body string) string {
		return `, "D": {"Type": "AWS::CloudWatch::Dashboard", "Properties": {"DashboardBody": ` + body + `}}`
	}
	const sums = "Sum"
	emitted := strings.Replace(shopMath("Shop", `{"Name": "S", "Value": "s"}`, sums, "IF(tasks>0,FILL(m,0),0)"), `"M"`, `"Sold"`, 1)
	single := `"TargetValue": 100, "CustomizedMetricSpecification": {"Namespace": "Shop", "MetricName": "Sold", "Statistic": "SampleCount", "Dimensions": [{"Name": "S", "Value": "s"}]}`
	shown := board(`"{\"widgets\": [{\"properties\": {\"metrics\": [[\"Shop\", \"Sold\", \"S\", \"s\"]], \"annotations\": {\"horizontal\": [{\"value\": 100}]}}}]}"`)
	cases := []struct{ name, rule, resources, policy, want string }{
		{"a filter publishes it", "MET001", alarm(sold) + filter, "", "pass"},
		{"nobody publishes it", "MET001", alarm(sold), "", "unknown | A MetricName"},
		{"high resolution", "MET004", alarm(sold + `, "Period": 10, "DatapointsToAlarm": 2, "TreatMissingData": "breaching"`), "", "pass"},
		{"own reason", "MET004", strings.Replace(alarm(sold+`, "Period": 60, "DatapointsToAlarm": 2`), `"Properties"`, `"Metadata": {"MissingData": "nights"}, "Properties"`, 1), "", "exempt | A TreatMissingData"},
		{"not known", "MET004", alarm(sold + `, "Period": {"Ref": "P"}, "DatapointsToAlarm": {"Ref": "P"}, "TreatMissingData": {"Ref": "P"}`), "", "unknown | A DatapointsToAlarm | A Period | A TreatMissingData"},
		{"single metric", "MET002", `"T": {"Type": "AWS::SNS::Topic"}`, single, "fail | PolicyA " + trackingPath + ".CustomizedMetricSpecification.Statistic"},
		{"shown", "MET005", `"T": {"Type": "AWS::SNS::Topic"}` + shown, emitted, "pass"},
		{"no text", "MET005", `"T": {"Type": "AWS::SNS::Topic"}` + board(`"{"`), emitted, "unknown | PolicyA " + trackingPath + ".CustomizedMetricSpecification.Metrics[2].Expression"},
		{"unknown text", "MET005", `"T": {"Type": "AWS::SNS::Topic"}` + board(`{"Ref": "P"}`), emitted, "unknown | PolicyA " + trackingPath + ".CustomizedMetricSpecification.Metrics[2].Expression"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			files := watchTemplate(c.resources)
			if c.policy != "" {
				policy := strings.TrimPrefix(serviceTemplate("2", "8", c.policy)["shop.json"], serviceTemplate("2", "8")["shop.json"][:len(serviceTemplate("2", "8")["shop.json"])-2])
				files["shop.json"] = strings.TrimSuffix(strings.Replace(files["shop.json"], `"PolicyA"`, `"PolicyB"`, 1), "}}") + policy
			}
			if got := outcomes(t, worldOf(t, nil, files), metricRules(), c.rule); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// Rows may leave out what is in the row above.
func TestDashboardRows(t *testing.T) {
	d := &dashboardViews{}
	d.addRows([][]any{
		{"N", "A", "D", "1", map[string]any{"stat": "Sum"}},
		{".", "B", ".", "."},
		{"...", "2", map[string]any{"stat": "Sum"}},
		{"...", "3"},
		{map[string]any{"expression": "m1"}},
		{".", "C"},
	}, []float64{7})
	want := []string{"N A D 1", "N B D 1", "N B D 2", "N B D 3", "N C D"}
	var got []string
	for _, m := range d.shown {
		got = append(got, strings.TrimSpace(m.namespace+" "+m.name+" D "+m.dimensions["D"]))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The tables agree: each metric with sample values is known.
func TestKnownMetrics(t *testing.T) {
	known := knownMetrics()
	for name := range samples() {
		if _, ok := known[name]; !ok {
			t.Error(name, "is not in metrics_known.txt")
		}
	}
	for name, m := range known {
		if m.means("SampleCount") || len(m.dimensions) == 0 {
			t.Error(name, m)
		}
		for _, set := range m.dimensions {
			for i := 1; i < len(set); i++ {
				if set[i-1] >= set[i] {
					t.Errorf("%s: dimensions %v are not sorted", name, set)
				}
			}
		}
	}
	for stat, want := range map[string]bool{"p99": true, "p99.9": true, "p100": true, "p999": false, "TM(10%:90%)": true, "tm90": true, "Sum": false, "Average": true, "": false} {
		if got := known["AWS/ApplicationELB TargetResponseTime"].means(stat); got != want {
			t.Errorf("%s: %t", stat, got)
		}
	}
}
