package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// A repository is one of Amazon ECR.
type repository struct {
	name, arn string
	images    []*image
	// force empties the repository when it is deleted; unscanned is set where pushing an image starts no scan.
	force, unscanned bool
	at               time.Time
}

type image struct {
	digest, manifest, media string
	tags                    []string
	children                []string // of an index
	at                      time.Time
	scanning                scanning
}

// Media types of manifests (OCI image specification).
const (
	indexMedia    = "application/vnd.oci.image.index.v1+json"
	manifestMedia = "application/vnd.oci.image.manifest.v1+json"
)

func (s *Simulator) registryActions() map[string]action {
	return map[string]action{"DescribeRepositories": s.describeRepositories, "ListImages": s.listImages, "DescribeImages": s.describeImages, "BatchDeleteImage": s.batchDeleteImage,
		"BatchGetImage": s.batchGetImage, "DescribeImageScanFindings": s.describeImageScanFindings, "StartImageScan": s.startImageScan,
		"GetRegistryScanningConfiguration": s.registryScanning}
}

func (s *Simulator) repository(c *call) (*repository, error) {
	if r := s.repositories[c.text("repositoryName")]; r != nil {
		return r, nil
	}
	return nil, refuse("RepositoryNotFoundException", "The repository with name '%s' does not exist in the registry with id '%s'", c.text("repositoryName"), s.options.Account)
}

func (s *Simulator) describeRepositories(c *call) (any, error) {
	var found []*repository
	for _, name := range sortedKeys(s.repositories) {
		found = append(found, s.repositories[name])
	}
	if names := c.texts("repositoryNames"); len(names) > 0 {
		var lacking []string
		if found, lacking = named(found, names, func(r *repository, name string) bool { return r.name == name }); len(lacking) > 0 {
			return nil, refuse("RepositoryNotFoundException", "The repository with name '%s' does not exist in the registry with id '%s'", lacking[0], s.options.Account)
		}
	}
	list := []any{}
	for _, r := range found {
		list = append(list, map[string]any{"repositoryName": r.name, "repositoryArn": r.arn, "registryId": s.options.Account, "createdAt": epochSeconds(r.at),
			"repositoryUri": s.options.Account + ".dkr.ecr." + Region + ".amazonaws.com/" + r.name})
	}
	return paged(c, "repositories", "nextToken", c.number("maxResults", 100), list), nil
}

// listImages lists each tag, and images without one.
func (s *Simulator) listImages(c *call) (any, error) {
	r, err := s.repository(c)
	if err != nil {
		return nil, err
	}
	ids := []any{}
	for _, i := range r.images {
		for _, tag := range i.tags {
			ids = append(ids, map[string]any{"imageDigest": i.digest, "imageTag": tag})
		}
		if len(i.tags) == 0 {
			ids = append(ids, map[string]any{"imageDigest": i.digest})
		}
	}
	return paged(c, "imageIds", "nextToken", c.number("maxResults", 100), ids), nil
}

// wanted are the images that a call names, and what it names in vain.
func (r *repository) wanted(c *call) (found []*image, failures []any) {
	list, _ := c.body["imageIds"].([]any)
	failures = []any{}
	for _, item := range list {
		id, _ := item.(map[string]any)
		had := len(found)
		for _, i := range r.images {
			if i.digest == id["imageDigest"] || slices.Contains(i.tags, textOf(id["imageTag"])) {
				found = append(found, i)
			}
		}
		if len(found) == had {
			failures = append(failures, map[string]any{"imageId": id, "failureCode": "ImageNotFound", "failureReason": "Requested image not found"})
		}
	}
	return found, failures
}

func (s *Simulator) describeImages(c *call) (any, error) {
	r, err := s.repository(c)
	if err != nil {
		return nil, err
	}
	found := r.images
	if c.body["imageIds"] != nil {
		var failures []any
		if found, failures = r.wanted(c); len(failures) > 0 {
			return nil, refuse("ImageNotFoundException", "The image with imageId {imageDigest:'%s'} does not exist within the repository with name '%s' in the registry with id '%s'",
				textOf(failures[0].(map[string]any)["imageId"]), r.name, s.options.Account)
		}
	}
	details := []any{}
	for _, i := range found {
		if state := i.state(); wantsState(c, state) {
			details = append(details, map[string]any{"repositoryName": r.name, "registryId": s.options.Account, "imageDigest": i.digest, "imageTags": append([]string{}, i.tags...),
				"imageManifestMediaType": i.media, "imagePushedAt": epochSeconds(i.at), "imageSizeInBytes": 10_000_000, "imageStatus": state})
		}
	}
	return paged(c, "imageDetails", "nextToken", c.number("maxResults", 100), details), nil
}

// batchDeleteImage deletes images; one that an index refers to stays until the index is gone (API reference, ImageFailure).
func (s *Simulator) batchDeleteImage(c *call) (any, error) {
	r, err := s.repository(c)
	if err != nil {
		return nil, err
	}
	if list, _ := c.body["imageIds"].([]any); len(list) > 100 {
		return nil, refuse("InvalidParameterException", "At most 100 images.")
	}
	found, failures := r.wanted(c)
	deleted := []any{}
	for _, i := range found {
		id := map[string]any{"imageDigest": i.digest}
		if slices.ContainsFunc(r.images, func(other *image) bool { return slices.Contains(other.children, i.digest) }) {
			failures = append(failures, map[string]any{"imageId": id, "failureCode": "ImageReferencedByManifestList", "failureReason": "Requested image referenced by manifest list"})
			continue
		}
		r.images = slices.DeleteFunc(r.images, func(other *image) bool { return other == i })
		deleted = append(deleted, id)
	}
	return map[string]any{"imageIds": deleted, "failures": failures}, nil
}

func (s *Simulator) batchGetImage(c *call) (any, error) {
	r, err := s.repository(c)
	if err != nil {
		return nil, err
	}
	found, failures := r.wanted(c)
	images := []any{}
	for _, i := range found {
		images = append(images, map[string]any{"registryId": s.options.Account, "repositoryName": r.name, "imageId": map[string]any{"imageDigest": i.digest}, "imageManifest": i.manifest, "imageManifestMediaType": i.media})
	}
	return map[string]any{"images": images, "failures": failures}, nil
}

// digestOf is the digest of a manifest.
func digestOf(manifest string) string {
	sum := sha256.Sum256([]byte(manifest))
	return "sha256:" + hex.EncodeToString(sum[:])
}
