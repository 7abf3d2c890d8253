package simulator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/simulator"
)

// TestRefusedChangeSets: what is refused before anything is computed.
func TestRefusedChangeSets(t *testing.T) {
	a := open(t, simulator.Options{})
	a.upload("broken", "{")
	a.deploy(proposal{stack: "there", body: topic})
	long := "{Description: '" + strings.Repeat("x", 52_000) + "', Resources: {}}"
	rules := `{Parameters: {P: {Type: String, Default: x}, L: {Type: CommaDelimitedList, Default: "a,b"}}, Resources: {T: {Type: AWS::SNS::Topic}}, Rules: {Never: {RuleCondition: !Equals [!Ref P, y], Assertions: [{Assert: !Equals [a, b]}]},
  First: {Assertions: [{Assert: !And [!Contains [[x, y], !Ref P], !EachMemberIn [!Ref L, [a, b, c]], !EachMemberEquals [[x, x], !Ref P], !Not [!EachMemberIn [[x]]], !Not [!RefAll [a, b]]]}, {Assert: !Or [!Equals [!Ref P, y], !Condition Nope], AssertDescription: give y}]}}}`
	with := func(parameters map[string]string, body string) proposal {
		return proposal{stack: "new", body: body, parameters: parameters}
	}
	constrained := `{Parameters: {P: {Type: String, AllowedValues: [a]}, C: {Type: String, Default: "1", MaxLength: 1, ConstraintDescription: one letter}, N: {Type: Number, Default: 1}}, Resources: {T: {Type: AWS::SNS::Topic}}}`
	for name, tt := range map[string]struct {
		proposal   proposal
		code, text string
	}{
		"exists":            {proposal{stack: "there", body: topic}, "ValidationError", "already exists and cannot be created again"},
		"does not exist":    {proposal{stack: "gone", body: topic, update: true}, "ValidationError", "Stack [gone] does not exist"},
		"no template":       {proposal{stack: "new", url: nestedURL + "nobody"}, "ValidationError", "S3 error: The specified key does not exist"},
		"no bucket":         {proposal{stack: "new", url: "https://s3.us-east-1.amazonaws.com/nobody/x"}, "ValidationError", "S3 error: The specified bucket does not exist"},
		"no address":        {proposal{stack: "new", url: "http://x"}, "ValidationError", "TemplateURL must be a supported URL."},
		"broken":            {proposal{stack: "new", url: nestedURL + "broken"}, "ValidationError", "Template format error"},
		"too long":          {proposal{stack: "new", body: long}, "ValidationError", "less than or equal to 51200"},
		"rule":              {with(nil, rules), "ValidationError", "rule First failed: give y"},
		"unknown parameter": {with(map[string]string{"P": "a", "X": "1"}, constrained), "ValidationError", "Parameters: [X] do not exist in the template"},
		"missing parameter": {with(nil, constrained), "ValidationError", "Parameters: [P] must have values"},
		"value":             {with(map[string]string{"P": "b"}, constrained), "ValidationError", "must be one of AllowedValues"},
		"constraint":        {with(map[string]string{"P": "a", "C": "no"}, constrained), "ValidationError", "failed to satisfy constraint: one letter"},
		"number":            {with(map[string]string{"P": "a", "N": "no"}, constrained), "ValidationError", "does not take the value"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := a.propose(tt.proposal); code(err) != tt.code || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := a.api.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{StackName: aws.String("iam"), ChangeSetName: aws.String("c"), ChangeSetType: "CREATE", TemplateBody: aws.String(`{Resources: {R: {Type: AWS::IAM::Role}}}`)}); code(err) != "InsufficientCapabilitiesException" {
		t.Errorf("without the capability: %v", err)
	}
	again := &cloudformation.CreateChangeSetInput{StackName: aws.String("there"), ChangeSetName: aws.String("c"), ChangeSetType: "UPDATE", UsePreviousTemplate: aws.Bool(true), Parameters: []types.Parameter{{ParameterKey: aws.String("X"), UsePreviousValue: aws.Bool(true)}}}
	if _, err := a.api.CreateChangeSet(t.Context(), again); err == nil || !strings.Contains(err.Error(), "Cannot specify usePreviousValue") {
		t.Errorf("%v", err)
	}
	again.Parameters = nil
	must(a.api.CreateChangeSet(t.Context(), again))
	if _, err := a.api.CreateChangeSet(t.Context(), again); code(err) != "AlreadyExistsException" {
		t.Errorf("the same name: %v", err)
	}
	if _, err := a.api.DeleteChangeSet(t.Context(), &cloudformation.DeleteChangeSetInput{StackName: aws.String("there"), ChangeSetName: aws.String("c")}); code(err) != "" {
		t.Errorf("%v", err)
	}
	for _, in := range []*cloudformation.DeleteChangeSetInput{{StackName: aws.String("there"), ChangeSetName: aws.String("nobody")}, {ChangeSetName: aws.String("arn:aws:cloudformation:x")}} {
		if _, err := a.api.DeleteChangeSet(t.Context(), in); err != nil {
			t.Errorf("deleting what is not there: %v", err)
		}
	}
	if _, err := a.api.DeleteChangeSet(t.Context(), &cloudformation.DeleteChangeSetInput{StackName: aws.String("nobody"), ChangeSetName: aws.String("c")}); code(err) != "ValidationError" {
		t.Errorf("%v", err)
	}
}

// TestLimit: deployments leave a failed change set of each unchanged nested stack that nothing deletes, until there is no room for one more.
func TestLimit(t *testing.T) {
	a := open(t, simulator.Options{ChangeSets: 4})
	a.upload("child", child)
	body := strings.Replace(parent, "Parameters: {Size: !Ref Size}}}", "Parameters: {Size: \"1\"}}}", 1)
	a.deploy(proposal{stack: "s", body: body})
	for i := range 9 {
		set := must(a.propose(proposal{stack: "s", body: body, update: true, parameters: map[string]string{"Size": fmt.Sprint(i + 2)}}))
		if set.Status == types.ChangeSetStatusFailed {
			if i != 4 || !strings.Contains(aws.ToString(set.StatusReason), "ChangeSet limit exceeded") {
				t.Errorf("deployment %d: %s", i, aws.ToString(set.StatusReason))
			}
			return
		}
		must(a.api.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: set.ChangeSetId}))
		a.settle("s")
		a.wait(time.Hour)
	}
	t.Error("no limit")
}

func TestLimitOfARoot(t *testing.T) {
	a := open(t, simulator.Options{ChangeSets: 2})
	for range 2 {
		must(a.propose(proposal{stack: "s", body: topic}))
	}
	if _, err := a.propose(proposal{stack: "s", body: topic}); code(err) != "LimitExceededException" {
		t.Errorf("%v", err)
	}
	b, p := grown(t)
	if err := b.sim.LeaveChangeSets("Child", 999); err != nil {
		t.Fatal(err)
	}
	if out := must(b.api.ListChangeSets(t.Context(), &cloudformation.ListChangeSetsInput{StackName: aws.String(b.nested())})); len(out.Summaries) != 100 || out.NextToken == nil {
		t.Errorf("%d on a page", len(out.Summaries))
	}
	if set := must(b.propose(p)); set.Status != types.ChangeSetStatusFailed {
		t.Errorf("%s", set.Status)
	}
	if err := b.sim.LeaveChangeSets("Bucket", 1); err == nil {
		t.Error("a bucket has no change sets")
	}
}
