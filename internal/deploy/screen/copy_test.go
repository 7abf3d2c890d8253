package screen

import (
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// shownText is what events look like in a pipe of 80 columns.
func shownText(t *testing.T, events ...report.Event) string {
	t.Helper()
	out, _, _ := shownAs(t, setting{}, events)
	return out
}

const longName = "arn:aws:secretsmanager:us-east-1:111122223333:secret:secret-transaction-processor-qa7-AbCdEf"

// Names are never broken: a table whose words do not fit its columns prints the cells of a row below each other, with their columns' names.
func TestTablesDoNotBreakNames(t *testing.T) {
	columns := []string{"Stack", "Resource", "Type", "Name"}
	secret := []string{"platform-qa7", "ServiceTransactionProcessor/TransactionProcessorDatabaseSecret", "AWS::SecretsManager::Secret", longName}
	for _, tc := range []struct {
		name string
		rows [][]string
		want string
	}{
		{"what rows have in common heads them", [][]string{{"platform-qa7", "Data/Cluster", "AWS::RDS::DBCluster", "db-qa7"}, secret, {"platform-qa7", "216 resources that hold no data", "", ""}, {"foundation-qa7", "Key", "AWS::KMS::Key", "k"}}, `
Will be deleted for good
  platform-qa7
    Data/Cluster                                             AWS::RDS::DBCluster
      Name: db-qa7
    ServiceTransactionProcessor/TransactionProcessorDatabaseSecret
      AWS::SecretsManager::Secret
      Name: ` + longName + `
    216 resources that hold no data
  foundation-qa7
    Key                                                            AWS::KMS::Key
      Name: k
`},
		{"rows that have nothing in common", [][]string{secret, {"foundation-qa7"}}, `
Will be deleted for good
  platform-qa7    ServiceTransactionProcessor/TransactionProcessorDatabaseSecret
    Type: AWS::SecretsManager::Secret
    Name: ` + longName + `
  foundation-qa7
`},
	} {
		if got := shownText(t, report.Table{Title: "Will be deleted for good", Columns: columns, Rows: tc.rows}); got != tc.want {
			t.Errorf("%s:\n%s\nwant\n%s", tc.name, got, tc.want)
		}
	}
}

// Outputs and leftovers stay whole too; one reason of many leftovers is said once.
func TestListsDoNotBreakNames(t *testing.T) {
	got := shownText(t, report.Outputs{Stack: "s", Values: map[string]string{"Short": "x", "SecretOfTheTransactionProcessor": longName}})
	if want := "\nOutputs of s\n  SecretOfTheTransactionProcessor\n    " + longName + "\n  Short                            x\n"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	why := "AWS KMS keeps every key for 7 to 30 days"
	got = shownText(t, report.Sweep{Kept: []report.Leftover{{Type: "kms:key", ID: "1", Why: why}, {Type: "s3", ID: longName, Why: "kept by its DeletionPolicy"}, {Type: "kms:key", ID: "2", Why: why}}})
	if want := "\n✓ Nothing is left that has the environment's tag or names, except:\n  " + why + ":\n    kms:key  1\n    kms:key  2\n  kept by its DeletionPolicy:\n    s3       " + longName + "\n"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// The command of a step that is longer than a line goes on behind a backslash, so that it can be copied.
func TestCommandOfAStep(t *testing.T) {
	const whole = "deploy plan -e qa7 --detailed-exitcode --params environments/dev.yaml -p Capacity=6"
	got := shownText(t, report.Phase{Number: 7, Title: "After the release", Command: whole})
	if want := "\n7  After the release\n   $ deploy plan -e qa7 --detailed-exitcode \\\n     --params environments/dev.yaml -p Capacity=6\n"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if beside := shownText(t, report.Phase{Number: 7, Title: strings.Repeat("title ", 8) + "x", Command: "deploy verify -e qa7 --evidence evidence"}); !strings.Contains(beside, " x\n   $ deploy verify -e qa7 --evidence evidence\n") {
		t.Errorf("a command beside a long title: %s", beside)
	}
	if joined := strings.Join(strings.Fields(strings.ReplaceAll(strings.Join(strings.SplitN(got, "$ ", 2)[1:], ""), "\\\n", "")), " "); joined != whole {
		t.Errorf("a shell reads %q", joined)
	}
}

// A failure shows the last lines of a log; who asks for a diagnosis sees all of them.
func TestLogsOfAFailure(t *testing.T) {
	d := report.Diagnosis{Stack: "platform-qa7", Seconds: 63, Status: "UPDATE_ROLLBACK_COMPLETE", Console: "https://console", Causes: []report.Cause{{Path: []string{"ApiStack"}, LogicalID: "Service", Reason: "unstable",
		Details: []string{"task 1: exit 1", "  api | one", "  api | two", "  api | three", "  api | four", "task 2: exit 1"}}}}
	refused := report.Result{Code: fault.RolledBack, Text: "rolled back", Next: []string{"deploy apply -e qa7"}}
	brief := shownText(t, started("deploy apply"), d, refused)
	for _, want := range []string{"failed after 1m03s and was rolled back", "    └ task 1: exit 1\n      (the last 3 of 4 lines; deploy diagnose shows all)\n      api | two\n      api | three\n      api | four\n    └ task 2: exit 1\n",
		"Do: mend Api/Service, then: deploy apply -e qa7\n", "exit 4\nConsole:\nhttps://console\n"} {
		if !strings.Contains(brief, want) {
			t.Errorf("no %q in\n%s", want, brief)
		}
	}
	d.Do = []string{"deploy apply -e qa7", "deploy rollback -e qa7"}
	simulated := started("deploy diagnose")
	simulated.Simulated = true
	whole := shownText(t, simulated, d, report.Result{Text: "1 cause"})
	if !strings.Contains(whole, "api | one\n") || strings.Contains(whole, "shows all") || strings.Contains(whole, "Console:") || !strings.Contains(whole, "Do: mend Api/Service, then: deploy apply -e qa7\nDo: deploy rollback -e qa7\n") {
		t.Error(whole)
	}
}

// What only the execution tells is said in a line: of what a value is made, not what it was.
func TestValuesKnownLater(t *testing.T) {
	change := report.Change{LogicalID: "Role", Type: "AWS::IAM::Role", Action: report.Modify, Properties: []report.Property{
		{Path: "Short", Before: "a", After: knownLater}, {Path: "Policies", Before: "[" + strings.Repeat(`{"Action":"s3:GetObject"},`, 9) + "]", After: knownLater, Cause: "DataStack.Outputs.Secret"},
		{Path: strings.Repeat("Deep.", 9) + "Policies", Before: longName, After: knownLater, Forces: "maybe"}, {Path: "Name", Before: longName, After: knownLater}}}
	got := planOf(t, false, change)
	for _, want := range []string{"       Short                           a → (known at the execution)\n", "       Policies\n         (known at the execution) from DataStack.Outputs.Secret\n",
		"Policies (may force\n         replacement)\n         (known at the execution)\n", "       Name                            (known at the execution)\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, longName) || !strings.Contains(planOf(t, true, change), longName) {
		t.Error("the value that it had is shown, or not when asked for")
	}
}

// Of a first deployment the numbers are shown, and what has more to say; a disproved change is one line.
func TestPlansInBrief(t *testing.T) {
	key := report.Change{LogicalID: "Key", Type: "AWS::KMS::Key", Action: report.Add, Stateful: true, Area: "identity", Broadens: true}
	role := report.Change{LogicalID: "Role", Type: "AWS::IAM::Role", Action: report.Add, Area: "identity", Broadens: true, Properties: []report.Property{{Path: "Policies", After: "x"}}}
	plain := report.Change{LogicalID: "Plain", Type: "AWS::IAM::Role", Action: report.Add, Area: "identity"}
	p := report.Plan{First: true, Name: "c", Root: report.Stack{Name: "platform-qa7", Changes: []report.Change{key, role, plain}, Nested: []report.Stack{{Name: "DataStack", Changes: []report.Change{key}}}}}
	got := shownText(t, p)
	for _, want := range []string{"   3 additions, 1 holds data\n", "+ Key    AWS::KMS::Key                                        BROADENS access\n", "+ Role   AWS::IAM::Role                           BROADENS access, see Access\n", "+ Plain  AWS::IAM::Role\n", "└─ Data", "1 addition, 1 holds data\n",
		"  all of it is new; -v lists it\n", "  + 3 added: 1 IAM::Role, 2 KMS::Key; 2 BROADEN (-v lists them)\n  + Role  AWS::IAM::Role                                         BROADENS access\n      Policies  + x\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	same := report.Change{LogicalID: "Log", Type: "AWS::Logs::LogGroup", Action: report.Modify, Certainty: report.Spurious, Stateful: true, Why: "it stays", Properties: []report.Property{{Path: "KmsKeyId", Before: "a", After: "b"}}}
	if got := planOf(t, false, same); !strings.Contains(got, "· Log  AWS::Logs::LogGroup ") || !strings.Contains(got, " not changed: disproved\n") || strings.Contains(got, "KmsKeyId") {
		t.Error(got)
	}
	if got := planOf(t, true, same); !strings.Contains(got, "(it stays)") || !strings.Contains(got, "KmsKeyId  a → b") {
		t.Error(got)
	}
}
