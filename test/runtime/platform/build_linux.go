package platform

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/tierform/tierform/test/runtime/world"
)

// programsVariable tells the program in the sandbox where the services' programs are.
const programsVariable = "TIERFORM_PROGRAMS"

// names are the programs of services/cmd.
func names() []string {
	return []string{"administration", "notification-service", "payment-api", "transaction-processor"}
}

// Build compiles the services' programs into a directory. The flags of the images (-trimpath, no cgo) would compile every dependency
// anew, a minute on an empty cache, and change nothing of what the programs do.
func Build(ctx context.Context, root, dir string) error {
	arguments := []string{"build", "-buildvcs=false", "-ldflags=-s -w", "-o", dir + string(filepath.Separator)}
	for _, name := range names() {
		arguments = append(arguments, "./cmd/"+name)
	}
	build := exec.CommandContext(ctx, "go", arguments...)
	build.Dir = filepath.Join(root, "services")
	build.Env = append(os.Environ(), "GOWORK=off")
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("compiling the services: %w\n%s", err, output)
	}
	return nil
}

// Sandbox compiles the services' programs, where the network is still there for a module that is missing, and then is
// [world.Sandbox]. Root is the repository's.
func Sandbox(ctx context.Context, root string, files ...*os.File) (inside bool, code int, err error) {
	if world.Inside() {
		return world.Sandbox(files...)
	}
	dir, err := publicFolder("programs")
	if err != nil {
		return false, 1, err
	}
	defer os.RemoveAll(dir)
	if err := errors.Join(Build(ctx, root, dir), os.Setenv(programsVariable, dir)); err != nil {
		return false, 1, err
	}
	return world.Sandbox(files...)
}

// publicFolder is a new folder that every user may enter.
func publicFolder(name string) (string, error) {
	dir, err := os.MkdirTemp("", name)
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		return "", fmt.Errorf("making a folder: %w", err)
	}
	return dir, nil
}

// program is the file of a service's program.
func (p *Platform) program(service string) (string, error) {
	path := filepath.Join(p.programs, service)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("no program for %s among %s: call platform.Sandbox first: %w", service, strings.Join(names(), ", "), err)
	}
	return path, nil
}
