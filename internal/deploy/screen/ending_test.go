package screen

import (
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// A failure three levels deep has its own reason in the first five lines, however long its path.
func TestReasonInTheFirstFiveLines(t *testing.T) {
	d := report.Diagnosis{Stack: "platform-a1-b2-c3-d4e", Causes: []report.Cause{{Path: []string{"ServiceTransactionProcessorStack", "ServiceNotificationServiceStack", "AnotherNestedStackOfThemStack"},
		LogicalID: "TransactionProcessorDatabaseSecretPolicy", Type: "AWS::SecretsManager::ResourcePolicy", Status: "CREATE_FAILED", Reason: "secret scheduled for deletion"}}}
	for _, code := range []fault.Code{fault.RolledBack, fault.NeedsPerson} {
		for _, columns := range []int{40, 80, 120} {
			out, _, _ := shownAs(t, setting{terminal: true, columns: columns, env: map[string]string{"LANG": "C.UTF-8"}}, []report.Event{d, report.Result{Code: code, Status: "x"}})
			lines := strings.Split(out, "\n")
			if !strings.Contains(strings.Join(lines[:5], " "), "deletion") {
				t.Errorf("%d columns:\n%s", columns, out)
			}
		}
	}
}

// Every way in which an operation can end has its words.
func TestEndings(t *testing.T) {
	cause := []report.Cause{{LogicalID: "X", Type: "T", Status: "CREATE_FAILED", Reason: "because"}}
	for _, tc := range []struct {
		diagnosis report.Diagnosis
		result    *report.Result
		want      []string
	}{
		{report.Diagnosis{Status: "ROLLBACK_COMPLETE", Seconds: 61}, nil, []string{"s failed after 1m01s and was rolled back", "It is ROLLBACK_COMPLETE: nothing of it runs"}},
		{report.Diagnosis{Status: "UPDATE_ROLLBACK_FAILED"}, nil, []string{"s failed, and so did its rollback", "It is UPDATE_ROLLBACK_FAILED"}},
		{report.Diagnosis{Status: "CREATE_FAILED"}, nil, []string{"s failed\n", "It is CREATE_FAILED\n"}},
		{report.Diagnosis{Do: []string{"mend it, then: deploy apply -e qa7"}}, &report.Result{Code: fault.NeedsPerson, Next: []string{"deploy apply -e qa7", "deploy rollback -e qa7"}},
			[]string{"Do: mend it, then: deploy apply -e qa7\nDo: deploy rollback -e qa7\n", "exit 5"}},
		{report.Diagnosis{}, &report.Result{Code: fault.RolledBack}, []string{"s failed and was rolled back", "exit 4"}},
		{report.Diagnosis{}, &report.Result{Code: fault.OK, Text: "1 cause"}, []string{"s failed\n", "because"}},
	} {
		tc.diagnosis.Stack, tc.diagnosis.Causes = "s", cause
		events := []report.Event{started("deploy diagnose"), tc.diagnosis}
		if tc.result != nil {
			events = append(events, *tc.result)
		}
		out, _, _ := shownAs(t, setting{}, events)
		for _, want := range tc.want {
			if !strings.Contains(out, want) {
				t.Errorf("%+v: no %q in\n%s", tc.diagnosis, want, out)
			}
		}
	}
	out, _, _ := shownAs(t, setting{}, []report.Event{report.Diagnosis{Stack: "s"}, report.Result{Text: "s is UPDATE_COMPLETE; 0 causes"}})
	if out != "✓ s is UPDATE_COMPLETE; 0 causes\nNo resource failed for a reason of its own.\n" {
		t.Errorf("%q", out)
	}
	out, _, _ = shownAs(t, setting{Options: Options{Verbose: true}}, []report.Event{report.Diagnosis{Stack: "s"}})
	if out != "No resource failed for a reason of its own.\n" {
		t.Errorf("%q", out)
	}
	out, _, _ = shownAs(t, setting{}, []report.Event{report.Result{Code: fault.StillRunning, Text: strings.Repeat("it goes on ", 12), Next: []string{"deploy watch -e qa7"}}})
	if !strings.HasPrefix(out, "! it goes on") || !strings.Contains(out, "  exit 8\nNext: deploy watch -e qa7\n") {
		t.Error(out)
	}
}
