package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tierform/tierform/internal/golden"
	"github.com/tierform/tierform/pkg/templates"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"render": main})
}

// The command as its users meet it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != ""})
}

// The repository's golden files are what the code renders: the set of files and every byte.
func TestGolden(t *testing.T) {
	rendered, err := templates.Render(templates.Default())
	if err != nil {
		t.Fatal(err)
	}
	differences, err := golden.Compare("../../golden", files(rendered))
	if err != nil {
		t.Fatal(err)
	}
	if len(differences) > 0 {
		t.Errorf("run go run ./cmd/render and review the difference:\n%s", differences)
	}
	for _, f := range files(rendered) {
		have, err := os.ReadFile(filepath.Join("../../golden", f.Name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(have), string(f.Data)); diff != "" {
			t.Errorf("%s (-golden +rendered):\n%s", f.Name, diff)
		}
	}
}

// A configuration that cannot be leaves the directory as it was and says everything that is wrong.
func TestNothingIsWrittenOnAnError(t *testing.T) {
	dir := t.TempDir()
	kept := filepath.Join(dir, "network.yaml")
	if err := os.WriteFile(kept, []byte("kept"), 0o644); err != nil {
		t.Fatal(err)
	}
	config := templates.Default()
	config.Services[0].CPU = 7
	config.Services[1].Port = 1
	var stdout, stderr bytes.Buffer
	if code := run([]string{"--out", dir}, config, &stdout, &stderr, time.Now); code != exitFailure {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{"nothing was written", `"payment-api": CPU is 7`, `"transaction-processor": Port is 1`} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("%q is missing in %s", want, &stderr)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(kept); len(entries) != 1 || string(data) != "kept" || stdout.Len() > 0 {
		t.Errorf("the directory changed: %v, %q", entries, data)
	}
}

// The summary counts what was done and says how long it took, by the clock it is given.
func TestSummary(t *testing.T) {
	ticks := []time.Time{time.Unix(0, 0), time.Unix(0, int64(12*time.Millisecond))}
	clock := func() time.Time {
		now := ticks[0]
		ticks = ticks[1:]
		return now
	}
	var stdout, stderr bytes.Buffer
	if code := run([]string{"--out", filepath.Join(t.TempDir(), "new")}, templates.Default(), &stdout, &stderr, clock); code != exitOK {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	last := lines[len(lines)-1]
	if !strings.Contains(last, "16 templates") || !strings.Contains(last, "17 changed") || !strings.HasSuffix(last, "12 ms") {
		t.Errorf("summary: %s", last)
	}
}
