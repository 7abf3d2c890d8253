package resources

import (
	"fmt"

	"github.com/awslabs/goformation/v7/cloudformation/ecr"

	"github.com/tierform/tierform/pkg/cfn"
)

const (
	// keepImages is how many images a repository keeps: far more than releases anybody goes back to.
	keepImages = 100
	// untaggedDays is how long an image without a tag stays. Releases run by digest, so what is released must have a
	// tag; what loses it, or never had one, is the remainder of a push that failed.
	untaggedDays = 14
)

// Repository is an image repository whose tags cannot be moved, which scans what is pushed, encrypts with a customer key
// and is emptied when it is deleted (R6; Security Hub ECR.1, ECR.2, ECR.3, ECR.5). It has no policy: other accounts have
// no access then, and in this one the policies of the roles decide.
//
// Scan on push is basic scanning. Enhanced scanning belongs to the registry, that is to the account and region: an
// environment must not switch it.
func Repository(name string, key cfn.KeyARN) *ecr.Repository {
	return &ecr.Repository{
		RepositoryName:             new(name),
		ImageTagMutability:         new("IMMUTABLE"),
		ImageScanningConfiguration: &ecr.Repository_ImageScanningConfiguration{ScanOnPush: new(true)},
		EncryptionConfiguration:    &ecr.Repository_EncryptionConfiguration{EncryptionType: "KMS", KmsKey: new(string(key))},
		LifecyclePolicy:            &ecr.Repository_LifecyclePolicy{LifecyclePolicyText: new(repositoryLifecycle())},
		EmptyOnDelete:              new(true),

		AWSCloudFormationDeletionPolicy:      "Delete",
		AWSCloudFormationUpdateReplacePolicy: "Delete",
		AWSCloudFormationMetadata:            map[string]any{"Stateful": true},
	}
}

// repositoryLifecycle is the lifecycle policy. An image that a multi-platform index lists stays as long as the index.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
func repositoryLifecycle() string {
	const rule = `{"rulePriority":%d,"selection":{"tagStatus":%q,%s,"countNumber":%d},"action":{"type":"expire"}}`
	untagged := fmt.Sprintf(rule, 1, "untagged", `"countType":"sinceImagePushed","countUnit":"days"`, untaggedDays)
	surplus := fmt.Sprintf(rule, 2, "any", `"countType":"imageCountMoreThan"`, keepImages)
	return `{"rules":[` + untagged + "," + surplus + "]}"
}
