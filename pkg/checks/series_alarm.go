package checks

import (
	"fmt"
	"math"
	"strings"
)

// AlarmState is the state of an alarm.
type AlarmState string

// The states, in CloudWatch's words.
const (
	InsufficientData AlarmState = "INSUFFICIENT_DATA"
	AlarmOK          AlarmState = "OK"
	InAlarm          AlarmState = "ALARM"
)

// Alarm is a metric alarm.
type Alarm struct {
	// Resource is the AWS::CloudWatch::Alarm.
	Resource *Resource
	// Queries are its Metrics; an alarm on a single metric has one.
	Queries Queries
	// Comparison, Threshold, Periods (N), Datapoints (M) and Missing are its settings.
	Comparison          string
	Threshold           float64
	Periods, Datapoints int
	Missing             string

	problem *queryProblem
	tried   onceOf[alarmVerdict]
}

// maxAlarmPeriods bounds what is simulated.
const maxAlarmPeriods = 120

// readAlarm decodes an alarm. What is wrong or unknown is kept as its problem.
func readAlarm(r *Resource) *Alarm {
	a := &Alarm{Resource: r, Comparison: r.At("ComparisonOperator").String(), Missing: r.At("TreatMissingData").String()}
	for _, name := range []string{"ComparisonOperator", "Threshold", "EvaluationPeriods", "DatapointsToAlarm", "TreatMissingData", "Dimensions", "Period"} {
		if why := r.At(name).anyUnknown(); why != "" {
			a.problem = &queryProblem{path: name, unknown: why}
			return a
		}
	}
	if a.Missing == "" {
		a.Missing = "missing"
	}
	if !a.readNumbers(r) {
		return a
	}
	if r.At("Metrics").Exists() {
		a.Queries, a.problem = readQueries(r.At("Metrics"), "Metrics")
		return a
	}
	stat := r.At("Statistic")
	if !stat.Exists() {
		stat = r.At("ExtendedStatistic")
	}
	a.Queries = Queries{{ID: "m", Metric: readMetric(r.Properties, stat, r.At("Period")), Returned: true, Path: "MetricName"}}
	if r.At("MetricName").String() == "" || stat.String() == "" {
		a.problem = &queryProblem{path: "MetricName", found: "no metric with a statistic"}
	}
	return a
}

// readNumbers reads threshold and periods and tells whether all is well.
func (a *Alarm) readNumbers(r *Resource) bool {
	threshold, okThreshold := r.At("Threshold").Float()
	periods, okPeriods := r.At("EvaluationPeriods").Int()
	a.Threshold, a.Periods, a.Datapoints = threshold, periods, periods
	if points, ok := r.At("DatapointsToAlarm").Int(); ok {
		a.Datapoints = points
	}
	switch {
	case !strings.HasSuffix(a.Comparison, "Threshold"):
		a.problem = &queryProblem{path: "ComparisonOperator", found: r.At("ComparisonOperator").Show()}
	case r.At("ThresholdMetricId").Exists() || strings.Contains(a.Comparison, "LowerOr") || strings.Contains(a.Comparison, "LessThanLower") || strings.Contains(a.Comparison, "GreaterThanUpper"):
		a.problem = &queryProblem{path: "ComparisonOperator", unknown: "alarms on anomaly detection are not evaluated"}
	case !okThreshold:
		a.problem = &queryProblem{path: "Threshold", found: r.At("Threshold").Show()}
	case !okPeriods || periods < 1:
		a.problem = &queryProblem{path: "EvaluationPeriods", found: r.At("EvaluationPeriods").Show()}
	case a.Datapoints < 1 || a.Datapoints > periods:
		a.problem = &queryProblem{path: "DatapointsToAlarm", found: r.At("DatapointsToAlarm").Show()}
	case periods > maxAlarmPeriods:
		a.problem = &queryProblem{path: "EvaluationPeriods", unknown: fmt.Sprintf("alarms over more than %d periods are not evaluated", maxAlarmPeriods)}
	}
	return a.problem == nil
}

// breaches tells whether a value is on the wrong side of the threshold.
func (a *Alarm) breaches(v float64) bool {
	switch a.Comparison {
	case "GreaterThanThreshold":
		return v > a.Threshold
	case "GreaterThanOrEqualToThreshold":
		return v >= a.Threshold
	case "LessThanThreshold":
		return v < a.Threshold
	}
	return v <= a.Threshold
}

// evaluationRange is how many of the newest periods CloudWatch looks at: more than the evaluation periods, so that it
// finds enough data points that exist. The number is not documented; two more is that of the documented examples.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
func evaluationRange(periods int) int { return periods + 2 }

// nextState evaluates M out of N over a series whose last value is the newest period.
func nextState(before AlarmState, s Series, n, m int, missing string, breaches func(float64) bool) AlarmState {
	window := s[max(0, len(s)-evaluationRange(n)):]
	var present []bool
	oldestBreach := 0 // its place from the newest, from 1
	for i := len(window) - 1; i >= 0 && len(present) < n; i-- {
		if math.IsNaN(window[i]) {
			continue
		}
		present = append(present, breaches(window[i]))
		if breaches(window[i]) {
			oldestBreach = len(window) - i
		}
	}
	count := 0
	for _, b := range present {
		count += int(oneIf(b))
	}
	return decide(before, missing, missingCounts{periods: n, needed: m, present: len(present), breaching: count, oldestBreach: oldestBreach})
}

// missingCounts are what the state is decided from.
type missingCounts struct{ periods, needed, present, breaching, oldestBreach int }

// decide follows the tables of "How alarm state is evaluated when data is missing".
func decide(before AlarmState, missing string, c missingCounts) AlarmState {
	absent := c.periods - c.present
	if absent > 0 && missing == "breaching" {
		c.breaching += absent
	}
	switch {
	case c.breaching >= c.needed:
		return InAlarm
	case absent == 0 || missing == "notBreaching" || missing == "breaching":
		return AlarmOK
	case c.present == 0 && missing == "ignore":
		return before
	case c.present == 0:
		return InsufficientData
	case c.breaching < c.present:
		return AlarmOK
	case missing == "missing" && c.oldestBreach >= c.needed:
		return InAlarm
	}
	return before
}

// AlarmInput is what an alarm is evaluated over.
type AlarmInput struct {
	// Value is a metric's value in a period, NaN for none.
	Value func(m *Metric, period int) float64
	// Length is the number of periods.
	Length int
	// Late has the newest period of every metric arrive one period later.
	Late bool
	// Reading says how undocumented behaviour is taken.
	Reading Reading
}

// States are the alarm's states after each period. The alarm's problems have to be none.
func (a *Alarm) States(in AlarmInput) []AlarmState {
	states := make([]AlarmState, in.Length)
	before := InsufficientData
	for now := range in.Length {
		first := max(0, now-evaluationRange(a.Periods)+1)
		// Queries were evaluated when they were read: what can go wrong has gone wrong there.
		s, _ := a.Queries.evaluate(a.Queries.result(), func(m *Metric) Series {
			window := make(Series, now-first+1)
			for i := range window {
				window[i] = in.Value(m, first+i)
			}
			if in.Late {
				window = lateSeries(window)
			}
			return window
		}, now-first+1, in.Reading)
		before = nextState(before, s, a.Periods, a.Datapoints, a.Missing, a.breaches)
		states[now] = before
	}
	return states
}
