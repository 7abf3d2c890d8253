package registry

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// serve starts a registry; before sees each request, and answers it where it returns true.
func serve(t *testing.T, before func(http.ResponseWriter, *http.Request) bool) Address {
	t.Helper()
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)), registry.WithReferrersSupport(true))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if before == nil || !before(w, r) {
			inner.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	address, err := Parse(strings.TrimPrefix(server.URL, "http://"), "dev")
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func target(t *testing.T, a Address) Target {
	t.Helper()
	repository, err := a.Repository("payment-api")
	if err != nil {
		t.Fatal(err)
	}
	return Target{Repository: repository, Login: authn.Anonymous}
}

func randomImage(t *testing.T) (v1.Image, v1.Hash) {
	t.Helper()
	image, err := random.Image(1000, 3)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return image, digest
}

func TestPushedImageCanBePulledByDigest(t *testing.T) {
	var uploads atomic.Int32
	to := target(t, serve(t, func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut || r.Method == http.MethodPatch {
			uploads.Add(1)
		}
		return false
	}))
	image, digest := randomImage(t)
	if existed, err := to.Push(t.Context(), image, "1.5"); err != nil || existed {
		t.Fatalf("existed %v, %v", existed, err)
	}
	pulled, err := remote.Image(to.Repository.Digest(digest.String()))
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(pulled); err != nil {
		t.Error(err)
	}
	first := uploads.Load()
	for _, tag := range []string{"1.5", ""} {
		if existed, err := to.Push(t.Context(), image, tag); err != nil || !existed {
			t.Errorf("tag %q: existed %v, %v", tag, existed, err)
		}
	}
	if again := uploads.Load() - first; first == 0 || again != 0 {
		t.Errorf("%d requests uploaded something, %d the second time; want none then", first, again)
	}
}

func TestTagsDoNotMove(t *testing.T) {
	to := target(t, serve(t, nil))
	one, first := randomImage(t)
	other, second := randomImage(t)
	if _, err := to.Push(t.Context(), one, "1.5"); err != nil {
		t.Fatal(err)
	}
	_, err := to.Push(t.Context(), other, "1.5")
	if err == nil || !strings.Contains(err.Error(), first.String()) || !strings.Contains(err.Error(), second.String()) {
		t.Errorf("%v; want both digests", err)
	}
	if found, err := to.head(t.Context(), to.Repository.Digest(second.String())); err != nil || found != (v1.Hash{}) {
		t.Errorf("the refused image is there: %s, %v", found, err)
	}
}

// Amazon ECR refuses by itself what wins a race against our look at the tag.
func TestTagTakenMeanwhile(t *testing.T) {
	to := target(t, serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || !strings.HasSuffix(r.URL.Path, "/manifests/1.5") {
			return false
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"errors":[{"code":"TAG_INVALID","message":"the repository is immutable"}]}`)
		return true
	}))
	image, _ := randomImage(t)
	if _, err := to.Push(t.Context(), image, "1.5"); err == nil || !strings.Contains(err.Error(), "the repository is immutable") {
		t.Error(err)
	}
}

func TestBrokenPushGoesOn(t *testing.T) {
	var stored atomic.Int32
	var broken atomic.Bool
	broken.Store(true)
	to := target(t, serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		blob := strings.Contains(r.URL.Path, "/blobs/uploads/") && r.Method == http.MethodPut
		if blob && broken.Load() && stored.Load() >= 2 {
			w.WriteHeader(http.StatusForbidden)
			return true
		}
		if blob {
			stored.Add(1)
		}
		return false
	}))
	image, _ := randomImage(t)
	if _, err := to.Push(t.Context(), image, ""); err == nil || !strings.Contains(err.Error(), "goes on from there") {
		t.Fatalf("%v; want a push that breaks", err)
	}
	before := stored.Load()
	broken.Store(false)
	if _, err := to.Push(t.Context(), image, ""); err != nil {
		t.Fatal(err)
	}
	// Three layers and the configuration, each stored once.
	if after := stored.Load(); before < 2 || after != 4 {
		t.Errorf("%d blobs stored before, %d in all; want 4", before, after)
	}
}

func TestMissingRepositorySaysWhatMakesIt(t *testing.T) {
	to := target(t, serve(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/v2/" {
			return false
		}
		w.WriteHeader(http.StatusNotFound)
		if r.Method != http.MethodHead {
			_, _ = io.WriteString(w, `{"errors":[{"code":"NAME_UNKNOWN","message":"no such repository"}]}`)
		}
		return true
	}))
	image, _ := randomImage(t)
	if _, err := to.Push(t.Context(), image, "1.5"); err == nil || !strings.Contains(err.Error(), "deploy bootstrap") {
		t.Error(err)
	}
}

func TestAttachedDocumentIsFoundByTheImagesDigest(t *testing.T) {
	to := target(t, serve(t, nil))
	image, digest := randomImage(t)
	if _, err := to.Push(t.Context(), image, ""); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := to.Attach(t.Context(), image, []byte(`{"bomFormat":"CycloneDX"}`), "application/vnd.cyclonedx+json"); err != nil {
			t.Fatal(err)
		}
	}
	index, err := remote.Referrers(to.Repository.Digest(digest.String()))
	if err != nil {
		t.Fatal(err)
	}
	list, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Manifests) != 1 || list.Manifests[0].ArtifactType != "application/vnd.cyclonedx+json" {
		t.Fatalf("%+v; want one document", list.Manifests)
	}
	attached, err := remote.Image(to.Repository.Digest(list.Manifests[0].Digest.String()))
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(attached, validate.Fast); err != nil {
		t.Error(err)
	}
}
