package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The golden files are what the example renders: no more, no fewer, the same bytes.
func TestGolden(t *testing.T) {
	dir := t.TempDir()
	if err := render(dir); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(read(t, "golden"), read(t, dir)); diff != "" {
		t.Errorf("run go run ./examples/queueworker and review the difference (-golden +rendered):\n%s", diff)
	}
}

func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	files := map[string]string{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = string(data)
	}
	return files
}
