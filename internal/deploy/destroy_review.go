package deploy

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/operation"
)

// forget deletes a stack that is only in review: with its change sets, which have nested stacks in review of their own, it goes without
// an operation that could be followed.
func (d *destruction) forget(ctx context.Context, s *stack) error {
	if err := d.withdraw(ctx, s); err != nil {
		return err
	}
	if err := d.order(ctx, s, "destroy-"+d.NewID()); err != nil {
		return err
	}
	for {
		now, err := d.describe(ctx, s.arn)
		if err != nil {
			return err
		}
		if now == nil || now.status == "DELETE_COMPLETE" {
			d.note(s.name, operation.Outcome{Status: "DELETE_COMPLETE"})
			return nil
		}
		if err := d.Clock.Sleep(ctx, 2*time.Second); err != nil {
			return d.goesOn(s, err)
		}
	}
}

// withdraw deletes the change sets of a stack in review: nested stacks that exist for their sake only go with them, and with nothing else.
func (e *Engine) withdraw(ctx context.Context, s *stack) error {
	api := e.Cloud.CloudFormation()
	var sets []string
	in := &cloudformation.ListChangeSetsInput{StackName: &s.arn}
	for {
		out, err := api.ListChangeSets(ctx, in)
		if err != nil {
			return fmt.Errorf("list the change sets of %s: %w", s.name, err)
		}
		for _, set := range out.Summaries {
			sets = append(sets, text(set.ChangeSetId))
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	for _, set := range sets {
		if err := changeset.Discard(ctx, api, e.Clock, "", set, false); err != nil {
			return err
		}
	}
	return nil
}
