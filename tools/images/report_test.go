package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDigestsOfSeveralRuns(t *testing.T) {
	dir := t.TempDir()
	j := &job{options: options{outDir: dir}, repositories: []string{"envoy", "payment-api"}, out: io.Discard}
	for _, done := range [][]named{{{"payment-api", "sha256:1"}, {"gone", "sha256:2"}}, {{"envoy", "sha256:3"}}} {
		if err := j.report(done); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]string{"payment-api": "sha256:1", "envoy": "sha256:3"}
	if diff := cmp.Diff(want, digests(t, dir)); diff != "" {
		t.Error(diff)
	}
	if err := os.WriteFile(filepath.Join(dir, "digests.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := j.report(nil); err == nil || !strings.Contains(err.Error(), "delete the file") {
		t.Error(err)
	}
}
