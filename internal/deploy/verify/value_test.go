package verify

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a template promises is evaluated with the values of the deployed stack; what nobody can tell stays unresolved, never guessed.
func TestProperties(t *testing.T) {
	const body = `{Parameters: {Name: {Type: String}, Many: {Type: CommaDelimitedList}, Secret: {Type: String, NoEcho: true}, Gone: {Type: String}},
  Conditions: {Yes: !Equals [!Ref Name, dev], No: !Not [!Condition Yes], Both: !And [!Condition Yes, !Condition No], Either: !Or [!Condition No, !Condition Yes], Untold: !Equals [!Ref Secret, x],
    Decided: !Or [!Condition Untold, !Condition Yes], Odd: !Something [x], Loop: !Condition Loop, Undecided: !And [!Condition Untold, !Condition Yes]},
  Resources: {Nested: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: x}}, Group: {Type: AWS::Logs::LogGroup}, Service: {Type: AWS::ECS::Service}, Bucket: {Type: AWS::S3::Bucket},
    Topic: {Type: AWS::SNS::Topic}, Subject: {Type: T, Properties: {%s}}}}`
	for _, tc := range []struct {
		written string
		want    any
	}{
		{"P: text", "text"},
		{"P: !Ref Name", "dev"},
		{"P: !Ref Many", []any{"a", "b"}},
		{"P: !Ref Secret", unresolved{}},
		{"P: !Ref Gone", unresolved{}},
		{"P: !Ref Nobody", unresolved{}},
		{"P: !Ref Topic", "id-of-Topic"},
		{"P: [!Ref AWS::Region, !Ref AWS::AccountId, !Ref AWS::Partition, !Ref AWS::StackName, !Ref AWS::NoValue]", []any{"us-east-1", "111122223333", "aws", "other-qa"}},
		{"P: !Ref AWS::StackId", "arn:aws:cloudformation:us-east-1:111122223333:stack/other-qa/1"},
		{"P: {A: !Ref Name, B: !Ref AWS::NoValue}", map[string]any{"A": "dev"}},
		{"P: !GetAtt Nested.Outputs.Key", "of the nested"},
		{"P: !GetAtt Nested.Outputs.Other", unresolved{}},
		{"P: !GetAtt Nobody.Arn", unresolved{}},
		{"P: !GetAtt Group.Arn", "arn:aws:logs:us-east-1:111122223333:log-group:id-of-Group"},
		{"P: !GetAtt Topic.TopicName", unresolved{}},
		{"P: !GetAtt Service.Name", "svc"},
		{"P: !GetAtt Bucket.Arn", "arn:aws:s3:::id-of-Bucket"},
		{"P: !Sub 'a-${Name}-${!Kept}-${Group.Arn}'", "a-dev-${Kept}-arn:aws:logs:us-east-1:111122223333:log-group:id-of-Group"},
		{"P: !Sub ['${It}', {It: !Ref Name}]", "dev"},
		{"P: !Sub 'a-${Secret}'", unresolved{}},
		{"P: !Join ['-', [a, !Ref Name]]", "a-dev"},
		{"P: !Join ['-', [a, !Ref Secret]]", unresolved{}},
		{"P: !Select ['1', !Ref Many]", "b"},
		{"P: !Select ['7', !Ref Many]", unresolved{}},
		{"P: !FindInMap [a, b, c]", unresolved{}},
		{"P: !If [Yes, a, b]", "a"},
		{"P: !If [No, a, b]", "b"},
		{"P: !If [Both, a, b]", "b"},
		{"P: !If [Either, a, b]", "a"},
		{"P: !If [Untold, a, b]", unresolved{}},
		{"P: !If [Decided, a, b]", "a"},
		{"P: !If [Undecided, a, b]", unresolved{}},
		{"P: !If [Odd, a, b]", unresolved{}},
		{"P: !If [Loop, a, b]", unresolved{}},
		{"P: !If [Nobody, a, b]", unresolved{}},
		{"Q: x", nil},
	} {
		s := estateOf(t, fmt.Sprintf(body, tc.written), map[string]string{"Name": "dev", "Many": "a, b", "Secret": "****"})
		got := s.resources["Subject"].property("P")
		if diff := cmp.Diff(tc.want, got.any); diff != "" {
			t.Errorf("%s: %s", tc.written, diff)
		}
		if _, known := tc.want.(unresolved); got.known() == known {
			t.Errorf("%s: known is %t", tc.written, !known)
		}
		if got.set() != (tc.want != nil) {
			t.Errorf("%s: set is %t", tc.written, got.set())
		}
	}
}

// A property may lie inside what a condition decides.
func TestPropertyInsideACondition(t *testing.T) {
	s := estateOf(t, `{Conditions: {Yes: !Equals [a, a]}, Resources: {Subject: {Type: T, Properties: {P: !If [Yes, {Q: !Ref AWS::Region}, {Q: other}], L: [!Ref Secret, {M: !Ref Secret}], M: {N: !Ref Secret}}}}}`, nil)
	r := s.resources["Subject"]
	if got := r.property("P", "Q"); got.text() != "us-east-1" {
		t.Errorf("%v", got)
	}
	if r.property("L").known() || r.property("M").known() || (value{map[string]any{}}).text() != "" {
		t.Error("known")
	}
	if got := (value{[]any{"a", map[string]any{}}}).texts(); len(got) != 2 || got[1] != "" {
		t.Errorf("%q", got)
	}
}

func TestARNs(t *testing.T) {
	s := estateOf(t, `{Resources: {A: {Type: T}}}`, nil)
	for typ, want := range map[string]string{keyType: "arn:aws:kms:us-east-1:111122223333:key/x", clusterType: "arn:aws:rds:us-east-1:111122223333:cluster:x", instanceType: "arn:aws:rds:us-east-1:111122223333:db:x",
		trailType: "arn:aws:cloudtrail:us-east-1:111122223333:trail/x", compositeType: "arn:aws:cloudwatch:us-east-1:111122223333:alarm:x", "AWS::Other::Thing": "x"} {
		if got := (&Resource{ID: "x", Type: typ, stack: s}).arn(); got != want {
			t.Errorf("%s: %s", typ, got)
		}
	}
}
