package changeset

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/report"
)

// silent tells errors of calls that only explain: without them CloudFormation's reasons have to do.
func silent(err error) bool { return cloud.Unsupported(err) || cloud.Denied(err) || cloud.Missing(err) }

// Findings reads what CloudFormation's own validation, and hooks, found about a change set and the nested ones in it, errors and warnings:
// nothing in the description of a change set tells that there are any, and each tells its own only (API reference, DescribeEvents). A
// nested stack in which nothing changes is not asked about. unread is why findings could not be read, nil when they could.
func (r Review) Findings(ctx context.Context, api API) (found []report.Validation, unread, err error) {
	found, unread, err = validations(ctx, api, r.root.set, nil)
	if err != nil || unread != nil {
		return found, unread, err
	}
	r.root.eachLevel(func(l *level) {
		if err != nil || l.parent == nil || l.set == nil || !l.changes() {
			return
		}
		more, _, failed := validations(ctx, api, l.set, l.path) // calls wait for each other: at the same time they are no faster
		found, err = append(found, more...), failed
	})
	return found, nil, err
}

// changes tells whether anything in a stack changes that was not disproved.
func (l *level) changes() bool {
	return slices.ContainsFunc(l.set.Changes, func(change types.Change) bool {
		c := change.ResourceChange
		return c != nil && (aws.ToString(c.ResourceType) != stackType || losesStack(c)) && !l.judge(c).spurious()
	})
}

// validations are the findings about one change set. unread is why they could not be read.
func validations(ctx context.Context, api API, s *Set, path []string) (found []report.Validation, unread, err error) {
	in := &cloudformation.DescribeEventsInput{ChangeSetName: &s.ARN, StackName: text(s.StackARN)}
	for {
		out, err := api.DescribeEvents(ctx, in)
		if silent(err) {
			return found, err, nil
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read the validation of %s: %w", s.StackName, err)
		}
		for _, e := range out.OperationEvents {
			if v, is := validation(e, path); is {
				v.Text = redact(v.Text, s.secrets)
				found = append(found, v)
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return found, nil, nil
		}
	}
}

func validation(e types.OperationEvent, path []string) (report.Validation, bool) {
	v := report.Validation{Severity: "error", Source: "cloudformation", Check: aws.ToString(e.ValidationName), Path: path, LogicalID: aws.ToString(e.LogicalResourceId), Text: aws.ToString(e.ValidationStatusReason)}
	switch e.EventType {
	case types.EventTypeValidationError:
		return warned(v, e.ValidationFailureMode), true
	case types.EventTypeHookInvocationError:
		v.Source, v.Check, v.Text = "hook", aws.ToString(e.HookType), aws.ToString(e.HookStatusReason)
		return warned(v, e.HookFailureMode), true
	}
	return v, false
}

// warned makes a finding a warning where it stops nothing.
func warned(v report.Validation, mode types.HookFailureMode) report.Validation {
	if mode == types.HookFailureModeWarn {
		v.Severity = "warning"
	}
	return v
}

// hooks are the findings of hooks about a change set.
func (r reader) hooks(ctx context.Context, s *Set, path []string) ([]report.Validation, error) {
	out, err := r.api.ListHookResults(ctx, &cloudformation.ListHookResultsInput{TargetType: types.ListHookResultsTargetTypeChangeSet, TargetId: &s.ARN})
	if silent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the hooks' results about %s: %w", s.StackName, err)
	}
	var found []report.Validation
	for _, h := range out.HookResults {
		if strings.HasSuffix(string(h.Status), "_FAILED") {
			found = append(found, warned(report.Validation{Severity: "error", Source: "hook", Check: aws.ToString(h.TypeName), Path: path, Text: redact(aws.ToString(h.HookStatusReason), s.secrets)}, h.FailureMode))
		}
	}
	return found, nil
}
