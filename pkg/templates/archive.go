package templates

import (
	"github.com/awslabs/goformation/v7/cloudformation/logs"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// The archive tier: the delivery stream that carries audit streams from their log groups into the archive (R18), who may
// read them there, and in archive_trail.go the trail of API calls. It is a tier of its own because it needs only keys and
// bucket, and nothing but the subscriptions of the observability tier waits for it.

// ArchiveInputs are what the archive tier takes.
type ArchiveInputs struct {
	Environment
	LogsKey       cfn.KeyARN
	ArchiveBucket cfn.BucketName
	// AuditArchiveKeyARN encrypts what goes to an external bucket; empty where the bucket is ours (a root parameter).
	AuditArchiveKeyARN cfn.KeyARN
	// CloudTrail is enabled or disabled (a root parameter).
	CloudTrail cfn.Text
}

// ArchiveOutputs are what subscription filters send audit streams to.
type ArchiveOutputs struct {
	Stream cfn.DeliveryStreamARN
	// SubscriptionRole is the role with which CloudWatch Logs writes to the stream.
	SubscriptionRole cfn.RoleARN
}

// Where the stream's objects are in the archive, and its complaints in its log group.
const (
	streamPrefix       = "logs/"
	streamErrorPrefix  = "undelivered/"
	streamErrorsStream = "delivery"
)

// Archive declares the delivery stream to the archive, the auditors' role and the trail.
func Archive(t *cfn.Template, in ArchiveInputs) ArchiveOutputs {
	t.Describe("Archive: the delivery stream that carries audit streams into the archive bucket, the role of those who read them there, and the trail of API calls.")
	external := t.Condition("ExternalArchive", cfn.Not(cfn.Equals(string(in.AuditArchiveKeyARN), "")))
	// A key of ours goes with the environment, and with it all that it encrypted. The owner of an external archive gives
	// one that stays.
	archiveKey := cfn.If(external, in.AuditArchiveKeyARN, in.LogsKey)

	stream := addStream(t, in, archiveKey, external)
	subscription := addSubscriptionRole(t, in)
	addAuditorRole(t, in, archiveKey)
	addTrail(t, in, archiveKey)
	return ArchiveOutputs{Stream: stream, SubscriptionRole: subscription}
}

// addStream declares the delivery stream with its role and the log group of its errors.
func addStream(t *cfn.Template, in ArchiveInputs, archiveKey cfn.KeyARN, external cfn.Condition) cfn.DeliveryStreamARN {
	group := cfn.Add(t, "DeliveryLogGroup", "Takes the delivery stream's errors", resources.LogGroup(in.LogGroupName("firehose"), in.LogsKey))
	errors := cfn.Add(t, "DeliveryLogStream", "Takes the errors of delivery to the archive", &logs.LogStream{LogGroupName: group.Ref(), LogStreamName: new(streamErrorsStream)})
	role := resources.RoleARN(cfn.Add(t, "ArchiveRole", "Role with which the delivery stream writes to the archive", resources.Role(resources.RoleInput{
		Name: in.ArchiveRoleName(), Description: "Firehose: writes audit streams to the archive", Trust: resources.FirehoseTrust(),
		Statements: archiveWriters(in, archiveKey, external),
	})))
	stream := cfn.Add(t, "ArchiveStream", "Carries audit streams from their log groups into the archive", resources.LogArchive(resources.LogArchiveInput{
		Name: in.AuditStreamName(), StreamKey: in.LogsKey, ObjectKey: archiveKey,
		Bucket: in.ArchiveBucket, Prefix: streamPrefix, ErrorPrefix: streamErrorPrefix,
		Role: role, ErrorGroup: resources.LogGroupName(group), ErrorStream: streamErrorsStream,
	}))
	stream.DependsOn(errors)
	return resources.DeliveryStreamARN(stream)
}

// archiveWriters are what the delivery stream needs. In another account's bucket it must say whose the objects are.
// https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3
func archiveWriters(in ArchiveInputs, archiveKey cfn.KeyARN, external cfn.Condition) []resources.Statement {
	objects := []string{resources.ObjectsARN(in.ArchiveBucket, streamPrefix), resources.ObjectsARN(in.ArchiveBucket, streamErrorPrefix)}
	return []resources.Statement{
		{Sid: "FindArchive", Actions: []string{"s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"}, Resources: []string{resources.BucketNameARN(in.ArchiveBucket)}},
		{Sid: "WriteObjects", Actions: []string{"s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"}, Resources: objects},
		{Sid: "GiveToOwner", Actions: []string{"s3:PutObjectAcl"}, Resources: objects, When: external},
		resources.UseKey("EncryptObjects", archiveKey, "s3", "kms:Decrypt", "kms:GenerateDataKey"),
		{Sid: "WriteErrors", Actions: []string{"logs:PutLogEvents"}, Resources: []string{resources.LogStreamNameARN(in.LogGroupName("firehose"), streamErrorsStream)}},
	}
}

// addSubscriptionRole declares the role with which CloudWatch Logs puts audit streams into the delivery stream.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#FirehoseExample
func addSubscriptionRole(t *cfn.Template, in ArchiveInputs) cfn.RoleARN {
	return resources.RoleARN(cfn.Add(t, "SubscriptionRole", "Role with which CloudWatch Logs sends audit streams to the delivery stream", resources.Role(resources.RoleInput{
		Name: in.SubscriptionRoleName(), Description: "CloudWatch Logs: sends audit streams to the archive",
		Trust: resources.ServiceTrust("logs.amazonaws.com", resources.Conditions{
			"ArnLike": {"aws:SourceArn": {"arn:" + cfn.Partition + ":logs:" + cfn.Region + ":" + cfn.AccountID + ":*"}},
		}),
		Statements: []resources.Statement{
			{Sid: "PutRecords", Actions: []string{"firehose:PutRecord", "firehose:PutRecordBatch"}, Resources: []string{resources.DeliveryStreamNameARN(in.AuditStreamName())}},
			resources.UseKey("EncryptRecords", in.LogsKey, "firehose", "kms:Decrypt", "kms:GenerateDataKey"),
		},
	})))
}

// addAuditorRole declares the role with which people of this account read the archive and validate it, and nothing else.
func addAuditorRole(t *cfn.Template, in ArchiveInputs, archiveKey cfn.KeyARN) {
	cfn.Add(t, "AuditorRole", "Role with which auditors read the archive, after they have proven a second factor", resources.Role(resources.RoleInput{
		Name: in.AuditorRoleName(), Description: "Auditors: read the archive of audit streams",
		Trust: resources.Policy(resources.Statement{
			Sid: "Assume", Principals: resources.Principals{AWS: []string{resources.AccountRoot()}}, Actions: []string{"sts:AssumeRole"},
			Conditions: resources.Conditions{"Bool": {"aws:MultiFactorAuthPresent": {"true"}}},
		}),
		Statements: []resources.Statement{
			{Sid: "ListArchive", Actions: []string{"s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketVersions"}, Resources: []string{resources.BucketNameARN(in.ArchiveBucket)}},
			{Sid: "ReadArchive", Actions: []string{"s3:GetObject", "s3:GetObjectVersion"}, Resources: []string{resources.ObjectsARN(in.ArchiveBucket, "")}},
			{
				Sid: "ValidateTrail", Actions: []string{"cloudtrail:DescribeTrails", "cloudtrail:ListPublicKeys"},
				AnyResource: "Proves with the digests that the trail's files are unchanged (aws cloudtrail validate-logs); the actions have no resource-level permission",
			},
			resources.UseKey("DecryptArchive", archiveKey, "s3", "kms:Decrypt"),
		},
	}))
}
