package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// named is an image as the deploy command takes it.
type named struct{ name, digest string }

// report writes digests.json and the words for the deploy command. The file keeps the images of earlier runs, so that a push and a
// mirror make one file together.
func (j *job) report(done []named) error {
	path := filepath.Join(j.outDir, "digests.json")
	all, err := earlier(path)
	if err != nil {
		return err
	}
	for name := range all {
		if !slices.Contains(j.repositories, name) {
			delete(all, name)
		}
	}
	var words []string
	for _, n := range done {
		all[n.name] = n.digest
		words = append(words, "--image "+n.name+"="+n.digest)
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.MkdirAll(j.outDir, 0o755); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write digests: %w", err)
	}
	fmt.Fprintln(j.out, strings.Join(words, " "))
	return nil
}

func earlier(path string) (map[string]string, error) {
	all := map[string]string{}
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read digests: %w", err)
	}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("read %s: %w: delete the file", path, err)
	}
	return all, nil
}
