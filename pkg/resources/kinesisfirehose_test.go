package resources_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/resources"
)

func TestLogArchiveIsReadableAndEncrypted(t *testing.T) {
	it := rendered(t, just(resources.LogArchive(resources.LogArchiveInput{
		Name: "stream-dev", StreamKey: "arn:stream-key", ObjectKey: "arn:object-key", Bucket: "b", Prefix: "logs/", ErrorPrefix: "errors/",
		Role: "arn:role", ErrorGroup: "log-firehose-dev", ErrorStream: "delivery",
	})))
	p := it["Properties"]
	if follow(p, "DeliveryStreamType") != "DirectPut" || follow(p, "DeliveryStreamName") != "stream-dev" {
		t.Errorf("stream is %v", p)
	}
	if diff := cmp.Diff(map[string]any{"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": "arn:stream-key"}, follow(p, "DeliveryStreamEncryptionConfigurationInput")); diff != "" {
		t.Error(diff)
	}
	s3 := follow(p, "ExtendedS3DestinationConfiguration")
	if got := follow(s3, "EncryptionConfiguration", "KMSEncryptionConfig", "AWSKMSKeyARN"); got != "arn:object-key" {
		t.Errorf("objects are encrypted with %v", got)
	}
	// A batch of CloudWatch Logs is compressed and has no line end: both must be undone before files are made of batches.
	want := []any{
		map[string]any{"Type": "Decompression", "Parameters": []any{map[string]any{"ParameterName": "CompressionFormat", "ParameterValue": "GZIP"}}},
		map[string]any{"Type": "AppendDelimiterToRecord"},
	}
	if diff := cmp.Diff(map[string]any{"Enabled": true, "Processors": want}, follow(s3, "ProcessingConfiguration")); diff != "" {
		t.Error(diff)
	}
	if follow(s3, "CompressionFormat") != "GZIP" || follow(s3, "RoleARN") != "arn:role" || follow(s3, "BucketARN", "Sub") != "arn:${AWS::Partition}:s3:::b" {
		t.Errorf("destination is %v", s3)
	}
	if diff := cmp.Diff(map[string]any{"Enabled": true, "LogGroupName": "log-firehose-dev", "LogStreamName": "delivery"}, follow(s3, "CloudWatchLoggingOptions")); diff != "" {
		t.Error(diff)
	}
	prefix, _ := follow(s3, "Prefix").(string)
	failed, _ := follow(s3, "ErrorOutputPrefix").(string)
	if !strings.HasPrefix(prefix, "logs/year=!{timestamp:yyyy}/") || !strings.HasPrefix(failed, "errors/!{firehose:error-output-type}/") {
		t.Errorf("prefixes are %q and %q", prefix, failed)
	}
	if it["DeletionPolicy"] != "Delete" || it["UpdateReplacePolicy"] != "Delete" {
		t.Errorf("stream is kept: %v", it)
	}
}

func TestFirehoseActsForThisAccountOnly(t *testing.T) {
	it := rendered(t, just(resources.Role(resources.RoleInput{Name: "r", Description: resources.DeliveryStreamNameARN("s"), Trust: resources.FirehoseTrust()})))
	want := map[string]any{"Sid": "Assume", "Effect": "Allow", "Principal": map[string]any{"Service": []any{"firehose.amazonaws.com"}}, "Action": []any{"sts:AssumeRole"},
		"Condition": map[string]any{"StringEquals": map[string]any{"sts:ExternalId": []any{map[string]any{"Ref": "AWS::AccountId"}}}}}
	if diff := cmp.Diff(want, follow(it, "Properties", "AssumeRolePolicyDocument", "Statement", 0)); diff != "" {
		t.Error(diff)
	}
	if got := follow(it, "Properties", "Description", "Sub"); got != "arn:${AWS::Partition}:firehose:${AWS::Region}:${AWS::AccountId}:deliverystream/s" {
		t.Errorf("ARN of the stream is %v", got)
	}
}
