package checks

import "fmt"

// path is the property that holds what the alarm watches.
func (a *Alarm) path() string {
	if a.Resource.At("Metrics").Exists() {
		return "Metrics"
	}
	return "MetricName"
}

// trials runs a judgement over the alarms that can be tried.
func trials(w *World, l *Looking, needed string, judge func(a *Alarm, v alarmVerdict)) {
	o := w.Operations()
	for _, a := range o.Alarms {
		if a.problem != nil || !a.triable(o.table) {
			continue
		}
		l.Look()
		if why := o.unclear(a); why != "" {
			l.Unsure(a.Resource, a.path(), needed, why)
			continue
		}
		judge(a, o.verdict(a))
	}
}

// unclear is why an alarm cannot be tried: it is about something that is not in the templates.
func (o *Operations) unclear(a *Alarm) string {
	for _, m := range a.Queries.metrics() {
		switch {
		case m.subject == nil:
			return "no resource of the templates has the metric " + m.String() + " with these dimensions"
		case countsTasks(m):
			if _, _, why := o.serviceOf(a).bounds(); why != "" {
				return why
			}
		}
	}
	return ""
}

func checkNoData(w *World, l *Looking) {
	const needed = "another state than ALARM"
	trials(w, l, needed, func(a *Alarm, v alarmVerdict) {
		if v.noData == "" {
			return
		}
		if reason := a.Resource.Metadata.At("MissingDataBreaches").String(); reason != "" {
			l.Exempt(a.Resource, "TreatMissingData", v.noData+" without any data", needed, reason)
			return
		}
		l.FailText(a.Resource, "TreatMissingData", v.noData+" without any data", needed, "Set notBreaching, or say in Metadata MissingDataBreaches why missing data are a fault")
	})
}

func checkRaised(w *World, l *Looking) {
	const needed = "ALARM"
	trials(w, l, needed, func(a *Alarm, v alarmVerdict) {
		if v.missed != "" {
			l.FailText(a.Resource, a.Queries.returned().resultPath(), fmt.Sprintf("%s: not raised within %d periods of %s", a.Queries.returned().resultText(), a.deadline(), v.missed), needed,
				"Look at expression, statistic, threshold, comparison and periods")
		}
	})
}

func checkSilent(w *World, l *Looking) {
	const needed = "another state than ALARM"
	trials(w, l, needed, func(a *Alarm, v alarmVerdict) {
		if v.raised != "" {
			l.FailText(a.Resource, a.Queries.returned().resultPath(), a.Queries.returned().resultText()+": raised "+v.raised, needed, "Look at expression, threshold and comparison")
		}
	})
}

// checkLateData tries what the documentation of FILL warns of: "the latest data point for the metric is always the FILL
// value, which can result in the alarm being stuck in either OK state or ALARM state. You can work around this by using
// an M out of N alarm."
func checkLateData(w *World, l *Looking) {
	const needed = "ALARM also then"
	trials(w, l, needed, func(a *Alarm, v alarmVerdict) {
		if v.tardy != "" && v.missed == "" {
			found := fmt.Sprintf("%d of %d periods of %s: never raised by %s", a.Datapoints, a.Periods, a.Queries.returned().resultText(), v.tardy)
			l.FailText(a.Resource, "DatapointsToAlarm", found, needed, "Let fewer data points than periods raise it, or do without FILL")
		}
	})
}
