package checks

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The tables of "How alarm state is evaluated when data is missing": X breaches, 0 does not.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
func TestNextState(t *testing.T) {
	const before = AlarmState("before")
	cases := []struct {
		series                                   string
		m                                        int
		missing, ignore, breaching, notBreaching AlarmState
	}{
		{"0 - 1 - 1", 3, AlarmOK, AlarmOK, AlarmOK, AlarmOK},
		{"- - - - 0", 3, AlarmOK, AlarmOK, AlarmOK, AlarmOK},
		{"- - - - -", 3, InsufficientData, before, InAlarm, AlarmOK},
		{"0 1 1 - 1", 3, InAlarm, InAlarm, InAlarm, InAlarm},
		{"- - 1 - -", 3, InAlarm, before, InAlarm, AlarmOK},
		{"0 - 1 - 1", 2, InAlarm, InAlarm, InAlarm, InAlarm},
		{"0 0 1 0 1", 2, InAlarm, InAlarm, InAlarm, InAlarm},
		{"0 - 1 - -", 2, AlarmOK, AlarmOK, InAlarm, AlarmOK},
		{"- - - - 0", 2, AlarmOK, AlarmOK, InAlarm, AlarmOK},
		{"- - - 1 -", 2, InAlarm, before, InAlarm, AlarmOK},
		{"- - - - 1", 2, before, before, InAlarm, AlarmOK}, // too new: not in the tables
	}
	for _, c := range cases {
		got := map[string]AlarmState{}
		for _, missing := range []string{"missing", "ignore", "breaching", "notBreaching"} {
			got[missing] = nextState(before, points(c.series), 3, c.m, missing, func(v float64) bool { return v > 0 })
		}
		want := map[string]AlarmState{"missing": c.missing, "ignore": c.ignore, "breaching": c.breaching, "notBreaching": c.notBreaching}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d of 3 over %s: %s", c.m, c.series, diff)
		}
	}
}

func TestAlarmBreaches(t *testing.T) {
	for comparison, want := range map[string][3]bool{
		"GreaterThanThreshold":          {false, false, true},
		"GreaterThanOrEqualToThreshold": {false, true, true},
		"LessThanThreshold":             {true, false, false},
		"LessThanOrEqualToThreshold":    {true, true, false},
	} {
		a := &Alarm{Comparison: comparison, Threshold: 5}
		if got := [3]bool{a.breaches(4), a.breaches(5), a.breaches(6)}; got != want {
			t.Errorf("%s: %v", comparison, got)
		}
	}
}

// alarmTemplate is a template with one alarm in JSON and long form.
func alarmTemplate(properties string) map[string]string {
	return map[string]string{"watch.json": `{"Parameters": {"Limit": {"Type": "Number"}}, "Resources": {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {` + properties + `}}}}`}
}

func TestAlarmStates(t *testing.T) {
	w := worldOf(t, nil, alarmTemplate(`"ComparisonOperator": "GreaterThanThreshold", "Threshold": 5, "EvaluationPeriods": 2,
		"Namespace": "Shop", "MetricName": "Errors", "ExtendedStatistic": "p99", "Period": 300`))
	a := w.Operations().Alarms[0]
	if a.problem != nil {
		t.Fatal(a.problem)
	}
	values := points("9 9 9 0 9 - 9 9")
	in := AlarmInput{Length: len(values), Value: func(m *Metric, period int) float64 {
		if m.String() != "Shop Errors" || m.Period != 300 || m.Stat != "p99" {
			t.Fatalf("metric %+v", m)
		}
		return values[period]
	}}
	want := []AlarmState{InsufficientData, InAlarm, InAlarm, AlarmOK, AlarmOK, AlarmOK, InAlarm, InAlarm}
	if diff := cmp.Diff(want, a.States(in)); diff != "" {
		t.Error(diff)
	}
	in.Late = true
	want = []AlarmState{InsufficientData, InAlarm, InAlarm, InAlarm, AlarmOK, AlarmOK, AlarmOK, InAlarm}
	if diff := cmp.Diff(want, a.States(in)); diff != "" {
		t.Error("late:", diff)
	}
}

// ALA005 names the property that is wrong.
func TestAlarmProblems(t *testing.T) {
	const metric, rest = `"Namespace": "N", "MetricName": "M", "Statistic": "Sum"`, `"ComparisonOperator": "LessThanThreshold", "Threshold": 5, "EvaluationPeriods": 2`
	stat := func(id string) string {
		return `{"Id": "` + id + `", "ReturnData": false, "MetricStat": {"Metric": {"Namespace": "N", "MetricName": "M", "Dimensions": [{"Name": "D", "Value": "v"}]}, "Period": 60, "Stat": "Sum"}}`
	}
	cases := map[string]struct {
		properties, path string
		outcome          Outcome
	}{
		"good":              {metric + "," + rest, "", Pass},
		"good math":         {rest + `,"Metrics": [` + stat("m") + `, {"Id": "e", "Expression": "m/e2"}, {"Id": "e2", "Expression": "m+1", "ReturnData": false}]`, "", Pass},
		"shared expression": {rest + `,"Metrics": [` + stat("m") + `, {"Id": "e", "Expression": "f+g"}, {"Id": "f", "Expression": "g+m", "ReturnData": false}, {"Id": "g", "Expression": "m", "ReturnData": false}]`, "", Pass},
		"unknown":           {metric + `,"ComparisonOperator": "LessThanThreshold", "Threshold": {"Ref": "Limit"}, "EvaluationPeriods": 2`, "Threshold", Unsure},
		"comparison":        {metric + `,"Threshold": 5, "EvaluationPeriods": 2`, "ComparisonOperator", Fail},
		"anomaly":           {metric + `,"ComparisonOperator": "GreaterThanUpperThreshold", "ThresholdMetricId": "ad", "EvaluationPeriods": 2`, "ComparisonOperator", Unsure},
		"threshold":         {metric + `,"ComparisonOperator": "LessThanThreshold", "EvaluationPeriods": 2`, "Threshold", Fail},
		"periods":           {metric + `,"ComparisonOperator": "LessThanThreshold", "Threshold": 1`, "EvaluationPeriods", Fail},
		"many periods":      {metric + `,"ComparisonOperator": "LessThanThreshold", "Threshold": 1, "EvaluationPeriods": 1000`, "EvaluationPeriods", Unsure},
		"datapoints":        {metric + `,"DatapointsToAlarm": 3,` + rest, "DatapointsToAlarm", Fail},
		"no metric":         {rest, "MetricName", Fail},
		"no source":         {rest + `,"Metrics": [{"Id": "e"}]`, "Metrics[0]", Fail},
		"no ID":             {rest + `,"Metrics": [{"Expression": "m"}]`, "Metrics[0].Id", Fail},
		"ID twice":          {rest + `,"Metrics": [` + stat("m") + `,` + stat("m") + `]`, "Metrics[1].Id", Fail},
		"syntax":            {rest + `,"Metrics": [` + stat("m") + `,{"Id": "e", "Expression": "m+"}]`, "Metrics[1].Expression", Fail},
		"search":            {rest + `,"Metrics": [{"Id": "e", "Expression": "SEARCH('x')"}]`, "Metrics[0].Expression", Unsure},
		"unknown entry":     {rest + `,"Metrics": [{"Id": "e", "Expression": {"Ref": "Limit"}}]`, "Metrics[0]", Unsure},
		"missing ID":        {rest + `,"Metrics": [` + stat("m") + `,{"Id": "e", "Expression": "n"}]`, "Metrics[1].Expression", Fail},
		"circle":            {rest + `,"Metrics": [{"Id": "e", "Expression": "f"}, {"Id": "f", "Expression": "e", "ReturnData": false}]`, "Metrics[0].Expression", Fail},
		"a number":          {rest + `,"Metrics": [` + stat("m") + `,{"Id": "e", "Expression": "MAX(m)"}]`, "Metrics[1].Expression", Fail},
		"nothing returned":  {rest + `,"Metrics": [` + stat("m") + `]`, "Metrics", Fail},
		"two returned":      {rest + `,"Metrics": [` + stat("m") + `,{"Id": "e", "Expression": "m"}, {"Id": "f", "Expression": "m"}]`, "Metrics", Fail},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			result := resultOf(t, worldOf(t, nil, alarmTemplate(c.properties)), alarmRules(), "ALA005")
			path := ""
			for _, f := range result.Findings {
				path += f.Path
			}
			if result.Outcome != c.outcome || path != c.path || result.Subjects != 1 {
				t.Errorf("%+v", result)
			}
		})
	}
}
