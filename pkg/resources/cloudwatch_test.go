package resources_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

func alarm(edit func(*resources.AlarmInput)) resources.AlarmInput {
	in := resources.AlarmInput{
		Name: "alarm", Description: "Something is wrong. Look there.", Topic: "topic", Threshold: 5,
		Metric: &resources.AlarmMetric{Namespace: "AWS/X", Name: "Errors", Statistic: "Sum", Dimensions: []resources.AlarmDimension{{Name: "D", Value: "v"}}},
	}
	edit(&in)
	return in
}

// An alarm tells of its end too and is silent while nothing has happened yet.
func TestAlarmDefaults(t *testing.T) {
	a := resources.Alarm(alarm(func(*resources.AlarmInput) {}))
	got := map[string]any{
		"actions": a.AlarmActions, "ok": a.OKActions, "missing": *a.TreatMissingData, "comparison": a.ComparisonOperator,
		"periods": a.EvaluationPeriods, "datapoints": *a.DatapointsToAlarm, "seconds": *a.Period, "statistic": *a.Statistic,
		"threshold": *a.Threshold, "dimensions": len(a.Dimensions), "metadata": len(a.AWSCloudFormationMetadata),
	}
	want := map[string]any{
		"actions": []string{"topic"}, "ok": []string{"topic"}, "missing": "notBreaching", "comparison": "GreaterThanThreshold",
		"periods": 3, "datapoints": 3, "seconds": 60, "statistic": "Sum", "threshold": 5.0, "dimensions": 1, "metadata": 0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAlarmOptions(t *testing.T) {
	a := resources.Alarm(alarm(func(in *resources.AlarmInput) {
		in.Comparison, in.Periods, in.DatapointsToAlarm, in.MissingData = "LessThanThreshold", 5, 2, "ignore"
		in.Metric.Statistic, in.Metric.PeriodSeconds = "p99", 300
	}))
	if a.Statistic != nil || *a.ExtendedStatistic != "p99" {
		t.Error("a percentile is no plain statistic")
	}
	if a.ComparisonOperator != "LessThanThreshold" || a.EvaluationPeriods != 5 || *a.DatapointsToAlarm != 2 || *a.Period != 300 || *a.TreatMissingData != "ignore" {
		t.Errorf("options are lost: %+v", a)
	}
}

// Whoever lets silence alarm says why, and the template shows it.
func TestAlarmOnMissingDataShowsItsReason(t *testing.T) {
	a := resources.Alarm(alarm(func(in *resources.AlarmInput) { in.MissingDataBreaches = "no task, no number" }))
	if *a.TreatMissingData != "breaching" || a.AWSCloudFormationMetadata["MissingDataBreaches"] != "no task, no number" {
		t.Errorf("missing data is %s, metadata %v", *a.TreatMissingData, a.AWSCloudFormationMetadata)
	}
}

// Only the expression of an alarm is compared with the threshold.
func TestAlarmOnExpression(t *testing.T) {
	a := resources.Alarm(alarm(func(in *resources.AlarmInput) {
		metric := *in.Metric
		metric.ID = "blue"
		in.Metric, in.Expression, in.Metrics = nil, "FILL(blue,0)", []resources.AlarmMetric{metric}
	}))
	if len(a.Metrics) != 2 || *a.Metrics[0].Expression != "FILL(blue,0)" || !*a.Metrics[0].ReturnData || *a.Metrics[1].ReturnData {
		t.Fatalf("metrics: %+v", a.Metrics)
	}
	stat := a.Metrics[1].MetricStat
	if a.Metrics[1].Id != "blue" || stat.Period != 60 || stat.Stat != "Sum" || *stat.Metric.MetricName != "Errors" || len(stat.Metric.Dimensions) != 1 || a.MetricName != nil {
		t.Errorf("metric: %+v", stat)
	}
}

func TestAlarmRefusesWhatCannotBeRight(t *testing.T) {
	for name, tc := range map[string]struct {
		want string
		edit func(*resources.AlarmInput)
	}{
		"right":             {"", func(*resources.AlarmInput) {}},
		"a whole day":       {"", func(in *resources.AlarmInput) { in.Periods, in.Metric.PeriodSeconds = 1, 86400 }},
		"no description":    {"no description", func(in *resources.AlarmInput) { in.Description = "" }},
		"no topic":          {"tells nobody", func(in *resources.AlarmInput) { in.Topic = "" }},
		"nothing to watch":  {"exactly one thing", func(in *resources.AlarmInput) { in.Metric = nil }},
		"two things":        {"exactly one thing", func(in *resources.AlarmInput) { in.Expression = "m" }},
		"no metrics":        {"over no metrics", func(in *resources.AlarmInput) { in.Metric, in.Expression = nil, "m" }},
		"too many breaches": {"more breaches", func(in *resources.AlarmInput) { in.DatapointsToAlarm = 4 }},
		"more than a day":   {"too long a time", func(in *resources.AlarmInput) { in.Periods, in.Metric.PeriodSeconds = 2, 86400 }},
		"breaching, no why": {"without a reason", func(in *resources.AlarmInput) { in.MissingData = "breaching" }},
	} {
		t.Run(name, func(t *testing.T) {
			wantInvalid(t, tc.want, func(root *cfn.Template) { cfn.Add(root, "Alarm", "Watches", resources.Alarm(alarm(tc.edit))) })
		})
	}
}

// A dashboard's rows follow one another, its graphs share their row, and what it refers to survives as references.
func TestDashboard(t *testing.T) {
	root := cfn.NewTemplate("root", "A test")
	cluster := cfn.AddParameter[cfn.ClusterName](root, "Cluster", cfn.Parameter{})
	line := resources.Line{Label: "CPU <of all>", Color: "#ff0000", Metric: resources.AlarmMetric{
		Namespace: "AWS/ECS", Name: "CPUUtilization", Statistic: "Average", PeriodSeconds: 300,
		Dimensions: []resources.AlarmDimension{{Name: "ClusterName", Value: string(cluster)}},
	}}
	d := &resources.Dashboard{}
	d.Text("# Title")
	d.Alarms("Alarms", []string{"arn:1"})
	d.Graphs(resources.Graph{Title: "Use", Unit: "percent", Stacked: true, Limit: resources.AlarmLimit(85), Lines: []resources.Line{line}}, resources.Graph{Title: "Other"})
	d.Graphs()
	cfn.Add(root, "Dashboard", "Shows", d.Resource("dashboard"))

	var body struct {
		Widgets []struct {
			Type                string
			X, Y, Width, Height int
			Properties          map[string]any
		}
	}
	if err := json.Unmarshal([]byte(d.Body()), &body); err != nil {
		t.Fatal(err)
	}
	var places [][5]any
	for _, w := range body.Widgets {
		places = append(places, [5]any{w.Type, w.X, w.Y, w.Width, w.Height})
	}
	want := [][5]any{{"text", 0, 0, 24, 2}, {"alarm", 0, 2, 24, 4}, {"metric", 0, 6, 12, 6}, {"metric", 12, 6, 12, 6}}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Error(diff)
	}
	graph := body.Widgets[2].Properties
	if graph["stacked"] != true || graph["annotations"] == nil || body.Widgets[3].Properties["annotations"] != nil {
		t.Errorf("graph: %v", graph)
	}

	compiler, err := cfn.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	files, err := compiler.Compile(root)
	if err != nil {
		t.Fatal(err)
	}
	metric := `[ "AWS/ECS", "CPUUtilization", "ClusterName", "${Cluster}", { "label": "CPU <of all>", "stat": "Average", "color": "#ff0000", "period": 300 } ]`
	if !strings.Contains(string(files[0].Data), metric) {
		t.Errorf("no line %s in:\n%s", metric, files[0].Data)
	}
}
