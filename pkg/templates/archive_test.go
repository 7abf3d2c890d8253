package templates_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// archiveKey is the key of whoever owns the archive: evidence outlives the environment's own keys.
var archiveKey = map[string]any{"Fn::If": []any{"ExternalArchive", map[string]any{"Ref": "AuditArchiveKeyArn"}, map[string]any{"Ref": "LogsKey"}}}

// R18: nothing that is written to an external archive depends on a key that goes with the environment.
func TestExternalArchiveHasItsOwnersKey(t *testing.T) {
	f := file(t, "archive.yaml")
	for where, got := range map[string]any{
		"objects of the stream": at(f.Resources["ArchiveStream"].Properties, "ExtendedS3DestinationConfiguration", "EncryptionConfiguration", "KMSEncryptionConfig", "AWSKMSKeyARN"),
		"files of the trail":    f.Resources["Trail"].Properties["KMSKeyId"],
		"right of the stream":   at(bySid(t, f.Resources["ArchiveRole"].Properties["Policies"])["EncryptObjects"], "Resource", 0),
		"right of auditors":     at(bySid(t, f.Resources["AuditorRole"].Properties["Policies"])["DecryptArchive"], "Resource", 0),
	} {
		if diff := cmp.Diff(any(archiveKey), got); diff != "" {
			t.Errorf("%s: %s", where, diff)
		}
	}
	want := map[string]any{"Fn::Not": []any{map[string]any{"Fn::Equals": []any{map[string]any{"Ref": "AuditArchiveKeyArn"}, ""}}}}
	if diff := cmp.Diff(any(want), f.Conditions["ExternalArchive"]); diff != "" {
		t.Error(diff)
	}
	rules := file(t, "platform.yaml").Rules
	for rule, needs := range map[string][2]string{"ArchiveNeedsKey": {"AuditArchiveBucketName", "AuditArchiveKeyArn"}, "ArchiveKeyNeedsBucket": {"AuditArchiveKeyArn", "AuditArchiveBucketName"}} {
		given := func(parameter string) any {
			return map[string]any{"Fn::Not": []any{map[string]any{"Fn::Equals": []any{map[string]any{"Ref": parameter}, ""}}}}
		}
		if !cmp.Equal(given(needs[0]), at(rules, rule, "RuleCondition")) || !cmp.Equal(given(needs[1]), at(rules, rule, "Assertions", 0, "Assert")) {
			t.Errorf("%s is %v", rule, at(rules, rule))
		}
	}
}

func TestArchiveStream(t *testing.T) {
	f := file(t, "archive.yaml")
	stream := f.Resources["ArchiveStream"]
	p := at(stream.Properties, "ExtendedS3DestinationConfiguration")
	if text(at(p, "BucketARN")) != "arn:${AWS::Partition}:s3:::${ArchiveBucket}" || text(at(p, "RoleARN")) != "${ArchiveRole.Arn}" {
		t.Errorf("stream writes to %v", p)
	}
	if text(at(stream.Properties, "DeliveryStreamEncryptionConfigurationInput", "KeyARN")) != "${LogsKey}" || text(stream.Properties["DeliveryStreamName"]) != "stream-audit-${EnvironmentSuffix}" {
		t.Errorf("stream is %v", stream.Properties)
	}
	// Firehose does not make the stream for its errors itself.
	if !slices.Contains(stream.DependsOn, "DeliveryLogStream") || text(f.Resources["DeliveryLogStream"].Properties["LogStreamName"]) != at(p, "CloudWatchLoggingOptions", "LogStreamName") {
		t.Errorf("errors go to %v", at(p, "CloudWatchLoggingOptions"))
	}
	objects := []string{"arn:${AWS::Partition}:s3:::${ArchiveBucket}/logs/*", "arn:${AWS::Partition}:s3:::${ArchiveBucket}/undelivered/*"}
	for _, prefix := range []string{"Prefix", "ErrorOutputPrefix"} {
		if !fitsOne(objects, "arn:${AWS::Partition}:s3:::${ArchiveBucket}/"+at(p, prefix).(string)) {
			t.Errorf("the role cannot write to %v", at(p, prefix))
		}
	}
	want := map[string][]string{
		"FindArchive":    {"s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads", "arn:${AWS::Partition}:s3:::${ArchiveBucket}"},
		"WriteObjects":   append([]string{"s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"}, objects...),
		"GiveToOwner":    append([]string{"s3:PutObjectAcl"}, objects...),
		"EncryptObjects": {"kms:Decrypt", "kms:GenerateDataKey", ""},
		"WriteErrors":    {"logs:PutLogEvents", logsARN + "log-firehose-${EnvironmentSuffix}:log-stream:delivery"},
	}
	if diff := cmp.Diff(want, permissions(t, f.Resources["ArchiveRole"])); diff != "" {
		t.Error(diff)
	}
	// Only in another account's bucket must it say whose the objects are.
	for _, s := range items(at(f.Resources["ArchiveRole"].Properties, "Policies", 0, "PolicyDocument", "Statement")) {
		if at(s, "Sid") == "GiveToOwner" || at(s, "Fn::If") != nil && at(s, "Fn::If", 0) != "ExternalArchive" {
			t.Errorf("statement is %v", s)
		}
	}
}

// permissions maps each Sid of a role's policy, conditional ones included, to actions and resources.
func permissions(t *testing.T, r resource) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for sid, s := range bySid(t, r.Properties["Policies"]) {
		found[sid] = append(texts(s["Action"]), texts(s["Resource"])...)
	}
	return found
}

// CloudWatch Logs of this account writes to this stream, and needs its key to do so.
func TestSubscriptionRole(t *testing.T) {
	f := file(t, "archive.yaml")
	r := f.Resources["SubscriptionRole"]
	want := map[string][]string{
		"PutRecords":     {"firehose:PutRecord", "firehose:PutRecordBatch", "arn:${AWS::Partition}:firehose:${AWS::Region}:${AWS::AccountId}:deliverystream/" + text(f.Resources["ArchiveStream"].Properties["DeliveryStreamName"])},
		"EncryptRecords": {"kms:Decrypt", "kms:GenerateDataKey", "${LogsKey}"},
	}
	if diff := cmp.Diff(want, permissions(t, r)); diff != "" {
		t.Error(diff)
	}
	trust := at(r.Properties, "AssumeRolePolicyDocument", "Statement", 0)
	if text(at(trust, "Principal", "Service", 0)) != "logs.amazonaws.com" || text(at(trust, "Condition", "StringEquals", "aws:SourceAccount", 0)) != "${AWS::AccountId}" ||
		text(at(trust, "Condition", "ArnLike", "aws:SourceArn", 0)) != "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*" {
		t.Errorf("trust is %v", trust)
	}
}

// Auditors read; they prove a second factor first (PCI DSS 8.4, 10.3).
func TestAuditorsReadOnly(t *testing.T) {
	r := file(t, "archive.yaml").Resources["AuditorRole"]
	if got := at(r.Properties, "AssumeRolePolicyDocument", "Statement", 0, "Condition", "Bool", "aws:MultiFactorAuthPresent", 0); got != "true" {
		t.Errorf("second factor: %v", got)
	}
	for sid, s := range bySid(t, r.Properties["Policies"]) {
		for _, action := range texts(s["Action"]) {
			_, verb, _ := strings.Cut(action, ":")
			if !slices.ContainsFunc([]string{"Get", "List", "Describe", "Decrypt"}, func(reading string) bool { return strings.HasPrefix(verb, reading) }) {
				t.Errorf("%s: auditors may %s", sid, action)
			}
		}
	}
	if got := texts(at(bySid(t, r.Properties["Policies"])["DecryptArchive"], "Condition", "StringEquals", "kms:ViaService")); !slices.Equal(got, []string{"s3.${AWS::Region}.${AWS::URLSuffix}"}) {
		t.Errorf("decrypt through %v", got)
	}
}

// R18: the trail, with all that belongs to it, or none of it.
func TestTrail(t *testing.T) {
	f := file(t, "archive.yaml")
	for _, id := range []string{"Trail", "TrailRole", "TrailLogGroup"} {
		if f.Resources[id].Condition != "TrailEnabled" {
			t.Errorf("%s is made under %q", id, f.Resources[id].Condition)
		}
	}
	p := f.Resources["Trail"].Properties
	if text(p["S3BucketName"]) != "${ArchiveBucket}" || text(p["CloudWatchLogsLogGroupArn"]) != "${TrailLogGroup.Arn}" || text(p["CloudWatchLogsRoleArn"]) != "${TrailRole.Arn}" || p["EnableLogFileValidation"] != true {
		t.Errorf("trail is %v", p)
	}
	// The policies of key and bucket name the trail before it exists.
	named := texts(at(bySid(t, file(t, "security.yaml").Resources["ArchiveBucketPolicy"].Properties)["CloudTrailWrite"], "Condition", "StringEquals", "aws:SourceArn"))
	if len(named) != 1 || !strings.HasSuffix(named[0], ":trail/"+text(p["TrailName"])) {
		t.Errorf("the bucket is for %v", named)
	}
	for _, name := range []string{"archive.yaml", "security.yaml"} {
		want := map[string]any{"Fn::Equals": []any{map[string]any{"Ref": "CloudTrail"}, "enabled"}}
		if diff := cmp.Diff(any(want), file(t, name).Conditions["TrailEnabled"]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
