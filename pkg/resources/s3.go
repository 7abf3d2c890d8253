package resources

import (
	"strconv"

	"github.com/awslabs/goformation/v7/cloudformation/s3"

	"github.com/tierform/tierform/pkg/cfn"
)

const (
	// ArchiveDays is how long an archive keeps an object: twelve months (PCI DSS 10.5.1) and a month to spare.
	ArchiveDays = 400
	// ArchiveColdDays is when an archive's objects become cheaper to keep and dearer to read. Standard-IA answers within
	// milliseconds, so that the last three months and the rest alike are immediately available (PCI DSS 10.5.1).
	ArchiveColdDays = 90
	// multipartDays is when the parts of an upload that was given up are removed: they cost, and no listing shows them.
	multipartDays = 7
)

// BucketInput describes a bucket. Every bucket is encrypted, versioned, closed to the public and without ACLs.
type BucketInput struct {
	// Name is the physical name, which is unique among all accounts.
	Name string
	// Key encrypts the objects, by way of a bucket key.
	Key cfn.KeyARN
	// S3ManagedKey is the reason for encrypting with a key of S3's own instead of Key.
	S3ManagedKey string
	// AccessLogs takes the log of requests to the bucket, under AccessLogPrefix.
	AccessLogs      cfn.BucketName
	AccessLogPrefix string
	// NoAccessLogs is the reason for having no such log.
	NoAccessLogs string
	// ExpireDays is when an object expires, and the same time after that when its last version is gone for good: what an
	// intruder deletes stays readable for as long as what nobody touches. Zero keeps objects.
	ExpireDays int
	// ColdDays is when an object moves to Standard-IA; zero means never.
	ColdDays int
}

// Bucket is an S3 bucket that can be destroyed once it is empty: no Object Lock, which would forbid emptying it.
// Versioning keeps what is overwritten or deleted, and old versions expire.
func Bucket(in BucketInput) *s3.Bucket {
	weak := map[string]any{}
	bucket := &s3.Bucket{
		BucketName:       new(in.Name),
		BucketEncryption: in.encryption(weak),
		OwnershipControls: &s3.Bucket_OwnershipControls{
			Rules: []s3.Bucket_OwnershipControlsRule{{ObjectOwnership: new("BucketOwnerEnforced")}},
		},
		PublicAccessBlockConfiguration: &s3.Bucket_PublicAccessBlockConfiguration{
			BlockPublicAcls: new(true), BlockPublicPolicy: new(true), IgnorePublicAcls: new(true), RestrictPublicBuckets: new(true),
		},
		VersioningConfiguration:              &s3.Bucket_VersioningConfiguration{Status: "Enabled"},
		LoggingConfiguration:                 in.logging(weak),
		LifecycleConfiguration:               &s3.Bucket_LifecycleConfiguration{Rules: in.lifecycle()},
		AWSCloudFormationDeletionPolicy:      "Delete",
		AWSCloudFormationUpdateReplacePolicy: "Delete",
		AWSCloudFormationMetadata:            map[string]any{"Stateful": true},
	}
	if len(weak) > 0 {
		bucket.AWSCloudFormationMetadata["Exemptions"] = weak
	}
	return bucket
}

func (in BucketInput) encryption(weak map[string]any) *s3.Bucket_BucketEncryption {
	rule := s3.Bucket_ServerSideEncryptionRule{
		BucketKeyEnabled: new(true),
		ServerSideEncryptionByDefault: &s3.Bucket_ServerSideEncryptionByDefault{
			SSEAlgorithm: "aws:kms", KMSMasterKeyID: new(string(in.Key)),
		},
	}
	switch {
	case in.S3ManagedKey != "" && in.Key != "":
		*rule.ServerSideEncryptionByDefault.KMSMasterKeyID = cfn.Invalid("bucket has both a key and a reason for having none", in.S3ManagedKey, "one of Key and S3ManagedKey")
	case in.S3ManagedKey != "":
		rule = s3.Bucket_ServerSideEncryptionRule{ServerSideEncryptionByDefault: &s3.Bucket_ServerSideEncryptionByDefault{SSEAlgorithm: "AES256"}}
		weak["BucketEncryption"] = in.S3ManagedKey
	case in.Key == "":
		*rule.ServerSideEncryptionByDefault.KMSMasterKeyID = cfn.Invalid("bucket has no key", "", "Key, or S3ManagedKey with the reason")
	}
	return &s3.Bucket_BucketEncryption{ServerSideEncryptionConfiguration: []s3.Bucket_ServerSideEncryptionRule{rule}}
}

func (in BucketInput) logging(weak map[string]any) *s3.Bucket_LoggingConfiguration {
	switch {
	case in.NoAccessLogs != "" && in.AccessLogs == "":
		weak["LoggingConfiguration"] = in.NoAccessLogs
		return nil
	case in.NoAccessLogs != "" || in.AccessLogs == "":
		return &s3.Bucket_LoggingConfiguration{DestinationBucketName: new(cfn.Invalid("bucket needs either a log of its requests or the reason for none",
			string(in.AccessLogs), "one of AccessLogs and NoAccessLogs"))}
	}
	return &s3.Bucket_LoggingConfiguration{DestinationBucketName: new(string(in.AccessLogs)), LogFilePrefix: new(in.AccessLogPrefix)}
}

// lifecycle removes what is given up, and what has served its time. S3 refuses a rule that expires objects and delete
// markers at once, hence the second.
func (in BucketInput) lifecycle() []s3.Bucket_Rule {
	rule := s3.Bucket_Rule{
		Id: new("retention"), Status: "Enabled",
		AbortIncompleteMultipartUpload: &s3.Bucket_AbortIncompleteMultipartUpload{DaysAfterInitiation: multipartDays},
	}
	if in.ColdDays > 0 {
		rule.Transitions = []s3.Bucket_Transition{{StorageClass: "STANDARD_IA", TransitionInDays: new(in.ColdDays)}}
	}
	if in.ExpireDays == 0 {
		return []s3.Bucket_Rule{rule}
	}
	if in.ExpireDays <= in.ColdDays {
		*rule.Id = cfn.Invalid("objects expire before they move to Standard-IA", strconv.Itoa(in.ExpireDays), "more than "+strconv.Itoa(in.ColdDays)+" days")
	}
	rule.ExpirationInDays = new(in.ExpireDays)
	rule.NoncurrentVersionExpiration = &s3.Bucket_NoncurrentVersionExpiration{NoncurrentDays: in.ExpireDays}
	return []s3.Bucket_Rule{rule, {Id: new("delete-markers"), Status: "Enabled", ExpiredObjectDeleteMarker: new(true)}}
}

// BucketPolicy is the policy of a bucket: it refuses what is not TLS 1.2 or newer, and else says what the statements do.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
func BucketPolicy(bucket cfn.BucketName, statements ...Statement) *s3.BucketPolicy {
	all := append([]Statement{
		{
			Sid: "DenyPlaintext", Deny: true, Principals: Principals{AWS: []string{"*"}}, Actions: []string{"s3:*"}, Resources: bucketAndObjects(bucket),
			Conditions: Conditions{"Bool": {"aws:SecureTransport": {"false"}}},
		},
		{
			Sid: "DenyOldTLS", Deny: true, Principals: Principals{AWS: []string{"*"}}, Actions: []string{"s3:*"}, Resources: bucketAndObjects(bucket),
			Conditions: Conditions{"NumericLessThan": {"s3:TlsVersion": {"1.2"}}},
		},
	}, statements...)
	return &s3.BucketPolicy{
		Bucket: string(bucket), PolicyDocument: RolePolicy(all...),
		AWSCloudFormationMetadata: policyMetadata(all, nil),
	}
}

// BucketNameARN is the ARN of a bucket by name, for policies about buckets of other stacks.
func BucketNameARN(bucket cfn.BucketName) string {
	return "arn:" + cfn.Partition + ":s3:::" + string(bucket)
}

// ObjectsARN is the pattern of a bucket's objects below a prefix; an empty prefix means all.
func ObjectsARN(bucket cfn.BucketName, prefix string) string {
	return BucketNameARN(bucket) + "/" + prefix + "*"
}

func bucketAndObjects(bucket cfn.BucketName) []string {
	return []string{BucketNameARN(bucket), ObjectsARN(bucket, "")}
}
