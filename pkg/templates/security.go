package templates

import "github.com/tierform/tierform/pkg/cfn"

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
	// AccessLogBucket takes the load balancer's access logs.
	AccessLogBucket cfn.BucketName
	// Topic takes alarms and events.
	Topic cfn.TopicARN
}

// Security declares ….
func Security(t *cfn.Template, in SecurityInputs) SecurityOutputs {
	t.Describe("Security")
	return SecurityOutputs{}
}
