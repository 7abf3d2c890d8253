package templates

import (
	"github.com/awslabs/goformation/v7/cloudformation/rds"

	"github.com/tierform/tierform/pkg/cfn"
)

// addDatabaseEvents subscribes the topic to what happens to the database, in the categories that Security Hub asks for
// (RDS.19 to RDS.22) and those an operator acts on. Subscriptions name their sources, lest the events of other databases
// in the account arrive here. DB security groups are the exception: databases in a VPC have none to name, and the
// control asks for the subscription all the same.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Events.Messages.html
func addDatabaseEvents(t *cfn.Template, in DataInputs, cluster cfn.Resource[*rds.DBCluster], parameters cfn.Resource[*rds.DBParameterGroup],
	instances ...cfn.Resource[*rds.DBInstance]) {
	var names []string
	for _, instance := range instances {
		names = append(names, instance.Ref())
	}
	add := func(logicalID, is, sourceType string, sources []string, categories ...string) {
		cfn.Add(t, logicalID, is, &rds.EventSubscription{
			SubscriptionName: new(in.Name("events", product, sourceType)),
			SnsTopicArn:      string(in.Topic),
			SourceType:       new(sourceType),
			SourceIds:        sources,
			EventCategories:  categories,
			Enabled:          new(true),
		})
	}
	add("ClusterEventSubscription", "Failures, failovers and maintenance of the cluster", "db-cluster", []string{cluster.Ref()},
		"configuration change", "deletion", "failover", "failure", "maintenance")
	add("InstanceEventSubscription", "Failures, restarts and maintenance of the instances", "db-instance", names,
		"availability", "configuration change", "deletion", "failover", "failure", "low storage", "maintenance")
	add("ParameterGroupEventSubscription", "Changes of the instances' parameter group", "db-parameter-group", []string{parameters.Ref()},
		"configuration change")
	add("SecurityGroupEventSubscription", "Changes of DB security groups", "db-security-group", nil,
		"configuration change", "failure")
}
