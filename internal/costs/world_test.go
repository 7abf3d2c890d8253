package costs

import (
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/tierform/tierform/pkg/checks"
)

// edit replaces text in a file of golden.
type edit struct{ file, old, replacement string }

// goldenFiles are the rendered templates, edited.
func goldenFiles(t *testing.T, edits ...edit) (files []checks.File) {
	t.Helper()
	names, err := filepath.Glob("../../golden/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		for _, e := range edits {
			if e.file != filepath.Base(name) {
				continue
			}
			if !strings.Contains(text, e.old) {
				t.Fatalf("%s has no %q", e.file, e.old)
			}
			text = strings.Replace(text, e.old, e.replacement, 1)
		}
		files = append(files, checks.File{Name: filepath.Base(name), Data: []byte(text)})
	}
	return files
}

// deploy follows the values of an environment, with some of them changed.
func deploy(t *testing.T, environment string, changes map[string]string, files []checks.File) *checks.World {
	t.Helper()
	set, err := checks.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	data, err := os.ReadFile("../../environments/" + environment + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, &values); err != nil {
		t.Fatal(err)
	}
	values["EnvironmentSuffix"] = environment
	maps.Copy(values, changes)
	return checks.Deploy(set, checks.Environment{Parameters: values})
}

// tables are the prices, and the assumptions about an environment with some of them changed.
func tables(t *testing.T, environment string, changes ...string) (PriceList, Usage) {
	t.Helper()
	prices, err := Prices()
	if err != nil {
		t.Fatal(err)
	}
	assumptions, err := DefaultAssumptions()
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		if assumptions, err = assumptions.Set(change); err != nil {
			t.Fatal(err)
		}
	}
	usage, err := assumptions.Of(environment)
	if err != nil {
		t.Fatal(err)
	}
	return prices, usage
}

func goldenEstimate(t *testing.T, environment string, edits ...edit) Estimate {
	t.Helper()
	prices, usage := tables(t, environment)
	return New(deploy(t, environment, nil, goldenFiles(t, edits...)), prices, usage, AsDeployed)
}

// small estimates a template by itself, used like prod with some assumptions changed.
func small(t *testing.T, resources string, changes ...string) Estimate {
	t.Helper()
	set, err := checks.Load([]checks.File{{Name: "small.yaml", Data: []byte("Parameters: {Unknown: {Type: String}}\nConditions: {Unclear: !Equals [!Ref Unknown, x]}\nResources:\n" + resources)}})
	if err != nil {
		t.Fatal(err)
	}
	prices, usage := tables(t, "prod", changes...)
	return New(checks.Deploy(set, checks.Environment{}), prices, usage, AsDeployed)
}

// close compares amounts that come from the same numbers in another order.
func closeTo(a, b float64) bool { return math.Abs(a-b) < 1e-6 }
