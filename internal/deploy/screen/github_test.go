package screen

import (
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy/report"
)

// What AWS or a container says moves no cursor, turns no text around and gives GitHub's runner no commands.
func TestQuotedTextIsHarmless(t *testing.T) {
	evil := "\x1b[2Jgone \u202etxt\r::set-output name=x::y\n::add-mask::z ##[error]e\ttab"
	d := report.Diagnosis{Stack: "s", Causes: []report.Cause{{LogicalID: "X", Status: "CREATE_FAILED", Reason: evil, Details: []string{"::warning::from a log"}}}}
	out, err, _ := shownAs(t, setting{env: map[string]string{"LANG": "C.UTF-8", "GITHUB_ACTIONS": "true"}}, []report.Event{report.Note{Level: report.Warning, Text: evil}, d})
	if strings.ContainsAny(out+err, "\x1b\r\u202e") {
		t.Errorf("control characters: %q", out+err)
	}
	for line := range strings.Lines(out + err) {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "::") && !strings.HasPrefix(trimmed, "::warning::[2Jgone") && !strings.HasPrefix(trimmed, "::error title=X CREATE_FAILED::[2Jgone") || strings.Contains(out, "##[") {
			t.Errorf("a command: %q", line)
		}
	}
	if !strings.Contains(err, "%0A::add-mask::z") {
		t.Errorf("a line end is not escaped: %q", err)
	}
	out, _, _ = shownAs(t, setting{Options: Options{Output: "json"}}, []report.Event{d})
	if strings.Contains(out, "##[") {
		t.Errorf("a command in JSON: %q", out)
	}
}

func TestCommandsOfGitHub(t *testing.T) {
	if got, want := command("error", "a: b, 100%", "50%\r\nnext: ok, fine"), "::error title=a%3A b%2C 100%25::50%25%0D%0Anext: ok, fine"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A diagnosis marks causes on GitHub that did not come as events, and none twice.
func TestMarksOnGitHub(t *testing.T) {
	env := map[string]string{"LANG": "C.UTF-8", "GITHUB_ACTIONS": "true"}
	_, err, _ := shownAs(t, setting{env: env}, failed())
	if n := strings.Count(err, "::error "); n != 1 {
		t.Errorf("%d marks of one failure", n)
	}
	_, err, _ = shownAs(t, setting{env: env}, append([]report.Event{started("deploy diagnose"), report.Note{Level: report.Info, Text: "locked"}}, diagnosis()))
	if strings.Count(err, "::error title=ServicePaymentApi/PaymentApiService UPDATE_FAILED::") != 1 || !strings.Contains(err, "locked\n") {
		t.Error(err)
	}
}

// A validation that is a warning is one on GitHub; what has not ended when the run does is printed.
func TestGitHubRemainders(t *testing.T) {
	events := append(updating().events, report.Validation{Severity: "warning", Check: "C", Text: "careful"}, report.Note{Level: report.Warning, Text: "hm"})
	_, err, _ := shownAs(t, setting{Options: Options{Progress: "github"}, env: map[string]string{"LANG": "C.UTF-8"}}, events)
	for _, want := range []string{"::warning title=C::careful\n", "::warning::hm\n", "::group::ServicePaymentApi\n", "::group::Data\n"} {
		if !strings.Contains(err, want) {
			t.Errorf("no %q in\n%s", want, err)
		}
	}
	if strings.Count(err, "::group::") != strings.Count(err, "::endgroup::") {
		t.Error("a group is open")
	}
}

// A log line that looks like a command to GitHub's runner is none.
func TestALogLineIsNoCommand(t *testing.T) {
	d := diagnosis()
	d.Causes[0].Details = []string{"  ::stop-commands::x", "  ##[add-mask]x"}
	out, _, _ := shownAs(t, setting{env: map[string]string{"LANG": "C.UTF-8", "GITHUB_ACTIONS": "true"}}, []report.Event{d})
	if strings.Contains(out, " ::stop") || strings.Contains(out, "##[") || !strings.Contains(out, ": :stop-commands::x") {
		t.Error(out)
	}
}
