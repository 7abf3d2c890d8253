package costs

import (
	"strings"

	"github.com/tierform/tierform/pkg/checks"
)

// alarm is paid for each metric it looks at.
func (r *reckoning) alarm(alarm *checks.Resource) {
	if period, ok := alarm.At("Period").Float(); ok && period < 60 {
		r.unpriced(alarm, "no price known for alarms of high resolution")
		return
	}
	if alarm.At("ThresholdMetricId").Exists() {
		r.unpriced(alarm, "no price known for alarms of anomaly detection")
		return
	}
	if queries, ok := r.items(alarm, "Metrics"); ok {
		r.customMetric(alarm, alarm.Properties)
		r.fixed(alarm, "alarm", float64(max(1, r.metricsIn(alarm, queries))))
	}
}

// metricsIn counts the metrics in queries, and adds those that somebody's own application sends.
func (r *reckoning) metricsIn(resource *checks.Resource, queries []checks.Value) (count int) {
	for _, query := range queries {
		if metric := query.At("MetricStat.Metric"); metric.Exists() {
			count++
			r.customMetric(resource, metric)
		}
	}
	return count
}

// customMetric adds a metric that no service of AWS sends, once.
func (r *reckoning) customMetric(resource *checks.Resource, metric checks.Value) {
	space := metric.At("Namespace").String()
	name := space + " " + metric.At("MetricName").Show() + " " + metric.At("Dimensions").Show()
	if space == "" || strings.HasPrefix(space, "AWS/") || space == "ECS/ContainerInsights" || r.metrics[name] {
		return
	}
	r.metrics[name] = true
	r.fixed(resource, "custom-metric", 1)
}

// scalingPolicy: target tracking makes two alarms, one for each direction, which look at all metrics of the policy.
func (r *reckoning) scalingPolicy(policy *checks.Resource) {
	tracking := policy.At("TargetTrackingScalingPolicyConfiguration")
	if !tracking.Exists() {
		r.free(policy, "scaling is free; its alarms are charged")
		return
	}
	custom := tracking.At("CustomizedMetricSpecification")
	r.customMetric(policy, custom)
	r.fixed(policy, "alarm", 2*float64(max(1, r.metricsIn(policy, custom.At("Metrics").List()))))
}

func (r *reckoning) dashboard(dashboard *checks.Resource) { r.fixed(dashboard, "dashboard", 1) }

// topic takes a request for each message, subscription one e-mail.
func (r *reckoning) topic(topic *checks.Resource) {
	r.variable(topic, "notification-requests", r.usage.of("notifications")*r.share(topic)/1e6)
}

func (r *reckoning) subscription(subscription *checks.Resource) {
	if protocol := subscription.At("Protocol"); protocol.String() != "email" {
		r.unpriced(subscription, "no price known for notifications by "+protocol.Show())
		return
	}
	r.variable(subscription, "notification-mails", r.usage.of("notifications")/1e5)
}

// role is free, but what may send traces is where they come from.
func (r *reckoning) role(role *checks.Resource) {
	if !tracing(role) {
		r.free(role, "IAM is free")
		return
	}
	r.variable(role, "traces", r.usage.of("traces")/float64(r.tracers))
}

// tracing tells whether a role may send traces to X-Ray.
func tracing(role *checks.Resource) bool {
	for _, policy := range role.At("Policies").List() {
		for _, statement := range policy.At("PolicyDocument.Statement").List() {
			for _, action := range statement.At("Action").Texts() {
				if action == "xray:PutTraceSegments" {
					return true
				}
			}
		}
	}
	return false
}
