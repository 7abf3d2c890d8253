package checks

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
)

//go:embed metrics_known.txt
var knownMetricsText string

// knownMetric is what AWS documents of a metric.
type knownMetric struct {
	dimensions [][]string // sets, each sorted
	statistics []string
	gaps       bool // there may be no data point when nothing happens
}

// knownMetrics reads the table of metrics, by namespace and name.
func knownMetrics() map[string]knownMetric {
	table := map[string]knownMetric{}
	for _, row := range tableRows(knownMetricsText) {
		known := knownMetric{statistics: strings.Split(row[3], ","), gaps: row[4] == "gaps"}
		for _, set := range strings.Split(row[2], "|") {
			known.dimensions = append(known.dimensions, strings.Split(set, "+"))
		}
		for _, name := range strings.Split(row[1], ",") {
			table[row[0]+" "+name] = known
		}
	}
	return table
}

// extendedStatistic is a percentile, or a statistic over a part of the values.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
var extendedStatistic = regexp.MustCompile(`^(p\d{1,2}(\.\d+)?|p100|IQM|(TM|tm|WM|wm|TC|tc|TS|ts|PR)(\d{1,2}(\.\d+)?|\(.*\)))$`)

// means tells whether a statistic of the metric means something.
func (k knownMetric) means(stat string) bool {
	return slices.Contains(k.statistics, stat) || slices.Contains(k.statistics, "p") && extendedStatistic.MatchString(stat)
}

// has tells whether the metric is published under dimensions.
func (k knownMetric) has(names []string) bool {
	return slices.ContainsFunc(k.dimensions, func(set []string) bool { return slices.Equal(set, names) })
}

// metricUse is a metric that an alarm or a scaling policy reads.
type metricUse struct {
	metric   *Metric
	resource *Resource
	// base is the path of the metric's Namespace, MetricName and Dimensions, up to the last dot; stat that of the statistic.
	base, stat string
}

// metricUses lists the metrics that alarms and scaling policies read.
func (o *Operations) metricUses() []metricUse {
	var uses []metricUse
	add := func(r *Resource, queries Queries) {
		for _, q := range queries {
			if q.Metric == nil {
				continue
			}
			use := metricUse{metric: q.Metric, resource: r}
			switch {
			case strings.HasSuffix(q.Path, "]"):
				use.base, use.stat = q.Path+".MetricStat.Metric.", q.Path+".MetricStat.Stat"
			case q.Path == "MetricName":
				use.stat = "Statistic"
				if r.At("ExtendedStatistic").Exists() {
					use.stat = "ExtendedStatistic"
				}
			default:
				use.base, use.stat = q.Path+".", q.Path+".Statistic"
			}
			uses = append(uses, use)
		}
	}
	for _, a := range o.Alarms {
		add(a.Resource, a.Queries)
	}
	for _, s := range o.Services {
		for _, p := range s.Policies {
			add(p.Resource, p.Queries)
		}
	}
	return uses
}
