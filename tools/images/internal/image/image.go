// Package image assembles the images of the services: one static program and what it trusts, nothing else.
package image

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/tierform/tierform/tools/images/internal/trust"
)

// Platform returns the platform of the task definitions.
func Platform() v1.Platform { return v1.Platform{OS: "linux", Architecture: "amd64"} }

// Settings are what images have in common.
type Settings struct {
	Trusted trust.Bundles
	// Created is the time in the image's configuration.
	Created time.Time
	// Source and Revision become labels; without a value the label is left out.
	Source, Revision string
}

// Assemble makes the image of a program.
func Assemble(name string, program []byte, s Settings) (v1.Image, error) {
	base, err := layer(baseEntries(s.Trusted))
	if err != nil {
		return nil, err
	}
	service, err := layer([]entry{{path: "service", mode: 0o555, data: program}})
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err = mutate.Append(image, s.addendum(base, "users, certificate authorities, /tmp"), s.addendum(service, "/service"))
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", name, err)
	}
	made, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", name, err)
	}
	image, err = mutate.ConfigFile(image, s.configuration(made, name))
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", name, err)
	}
	return image, nil
}

func (s Settings) addendum(l v1.Layer, holds string) mutate.Addendum {
	history := v1.History{Created: v1.Time{Time: s.Created}, CreatedBy: "tools/images: " + holds}
	return mutate.Addendum{Layer: l, MediaType: types.OCILayer, History: history}
}

func (s Settings) configuration(made *v1.ConfigFile, name string) *v1.ConfigFile {
	file := made.DeepCopy()
	file.OS, file.Architecture = Platform().OS, Platform().Architecture
	file.Created = v1.Time{Time: s.Created}
	file.Config = v1.Config{
		User:         User,
		Entrypoint:   []string{"/service"},
		WorkingDir:   "/",
		ExposedPorts: map[string]struct{}{"8080/tcp": {}},
		Env:          []string{"SSL_CERT_FILE=" + PublicRoots, "PGSSLROOTCERT=" + DatabaseRoots},
		Labels:       s.labels(name),
	}
	return file
}

// labels are the annotations that the OCI image specification predefines:
// https://github.com/opencontainers/image-spec/blob/main/annotations.md
func (s Settings) labels(name string) map[string]string {
	labels := map[string]string{"org.opencontainers.image.title": name}
	if s.Source != "" {
		labels["org.opencontainers.image.source"] = s.Source
	}
	if s.Revision != "" {
		labels["org.opencontainers.image.revision"] = s.Revision
	}
	return labels
}

// Write puts the image into an OCI layout of its own at dir, in place of what was there, and returns the image as written.
func Write(dir string, image v1.Image) (written v1.Image, err error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, fmt.Errorf("write image: %w", err)
	}
	fresh, err := os.MkdirTemp(filepath.Dir(dir), ".new-")
	if err != nil {
		return nil, fmt.Errorf("write image: %w", err)
	}
	defer os.RemoveAll(fresh)
	at, err := layout.Write(fresh, empty.Index)
	if err != nil {
		return nil, fmt.Errorf("write image %s: %w", dir, err)
	}
	if err := at.AppendImage(image, layout.WithPlatform(Platform())); err != nil {
		return nil, fmt.Errorf("write image %s: %w", dir, err)
	}
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("write image: %w", err)
	}
	// A temporary directory is its owner's alone; an image is for everyone who may read the repository.
	if err := os.Chmod(fresh, 0o755); err != nil {
		return nil, fmt.Errorf("write image: %w", err)
	}
	if err := os.Rename(fresh, dir); err != nil {
		return nil, fmt.Errorf("write image: %w", err)
	}
	return read(dir, image)
}

func read(dir string, image v1.Image) (v1.Image, error) {
	digest, err := image.Digest()
	if err != nil {
		return nil, fmt.Errorf("read image %s: %w", dir, err)
	}
	written, err := layout.Path(dir).Image(digest)
	if err != nil {
		return nil, fmt.Errorf("read image %s: %w", dir, err)
	}
	return written, nil
}
