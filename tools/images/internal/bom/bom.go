// Package bom writes the bill of materials of an image as CycloneDX 1.6: https://cyclonedx.org/docs/1.6/json/
package bom

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// MediaType is that of the document, as the CycloneDX project has registered it.
const MediaType = "application/vnd.cyclonedx+json"

// Image is what a bill of materials is about.
type Image struct {
	Name    string
	Digest  string
	Created time.Time
	// Program is the executable; what it is made of stands in it.
	Program []byte
	// Files are the other files whose content comes from elsewhere, by path.
	Files map[string][]byte
}

// Document is the part of CycloneDX that an image needs.
type Document struct {
	Schema       string      `json:"$schema"`
	BOMFormat    string      `json:"bomFormat"`
	SpecVersion  string      `json:"specVersion"`
	SerialNumber string      `json:"serialNumber"`
	Version      int         `json:"version"`
	Metadata     Metadata    `json:"metadata"`
	Components   []Component `json:"components"`
}

// Metadata says what the document is about.
type Metadata struct {
	Timestamp time.Time `json:"timestamp"`
	Component Component `json:"component"`
}

// Component is a module, a file or the image.
type Component struct {
	Type       string     `json:"type"`
	Reference  string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version,omitempty"`
	Hashes     []Hash     `json:"hashes,omitempty"`
	PackageURL string     `json:"purl,omitempty"`
	Properties []Property `json:"properties,omitempty"`
}

// Hash is a hash of a component's content.
type Hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

// Property is what CycloneDX has no field for.
type Property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Write returns the document of an image: the same bytes for the same image.
func Write(image Image) ([]byte, error) {
	info, err := buildinfo.Read(bytes.NewReader(image.Program))
	if err != nil {
		return nil, fmt.Errorf("bill of materials of %s: %w: the program has to be compiled by Go", image.Name, err)
	}
	components, err := modules(info)
	if err != nil {
		return nil, fmt.Errorf("bill of materials of %s: %w", image.Name, err)
	}
	text, err := json.MarshalIndent(Document{
		Schema:       "http://cyclonedx.org/schema/bom-1.6.schema.json",
		BOMFormat:    "CycloneDX",
		SpecVersion:  "1.6",
		SerialNumber: serial(image.Digest),
		Version:      1,
		Metadata:     Metadata{Timestamp: image.Created.UTC(), Component: container(image)},
		Components:   append(components, files(image)...),
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("bill of materials of %s: %w", image.Name, err)
	}
	return append(text, '\n'), nil
}

func container(image Image) Component {
	address := "pkg:oci/" + image.Name + "@" + url.QueryEscape(image.Digest)
	return Component{Type: "container", Reference: address, Name: image.Name, Version: image.Digest, PackageURL: address}
}

// serial makes a UUID of version 8 from the image's digest, so that the number does not change with each build.
func serial(digest string) string {
	sum := sha256.Sum256([]byte(digest))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// modules lists Go's standard library, under the name that scanners know it by, the main module and its dependencies.
func modules(info *buildinfo.BuildInfo) ([]Component, error) {
	version := strings.TrimPrefix(info.GoVersion, "go")
	standard := "pkg:golang/stdlib@" + version
	list := []Component{{Type: "library", Reference: standard, Name: "stdlib", Version: version, PackageURL: standard}}
	list = append(list, Component{Type: "application", Reference: "pkg:golang/" + info.Main.Path, Name: info.Main.Path,
		PackageURL: "pkg:golang/" + info.Main.Path})
	used := slices.Clone(info.Deps)
	slices.SortFunc(used, func(a, b *debug.Module) int { return strings.Compare(a.Path, b.Path) })
	for _, m := range used {
		c, err := module(m)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

func module(m *debug.Module) (Component, error) {
	if m.Replace != nil {
		m = m.Replace
	}
	address := "pkg:golang/" + m.Path + "@" + url.QueryEscape(m.Version)
	c := Component{Type: "library", Reference: address, Name: m.Path, Version: m.Version, PackageURL: address}
	if m.Sum == "" {
		return c, nil
	}
	// A sum in go.sum's form is the SHA-256 of the list of the module's files with their hashes (golang.org/x/mod/sumdb/dirhash).
	sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.Sum, "h1:"))
	if err != nil {
		return Component{}, fmt.Errorf("module %s: sum %q: %w", m.Path, m.Sum, err)
	}
	c.Hashes = []Hash{{Algorithm: "SHA-256", Content: hex.EncodeToString(sum)}}
	c.Properties = []Property{{Name: "go:sum", Value: m.Sum}}
	return c, nil
}

func files(image Image) []Component {
	all := map[string][]byte{"/service": image.Program}
	for path, data := range image.Files {
		all[path] = data
	}
	var list []Component
	for path, data := range all {
		sum := sha256.Sum256(data)
		list = append(list, Component{Type: "file", Reference: "file:" + path, Name: path,
			Hashes: []Hash{{Algorithm: "SHA-256", Content: hex.EncodeToString(sum[:])}}})
	}
	slices.SortFunc(list, func(a, b Component) int { return strings.Compare(a.Name, b.Name) })
	return list
}
