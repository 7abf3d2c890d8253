package architecture

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const (
	module      = "github.com/tierform/tierform/"
	goformation = "github.com/awslabs/goformation/v7/cloudformation/"
)

// list runs go list in the module's root and returns its lines.
func list(t *testing.T, arguments ...string) []string {
	t.Helper()
	command := exec.Command("go", append([]string{"list"}, arguments...)...)
	command.Dir = "../.."
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	return strings.Fields(string(out))
}

// imports are the packages outside the standard library that a package imports itself.
func imports(t *testing.T, pkg string) (found []string) {
	t.Helper()
	for _, path := range list(t, "-f", `{{join .Imports "\n"}}`, pkg) {
		if strings.Contains(path, ".") {
			found = append(found, path)
		}
	}
	return found
}

// Each package may import what its place in the architecture says, and nothing else.
func TestImports(t *testing.T) {
	perService := func(path string) bool { return strings.HasPrefix(path, goformation) }
	is := func(allowed ...string) func(string) bool {
		return func(path string) bool { return slices.Contains(allowed, path) }
	}
	sdk := func(path string) bool { return strings.HasPrefix(path, "github.com/aws/") }
	under := func(place string) func(string) bool {
		return func(path string) bool { return strings.HasPrefix(path, module+place) }
	}
	for _, tc := range []struct {
		pkg     string
		allowed []func(string) bool
	}{
		{"./pkg/cfn", []func(string) bool{is(goformation+"policies", goformation+"tags", "gopkg.in/yaml.v3")}},
		{"./pkg/resources", []func(string) bool{perService, is(module + "pkg/cfn")}},
		{"./pkg/templates", []func(string) bool{perService, is(module+"pkg/cfn", module+"pkg/resources")}},
		{"./pkg/checks", []func(string) bool{is("gopkg.in/yaml.v3")}},
		{"./internal/costs", []func(string) bool{is(module+"pkg/checks", "gopkg.in/yaml.v3")}},
		{"./internal/golden", []func(string) bool{is("gopkg.in/yaml.v3")}},
		{"./internal/pictures", []func(string) bool{is(module+"pkg/checks", "gopkg.in/yaml.v3")}},
		{"./internal/deploy", []func(string) bool{sdk, is("golang.org/x/sync/errgroup"), under("internal/deploy/")}},
		{"./internal/simulator", []func(string) bool{is("gopkg.in/yaml.v3"), under("internal/deploy/")}},
		{"./internal/rehearsal", []func(string) bool{sdk, is(module+"internal/deploy", module+"internal/simulator"), under("internal/deploy/")}},
		{"./cmd/render", []func(string) bool{is(module+"pkg/templates", module+"pkg/cfn", module+"pkg/checks", module+"internal/costs", module+"internal/golden", "gopkg.in/yaml.v3")}},
		{"./examples/queueworker", []func(string) bool{perService, is(module+"pkg/cfn", module+"pkg/resources")}},
	} {
		for _, path := range imports(t, tc.pkg) {
			if !slices.ContainsFunc(tc.allowed, func(rule func(string) bool) bool { return rule(path) }) {
				t.Errorf("%s imports %s", tc.pkg, path)
			}
		}
	}
}

// goformation's root packages cost ten times the build and resolve intrinsics silently.
func TestNobodyImportsGoformationsRoot(t *testing.T) {
	for _, path := range list(t, "-deps", "./...") {
		if path == strings.TrimSuffix(goformation, "/") || path == "github.com/awslabs/goformation/v7" || path == goformation+"intrinsics" {
			t.Errorf("%s is compiled", path)
		}
	}
}

// A fresh clone compiles at most about a hundred packages beyond the standard library before the first render.
func TestRenderCompilesFewPackages(t *testing.T) {
	beyond := slices.DeleteFunc(list(t, "-deps", "./cmd/render"), func(path string) bool { return !strings.Contains(strings.Split(path, "/")[0], ".") })
	if len(beyond) > 100 {
		t.Errorf("go run ./cmd/render compiles %d packages beyond the standard library", len(beyond))
	}
	t.Logf("%d packages", len(beyond))
}
