package scan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
)

// Media types of manifests (OCI image specification, "Image manifest" and "Image index"; Docker's "Image Manifest V 2, Schema 2").
const (
	ociIndex       = "application/vnd.oci.image.index.v1+json"
	ociManifest    = "application/vnd.oci.image.manifest.v1+json"
	dockerIndex    = "application/vnd.docker.distribution.manifest.list.v2+json"
	dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
)

func isIndex(media string) bool { return media == ociIndex || media == dockerIndex }

// deepest is how far indexes may nest.
const deepest = 4

// resolve finds out whether the image is there, and which manifests run of it.
func (c *imageCase) resolve(ctx context.Context) error {
	v := &c.verdict
	detail, err := find(ctx, c.gate.Registry, v.Repository, types.ImageIdentifier{ImageDigest: &v.Digest})
	if err != nil {
		return err
	}
	c.pushed = aws.ToTime(detail.ImagePushedAt)
	if status := string(detail.ImageStatus); status != "" && status != string(types.ImageStatusActive) {
		v.Status = string(types.ScanStatusImageArchived)
		m := meaning(types.ScanStatusImageArchived)
		c.unscanned(m.Means, m.Do)
		return nil
	}
	if !isIndex(aws.ToString(detail.ImageManifestMediaType)) {
		c.subjects = []*subject{{digest: v.Digest}}
		return nil
	}
	var found, other []string
	if err := c.expand(ctx, v.Digest, 1, &found, &other); err != nil {
		var bad *indexError
		if errors.As(err, &bad) {
			c.refuse(bad.Error(), "build and push the image anew")
			return nil
		}
		return err
	}
	if len(found) == 0 {
		c.refuse(fmt.Sprintf("the index has no image for %s (it has %s)", strings.Join(c.gate.platforms(), ", "), firstOf(strings.Join(slices.Compact(other), ", "), "none")),
			"build the image for "+c.gate.platforms()[0]+", the platform of the task definitions, and push it")
		return nil
	}
	for _, digest := range found {
		c.subjects = append(c.subjects, &subject{digest: digest})
	}
	v.Manifests = found
	return nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (g *Gate) platforms() []string {
	if len(g.Platforms) == 0 {
		return []string{DefaultPlatform}
	}
	return g.Platforms
}

// find describes an image, archived ones too.
func find(ctx context.Context, api Registry, repository string, id types.ImageIdentifier) (types.ImageDetail, error) {
	out, err := api.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: &repository, ImageIds: []types.ImageIdentifier{id},
		Filter: &types.DescribeImagesFilter{ImageStatus: types.ImageStatusFilterAny}}, patience)
	if err != nil {
		return types.ImageDetail{}, err
	}
	if len(out.ImageDetails) == 0 {
		return types.ImageDetail{}, &types.ImageNotFoundException{Message: new("the answer holds no image")}
	}
	return out.ImageDetails[0], nil
}

// An indexError is an index that cannot be followed.
type indexError struct{ what string }

func (e *indexError) Error() string { return e.what }

// A descriptor is what an index says of a manifest (OCI image specification, "Image index").
type descriptor struct {
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Platform  *struct {
		OS           string `json:"os"`
		Architecture string `json:"architecture"`
	} `json:"platform"`
	Annotations map[string]string `json:"annotations"`
}

// attestation is the annotation by which BuildKit marks manifests that are no images (its "Image Attestation Storage").
const attestation = "vnd.docker.reference.type"

// expand collects the manifests of an index that run on one of the platforms, and the platforms of the others. Nested indexes are followed.
func (c *imageCase) expand(ctx context.Context, digest string, depth int, found, other *[]string) error {
	if depth > deepest {
		return &indexError{fmt.Sprintf("indexes are nested deeper than %d", deepest)}
	}
	list, err := c.index(ctx, digest)
	if err != nil {
		return err
	}
	for _, d := range list {
		switch {
		case isIndex(d.MediaType):
			if err := c.expand(ctx, d.Digest, depth+1, found, other); err != nil {
				return err
			}
		case d.Platform == nil, d.Annotations[attestation] != "", d.Platform.OS == "unknown":
		case !slices.Contains(c.gate.platforms(), d.Platform.OS+"/"+d.Platform.Architecture):
			*other = append(*other, d.Platform.OS+"/"+d.Platform.Architecture)
		case !slices.Contains(*found, d.Digest):
			*found = append(*found, d.Digest)
		}
	}
	return nil
}

// index reads one.
func (c *imageCase) index(ctx context.Context, digest string) ([]descriptor, error) {
	out, err := c.gate.Registry.BatchGetImage(ctx, &ecr.BatchGetImageInput{RepositoryName: &c.verdict.Repository, ImageIds: []types.ImageIdentifier{{ImageDigest: &digest}},
		AcceptedMediaTypes: []string{ociIndex, dockerIndex, ociManifest, dockerManifest}}, patience)
	if err != nil {
		return nil, err
	}
	if len(out.Images) == 0 {
		why := "the answer does not hold it"
		if len(out.Failures) > 0 {
			why = fmt.Sprintf("%s: %s", out.Failures[0].FailureCode, aws.ToString(out.Failures[0].FailureReason))
		}
		return nil, &indexError{"index " + digest + " cannot be read: " + why}
	}
	var body struct {
		Manifests []descriptor `json:"manifests"`
	}
	if err := json.Unmarshal([]byte(aws.ToString(out.Images[0].ImageManifest)), &body); err != nil {
		return nil, &indexError{"index " + digest + " is no JSON: " + err.Error()}
	}
	return body.Manifests, nil
}

// Present tells which images are not in their repositories any more.
func Present(ctx context.Context, api Registry, images []Image) (gone []Image, err error) {
	for _, i := range images {
		_, err := find(ctx, api, i.Repository, types.ImageIdentifier{ImageDigest: &i.Digest})
		if cloud.Missing(err) {
			gone = append(gone, i)
		} else if err != nil {
			return nil, fmt.Errorf("look for image %s in %s: %w", i.Digest, i.Repository, err)
		}
	}
	return gone, nil
}
