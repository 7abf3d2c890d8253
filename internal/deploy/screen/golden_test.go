package screen

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/report"
)

var regenerate = flag.Bool("update", false, "write the transcripts under testdata anew")

// still is a clock that stands.
type still struct{}

func (still) Now() time.Time                             { return dawn }
func (still) Sleep(context.Context, time.Duration) error { return nil }

// A setting is where a run is shown.
type setting struct {
	Options
	terminal bool
	columns  int
	rows     int
	env      map[string]string
	// before and after come before the first event and after the last.
	before, after func(*Screen)
}

// shownAs are standard output and error, and both as they came, of events in a setting.
func shownAs(t *testing.T, s setting, events []report.Event) (out, err, both string) {
	t.Helper()
	var o, e, all bytes.Buffer
	if s.env == nil {
		s.env = map[string]string{"LANG": "en_US.UTF-8"}
	}
	s.Out, s.Err, s.Clock = io.MultiWriter(&o, &all), io.MultiWriter(&e, &all), still{}
	s.Getenv = func(name string) string { return s.env[name] }
	s.IsTerminal = func(io.Writer) bool { return s.terminal }
	if s.columns > 0 {
		s.Size = func() (int, int) { return s.columns, cmp.Or(s.rows, 24) }
	}
	screen, failed := New(s.Options)
	if failed != nil {
		t.Fatal(failed)
	}
	if s.before != nil {
		s.before(screen)
	}
	for _, event := range events {
		screen.Report(event)
	}
	if s.after != nil {
		s.after(screen)
	}
	if failed := screen.Close(); failed != nil {
		t.Fatal(failed)
	}
	return o.String(), e.String(), all.String()
}

// stories are the runs that transcripts are kept of.
func stories() map[string][]report.Event {
	return map[string][]report.Event{"plan": planned(), "apply": applied(), "failure": failed(), "first": first(), "answers": asked(), "gate": gated(), "verify": verifiedBadly(), "release": releasedTwice(), "admin": administered(), "forecast": forecast()}
}

// The transcripts are what a person sees. On a terminal, escape codes are written out: ESC as ␛.
func TestTranscripts(t *testing.T) {
	for name, events := range stories() {
		for _, where := range []struct {
			name string
			setting
		}{
			{"pipe-80", setting{}},
			{"pipe-120", setting{env: map[string]string{"LANG": "C.UTF-8", "COLUMNS": "120"}}},
			{"pipe-verbose", setting{Options: Options{Verbose: true}}},
			{"ascii", setting{env: map[string]string{"LC_ALL": "C"}}},
			{"terminal-80", setting{terminal: true, columns: 80}},
			{"terminal-120", setting{terminal: true, columns: 120}},
			{"github", setting{env: map[string]string{"LANG": "C.UTF-8", "GITHUB_ACTIONS": "true"}}},
			{"json", setting{Options: Options{Output: "json"}}},
		} {
			t.Run(name+"/"+where.name, func(t *testing.T) {
				_, _, both := shownAs(t, where.setting, events)
				compareTranscript(t, name+"."+where.name+".txt", strings.ReplaceAll(both, "\x1b", "␛"))
			})
		}
		t.Run(name+"/markdown", func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "summary.md")
			shownAs(t, setting{Options: Options{Markdown: file}}, events)
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			compareTranscript(t, name+".md", string(data))
		})
	}
}

func compareTranscript(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *regenerate {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); go test -run Transcripts -update writes it anew:\n%s", file, diff)
	}
}
