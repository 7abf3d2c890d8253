package screen

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
)

func TestOptionsThatAreNotAllowed(t *testing.T) {
	for _, tc := range []struct {
		options Options
		want    string
	}{
		{Options{Output: "yaml"}, `--output does not take this (found "yaml"); allowed: human, json`},
		{Options{Progress: "bar"}, `--progress does not take this (found "bar"); allowed: auto, tree, lines, github, none`},
		{Options{Color: "sometimes"}, `--color does not take this (found "sometimes"); allowed: auto, always, never`},
	} {
		_, err := New(tc.options)
		if err == nil || err.Error() != tc.want || fault.CodeOf(err) != fault.Usage {
			t.Errorf("got %v (%d), want %s", err, fault.CodeOf(err), tc.want)
		}
	}
	missing := filepath.Join(t.TempDir(), "no", "summary.md")
	_, err := New(Options{Out: io.Discard, Err: io.Discard, Clock: still{}, Getenv: func(string) string { return "" }, Markdown: missing})
	if fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), missing) {
		t.Errorf("a summary that cannot be written: %v", err)
	}
}

// NO_COLOR, TERM=dumb and a pipe are the same, byte by byte, on both channels and in both formats.
func TestPlainIsPlainEverywhere(t *testing.T) {
	utf8 := func(more ...string) map[string]string {
		env := map[string]string{"LANG": "en_US.UTF-8"}
		for i := 0; i < len(more); i += 2 {
			env[more[i]] = more[i+1]
		}
		return env
	}
	for name, events := range stories() {
		for _, o := range []Options{{}, {Verbose: true}, {Output: "json"}, {Quiet: true}, {Progress: "tree"}} {
			pipe := setting{Options: o, env: utf8()}
			noColor := setting{Options: o, terminal: true, columns: 120, env: utf8("NO_COLOR", "1")}
			dumb := setting{Options: o, terminal: true, columns: 120, env: utf8("TERM", "dumb")}
			wantOut, wantErr, _ := shownAs(t, pipe, events)
			for other, s := range map[string]setting{"NO_COLOR": noColor, "TERM=dumb": dumb} {
				if o.Progress == "tree" && other == "NO_COLOR" { // asked for by name: a tree without colours
					continue
				}
				out, err, _ := shownAs(t, s, events)
				if out != wantOut || err != wantErr {
					t.Errorf("%s, %+v: %s differs from a pipe:\n%s%s", name, o, other, cmp.Diff(wantOut, out), cmp.Diff(wantErr, err))
				}
			}
			if strings.Contains(wantOut+wantErr, "\x1b") {
				t.Errorf("%s, %+v: an escape code in a pipe", name, o)
			}
		}
	}
}

// colored finds a colour, and no movement of the cursor.
var colored = regexp.MustCompile(`\x1b\[\d+m`)

func TestTreeWithoutColours(t *testing.T) {
	_, err, _ := shownAs(t, setting{Options: Options{Progress: "tree"}, terminal: true, columns: 80, env: map[string]string{"LANG": "C.UTF-8", "NO_COLOR": "1"}}, failed())
	if !strings.Contains(err, "\x1b[J") || colored.MatchString(err) {
		t.Errorf("want a tree without colours:\n%q", err)
	}
}

func TestColourOnDemand(t *testing.T) {
	out, _, _ := shownAs(t, setting{Options: Options{Color: "always"}}, planned())
	if !strings.Contains(out, "\x1b[31m") {
		t.Error("--color always has none")
	}
	out, err, _ := shownAs(t, setting{Options: Options{Color: "never"}, terminal: true, columns: 80}, failed())
	if colored.MatchString(out + err) {
		t.Error("--color never has some")
	}
}

// By default the system is asked about terminals.
func TestRealTerminal(t *testing.T) {
	if Terminal(strings.NewReader("")) {
		t.Error("a reader is a terminal")
	}
	o := Options{Out: io.Discard, Err: io.Discard, Getenv: func(string) string { return "" }}
	if err := o.check(); err != nil {
		t.Fatal(err)
	}
	if columns, rows := o.Size(); columns != 80 || rows != 24 || o.IsTerminal(io.Discard) {
		t.Errorf("%d × %d", columns, rows)
	}
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo terminals here")
	}
	defer master.Close()
	if !Terminal(master) {
		t.Skip("the master's side is none here")
	}
	o = Options{Out: io.Discard, Err: master, Getenv: func(string) string { return "" }}
	if err := o.check(); err != nil {
		t.Fatal(err)
	}
	if columns, rows := o.Size(); columns != 0 || rows != 0 {
		t.Errorf("%d × %d of a terminal without a window", columns, rows)
	}
}
