package image

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"github.com/tierform/tierform/tools/images/internal/trust"
)

func assembled(t *testing.T, s Settings) v1.Image {
	t.Helper()
	s.Trusted = trust.Bundles{Public: []byte("public"), Database: []byte("database")}
	made, err := Assemble("payment-api", []byte("program"), s)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestContract(t *testing.T) {
	created := time.Unix(1767225600, 0).UTC()
	file, err := assembled(t, Settings{Created: created, Source: "https://example.com/code", Revision: "1.5"}).ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	want := v1.Config{
		User:         "65532:65532",
		Entrypoint:   []string{"/service"},
		WorkingDir:   "/",
		ExposedPorts: map[string]struct{}{"8080/tcp": {}},
		Env:          []string{"SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt", "PGSSLROOTCERT=/etc/ssl/certs/rds-ca.pem"},
		Labels: map[string]string{"org.opencontainers.image.title": "payment-api",
			"org.opencontainers.image.source": "https://example.com/code", "org.opencontainers.image.revision": "1.5"},
	}
	if diff := cmp.Diff(want, file.Config); diff != "" {
		t.Error(diff)
	}
	if !file.Created.Equal(created) || file.OS != "linux" || file.Architecture != "amd64" {
		t.Errorf("created %s for %s/%s", file.Created, file.OS, file.Architecture)
	}
}

func TestNoLabelWithoutAValue(t *testing.T) {
	file, err := assembled(t, Settings{}).ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"org.opencontainers.image.title": "payment-api"}, file.Config.Labels); diff != "" {
		t.Error(diff)
	}
}

func TestFiles(t *testing.T) {
	layers, err := assembled(t, Settings{}).Layers()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range layers {
		got = append(got, entries(t, l)...)
	}
	want := []string{
		"etc/ drwxr-xr-x", "etc/group -rw-r--r-- root:x:0:\nservice:x:65532:\n", "etc/nsswitch.conf -rw-r--r-- hosts: files dns\n",
		"etc/passwd -rw-r--r-- root:x:0:0:root:/:/sbin/nologin\nservice:x:65532:65532:service:/:/sbin/nologin\n",
		"etc/ssl/ drwxr-xr-x", "etc/ssl/certs/ drwxr-xr-x", "etc/ssl/certs/ca-certificates.crt -rw-r--r-- public",
		"etc/ssl/certs/rds-ca.pem -rw-r--r-- database", "tmp/ dtrwxrwxrwx", "service -r-xr-xr-x program",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// entries lists a layer, and fails over anything that could differ between machines.
func entries(t *testing.T, l v1.Layer) []string {
	t.Helper()
	open, err := l.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	var list []string
	for r := tar.NewReader(open); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		if !h.ModTime.Equal(time.Unix(0, 0)) || h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.Gname != "" {
			t.Errorf("%s: %s, %d:%d, %q:%q; want no time and root", h.Name, h.ModTime, h.Uid, h.Gid, h.Uname, h.Gname)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		text := h.Name + " " + h.FileInfo().Mode().String()
		if len(data) > 0 {
			text += " " + string(data)
		}
		list = append(list, text)
	}
}

func TestWriteTakesThePlaceOfAnEarlierImage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "images", "payment-api")
	for _, revision := range []string{"1", "2"} {
		made := assembled(t, Settings{Revision: revision})
		written, err := Write(dir, made)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate.Image(written); err != nil {
			t.Error(err)
		}
	}
	blobs, err := os.ReadDir(filepath.Join(dir, "blobs", "sha256"))
	if err != nil || len(blobs) != 4 {
		t.Errorf("%d blobs, %v; want a manifest, a configuration and two layers", len(blobs), err)
	}
	rest, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(rest) != 1 {
		t.Errorf("left beside the image: %v, %v", rest, err)
	}
}

func TestWriteSaysWhereItCannot(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(filepath.Join(file, "payment-api"), assembled(t, Settings{})); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("%v; want the place", err)
	}
}
