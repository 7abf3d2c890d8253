package resources

import (
	"fmt"

	"github.com/awslabs/goformation/v7/cloudformation/ecr"

	"github.com/tierform/tierform/pkg/cfn"
)

// keepImages is how many images a repository keeps. ECR does not know which of them run: the number is far beyond what
// is pushed while one release is live, and nothing expires by age or for want of a tag, because releases run by digest
// and a Spot task must find its image again.
const keepImages = 1000

// Repository is an image repository whose tags cannot be moved, which scans what is pushed, encrypts with a customer key
// and is emptied when it is deleted (R6; Security Hub ECR.1, ECR.2, ECR.3, ECR.5). It has no policy: other accounts have
// no access then, and in this one the policies of the roles decide.
//
// The lifecycle policy is [RepositoryLifecycle], or a reference to what holds it.
//
// Scan on push is basic scanning. Enhanced scanning belongs to the registry, that is to the account and region: an
// environment must not switch it.
func Repository(name string, key cfn.KeyARN, lifecycle string) *ecr.Repository {
	return &ecr.Repository{
		RepositoryName:             new(name),
		ImageTagMutability:         new("IMMUTABLE"),
		ImageScanningConfiguration: &ecr.Repository_ImageScanningConfiguration{ScanOnPush: new(true)},
		EncryptionConfiguration:    &ecr.Repository_EncryptionConfiguration{EncryptionType: "KMS", KmsKey: new(string(key))},
		LifecyclePolicy:            &ecr.Repository_LifecyclePolicy{LifecyclePolicyText: new(lifecycle)},
		EmptyOnDelete:              new(true),

		AWSCloudFormationDeletionPolicy:      "Delete",
		AWSCloudFormationUpdateReplacePolicy: "Delete",
		AWSCloudFormationMetadata:            map[string]any{"Stateful": true},
	}
}

// RepositoryLifecycle is the lifecycle policy of a repository: it expires what exceeds keepImages. An image that a multi-platform index lists stays as long as the index.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
func RepositoryLifecycle() string {
	return fmt.Sprintf(`{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":%d},"action":{"type":"expire"}}]}`, keepImages)
}
