package templates

import (
	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// Thresholds of a service's alarms.
const (
	errorPercent       = 5   // of requests, answered 5xx by the service
	errorRequests      = 10  // requests a minute below which a percentage says nothing
	latencySeconds     = 2.0 // p99
	utilizationPercent = 85  // CPU and memory, well above the scaling target
)

// addAlarms declares the service's alarms (R13). Those on requests add up both colours, so that they neither fire before
// the first deployment nor watch the empty colour; errors and latency also roll a deployment back (R17). Each needs fewer
// data points than it has periods, because FILL makes a zero of the newest one while CloudWatch still waits for it.
func (s *serviceTier) addAlarms() {
	s.addRollbackAlarm("Errors", "errors", resources.AlarmInput{
		Description: "More than 5 % of the requests to " + s.entry.Name + " fail. Look at its log and at the last release.",
		Threshold:   errorPercent, Periods: 3, DatapointsToAlarm: 2,
		Expression: "IF(FILL(requests_blue,0)+FILL(requests_green,0)>=" + itoa(errorRequests) +
			",100*(FILL(blue,0)+FILL(green,0))/(FILL(requests_blue,0)+FILL(requests_green,0)),0)",
		Metrics: append(s.bothColors("HTTPCode_Target_5XX_Count", "Sum"), prefixed("requests_", s.bothColors("RequestCount", "Sum"))...),
	})
	s.addRollbackAlarm("Latency", "latency", resources.AlarmInput{
		Description: "One in a hundred requests to " + s.entry.Name + " takes longer than 2 s. Look at its traces and at the database.",
		Threshold:   latencySeconds, Periods: 4, DatapointsToAlarm: 3,
		Expression: "MAX([FILL(blue,0),FILL(green,0)])",
		Metrics:    s.bothColors("TargetResponseTime", "p99"),
	})
	s.addAlarm("UnhealthyTargets", "unhealthy", resources.AlarmInput{
		Description: "Tasks of " + s.entry.Name + " fail the load balancer's health check. Look at stopped tasks and the log.",
		Periods:     6, DatapointsToAlarm: 5,
		Expression: "FILL(blue,0)+FILL(green,0)",
		Metrics:    s.bothColors("UnHealthyHostCount", "Maximum"),
	})
	s.addUtilizationAlarm("Cpu", "cpu", "CPUUtilization")
	s.addUtilizationAlarm("Memory", "memory", "MemoryUtilization")
	tasks := s.runningTasks()
	s.addAlarm("RunningTasks", "tasks", resources.AlarmInput{
		Description: "Fewer tasks of " + s.entry.Name + " run than its minimum. Look at the service's events and at Fargate capacity.",
		Comparison:  "LessThanThreshold", Threshold: s.Float(s.in.MinTasks), Periods: 10, DatapointsToAlarm: 10,
		Metric:              &tasks,
		MissingDataBreaches: "ECS reports no number when no task runs at all",
	})
	s.addAlarm("Ceiling", "ceiling", resources.AlarmInput{
		Description: s.entry.Name + " has run at its greatest number of tasks for a quarter of an hour: it cannot scale further.",
		Comparison:  "GreaterThanOrEqualToThreshold", Threshold: s.Float(s.in.MaxTasks), Periods: 15, DatapointsToAlarm: 15,
		Metric: &tasks,
	})
}

func (s *serviceTier) addUtilizationAlarm(id, qualifier, metric string) {
	watched := s.serviceMetric("", "AWS/ECS", metric, "Average")
	s.addAlarm(id, qualifier, resources.AlarmInput{
		Description: "Average " + metric + " of " + s.entry.Name + " is above 85 %. Scaling does not keep up, or the task is too small.",
		Threshold:   utilizationPercent, Periods: 5, DatapointsToAlarm: 5,
		Metric: &watched,
	})
}

// addAlarm declares an alarm and returns its name.
func (s *serviceTier) addAlarm(id, qualifier string, in resources.AlarmInput) string {
	in.Name = s.in.Name("alarm", s.entry.Name, qualifier)
	in.Topic = s.in.Topic
	return cfn.Add(s.Template, s.id+id+"Alarm", "Alarm on "+s.entry.Name+": "+qualifier, resources.Alarm(in)).Ref()
}

// addRollbackAlarm declares an alarm that also ends a deployment.
func (s *serviceTier) addRollbackAlarm(id, qualifier string, in resources.AlarmInput) {
	s.rollbackAlarms = append(s.rollbackAlarms, s.addAlarm(id, qualifier, in))
}

func prefixed(prefix string, metrics []resources.AlarmMetric) []resources.AlarmMetric {
	for i := range metrics {
		metrics[i].ID = prefix + metrics[i].ID
	}
	return metrics
}
