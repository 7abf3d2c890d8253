package registry

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/tierform/tierform/tools/images/internal/image"
)

// Pin is an image of others: where it comes from, and the digest that it has to have there.
type Pin struct {
	Name string `json:"name"`
	// From is registry/repository:tag.
	From string `json:"from"`
	// Digest is that of the manifest or index which the tag names; empty where it has not been looked up yet.
	Digest string `json:"digest"`
}

// With fills in a digest that was given on the command line; one that differs from the pinned one is refused.
func (p Pin) With(digest string) (Pin, error) {
	if digest != "" {
		if p.Digest != "" && p.Digest != digest {
			return Pin{}, fmt.Errorf("--%s-digest is %s, pins.json says %s for %s: change pins.json if another image is meant", p.Name, digest, p.Digest, p.From)
		}
		p.Digest = digest
	}
	if p.Digest == "" {
		return Pin{}, fmt.Errorf("image %s: no digest is known for %s: look it up where that registry can be reached (crane digest %s), check it, "+
			"and write it into pins.json or pass --%s-digest sha256:…", p.Name, p.From, p.From, p.Name)
	}
	if hash, err := v1.NewHash(p.Digest); err != nil || hash.Algorithm != "sha256" {
		return Pin{}, fmt.Errorf("image %s: the digest is %q: allowed is sha256: and 64 hexadecimal digits", p.Name, p.Digest)
	}
	return p, nil
}

// tag returns where the image comes from, and with what tag.
func (p Pin) tag() (name.Tag, error) {
	from, err := name.NewTag(p.From, name.StrictValidation)
	if err != nil {
		return name.Tag{}, fmt.Errorf("image %s: from is %q: allowed is registry/repository:tag: %w", p.Name, p.From, err)
	}
	return from, nil
}

// Check refuses a pin that cannot be followed.
func (p Pin) Check() error {
	_, err := p.tag()
	return err
}

// Mirror copies an image of others, the part for the task definitions' platform, byte for byte, and returns it. The tag has to
// name the pinned digest: where it names another, somebody has moved it.
func (t Target) Mirror(ctx context.Context, p Pin) (v1.Image, bool, error) {
	from, err := p.tag()
	if err != nil {
		return nil, false, err
	}
	found, err := remote.Get(from, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain),
		remote.WithPlatform(image.Platform()))
	if err != nil {
		return nil, false, fmt.Errorf("mirror %s: %w", p.Name, err)
	}
	if found.Digest.String() != p.Digest {
		return nil, false, fmt.Errorf("mirror %s: %s is %s, pinned is %s: find out who moved the tag; nothing was copied", p.Name, from, found.Digest, p.Digest)
	}
	copied, err := found.Image()
	if err != nil {
		return nil, false, fmt.Errorf("mirror %s: %s for %s: %w", p.Name, from, image.Platform(), err)
	}
	if err := checkPlatform(copied); err != nil {
		return nil, false, fmt.Errorf("mirror %s: %s: %w", p.Name, from, err)
	}
	existed, err := t.Push(ctx, copied, from.TagStr())
	return copied, existed, err
}

// checkPlatform matters for a tag that names one image instead of an index.
func checkPlatform(of v1.Image) error {
	file, err := of.ConfigFile()
	if err != nil {
		return err
	}
	want := image.Platform()
	if !strings.EqualFold(file.OS, want.OS) || file.Architecture != want.Architecture {
		return fmt.Errorf("it is for %s/%s; the task definitions run on %s", file.OS, file.Architecture, want)
	}
	return nil
}
