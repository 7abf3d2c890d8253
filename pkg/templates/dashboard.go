package templates

import (
	"maps"
	"slices"

	"github.com/tierform/tierform/pkg/resources"
)

// Colours of the two colours of a service.
const (
	blueLine  = "#1f77b4"
	greenLine = "#2ca02c"
)

// dashboard shows the platform along the way of a request: load balancer and firewall, services, database, archive.
func (o *observability) dashboard() *resources.Dashboard {
	d := &resources.Dashboard{}
	d.Text("# Payment platform " + string(o.in.EnvironmentSuffix) +
		"\nThe way of a request from top to bottom. Both colours of a service are shown; the one without traffic is at zero.")
	d.Alarms("Alarms of the platform", o.alarms)
	o.ingressGraphs(d)
	for _, s := range o.in.Config.Services {
		d.Text("## " + s.Name + "\n" + s.Description + ".")
		o.serviceGraphs(d, s)
	}
	o.databaseGraphs(d)
	o.archiveGraphs(d)
	return d
}

func (o *observability) ingressGraphs(d *resources.Dashboard) {
	d.Text("## Load balancer and firewall\nWhat arrives, what is refused, what fails.")
	d.Graphs(
		resources.Graph{Title: "Requests", Unit: "a minute", Lines: []resources.Line{
			{Label: "Requests", Metric: o.balancerMetric("RequestCount", "Sum")},
			{Label: "5xx of services", Metric: o.balancerMetric("HTTPCode_Target_5XX_Count", "Sum"), Color: "#d62728"},
			{Label: "5xx of the load balancer", Metric: o.balancerMetric("HTTPCode_ELB_5XX_Count", "Sum"), Color: "#9467bd"},
			{Label: "4xx of services", Metric: o.balancerMetric("HTTPCode_Target_4XX_Count", "Sum"), Color: "#ff7f0e"},
		}},
		resources.Graph{Title: "Latency", Unit: "seconds", Limit: resources.AlarmLimit(platformLatency), Lines: []resources.Line{
			{Label: "p50", Metric: o.balancerMetric("TargetResponseTime", "p50")},
			{Label: "p95", Metric: o.balancerMetric("TargetResponseTime", "p95")},
			{Label: "p99", Metric: o.balancerMetric("TargetResponseTime", "p99")},
		}},
		resources.Graph{Title: "Connections", Unit: "a minute", Lines: []resources.Line{
			{Label: "New", Metric: o.balancerMetric("NewConnectionCount", "Sum")},
			{Label: "Refused", Metric: o.balancerMetric("RejectedConnectionCount", "Sum")},
			{Label: "Failed TLS handshakes", Metric: o.balancerMetric("ClientTLSNegotiationErrorCount", "Sum")},
		}},
		resources.Graph{Title: "Firewall", Unit: "in five minutes", Limit: resources.AlarmLimit(blockedRequests), Lines: []resources.Line{
			{Label: "Blocked", Metric: o.firewallMetric("BlockedRequests"), Color: "#d62728"},
			{Label: "Allowed", Metric: o.firewallMetric("AllowedRequests"), Color: greenLine},
		}},
	)
}

func (o *observability) serviceGraphs(d *resources.Dashboard, s Service) {
	d.Graphs(
		resources.Graph{Title: "Requests", Unit: "a minute", Stacked: true, Lines: o.colors(s, "RequestCount", "Sum")},
		resources.Graph{Title: "Errors (5xx)", Unit: "a minute", Stacked: true, Lines: o.colors(s, "HTTPCode_Target_5XX_Count", "Sum")},
		resources.Graph{Title: "Latency (p99)", Unit: "seconds", Limit: resources.AlarmLimit(latencySeconds), Lines: o.colors(s, "TargetResponseTime", "p99")},
		resources.Graph{Title: "Healthy targets", Unit: "tasks", Lines: o.colors(s, "HealthyHostCount", "Minimum")},
	)
	service := o.in.Services[s.Name].Service
	graphs := []resources.Graph{
		{Title: "CPU and memory", Unit: "percent", Limit: resources.AlarmLimit(utilizationPercent), Lines: []resources.Line{
			{Label: "CPU", Metric: o.serviceMetric(service, "AWS/ECS", "CPUUtilization", "Average")},
			{Label: "Memory", Metric: o.serviceMetric(service, "AWS/ECS", "MemoryUtilization", "Average")},
		}},
		{Title: "Tasks", Unit: "tasks", Lines: []resources.Line{
			{Label: "Running", Metric: o.serviceMetric(service, "ECS/ContainerInsights", "RunningTaskCount", "Average")},
			{Label: "Desired", Metric: o.serviceMetric(service, "ECS/ContainerInsights", "DesiredTaskCount", "Average")},
		}},
	}
	if s.Scaling.Metric == BacklogPerTask {
		graphs = append(graphs, resources.Graph{Title: "Backlog", Unit: "for each task", Limit: &resources.Limit{Label: "Scaling aims at", Value: s.Scaling.Target}, Lines: []resources.Line{{
			Label: "Backlog", Metric: resources.AlarmMetric{Namespace: metricNamespace, Name: string(BacklogPerTask), Statistic: "Average", Dimensions: []resources.AlarmDimension{
				{Name: "Environment", Value: string(o.in.EnvironmentSuffix)}, {Name: "ServiceName", Value: s.Name},
			}},
		}}})
	}
	d.Graphs(graphs...)
}

// colors are a metric of both target groups of a service.
func (o *observability) colors(s Service, metric, statistic string) []resources.Line {
	groups := o.in.Services[s.Name]
	return []resources.Line{
		{Label: "Blue", Metric: o.targetMetric(groups.BlueTargetGroup, metric, statistic), Color: blueLine},
		{Label: "Green", Metric: o.targetMetric(groups.GreenTargetGroup, metric, statistic), Color: greenLine},
	}
}

func (o *observability) databaseGraphs(d *resources.Dashboard) {
	d.Text("## Database\nStatements are in Performance Insights.")
	d.Graphs(
		resources.Graph{Title: "Capacity", Unit: "ACU", Lines: []resources.Line{
			{Label: "Writer", Metric: o.roleMetric("WRITER", "ServerlessDatabaseCapacity", "Average")},
			{Label: "Reader", Metric: o.roleMetric("READER", "ServerlessDatabaseCapacity", "Average")},
		}},
		resources.Graph{Title: "Use", Unit: "percent", Limit: resources.AlarmLimit(databaseCapacity), Lines: []resources.Line{
			{Label: "Of the greatest capacity", Metric: o.databaseMetric("ACUUtilization", "Average")},
			{Label: "Of the CPU", Metric: o.databaseMetric("CPUUtilization", "Average")},
		}},
		resources.Graph{Title: "Connections", Unit: "connections", Limit: resources.AlarmLimit(databaseConnections), Lines: []resources.Line{
			{Label: "Writer", Metric: o.roleMetric("WRITER", "DatabaseConnections", "Maximum")},
			{Label: "Reader", Metric: o.roleMetric("READER", "DatabaseConnections", "Maximum")},
		}},
		resources.Graph{Title: "Latency", Unit: "milliseconds", Lines: []resources.Line{
			{Label: "Commit", Metric: o.roleMetric("WRITER", "CommitLatency", "Average")},
			{Label: "Replica lag", Metric: o.databaseMetric("AuroraReplicaLagMaximum", "Maximum")},
		}},
	)
}

func (o *observability) archiveGraphs(d *resources.Dashboard) {
	d.Text("## Audit archive\nWhat must be kept for twelve months, on its way to the bucket.")
	var errors []resources.Line
	for _, name := range slices.Sorted(maps.Keys(o.in.AuditStreams)) {
		errors = append(errors, resources.Line{Label: name, Metric: subscriptionMetric("DeliveryErrors", o.in.AuditStreams[name])})
	}
	d.Graphs(
		resources.Graph{Title: "Oldest record that waits", Unit: "seconds", Limit: resources.AlarmLimit(archiveDelay), Lines: []resources.Line{
			{Label: "Age", Metric: o.streamMetric("DeliveryToS3.DataFreshness", "Maximum")},
		}},
		resources.Graph{Title: "Records", Unit: "in five minutes", Lines: []resources.Line{
			{Label: "Received", Metric: o.streamMetric("IncomingRecords", "Sum")},
			{Label: "Written", Metric: o.streamMetric("DeliveryToS3.Records", "Sum")},
		}},
		resources.Graph{Title: "Log events that did not arrive", Unit: "in five minutes", Stacked: true, Lines: errors},
	)
}
