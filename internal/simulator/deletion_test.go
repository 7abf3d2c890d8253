package simulator_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/simulator"
)

// TestDeletedUnderWay: deleting a stack ends its creation, also that of nested stacks.
func TestDeletedUnderWay(t *testing.T) {
	a := open(t, simulator.Options{})
	a.upload("child", child)
	a.sim.Stick("Queue")
	a.execute(proposal{stack: "s", body: parent})
	a.wait(5 * time.Second)
	arn := aws.ToString(a.stack("s").StackId)
	must(a.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &arn}))
	if got := a.settle(arn); got != "DELETE_COMPLETE" {
		t.Fatalf("%s\n%s", got, a.log(arn))
	}
	left := must(a.api.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{}))
	if len(left.Stacks) != 0 {
		t.Errorf("left: %+v", left.Stacks)
	}
}

// TestDeletionFails: what cannot be deleted is tried again, retained or forced.
func TestDeletionFails(t *testing.T) {
	for _, tt := range []struct {
		name string
		then func(a *account) *cloudformation.DeleteStackInput
		log  string
	}{
		{"again", func(a *account) *cloudformation.DeleteStackInput {
			a.sim.Heal()
			return &cloudformation.DeleteStackInput{}
		}, "Child DELETE_COMPLETE"},
		{"retained", func(*account) *cloudformation.DeleteStackInput {
			return &cloudformation.DeleteStackInput{RetainResources: []string{"Child"}}
		}, "Child DELETE_SKIPPED"},
		{"forced", func(*account) *cloudformation.DeleteStackInput {
			return &cloudformation.DeleteStackInput{DeletionMode: types.DeletionModeForceDeleteStack}
		}, "Child DELETE_COMPLETE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, _ := grown(t)
			arn := aws.ToString(a.stack("s").StackId)
			for _, early := range []*cloudformation.DeleteStackInput{{StackName: &arn, RetainResources: []string{"Child"}}, {StackName: &arn, DeletionMode: types.DeletionModeForceDeleteStack}} {
				if _, err := a.api.DeleteStack(t.Context(), early); code(err) != "ValidationError" {
					t.Errorf("before anything failed: %v", err)
				}
			}
			a.sim.FailDelete("Child/Log", "in use")
			must(a.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &arn}))
			if got := a.settle(arn); got != "DELETE_FAILED" {
				t.Fatal(got)
			}
			lines(t, a.log(arn), "Child DELETE_FAILED Embedded stack ", "s DELETE_FAILED The following resource(s) failed to delete: [Child]. ")
			in := tt.then(a)
			in.StackName = &arn
			must(a.api.DeleteStack(t.Context(), in))
			if got := a.settle(arn); got != "DELETE_COMPLETE" {
				t.Fatalf("%s\n%s", got, a.log(arn))
			}
			lines(t, a.log(arn), "s DELETE_FAILED", tt.log)
		})
	}
}

// TestDeletedWhileItRollsBack: the deletion takes over.
func TestDeletedWhileItRollsBack(t *testing.T) {
	a := open(t, simulator.Options{})
	a.upload("child", child)
	a.sim.Fail("Role", "no")
	a.sim.Break(simulator.Broken{Resource: "Bucket", When: simulator.Deletion, After: 10 * time.Minute, Times: 1})
	a.execute(proposal{stack: "s", body: parent})
	arn := aws.ToString(a.stack("s").StackId)
	for a.stack("s").StackStatus != "ROLLBACK_IN_PROGRESS" {
		a.wait(time.Second)
	}
	must(a.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &arn}))
	if got := a.settle(arn); got != "DELETE_COMPLETE" {
		t.Fatal(got)
	}
	a.wait(time.Hour)
	if got := a.stack(arn).StackStatus; got != "DELETE_COMPLETE" {
		t.Errorf("the rollback came back: %s", got)
	}
}

// TestBreakages: late, stuck and counted ones.
func TestBreakages(t *testing.T) {
	a, p := grown(t)
	a.sim.Break(simulator.Broken{Resource: "Role", Reason: "once", Times: 1, Skip: 1, After: time.Minute}, simulator.Broken{Resource: "Role", Reason: "hidden"})
	a.sim.Heal()
	a.sim.Break(simulator.Broken{Resource: "Bucket", Reason: "second", Skip: 1, Times: 1})
	for i, want := range []string{"UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_COMPLETE"} {
		p.parameters["Size"] = string(rune('2' + i))
		if got := a.deploy(p); got != want {
			t.Errorf("update %d: %s, want %s", i, got, want)
		}
	}
	a.sim.Break(simulator.Broken{Resource: "Bucket", Stuck: true, When: simulator.Deletion}, simulator.Broken{Resource: "Log", When: simulator.Deletion, After: time.Minute})
	must(a.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("s")}))
	a.wait(time.Hour)
	if got := a.stack("s").StackStatus; got != "DELETE_IN_PROGRESS" {
		t.Errorf("with a deletion that never ends: %s", got)
	}
}
