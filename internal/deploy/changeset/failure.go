package changeset

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// ErrNoChange says that a change set would change nothing.
var ErrNoChange = errors.New("no changes")

// Failed is a change set that CloudFormation could not make.
type Failed struct {
	// Findings are all causes, those of nested change sets among them.
	Findings []report.Validation
	// Placeholder tells that the cause is a value known only at execution: the same change set can be made without nested ones.
	Placeholder bool
}

// Error says the causes, one a line.
func (f *Failed) Error() string {
	var lines []string
	for _, v := range f.Findings {
		place := strings.Trim(strings.Join(append(slices.Clone(v.Path), v.LogicalID), "/"), "/")
		lines = append(lines, strings.TrimPrefix(place+": "+v.Text, ": "))
	}
	return "CloudFormation refuses the change set:\n  " + strings.Join(lines, "\n  ")
}

// nestedFailure begins the reason of a change set that failed for the sake of a nested one, before the nested one's ARN.
const nestedFailure = "Nested change set "

// failure finds out why a change set failed: the reason that CloudFormation gives names only the first nested set that did, while others
// may be still computed.
func (r reader) failure(ctx context.Context, s *Set) error {
	if unchanged(s.Reason) {
		return ErrNoChange
	}
	failed := &Failed{}
	if err := r.causes(ctx, s, nil, failed); err != nil {
		return err
	}
	return failed
}

// causes collects why a set and the nested ones in it failed.
func (r reader) causes(ctx context.Context, s *Set, path []string, failed *Failed) error {
	found := len(failed.Findings)
	findings, err := r.findings(ctx, s, path)
	if err != nil {
		return err
	}
	failed.Findings = append(failed.Findings, findings...)
	nested, err := r.failedNested(ctx, s)
	if err != nil {
		return err
	}
	for _, child := range nested {
		if err := r.causes(ctx, child.set, append(slices.Clone(path), child.name), failed); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(failed.Findings[found:], func(v report.Validation) bool { return v.Severity == "error" }) {
		failed.Findings = append(failed.Findings, report.Validation{Severity: "error", Source: "cloudformation", Check: "change set", Path: path, Text: s.Reason})
		// What is not evaluated yet cannot be taken apart, fetched or exported (roadmap #759).
		failed.Placeholder = failed.Placeholder || strings.Contains(s.Reason, "IntrinsicFunction") || strings.Contains(s.Reason, "Fn::Select") || strings.Contains(s.Reason, "duplicate Export names")
	}
	return nil
}

// A failedSet is a nested change set that failed, with its stack's name for people.
type failedSet struct {
	name string
	set  *Set
}

// failedNested are the nested change sets that failed, those that the changes name and the one in the reason. It waits for siblings that
// are still computed. One that is gone by now says nothing.
func (r reader) failedNested(ctx context.Context, s *Set) ([]failedSet, error) {
	names := map[string]string{}
	var arns []string
	for _, change := range s.Changes {
		if c := change.ResourceChange; c != nil && aws.ToString(c.ChangeSetId) != "" {
			arns, names[*c.ChangeSetId] = append(arns, *c.ChangeSetId), StackName(aws.ToString(c.LogicalResourceId))
		}
	}
	if after, found := strings.CutPrefix(s.Reason, nestedFailure); found {
		if arn, _, _ := strings.Cut(after, " "); !slices.Contains(arns, arn) {
			arns = append(arns, arn)
		}
	}
	var sets []failedSet
	for _, arn := range arns {
		child, err := r.settled(ctx, arn)
		switch {
		case cloud.Missing(err):
		case err != nil:
			return nil, fmt.Errorf("read the nested change set %s: %w", arn, err)
		case child.Status == string(types.ChangeSetStatusFailed) && !unchanged(child.Reason):
			name := names[arn]
			if name == "" {
				name = StackName(stackStem(child.StackName, s.StackName))
			}
			sets = append(sets, failedSet{name, child})
		}
	}
	slices.SortStableFunc(sets, func(a, b failedSet) int { return strings.Compare(a.name, b.name) })
	return sets, nil
}

// patience is how often a nested change set is looked at that does not come to an end: some two minutes.
const patience = 60

// settled reads a nested change set when it has come to an end.
func (r reader) settled(ctx context.Context, arn string) (*Set, error) {
	for look := 0; ; look++ {
		set, err := r.pages(ctx, "", arn, false)
		if err != nil || final(set.Status) || r.now == nil || look == patience {
			return set, err
		}
		if err := pause(ctx, r.now, look); err != nil {
			return nil, err
		}
	}
}

// stackStem is a nested stack's logical ID, read from the name that CloudFormation gave it: parent-LogicalId-RANDOM.
func stackStem(name, parent string) string {
	stem := strings.TrimPrefix(name, parent+"-")
	if i := strings.LastIndexByte(stem, '-'); i > 0 {
		return stem[:i]
	}
	return stem
}

// findings are those of CloudFormation's validation before the deployment, or, where that says nothing, of hooks.
func (r reader) findings(ctx context.Context, s *Set, path []string) ([]report.Validation, error) {
	found, err := Validations(ctx, r.api, s, path)
	if err != nil || len(found) > 0 || !strings.Contains(strings.ToLower(s.Reason), "hook") {
		return found, err
	}
	return r.hooks(ctx, s, path)
}

// silent tells errors of calls that only explain: without them CloudFormation's reasons have to do.
func silent(err error) bool { return cloud.Unsupported(err) || cloud.Denied(err) || cloud.Missing(err) }

// Validations reads what CloudFormation's own validation found about a change set, errors and warnings.
func Validations(ctx context.Context, api API, s *Set, path []string) ([]report.Validation, error) {
	var found []report.Validation
	in := &cloudformation.DescribeEventsInput{ChangeSetName: &s.ARN, StackName: text(s.StackARN)}
	for {
		out, err := api.DescribeEvents(ctx, in)
		if silent(err) {
			return found, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the validation of %s: %w", s.StackName, err)
		}
		for _, e := range out.OperationEvents {
			if v, is := validation(e, path); is {
				v.Text = redact(v.Text, s.secrets)
				found = append(found, v)
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return found, nil
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

// creationError explains why CloudFormation did not take a change set at all.
func creationError(err error, r Request) error {
	code, next := fault.Usage, ""
	switch {
	case cloud.Expired(err):
		code = fault.StillRunning
	case strings.HasPrefix(cloud.ErrorCode(err), "LimitExceeded"):
		code, next = fault.NeedsPerson, "delete change sets of the stack that were never executed"
	case cloud.Denied(err) || cloud.Throttled(err) || cloud.ErrorCode(err) == "":
		code = fault.Unexpected
	}
	return &fault.Error{Code: code, What: "CloudFormation does not take the change set of " + r.Stack, Err: redacted{err, r.secretsOf()}, Do: next}
}
