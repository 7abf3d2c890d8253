package resources_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/resources"
)

func TestRepositoryIsImmutableScannedAndEncrypted(t *testing.T) {
	repository := rendered(t, just(resources.Repository("ecr-app-dev", "arn:key", resources.RepositoryLifecycle())))
	properties := repository["Properties"].(map[string]any)
	delete(properties, "LifecyclePolicy")
	want := map[string]any{
		"RepositoryName": "ecr-app-dev", "ImageTagMutability": "IMMUTABLE", "EmptyOnDelete": true,
		"ImageScanningConfiguration": map[string]any{"ScanOnPush": true},
		"EncryptionConfiguration":    map[string]any{"EncryptionType": "KMS", "KmsKey": "arn:key"},
	}
	if diff := cmp.Diff(want, properties); diff != "" {
		t.Error(diff)
	}
	if repository["DeletionPolicy"] != "Delete" || repository["UpdateReplacePolicy"] != "Delete" || follow(repository, "Metadata", "Stateful") != true {
		t.Errorf("repository is kept, or not known as stateful: %v", repository)
	}
}

// What ECR accepts: https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
// Nothing expires by age: an image that runs by digest may be old and without a tag.
func TestRepositoryExpiresSurplusOnly(t *testing.T) {
	text := follow(rendered(t, just(resources.Repository("ecr-app-dev", "arn:key", resources.RepositoryLifecycle()))), "Properties", "LifecyclePolicy", "LifecyclePolicyText").(string)
	var policy any
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		t.Fatal(err)
	}
	expire := map[string]any{"type": "expire"}
	want := map[string]any{"rules": []any{
		map[string]any{"rulePriority": 1.0, "action": expire,
			"selection": map[string]any{"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1000.0}},
	}}
	if diff := cmp.Diff(want, policy); diff != "" {
		t.Error(diff)
	}
}
