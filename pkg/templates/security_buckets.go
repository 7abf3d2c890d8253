package templates

import (
	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// archiveRequests is where the access-log bucket keeps the log of requests to the archive.
const archiveRequests = "archive-requests/"

// addArchiveBucket declares the bucket that keeps audit streams for twelve months, unless an external one is given. It has no
// Object Lock, because everything must be destroyable (R20): production gives a bucket of another account, which outlives
// the environment.
func addArchiveBucket(t *cfn.Template, in SecurityInputs, key cfn.KeyARN, accessLogs cfn.BucketName, trail, own cfn.Condition) cfn.BucketName {
	bucket := cfn.Add(t, "ArchiveBucket", "Keeps audit streams for twelve months", resources.Bucket(resources.BucketInput{
		Name: string(in.ArchiveBucketName()), Key: key, AccessLogs: accessLogs, AccessLogPrefix: archiveRequests,
		ExpireDays: resources.ArchiveDays, ColdDays: resources.ArchiveColdDays,
	}))
	bucket.When(own)
	name := resources.BucketName(bucket)
	statements := []resources.Statement{denyForeignKeys(name, key)}
	for _, s := range resources.BucketUseByTrail(in.TrailName(), name) {
		s.When = trail
		statements = append(statements, s)
	}
	policy := cfn.Add(t, "ArchiveBucketPolicy", "Lets the trail write to the archive and nobody without TLS or with another key", resources.BucketPolicy(name, statements...))
	policy.When(own)
	return name
}

// denyForeignKeys refuses objects that name another key than ours, which nobody but its owner could read. Objects that name
// none are encrypted with ours by default. SSE-S3 stays allowed: CloudTrail's digests have nothing else.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html
func denyForeignKeys(bucket cfn.BucketName, key cfn.KeyARN) resources.Statement {
	const keyID = "s3:x-amz-server-side-encryption-aws-kms-key-id"
	return resources.Statement{
		Sid: "DenyForeignKeys", Deny: true, Principals: resources.Principals{AWS: []string{"*"}}, Actions: []string{"s3:PutObject"},
		Resources:  []string{resources.ObjectsARN(bucket, "")},
		Conditions: resources.Conditions{"Null": {keyID: {"false"}}, "StringNotEquals": {keyID: {string(key)}}},
	}
}

// addAccessLogBucket declares the bucket for the access logs of the load balancer and of the archive, neither of which can
// be encrypted with a key of ours.
func addAccessLogBucket(t *cfn.Template, in SecurityInputs, ownArchive cfn.Condition) cfn.BucketName {
	bucket := resources.BucketName(cfn.Add(t, "AccessLogBucket", "Takes the access logs of the load balancer and of the archive", resources.Bucket(resources.BucketInput{
		Name:         in.Name("bucket", "access", cfn.AccountID),
		S3ManagedKey: "Elastic Load Balancing writes access logs with SSE-S3 only (Application Load Balancers, enable access logs)",
		NoAccessLogs: "A bucket that logs requests to itself makes a new request with each log (Amazon S3 User Guide, server access logging)",
		ExpireDays:   resources.ArchiveDays, ColdDays: resources.ArchiveColdDays,
	})))
	cfn.Add(t, "AccessLogBucketPolicy", "Lets Elastic Load Balancing and S3 deliver access logs", resources.BucketPolicy(bucket,
		loadBalancerLogs(bucket), archiveRequestLogs(in, bucket, ownArchive)))
	return bucket
}

// loadBalancerLogs lets load balancers of this account, without a prefix, deliver their access logs.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
func loadBalancerLogs(bucket cfn.BucketName) resources.Statement {
	return resources.Statement{
		Sid: "LoadBalancerLogs", Principals: resources.Principals{Service: []string{"logdelivery.elasticloadbalancing.amazonaws.com"}},
		Actions: []string{"s3:PutObject"}, Resources: []string{resources.ObjectsARN(bucket, "AWSLogs/"+cfn.AccountID+"/")},
		Exempt: "Elastic Load Balancing sends no source condition keys, enabling access logs fails with one; the path, which the service builds from the load balancer's account, holds it to this account",
	}
}

// archiveRequestLogs lets S3 deliver the log of requests to the archive.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
func archiveRequestLogs(in SecurityInputs, bucket cfn.BucketName, ownArchive cfn.Condition) resources.Statement {
	return resources.Statement{
		Sid: "ArchiveRequestLogs", Principals: resources.Principals{Service: []string{"logging.s3.amazonaws.com"}},
		Actions: []string{"s3:PutObject"}, Resources: []string{resources.ObjectsARN(bucket, archiveRequests)},
		Conditions: resources.Conditions{
			"ArnLike":      {"aws:SourceArn": {resources.BucketNameARN(in.ArchiveBucketName())}},
			"StringEquals": {"aws:SourceAccount": {cfn.AccountID}},
		},
		When: ownArchive,
	}
}
