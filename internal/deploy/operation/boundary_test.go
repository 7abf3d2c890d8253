package operation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

func TestDeliveryDoesNotMatter(t *testing.T) {
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	var want map[string]int
	for _, c := range []struct {
		name     string
		delivery simulator.Delivery
	}{
		{"as they come", simulator.Delivery{PageSize: 30}},
		{"thirty pages", simulator.Delivery{PageSize: 5}},
		{"twice, out of order and in small pages", simulator.Delivery{Twice: true, Shuffled: true, PageSize: 11}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlatform(t)
			p.sim.Deliver(c.delivery)
			o, _ := p.follow(p.execute(true, false))
			if o.Status != "CREATE_COMPLETE" {
				t.Fatal(o.Status)
			}
			seen := map[string]int{}
			for _, r := range o.Events {
				if r.Type != "AWS::CloudFormation::Stack" || len(r.Path) == 0 { // nested stacks have other names in each run
					seen[strings.Join(append(slices.Clone(r.Path), r.LogicalID, r.Status, r.Detailed), " ")]++
				}
			}
			if want == nil {
				want = seen
			}
			if diff := cmp.Diff(want, seen); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestADeletionIsFollowedByName(t *testing.T) {
	p := deployed(t)
	arn := p.arn()
	if _, err := p.cloud.CloudFormation().DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String(stackName), ClientRequestToken: aws.String("gone")}); err != nil {
		t.Fatal(err)
	}
	o, s := p.follow("gone")
	if o.Status != "DELETE_COMPLETE" || o.Stack != arn {
		t.Errorf("%s of %s", o.Status, o.Stack)
	}
	if begun := of[report.Operation](s); len(begun) != 1 || begun[0].Doing != "delete" {
		t.Errorf("%+v", begun)
	}
	if r := o.Events[0]; r.Status != "DELETE_IN_PROGRESS" {
		t.Errorf("begins with %s of %s: an operation before", r.Status, r.LogicalID)
	}
	again, err := operation.Read(t.Context(), p.cloud.CloudFormation(), p.sim.Clock(), arn)
	if err != nil || again.Status != "DELETE_COMPLETE" || len(again.Events) != len(o.Events) {
		t.Errorf("by ARN: %s, %d events, %v", again.Status, len(again.Events), err)
	}
}

func TestARollbackBelongsToItsOperation(t *testing.T) {
	if testing.Short() {
		t.Skip("left out of short runs")
	}
	t.Run("one that was cancelled", func(t *testing.T) {
		p := tenMinutes(t)
		token := p.execute(false, false)
		if err := p.sim.Clock().Sleep(t.Context(), 30*time.Second); err != nil {
			t.Fatal(err)
		}
		if _, err := p.cloud.CloudFormation().CancelUpdateStack(t.Context(), &cloudformation.CancelUpdateStackInput{StackName: aws.String(stackName)}); err != nil {
			t.Fatal(err)
		}
		o, _ := p.follow(token)
		watched, err := operation.Read(t.Context(), p.cloud.CloudFormation(), p.sim.Clock(), stackName)
		if err != nil || o.Status != "UPDATE_ROLLBACK_COMPLETE" {
			t.Fatalf("%s, %v", o.Status, err)
		}
		if diff := cmp.Diff(ids(o.Events), ids(watched.Events)); diff != "" || o.Events[0].Status != "UPDATE_IN_PROGRESS" {
			t.Errorf("begins with %s %s", o.Events[0].Status, diff)
		}
	})
	t.Run("one that somebody asked for after the end is its own", func(t *testing.T) {
		p := deployed(t)
		p.change("cluster.yaml", "ClusterTemplateKey", "Value: enhanced", "Value: enabled")
		p.sim.Fail("ClusterStack/Cluster", "The account has too many clusters")
		if o, _ := p.follow(p.execute(false, true)); o.Status != "UPDATE_FAILED" {
			t.Fatal(o.Status)
		}
		p.sim.Heal()
		if _, err := p.cloud.CloudFormation().RollbackStack(t.Context(), &cloudformation.RollbackStackInput{StackName: aws.String(stackName), ClientRequestToken: aws.String("back")}); err != nil {
			t.Fatal(err)
		}
		s := p.screen()
		o, err := operation.Follow(p.cloud.CloudFormation(), p.sim.Clock(), s, stackName).Expect("back").Run(t.Context())
		if err != nil || o.Status != "UPDATE_ROLLBACK_COMPLETE" {
			t.Fatalf("%s, %v", o.Status, err)
		}
		if begun := of[report.Operation](s); begun[0].Doing != "rollback" || o.Events[0].Status != "UPDATE_ROLLBACK_IN_PROGRESS" {
			t.Errorf("%s, begins with %s", begun[0].Doing, o.Events[0].Status)
		}
		for _, r := range o.Events {
			if strings.HasSuffix(r.Status, "_FAILED") {
				t.Errorf("tells the failure of the operation before: %s", r.LogicalID)
			}
		}
	})
}
