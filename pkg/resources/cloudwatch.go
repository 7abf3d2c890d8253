package resources

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/cloudwatch"

	"github.com/tierform/tierform/pkg/cfn"
)

// notBreaching is how an alarm treats periods without data unless told otherwise, so that it is silent in an
// environment that has not had its first request.
const notBreaching = "notBreaching"

// maxAlarmSeconds is the longest time that an alarm may look at, its periods together.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
const maxAlarmSeconds = 86400

// expressionID is the ID of the metric math expression of an alarm.
const expressionID = "result"

// AlarmInput describes an alarm on a metric, or on an expression over several.
type AlarmInput struct {
	// Name is the physical name.
	Name string
	// Description says what is wrong when it fires and where to look: all that the person woken by it knows.
	Description string
	// Topic hears of the alarm and of its end.
	Topic cfn.TopicARN
	// Threshold is what the metric is compared with.
	Threshold float64
	// Comparison is GreaterThanThreshold when empty.
	Comparison string
	// Periods are how many periods are looked at (3 when zero), DatapointsToAlarm how many of them must breach (all
	// when zero).
	Periods, DatapointsToAlarm int
	// Metric is the metric; or Expression is metric math over Metrics, which have IDs.
	Metric     *AlarmMetric
	Expression string
	Metrics    []AlarmMetric
	// MissingData is how periods without data are treated: notBreaching (when empty), ignore or missing.
	MissingData string
	// MissingDataBreaches is the reason why silence itself is an alarm. It is rendered into the alarm's Metadata.
	MissingDataBreaches string
}

// AlarmMetric is one metric of an alarm.
type AlarmMetric struct {
	// ID names the metric in an expression: a lower-case letter, then letters, digits and underscores.
	ID string
	// Namespace and Name identify the metric together with Dimensions.
	Namespace, Name string
	// Statistic is Average, Sum, Minimum, Maximum, SampleCount, or a percentile such as p99.
	Statistic string
	// Dimensions must be exactly those the metric is published with.
	Dimensions []AlarmDimension
	// PeriodSeconds is 60 when zero.
	PeriodSeconds int
}

// AlarmDimension is one dimension of a metric.
type AlarmDimension struct{ Name, Value string }

// Alarm is an alarm that tells a topic of its beginning and its end. Three periods of a minute in a row make an alarm
// unless the input says otherwise.
func Alarm(in AlarmInput) *cloudwatch.Alarm {
	periods := cmp.Or(in.Periods, 3)
	alarm := &cloudwatch.Alarm{
		AlarmName:          new(in.Name),
		AlarmDescription:   new(in.Description),
		AlarmActions:       []string{string(in.Topic)},
		OKActions:          []string{string(in.Topic)},
		ComparisonOperator: cmp.Or(in.Comparison, "GreaterThanThreshold"),
		Threshold:          new(in.Threshold),
		EvaluationPeriods:  periods,
		DatapointsToAlarm:  new(cmp.Or(in.DatapointsToAlarm, periods)),
		TreatMissingData:   new(cmp.Or(in.MissingData, notBreaching)),
	}
	if in.MissingDataBreaches != "" {
		alarm.TreatMissingData = new("breaching")
		alarm.AWSCloudFormationMetadata = map[string]any{"MissingDataBreaches": in.MissingDataBreaches}
	}
	if problem := in.problem(); problem != "" {
		alarm.AlarmDescription = new(problem)
	}
	if in.Metric != nil {
		in.Metric.watch(alarm)
		return alarm
	}
	in.calculate(alarm)
	return alarm
}

// problem is a cfn.Invalid when the input cannot be right, else "".
func (in AlarmInput) problem() string {
	periods, seconds := cmp.Or(in.Periods, 3), 0
	for _, m := range in.metrics() {
		seconds = max(seconds, m.period())
	}
	switch {
	case in.Description == "":
		return cfn.Invalid("alarm has no description", in.Name, "what is wrong when it fires, and where to look")
	case in.Topic == "":
		return cfn.Invalid("alarm tells nobody", in.Name, "a topic")
	case (in.Metric == nil) == (in.Expression == ""):
		return cfn.Invalid("alarm watches not exactly one thing", in.Name, "a metric, or an expression over metrics")
	case in.Metric == nil && len(in.Metrics) == 0:
		return cfn.Invalid("expression of an alarm is over no metrics", in.Expression, "metrics with IDs")
	case in.DatapointsToAlarm > periods:
		return cfn.Invalid("alarm waits for more breaches than it looks at", fmt.Sprint(in.DatapointsToAlarm), fmt.Sprintf("at most %d", periods))
	case periods*seconds > maxAlarmSeconds:
		return cfn.Invalid("alarm looks at too long a time", fmt.Sprintf("%d s", periods*seconds), fmt.Sprintf("at most %d s", maxAlarmSeconds))
	case in.MissingData == "breaching":
		return cfn.Invalid("missing data makes an alarm without a reason", in.Name, "MissingDataBreaches with the reason")
	}
	return ""
}

func (in AlarmInput) metrics() []AlarmMetric {
	if in.Metric != nil {
		return []AlarmMetric{*in.Metric}
	}
	return in.Metrics
}

// calculate makes the alarm watch the expression.
func (in AlarmInput) calculate(alarm *cloudwatch.Alarm) {
	alarm.Metrics = []cloudwatch.Alarm_MetricDataQuery{{
		Id: expressionID, Expression: new(in.Expression), Label: new(in.Name), ReturnData: new(true),
	}}
	for _, m := range in.Metrics {
		alarm.Metrics = append(alarm.Metrics, cloudwatch.Alarm_MetricDataQuery{
			Id: m.ID, ReturnData: new(false), MetricStat: &cloudwatch.Alarm_MetricStat{
				Metric: &cloudwatch.Alarm_Metric{
					Namespace: new(m.Namespace), MetricName: new(m.Name), Dimensions: m.dimensions(),
				},
				Period: m.period(), Stat: m.Statistic,
			},
		})
	}
}

// watch makes the alarm watch the metric. Percentiles have a property of their own.
func (m AlarmMetric) watch(alarm *cloudwatch.Alarm) {
	alarm.Namespace, alarm.MetricName = new(m.Namespace), new(m.Name)
	alarm.Dimensions, alarm.Period = m.dimensions(), new(m.period())
	if strings.HasPrefix(m.Statistic, "p") {
		alarm.ExtendedStatistic = new(m.Statistic)
		return
	}
	alarm.Statistic = new(m.Statistic)
}

func (m AlarmMetric) period() int { return cmp.Or(m.PeriodSeconds, 60) }

func (m AlarmMetric) dimensions() []cloudwatch.Alarm_Dimension {
	var list []cloudwatch.Alarm_Dimension
	for _, d := range m.Dimensions {
		list = append(list, cloudwatch.Alarm_Dimension{Name: d.Name, Value: d.Value})
	}
	return list
}
