package screen

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

const nestedArn = "arn:aws:cloudformation:us-east-1:111122223333:stack/platform-qa7-DataStack-60316D6F011F/fe68e720-0000-4000-8000-000000000120"

// What CloudFormation says of a stack in which something failed is told in three words, without its ARN.
func TestReasonsOfStacks(t *testing.T) {
	for text, want := range map[string]string{
		"Embedded stack " + nestedArn + " was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: The following resource(s) failed to update: [Cluster].": "because of Cluster",
		"Embedded stack " + nestedArn + " was not successfully created: The following resource(s) failed to create: [Writer, StoreStack]. ":                                           "because of Writer, Store",
		"The following resource(s) failed to create: [DataStack]. Rollback requested by user.":                                                                                        "because of Data",
		"Embedded stack " + nestedArn + " was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: Stack update exceeded its time.":                        "the nested stack was not updated: Stack update exceeded its time.",
		"Embedded stack " + nestedArn + " was not successfully deleted: ":                                                                                                             "the nested stack was not deleted",
		"Stack creation\ntime exceeded": "Stack creation time exceeded",
	} {
		if got := reason(stackType, text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	const other = "The following resource(s) failed to create: [A]"
	if got := reason("AWS::S3::Bucket", other); got != other {
		t.Errorf("of another type: %q", got)
	}
}

// The line of a stack that only followed is quiet wherever it comes, and JSON has CloudFormation's own words.
func TestAStackThatFollowedIsNoCause(t *testing.T) {
	const words = "Embedded stack " + nestedArn + " was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: The following resource(s) failed to update: [Cluster]."
	failed := report.Resource{LogicalID: "DataStack", PhysicalID: nestedArn, Type: stackType, Status: "UPDATE_FAILED", Time: at(9), Reason: words}
	events := []report.Event{started("deploy watch"), report.Operation{Stack: "platform-qa7", Doing: "update", Started: dawn}, failed,
		report.Resource{Path: []string{"DataStack"}, LogicalID: "Cluster", Type: "AWS::RDS::DBCluster", Status: "UPDATE_FAILED", Time: at(8), Reason: "no capacity"},
		report.Diagnosis{Stack: "platform-qa7", Causes: []report.Cause{{LogicalID: "DataStack", Type: stackType, Status: "UPDATE_FAILED", Reason: words}}}}
	for name, s := range map[string]setting{"lines": {Options: Options{Color: "always"}}, "tree": {terminal: true, columns: 80}, "github": {env: map[string]string{"GITHUB_ACTIONS": "true", "LANG": "C.UTF-8"}}} {
		_, _, both := shownAs(t, s, events)
		if strings.Contains(both, "arn:") || !strings.Contains(both, "no capacity") || strings.Contains(both, "\x1b[31mbecause") && name == "lines" && strings.Contains(strings.Split(both, "Root cause")[0], "\x1b[31mbecause") {
			t.Errorf("%s:\n%s", name, both)
		}
	}
	if out, _, _ := shownAs(t, setting{Options: Options{Output: "json"}}, events); !strings.Contains(out, words) {
		t.Error(out)
	}
}

// A nested stack may speak of itself before its parent tells its ARN: it is the same stack, not one nested in it.
func TestAStackThatSpeaksFirst(t *testing.T) {
	own := report.Resource{Path: []string{"DataStack"}, LogicalID: "platform-qa7-DataStack-60316D6F011F", PhysicalID: nestedArn, Type: stackType, Status: "CREATE_IN_PROGRESS", Time: at(1)}
	_, err, _ := shownAs(t, setting{terminal: true, columns: 80, rows: 40}, []report.Event{report.Operation{Stack: "platform-qa7", Doing: "create", Started: dawn}, own, report.Tick{Time: at(2), LastEvent: at(1)}})
	if strings.Contains(err, own.LogicalID) || !strings.Contains(err, "Data") {
		t.Error(err)
	}
}

// While a person waits, the last line says what Ctrl-C does; not where nothing runs any more, and not beside a question.
func TestWhatAnInterruptionDoes(t *testing.T) {
	for interrupt, want := range map[string]string{"ask": "Ctrl-C to detach, cancel or continue", "cancel": "Ctrl-C to cancel", "detach": "Ctrl-C to detach: AWS goes on", "": "Ctrl-C to detach: AWS goes on"} {
		for _, simulated := range []bool{false, true} {
			s := started("deploy apply")
			if s.Simulated = simulated; simulated {
				want = "Ctrl-C to end the rehearsal"
			}
			events := []report.Event{s, report.Operation{Stack: "platform-qa7", Doing: "update", Started: dawn, Interrupt: interrupt},
				report.Resource{LogicalID: "platform-qa7", PhysicalID: arn("platform-qa7"), Type: stackType, Status: "UPDATE_IN_PROGRESS", Time: at(0)}, report.Tick{Time: at(2), LastEvent: at(1)}}
			seen := func(more ...report.Event) string {
				_, err, _ := shownAs(t, setting{terminal: true, columns: 80, rows: 40}, append(events[:len(events):len(events)], more...))
				e := &emulator{t: t}
				e.line()
				e.write(err)
				return e.screen()
			}
			ended := seen(report.Resource{LogicalID: "platform-qa7", PhysicalID: arn("platform-qa7"), Type: stackType, Status: "UPDATE_COMPLETE", Time: at(3)})
			if strings.Contains(ended, "Ctrl-C") || strings.Contains(ended, "last event") {
				t.Errorf("nothing runs any more:\n%s", ended)
			}
			_, err, _ := shownAs(t, setting{terminal: true, columns: 80, rows: 40}, events)
			if !strings.Contains(err, want+"\x1b[0m\x1b[K\n\x1b[J") {
				t.Errorf("%q: want %q in %q", interrupt, want, err)
			}
			if small := seen(crowded().events[1:]...); strings.Contains(small, "Ctrl-C") { // settled at the end
				t.Errorf("settled:\n%s", small)
			}
		}
	}
}

// How many tasks of a service run stands beside what it does, in the tree and in a heartbeat, also of a service that nobody named yet.
func TestTasksOfAService(t *testing.T) {
	path := []string{"ServicePaymentApiStack"}
	events := append(updating().events, report.Tasks{Path: path, LogicalID: "PaymentApiService", Running: 2, Desired: 4, Time: at(103)}, report.Tasks{LogicalID: "Nobody", Running: 1, Desired: 1})
	_, err, _ := shownAs(t, setting{terminal: true, columns: 80, rows: 40}, append(events, report.Tick{Time: at(104), LastEvent: at(101)}))
	if want := "configured, stabilizing  2/4 tasks     11s"; !strings.Contains(err, want) {
		t.Errorf("no %q in %s", want, err)
	}
	alone := []report.Event{report.Operation{Stack: "platform-qa7", Doing: "update", Started: dawn},
		report.Resource{LogicalID: "Web", Type: "AWS::ECS::Service", Status: "UPDATE_IN_PROGRESS", Detailed: configured, Time: at(1)}, report.Tasks{LogicalID: "Web", Running: 1, Desired: 3}, report.Tick{Time: at(120), LastEvent: at(1)}}
	if _, err, _ := shownAs(t, setting{}, alone); !strings.Contains(err, "; Web configured, stabilizing 1/3 tasks 1m59s\n") {
		t.Error(err)
	}
}

// Checks stand one below the other: sign, name, what was found, what to do. Nothing that a person copies is broken.
func TestChecks(t *testing.T) {
	const caller = "arn:aws:sts::111122223333:assumed-role/a-role-with-a-long-name/session"
	checks := report.Checks{Title: "Checks of qa7", Checks: []report.Check{{Name: "Versions", Verdict: report.Fine, Found: "deploy v1"}, {Name: "Credentials", Verdict: report.Fine, Found: caller},
		{Name: "Lock", Verdict: report.Warned, Found: "left by somebody, whose deploy apply died; expired 2026-11-22T15:00:00Z", Do: "deploy unlock -e qa7 removes it"},
		{Name: "Scaling", Verdict: report.Problem, Found: "suspended", Do: "deploy doctor --repair"}, {Name: "Image scanning", Verdict: report.Doubtful, Found: "no permission"}}}
	out, _, _ := shownAs(t, setting{}, []report.Event{checks})
	want := `
Checks of qa7
  ✓ Versions        deploy v1
  ✓ Credentials
      ` + caller + `
  ! Lock            left by somebody, whose deploy apply died; expired
                    2026-11-22T15:00:00Z
                    Do: deploy unlock -e qa7 removes it
  ✗ Scaling         suspended
                    Do: deploy doctor --repair
  ? Image scanning  no permission
`
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
}

// A long command goes on behind backslashes, as a shell takes it; a short one and a sentence do not.
func TestLongCommands(t *testing.T) {
	const digest = "sha256:06c83921d44727947d60db34a92381063a963353d79eea44feedca875c12e611"
	out, _, _ := shownAs(t, setting{}, []report.Event{report.Result{Status: "planned", Next: []string{"deploy apply -e qa7 --yes --image payment-api=" + digest + " --image envoy=" + digest,
		"deploy apply -e qa7", "push the images to the registries that the foundation has, then: deploy apply -e qa7"}}})
	want := "Next: deploy apply -e qa7 --yes \\\n      --image payment-api=" + digest + " \\\n      --image envoy=" + digest + "\nNext: deploy apply -e qa7\n" +
		"Next: push the images to the registries that the foundation has, then:\n      deploy apply -e qa7\n"
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
}

// The console's address is on a line of its own below everything else, whole, however the run ended.
func TestTheConsoleComesLast(t *testing.T) {
	d := diagnosis()
	d.Console = "https://us-east-1.console.aws.amazon.com/cloudformation/home?region=us-east-1#/stacks/events?stackId=" + strings.Repeat("x", 140)
	for _, result := range []report.Result{{Status: "rolled_back", Code: fault.RolledBack, Text: "failed"}, {Status: "done", Text: "platform-qa7 is UPDATE_COMPLETE; 1 cause"}} {
		out, _, _ := shownAs(t, setting{}, []report.Event{started("deploy diagnose"), d, result})
		if !strings.HasSuffix(out, "\nConsole:\n"+d.Console+"\n") {
			t.Error(out)
		}
	}
}

// What is new about templates is said, and what is not is left out.
func TestTemplatesInAWord(t *testing.T) {
	for want, e := range map[string]report.Templates{
		"Templates   14, none changed\n":                            {Count: 14, Seconds: 0.1},
		"Templates   14, 14 changed, uploaded before\n":             {Count: 14, Changed: 14},
		"Templates   14, 2 changed, 3 uploaded (38 KB), 0.4 s\n":    {Count: 14, Changed: 2, Uploaded: 3, Bytes: 38912, Seconds: 0.4},
		"Templates   14, 0 changed, 1 uploaded (12 bytes), 0.0 s\n": {Count: 14, Uploaded: 1, Bytes: 12},
	} {
		if out, _, _ := shownAs(t, setting{}, []report.Event{e}); out != want {
			t.Errorf("%+v: %q, want %q", e, out, want)
		}
	}
}
