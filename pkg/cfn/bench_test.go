package cfn_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/tierform/tierform/pkg/cfn"
)

// BenchmarkCompile renders the template of one service, of 24 resources and 17 parameters: with and without building
// it from Go values.
func BenchmarkCompile(b *testing.B) {
	c := compiler(b)
	compile := func(t *cfn.Template) []cfn.File {
		list, err := c.Compile(t)
		if err != nil {
			b.Fatal(err)
		}
		return list
	}
	template := standalone()
	if len(template.ParameterNames()) != 17 || len(cfn.Inventory(template)) != 24 {
		b.Fatalf("got %d parameters and %d resources", len(template.ParameterNames()), len(cfn.Inventory(template)))
	}
	b.Run("build", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			standalone()
		}
	})
	b.Run("compile", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			compile(template)
		}
		b.SetBytes(int64(len(compile(template)[0].Data)))
	})
	b.Run("both", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			compile(standalone())
		}
	})
}

// Benchmark1000Templates builds and writes a thousand templates of that size to files, one after the other, as a
// render of a large catalogue would. It reports the process's largest memory so far: run one worker count at a time to
// compare.
func Benchmark1000Templates(b *testing.B) {
	const templates = 1000
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			c, directory := compiler(b), b.TempDir()
			for b.Loop() {
				var group sync.WaitGroup
				for worker := range workers {
					group.Go(func() {
						for i := worker; i < templates; i += workers {
							list, err := c.Compile(standalone())
							if err != nil {
								b.Error(err)
								return
							}
							if err := os.WriteFile(filepath.Join(directory, fmt.Sprintf("%d-%s", i, list[0].Name)), list[0].Data, 0o600); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				group.Wait()
			}
			b.ReportMetric(peakMemory(b)/(1<<20), "peak-MiB")
		})
	}
}

// peakMemory is the largest resident memory of this process so far in bytes; 0 where the system does not say.
func peakMemory(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Log(err)
		return 0
	}
	_, text, _ := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return 0
	}
	kilobytes, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		b.Log(err)
	}
	return kilobytes * 1024
}
