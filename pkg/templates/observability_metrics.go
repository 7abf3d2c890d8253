package templates

import (
	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// The metrics that alarms and dashboard share, each with exactly the dimensions its service publishes it with.

// balancerMetric is a metric of the load balancer.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
func (o *observability) balancerMetric(name, statistic string) resources.AlarmMetric {
	return resources.AlarmMetric{Namespace: "AWS/ApplicationELB", Name: name, Statistic: statistic,
		Dimensions: []resources.AlarmDimension{{Name: "LoadBalancer", Value: string(o.in.LoadBalancer)}}}
}

// targetMetric is a metric of a service's target group.
func (o *observability) targetMetric(group cfn.TargetGroupName, name, statistic string) resources.AlarmMetric {
	metric := o.balancerMetric(name, statistic)
	metric.Dimensions = append(metric.Dimensions, resources.AlarmDimension{Name: "TargetGroup", Value: string(group)})
	return metric
}

// firewallMetric is a metric of the web ACL over all its rules.
// https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html
func (o *observability) firewallMetric(name string) resources.AlarmMetric {
	return resources.AlarmMetric{Namespace: "AWS/WAFV2", Name: name, Statistic: "Sum", PeriodSeconds: 300, Dimensions: []resources.AlarmDimension{
		{Name: "WebACL", Value: string(o.in.WebACL)}, {Name: "Region", Value: cfn.Region}, {Name: "Rule", Value: "ALL"},
	}}
}

// databaseMetric is a metric of the database cluster over its instances.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
func (o *observability) databaseMetric(name, statistic string) resources.AlarmMetric {
	return resources.AlarmMetric{Namespace: "AWS/RDS", Name: name, Statistic: statistic,
		Dimensions: []resources.AlarmDimension{{Name: "DBClusterIdentifier", Value: string(o.in.Database)}}}
}

// roleMetric is a metric of the instance that is the writer or of those that are readers.
func (o *observability) roleMetric(role, name, statistic string) resources.AlarmMetric {
	metric := o.databaseMetric(name, statistic)
	metric.Dimensions = append(metric.Dimensions, resources.AlarmDimension{Name: "Role", Value: role})
	return metric
}

// serviceMetric is a metric of an ECS service, in AWS/ECS or ECS/ContainerInsights.
func (o *observability) serviceMetric(service cfn.ServiceName, namespace, name, statistic string) resources.AlarmMetric {
	return resources.AlarmMetric{Namespace: namespace, Name: name, Statistic: statistic, Dimensions: []resources.AlarmDimension{
		{Name: "ClusterName", Value: string(o.in.Cluster)}, {Name: "ServiceName", Value: string(service)},
	}}
}

// streamMetric is a metric of the stream to the archive.
// https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
func (o *observability) streamMetric(name, statistic string) resources.AlarmMetric {
	return resources.AlarmMetric{Namespace: "AWS/Firehose", Name: name, Statistic: statistic, PeriodSeconds: 300,
		Dimensions: []resources.AlarmDimension{{Name: "DeliveryStreamName", Value: o.in.AuditStreamName()}}}
}

// subscriptionMetric is a metric of a log group's subscriptions.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
func subscriptionMetric(name string, group cfn.LogGroupName) resources.AlarmMetric {
	return resources.AlarmMetric{Namespace: "AWS/Logs", Name: name, Statistic: "Sum", PeriodSeconds: 300,
		Dimensions: []resources.AlarmDimension{{Name: "LogGroupName", Value: string(group)}}}
}
