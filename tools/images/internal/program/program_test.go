package program

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestDiscoverRefuses(t *testing.T) {
	empty := t.TempDir()
	if err := os.Mkdir(filepath.Join(empty, "cmd"), 0o755); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{empty: "has no directories", filepath.Join(empty, "none"): "--root has to be"} {
		if _, err := Discover(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

func TestCompileSaysWhatGoSays(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/broken\n")
	write(t, filepath.Join(dir, "cmd/broken/main.go"), "package main\n\nfunc main() { undefined() }\n")
	write(t, filepath.Join(dir, "cmd/library/library.go"), "package library\n")
	for name, want := range map[string]string{"broken": "undefined: undefined", "library": "no main packages"} {
		err := Compiler{Services: dir}.Compile(t.Context(), []string{name}, t.TempDir())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

func TestProgramsAreDirectories(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "cmd/one/main.go"), "")
	write(t, filepath.Join(dir, "cmd/two/main.go"), "")
	write(t, filepath.Join(dir, "cmd/README.md"), "")
	if got, err := Discover(dir); err != nil || !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("%v, %v", got, err)
	}
}

// What somebody has set for other builds reaches neither the platform nor the linking.
func TestAProgramIsForThePlatformWhateverIsSet(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/small\n")
	write(t, filepath.Join(dir, "cmd/small/main.go"), "package main\n\nfunc main() {}\n")
	t.Setenv("GOARCH", "arm64")
	t.Setenv("GOFLAGS", "-buildmode=pie")
	if err := (Compiler{Services: dir}).Compile(t.Context(), []string{"small"}, out); err != nil {
		t.Fatal(err)
	}
	if err := checkStatic(filepath.Join(out, "small")); err != nil {
		t.Error(err)
	}
	write(t, filepath.Join(out, "text"), "#!/bin/sh\n")
	if err := checkStatic(filepath.Join(out, "text")); err == nil || !strings.Contains(err.Error(), "is cmd/text a package main?") {
		t.Error(err)
	}
}

func TestOnlyStaticProgramsOfThePlatform(t *testing.T) {
	tests := map[string]struct {
		machine elf.Machine
		segment elf.ProgType
		want    string
	}{
		"static":        {elf.EM_X86_64, elf.PT_LOAD, ""},
		"dynamic":       {elf.EM_X86_64, elf.PT_INTERP, "it is not static"},
		"other machine": {elf.EM_AARCH64, elf.PT_LOAD, "it is made for EM_AARCH64"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "program")
			write(t, path, executable(t, test.machine, test.segment))
			switch err := checkStatic(path); {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("%v; want %q", err, test.want)
			}
		})
	}
}

// executable returns an ELF file of one segment.
func executable(t *testing.T, machine elf.Machine, segment elf.ProgType) string {
	t.Helper()
	header := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(machine), Version: 1, Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1}
	copy(header.Ident[:], elf.ELFMAG)
	header.Ident[elf.EI_CLASS], header.Ident[elf.EI_DATA], header.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1
	var file bytes.Buffer
	for _, part := range []any{header, elf.Prog64{Type: uint32(segment)}} {
		if err := binary.Write(&file, binary.LittleEndian, part); err != nil {
			t.Fatal(err)
		}
	}
	return file.String()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
