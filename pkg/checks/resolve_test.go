package checks

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFunctions: each function in its forms, with arguments that are known, unknown and wrong.
func TestFunctions(t *testing.T) {
	const head = `
Parameters: {P: {Type: String, Default: p}, L: {Type: CommaDelimitedList, Default: 'a, b'}, U: {Type: String}}
Mappings: {M: {us-east-1: {Name: n, List: [1, 2]}, Loop: {L: {Fn::FindInMap: [M, Loop, L]}}}}
Conditions:
  T: !Equals [!Ref P, p]
  F: !Not [!Condition T]
  UnknownOne: !Equals [!Ref U, x]
  Loop: !Or [!Condition Loop, !Condition F]
  Text: x
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: t}}
  Loops: {Type: AWS::SNS::Topic, Properties: {TopicName: !GetAtt Loops.TopicName}}
  Other: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt Another.QueueName}}
  Another: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub 'x-${Other.QueueName}'}}
  Unnamed: {Type: AWS::SNS::Topic}
  Long: {Type: AWS::SNS::Topic, Properties: {TopicName: 'LONG'}}
  R: {Type: T, Properties: {V: `
	tests := []struct{ expression, want string }{
		{"!Ref P", "p"}, {"{Ref: P}", "p"}, {"!Ref AWS::NoValue", "nothing"}, {"!Ref AWS::Region", "us-east-1"}, {"!Ref U", "unknown (parameter U has no value)"},
		{"!Ref Missing", "unknown (Missing does not exist under these conditions)"}, {"!Ref Topic", "arn:aws:sns:us-east-1:111122223333:t"},
		{"!Ref Unnamed", "arn:aws:sns:us-east-1:111122223333:<t/Unnamed>"}, {"!Ref Loops", "arn:aws:sns:us-east-1:111122223333:<t/Loops>"}, {"!Ref R", "<t/R>"},
		{"!GetAtt Other.QueueName", "<t/Another>"},
		{"!GetAtt Topic.TopicName", "t"}, {"{Fn::GetAtt: [Topic, TopicName]}", "t"}, {"!GetAtt [Topic, !Ref P]", "<t/Topic>.p"}, {"!GetAtt R.Some.Attribute", "<t/R>.Some.Attribute"},
		{"!Sub '${P}-${Topic.TopicName}-${!P}-${'", "p-t-${P}-${"}, {"!Sub ['${A}${P}', {A: !Ref P}]", "pp"}, {"!Sub '${U}'", "unknown (parameter U has no value)"},
		{"!Sub '${L}'", "unknown (Fn::Sub takes no list: L)"}, {"!Sub ['${A}']", ""}, {"!Sub {a: b}", ""},
		{"!If [T, a, b]", "a"}, {"!If [F, a, b]", "b"}, {"!If [F, a, !Ref AWS::NoValue]", "nothing"}, {"!If [UnknownOne, a, b]", "unknown (parameter U has no value)"},
		{"!If [T, a]", "unknown (Fn::If without three arguments)"}, {"!If [Nobody, a, b]", "unknown (condition Nobody is not declared)"},
		{"!If [Loop, a, b]", "unknown (condition Loop depends on itself)"}, {"!If [Text, a, b]", "unknown (condition Text is no condition)"},
		{"!And [!Condition T, !Condition UnknownOne]", "unknown (parameter U has no value)"}, {"!And [!Condition F, !Condition UnknownOne]", "false"},
		{"!Or [!Condition T, !Condition UnknownOne]", "true"}, {"!Or [!Condition F, !Condition F]", "false"}, {"!And [!Condition T, {Condition: T}]", "true"},
		{"!Not [!Condition T, !Condition T]", "unknown (Fn::Not with the wrong arguments)"}, {"!Equals a", "unknown (Fn::Equals with the wrong arguments)"},
		{"!Equals [!Ref L, a]", "unknown (Fn::Equals of something that is no text)"}, {"!Equals [1, '1']", "true"}, {"!Equals [a]", "unknown (Fn::Equals with the wrong arguments)"},
		{"!Contains [[a, b], b]", "true"}, {"!Contains [[a, b], c]", "false"},
		{"!FindInMap [M, !Ref AWS::Region, Name]", "n"}, {"!FindInMap [M, !Ref AWS::Region, List]", "[1, 2]"}, {"!FindInMap [M, !Ref U, Name]", "unknown (parameter U has no value)"},
		{"!FindInMap [M, x, Name]", "unknown (Fn::FindInMap finds nothing)"}, {"!FindInMap [M]", "unknown (Fn::FindInMap without three arguments)"},
		{"!FindInMap [M, Loop, L]", "unknown (values refer to each other more than 5000 times deep)"},
		{"'{{resolve:ssm:/a:3}}'", "unknown (what Systems Manager has under /a:3)"}, {"!Sub '{{resolve:ssm:/${P}}}'", "unknown (what Systems Manager has under /p)"},
		{"!Join ['', ['{{resolve:', 'ssm:/a}}']]", "unknown (what Systems Manager has under /a)"}, {"'{{resolve:secretsmanager:a}}'", "{{resolve:secretsmanager:a}}"},
		{"{Fn::Transform: {Name: x}, a: b}", "unknown (what Fn::Transform makes of the keys beside it)"},
		{"!Join ['-', [a, !Ref P]]", "a-p"}, {"!Join ['-', !Ref L]", "a-b"}, {"!Join ['-', [a, !Ref U]]", "unknown (parameter U has no value)"},
		{"!Join ['-', a]", "unknown (Fn::Join of something that is no list)"}, {"!Join ['-', [[a]]]", "unknown (a text is made of something that is none)"},
		{"!Split ['-', a-b]", "[a, b]"}, {"!Select [1, !Ref L]", "b"}, {"!Select ['1', [a, b]]", "b"}, {"!Select [2, !Ref L]", "unknown (Fn::Select of an item that is not there)"},
		{"!Select [x, !Ref L]", "unknown (Fn::Select of an item that is not there)"}, {"!Base64 a", "YQ=="}, {"!Length [a, b]", "2"}, {"!Length [!GetAZs , b]", "2"},
		{"!Select [0, !GetAZs '']", "us-east-1a"}, {"!Select [1, !GetAZs eu-west-1]", "eu-west-1b"},
		{"!Select [1, !Cidr [10.0.0.0/16, 4, 8]]", "10.0.1.0/24"}, {"!Cidr ['::/0', 1, 8]", "unknown (Fn::Cidr of something that is no IPv4 block)"},
		{"!ImportValue x", "unknown (function Fn::ImportValue is not evaluated)"}, {"!Sub '${Missing.Arn}'", "unknown (Missing does not exist under these conditions)"},
		{"[!Ref AWS::NoValue, a]", "[a]"}, {"{a: !Ref AWS::NoValue, b: 1.5}", "{b: 1.5}"}, {"{Fn::: x}", "unknown (function Fn:: is not evaluated)"}, {"!Ref ", "unknown ( does not exist under these conditions)"},
	}
	for _, tt := range tests {
		w := worldOf(t, nil, map[string]string{"t.yaml": head + tt.expression + "}}\n"})
		if got := w.OfType("T")[0].At("V").Show(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.expression, got, tt.want)
		}
	}
}

// TestTextsBeyondMeasure: texts end where no template could hold them.
func TestTextsBeyondMeasure(t *testing.T) {
	long := strings.Repeat("x", 300_000)
	w := worldOf(t, nil, map[string]string{"t.yaml": "Resources:\n  R:\n    Type: T\n    Properties:\n      A: &a " + long + "\n      B: !Join ['', [*a, *a, *a, *a]]\n      C: !Sub ['${A}${A}${A}${A}', {A: *a}]\n"})
	r := w.OfType("T")[0]
	if r.At("A").Unknown() != "" || r.At("B").Unknown() != "a text longer than any template" || r.At("C").Unknown() != "a text longer than any template" {
		t.Error(r.At("A").Unknown(), r.At("B").Unknown(), r.At("C").Unknown())
	}
}

// TestTooMuchWork: a set that multiplies beyond measure says so, and its values are unknown.
func TestTooMuchWork(t *testing.T) {
	w := worldOf(t, nil, map[string]string{"t.yaml": "Resources: {R: {Type: T, Properties: {A: !Join ['', [a]], B: [b]}}}\n"})
	w.work = maxWork - 4
	s := w.Stacks[0]
	properties := s.Template.section("Resources").field("R").field("Properties")
	if got := s.resolve(properties.field("A")).Show(); got != "unknown (the set has too many values)" {
		t.Error(got)
	}
	if got := s.resolve(properties.field("B")).Show(); got != "unknown (the set has too many values)" {
		t.Error(got)
	}
	if diff := cmp.Diff([]string{"the set has more than 3000000 values to follow"}, w.Problems); diff != "" {
		t.Error(diff)
	}
	if got := resultOf(t, w, lifecycleRules(), "LIF013"); got.Outcome != Unsure || got.Findings[0].Reason != w.Problems[0] {
		t.Errorf("%+v", got)
	}
}

// TestOneSetManyStyles: the same stack in short form, in JSON with long forms, and through Mappings, Conditions and nested
// lists resolves to the same values.
func TestOneSetManyStyles(t *testing.T) {
	styles := map[string]map[string]string{
		"flat": {"t.yaml": `
Parameters: {Suffix: {Type: String}}
Resources:
  Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub 'log-${Suffix}', RetentionInDays: 30, KmsKeyId: !GetAtt Key.Arn}}
  Key: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: true}}
`},
		"JSON": {"t.json": `{"Parameters": {"Suffix": {"Type": "String"}}, "Resources": {
	"Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": {"Fn::Join": ["-", ["log", {"Ref": "Suffix"}]]}, "RetentionInDays": "30",
		"KmsKeyId": {"Fn::GetAtt": ["Key", "Arn"]}}},
	"Key": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": "true"}}}}`},
		"mappings": {"t.yaml": `
Parameters: {Suffix: {Type: String}}
Mappings: {Names: {us-east-1: {group: log-, days: 30}}}
Conditions: {Here: !Equals [!Ref AWS::Region, us-east-1], There: !Not [!Condition Here]}
Resources:
  Group:
    Type: AWS::Logs::LogGroup
    Condition: Here
    Properties:
      LogGroupName: !If [There, other, !Join ['', [!FindInMap [Names, !Ref AWS::Region, group], !Ref Suffix]]]
      RetentionInDays: !If [Here, !FindInMap [Names, us-east-1, days], 1]
      KmsKeyId: !If [Here, !GetAtt Key.Arn, !Ref AWS::NoValue]
  Unused: {Type: AWS::Logs::LogGroup, Condition: There}
  Key: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: !Condition Here}}
`},
		"nested": {"root.yaml": `
Parameters: {Suffix: {Type: String}}
Resources:
  LogsStack: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: logs.yaml, Parameters: {Words: [log, !Ref Suffix], Keys: !GetAtt KeyStack.Outputs.Keys}}}
  KeyStack: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: key.yaml}}
`, "key.yaml": "Resources:\n  Key: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: true}}\nOutputs: {Keys: {Value: !Join [',', [x, !GetAtt Key.Arn]]}}\n",
			"logs.yaml": `
Parameters: {Words: {Type: CommaDelimitedList}, Keys: {Type: List<String>}}
Resources:
  Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Join ['-', !Ref Words], RetentionInDays: 30, KmsKeyId: !Select [1, !Ref Keys]}}
`},
	}
	for style, files := range styles {
		w := worldOf(t, map[string]string{"Suffix": "dev"}, files)
		groups := w.OfType("AWS::Logs::LogGroup")
		if len(groups) != 1 {
			t.Errorf("%s: %d groups", style, len(groups))
			continue
		}
		key := w.Find(groups[0].At("KmsKeyId"))
		if key == nil || key.Type != "AWS::KMS::Key" || !key.At("EnableKeyRotation").True() || groups[0].At("LogGroupName").String() != "log-dev" {
			t.Errorf("%s: %s", style, groups[0].Properties.Show())
		}
		for _, id := range []string{"LOG001", "LOG002"} {
			if got := resultOf(t, w, logRules(), id); got.Outcome != Pass {
				t.Errorf("%s: %s is %s", style, id, got.Outcome)
			}
		}
		hidden := Deploy(w.set, Environment{Region: "eu-west-1"})
		for _, result := range Verify(hidden, logRules()) {
			if result.Outcome == Fail && style != "mappings" {
				t.Errorf("%s elsewhere: %s fails: %+v", style, result.Rule.ID, result.Findings)
			}
		}
	}
}
