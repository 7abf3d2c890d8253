package checks

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// reportedTemplates are three templates about which reportedRules say all that a rule can say.
const reportedTemplate = `Resources:
  Open:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: open
  Closed:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: closed
`

func reportedRules() []Rule {
	onGroups := func(check func(l *Looking, r *Resource)) func(*World, *Looking) {
		return func(w *World, l *Looking) {
			for _, r := range w.OfType("AWS::EC2::SecurityGroup") {
				l.Look()
				check(l, r)
			}
		}
	}
	isOpen := func(r *Resource) bool { return r.At("GroupDescription").String() == "open" }
	return []Rule{
		{ID: "AAA001", Title: "Groups are closed", Requirements: []string{"R2"}, PCI: []string{"1.3.1"}, Severity: Critical, Check: onGroups(func(l *Looking, r *Resource) {
			if isOpen(r) {
				l.Fail(r, "GroupDescription", r.At("GroupDescription"), "closed & <safe>", "close it")
			}
		})},
		{ID: "AAA002", Title: "Groups have a reason", Requirements: []string{"R2"}, Severity: Medium, Check: onGroups(func(l *Looking, r *Resource) {
			if isOpen(r) {
				l.Exempt(r, "", "open", "closed", "it is a lobby")
			}
		})},
		{ID: "AAA003", Title: "Groups are known", Requirements: []string{"R3"}, PCI: []string{"1.2.5"}, Severity: Low, Check: onGroups(func(l *Looking, r *Resource) {
			if isOpen(r) {
				l.Unsure(r, "VpcId", "a VPC", "nobody said which")
			}
		})},
		{ID: "BBB001", Title: "Doors have keys", Requirements: []string{"R4"}, Severity: High, Check: func(*World, *Looking) {}},
		{ID: "BBB002", Title: "Groups are groups", Requirements: []string{"R1"}, Severity: High, Check: onGroups(func(*Looking, *Resource) {})},
		{ID: "BBB003", Title: "There is a house", Requirements: []string{"R5"}, Severity: High, Check: func(_ *World, l *Looking) {
			l.add(Finding{Rule: "BBB003", Outcome: Unsure, Found: "unknown", Needed: "a house", Reason: "nobody looked"})
		}},
	}
}

func reported(t testing.TB, rules []Rule, exemptions ...Exemption) Report {
	t.Helper()
	w := worldOf(t, nil, map[string]string{"groups.yaml": reportedTemplate})
	return NewReport(w, Verify(w, rules, exemptions...))
}

// The text report says where each finding is, and every reason.
func TestReportText(t *testing.T) {
	r := reported(t, reportedRules())
	r.Directory, r.Environment, r.Parameters, r.Assumed = "./golden/", "dev", "environments/dev.yaml", []string{"A=b"}
	r.Requirements = slices.DeleteFunc(r.Requirements, func(q RequirementResult) bool { return !slices.Contains([]string{"R1", "R2", "R3", "R4", "R21"}, q.ID) })
	var b bytes.Buffer
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	want := `./golden/: 1 templates, 1 stacks, 2 resources, environment "dev", parameter values of environments/dev.yaml
  assumed: A=b

REQUIREMENT  OUTCOME         RULES  JUDGED  PROMISE
R1           pass            1      2       VPC over three zones: public, private and isolated subnets, a NAT gateway for each zone, no public addresses
R2           fail            2      4       Security groups of least privilege: only the load balancer takes the internet, all else from group to group, in both directions
R3           unknown         1      2       ECS cluster with FARGATE and FARGATE_SPOT and Container Insights
R4           not applicable  1      0       Three services of stated size, sidecars included; a fourth is one catalogue entry
R21          not provable    0      0       PCI DSS matrix from requirement to control to logical IDs

What templates cannot prove:
  R4   That a fourth service is one entry is a property of the code, which its tests show
  R21  not provable: it is a document about the templates and no part of them; a test keeps docs/pci-dss.md fresh

Broken promises:

  AAA001 Groups are closed [critical, R2, PCI 1.3.1]
    golden/groups.yaml:5 Open GroupDescription
      found   open
      needed  closed & <safe>
      mend    close it

Unknown: not decided by these templates and parameter values:

  AAA003 Groups are known [low, R3, PCI 1.2.5]
    golden/groups.yaml:5 Open VpcId
      found   unknown
      needed  a VPC
      reason  nobody said which

  BBB003 There is a house [high, R5]
    the templates
      found   unknown
      needed  a house
      reason  nobody looked

Exempt, with the reason:

  AAA002 Groups have a reason [medium, R2]
    golden/groups.yaml:5 Open
      found   open
      needed  closed
      reason  it is a lobby

6 rules: 1 pass, 1 fail, 1 exempt, 2 unknown, 1 without subject; 1 findings fail
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if strings.Contains(b.String(), "\x1b") {
		t.Error("escape codes")
	}
	if !r.Failed() {
		t.Error("a broken promise does not fail the report")
	}
}

// Without values given the head says so, and an exemption from outside is a reason like any other.
func TestReportOfExemptions(t *testing.T) {
	r := reported(t, reportedRules()[:1], Exemption{Rule: "AAA001", Template: "groups.yaml", LogicalID: "Open", Reason: "closed tomorrow"})
	var b bytes.Buffer
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 templates, 1 stacks, 2 resources, default parameter values\n", "Exempt, with the reason", "reason  closed tomorrow"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, &b)
		}
	}
	if r.Failed() {
		t.Error("an exempt finding fails the report")
	}
}

// The JSON report holds every field that docs/checks.md describes, and no null.
func TestReportJSON(t *testing.T) {
	r := reported(t, reportedRules())
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var have map[string]any
	if err := json.Unmarshal(b.Bytes(), &have); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "null") || !strings.Contains(b.String(), "closed & <safe>") {
		t.Errorf("null, or escaped texts:\n%s", &b)
	}
	first := have["rules"].([]any)[0]
	want := map[string]any{"id": "AAA001", "title": "Groups are closed", "severity": "critical", "requirements": []any{"R2"}, "pci": []any{"1.3.1"},
		"outcome": "fail", "subjects": 2.0, "findings": []any{map[string]any{"rule": "AAA001", "outcome": "fail", "template": "groups.yaml", "logical_id": "Open",
			"path": "GroupDescription", "line": 5.0, "found": "open", "needed": "closed & <safe>", "mend": "close it"}}}
	if diff := cmp.Diff(any(want), first); diff != "" {
		t.Errorf("rule (-want +got):\n%s", diff)
	}
	requirement := have["requirements"].([]any)[1]
	if diff := cmp.Diff(any(map[string]any{"id": "R2", "title": requirement.(map[string]any)["title"], "outcome": "fail", "subjects": 4.0, "rules": []any{"AAA001", "AAA002"}}), requirement); diff != "" {
		t.Errorf("requirement (-want +got):\n%s", diff)
	}
	delete(have, "rules")
	delete(have, "requirements")
	head := map[string]any{"version": 1.0, "directory": "", "environment": "", "parameters": "", "assumed": []any{}, "templates": 1.0, "stacks": 1.0, "resources": 2.0, "outcome": "fail"}
	if diff := cmp.Diff(head, have); diff != "" {
		t.Errorf("head (-want +got):\n%s", diff)
	}
}

// full is a disk without space.
type full struct{}

var errFull = errors.New("no space left on device")

func (full) Write([]byte) (int, error) { return 0, errFull }

// An error of writing is the error of each report.
func TestReportsThatCannotBeWritten(t *testing.T) {
	r := reported(t, reportedRules())
	w := worldOf(t, nil, map[string]string{"groups.yaml": reportedTemplate})
	for name, write := range map[string]func(io.Writer) error{
		"text": r.WriteText, "json": r.WriteJSON, "sarif": r.WriteSARIF, "junit": r.WriteJUnit, "rules": WriteRules,
		"pci": PCIMatrix{}.WriteMarkdown, "pci json": PCIMatrix{}.WriteJSON,
		"reach":   func(out io.Writer) error { return WriteReach(out, w, "", "") },
		"paths":   func(out io.Writer) error { return WriteReach(out, w, "internet", "") },
		"who can": func(out io.Writer) error { return WriteWhoCan(out, w, "s3:GetObject", "arn:aws:s3:::bucket/key") },
	} {
		if err := write(full{}); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
