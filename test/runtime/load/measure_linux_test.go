package load

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/tierform/tierform/test/runtime/platform"
	"github.com/tierform/tierform/test/runtime/world"
)

// rootVariable names the directory below which the installed programs are.
const rootVariable = "TIERFORM_RUNTIME"

// TestMain runs the tests in a sandbox, where there are programs to run.
func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv(rootVariable) == "" {
		os.Exit(m.Run())
	}
	inside, code, err := platform.Sandbox(context.Background(), os.Getenv(rootVariable))
	switch {
	case errors.Is(err, world.ErrNoNamespaces) && os.Getenv("ALLOW_NO_NETNS") == "1":
		code = m.Run()
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		code = 1
	case inside:
		code = m.Run()
	}
	os.Exit(code)
}

// A short run of the same that make load does: with the called service gone, customers are answered without it, both ways; nothing is said
// about times.
func TestMeasure(t *testing.T) {
	root := os.Getenv(rootVariable)
	if root == "" || !world.Inside() {
		t.Skip("needs the programs that `make test` installs, and network namespaces")
	}
	p, err := Start(context.WithoutCancel(t.Context()), root) // it ends in a cleanup, after the test's context
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	r, err := Measure(t.Context(), p, Options{Rate: 20, For: time.Second, Trials: []string{Well, Dead}, Say: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Trials) != 2 || len(r.Memory) != 2 {
		t.Fatalf("%d trials and the memory of %d sidecars, want two of each", len(r.Trials), len(r.Memory))
	}
	for i, want := range []Kind{Whole, Degraded} {
		for way, got := range map[string]Result{"through Envoy": r.Trials[i].Through, "without Envoy": r.Trials[i].Direct} {
			if got.Requests() != 20 || got.Share(want) != 1 {
				t.Errorf("%s, %s: whole, degraded and failed are %v of %d requests", r.Trials[i].Name, way, got.Counts, got.Requests())
			}
		}
	}
	for _, s := range r.Memory {
		if s.Peak > float64(s.Limit) {
			t.Errorf("%s needs %.0f MiB, its limit is %d", s.Container, s.Peak, s.Limit)
		}
	}
}
