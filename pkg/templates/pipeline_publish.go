package templates

import "github.com/tierform/tierform/pkg/resources"

// publishes is what it takes to push images, and the documents about them, to the repositories of this environment. Layers are not read back,
// and nothing is deleted: tags do not move, so that what was pushed stays what it was.
//
// BatchGetImage is asked by every look for a manifest, before and after a push, and by the Referrers API. The key takes nothing of the caller:
// Amazon ECR encrypts what is pushed with the grants that it made with the repository.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
func (p pipelineRoles) publishes() []resources.Statement {
	return []resources.Statement{
		{Sid: "LogIn", AnyResource: "the token is the registry's; what it opens is up to the other statement", Actions: []string{"ecr:GetAuthorizationToken"}},
		{
			Sid: "Push",
			Actions: []string{
				"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
			},
			Resources: p.in("ecr", p.repositories()),
		},
	}
}
