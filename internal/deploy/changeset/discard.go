package changeset

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/cloud"
)

// Discard deletes a change set that will not be executed and, after a first one, the stack in review that it left. It is no error if they
// are gone already, or if the change set was executed. One that is still computed cannot be deleted: it is waited for.
func Discard(ctx context.Context, api API, now clock.Clock, stack, name string, first bool) error {
	for look := 0; ; look++ {
		_, err := api.DeleteChangeSet(ctx, &cloudformation.DeleteChangeSetInput{StackName: text(stack), ChangeSetName: &name})
		if err == nil || cloud.Missing(err) {
			break
		}
		if !strings.HasPrefix(cloud.ErrorCode(err), "InvalidChangeSetStatus") {
			return fmt.Errorf("delete the change set %s: %w", name, err)
		}
		set, err := reader{api: api}.pages(ctx, stack, name, false)
		if cloud.Missing(err) || err == nil && final(set.Status) {
			break // gone, executed, or kept by CloudFormation for good
		}
		if err == nil {
			err = pause(ctx, now, look)
		}
		if err != nil {
			return fmt.Errorf("delete the change set %s: %w", name, err)
		}
	}
	if !first {
		return nil
	}
	return discardStack(ctx, api, stack, name)
}

// discardStack deletes a stack in review, unless another change set of it waits for an approval.
func discardStack(ctx context.Context, api API, stack, but string) error {
	out, err := api.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &stack})
	if cloud.Missing(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at stack %s: %w", stack, err)
	}
	if len(out.Stacks) == 0 || out.Stacks[0].StackStatus != types.StackStatusReviewInProgress {
		return nil
	}
	waiting := false
	err = eachSet(ctx, api, stack, func(s types.ChangeSetSummary) {
		waiting = waiting || aws.ToString(s.ChangeSetName) != but && aws.ToString(s.ChangeSetId) != but && s.Status != types.ChangeSetStatusFailed && !strings.HasPrefix(string(s.Status), "DELETE_")
	})
	if err != nil || waiting {
		return err
	}
	if _, err = api.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: out.Stacks[0].StackId}); err != nil {
		return fmt.Errorf("delete stack %s, which is in review: %w", stack, err)
	}
	return nil
}

// Prefixes of change set names: those of a run that ended are litter, those of kept plans are not.
const (
	// Transient change sets belong to one run.
	Transient = "d-"
	// Kept change sets wait for `apply --plan`.
	Kept = "plan-"
)

// Litter are the names of change sets that runs left behind: transient ones that were never executed. count is how many the stack has in
// all, of at most 1,000.
func Litter(ctx context.Context, api API, stack, but string) (names []string, count int, err error) {
	err = eachSet(ctx, api, stack, func(s types.ChangeSetSummary) {
		count++
		nested := aws.ToString(s.ParentChangeSetId) != ""
		gone := executed(string(s.ExecutionStatus)) || strings.HasPrefix(string(s.Status), "DELETE_") && s.Status != types.ChangeSetStatusDeleteFailed
		if name := aws.ToString(s.ChangeSetName); name != but && strings.HasPrefix(name, Transient) && !nested && !gone {
			names = append(names, name)
		}
	})
	return names, count, err
}

// eachSet visits the change sets of a stack; none of a stack that is not there.
func eachSet(ctx context.Context, api API, stack string, visit func(types.ChangeSetSummary)) error {
	in := &cloudformation.ListChangeSetsInput{StackName: &stack}
	for {
		out, err := api.ListChangeSets(ctx, in)
		if cloud.Missing(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list the change sets of %s: %w", stack, err)
		}
		for _, s := range out.Summaries {
			visit(s)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return nil
		}
	}
}
