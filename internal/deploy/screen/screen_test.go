package screen

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy/report"
)

// The result is on standard output and nothing else is; progress and warnings are on standard error.
func TestChannels(t *testing.T) {
	out, err, _ := shownAs(t, setting{}, failed())
	for _, text := range []string{"Environment qa7", "Root cause (1)", "exit 4"} {
		if !strings.Contains(out, text) || strings.Contains(err, text) {
			t.Errorf("%q is not on standard output alone", text)
		}
	}
	if strings.Contains(out, "UPDATE_IN_PROGRESS") || !strings.Contains(err, "15:03:46Z Network/LoadBalancerFromHTTPSIngress UPDATE_IN_PROGRESS") {
		t.Error("progress is not on standard error alone")
	}
	_, err, _ = shownAs(t, setting{Options: Options{Progress: "none"}}, append(failed(), report.Note{Level: report.Warning, Text: "watch out"}, report.Note{Level: report.Info, Text: "by the way"}))
	if err != "! watch out\n" {
		t.Errorf("--progress none prints %q", err)
	}
	out, err, _ = shownAs(t, setting{Options: Options{Output: "json"}}, failed())
	if err != "" || !strings.HasPrefix(out, `{"type":"version"`) {
		t.Errorf("JSON: standard error has %q", err)
	}
}

func TestQuiet(t *testing.T) {
	out, err, _ := shownAs(t, setting{Options: Options{Quiet: true}}, applied())
	if err != "" || strings.Contains(out, "Environment") || strings.Contains(out, "Templates") || strings.Contains(out, "Approved") || !strings.Contains(out, "✓ platform-qa7 is UPDATE_COMPLETE") {
		t.Errorf("-q prints more than the result: %s%s", out, err)
	}
}

func TestWriteFailure(t *testing.T) {
	gone := errors.New("broken pipe")
	for _, output := range []string{"human", "json"} {
		screen, err := New(Options{Out: failing{gone}, Err: io.Discard, Output: output, Clock: still{}, Getenv: func(string) string { return "" }})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range planned() {
			screen.Report(e)
		}
		if err := screen.Close(); !errors.Is(err, gone) {
			t.Errorf("%s: %v", output, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestSeveralGoroutines(t *testing.T) {
	screen, _ := New(Options{Out: io.Discard, Err: io.Discard, Clock: still{}, Getenv: func(string) string { return "" }})
	done := make(chan struct{})
	for range 4 {
		go func() {
			for _, e := range failed() {
				screen.Mask("some secret")
				screen.Report(e)
			}
			done <- struct{}{}
		}()
	}
	for range 4 {
		<-done
	}
	if err := screen.Close(); err != nil {
		t.Error(err)
	}
}

// A person who is asked sees the validations and the summary of the plan above the question, in every output.
func TestFlushBeforeAQuestion(t *testing.T) {
	for _, tc := range []struct {
		output, want string
	}{{"human", "Plan: 1 add, 2 change"}, {"json", `"type":"validation"`}} {
		var out bytes.Buffer
		file := filepath.Join(t.TempDir(), "summary.md")
		screen, err := New(Options{Out: &out, Err: io.Discard, Output: tc.output, Markdown: file, Clock: still{}, Getenv: func(string) string { return "" }})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range append([]report.Event{started("deploy apply"), update()}, findings()...) {
			screen.Report(e)
		}
		screen.Flush()
		if !strings.Contains(out.String(), tc.want) {
			t.Errorf("%s: no %q before the question", tc.output, tc.want)
		}
	}
}

// Asked while an operation runs, the tree stays where it is; it is drawn anew below the question.
func TestQuestionWhileTheTreeIsDrawn(t *testing.T) {
	var err bytes.Buffer
	screen, failed := New(Options{Out: io.Discard, Err: &err, Clock: still{}, Getenv: func(string) string { return "" }, IsTerminal: func(io.Writer) bool { return true }, Size: func() (int, int) { return 80, 40 }})
	if failed != nil {
		t.Fatal(failed)
	}
	for _, e := range updating().events {
		screen.Report(e)
	}
	screen.Flush()
	err.WriteString("Cancel? [y/N] n\n")
	screen.Report(report.Note{Level: report.Info, Text: "going on"})
	screen.Report(report.Tick{Time: at(120), LastEvent: at(101)})
	e := &emulator{t: t}
	e.line()
	e.write(err.String())
	if got := e.screen(); strings.Count(got, "platform-qa7  UPDATE") != 2 || !strings.Contains(got, "updating      3s\nCancel? [y/N] n\ngoing on\nplatform-qa7  UPDATE  2m00s") {
		t.Error(got)
	}
}

// On a terminal, details stand between the tree and nothing of the tree is lost.
func TestNoteWhileTheTreeIsDrawn(t *testing.T) {
	events := append(updating().events, report.Note{Level: report.Detail, Text: "a detail"}, report.Tick{Time: at(110), LastEvent: at(101)})
	_, err, _ := shownAs(t, setting{Options: Options{Verbose: true}, terminal: true, columns: 80, rows: 40}, events)
	e := &emulator{t: t}
	e.line()
	e.write(err)
	screen := e.screen()
	if !strings.HasPrefix(screen, "  a detail\nplatform-qa7  UPDATE") || strings.Count(screen, "platform-qa7  UPDATE") != 1 {
		t.Error(screen)
	}
}
