package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/tierform/tierform/tools/images/internal/trust"
)

// Where the image keeps what it trusts, as PGSSLROOTCERT and SSL_CERT_FILE say.
const (
	PublicRoots   = "/etc/ssl/certs/ca-certificates.crt"
	DatabaseRoots = "/etc/ssl/certs/rds-ca.pem"
)

// User owns the process, by number, so that ECS can tell that it is not root.
const User = "65532:65532"

const (
	passwd   = "root:x:0:0:root:/:/sbin/nologin\nservice:x:65532:65532:service:/:/sbin/nologin\n"
	group    = "root:x:0:\nservice:x:65532:\n"
	nsswitch = "hosts: files dns\n"
)

type entry struct {
	path string
	mode int64
	data []byte
}

// baseEntries is what all images have in common: a layer that is stored once.
func baseEntries(trusted trust.Bundles) []entry {
	return []entry{
		{path: "etc/", mode: 0o755},
		{path: "etc/group", mode: 0o644, data: []byte(group)},
		{path: "etc/nsswitch.conf", mode: 0o644, data: []byte(nsswitch)},
		{path: "etc/passwd", mode: 0o644, data: []byte(passwd)},
		{path: "etc/ssl/", mode: 0o755},
		{path: "etc/ssl/certs/", mode: 0o755},
		{path: PublicRoots[1:], mode: 0o644, data: trusted.Public},
		{path: DatabaseRoots[1:], mode: 0o644, data: trusted.Database},
		{path: "tmp/", mode: 0o1777},
	}
}

// layer packs entries without times and owners' names: nothing of the machine reaches the bytes.
func layer(entries []entry) (v1.Layer, error) {
	var packed bytes.Buffer
	w := tar.NewWriter(&packed)
	for _, e := range entries {
		header := &tar.Header{Name: e.path, Mode: e.mode, Size: int64(len(e.data)), Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
		if e.path[len(e.path)-1] == '/' {
			header.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(header); err != nil {
			return nil, fmt.Errorf("layer: %s: %w", e.path, err)
		}
		if _, err := w.Write(e.data); err != nil {
			return nil, fmt.Errorf("layer: %s: %w", e.path, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("layer: %w", err)
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(packed.Bytes())), nil }
	return tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer),
		tarball.WithCompressionLevel(gzip.DefaultCompression), tarball.WithCompressedCaching)
}
