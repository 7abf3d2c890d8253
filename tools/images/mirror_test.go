package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// published puts an image of others into a registry, and returns pins that name it, and its digest.
func published(t *testing.T, host string) (pinned []byte, digest string) {
	t.Helper()
	image, err := random.Image(100, 1)
	if err != nil {
		t.Fatal(err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if image, err = mutate.ConfigFile(image, &v1.ConfigFile{OS: "linux", Architecture: "amd64", RootFS: file.RootFS}); err != nil {
		t.Fatal(err)
	}
	from, err := name.NewTag(host + "/others/envoy:v1")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(from, image); err != nil {
		t.Fatal(err)
	}
	hash, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	pinned, err = json.Marshal(map[string]any{"mirror": []map[string]string{{"name": "envoy", "from": from.String(), "digest": hash.String()}}})
	if err != nil {
		t.Fatal(err)
	}
	return pinned, hash.String()
}

func TestMirrorAloneCopiesAndBuildsNothing(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	host, dir := strings.TrimPrefix(server.URL, "http://"), t.TempDir()
	pinned, digest := published(t, host)
	for _, how := range []string{"pushed, from ", "was there already, from "} {
		var out strings.Builder
		err := run(t.Context(), []string{"--root", fixture, "--out", dir, "--mirror", "--registry", host, "--env", "dev"}, noEnvironment, pinned, &out)
		if err != nil || !strings.Contains(out.String(), how+host+"/others/envoy:v1") || !strings.Contains(out.String(), "--image envoy="+digest) {
			t.Fatalf("%v; want an image that %s:\n%s", err, how, out.String())
		}
	}
	if diff := cmp.Diff(map[string]string{"envoy": digest}, digests(t, dir)); diff != "" {
		t.Error(diff)
	}
	if made, err := filepath.Glob(filepath.Join(dir, "*.cdx.json")); err != nil || len(made) > 0 {
		t.Errorf("built all the same: %v, %v", made, err)
	}
	at, err := name.NewDigest(host + "/ecr-envoy-dev@" + digest)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := remote.Head(at); err != nil {
		t.Error(err)
	}
}

func TestWhatStopsARun(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	pinned, digest := published(t, host)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	mirror := []string{"--root", fixture, "--mirror", "--registry", host, "--env", "dev", "--out"}
	for name, test := range map[string]struct {
		pinned, out, want string
	}{
		"pins that are none":    {"{", t.TempDir(), "pins.json"},
		"an image that is gone": {strings.Replace(string(pinned), "envoy:v1", "envoy:v2", 1), t.TempDir(), "mirror envoy"},
		"another digest":        {strings.Replace(string(pinned), digest, "sha256:"+strings.Repeat("0", 64), 1), t.TempDir(), "nothing was copied"},
		"a place that is none":  {string(pinned), file, file},
	} {
		t.Run(name, func(t *testing.T) {
			if err := run(t.Context(), append(mirror, test.out), noEnvironment, []byte(test.pinned), io.Discard); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v; want %q", err, test.want)
			}
		})
	}
}
