package changeset

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
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
	// Crowded tells that a nested stack holds as many change sets as it can: the same change set can be made without nested ones.
	Crowded bool
}

// Error says the causes, one a line.
func (f *Failed) Error() string {
	var lines []string
	for _, v := range f.Findings {
		lines = append(lines, strings.TrimPrefix(report.Place(v.Path, v.LogicalID)+": "+v.Text, ": "))
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
		failed.Crowded = failed.Crowded || strings.Contains(strings.ToLower(s.Reason), "changeset limit exceeded")
	}
	return nil
}

// A failedSet is a nested change set that failed, with its stack's logical ID.
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
			arns, names[*c.ChangeSetId] = append(arns, *c.ChangeSetId), aws.ToString(c.LogicalResourceId)
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
				name = stackStem(child.StackName, s.StackName)
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
	found, _, err := validations(ctx, r.api, s, path)
	if err != nil || len(found) > 0 || !strings.Contains(strings.ToLower(s.Reason), "hook") {
		return found, err
	}
	return r.hooks(ctx, s, path)
}

// creationError explains why CloudFormation did not take a change set at all.
func creationError(err error, r Request) error {
	code, next := fault.Usage, ""
	switch {
	case cloud.Expired(err):
		code = fault.StillRunning
	case strings.HasPrefix(cloud.ErrorCode(err), "LimitExceeded"):
		code, next = fault.NeedsPerson, "delete change sets of the stack that were never executed: docs/runbook.md, \"A stack is full of change sets\""
	case cloud.Denied(err) || cloud.Throttled(err) || cloud.ErrorCode(err) == "":
		code = fault.Unexpected
	}
	return &fault.Error{Code: code, What: "CloudFormation does not take the change set of " + r.Stack, Err: redacted{err, r.secretsOf()}, Do: next}
}
