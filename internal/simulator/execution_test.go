package simulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/simulator"
)

// TestExecution: what cannot be executed, and what becomes of the other change sets.
func TestExecution(t *testing.T) {
	a, p := grown(t)
	first := must(a.propose(p))
	p.parameters["Size"] = "3"
	second := must(a.propose(p))
	p.onFailure = "ROLLBACK"
	third := must(a.propose(p))
	execute := func(arn *string, disable *bool) error {
		_, err := a.api.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: arn, DisableRollback: disable})
		return err
	}
	if err := execute(third.ChangeSetId, aws.Bool(false)); code(err) != "ValidationError" {
		t.Errorf("both ways of saying what to do on failure: %v", err)
	}
	if err := execute(aws.String("nobody"), nil); code(err) != "ChangeSetNotFound" {
		t.Errorf("%v", err)
	}
	if err := execute(change(t, first, "Child").ChangeSetId, nil); code(err) != "InvalidChangeSetStatus" {
		t.Errorf("a nested one: %v", err)
	}
	if _, err := a.api.DeleteChangeSet(t.Context(), &cloudformation.DeleteChangeSetInput{ChangeSetName: change(t, first, "Child").ChangeSetId}); code(err) != "InvalidChangeSetStatus" {
		t.Errorf("a nested one deleted: %v", err)
	}
	if err := execute(second.ChangeSetId, nil); err != nil {
		t.Fatal(err)
	}
	if got := a.describe(first.ChangeSetId).ExecutionStatus; got != types.ExecutionStatusObsolete {
		t.Errorf("the other is %s", got)
	}
	if err := execute(second.ChangeSetId, nil); code(err) != "InvalidChangeSetStatus" {
		t.Errorf("twice: %v", err)
	}
	if _, err := a.propose(p); code(err) != "ValidationError" {
		t.Errorf("while the stack is updated: %v", err)
	}
	a.settle("s")
	a.wait(time.Hour)
	if got := a.describe(second.ChangeSetId).ExecutionStatus; got != types.ExecutionStatusExecuteComplete {
		t.Errorf("the executed one is %s", got)
	}
	left := must(a.api.ListChangeSets(t.Context(), &cloudformation.ListChangeSetsInput{StackName: aws.String("s")}))
	if len(left.Summaries) != 1 {
		t.Errorf("%d are left, want the executed one", len(left.Summaries))
	}
}

// TestFindings: warnings let a change set through, failures do not; both are told by DescribeEvents.
func TestFindings(t *testing.T) {
	a, p := grown(t)
	a.sim.Find(simulator.Finding{LogicalID: "Bucket", Name: "BUCKET_EMPTINESS_VALIDATION", Reason: "not empty", Path: "/Resources/Bucket"}, simulator.Finding{LogicalID: "Nobody", Name: "X", Fails: true},
		simulator.Finding{Stack: "Child", LogicalID: "Queue", Name: "Private::Guard::Hook", Hook: true, Reason: "hm"})
	set := must(a.propose(p))
	events := func(arn *string, stack string) []types.OperationEvent {
		return must(a.api.DescribeEvents(t.Context(), &cloudformation.DescribeEventsInput{ChangeSetName: arn, StackName: aws.String(stack)})).OperationEvents
	}
	if got := events(set.ChangeSetId, "s"); set.Status != types.ChangeSetStatusCreateComplete || len(got) != 1 || got[0].ValidationFailureMode != types.HookFailureModeWarn || aws.ToString(got[0].ResourceType) != "AWS::S3::Bucket" {
		t.Errorf("%s %+v", set.Status, got)
	}
	if got := events(change(t, set, "Child").ChangeSetId, "s"); len(got) != 1 || aws.ToString(got[0].HookType) != "Private::Guard::Hook" || got[0].EventType != types.EventTypeHookInvocationError {
		t.Errorf("%+v", got)
	}
	for _, hook := range []bool{true, false} {
		a.sim.Heal()
		a.sim.Find(simulator.Finding{Stack: "Child", Name: "Broken", Hook: hook, Fails: true, Reason: "no"})
		set = must(a.propose(p))
		reason := aws.ToString(a.describe(change(t, set, "Child").ChangeSetId).StatusReason)
		if set.Status != types.ChangeSetStatusFailed || !strings.HasPrefix(reason, "The following hook(s)/validation failed: [") || strings.Contains(reason, "AWS::EarlyValidation::Broken") == hook {
			t.Errorf("%s %s", set.Status, reason)
		}
	}
	if _, err := a.api.DescribeEvents(t.Context(), &cloudformation.DescribeEventsInput{ChangeSetName: aws.String("nobody"), StackName: aws.String("s")}); code(err) != "ChangeSetNotFound" {
		t.Errorf("%v", err)
	}
}
