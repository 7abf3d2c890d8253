package templates_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/templates"
)

// R13: every alarm of the platform tells the topic of its beginning and its end, says where to look, and is silent in an
// environment in which nothing has happened yet.
func TestPlatformAlarms(t *testing.T) {
	for id, a := range file(t, "observability.yaml").ofType("AWS::CloudWatch::Alarm") {
		for _, action := range []string{"AlarmActions", "OKActions"} {
			if diff := cmp.Diff([]string{"${Topic}"}, texts(a.Properties[action])); diff != "" {
				t.Errorf("%s: %s %s", id, action, diff)
			}
		}
		if a.Properties["TreatMissingData"] != "notBreaching" {
			t.Errorf("%s: missing data is %v", id, a.Properties["TreatMissingData"])
		}
		if !strings.Contains(text(a.Properties["AlarmDescription"]), ". ") && !strings.Contains(text(a.Properties["AlarmDescription"]), "Raise") {
			t.Errorf("%s does not say what to do: %s", id, text(a.Properties["AlarmDescription"]))
		}
	}
}

// R13: what is watched, and by exactly the dimensions that the metric is published with: an alarm with others never fires.
func TestPlatformAlarmsWatchEverything(t *testing.T) {
	dimensions := map[string][]string{
		"AWS/ApplicationELB": {"LoadBalancer"}, "AWS/WAFV2": {"Region", "Rule", "WebACL"}, "AWS/RDS": {"DBClusterIdentifier"},
		"AWS/Firehose": {"DeliveryStreamName"}, "AWS/Logs": {"LogGroupName"}, "AWS/CertificateManager": {"CertificateArn"},
	}
	watched := map[string]bool{}
	watch := func(id string, metric any) {
		namespace := at(metric, "Namespace").(string)
		watched[namespace+" "+at(metric, "MetricName").(string)] = true
		var names []string
		for _, d := range items(at(metric, "Dimensions")) {
			names = append(names, at(d, "Name").(string))
		}
		slices.Sort(names)
		if diff := cmp.Diff(dimensions[namespace], names); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
	for id, a := range file(t, "observability.yaml").ofType("AWS::CloudWatch::Alarm") {
		if a.Properties["MetricName"] != nil {
			watch(id, a.Properties)
		}
		for _, m := range items(a.Properties["Metrics"]) {
			if metric := at(m, "MetricStat", "Metric"); metric != nil {
				watch(id, metric)
			}
		}
	}
	for _, want := range []string{
		"AWS/ApplicationELB HTTPCode_ELB_5XX_Count", "AWS/ApplicationELB HTTPCode_Target_5XX_Count", "AWS/ApplicationELB TargetResponseTime",
		"AWS/ApplicationELB RejectedConnectionCount", "AWS/CertificateManager DaysToExpiry", "AWS/WAFV2 BlockedRequests",
		"AWS/RDS CPUUtilization", "AWS/RDS ACUUtilization", "AWS/RDS DatabaseConnections", "AWS/RDS FreeableMemory",
		"AWS/RDS AuroraReplicaLagMaximum", "AWS/RDS MaximumUsedTransactionIDs",
		"AWS/Firehose DeliveryToS3.DataFreshness", "AWS/Firehose DeliveryToS3.Success", "AWS/Logs DeliveryErrors",
	} {
		if !watched[want] {
			t.Errorf("nobody watches %s", want)
		}
	}
}

// The stream that alarms watch is the stream that exists.
func TestAlarmsKnowTheStream(t *testing.T) {
	_, stream := only(t, file(t, "archive.yaml"), "AWS::KinesisFirehose::DeliveryStream")
	want := text(stream.Properties["DeliveryStreamName"])
	for _, id := range []string{"ArchiveDelayAlarm", "ArchiveFailuresAlarm"} {
		if got := text(at(file(t, "observability.yaml").Resources[id].Properties, "Dimensions", 0, "Value")); got != want {
			t.Errorf("%s watches %s, the stream is %s", id, got, want)
		}
	}
}

// R18: flow logs, WAF, database, administration and every service go to the archive, with an alarm on what does not arrive.
func TestAuditStreamsReachTheArchive(t *testing.T) {
	f := file(t, "observability.yaml")
	passed := at(file(t, "platform.yaml").Resources["ObservabilityStack"].Properties, "Parameters").(map[string]any)
	groups, watched := map[string]bool{}, map[string]bool{}
	for id, s := range f.ofType("AWS::Logs::SubscriptionFilter") {
		group := text(s.Properties["LogGroupName"])
		if groups[group] {
			t.Errorf("%s has two subscriptions: one must stay free", group)
		}
		groups[group] = true
		if s.Properties["FilterPattern"] != "" {
			t.Errorf("%s leaves out %v", id, s.Properties["FilterPattern"])
		}
		if text(s.Properties["DestinationArn"]) != "${Stream}" || text(s.Properties["RoleArn"]) != "${SubscriptionRole}" {
			t.Errorf("%s: %v", id, s.Properties)
		}
	}
	for _, a := range f.ofType("AWS::CloudWatch::Alarm") {
		if a.Properties["MetricName"] == "DeliveryErrors" {
			watched[text(at(a.Properties, "Dimensions", 0, "Value"))] = true
		}
	}
	if diff := cmp.Diff(groups, watched); diff != "" {
		t.Errorf("subscriptions and alarms differ: %s", diff)
	}
	want := map[string]string{
		"Flow": "${EgressStack.Outputs.FlowLogGroup}", "Waf": "${IngressStack.Outputs.WafLogGroup}", "Database": "${DataStack.Outputs.LogGroup}",
		"Administration": "${AdministrationStack.Outputs.LogGroup}", "PaymentApi": "${ServicePaymentApiStack.Outputs.LogGroup}",
		"TransactionProcessor": "${ServiceTransactionProcessorStack.Outputs.LogGroup}", "NotificationService": "${ServiceNotificationServiceStack.Outputs.LogGroup}",
	}
	for name, source := range want {
		if got := text(passed["AuditStreams"+name]); got != source || !groups["${AuditStreams"+name+"}"] {
			t.Errorf("stream %s is fed by %q, subscribed %v", name, got, groups["${AuditStreams"+name+"}"])
		}
	}
	if len(groups) != len(want) {
		t.Errorf("%d subscriptions, want %d", len(groups), len(want))
	}
}

// R13: events arrive as sentences at the topic, each rule is held to what is ours.
func TestEventRules(t *testing.T) {
	held := map[string]func(detail any) bool{
		"aws.codedeploy": func(d any) bool {
			return text(at(d, "application", 0)) == "${Application}" && slices.Equal(texts(at(d, "state")), []string{"FAILURE", "STOP"})
		},
		"aws.ecs": func(d any) bool { return strings.HasSuffix(text(at(d, "clusterArn", 0)), ":cluster/${Cluster}") },
		"aws.ecr": func(d any) bool {
			return text(at(d, "repository-name", 0, "wildcard")) == "ecr-*-${EnvironmentSuffix}" && len(items(at(d, "$or"))) == 2
		},
		"aws.inspector2": func(d any) bool {
			return text(at(d, "resources", "details", "awsEcrContainerImage", "repositoryName", 0, "wildcard")) == "ecr-*-${EnvironmentSuffix}"
		},
		"aws.health": func(d any) bool { return slices.Contains(texts(at(d, "service")), "RDS") },
	}
	seen := map[string]int{}
	for id, r := range file(t, "observability.yaml").ofType("AWS::Events::Rule") {
		source := at(r.Properties, "EventPattern", "source", 0).(string)
		seen[source]++
		if r.Properties["State"] != "ENABLED" || held[source] == nil || !held[source](at(r.Properties, "EventPattern", "detail")) {
			t.Errorf("%s takes %v", id, r.Properties["EventPattern"])
		}
		target := at(r.Properties, "Targets", 0)
		if len(items(r.Properties["Targets"])) != 1 || text(at(target, "Arn")) != "${Topic}" || at(target, "RoleArn") != nil || at(target, "InputTransformer", "InputTemplate") == nil {
			t.Errorf("%s tells %v", id, r.Properties["Targets"])
		}
	}
	want := map[string]int{"aws.codedeploy": 1, "aws.ecs": 2, "aws.ecr": 1, "aws.inspector2": 1, "aws.health": 1}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
}

// The scheduled administration task ends by itself every time: that is no news.
func TestEndingOfScheduledTasksIsNoNews(t *testing.T) {
	detail := at(file(t, "observability.yaml").Resources["TaskFailureRule"].Properties, "EventPattern", "detail")
	if at(detail, "group", 0, "prefix") != "service:" {
		t.Errorf("tasks of %v", at(detail, "group"))
	}
	if diff := cmp.Diff([]string{"EssentialContainerExited", "TaskFailedToStart"}, texts(at(detail, "stopCode"))); diff != "" {
		t.Error(diff)
	}
}

// dashboardBody is the dashboard as CloudWatch reads it.
type dashboardBody struct {
	Widgets []struct {
		Type                string
		X, Y, Width, Height int
		Properties          struct {
			Title    string
			Markdown string
			Alarms   []string
			Metrics  [][]any
		}
	}
}

func dashboard(t *testing.T) (string, dashboardBody) {
	t.Helper()
	_, d := only(t, file(t, "observability.yaml"), "AWS::CloudWatch::Dashboard")
	source := text(d.Properties["DashboardBody"])
	var body dashboardBody
	if err := json.Unmarshal([]byte(source), &body); err != nil {
		t.Fatal(err)
	}
	return source, body
}

// R13, R17: the dashboard shows both colours of every service, so that a release can be watched.
func TestDashboardShowsBothColors(t *testing.T) {
	_, body := dashboard(t)
	for _, id := range []string{"PaymentApi", "TransactionProcessor", "NotificationService"} {
		for _, metric := range []string{"RequestCount", "HTTPCode_Target_5XX_Count", "TargetResponseTime", "HealthyHostCount"} {
			for _, color := range []string{"Blue", "Green"} {
				want := []any{"AWS/ApplicationELB", metric, "LoadBalancer", "${LoadBalancer}", "TargetGroup", "${Services" + id + color + "TargetGroup}"}
				found := false
				for _, w := range body.Widgets {
					for _, m := range w.Properties.Metrics {
						found = found || len(m) > len(want) && slices.Equal(m[:len(want)], want)
					}
				}
				if !found {
					t.Errorf("%s of %s, %s, is not shown", metric, id, color)
				}
			}
		}
	}
}

// Services that scale on their backlog show it.
func TestDashboardShowsBacklogs(t *testing.T) {
	source, _ := dashboard(t)
	for _, s := range templates.Catalog() {
		shown := strings.Contains(source, `"PaymentPlatform", "BacklogPerTask", "Environment", "${EnvironmentSuffix}", "ServiceName", "`+s.Name+`"`)
		if shown != (s.Scaling.Metric == templates.BacklogPerTask) {
			t.Errorf("backlog of %s is shown: %v", s.Name, shown)
		}
	}
}

// Widgets fit into 24 columns and do not cover one another; all alarms are there.
func TestDashboardLayout(t *testing.T) {
	_, body := dashboard(t)
	taken := map[[2]int]string{}
	var alarms []string
	for _, w := range body.Widgets {
		alarms = append(alarms, w.Properties.Alarms...)
		for x := w.X; x < w.X+w.Width; x++ {
			for y := w.Y; y < w.Y+w.Height; y++ {
				if other, covered := taken[[2]int{x, y}]; covered || x >= 24 {
					t.Fatalf("%s %q covers %q or the edge at %d, %d", w.Type, w.Properties.Title, other, x, y)
				}
				taken[[2]int{x, y}] = w.Properties.Title
			}
		}
	}
	for id := range file(t, "observability.yaml").ofType("AWS::CloudWatch::Alarm") {
		if !slices.Contains(alarms, "${"+id+".Arn}") {
			t.Errorf("%s is not shown", id)
		}
	}
}

// Metrics of the dashboard are those of our resources: no value stands for another environment.
func TestDashboardIsOfThisEnvironment(t *testing.T) {
	f := file(t, "observability.yaml")
	_, body := dashboard(t)
	reference := regexp.MustCompile(`\$\{([A-Za-z0-9]+)\}`)
	for _, w := range body.Widgets {
		for _, m := range w.Properties.Metrics {
			line, _ := json.Marshal(m)
			references := reference.FindAllSubmatch(line, -1)
			if len(references) == 0 {
				t.Errorf("%q shows %s of whatever environment", w.Properties.Title, line)
			}
			for _, r := range references {
				if f.Parameters[string(r[1])] == nil {
					t.Errorf("%q refers to %s", w.Properties.Title, r[1])
				}
			}
		}
	}
}
