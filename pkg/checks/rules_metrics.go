package checks

import (
	"fmt"
	"slices"
	"strings"
)

// metricRules prove that alarms and scaling policies read what is really published.
func metricRules() []Rule {
	return []Rule{
		{ID: "MET001", Title: "An alarm or scaling policy reads a metric that exists, by the dimensions under which it is published for a resource of the templates", Requirements: []string{"R12", "R13"}, PCI: []string{"10.7.2"}, Severity: High, Check: checkMetrics},
		{ID: "MET002", Title: "The statistic of a metric is one that means something", Requirements: []string{"R12", "R13"}, PCI: []string{"10.7.2"}, Severity: High, Check: checkStatistics},
		{ID: "MET003", Title: "In an expression over several metrics, those that may have no data point are filled", Requirements: []string{"R12", "R13"}, Severity: Medium, Check: checkFilled},
		{ID: "MET004", Title: "An alarm says its period, its data points and what missing data mean", Requirements: []string{"R13"}, PCI: []string{"10.7.2"}, Severity: Medium, Check: checkAlarmSettings},
		{ID: "MET005", Title: "A dashboard shows the application's metrics by which services scale, and their targets", Requirements: []string{"R12", "R13"}, Severity: Medium, Check: checkShownMetrics},
	}
}

func checkMetrics(w *World, l *Looking) {
	o := w.Operations()
	for _, u := range o.metricUses() {
		l.Look()
		m := u.metric
		known, listed := o.known[m.String()]
		switch {
		case m.Namespace == "" || m.Name == "":
			l.Fail(u.resource, u.base+"MetricName", Text(m.String()), "a namespace and the name of a metric", "Name the metric")
		case appMetric(m):
			o.judgeOwnMetric(l, u)
		case !listed:
			l.Unsure(u.resource, u.base+"MetricName", "a metric that AWS publishes", m.String()+" is not in the table of metrics")
		case !known.has(sortedKeys(m.Dimensions)):
			l.Fail(u.resource, u.base+"Dimensions", u.resource.At(u.base+"Dimensions"), "the dimensions "+describeSets(known.dimensions), "Give these dimensions: others are another metric, which nobody publishes")
		default:
			o.judgeDimensions(l, u)
		}
	}
}

func describeSets(sets [][]string) string {
	var list []string
	for _, set := range sets {
		list = append(list, strings.Join(set, ", "))
	}
	return strings.Join(list, "; or ")
}

// judgeOwnMetric looks for who says that the application's metric exists: a metric filter, or a dashboard that shows it.
func (o *Operations) judgeOwnMetric(l *Looking, u metricUse) {
	for _, filter := range o.world.OfType("AWS::Logs::MetricFilter") {
		for _, t := range filter.At("MetricTransformations").List() {
			if t.At("MetricNamespace").String() == u.metric.Namespace && t.At("MetricName").String() == u.metric.Name {
				return
			}
		}
	}
	if _, shown := o.dashboards().lines(u.metric); !shown {
		l.Unsure(u.resource, u.base+"MetricName", "a metric that somebody publishes", "no metric filter publishes "+u.metric.String()+", and no dashboard shows it by these dimensions")
	}
}

func (o *Operations) dashboards() *dashboardViews {
	return o.views.get(func() *dashboardViews { return readDashboards(o.world) })
}

// judgeDimensions looks at what the values of the dimensions name.
func (o *Operations) judgeDimensions(l *Looking, u metricUse) {
	m, path := u.metric, u.base+"Dimensions"
	if region, given := m.Dimensions["Region"]; given {
		if here := u.resource.Stack.Parameters["AWS::Region"]; region.String() != here.String() {
			l.Fail(u.resource, path, region, here.String(), "Name the region of the stack")
		}
	}
	if m.subject == nil {
		l.Unsure(u.resource, path, "values that name a resource of the templates", "no resource of the templates has "+m.String()+" with these dimensions")
		return
	}
	rule, given := m.Dimensions["Rule"]
	if !given || rule.String() == "ALL" {
		return
	}
	for _, one := range m.subject.At("Rules").List() {
		if one.At("VisibilityConfig.MetricName").String() == rule.String() {
			return
		}
	}
	l.Fail(u.resource, path, rule, "ALL or the metric name of a rule of "+m.subject.LogicalID, "Name one that exists")
}

func checkStatistics(w *World, l *Looking) {
	o := w.Operations()
	for _, u := range o.metricUses() {
		l.Look()
		known, listed := o.known[u.metric.String()]
		switch {
		case listed && !known.means(u.metric.Stat):
			l.Fail(u.resource, u.stat, u.resource.At(u.stat), strings.Replace(strings.Join(known.statistics, ", "), ", p", " or a percentile", 1), "Take one of these")
		case !listed && (u.metric.Stat == "" || u.metric.Stat == "SampleCount"):
			// How many values were reported says nothing about what they are.
			l.Fail(u.resource, u.stat, u.resource.At(u.stat), "a statistic of the values", "Take Average, Maximum, Minimum, Sum or a percentile")
		}
	}
}

// checkFilled: "Missing values in a time series are treated as 0", says the documentation of metric math, but reports
// from the field say otherwise; of two metrics that both miss nothing comes. FILL leaves no doubt.
func checkFilled(w *World, l *Looking) {
	o := w.Operations()
	judge := func(r *Resource, queries Queries) {
		gaps := map[string]bool{}
		for _, q := range queries {
			gaps[q.ID] = q.Metric != nil && (appMetric(q.Metric) || o.known[q.Metric.String()].gaps)
		}
		for _, q := range queries {
			if q.Formula == nil || len(q.Formula.Names()) < 2 {
				continue
			}
			l.Look()
			if bare := slices.DeleteFunc(q.Formula.unfilled(), func(id string) bool { return !gaps[id] }); len(bare) > 0 {
				l.FailText(r, q.Path+".Expression", fmt.Sprintf("%s: %s not filled", q.Formula, strings.Join(bare, ", ")), "FILL around each metric that may have no data point", "Write FILL("+bare[0]+",0)")
			}
		}
	}
	for _, a := range o.Alarms {
		judge(a.Resource, a.Queries)
	}
	for _, s := range o.Services {
		for _, p := range s.Policies {
			judge(p.Resource, p.Queries)
		}
	}
}

// unfilled are the names that stand somewhere outside FILL, sorted.
func (f *Formula) unfilled() []string {
	var names []string
	var visit func(n *mathNode)
	visit = func(n *mathNode) {
		if n.kind == nameNode {
			names = append(names, n.text)
		}
		for i, argument := range n.arguments {
			if n.kind != callNode || n.text != "FILL" || i > 0 {
				visit(argument)
			}
		}
	}
	visit(f.root)
	slices.Sort(names)
	return slices.Compact(names)
}

// checkShownMetrics compares the targets of policies with the lines on dashboards: what drives scaling is seen, and said twice.
func checkShownMetrics(w *World, l *Looking) {
	o := w.Operations()
	for _, s := range o.Services {
		for _, p := range s.Policies {
			for _, m := range p.Queries.metrics() {
				if !appMetric(m) {
					continue
				}
				l.Look()
				lines, shown := o.dashboards().lines(m)
				needed := "on a dashboard, with a line at the target of " + fmt.Sprint(p.Target)
				switch {
				case shown && slices.Contains(lines, p.Target):
				case shown:
					l.Fail(p.Resource, trackingPath+".TargetValue", p.Resource.At(trackingPath+".TargetValue"), fmt.Sprintf("a target that the dashboard shows: %v", lines), "Change the target and the line together")
				case o.dashboards().unknown != "":
					l.Unsure(p.Resource, p.resultPath(), needed, o.dashboards().unknown)
				default:
					l.FailText(p.Resource, p.resultPath(), m.String()+" on no dashboard by these dimensions", needed, "Show it, or correct name and dimensions")
				}
			}
		}
	}
}
