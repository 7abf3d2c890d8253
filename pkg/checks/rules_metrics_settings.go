package checks

import "slices"

func checkAlarmSettings(w *World, l *Looking) {
	for _, a := range w.Operations().Alarms {
		l.Look()
		judgePeriods(l, a.Resource)
		if v := a.Resource.At("DatapointsToAlarm"); !v.Exists() || v.Unknown() != "" {
			l.Fail(a.Resource, "DatapointsToAlarm", v, "the number of data points that raise it", "Say it: the default, all periods, is not seen in review")
		}
		judgeMissing(l, a.Resource)
	}
}

// judgePeriods: "Valid values are 10, 20, 30, 60, and any multiple of 60"; those below 60 only for metrics stored at high
// resolution, which AWS itself does not publish.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
func judgePeriods(l *Looking, r *Resource) {
	periods := map[string]Value{}
	for _, path := range expandPath(r.Properties, "Metrics[*].MetricStat") {
		periods[path+".Period"] = r.At(path + ".Metric.Namespace")
	}
	if r.At("MetricName").Exists() {
		periods["Period"] = r.At("Namespace")
	}
	for _, path := range sortedKeys(periods) {
		seconds, ok := r.At(path).Int()
		fine := ok && seconds > 0 && seconds%60 == 0
		if !fine && !(appMetric(&Metric{Namespace: periods[path].String()}) && slices.Contains([]int{10, 20, 30}, seconds)) {
			l.Fail(r, path, r.At(path), "a multiple of 60; of metrics of high resolution also 10, 20 or 30", "Set a period in seconds")
		}
	}
}

// judgeMissing: without data an alarm that says nothing, or ignore, stays as it was or becomes INSUFFICIENT_DATA, which
// tells nobody anything.
func judgeMissing(l *Looking, r *Resource) {
	const path = "TreatMissingData"
	v := r.At(path)
	if v.String() == "notBreaching" || v.String() == "breaching" {
		return
	}
	if reason := r.Metadata.At("MissingData").String(); reason != "" {
		l.Exempt(r, path, v.Show(), "notBreaching or breaching", reason)
		return
	}
	l.Fail(r, path, v, "notBreaching or breaching", "Say what it means that there are no data; Metadata MissingData gives a reason for anything else")
}
