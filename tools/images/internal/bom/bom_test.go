package bom

import (
	"debug/buildinfo"
	"encoding/json"
	"os"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestModules(t *testing.T) {
	got, err := modules(&buildinfo.BuildInfo{
		GoVersion: "go1.26.8",
		Main:      debug.Module{Path: "example.com/services", Version: "(devel)"},
		Deps: []*debug.Module{
			{Path: "example.com/b", Version: "v1.0.0", Replace: &debug.Module{Path: "example.com/fork", Version: "v1.0.1"}},
			{Path: "example.com/a", Version: "v2.0.0+incompatible", Sum: "h1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},
		},
	})
	want := []Component{
		{Type: "library", Reference: "pkg:golang/stdlib@1.26.8", Name: "stdlib", Version: "1.26.8", PackageURL: "pkg:golang/stdlib@1.26.8"},
		{Type: "application", Reference: "pkg:golang/example.com/services", Name: "example.com/services", PackageURL: "pkg:golang/example.com/services"},
		{Type: "library", Reference: "pkg:golang/example.com/a@v2.0.0%2Bincompatible", Name: "example.com/a", Version: "v2.0.0+incompatible",
			PackageURL: "pkg:golang/example.com/a@v2.0.0%2Bincompatible",
			Hashes:     []Hash{{"SHA-256", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"}},
			Properties: []Property{{"go:sum", "h1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}}},
		{Type: "library", Reference: "pkg:golang/example.com/fork@v1.0.1", Name: "example.com/fork", Version: "v1.0.1", PackageURL: "pkg:golang/example.com/fork@v1.0.1"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err := modules(&buildinfo.BuildInfo{Deps: []*debug.Module{{Path: "example.com/a", Sum: "h1:?"}}}); err == nil || !strings.Contains(err.Error(), "example.com/a") {
		t.Errorf("%v; want the module with the broken sum", err)
	}
}

func TestDocumentOfAProgram(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	about := Image{Name: "payment-api", Digest: "sha256:12", Created: time.Unix(0, 0), Program: program, Files: map[string][]byte{"/a": nil}}
	text, err := Write(about)
	if err != nil {
		t.Fatal(err)
	}
	var found Document
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatal(err)
	}
	if got, want := found.Metadata.Component.PackageURL, "pkg:oci/payment-api@sha256%3A12"; got != want {
		t.Errorf("about %s; want %s", got, want)
	}
	// Version 8 and variant 10 of RFC 9562.
	if form := regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`); !form.MatchString(found.SerialNumber) {
		t.Errorf("serial number %q", found.SerialNumber)
	}
	names := map[string]bool{}
	for _, c := range found.Components {
		names[c.Type+" "+c.Name] = true
	}
	for _, want := range []string{"library stdlib", "application github.com/tierform/tierform/tools/images", "file /a", "file /service"} {
		if !names[want] {
			t.Errorf("%s is missing in %v", want, names)
		}
	}
}

func TestFilesAreInOrderWithTheirHashes(t *testing.T) {
	image := Image{Program: []byte("program"), Files: map[string][]byte{}}
	for _, name := range []string{"/d", "/b", "/a", "/c", "/e", "/z"} {
		image.Files[name] = nil
	}
	const ofNothing, ofProgram = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "1310ca2c8932dbd118668bd97442558a3e1f546b5e15c69699dfbd6024f548d8"
	var got []string
	for _, c := range files(image) {
		got = append(got, c.Name+" "+c.Hashes[0].Content)
	}
	want := []string{"/a " + ofNothing, "/b " + ofNothing, "/c " + ofNothing, "/d " + ofNothing, "/e " + ofNothing, "/service " + ofProgram, "/z " + ofNothing}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestProgramsOfGoOnly(t *testing.T) {
	if _, err := Write(Image{Name: "x", Program: []byte("#!/bin/sh\n")}); err == nil || !strings.Contains(err.Error(), "has to be compiled by Go") {
		t.Error(err)
	}
}
