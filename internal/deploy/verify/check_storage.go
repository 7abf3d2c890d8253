package verify

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	storage "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
)

// keysRotate wants the keys of the stacks enabled, and rotated where the template says so (AWS KMS API reference, DescribeKey and
// GetKeyRotationStatus).
func keysRotate(ctx context.Context, l *look) {
	for _, r := range l.estate.Of(keyType) {
		promised := r.property("EnableKeyRotation")
		if !promised.known() {
			l.untold(r, "EnableKeyRotation")
			continue
		}
		expected := "Enabled"
		if promised.text() == "true" {
			expected += ", rotated"
		}
		var key struct{ KeyMetadata struct{ KeyState string } }
		var rotation struct{ KeyRotationEnabled bool }
		in := map[string]any{"KeyId": r.ID}
		err := asking("kms:DescribeKey", l.Signed.JSON(ctx, "kms", "TrentService.DescribeKey", in, &key))
		if err == nil && promised.text() == "true" {
			err = asking("kms:GetKeyRotationStatus", l.Signed.JSON(ctx, "kms", "TrentService.GetKeyRotationStatus", in, &rotation))
		}
		if err != nil {
			l.unread(r, expected, err)
			continue
		}
		observed := key.KeyMetadata.KeyState
		if promised.text() == "true" {
			observed += map[bool]string{true: ", rotated", false: ", not rotated"}[rotation.KeyRotationEnabled]
		}
		l.same(r, expected, observed)
	}
}

// blocks are the four settings that keep a bucket private.
func blocks() []string {
	return []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}
}

func bucketsPrivate(ctx context.Context, l *look) {
	for _, r := range l.estate.Of(bucketType) {
		var wanted []string
		for _, name := range blocks() {
			if r.property("PublicAccessBlockConfiguration", name).text() == "true" {
				wanted = append(wanted, name)
			}
		}
		if len(wanted) == 0 {
			l.inapplicable(r, "", "the template says no PublicAccessBlockConfiguration")
			continue
		}
		expected := strings.Join(wanted, ", ")
		out, err := l.Cloud.S3().GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &r.ID, ExpectedBucketOwner: &l.estate.Account})
		if cloud.ErrorCode(err) == "NoSuchPublicAccessBlockConfiguration" {
			l.judge(r, false, expected, "none")
			continue
		}
		if err != nil {
			l.unread(r, expected, asking("s3:GetBucketPublicAccessBlock", err))
			continue
		}
		c := out.PublicAccessBlockConfiguration
		on := map[string]*bool{blocks()[0]: c.BlockPublicAcls, blocks()[1]: c.BlockPublicPolicy, blocks()[2]: c.IgnorePublicAcls, blocks()[3]: c.RestrictPublicBuckets}
		var set, lacking []string
		for _, name := range blocks() {
			if aws.ToBool(on[name]) {
				set = append(set, name)
			}
		}
		for _, name := range wanted {
			if !aws.ToBool(on[name]) {
				lacking = append(lacking, name)
			}
		}
		l.judge(r, len(lacking) == 0, expected, named(strings.Join(set, ", ")))
	}
}

// bucketsEncrypted wants the algorithm, and the key if any, that the template says.
func bucketsEncrypted(ctx context.Context, l *look) {
	for _, r := range l.estate.Of(bucketType) {
		rules := r.property("BucketEncryption", "ServerSideEncryptionConfiguration")
		if !rules.set() {
			l.inapplicable(r, "", "the template says no BucketEncryption")
			continue
		}
		algorithm, key, ok := encryption(rules)
		if !ok {
			l.untold(r, "BucketEncryption")
			continue
		}
		expected := strings.TrimSpace(algorithm + " " + key)
		out, err := l.Cloud.S3().GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &r.ID, ExpectedBucketOwner: &l.estate.Account})
		if cloud.ErrorCode(err) == "ServerSideEncryptionConfigurationNotFoundError" {
			l.judge(r, false, expected, "none")
			continue
		}
		if err != nil {
			l.unread(r, expected, asking("s3:GetEncryptionConfiguration", err))
			continue
		}
		live, used := "", ""
		for _, rule := range out.ServerSideEncryptionConfiguration.Rules {
			if d := rule.ApplyServerSideEncryptionByDefault; d != nil {
				live, used = string(d.SSEAlgorithm), aws.ToString(d.KMSMasterKeyID)
			}
		}
		l.judge(r, live == algorithm && (key == "" || sameKey(key, used)), expected, named(strings.TrimSpace(live+" "+used)))
	}
}

// encryption reads the template's rule.
func encryption(rules value) (algorithm, key string, ok bool) {
	for _, item := range rules.list() {
		rule, _ := item.(map[string]any)
		by, _ := rule["ServerSideEncryptionByDefault"].(map[string]any)
		algorithm, key = value{by["SSEAlgorithm"]}.text(), value{by["KMSMasterKeyID"]}.text()
	}
	return algorithm, key, rules.known() && algorithm != ""
}

func bucketsVersioned(ctx context.Context, l *look) {
	for _, r := range l.estate.Of(bucketType) {
		expected := r.property("VersioningConfiguration", "Status")
		if !expected.set() {
			l.inapplicable(r, "", "the template says no VersioningConfiguration")
			continue
		}
		if expected.text() == "" {
			l.untold(r, "VersioningConfiguration")
			continue
		}
		out, err := l.Cloud.S3().GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &r.ID, ExpectedBucketOwner: &l.estate.Account})
		if err != nil {
			l.unread(r, versions(expected.text()), asking("s3:GetBucketVersioning", err))
			continue
		}
		l.same(r, versions(expected.text()), versions(string(out.Status)))
	}
}

func versions(status string) string {
	if status == "" {
		status = string(storage.BucketVersioningStatusSuspended)
	}
	return fmt.Sprintf("versions %s", status)
}
