package checks

import (
	"slices"
	"strings"
)

// alarmRules prove that somebody is told when something is wrong, and not when nothing is.
func alarmRules() []Rule {
	return []Rule{
		{ID: "ALA001", Title: "Each service has alarms on errors, latency, unhealthy targets, CPU, memory, running tasks and the end of its scaling", Requirements: []string{"R13"}, Severity: High, Check: checkServiceAlarms},
		{ID: "ALA002", Title: "Each database cluster has alarms on CPU, memory, connections and, where serverless, capacity", Requirements: []string{"R13"}, Severity: High, Check: checkDatabaseAlarms},
		{ID: "ALA003", Title: "Load balancer, certificate and web ACL have alarms", Requirements: []string{"R13"}, PCI: []string{"4.2.1.1", "6.4.2"}, Severity: High, Check: checkEdgeAlarms},
		{ID: "ALA004", Title: "An alarm tells a topic when it is raised and when it ends", Requirements: []string{"R13"}, PCI: []string{"10.7.2", "12.10.5"}, Severity: High, Check: checkAlarmActions},
		{ID: "ALA005", Title: "What an alarm watches can be computed", Requirements: []string{"R13"}, Severity: High, Check: checkAlarmQueries},
		{ID: "ALA006", Title: "An alarm on one target group of a deployment group watches the other as well", Requirements: []string{"R13", "R17"}, Severity: High, Check: checkBothColors},
		{ID: "ALA007", Title: "An alarm is not raised while there is no data", Requirements: []string{"R13"}, Severity: Medium, Check: checkNoData},
		{ID: "ALA008", Title: "An alarm is raised in time when what it watches fails, on either colour and during a release", Requirements: []string{"R13", "R17"}, PCI: []string{"10.7.2"}, Severity: High, Check: checkRaised},
		{ID: "ALA009", Title: "An alarm is silent when idle, in normal operation and during a release that goes well", Requirements: []string{"R13", "R17"}, Severity: Medium, Check: checkSilent},
		{ID: "ALA010", Title: "An alarm is raised also when the newest data point always comes late", Requirements: []string{"R13", "R17"}, Severity: High, Check: checkLateData},
		{ID: "ALA011", Title: "A deployment group rolls back on at most ten alarms, among them errors and latency of both colours", Requirements: []string{"R17"}, PCI: []string{"6.5.1"}, Severity: High, Check: checkRollbackAlarms},
		{ID: "ALA012", Title: "A dashboard shows each service", Requirements: []string{"R13"}, Severity: Low, Check: checkDashboard},
		{ID: "ALA013", Title: "A schedule that gives up raises an alarm or leaves its event in a queue", Requirements: []string{"R13"}, PCI: []string{"10.7.2"}, Severity: Medium, Check: checkScheduleAlarms},
	}
}

// wantedAlarm is a metric that has to have an alarm.
type wantedAlarm struct {
	what, namespace, metric string
	falling                 bool // too few is what is wrong
}

// missingAlarms reports the alarms that are missing on some resources, which are one thing to the operator: a service and
// its target groups.
func missingAlarms(o *Operations, l *Looking, r *Resource, subjects []*Resource, wanted ...wantedAlarm) {
	for _, want := range wanted {
		l.Look()
		needed := "an alarm on " + want.namespace + " " + want.metric
		if slices.ContainsFunc(subjects, func(subject *Resource) bool { return o.watches(o.watching[subject], subject, want) }) {
			continue
		}
		if o.opaque != nil {
			l.Unsure(r, "", needed, o.opaque.Resource.Where()+": "+o.opaque.problem.Error())
			continue
		}
		l.FailText(r, "", "no alarm on "+want.what, needed, "Add an AWS::CloudWatch::Alarm with the dimensions of this resource")
	}
}

// watches tells whether one of some alarms watches the wanted metric of a resource.
func (o *Operations) watches(alarms []*Alarm, subject *Resource, want wantedAlarm) bool {
	return slices.ContainsFunc(alarms, func(a *Alarm) bool {
		return want.falling == strings.HasPrefix(a.Comparison, "Less") && slices.ContainsFunc(a.Queries.metrics(), func(m *Metric) bool {
			return m.Namespace == want.namespace && m.Name == want.metric && m.subject == subject
		})
	})
}

func checkServiceAlarms(w *World, l *Looking) {
	o := w.Operations()
	for _, s := range o.Services {
		wanted := []wantedAlarm{{what: "CPU", namespace: "AWS/ECS", metric: "CPUUtilization"}, {what: "memory", namespace: "AWS/ECS", metric: "MemoryUtilization"},
			{what: "running tasks", namespace: "ECS/ContainerInsights", metric: "RunningTaskCount", falling: true}}
		if s.Target != nil {
			wanted = append(wanted, wantedAlarm{what: "its greatest number of tasks", namespace: "ECS/ContainerInsights", metric: "RunningTaskCount"})
		}
		if len(s.Groups) > 0 {
			wanted = append(wanted, wantedAlarm{what: "errors", namespace: "AWS/ApplicationELB", metric: "HTTPCode_Target_5XX_Count"},
				wantedAlarm{what: "latency", namespace: "AWS/ApplicationELB", metric: "TargetResponseTime"},
				wantedAlarm{what: "unhealthy targets", namespace: "AWS/ApplicationELB", metric: "UnHealthyHostCount"})
		}
		missingAlarms(o, l, s.Resource, append([]*Resource{s.Resource}, s.Groups...), wanted...)
	}
}

func checkDatabaseAlarms(w *World, l *Looking) {
	for _, cluster := range w.OfType("AWS::RDS::DBCluster") {
		subjects := []*Resource{cluster}
		for _, instance := range w.OfType("AWS::RDS::DBInstance") {
			if namesResource(instance.At("DBClusterIdentifier"), cluster, "DBClusterIdentifier") {
				subjects = append(subjects, instance)
			}
		}
		wanted := []wantedAlarm{{what: "CPU", namespace: "AWS/RDS", metric: "CPUUtilization"}, {what: "connections", namespace: "AWS/RDS", metric: "DatabaseConnections"},
			{what: "memory", namespace: "AWS/RDS", metric: "FreeableMemory", falling: true}}
		if usesServerless(w, cluster) {
			wanted = append(wanted, wantedAlarm{what: "capacity", namespace: "AWS/RDS", metric: "ACUUtilization"})
		}
		missingAlarms(w.Operations(), l, cluster, subjects, wanted...)
	}
}

func checkEdgeAlarms(w *World, l *Looking) {
	o := w.Operations()
	for _, balancer := range w.OfType("AWS::ElasticLoadBalancingV2::LoadBalancer") {
		if kind := balancer.At("Type").String(); kind == "" || kind == "application" {
			missingAlarms(o, l, balancer, []*Resource{balancer}, wantedAlarm{what: "its own errors", namespace: "AWS/ApplicationELB", metric: "HTTPCode_ELB_5XX_Count"})
		}
	}
	for _, listener := range w.OfType("AWS::ElasticLoadBalancingV2::Listener") {
		if listener.At("Certificates").Exists() {
			missingAlarms(o, l, listener, []*Resource{listener}, wantedAlarm{what: "the end of its certificate", namespace: "AWS/CertificateManager", metric: "DaysToExpiry", falling: true})
		}
	}
	for _, acl := range w.OfType("AWS::WAFv2::WebACL") {
		missingAlarms(o, l, acl, []*Resource{acl}, wantedAlarm{what: "blocked requests", namespace: "AWS/WAFV2", metric: "BlockedRequests"})
	}
}

// checkScheduleAlarms wants to hear of invocations that EventBridge Scheduler drops after its retries. Its metrics are those
// of the schedule's group.
func checkScheduleAlarms(w *World, l *Looking) {
	o := w.Operations()
	for _, schedule := range w.OfType("AWS::Scheduler::Schedule") {
		if schedule.At("Target.DeadLetterConfig.Arn").Exists() {
			l.Look()
			continue
		}
		subjects := []*Resource{schedule}
		if group := o.named("AWS::Scheduler::ScheduleGroup", schedule.At("GroupName")); group != nil {
			subjects = append(subjects, group)
		}
		missingAlarms(o, l, schedule, subjects, wantedAlarm{what: "invocations that were given up", namespace: "AWS/Scheduler", metric: "InvocationDroppedCount"})
	}
}

// checkAlarmActions looks at alarms and composite alarms.
func checkAlarmActions(w *World, l *Looking) {
	for _, r := range w.OfType("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm") {
		l.Look()
		if enabled := r.At("ActionsEnabled"); enabled.Exists() && !enabled.True() {
			l.Fail(r, "ActionsEnabled", enabled, "true, or nothing", "Take it away")
		}
		for _, path := range []string{"AlarmActions", "OKActions"} {
			judgeActions(w, l, r, path)
		}
	}
}

func judgeActions(w *World, l *Looking, r *Resource, path string) {
	const needed = "a topic"
	external := ""
	for _, action := range r.At(path).List() {
		found := w.Find(action)
		switch {
		case found != nil && found.Type == "AWS::SNS::Topic":
			return
		case action.Unknown() != "":
			external = action.Unknown()
		case found == nil && strings.Contains(action.String(), ":sns:"):
			external = "the topic " + action.String() + " is not in the templates"
		}
	}
	if external != "" {
		l.Unsure(r, path, needed, external)
		return
	}
	l.Fail(r, path, r.At(path), needed, "Add the topic of the platform")
}

func checkAlarmQueries(w *World, l *Looking) {
	for _, a := range w.Operations().Alarms {
		l.Look()
		l.judgeProblem(a.Resource, a.problem, "a metric or expression with one result, a threshold, and periods to judge it over")
	}
}

// checkBothColors looks for alarms that watch one target group alone with some metric and statistic.
func checkBothColors(w *World, l *Looking) {
	o := w.Operations()
	for _, a := range o.Alarms {
		s := o.serviceOf(a)
		if s == nil || len(s.Groups) < 2 {
			continue
		}
		watched := map[string][]*Resource{}
		for _, m := range a.Queries.metrics() {
			if slices.Contains(s.Groups, m.subject) {
				watched[m.String()+" "+m.Stat] = append(watched[m.String()+" "+m.Stat], m.subject)
			}
		}
		if len(watched) == 0 {
			continue
		}
		l.Look()
		for _, metric := range sortedKeys(watched) {
			for _, group := range s.Groups {
				if !slices.Contains(watched[metric], group) {
					l.FailText(a.Resource, a.path(), metric+" of one target group only", "that of "+group.LogicalID+" as well", "Add it and combine both in an expression")
				}
			}
		}
	}
}
