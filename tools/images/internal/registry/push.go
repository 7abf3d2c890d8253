package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Target is a repository and what authorises a push to it.
type Target struct {
	Repository name.Repository
	Login      authn.Authenticator
}

func (t Target) options(ctx context.Context) []remote.Option {
	return []remote.Option{remote.WithContext(ctx), remote.WithAuth(t.Login), remote.WithReferrersTagFallback(false)}
}

// Push uploads an image, under a tag if one is given. It tells whether the image was there already, in which case nothing is
// uploaded. A tag never moves: one that names another image is refused before anything is uploaded.
func (t Target) Push(ctx context.Context, image v1.Image, tag string) (existed bool, err error) {
	digest, err := image.Digest()
	if err != nil {
		return false, fmt.Errorf("push to %s: %w", t.Repository, err)
	}
	var to name.Reference = t.Repository.Digest(digest.String())
	if tag != "" {
		to = t.Repository.Tag(tag)
	}
	switch found, err := t.head(ctx, to); {
	case err != nil:
		return false, err
	case found == digest:
		return true, nil
	case found != v1.Hash{}:
		return false, fmt.Errorf("push to %s: the tag names %s already, this image is %s: tags do not move; take another revision", to, found, digest)
	}
	if err := remote.Write(to, image, t.options(ctx)...); err != nil {
		return false, fmt.Errorf("push %s to %s: %w%s", digest, to, err, hint(err))
	}
	return false, t.confirm(ctx, digest)
}

// confirm asks for the image by its digest: that is how the task definitions will.
func (t Target) confirm(ctx context.Context, digest v1.Hash) error {
	found, err := t.head(ctx, t.Repository.Digest(digest.String()))
	if err != nil {
		return err
	}
	if found != digest {
		return fmt.Errorf("push to %s: the registry took %s and does not have it: push again", t.Repository, digest)
	}
	return nil
}

// head returns the digest of what a reference names, or none.
func (t Target) head(ctx context.Context, of name.Reference) (v1.Hash, error) {
	found, err := remote.Head(of, t.options(ctx)...)
	if missing(err) {
		return v1.Hash{}, nil
	}
	if err != nil {
		return v1.Hash{}, fmt.Errorf("look for %s: %w", of, err)
	}
	return found.Digest, nil
}

func missing(err error) bool {
	var answer *transport.Error
	return errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound
}

func hint(err error) string {
	if missing(err) {
		return ": deploy bootstrap makes the repositories of an environment"
	}
	return ": what was uploaded stays; the same command goes on from there"
}

// Attach pushes a document about an image as an OCI referrer, without a tag: the Referrers API of the registry finds it.
func (t Target) Attach(ctx context.Context, image v1.Image, document []byte, mediaType string) error {
	referrer, err := referrer(image, document, mediaType)
	if err != nil {
		return fmt.Errorf("attach to an image in %s: %w", t.Repository, err)
	}
	_, err = t.Push(ctx, referrer, "")
	return err
}

func referrer(image v1.Image, document []byte, mediaType string) (v1.Image, error) {
	digest, err := image.Digest()
	if err != nil {
		return nil, err
	}
	size, err := image.Size()
	if err != nil {
		return nil, err
	}
	kind, err := image.MediaType()
	if err != nil {
		return nil, err
	}
	// The configuration's media type is the artifact's type.
	artifact := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.MediaType(mediaType))
	artifact, err = mutate.AppendLayers(artifact, static.NewLayer(document, types.MediaType(mediaType)))
	if err != nil {
		return nil, err
	}
	made, ok := mutate.Subject(artifact, v1.Descriptor{MediaType: kind, Size: size, Digest: digest}).(v1.Image)
	if !ok {
		return nil, fmt.Errorf("an artifact with a subject is no image")
	}
	return made, nil
}
