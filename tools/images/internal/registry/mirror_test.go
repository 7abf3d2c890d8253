package registry

import (
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// publish puts an index with an image for each architecture into a registry, and returns its tag, its digest and the images'.
func publish(t *testing.T, architectures ...string) (from, digest string, images map[string]v1.Hash) {
	t.Helper()
	var index v1.ImageIndex = empty.Index
	images = map[string]v1.Hash{}
	for _, architecture := range architectures {
		image, hash := imageFor(t, architecture)
		images[architecture] = hash
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: architecture}}})
	}
	tag := sourceTag(t)
	if err := remote.WriteIndex(tag, index); err != nil {
		t.Fatal(err)
	}
	hash, err := index.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return tag.String(), hash.String(), images
}

func sourceTag(t *testing.T) name.Tag {
	t.Helper()
	tag, err := name.NewTag(serve(t, nil).Host + "/others/envoy:v1")
	if err != nil {
		t.Fatal(err)
	}
	return tag
}

func imageFor(t *testing.T, architecture string) (v1.Image, v1.Hash) {
	t.Helper()
	image, err := random.Image(100, 1)
	if err != nil {
		t.Fatal(err)
	}
	image, err = mutate.ConfigFile(image, &v1.ConfigFile{OS: "linux", Architecture: architecture, RootFS: rootFS(t, image)})
	if err != nil {
		t.Fatal(err)
	}
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return image, digest
}

func rootFS(t *testing.T, image v1.Image) v1.RootFS {
	t.Helper()
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	return file.RootFS
}

func TestMirrorCopiesOnePlatform(t *testing.T) {
	from, digest, images := publish(t, "arm64", "amd64")
	to := target(t, serve(t, nil))
	for _, want := range []bool{false, true} {
		copied, existed, err := to.Mirror(t.Context(), Pin{Name: "envoy", From: from, Digest: digest})
		if err != nil || existed != want {
			t.Fatalf("existed %v, %v; want %v", existed, err, want)
		}
		if got, err := copied.Digest(); err != nil || got != images["amd64"] {
			t.Errorf("copied %s, %v; want the image for amd64, %s", got, err, images["amd64"])
		}
	}
	if found, err := to.head(t.Context(), to.Repository.Digest(images["arm64"].String())); err != nil || found != (v1.Hash{}) {
		t.Errorf("the image for arm64 was copied: %s, %v", found, err)
	}
}

func TestMirrorRefuses(t *testing.T) {
	moved, movedTo, _ := publish(t, "amd64")
	pinned := "sha256:" + strings.Repeat("0", 64)
	arm, armDigest, _ := publish(t, "arm64")
	single := sourceTag(t)
	image, hash := imageFor(t, "arm64")
	if err := remote.Write(single, image); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		pin  Pin
		want []string
	}{
		"a moved tag":        {Pin{From: moved, Digest: pinned}, []string{pinned, movedTo, "nothing was copied"}},
		"no such platform":   {Pin{From: arm, Digest: armDigest}, []string{"linux/amd64"}},
		"one image, for ARM": {Pin{From: single.String(), Digest: hash.String()}, []string{"it is for linux/arm64"}},
		"no such image":      {Pin{From: single.Repository.String() + ":none", Digest: pinned}, []string{"mirror envoy"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			to := target(t, serve(t, nil))
			test.pin.Name = "envoy"
			_, _, err := to.Mirror(t.Context(), test.pin)
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%v; want %q", err, want)
				}
			}
			if tags, err := remote.List(to.Repository); err == nil && len(tags) > 0 {
				t.Errorf("copied all the same: %v", tags)
			}
		})
	}
}

func TestPinsWithDigests(t *testing.T) {
	one, other := "sha256:"+strings.Repeat("1", 64), "sha256:"+strings.Repeat("2", 64)
	tests := map[string]struct{ pinned, given, want string }{
		"pinned":               {one, "", ""},
		"given":                {"", one, ""},
		"the same twice":       {one, one, ""},
		"two digests":          {one, other, "--envoy-digest is " + other + ", pins.json says " + one},
		"none":                 {"", "", "no digest is known for docker.io/envoyproxy/envoy:v1"},
		"too short":            {"", "sha256:12", `the digest is "sha256:12"`},
		"another kind of hash": {"", "sha512:" + strings.Repeat("1", 128), "allowed is sha256:"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Pin{Name: "envoy", From: "docker.io/envoyproxy/envoy:v1", Digest: test.pinned}.With(test.given)
			switch {
			case test.want == "" && (err != nil || got.Digest != one):
				t.Errorf("%+v, %v", got, err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("%v; want %q", err, test.want)
			}
		})
	}
	if err := (Pin{Name: "envoy", From: "envoy:v1"}).Check(); err == nil || !strings.Contains(err.Error(), "registry/repository:tag") {
		t.Error(err)
	}
}
