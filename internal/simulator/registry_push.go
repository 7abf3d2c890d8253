package simulator

import (
	"encoding/json"
	"slices"
)

// A Push is an image that is put into a repository.
type Push struct {
	// Digest is the image's; that of its manifest when empty. Tags move to it from other images.
	Digest string
	Tags   []string
	// Manifests make the image an index of them.
	Manifests []Listed
}

// Listed is a manifest that an index names (OCI image specification, "Image index").
type Listed struct {
	Digest string
	// OS and Architecture are the platform: attestations have "unknown" for both. Empty for none.
	OS, Architecture string
	// Index is set for an index within the index.
	Index bool
	// Annotations are the descriptor's.
	Annotations map[string]string
}

// PutImage puts an image with tags into a repository and returns its digest. Digests given as children make it an index of them, for Linux
// on amd64.
func (s *Simulator) PutImage(repositoryName string, tags []string, children ...string) (string, error) {
	push := Push{Tags: tags}
	for _, digest := range children {
		push.Manifests = append(push.Manifests, Listed{Digest: digest, OS: "linux", Architecture: "amd64"})
	}
	return s.Push(repositoryName, push)
}

// Push puts an image into a repository and returns its digest. An image with the digest of another replaces it.
func (s *Simulator) Push(repositoryName string, p Push) (string, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	r := s.repositories[repositoryName]
	if r == nil {
		return "", errAbsent("repository", repositoryName)
	}
	i := &image{media: manifestMedia, tags: p.Tags, at: s.present()}
	if len(p.Manifests) > 0 {
		i.media = indexMedia
		for _, m := range p.Manifests {
			i.children = append(i.children, m.Digest)
		}
	}
	i.manifest = s.manifest(i, p.Manifests)
	if i.digest = p.Digest; i.digest == "" {
		i.digest = digestOf(i.manifest)
	}
	i.scanning = onPush(i, r.unscanned)
	for _, other := range r.images {
		other.tags = slices.DeleteFunc(slices.Clone(other.tags), func(tag string) bool { return slices.Contains(p.Tags, tag) })
	}
	r.images = append(slices.DeleteFunc(r.images, func(other *image) bool { return other.digest == i.digest }), i)
	return i.digest, nil
}

// manifest is an image's as a text.
func (s *Simulator) manifest(i *image, listed []Listed) string {
	body := map[string]any{"schemaVersion": 2, "mediaType": i.media, "config": map[string]any{"digest": digestOf(s.nextID())}}
	if i.media == indexMedia {
		manifests := []any{}
		for _, m := range listed {
			manifests = append(manifests, m.descriptor())
		}
		body = map[string]any{"schemaVersion": 2, "mediaType": i.media, "manifests": manifests}
	}
	data, _ := json.Marshal(body) // of texts, numbers and lists: cannot fail
	return string(data)
}

func (m Listed) descriptor() map[string]any {
	d := map[string]any{"mediaType": manifestMedia, "digest": m.Digest}
	if m.Index {
		d["mediaType"] = indexMedia
	}
	if m.OS+m.Architecture != "" {
		d["platform"] = map[string]any{"architecture": m.Architecture, "os": m.OS}
	}
	if len(m.Annotations) > 0 {
		d["annotations"] = m.Annotations
	}
	return d
}

// DeleteImage deletes an image, as a person or a lifecycle policy does.
func (s *Simulator) DeleteImage(repositoryName, digest string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	r, i := s.image(repositoryName, digest)
	if i == nil {
		return errAbsent("image", repositoryName+"@"+digest)
	}
	r.images = slices.DeleteFunc(r.images, func(other *image) bool { return other == i })
	return nil
}

// image is one of a repository's by digest; nil for none.
func (s *Simulator) image(repositoryName, digest string) (*repository, *image) {
	r := s.repositories[repositoryName]
	if r == nil {
		return nil, nil
	}
	for _, i := range r.images {
		if i.digest == digest {
			return r, i
		}
	}
	return r, nil
}
