package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tierform/tierform/tools/images/internal/program"
)

// again builds in a copy of the repository, elsewhere and with an empty build cache, so that neither the directory nor what was
// compiled before can hide in the images, and compares.
func (j *job) again(ctx context.Context, first map[string]built) error {
	dir, err := os.MkdirTemp("", "images-again-")
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	defer os.RemoveAll(dir)
	root := filepath.Join(dir, "copy")
	if err := copyTree(root, j.root); err != nil {
		return fmt.Errorf("verify: copy the repository: %w", err)
	}
	second, err := j.build(ctx, program.Compiler{Services: filepath.Join(root, "services"), Cache: filepath.Join(dir, "cache")})
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if err := compare(j.names, first, second); err != nil {
		return err
	}
	fmt.Fprintf(j.out, "verified: %d images, built again elsewhere from nothing, have the same digests\n", len(j.names))
	return nil
}

func compare(names []string, first, second map[string]built) error {
	for _, name := range names {
		if one, other := first[name], second[name]; one.digest != other.digest {
			return fmt.Errorf("verify: image %s is %s, and %s when built again in another directory: the build is not reproducible",
				name, one.digest, other.digest)
		} else if !bytes.Equal(one.bom, other.bom) {
			return fmt.Errorf("verify: the bill of materials of image %s differs when it is built again", name)
		}
	}
	return nil
}

// copyTree copies what can take part in a build: not what was built or installed, nor hidden directories.
func copyTree(to, from string) error {
	return filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case e.IsDir() && (relative == "bin" || relative != "." && strings.HasPrefix(e.Name(), ".")):
			return filepath.SkipDir
		case e.IsDir():
			return os.MkdirAll(filepath.Join(to, relative), 0o755)
		case !e.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, relative), data, 0o644)
	})
}
