package templates

import (
	"github.com/awslabs/goformation/v7/cloudformation/rds"

	"github.com/tierform/tierform/pkg/cfn"
)

// An eventSubscription is what the topic is told about sources of one type.
type eventSubscription struct {
	logicalID, is, sourceType string
	sources, categories       []string
}

// addDatabaseEvents subscribes the topic to what happens to the cluster and what it is set up with; the reader tier adds the
// instances.
func addDatabaseEvents(t *cfn.Template, in DataInputs, cluster cfn.Resource[*rds.DBCluster], parameters cfn.Resource[*rds.DBParameterGroup]) {
	for _, s := range []eventSubscription{
		{"ClusterEventSubscription", "Failures, failovers and maintenance of the cluster", "db-cluster", []string{cluster.Ref()},
			[]string{"configuration change", "deletion", "failover", "failure", "maintenance"}},
		{"ParameterGroupEventSubscription", "Changes of the instances' parameter group", "db-parameter-group", []string{parameters.Ref()},
			[]string{"configuration change"}},
		{"SecurityGroupEventSubscription", "Changes of DB security groups", "db-security-group", nil,
			[]string{"configuration change", "failure"}},
	} {
		addEventSubscription(t, in.Environment, in.Topic, s)
	}
}

// addEventSubscription subscribes the topic to the categories that Security Hub asks for (RDS.19 to RDS.22) and those an
// operator acts on. Subscriptions name their sources, lest the events of other databases in the account arrive here. DB
// security groups are the exception: databases in a VPC have none to name, and the control asks for the subscription all
// the same.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Events.Messages.html
func addEventSubscription(t *cfn.Template, env Environment, topic cfn.TopicARN, s eventSubscription) {
	cfn.Add(t, s.logicalID, s.is, &rds.EventSubscription{
		SubscriptionName: new(env.Name("events", product, s.sourceType)),
		SnsTopicArn:      string(topic),
		SourceType:       new(s.sourceType),
		SourceIds:        s.sources,
		EventCategories:  s.categories,
		Enabled:          new(true),
	})
}
