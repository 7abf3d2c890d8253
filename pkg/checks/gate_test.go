package checks

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
)

// gated passes the golden templates, edited, through the gate.
func gated(t *testing.T, parameters map[string]string, exemptions []Exemption, edits ...edit) error {
	t.Helper()
	original, err := goldenText()
	if err != nil {
		t.Fatal(err)
	}
	texts := maps.Clone(original)
	for _, change := range edits {
		change(t, texts)
	}
	var files []File
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		files = append(files, File{Name: name, Data: []byte(texts[name])})
	}
	return Gate(files, Environment{Parameters: parameters}, exemptions...)
}

// What is deployed passes the gate.
func TestGatePassesGolden(t *testing.T) {
	for _, name := range []string{"prod", "dev"} {
		if err := gated(t, goldenParameters(t, name), nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A broken promise stops a deployment, unless it is exempt.
func TestGateStops(t *testing.T) {
	open := replaceInResource("network.yaml", "DatabaseFromPaymentApiIngress", "SourceSecurityGroupId: !GetAtt PaymentApiSecurityGroup.GroupId", "CidrIp: 0.0.0.0/0")
	err := gated(t, goldenParameters(t, "prod"), nil, open)
	var stopped *GateError
	if !errors.As(err, &stopped) {
		t.Fatalf("error %v", err)
	}
	i := slices.IndexFunc(stopped.Failed, func(f Finding) bool { return f.Rule == "NET002" })
	if i < 0 || stopped.Failed[i].LogicalID != "DatabaseFromPaymentApiIngress" {
		t.Fatalf("failed %+v", stopped.Failed)
	}
	for _, want := range []string{"the templates break", "\n  NET002 network.yaml:", "found 0.0.0.0/0", "needed "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
	var excuses []Exemption
	for _, f := range stopped.Failed {
		excuses = append(excuses, Exemption{Rule: f.Rule, Template: f.Template, LogicalID: f.LogicalID, Reason: "a test"})
	}
	if err := gated(t, goldenParameters(t, "prod"), excuses, open); err != nil {
		t.Errorf("with exemptions: %v", err)
	}
}

// What a critical rule cannot judge, or what cannot be followed at all, stops a deployment; other unknowns do not.
func TestGateAndUnknowns(t *testing.T) {
	nested := func(url string) []File {
		return []File{{Name: "root.yaml", Data: []byte("Resources:\n  Child:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: " + url + "\n")}}
	}
	err := Gate(nested("https://example.com/missing.yaml"), Environment{}, Exemption{Rule: "LIF"})
	var stopped *GateError
	if !errors.As(err, &stopped) || !slices.ContainsFunc(stopped.Unknown, func(f Finding) bool { return f.Rule == followed }) {
		t.Fatalf("error %v", err)
	}
	for _, want := range []string{"critical ones cannot be judged", followed, "its template is not in the set"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
	err = Gate(nested("https://example.com/missing.yaml"), Environment{}, Exemption{Reason: "another stack's"})
	if err != nil {
		t.Errorf("with an exemption of everything: %v", err)
	}
}

// Files that are no templates are the error of Load.
func TestGateCannotRead(t *testing.T) {
	var unread *LoadError
	if err := Gate([]File{{Name: "a.yaml"}}, Environment{}); !errors.As(err, &unread) {
		t.Errorf("error %v", err)
	}
}

// A finding's place leaves out what it does not have.
func TestWhere(t *testing.T) {
	for want, f := range map[string]Finding{
		"the templates":           {},
		"a.yaml":                  {Template: "a.yaml"},
		"a.yaml:3 Parameters":     {Template: "a.yaml", Line: 3, Path: "Parameters"},
		"a.yaml:3 Group VpcId[0]": {Template: "a.yaml", Line: 3, LogicalID: "Group", Path: "VpcId[0]"},
	} {
		if have := f.Where(); have != want {
			t.Errorf("%q, want %q", have, want)
		}
	}
}
