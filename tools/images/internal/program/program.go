// Package program finds and compiles the programs of the services' module.
package program

import (
	"context"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Discover returns the names of the programs: the directories of cmd in the services' module.
func Discover(services string) ([]string, error) {
	dir := filepath.Join(services, "cmd")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("find the programs: %w: --root has to be the repository's root", err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("find the programs: %s has no directories; each is a program and becomes an image", dir)
	}
	return names, nil
}

// Compiler compiles static programs for linux/amd64, the platform of the task definitions.
type Compiler struct {
	// Services is the directory of the services' module.
	Services string
	// Cache is a build cache of its own; without it Go's is used.
	Cache string
}

// Compile writes the programs into the directory out, each under its name. What is compiled depends on nothing but the module,
// its dependencies and the version of Go.
func (c Compiler) Compile(ctx context.Context, names []string, out string) error {
	out, err := filepath.Abs(out)
	if err != nil {
		return fmt.Errorf("compile: %w", err)
	}
	// The separator at the end lets Go write a single program into the directory as well.
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", out + string(filepath.Separator)}
	for _, name := range names {
		args = append(args, "./cmd/"+name)
	}
	build := exec.CommandContext(ctx, "go", args...)
	build.Dir = c.Services
	build.Env = c.environment(os.Environ())
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("compile %s in %s: %w\n%s", strings.Join(names, ", "), c.Services, err, text)
	}
	for _, name := range names {
		if err := checkStatic(filepath.Join(out, name)); err != nil {
			return fmt.Errorf("program %s: %w", name, err)
		}
	}
	return nil
}

// environment keeps what says where modules come from, and sets everything that reaches the program.
func (c Compiler) environment(of []string) []string {
	env := append(of, "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "GOFLAGS=-mod=readonly", "GOWORK=off",
		"GOEXPERIMENT=", "GOFIPS140=off", "GO_EXTLINK_ENABLED=0")
	if c.Cache != "" {
		env = append(env, "GOCACHE="+c.Cache)
	}
	return env
}

func checkStatic(path string) error {
	file, err := elf.Open(path)
	if err != nil {
		return fmt.Errorf("%w: is cmd/%s a package main?", err, filepath.Base(path))
	}
	defer file.Close()
	if file.Machine != elf.EM_X86_64 {
		return fmt.Errorf("it is made for %s; the task definitions run on %s", file.Machine, elf.EM_X86_64)
	}
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			return fmt.Errorf("it is not static: it asks for a dynamic linker, which the image does not have")
		}
	}
	return nil
}
