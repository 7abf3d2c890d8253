package checks

import (
	"fmt"
	"slices"
	"strings"
)

// Within how many seconds an alarm has to be raised after a fault began.
const (
	requestAlarmSeconds  = 5 * 60  // errors, latency: a release that shifts for ten minutes is stopped while half of the traffic is safe
	resourceAlarmSeconds = 15 * 60 // what fills up or wears out
)

// alarmVerdict is what evaluating an alarm over the scenes showed; empty strings where all is well.
type alarmVerdict struct {
	noData string // state without any data, when it is ALARM
	raised string // a quiet scene in which it is raised
	missed string // a fault that it misses or sees too late
	tardy  string // a fault that it misses when the newest data point is not there yet
}

// findSubject finds the resource that a metric is about: all its dimensions name it, by the values that its metrics carry.
func (o *Operations) findSubject(m *Metric) *Resource {
	dimension := func(name string) Value { return m.Dimensions[name] }
	switch {
	case m.Namespace == "AWS/ApplicationELB" && m.has("LoadBalancer", "TargetGroup"):
		if o.withFullName(dimension("LoadBalancer"), "LoadBalancer") != nil {
			return o.withFullName(dimension("TargetGroup"), "TargetGroup")
		}
	case m.Namespace == "AWS/ApplicationELB" && m.has("LoadBalancer"):
		return o.withFullName(dimension("LoadBalancer"), "LoadBalancer")
	case (m.Namespace == "AWS/ECS" || m.Namespace == "ECS/ContainerInsights") && m.has("ClusterName", "ServiceName"):
		return o.service(dimension("ClusterName"), dimension("ServiceName"))
	case m.Namespace == "AWS/RDS" && m.has("DBClusterIdentifier"):
		return o.named("AWS::RDS::DBCluster", dimension("DBClusterIdentifier"))
	case m.Namespace == "AWS/RDS" && m.has("DBInstanceIdentifier"):
		return o.named("AWS::RDS::DBInstance", dimension("DBInstanceIdentifier"))
	case m.Namespace == "AWS/WAFV2" && m.has("Region", "Rule", "WebACL"):
		return o.named("AWS::WAFv2::WebACL", dimension("WebACL"))
	case m.Namespace == "AWS/CertificateManager" && m.has("CertificateArn"):
		return o.named("AWS::ElasticLoadBalancingV2::Listener", dimension("CertificateArn"))
	case m.Namespace == "AWS/Firehose" && m.has("DeliveryStreamName"):
		return o.named("AWS::KinesisFirehose::DeliveryStream", dimension("DeliveryStreamName"))
	case m.Namespace == "AWS/Logs" && m.has("LogGroupName"):
		return o.named("AWS::Logs::LogGroup", dimension("LogGroupName"))
	case m.Namespace == "AWS/Scheduler" && m.has("ScheduleGroup"):
		return o.named("AWS::Scheduler::ScheduleGroup", dimension("ScheduleGroup"))
	}
	return nil
}

// belongsToResource tells whether subject knows the resources of a metric's namespace.
func belongsToResource(m *Metric) bool {
	return slices.Contains(strings.Fields("AWS/ApplicationELB AWS/ECS ECS/ContainerInsights AWS/RDS AWS/WAFV2 AWS/CertificateManager AWS/Firehose AWS/Logs AWS/Scheduler"), m.Namespace)
}

// withFullName finds a load balancer or target group by the part of its ARN that metrics carry.
func (o *Operations) withFullName(v Value, kind string) *Resource {
	if r := o.world.Find(v); r != nil && r.Type == "AWS::ElasticLoadBalancingV2::"+kind && v.String() == r.Identity()+"."+kind+"FullName" {
		return r
	}
	return nil
}

// serviceOf is the service that an alarm is about, or nil.
func (o *Operations) serviceOf(a *Alarm) *ScaledService {
	for _, m := range a.Queries.metrics() {
		if s := o.owners[m.subject]; s != nil {
			return s
		}
	}
	return nil
}

// verdict evaluates an alarm over all scenes, under each documented reading. Alarms that differ in names only share one.
func (o *Operations) verdict(a *Alarm) alarmVerdict {
	return a.tried.get(func() alarmVerdict { return o.tryAlarm(a) })
}

func (o *Operations) tryAlarm(a *Alarm) alarmVerdict {
	s := o.serviceOf(a)
	if s == nil {
		s = &ScaledService{}
	}
	role := o.rolesOf(s)
	values := &sceneMetrics{roles: map[*Metric]string{}, samples: map[*Metric]sample{}, falling: strings.HasPrefix(a.Comparison, "Less")}
	colors := 0
	for _, m := range a.Queries.metrics() {
		values.roles[m], values.samples[m] = role(m), o.table[m.String()]
		if slices.Contains(s.Groups, m.subject) {
			colors = len(s.Groups)
		}
		if countsTasks(m) {
			values.least, values.most, _ = s.bounds()
		}
	}
	key := fmt.Sprint(a.Comparison, a.Threshold, a.Periods, a.Datapoints, a.Missing, colors, values.least, values.most, a.Queries.signature(role))
	return o.watched.get(key, func() alarmVerdict {
		return a.tryScenes(values, colors)
	})
}

func (a *Alarm) tryScenes(values *sceneMetrics, colors int) alarmVerdict {
	onset, v := sceneOnset(a), alarmVerdict{}
	deadline := a.deadline()
	for _, reading := range a.Queries.readings() {
		for i, sc := range quietScenes(onset, colors) {
			if !slices.Contains(a.statesIn(sc, values, onset+12, reading), InAlarm) {
				continue
			}
			if i == 0 {
				v.noData = string(InAlarm)
			} else {
				v.raised = sc.name
			}
		}
		for _, sc := range faultScenes(onset, colors) {
			length := onset + deadline + sc.grace
			switch {
			case slices.Contains(a.statesIn(sc, values, length, reading)[onset:], InAlarm):
			case sc.late:
				v.tardy = sc.name
			default:
				v.missed = sc.name
			}
		}
	}
	return v
}

// deadline is how many periods an alarm may take.
func (a *Alarm) deadline() int {
	seconds, period := resourceAlarmSeconds, 60
	for _, m := range a.Queries.metrics() {
		period = m.Period
		if m.Namespace == "AWS/ApplicationELB" {
			seconds = requestAlarmSeconds
		}
	}
	return max(1, seconds/period)
}

func (a *Alarm) statesIn(sc scene, values *sceneMetrics, length int, reading Reading) []AlarmState {
	return a.States(AlarmInput{Length: length, Late: sc.late, Reading: reading,
		Value: func(m *Metric, period int) float64 { return values.value(sc, m, period) }})
}

// triable tells whether the scenes have a fault for the alarm: all its metrics are known, and it asks for the side on
// which they are ill.
func (a *Alarm) triable(table map[string]sample) bool {
	for _, m := range a.Queries.metrics() {
		if _, known := table[m.String()]; !known && !countsTasks(m) {
			return false
		}
	}
	return len(a.Queries) > 0
}
