package source_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/source"
)

// ruled is a template with one rule.
func ruled(t *testing.T, rule string) *source.Template {
	t.Helper()
	parsed, err := source.Parse("root.yaml", []byte(`Parameters:
  Size: {Type: Number}
  Zones: {Type: CommaDelimitedList}
  Name: {Type: String}
  Secret: {Type: String, NoEcho: true}
  Image: {Type: 'AWS::SSM::Parameter::Value<String>'}
Rules:
  Only:
`+rule+"\nResources:\n  Topic: {Type: AWS::SNS::Topic}\n"))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestRules(t *testing.T) {
	given := map[string]source.Given{"Size": {Value: "2"}, "Zones": {Value: "a, b"}, "Name": {Previous: true}, "Secret": {Value: "canary", Secret: true}, "Image": {Value: "/path"}}
	for name, tc := range map[string]struct {
		assert string
		// broken are words of the error; none for rules that hold, or are left to CloudFormation.
		broken []string
	}{
		"equal":                     {assert: "!Equals [!Ref Size, '2']"},
		"not equal":                 {"!Equals [!Ref Size, '3']", []string{"rule Only of root.yaml does not hold: Because", `found "Size=2"`, "allowed: 3", "-p NAME=VALUE"}},
		"present value":             {"!Equals [!Ref Name, other]", []string{`"Name=deployed"`, "allowed: other"}},
		"region":                    {"!Equals [!Ref 'AWS::Region', us-east-1]", []string{`"AWS::Region=eu-west-1"`, "allowed: us-east-1", "give --region us-east-1"}},
		"secret":                    {"!Equals [!Ref Secret, '']", []string{`found "Secret"`}},
		"among":                     {assert: "!Contains [['1', '2'], !Ref Size]"},
		"not among":                 {"!Contains [['1', '3'], !Ref Size]", []string{"allowed: 1, 3"}},
		"each among":                {assert: "!EachMemberIn [!Ref Zones, [a, b, c]]"},
		"one not among":             {"!EachMemberIn [!Ref Zones, [a, c]]", []string{`"Zones=a, b"`, "allowed: a, c"}},
		"each equal":                {"!EachMemberEquals [!Ref Zones, a]", []string{"allowed: a"}},
		"and":                       {"!And [!Equals [!Ref Size, '2'], !Equals [!Ref Name, '']]", []string{`"Size=2, Name=deployed"`, "change Size or Name"}},
		"or":                        {assert: "!Or [!Equals [!Ref Size, '2'], !Equals [!Ref Name, '']]"},
		"none":                      {"!Or [!Equals [!Ref Size, '3'], !Equals [!Ref Size, '4']]", []string{`"Size=2"`}},
		"not":                       {"!Not [!Equals [!Ref Size, '2']]", []string{`"Size=2"`}},
		"unknown value":             {assert: "!Equals [!Ref Image, '']"},
		"unknown in a list":         {assert: "!Contains [[!Ref Image], x]"},
		"unknown function":          {assert: "!Equals [!Select [0, [a]], b]"},
		"unknown among":             {assert: "!And [!Equals [!Ref Size, '2'], !Equals [!Ref Image, '']]"},
		"unknown or false":          {assert: "!Or [!Equals [!Ref Image, ''], !Equals [!Ref Size, '3']]"},
		"false beside unknown":      {"!And [!Equals [!Ref Image, ''], !Equals [!Ref Size, '3']]", []string{`"Image, Size=2"`}},
		"not of unknown":            {assert: "!Not [!Equals [!Ref Image, '']]"},
		"attributes of resources":   {assert: "!EachMemberIn [!ValueOfAll ['AWS::EC2::VPC::Id', Tags.Department], !RefAll 'AWS::EC2::VPC::Id']"},
		"not as functions are":      {assert: "!Not [a, b]"},
		"too few to be compared":    {assert: "!Equals [a]"},
		"two constants that differ": {"!Equals [a, b]", []string{"does not hold", "allowed: a, b"}},
	} {
		t.Run(name, func(t *testing.T) {
			root := ruled(t, "    Assertions: [{Assert: "+tc.assert+", AssertDescription: Because.}]")
			known := root.Known(given, map[string]string{"Name": "deployed"})
			known["AWS::Region"] = source.Known{Value: "eu-west-1"}
			err := root.Holds(known)
			if (err == nil) != (len(tc.broken) == 0) || err != nil && fault.CodeOf(err) != fault.Usage {
				t.Fatal(err)
			}
			for _, word := range tc.broken {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%v does not say %q", err, word)
				}
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("%v shows the secret", err)
			}
		})
	}
}

// A rule counts only where its condition is known to hold; what is wrong is told at once.
func TestRuleConditions(t *testing.T) {
	for condition, broken := range map[string]int{"!Equals [!Ref Size, '2']": 2, "!Equals [!Ref Size, '3']": 0, "!Equals [!Ref Image, '']": 0} {
		root := ruled(t, "    RuleCondition: "+condition+"\n    Assertions: [{Assert: !Equals [a, b], AssertDescription: One}, {Assert: !Equals [a, c], AssertDescription: Two}]")
		err := root.Holds(root.Known(map[string]source.Given{"Size": {Value: "2"}, "Secret": {Previous: true, Secret: true}}, nil))
		got := 0
		if err != nil {
			got = strings.Count(err.Error(), "does not hold")
		}
		if diff := cmp.Diff(broken, got); diff != "" {
			t.Errorf("%s: %s", condition, diff)
		}
	}
}
