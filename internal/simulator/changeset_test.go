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

// describe is a change set by ARN.
func (a *account) describe(arn *string) *cloudformation.DescribeChangeSetOutput {
	a.Helper()
	return must(a.api.DescribeChangeSet(a.Context(), &cloudformation.DescribeChangeSetInput{ChangeSetName: arn, IncludePropertyValues: aws.Bool(true)}))
}

// change finds one of a change set.
func change(t *testing.T, set *cloudformation.DescribeChangeSetOutput, id string) *types.ResourceChange {
	t.Helper()
	for _, c := range set.Changes {
		if aws.ToString(c.ResourceChange.LogicalResourceId) == id {
			return c.ResourceChange
		}
	}
	t.Fatalf("no change of %s in %+v", id, set.Changes)
	return nil
}

// TestChanges: what a change set says of each kind of change.
func TestChanges(t *testing.T) {
	a := open(t, simulator.Options{})
	const before = `{Parameters: {Secret: {Type: String, NoEcho: true}}, Resources: {
  Group: {Type: AWS::Logs::LogGroup, DeletionPolicy: Retain, Properties: {LogGroupName: !Sub "g-${Secret}", RetentionInDays: 30}},
  Cluster: {Type: AWS::RDS::DBCluster, UpdateReplacePolicy: Snapshot, Properties: {Engine: a, DatabaseName: x}},
  Sub: {Type: AWS::SNS::Subscription, Properties: {Endpoint: !GetAtt Cluster.Endpoint.Address, TopicArn: t}},
  Gone: {Type: AWS::SQS::Queue, DeletionPolicy: Retain}, Other: {Type: AWS::SQS::Queue}}}`
	const after = `{Parameters: {Secret: {Type: String, NoEcho: true}}, Resources: {
  Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub "g-${Secret}", RetentionInDays: 90}},
  Cluster: {Type: AWS::RDS::DBCluster, UpdateReplacePolicy: Snapshot, Properties: {Engine: b, DatabaseName: y}},
  Sub: {Type: AWS::SNS::Subscription, Properties: {Endpoint: !GetAtt Cluster.Endpoint.Address, TopicArn: t}},
  New: {Type: AWS::SQS::Queue}, Other: {Type: AWS::SNS::Topic}}}`
	a.deploy(proposal{stack: "s", body: before, parameters: map[string]string{"Secret": "canary-1"}})
	set := must(a.propose(proposal{stack: "s", body: after, update: true, parameters: map[string]string{"Secret": "canary-2"}, tags: map[string]string{"k": "v"}}))
	for _, tt := range []struct {
		id          string
		action      types.ChangeAction
		replacement types.Replacement
		policy      types.PolicyAction
		details     int
	}{
		{"Group", "Modify", "True", "ReplaceAndDelete", 3}, {"Cluster", "Modify", "True", "ReplaceAndSnapshot", 3}, {"Sub", "Modify", "Conditional", "ReplaceAndDelete", 1},
		{"New", "Add", "", "", 0}, {"Gone", "Remove", "", "Retain", 0}, {"Other", "Modify", "True", "ReplaceAndDelete", 0},
	} {
		c := change(t, set, tt.id)
		if c.Action != tt.action || c.Replacement != tt.replacement || c.PolicyAction != tt.policy || len(c.Details) != tt.details {
			t.Errorf("%s: %s %s %s %+v", tt.id, c.Action, c.Replacement, c.PolicyAction, c.Details)
		}
	}
	if text := fmt.Sprint(aws.ToString(change(t, set, "Group").BeforeContext), aws.ToString(change(t, set, "Group").AfterContext), aws.ToString(set.Parameters[0].ParameterValue), aws.ToString(a.stack("s").Parameters[0].ParameterValue)); strings.Contains(text, "canary") || !strings.Contains(text, "g-****") {
		t.Errorf("a secret is shown: %s", text)
	}
	endpoint := change(t, set, "Sub").Details[0]
	if endpoint.Evaluation != types.EvaluationTypeDynamic || aws.ToString(endpoint.CausingEntity) != "Cluster.Endpoint.Address" || aws.ToString(endpoint.Target.AfterValue) != "{{changeSet:KNOWN_AFTER_APPLY}}" {
		t.Errorf("%+v %+v", endpoint, endpoint.Target)
	}
	must(a.api.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: set.ChangeSetId, DisableRollback: aws.Bool(false)}))
	if got := a.settle("s"); got != "UPDATE_COMPLETE" {
		t.Fatalf("%s\n%s", got, a.log("s"))
	}
	lines(t, a.log("s"), "Cluster CREATE_IN_PROGRESS Requested update requires", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "Gone DELETE_SKIPPED", "Other DELETE_COMPLETE", "s UPDATE_COMPLETE")
}

// TestReplacementKeepsTheOldUntilTheEnd: a failing update gives it back.
func TestReplacementKeepsTheOldUntilTheEnd(t *testing.T) {
	a := open(t, simulator.Options{})
	body := func(name string) string {
		return `{Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {FifoQueue: ` + name + `}}, Role: {Type: AWS::IAM::Role, DependsOn: Queue, Properties: {Description: ` + name + `}}}}`
	}
	a.deploy(proposal{stack: "s", body: body("true")})
	old := must(a.sim.Physical("Queue"))
	a.sim.Fail("Role", "no")
	if got := a.deploy(proposal{stack: "s", body: body("false"), update: true}); got != "UPDATE_ROLLBACK_COMPLETE" || must(a.sim.Physical("Queue")) != old {
		t.Fatalf("%s, %s instead of %s\n%s", got, must(a.sim.Physical("Queue")), old, a.log("s"))
	}
	lines(t, a.log("s"), "Queue CREATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.", "Queue UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "Queue DELETE_COMPLETE")
	a.sim.Heal()
	a.sim.FailDelete("Queue", "in use")
	if got := a.deploy(proposal{stack: "s", body: body("false"), update: true}); got != "UPDATE_COMPLETE" {
		t.Fatal(got)
	}
	lines(t, a.log("s"), "Queue DELETE_FAILED in use", "s UPDATE_COMPLETE Update successful. One or more resources could not be deleted.")
	a.deploy(proposal{stack: "n", body: `{Resources: {B: {Type: AWS::ECR::Repository, Properties: {RepositoryName: mine, EncryptionConfiguration: {EncryptionType: KMS}}}}}`})
	if got := a.deploy(proposal{stack: "n", body: `{Resources: {B: {Type: AWS::ECR::Repository, Properties: {RepositoryName: mine}}}}`, update: true}); got != "UPDATE_ROLLBACK_COMPLETE" {
		t.Errorf("a resource is replaced under its own name: %s", got)
	}
	lines(t, a.log("n"), "when a custom-named resource requires replacing. Rename mine and update the stack again.")
}

// TestNoChanges: none, and none but outputs.
func TestNoChanges(t *testing.T) {
	a := open(t, simulator.Options{})
	a.deploy(proposal{stack: "s", body: topic})
	set := must(a.propose(proposal{stack: "s", body: topic, update: true}))
	if set.Status != types.ChangeSetStatusFailed || !strings.HasPrefix(aws.ToString(set.StatusReason), "The submitted information didn't contain changes.") {
		t.Errorf("%s %s", set.Status, aws.ToString(set.StatusReason))
	}
	if _, err := a.api.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: set.ChangeSetId}); code(err) != "InvalidChangeSetStatus" {
		t.Errorf("executed: %v", err)
	}
	if got := a.deploy(proposal{stack: "s", body: strings.TrimSuffix(topic, "}") + `, Outputs: {T: {Value: !Ref Topic}, N: {Condition: Never, Value: x}}, Conditions: {Never: !Equals [a, b]}}`, update: true}); got != "UPDATE_COMPLETE" || len(a.stack("s").Outputs) != 1 {
		t.Errorf("an output alone: %s, %+v", got, a.stack("s").Outputs)
	}
}

// TestPlaceholders: nested change sets fail on functions that take a placeholder to pieces, and on SSM parameters and patterns over one, while
// their siblings are still computed; the same without nested change sets does not.
func TestPlaceholders(t *testing.T) {
	for _, tt := range []struct{ name, child, reason string }{
		{"select", `{Parameters: {In: {Type: String}}, Resources: {T: {Type: AWS::SNS::Topic, Properties: {TopicName: !Select [1, !Split [",", !Ref In]]}}}}`, "Template error: Fn::Select cannot select nonexistent value at index 1"},
		{"list", `{Parameters: {In: {Type: CommaDelimitedList}}, Resources: {T: {Type: AWS::SNS::Topic, Properties: {TopicName: !Select [1, !Ref In]}}}}`, "Template error: Fn::Select cannot select nonexistent value at index 1"},
		{"ssm", `{Parameters: {In: {Type: "AWS::SSM::Parameter::Value<String>"}}, Resources: {T: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref In}}}}`, "Unable to fetch parameters [{{IntrinsicFunction:"},
		{"pattern", `{Parameters: {In: {Type: String, AllowedPattern: "[a-z,]+"}}, Resources: {T: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref In}}}}`, "must match pattern"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := open(t, simulator.Options{})
			a.upload("first", `{Resources: {T: {Type: AWS::SNS::Topic, Properties: {TopicName: f}}}, Outputs: {Out: {Value: "a,b"}}}`)
			a.upload("second", tt.child)
			p := proposal{stack: "s", body: `{Resources: {First: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "` + nestedURL + `first"}},
  Second: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "` + nestedURL + `second", Parameters: {In: !GetAtt First.Outputs.Out}}}}}`}
			set := must(a.propose(p))
			if set.Status != types.ChangeSetStatusFailed || !strings.HasPrefix(aws.ToString(set.StatusReason), "Nested change set arn:") {
				t.Fatalf("%s %s", set.Status, aws.ToString(set.StatusReason))
			}
			second, first := a.describe(change(t, set, "Second").ChangeSetId), a.describe(change(t, set, "First").ChangeSetId)
			if second.Status != types.ChangeSetStatusFailed || !strings.Contains(aws.ToString(second.StatusReason), tt.reason) || !strings.Contains(aws.ToString(set.StatusReason), aws.ToString(second.ChangeSetId)) {
				t.Errorf("%s %s", second.Status, aws.ToString(second.StatusReason))
			}
			if first.Status != types.ChangeSetStatusCreateInProgress || len(first.Changes) != 0 {
				t.Errorf("the sibling: %s", first.Status)
			}
			a.wait(time.Minute)
			if first = a.describe(first.ChangeSetId); first.Status != types.ChangeSetStatusCreateComplete || aws.ToString(first.StatusReason) != "Only executable from the root change set." || first.ExecutionStatus != types.ExecutionStatusUnavailable {
				t.Errorf("the sibling afterwards: %s", first.Status)
			}
			must(a.api.DeleteChangeSet(t.Context(), &cloudformation.DeleteChangeSetInput{ChangeSetName: set.ChangeSetId}))
			a.wait(time.Minute)
			if out := must(a.api.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})); len(out.Stacks) != 1 {
				t.Errorf("%d stacks, want the root in review alone", len(out.Stacks))
			}
			if p.flat = true; tt.name == "select" || tt.name == "list" {
				if got := a.deploy(p); got != "CREATE_COMPLETE" {
					t.Errorf("without nested change sets: %s", got)
				}
			}
		})
	}
}
