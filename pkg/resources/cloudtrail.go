package resources

import (
	"github.com/awslabs/goformation/v7/cloudformation/cloudtrail"

	"github.com/tierform/tierform/pkg/cfn"
)

// TrailInput describes a trail.
type TrailInput struct {
	// Name is the physical name; key and bucket policies recognise the trail by it.
	Name string
	// Bucket takes the log files, encrypted with Key, and the digests that prove them unchanged.
	Bucket cfn.BucketName
	Key    cfn.KeyARN
	// LogGroup takes the same events within minutes, written with LogRole.
	LogGroup cfn.LogGroupARN
	LogRole  cfn.RoleARN
}

// Trail records the management events of all regions, those of global services included, and proves by digests that
// nobody has changed the files (PCI DSS 10.3.4).
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html
func Trail(in TrailInput) *cloudtrail.Trail {
	return &cloudtrail.Trail{
		TrailName:                  new(in.Name),
		IsLogging:                  true,
		IsMultiRegionTrail:         new(true),
		IncludeGlobalServiceEvents: new(true),
		EnableLogFileValidation:    new(true),
		S3BucketName:               string(in.Bucket),
		KMSKeyId:                   new(string(in.Key)),
		CloudWatchLogsLogGroupArn:  new(string(in.LogGroup)),
		CloudWatchLogsRoleArn:      new(string(in.LogRole)),
	}
}

// TrailNameARN is the ARN of a trail of this account and region by name.
func TrailNameARN(name string) string {
	return "arn:" + cfn.Partition + ":cloudtrail:" + cfn.Region + ":" + cfn.AccountID + ":trail/" + name
}

// cloudTrail is CloudTrail as a principal.
func cloudTrail() Principals { return Principals{Service: []string{"cloudtrail.amazonaws.com"}} }

// KeyUseByTrail lets CloudTrail encrypt the files of one trail, and use the bucket's key that S3 derives. Decrypt is needed
// because the bucket has a bucket key.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
func KeyUseByTrail(name string) []Statement {
	ofTrail := Conditions{"StringEquals": {"aws:SourceArn": {TrailNameARN(name)}}}
	return []Statement{
		Statement{Sid: "CloudTrailEncrypt", Principals: cloudTrail(), Actions: []string{"kms:GenerateDataKey"}, Conditions: ofTrail}.
			And("StringLike", "kms:EncryptionContext:aws:cloudtrail:arn", TrailNameARN(name)),
		{Sid: "CloudTrailUse", Principals: cloudTrail(), Actions: []string{"kms:Decrypt", "kms:DescribeKey"}, Conditions: ofTrail},
	}
}

// BucketUseByTrail lets CloudTrail deliver the files of one trail into a bucket.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
func BucketUseByTrail(name string, bucket cfn.BucketName) []Statement {
	ofTrail := Conditions{"StringEquals": {"aws:SourceArn": {TrailNameARN(name)}}}
	return []Statement{
		{Sid: "CloudTrailCheck", Principals: cloudTrail(), Actions: []string{"s3:GetBucketAcl"}, Resources: []string{BucketNameARN(bucket)}, Conditions: ofTrail},
		Statement{
			Sid: "CloudTrailWrite", Principals: cloudTrail(), Actions: []string{"s3:PutObject"},
			Resources: []string{ObjectsARN(bucket, "AWSLogs/"+cfn.AccountID+"/")}, Conditions: ofTrail,
		}.And("StringEquals", "s3:x-amz-acl", "bucket-owner-full-control"),
	}
}

// TrailLogStreams is what a trail's role needs to write into its log group.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
func TrailLogStreams(groupName string) Statement {
	return Statement{
		Sid: "WriteEvents", Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resources: []string{"arn:" + cfn.Partition + ":logs:" + cfn.Region + ":" + cfn.AccountID + ":log-group:" + groupName +
			":log-stream:" + cfn.AccountID + "_CloudTrail_" + cfn.Region + "*"},
	}
}
