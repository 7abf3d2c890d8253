package resources_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/resources"
)

const trailARN = "arn:${AWS::Partition}:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/trail-dev"

func TestTrailSeesEverythingAndProvesIt(t *testing.T) {
	it := rendered(t, just(resources.Trail(resources.TrailInput{Name: "trail-dev", Bucket: "b", Key: "arn:key", LogGroup: "arn:group:*", LogRole: "arn:role"})))
	want := map[string]any{
		"TrailName": "trail-dev", "IsLogging": true, "IsMultiRegionTrail": true, "IncludeGlobalServiceEvents": true, "EnableLogFileValidation": true,
		"S3BucketName": "b", "KMSKeyId": "arn:key", "CloudWatchLogsLogGroupArn": "arn:group:*", "CloudWatchLogsRoleArn": "arn:role",
	}
	if diff := cmp.Diff(want, it["Properties"]); diff != "" {
		t.Error(diff)
	}
}

func TestKeyAndBucketAreForOneTrail(t *testing.T) {
	key := rendered(t, just(resources.Key("A key", resources.KeyUseByTrail("trail-dev")...)))
	bucket := rendered(t, just(resources.BucketPolicy("b", resources.BucketUseByTrail("trail-dev", "b")...)))
	statements := bySid(t, follow(key, "Properties", "KeyPolicy"))
	for sid, s := range bySid(t, follow(bucket, "Properties", "PolicyDocument")) {
		statements[sid] = s
	}
	for sid, action := range map[string][]any{
		"CloudTrailEncrypt": {"kms:GenerateDataKey"}, "CloudTrailUse": {"kms:Decrypt", "kms:DescribeKey"},
		"CloudTrailCheck": {"s3:GetBucketAcl"}, "CloudTrailWrite": {"s3:PutObject"},
	} {
		s := statements[sid]
		if follow(s, "Principal", "Service", 0) != "cloudtrail.amazonaws.com" || !cmp.Equal(s["Action"], any(action)) {
			t.Errorf("%s is %v", sid, s)
		}
		if got := follow(s, "Condition", "StringEquals", "aws:SourceArn", 0, "Sub"); got != trailARN {
			t.Errorf("%s is for %v", sid, got)
		}
	}
	if got := follow(statements["CloudTrailEncrypt"], "Condition", "StringLike", "kms:EncryptionContext:aws:cloudtrail:arn", 0, "Sub"); got != trailARN {
		t.Errorf("encrypts for %v", got)
	}
	write := statements["CloudTrailWrite"]
	if got := follow(write, "Resource", 0, "Sub"); got != "arn:${AWS::Partition}:s3:::b/AWSLogs/${AWS::AccountId}/*" {
		t.Errorf("writes to %v", got)
	}
	if got := follow(write, "Condition", "StringEquals", "s3:x-amz-acl", 0); got != "bucket-owner-full-control" {
		t.Errorf("gives objects with ACL %v", got)
	}
}

func TestTrailRoleWritesItsOwnStreams(t *testing.T) {
	it := rendered(t, just(aRole(resources.TrailLogStreams("log-trail-dev"))))
	s := follow(it, "Properties", "Policies", 0, "PolicyDocument", "Statement", 0)
	if got := follow(s, "Resource", 0, "Sub"); got != "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:log-trail-dev:log-stream:${AWS::AccountId}_CloudTrail_${AWS::Region}*" {
		t.Errorf("writes to %v", got)
	}
	if diff := cmp.Diff([]any{"logs:CreateLogStream", "logs:PutLogEvents"}, follow(s, "Action")); diff != "" {
		t.Error(diff)
	}
}
