package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/tierform/tierform/tools/images/internal/bom"
	"github.com/tierform/tierform/tools/images/internal/image"
	"github.com/tierform/tierform/tools/images/internal/program"
)

// built is an image and its bill of materials.
type built struct {
	image  v1.Image
	digest string
	bom    []byte
}

func (j *job) do(ctx context.Context) error {
	var done []named
	for _, step := range []func(context.Context) ([]named, error){j.buildAll, j.mirrorAll} {
		names, err := step(ctx)
		if err != nil {
			return err
		}
		done = append(done, names...)
	}
	return j.report(done)
}

// buildAll builds the images, compares, writes and pushes them.
func (j *job) buildAll(ctx context.Context) ([]named, error) {
	if !j.builds() {
		return nil, nil
	}
	images, err := j.build(ctx, program.Compiler{Services: j.services()})
	if err != nil {
		return nil, err
	}
	if j.verify {
		if err := j.again(ctx, images); err != nil {
			return nil, err
		}
	}
	var done []named
	for _, name := range j.names {
		how, err := j.deliver(ctx, name, images[name])
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(j.out, "%-24s %s  %s\n", name, images[name].digest, how)
		done = append(done, named{name, images[name].digest})
	}
	return done, nil
}

// build compiles the programs into a directory that is gone afterwards, and makes an image of each.
func (j *job) build(ctx context.Context, compiler program.Compiler) (map[string]built, error) {
	dir, err := os.MkdirTemp("", "images-")
	if err != nil {
		return nil, fmt.Errorf("build: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := compiler.Compile(ctx, j.names, dir); err != nil {
		return nil, err
	}
	images := map[string]built{}
	for _, name := range j.names {
		executable, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("build %s: %w", name, err)
		}
		if images[name], err = j.assemble(name, executable); err != nil {
			return nil, err
		}
	}
	return images, nil
}

func (j *job) assemble(name string, executable []byte) (built, error) {
	made, err := image.Assemble(name, executable, j.settings)
	if err != nil {
		return built{}, err
	}
	digest, err := made.Digest()
	if err != nil {
		return built{}, fmt.Errorf("image %s: %w", name, err)
	}
	document, err := bom.Write(bom.Image{Name: name, Digest: digest.String(), Created: j.created, Program: executable, Files: map[string][]byte{
		image.PublicRoots:   j.settings.Trusted.Public,
		image.DatabaseRoots: j.settings.Trusted.Database,
	}})
	return built{image: made, digest: digest.String(), bom: document}, err
}

// deliver writes an image and its bill of materials, pushes both if asked to, and says what happened.
func (j *job) deliver(ctx context.Context, name string, b built) (string, error) {
	written, err := image.Write(filepath.Join(j.outDir, name), b.image)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(j.outDir, name+".cdx.json"), b.bom, 0o644); err != nil {
		return "", fmt.Errorf("write bill of materials: %w", err)
	}
	if !j.push {
		return "built", nil
	}
	to, err := j.target(name)
	if err != nil {
		return "", err
	}
	existed, err := to.Push(ctx, written, j.revision)
	if err != nil {
		return "", err
	}
	return pushed(existed), to.Attach(ctx, written, b.bom, bom.MediaType)
}

// mirrorAll copies the images of the sidecars.
func (j *job) mirrorAll(ctx context.Context) ([]named, error) {
	var done []named
	for _, pin := range j.mirrored {
		to, err := j.target(pin.Name)
		if err != nil {
			return nil, err
		}
		copied, existed, err := to.Mirror(ctx, pin)
		if err != nil {
			return nil, err
		}
		digest, err := copied.Digest()
		if err != nil {
			return nil, fmt.Errorf("mirror %s: %w", pin.Name, err)
		}
		fmt.Fprintf(j.out, "%-24s %s  %s, from %s\n", pin.Name, digest, pushed(existed), pin.From)
		done = append(done, named{pin.Name, digest.String()})
	}
	return done, nil
}

func pushed(existed bool) string {
	if existed {
		return "was there already"
	}
	return "pushed"
}
