package templates

import (
	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// The reader tier: the database's second instance, which takes over when the writer fails (R11), and who hears of the
// instances' events. Services wait for the data tier and not for this one: a first deployment is six minutes shorter.

// ReaderInputs are what the reader tier takes.
type ReaderInputs struct {
	Environment
	DataKey cfn.KeyARN
	Topic   cfn.TopicARN
	// Zone is another one than the writer's.
	Zone cfn.AvailabilityZone
	// Cluster, Writer and InstanceParameters are identifiers of the data tier.
	Cluster, Writer, InstanceParameters cfn.Text
}

// ReaderOutputs are nothing: clients reach the instance through the cluster's endpoint once it writes.
type ReaderOutputs struct{}

// Reader declares the instance that takes over when the writer fails. Both belong to the first promotion tiers, so the reader
// is always as large as the writer. An empty cluster makes its first instance the writer, and the data tier's is first:
// its identifier comes from there.
func Reader(t *cfn.Template, in ReaderInputs) ReaderOutputs {
	t.Describe("Database reader: the Aurora instance in another zone that takes over when the writer fails, and the subscription to the instances' events.")
	reader := cfn.Add(t, "Reader", "Instance in another zone that takes over when the writer fails", resources.DatabaseInstance(resources.DatabaseInstanceInput{
		Identifier: in.Name("db", product, "reader"), Cluster: string(in.Cluster), ParameterGroup: string(in.InstanceParameters),
		Zone: in.Zone, PromotionTier: 1, DataKey: in.DataKey, MaintenanceWindow: readerMaintenanceWindow,
	}))
	addEventSubscription(t, in.Environment, in.Topic, eventSubscription{
		logicalID: "InstanceEventSubscription", is: "Failures, restarts and maintenance of the instances",
		sourceType: "db-instance", sources: []string{string(in.Writer), reader.Ref()},
		categories: []string{"availability", "configuration change", "deletion", "failover", "failure", "low storage", "maintenance"},
	})
	return ReaderOutputs{}
}
