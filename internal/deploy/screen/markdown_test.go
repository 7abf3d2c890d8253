package screen

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

func summaryOf(t *testing.T, events []report.Event) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "summary.md")
	shownAs(t, setting{Options: Options{Markdown: file}}, events)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// huge is a plan of so many changes with values so long that no comment takes it.
func huge(area string) report.Plan {
	p := report.Plan{Root: report.Stack{Name: "platform-qa7"}}
	for i := range 900 {
		p.Root.Changes = append(p.Root.Changes, report.Change{LogicalID: "Resource" + count(i), Type: "AWS::SNS::Topic", Action: report.Modify, Area: area,
			Properties: []report.Property{{Path: "DisplayName", Before: strings.Repeat("b", 120), After: strings.Repeat("ä", 120)}}})
	}
	return p
}

// A comment on GitHub takes 65,536 characters. What is too long is shortened in the tree first, and no text block is left open.
func TestSummaryFitsAComment(t *testing.T) {
	for _, area := range []string{"", "identity"} {
		got := summaryOf(t, []report.Event{started("deploy plan"), huge(area), report.Result{Status: "planned"}})
		if len(got) > 65536 || len(got) < 60000 || !utf8.ValidString(got) {
			t.Errorf("%s: %d bytes", area, len(got))
		}
		if !strings.Contains(got, "(shortened: the command prints all of it)") || strings.Count(got, "```")%2 != 0 || !strings.Contains(got, "✅ **planned**") {
			t.Errorf("%s: %s", area, got[len(got)-200:])
		}
		if area == "" && !strings.HasSuffix(got, "```\n\n</details>\n") {
			t.Errorf("the block is open: %s", got[len(got)-100:])
		}
	}
}

// Texts mention nobody, open no block and break no line of the summary.
func TestSummaryIsEscaped(t *testing.T) {
	evil := "@team | <b>x</b> `tick` ``` [a](http://b)\n# heading"
	got := summaryOf(t, []report.Event{
		report.Started{Command: evil, Environment: evil, Simulated: true},
		report.Note{Level: report.Warning, Text: evil}, report.Note{Level: report.Info, Text: "not there"},
		report.Plan{Incomplete: evil, Needs: []string{evil}, Adopts: []string{evil}, Root: report.Stack{Name: evil}},
		report.Validation{Severity: "error", Text: evil}, report.Approval{Missing: []string{evil}}, report.Sweep{Left: []report.Leftover{{Type: evil}}},
		diagnosis(), report.Result{Status: "unapproved", Code: fault.Unapproved, Text: "`" + evil},
	})
	fence := ""
	for line := range strings.Lines(got) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case fence == "" && strings.HasPrefix(line, "```"):
			fence = line
		case line == fence:
			fence = ""
		case fence != "":
		case strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "### `"):
			t.Errorf("a heading: %s", line)
		case strings.Contains(line, "@team") && !strings.Contains(line, "````@team") && !strings.Contains(line, "```` `@team"):
			t.Errorf("outside of code: %s", line)
		}
	}
	if fence != "" || strings.Contains(got, "not there") || !strings.Contains(got, "**simulated**") {
		t.Error(got)
	}
	for code, want := range map[fault.Code]string{fault.OK: "✅", fault.Busy: "⏳", fault.Refused: "❌"} {
		if sign(code) != want {
			t.Errorf("%d: %s", code, sign(code))
		}
	}
}

func TestMarkup(t *testing.T) {
	for text, want := range map[string]string{"": "-", "a\n b": "`a b`", "`x`": "`` `x` ``", "a``b": "```a``b```"} {
		if got := code(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if got := shortened("one\ntwo\nthree\n", 3); got != "" {
		t.Errorf("no room: %q", got)
	}
	if got := whole("a\n```\nb\n"); got != "a\n```\nb\n```\n" {
		t.Errorf("%q", got)
	}
}

// A summary that cannot be written makes Close fail.
func TestSummaryFailure(t *testing.T) {
	full := errors.New("disk full")
	s := &Screen{secrets: &secrets{}}
	s.sinks = []sink{&markdown{secrets: s.secrets, file: file{full}, fail: s.fail}}
	if err := s.Close(); !errors.Is(err, full) {
		t.Error(err)
	}
}

type file struct{ err error }

func (f file) Write([]byte) (int, error) { return 0, f.err }

func (f file) Close() error { return nil }
