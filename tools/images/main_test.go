package main

import (
	"encoding/json"
	"io"
	"io/fs"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

const fixture = "testdata/repository"

func noEnvironment(string) string { return "" }

// images runs the command and returns what it printed.
func images(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	err := run(t.Context(), args, noEnvironment, pinned, &out)
	return out.String(), err
}

// files reads a directory, by path.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, path))
		found[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func digests(t *testing.T, dir string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "digests.json"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestSameBytesFromTwoDirectories(t *testing.T) {
	var made []map[string]string
	for _, place := range []string{"here", "elsewhere/deeper"} {
		root := filepath.Join(t.TempDir(), place)
		if err := copyTree(root, fixture); err != nil {
			t.Fatal(err)
		}
		out, err := images(t, "--root", root)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(root, "bin", "images")
		// What somebody has set for other builds must not reach the second one.
		t.Setenv("GOAMD64", "v3")
		t.Setenv("GOFLAGS", "-tags=netcgo")
		for name, digest := range digests(t, dir) {
			if !strings.Contains(out, "--image "+name+"="+digest) {
				t.Errorf("the words for deploy lack %s=%s:\n%s", name, digest, out)
			}
		}
		made = append(made, files(t, dir))
	}
	if len(made[0]) != 2*6+2+1 {
		t.Errorf("%d files; want two layouts of six, two bills of materials and digests.json", len(made[0]))
	}
	if !cmp.Equal(made[0], made[1]) {
		t.Error("the images differ")
	}
}

func TestVerify(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles Go's standard library")
	}
	out, err := images(t, "--root", fixture, "--out", t.TempDir(), "--verify")
	if err != nil || !strings.Contains(out, "verified: 2 images") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestCompareNamesBothDigests(t *testing.T) {
	one := map[string]built{"a": {digest: "sha256:1", bom: []byte("1")}}
	if err := compare([]string{"a"}, one, one); err != nil {
		t.Error(err)
	}
	err := compare([]string{"a"}, one, map[string]built{"a": {digest: "sha256:2"}})
	if err == nil || !strings.Contains(err.Error(), "sha256:1") || !strings.Contains(err.Error(), "sha256:2") {
		t.Errorf("%v; want both", err)
	}
	if err := compare([]string{"a"}, one, map[string]built{"a": {digest: "sha256:1"}}); err == nil {
		t.Error("another bill of materials passes")
	}
}

func TestPushAndPullByDigest(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0)), registry.WithReferrersSupport(true)))
	defer server.Close()
	host, dir := strings.TrimPrefix(server.URL, "http://"), t.TempDir()
	for _, how := range []string{"pushed", "was there already"} {
		out, err := images(t, "--root", fixture, "--out", dir, "--push", "--registry", host, "--env", "dev", "--revision", "1.5")
		if err != nil || strings.Count(out, how) != 2 {
			t.Fatalf("%v; want 2 images that %s:\n%s", err, how, out)
		}
	}
	for image, digest := range digests(t, dir) {
		at, err := name.NewDigest(host + "/ecr-" + image + "-dev@" + digest)
		if err != nil {
			t.Fatal(err)
		}
		pulled, err := remote.Image(at)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate.Image(pulled); err != nil {
			t.Errorf("%s: %v", image, err)
		}
		checkAttached(t, at, filepath.Join(dir, image+".cdx.json"))
	}
}

// checkAttached compares the document that a registry has about an image with a file.
func checkAttached(t *testing.T, image name.Digest, file string) {
	t.Helper()
	index, err := remote.Referrers(image)
	if err != nil {
		t.Fatal(err)
	}
	list, err := index.IndexManifest()
	if err != nil || len(list.Manifests) != 1 {
		t.Fatalf("%s: %+v, %v; want one document", image, list, err)
	}
	artifact, err := remote.Image(image.Context().Digest(list.Manifests[0].Digest.String()))
	if err != nil {
		t.Fatal(err)
	}
	layers, err := artifact.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	open, err := layers[0].Compressed()
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	got, err := io.ReadAll(open)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(file)
	if diff := cmp.Diff(string(want), string(got)); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// The pins have to fit the repository that this module lies in.
func TestPinsFitTheFoundation(t *testing.T) {
	var p pins
	if err := json.Unmarshal(pinned, &p); err != nil {
		t.Fatal(err)
	}
	foundation, err := os.ReadFile("../../golden/foundation.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, pin := range p.Mirror {
		if err := pin.Check(); err != nil {
			t.Error(err)
		}
		if !strings.Contains(string(foundation), "ecr-"+pin.Name+"-${EnvironmentSuffix}") {
			t.Errorf("%s has no repository", pin.Name)
		}
		names = append(names, pin.Name)
	}
	if want := []string{"envoy", "collector"}; !slices.Equal(names, want) {
		t.Errorf("mirrored: %v; want the sidecars, %v", names, want)
	}
}
