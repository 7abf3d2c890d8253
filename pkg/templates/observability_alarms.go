package templates

import "github.com/tierform/tierform/pkg/resources"

// Thresholds of the platform's alarms. They fit the default capacities; an operator tunes them here.
const (
	balancerErrors      = 10        // answers a minute
	platformErrorShare  = 5         // percent of the requests
	platformLatency     = 2.0       // seconds, p99
	blockedRequests     = 1000      // in five minutes
	certificateDays     = 30        // ACM renews 60 days before the end
	databaseCPU         = 85        // percent
	databaseCapacity    = 90        // percent of MaxCapacity
	databaseConnections = 800       // half of what 8 ACU take
	databaseMemory      = 512 << 20 // bytes that are free at the greatest capacity
	replicaLag          = 1000      // milliseconds
	transactionIDs      = 1 << 30   // half of what PostgreSQL has before it stops
	archiveDelay        = 1800      // seconds
	archiveSuccess      = 1.0       // share of the writes
	dayInSeconds        = 24 * 60 * 60
)

// addIngressAlarms watches the load balancer, its certificate and the web ACL.
func (o *observability) addIngressAlarms() {
	o.addAlarm("LoadBalancerErrors", "alb-errors", resources.AlarmInput{
		Description: "The load balancer itself answers 5xx: a service has no healthy target, or targets break connections off. Look at the target groups.",
		Threshold:   balancerErrors, Periods: 5, DatapointsToAlarm: 3,
		Metric: new(o.balancerMetric("HTTPCode_ELB_5XX_Count", "Sum")),
	})
	errors, requests := o.balancerMetric("HTTPCode_Target_5XX_Count", "Sum"), o.balancerMetric("RequestCount", "Sum")
	errors.ID, requests.ID = "errors", "requests"
	o.addAlarm("TargetErrors", "target-errors", resources.AlarmInput{
		Description: "More than 5 % of all requests fail in the services. Look at the dashboard for the service, then at its log.",
		Threshold:   platformErrorShare, Periods: 5, DatapointsToAlarm: 3,
		Expression: "IF(FILL(requests,0)>=" + itoa(errorRequests) + ",100*FILL(errors,0)/FILL(requests,0),0)",
		Metrics:    []resources.AlarmMetric{errors, requests},
	})
	o.addAlarm("Latency", "latency", resources.AlarmInput{
		Description: "One in a hundred requests takes longer than 2 s. Look at the dashboard for the service, then at its traces and at the database.",
		Threshold:   platformLatency, Periods: 5, DatapointsToAlarm: 5,
		Metric: new(o.balancerMetric("TargetResponseTime", "p99")),
	})
	o.addAlarm("RejectedConnections", "alb-rejected", resources.AlarmInput{
		Description: "The load balancer has refused connections because it cannot grow fast enough. Look at what the clients do.",
		Periods:     1, Metric: new(o.balancerMetric("RejectedConnectionCount", "Sum")),
	})
	o.addAlarm("Certificate", "certificate", resources.AlarmInput{
		Description: "The load balancer's certificate ends within 30 days and has not been renewed. Look at its validation record, or import a new one.",
		Comparison:  "LessThanThreshold", Threshold: certificateDays, Periods: 1,
		Metric: &resources.AlarmMetric{Namespace: "AWS/CertificateManager", Name: "DaysToExpiry", Statistic: "Minimum", PeriodSeconds: dayInSeconds,
			Dimensions: []resources.AlarmDimension{{Name: "CertificateArn", Value: string(o.in.Certificate)}}},
	})
	o.addAlarm("BlockedRequests", "waf-blocked", resources.AlarmInput{
		Description: "The firewall blocks unusually many requests: an attack, or a rule that hits customers. Look at the web ACL's log.",
		Threshold:   blockedRequests, Periods: 1, Metric: new(o.firewallMetric("BlockedRequests")),
	})
}

// addDatabaseAlarms watches the database; failures and failovers arrive as events.
func (o *observability) addDatabaseAlarms() {
	o.addAlarm("DatabaseCpu", "db-cpu", resources.AlarmInput{
		Description: "The database works above 85 % of its CPU for 10 minutes. Look at Performance Insights for the statements.",
		Threshold:   databaseCPU, Periods: 10, Metric: new(o.databaseMetric("CPUUtilization", "Average")),
	})
	o.addAlarm("DatabaseCapacity", "db-capacity", resources.AlarmInput{
		Description: "The database has been near its greatest capacity for a quarter of an hour. Raise DatabaseMaxCapacity, or find what loads it.",
		Threshold:   databaseCapacity, Periods: 15, Metric: new(o.databaseMetric("ACUUtilization", "Average")),
	})
	o.addAlarm("DatabaseConnections", "db-connections", resources.AlarmInput{
		Description: "Unusually many connections to the database. Look for a service whose pool leaks, or that restarts in a circle.",
		Threshold:   databaseConnections, Periods: 5, Metric: new(o.databaseMetric("DatabaseConnections", "Maximum")),
	})
	o.addAlarm("DatabaseMemory", "db-memory", resources.AlarmInput{
		Description: "The database would have less than 512 MB of free memory even at its greatest capacity. Raise DatabaseMaxCapacity.",
		Comparison:  "LessThanThreshold", Threshold: databaseMemory, Periods: 5,
		Metric: new(o.databaseMetric("FreeableMemory", "Minimum")),
	})
	o.addAlarm("ReplicaLag", "db-replica-lag", resources.AlarmInput{
		Description: "The database's reader is more than a second behind the writer: a failover would take longer. Look at the load of both.",
		Threshold:   replicaLag, Periods: 5, Metric: new(o.databaseMetric("AuroraReplicaLagMaximum", "Maximum")),
	})
	o.addAlarm("TransactionIds", "db-transaction-ids", resources.AlarmInput{
		Description: "Half of the transaction IDs are used up; PostgreSQL stops at the end. Look for long transactions that keep VACUUM from its work.",
		Threshold:   transactionIDs, Periods: 5, Metric: new(o.databaseMetric("MaximumUsedTransactionIDs", "Maximum")),
	})
}

// addArchiveAlarms watches the stream that all audit streams take to the archive.
func (o *observability) addArchiveAlarms() {
	o.addAlarm("ArchiveDelay", "archive-delay", resources.AlarmInput{
		Description: "Audit records have waited for the archive for more than half an hour. Look at the stream's error log, its role and its keys.",
		Threshold:   archiveDelay, Metric: new(o.streamMetric("DeliveryToS3.DataFreshness", "Maximum")),
	})
	o.addAlarm("ArchiveFailures", "archive-failures", resources.AlarmInput{
		Description: "Writes to the archive bucket fail. Look at the stream's error log, its role and its keys.",
		Comparison:  "LessThanThreshold", Threshold: archiveSuccess, Metric: new(o.streamMetric("DeliveryToS3.Success", "Average")),
	})
}
