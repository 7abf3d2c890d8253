package bench

import (
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/tierform/tierform/pkg/cfn"
)

func compiler(t testing.TB) *cfn.Compiler {
	t.Helper()
	c, err := cfn.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func renderOurs(t testing.TB, c *cfn.Compiler, template *cfn.Template) []byte {
	t.Helper()
	files, err := c.Compile(template)
	if err != nil {
		t.Fatal(err)
	}
	return files[0].Data
}

// read lists each resource's type and the names of its properties.
func read(t *testing.T, text []byte) map[string][]string {
	t.Helper()
	var document struct {
		Parameters map[string]any `yaml:"Parameters"`
		Resources  map[string]struct {
			Type       string               `yaml:"Type"`
			Properties map[string]yaml.Node `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	if len(document.Parameters) != len(parameters) {
		t.Errorf("got %d parameters, want %d", len(document.Parameters), len(parameters))
	}
	all := map[string][]string{}
	for id, r := range document.Resources {
		names := []string{r.Type}
		for name := range r.Properties {
			names = append(names, name)
		}
		slices.Sort(names)
		all[id] = names
	}
	return all
}

// TestSameTemplate: what is compared is the same template.
func TestSameTemplate(t *testing.T) {
	text, err := newTheirs().YAML()
	if err != nil {
		t.Fatal(err)
	}
	want, got := read(t, text), read(t, renderOurs(t, compiler(t), newOurs()))
	if len(want) != 22 || !reflect.DeepEqual(want, got) {
		t.Errorf("goformation writes %d resources, we write %d, or others", len(want), len(got))
	}
}

// BenchmarkRender renders the same template with both, built once.
func BenchmarkRender(b *testing.B) {
	b.Run("goformation", func(b *testing.B) {
		b.ReportAllocs()
		template := newTheirs()
		for b.Loop() {
			if _, err := template.YAML(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("cfn", func(b *testing.B) {
		b.ReportAllocs()
		c, template := compiler(b), newOurs()
		for b.Loop() {
			renderOurs(b, c, template)
		}
	})
}

// BenchmarkRatio renders the template with both in turn, so that both meet the same noise, and says how many times as
// long goformation takes: the template being built already, and with building it. Each begins with a clean heap, so
// that neither pays for the other's garbage.
func BenchmarkRatio(b *testing.B) {
	c, built, builtTheirs := compiler(b), newOurs(), newTheirs()
	measure := func(times int, render func()) time.Duration {
		runtime.GC()
		start := time.Now()
		for range times {
			render()
		}
		return time.Since(start) / time.Duration(times)
	}
	ratio := func(b *testing.B, theirs, ours func()) {
		var slow, fast time.Duration
		for b.Loop() {
			slow += measure(5, theirs)
			fast += measure(250, ours)
		}
		b.ReportMetric(float64(slow)/float64(fast), "times-as-fast")
		b.ReportMetric(float64(fast.Nanoseconds())/float64(b.N), "ns/op")
	}
	b.Run("render", func(b *testing.B) {
		ratio(b, func() { _, _ = builtTheirs.YAML() }, func() { renderOurs(b, c, built) })
	})
	b.Run("build+render", func(b *testing.B) {
		ratio(b, func() { _, _ = newTheirs().YAML() }, func() { renderOurs(b, c, newOurs()) })
	})
}
