package resources_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// aBucket is the input of a bucket that is right.
func aBucket(edit func(*resources.BucketInput)) resources.BucketInput {
	in := resources.BucketInput{Name: "bucket", Key: "arn:key", AccessLogs: "logs", AccessLogPrefix: "requests/"}
	if edit != nil {
		edit(&in)
	}
	return in
}

func TestBucketIsClosedEncryptedAndVersioned(t *testing.T) {
	it := rendered(t, just(resources.Bucket(aBucket(nil))))
	want := map[string]any{
		"BucketName": "bucket",
		"BucketEncryption": map[string]any{"ServerSideEncryptionConfiguration": []any{map[string]any{
			"BucketKeyEnabled":              true,
			"ServerSideEncryptionByDefault": map[string]any{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "arn:key"},
		}}},
		"PublicAccessBlockConfiguration": map[string]any{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true},
		"OwnershipControls":              map[string]any{"Rules": []any{map[string]any{"ObjectOwnership": "BucketOwnerEnforced"}}},
		"VersioningConfiguration":        map[string]any{"Status": "Enabled"},
		"LoggingConfiguration":           map[string]any{"DestinationBucketName": "logs", "LogFilePrefix": "requests/"},
		"LifecycleConfiguration": map[string]any{"Rules": []any{map[string]any{
			"Id": "retention", "Status": "Enabled", "AbortIncompleteMultipartUpload": map[string]any{"DaysAfterInitiation": 7},
		}}},
	}
	if diff := cmp.Diff(want, it["Properties"]); diff != "" {
		t.Error(diff)
	}
	// R20: a bucket that its stack cannot delete is left behind.
	if it["DeletionPolicy"] != "Delete" || it["UpdateReplacePolicy"] != "Delete" {
		t.Errorf("bucket is kept: %v", it)
	}
	if diff := cmp.Diff(map[string]any{"Description": "What is tested", "Stateful": true}, it["Metadata"]); diff != "" {
		t.Error(diff)
	}
}

// PCI DSS 10.5.1: twelve months, deleted versions included.
func TestArchiveKeepsEvidence(t *testing.T) {
	it := rendered(t, just(resources.Bucket(aBucket(func(in *resources.BucketInput) {
		in.ExpireDays, in.ColdDays = resources.ArchiveDays, resources.ArchiveColdDays
	}))))
	rules := follow(it, "Properties", "LifecycleConfiguration", "Rules")
	expire, _ := follow(rules, 0, "ExpirationInDays").(int)
	gone, _ := follow(rules, 0, "NoncurrentVersionExpiration", "NoncurrentDays").(int)
	if expire < 366 || gone < 366 {
		t.Errorf("objects expire after %d days, their old versions after %d", expire, gone)
	}
	if cold, _ := follow(rules, 0, "Transitions", 0, "TransitionInDays").(int); cold < 90 || follow(rules, 0, "Transitions", 0, "StorageClass") != "STANDARD_IA" {
		t.Errorf("transition is %v", follow(rules, 0, "Transitions"))
	}
	if follow(rules, 1, "ExpiredObjectDeleteMarker") != true || follow(rules, 0, "ExpiredObjectDeleteMarker") != nil {
		t.Errorf("delete markers: %v", rules)
	}
}

func TestWeakBucketsNeedAReason(t *testing.T) {
	weak := rendered(t, just(resources.Bucket(aBucket(func(in *resources.BucketInput) {
		in.Key, in.S3ManagedKey, in.AccessLogs, in.NoAccessLogs = "", "the writer cannot", "", "it would log itself"
	}))))
	want := map[string]any{"BucketEncryption": "the writer cannot", "LoggingConfiguration": "it would log itself"}
	if diff := cmp.Diff(want, follow(weak, "Metadata", "Exemptions")); diff != "" {
		t.Error(diff)
	}
	rule := follow(weak, "Properties", "BucketEncryption", "ServerSideEncryptionConfiguration", 0)
	if diff := cmp.Diff(map[string]any{"ServerSideEncryptionByDefault": map[string]any{"SSEAlgorithm": "AES256"}}, rule); diff != "" {
		t.Error(diff)
	}
	if follow(weak, "Properties", "LoggingConfiguration") != nil {
		t.Error("bucket has a log and a reason for none")
	}
}

func TestBadBucketsAreRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		want string
		edit func(*resources.BucketInput)
	}{
		"right":                  {"", nil},
		"no key":                 {"bucket has no key", func(in *resources.BucketInput) { in.Key = "" }},
		"key and reason":         {"both a key and a reason", func(in *resources.BucketInput) { in.S3ManagedKey = "because" }},
		"no log":                 {"needs either a log", func(in *resources.BucketInput) { in.AccessLogs = "" }},
		"log and reason":         {"needs either a log", func(in *resources.BucketInput) { in.NoAccessLogs = "because" }},
		"expires before cold":    {"expire before they move", func(in *resources.BucketInput) { in.ExpireDays, in.ColdDays = 90, 90 }},
		"expires after cold":     {"", func(in *resources.BucketInput) { in.ExpireDays, in.ColdDays = 91, 90 }},
		"expires, is never cold": {"", func(in *resources.BucketInput) { in.ExpireDays = 1 }},
	} {
		t.Run(name, func(t *testing.T) {
			wantInvalid(t, tc.want, func(root *cfn.Template) { cfn.Add(root, "Bucket", "A bucket", resources.Bucket(aBucket(tc.edit))) })
		})
	}
}

func TestBucketPolicyRefusesOldTransport(t *testing.T) {
	it := rendered(t, just(resources.BucketPolicy("b", resources.Statement{
		Sid: "Write", Principals: resources.Principals{Service: []string{"x.amazonaws.com"}}, Actions: []string{"s3:PutObject"},
		Resources: []string{resources.ObjectsARN("b", "x/")}, Exempt: "no condition",
	})))
	statements := bySid(t, follow(it, "Properties", "PolicyDocument"))
	all := []any{map[string]any{"Sub": "arn:${AWS::Partition}:s3:::b"}, map[string]any{"Sub": "arn:${AWS::Partition}:s3:::b/*"}}
	for sid, condition := range map[string]any{
		"DenyPlaintext": map[string]any{"Bool": map[string]any{"aws:SecureTransport": []any{"false"}}},
		"DenyOldTLS":    map[string]any{"NumericLessThan": map[string]any{"s3:TlsVersion": []any{"1.2"}}},
	} {
		want := map[string]any{"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": []any{"s3:*"}, "Resource": all, "Condition": condition}
		if diff := cmp.Diff(want, statements[sid]); diff != "" {
			t.Error(diff)
		}
	}
	if got := follow(statements["Write"], "Resource", 0, "Sub"); got != "arn:${AWS::Partition}:s3:::b/x/*" {
		t.Errorf("objects are %v", got)
	}
	if follow(it, "Properties", "Bucket") != "b" || follow(it, "Metadata", "Exemptions", "Write") != "no condition" {
		t.Errorf("policy is %v", it)
	}
}

func TestBucketPolicyNeedsResources(t *testing.T) {
	wantInvalid(t, "names no resources", func(root *cfn.Template) {
		cfn.Add(root, "Policy", "A policy", resources.BucketPolicy("b", resources.Statement{Sid: "Write", Actions: []string{"s3:PutObject"}}))
	})
}
