package teardown

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/report"
)

// Registry are the calls of Amazon ECR that empty a repository and tell whether it exists.
type Registry interface {
	ListImages(context.Context, *ecr.ListImagesInput, ...func(*ecr.Options)) (*ecr.ListImagesOutput, error)
	BatchDeleteImage(context.Context, *ecr.BatchDeleteImageInput, ...func(*ecr.Options)) (*ecr.BatchDeleteImageOutput, error)
	DescribeRepositories(context.Context, *ecr.DescribeRepositoriesInput, ...func(*ecr.Options)) (*ecr.DescribeRepositoriesOutput, error)
}

// perBatch is how many images BatchDeleteImage takes (API reference).
const perBatch = 100

// EmptyRepository deletes all images of a repository, archived ones too, and tells how many manifests that were. An image that an index
// refers to cannot be deleted before the index (ImageReferencedByManifestList): each round deletes what nothing refers to any more. A
// repository that does not exist is empty.
func EmptyRepository(ctx context.Context, api Registry, name string) (int, error) {
	for total := 0; ; {
		digests, err := manifests(ctx, api, name)
		if cloud.Missing(err) {
			return total, nil
		}
		if err != nil {
			return total, fmt.Errorf("list the images of %s: %w", name, err)
		}
		if len(digests) == 0 {
			return total, nil
		}
		deleted, why, err := deleteImages(ctx, api, name, digests)
		if total += deleted; err != nil {
			return total, fmt.Errorf("delete the images of %s: %w", name, err)
		}
		if deleted == 0 {
			return total, fmt.Errorf("repository %s keeps %s that cannot be deleted: %s", name, report.Plural(len(digests), "image", ""), why)
		}
	}
}

// manifests are the digests of all images, each once.
func manifests(ctx context.Context, api Registry, name string) ([]string, error) {
	var digests []string
	in := &ecr.ListImagesInput{RepositoryName: &name, Filter: &types.ListImagesFilter{ImageStatus: types.ImageStatusFilterAny}}
	for {
		out, err := api.ListImages(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, id := range out.ImageIds {
			digests = append(digests, aws.ToString(id.ImageDigest))
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			slices.Sort(digests)
			return slices.Compact(digests), nil
		}
	}
}

// deleteImages goes once through the digests and tells how many are gone, and why the first of the others is not.
func deleteImages(ctx context.Context, api Registry, name string, digests []string) (deleted int, why string, err error) {
	for chunk := range slices.Chunk(digests, perBatch) {
		in := &ecr.BatchDeleteImageInput{RepositoryName: &name}
		for _, digest := range chunk {
			in.ImageIds = append(in.ImageIds, types.ImageIdentifier{ImageDigest: &digest})
		}
		out, err := api.BatchDeleteImage(ctx, in)
		if err != nil {
			return deleted, "", err
		}
		gone := len(chunk)
		for _, f := range out.Failures {
			if f.FailureCode == types.ImageFailureCodeImageNotFound { // deleted with its index, or by a first call whose answer was lost
				continue
			}
			if gone--; why == "" {
				why = fmt.Sprintf("%s: %s", f.FailureCode, aws.ToString(f.FailureReason))
			}
		}
		deleted += gone
	}
	return deleted, why, nil
}
