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

// TestRollbackFails: the stack stays in UPDATE_ROLLBACK_FAILED until its rollback is continued, with or without what failed.
func TestRollbackFails(t *testing.T) {
	for _, tt := range []struct {
		name, fails string
		continuing  func(a *account) *cloudformation.ContinueUpdateRollbackInput
		refused     string
	}{
		{"healed", "Bucket", func(a *account) *cloudformation.ContinueUpdateRollbackInput {
			a.sim.Heal()
			return &cloudformation.ContinueUpdateRollbackInput{}
		}, ""},
		{"skipped", "Bucket", func(*account) *cloudformation.ContinueUpdateRollbackInput {
			return &cloudformation.ContinueUpdateRollbackInput{ResourcesToSkip: []string{"Bucket"}}
		}, ""},
		{"forced", "Bucket", func(*account) *cloudformation.ContinueUpdateRollbackInput {
			return &cloudformation.ContinueUpdateRollbackInput{ForceRollback: aws.Bool(true)}
		}, ""},
		{"skipped in a nested stack, by its own name", "Child/Queue", func(a *account) *cloudformation.ContinueUpdateRollbackInput {
			name := strings.Split(a.nested(), "/")[1]
			return &cloudformation.ContinueUpdateRollbackInput{ResourcesToSkip: []string{name + ".Queue"}}
		}, ""},
		{"skipped by logical ID", "Child/Queue", func(*account) *cloudformation.ContinueUpdateRollbackInput {
			return &cloudformation.ContinueUpdateRollbackInput{ResourcesToSkip: []string{"Child.Queue"}}
		}, "does not belong to stack"},
		{"both", "Bucket", func(*account) *cloudformation.ContinueUpdateRollbackInput {
			return &cloudformation.ContinueUpdateRollbackInput{ResourcesToSkip: []string{"Bucket"}, ForceRollback: aws.Bool(true)}
		}, "mutually exclusive"},
		{"a child", "Child/Queue", func(a *account) *cloudformation.ContinueUpdateRollbackInput {
			return &cloudformation.ContinueUpdateRollbackInput{StackName: aws.String(a.nested())}
		}, "child stacks"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, p := grown(t)
			a.sim.Fail("Role", "no")
			a.sim.FailRollback(tt.fails, "never")
			if got := a.deploy(p); got != "UPDATE_ROLLBACK_FAILED" {
				t.Fatalf("%s\n%s", got, a.log("s"))
			}
			if _, err := a.propose(p); code(err) != "ValidationError" {
				t.Errorf("a change set for a stack that is stuck: %v", err)
			}
			in := tt.continuing(a)
			if in.StackName == nil {
				in.StackName = aws.String("s")
			}
			_, err := a.api.ContinueUpdateRollback(t.Context(), in)
			if tt.refused != "" {
				if err == nil || !strings.Contains(err.Error(), tt.refused) {
					t.Fatalf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := a.settle("s"); got != "UPDATE_ROLLBACK_COMPLETE" {
				t.Fatalf("%s\n%s\n%s", got, a.log("s"), a.log(a.nested()))
			}
			if got := a.settle(a.nested()); got != "UPDATE_ROLLBACK_COMPLETE" {
				t.Errorf("nested: %s\n%s", got, a.log(a.nested()))
			}
			if _, err := a.api.ContinueUpdateRollback(t.Context(), &cloudformation.ContinueUpdateRollbackInput{StackName: aws.String("s")}); code(err) != "ValidationError" {
				t.Errorf("nothing to continue: %v", err)
			}
		})
	}
}

// TestCreationRollbackFails leaves ROLLBACK_FAILED.
func TestCreationRollbackFails(t *testing.T) {
	a := open(t, simulator.Options{})
	a.upload("child", child)
	a.sim.Fail("Role", "no")
	a.sim.FailRollback("Bucket", "never")
	if got := a.deploy(proposal{stack: "s", body: parent}); got != "ROLLBACK_FAILED" {
		t.Fatal(got)
	}
}

// TestUpdateStays: an update without rollback leaves everything for RollbackStack, or another update.
func TestUpdateStays(t *testing.T) {
	a, p := grown(t)
	a.sim.Fail("Role", "no")
	p.keep = true
	if got := a.deploy(p); got != "UPDATE_FAILED" || !aws.ToBool(a.stack("s").DisableRollback) {
		t.Fatal(got)
	}
	a.sim.Heal()
	out := must(a.api.RollbackStack(t.Context(), &cloudformation.RollbackStackInput{StackName: aws.String("s")}))
	if got := a.settle("s"); got != "UPDATE_ROLLBACK_COMPLETE" || aws.ToString(out.OperationId) == "" {
		t.Fatalf("%s\n%s", got, a.log("s"))
	}
	lines(t, a.log("s"), "s UPDATE_FAILED The following resource(s) failed to update: [Role]. ", "s UPDATE_ROLLBACK_IN_PROGRESS User Initiated", "Bucket UPDATE_COMPLETE", "Child UPDATE_COMPLETE")
	if _, err := a.api.RollbackStack(t.Context(), &cloudformation.RollbackStackInput{StackName: aws.String("s")}); code(err) != "ValidationError" {
		t.Errorf("nothing to roll back: %v", err)
	}
	operations := a.stack("s").LastOperations
	if operations[0].OperationType != types.OperationTypeRollback || operations[1].OperationType != types.OperationTypeUpdateStack {
		t.Errorf("operations %+v", operations)
	}
}

// TestNestedRollbackIsFirst: a nested stack is back before its parent comes to it.
func TestNestedRollbackIsFirst(t *testing.T) {
	a := open(t, simulator.Options{})
	a.upload("child", child)
	p := proposal{stack: "s", body: strings.Replace(parent, "Child: {Type: AWS::CloudFormation::Stack,", "Child: {Type: AWS::CloudFormation::Stack, DependsOn: Bucket,", 1), parameters: map[string]string{"Size": "1"}}
	a.deploy(p)
	a.sim.Fail("Queue", "no")
	a.sim.Break(simulator.Broken{Resource: "Bucket", When: simulator.Back, After: 10 * time.Minute})
	p.update, p.parameters["Size"] = true, "2"
	if got := a.deploy(p); got != "UPDATE_ROLLBACK_COMPLETE" || a.settle(a.nested()) != "UPDATE_ROLLBACK_COMPLETE" {
		t.Fatalf("%s\n%s\n%s", got, a.log("s"), a.log(a.nested()))
	}
}

// TestNestedRollbackIsCancelled: when a rollback fails, what else rolls back is cancelled, and continued with it.
func TestNestedRollbackIsCancelled(t *testing.T) {
	a, p := grown(t)
	a.sim.Fail("Role", "no")
	a.sim.Break(simulator.Broken{Resource: "Bucket", When: simulator.Back, Reason: "never", After: 5 * time.Second}, simulator.Broken{Resource: "Queue", When: simulator.Back, After: time.Minute})
	if got := a.deploy(p); got != "UPDATE_ROLLBACK_FAILED" || a.settle(a.nested()) != "UPDATE_ROLLBACK_FAILED" {
		t.Fatalf("%s\n%s\n%s", got, a.log("s"), a.log(a.nested()))
	}
	a.wait(time.Hour)
	a.sim.Heal()
	must(a.api.ContinueUpdateRollback(t.Context(), &cloudformation.ContinueUpdateRollbackInput{StackName: aws.String("s")}))
	if got := a.settle("s"); got != "UPDATE_ROLLBACK_COMPLETE" || a.settle(a.nested()) != "UPDATE_ROLLBACK_COMPLETE" {
		t.Fatalf("%s\n%s", got, a.log("s"))
	}
}

// TestReplacedAgain: what failed updates replaced goes in the end, and the first is what a rollback would have given back.
func TestReplacedAgain(t *testing.T) {
	a := open(t, simulator.Options{})
	body := func(name string) string {
		return `{Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: ` + name + `}}, Role: {Type: AWS::IAM::Role, DependsOn: Topic, Properties: {Description: ` + name + `}}}}`
	}
	a.deploy(proposal{stack: "s", body: body("one")})
	a.sim.Fail("Role", "no")
	if got := a.deploy(proposal{stack: "s", body: body("two"), update: true, keep: true}); got != "UPDATE_FAILED" {
		t.Fatal(got)
	}
	a.sim.Heal()
	if got := a.deploy(proposal{stack: "s", body: body("three"), update: true}); got != "UPDATE_COMPLETE" {
		t.Fatal(got)
	}
	deleted := map[string]bool{}
	for _, e := range a.events("s") {
		if e.ResourceStatus == "DELETE_COMPLETE" {
			deleted[aws.ToString(e.PhysicalResourceId)] = true
		}
	}
	if len(deleted) != 2 || deleted[must(a.sim.Physical("Topic"))] {
		t.Errorf("deleted %v", deleted)
	}
}
