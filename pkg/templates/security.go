package templates

import (
	"github.com/awslabs/goformation/v7/cloudformation/sns"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// The security tier: the keys (R15) in security_keys.go, the buckets that take logs (R18) in security_buckets.go, and the
// topic of alarms and events (R13) here. It is a tier of its own because every other one needs it and it needs none: key
// policies name roles, log groups and buckets of later stacks by their agreed names.

// SecurityInputs are what the security tier takes.
type SecurityInputs struct {
	Environment
	// AuditArchiveBucketName is an existing archive bucket, or empty (a root parameter).
	AuditArchiveBucketName cfn.BucketName
	// AlarmEmail subscribes to the topic when it is not empty (a root parameter).
	AlarmEmail cfn.Text
	// CloudTrail lets the trail write to the archive when enabled (a root parameter).
	CloudTrail cfn.Text
}

// SecurityOutputs are the keys, buckets and topic that the other tiers use.
type SecurityOutputs struct {
	DataKey, LogsKey, SecretsKey cfn.KeyARN
	// ArchiveBucket is our bucket or the external one.
	ArchiveBucket cfn.BucketName
	// AccessLogBucket takes the load balancer's access logs, without a prefix.
	AccessLogBucket cfn.BucketName
	// Topic takes alarms and events.
	Topic cfn.TopicARN
}

// Security declares the keys, the buckets that take logs, and the topic of alarms and events.
func Security(t *cfn.Template, in SecurityInputs) SecurityOutputs {
	t.Describe("Security: one customer key each for data, logs and secrets, the buckets that keep audit evidence and access logs, and the encrypted topic of alarms and events.")
	trail := t.Condition("TrailEnabled", cfn.Equals(string(in.CloudTrail), enabled))
	ownArchive := t.Condition("OwnArchive", cfn.Equals(string(in.AuditArchiveBucketName), ""))

	// With an external archive the trail encrypts with that archive's key.
	trailHere := t.Condition("TrailIntoOwnArchive", cfn.And(trail.Holds(), ownArchive.Holds()))
	logsKey := addLogsKey(t, in, trailHere, ownArchive)
	accessLogs := addAccessLogBucket(t, in, ownArchive)
	archive := addArchiveBucket(t, in, logsKey, accessLogs, trail, ownArchive)
	return SecurityOutputs{
		DataKey:         addDataKey(t, in),
		LogsKey:         logsKey,
		SecretsKey:      addSecretsKey(t, in),
		ArchiveBucket:   cfn.If(ownArchive, archive, in.AuditArchiveBucketName),
		AccessLogBucket: accessLogs,
		Topic:           addTopic(t, in, logsKey),
	}
}

// addTopic declares the topic, who may publish to it and, where an address is given, who reads it.
func addTopic(t *cfn.Template, in SecurityInputs, key cfn.KeyARN) cfn.TopicARN {
	topic := resources.TopicARN(cfn.Add(t, "AlarmTopic", "Takes alarms, database events and the state of deployments", resources.Topic(in.TopicName(), key)))
	events := resources.TopicPublisher("EventBridge", eventBridge)
	events.Exempt = "EventBridge supports no Condition in topic policies (Amazon EventBridge User Guide, resource-based policies). The topic takes no commands: whoever could publish could only alarm people"
	cfn.Add(t, "AlarmTopicPolicy", "Lets CloudWatch, RDS and EventBridge publish to the topic", resources.TopicPolicy(topic,
		resources.TopicPublisher("CloudWatchAlarms", cloudWatch).And("StringEquals", "aws:SourceAccount", cfn.AccountID),
		resources.TopicPublisher("DatabaseEvents", databaseEvents).And("StringEquals", "aws:SourceAccount", cfn.AccountID),
		events))
	cfn.Add(t, "AlarmSubscription", "Sends alarms and events to the operators, once they have confirmed the address", &sns.Subscription{
		TopicArn: string(topic), Protocol: "email", Endpoint: new(string(in.AlarmEmail)),
	}).When(t.Condition("AlarmEmailGiven", cfn.Not(cfn.Equals(string(in.AlarmEmail), ""))))
	return topic
}
