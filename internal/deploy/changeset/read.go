package changeset

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"golang.org/x/sync/errgroup"

	"github.com/tierform/tierform/internal/deploy/clock"
)

// parallel reads of nested change sets.
const parallel = 4

// A reader reads change sets.
type reader struct {
	api API
	// now is the clock to wait on; without one nothing is waited for.
	now     clock.Clock
	secrets []string
}

// Read reads a change set, all its pages, and those of its nested stacks.
func Read(ctx context.Context, api API, stack, name string) (*Set, error) {
	return reader{api: api}.read(ctx, stack, name)
}

// wait returns when CloudFormation has computed a change set.
func (r reader) wait(ctx context.Context, stack, name string) error {
	for look := 0; ; look++ {
		if err := pause(ctx, r.now, look); err != nil {
			return err
		}
		out, err := r.api.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{StackName: text(stack), ChangeSetName: &name})
		if err != nil {
			return fmt.Errorf("wait for the change set %s: %w", name, err)
		}
		if final(string(out.Status)) {
			return nil
		}
	}
}

func (r reader) read(ctx context.Context, stack, name string) (*Set, error) {
	root, err := r.describe(ctx, stack, name)
	if err != nil {
		return nil, fmt.Errorf("read the change set %s: %w", name, err)
	}
	if root.Status == string(types.ChangeSetStatusFailed) {
		return root, r.failure(ctx, root)
	}
	return root, r.readNested(ctx, root, make(chan struct{}, parallel))
}

// readNested reads the change sets of the nested stacks, at the same time.
func (r reader) readNested(ctx context.Context, s *Set, slots chan struct{}) error {
	var lock sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	for _, change := range s.Changes {
		c := change.ResourceChange
		if c == nil || aws.ToString(c.ChangeSetId) == "" {
			continue
		}
		group.Go(func() error {
			slots <- struct{}{}
			child, err := r.describe(ctx, "", aws.ToString(c.ChangeSetId))
			<-slots
			if err != nil {
				return fmt.Errorf("read the change set of %s: %w", aws.ToString(c.LogicalResourceId), err)
			}
			lock.Lock()
			s.Nested[aws.ToString(c.LogicalResourceId)] = child
			lock.Unlock()
			return r.readNested(ctx, child, slots)
		})
	}
	return group.Wait()
}

// describe reads the pages of one change set, with the values of properties where CloudFormation has them all.
func (r reader) describe(ctx context.Context, stack, name string) (*Set, error) {
	set, err := r.pages(ctx, stack, name, true)
	if err != nil || set.Partial == "" {
		return set, err
	}
	partial := set.Partial
	// CloudFormation can leave changes out when it shows values; without them it leaves none out (aws-cdk-cli#1780).
	if set, err = r.pages(ctx, stack, name, false); err == nil {
		set.Partial = partial
	}
	return set, err
}

func (r reader) pages(ctx context.Context, stack, name string, values bool) (*Set, error) {
	set := &Set{Nested: map[string]*Set{}, Parameters: map[string]string{}, Tags: map[string]string{}, secrets: r.secrets}
	in := &cloudformation.DescribeChangeSetInput{StackName: text(stack), ChangeSetName: &name, IncludePropertyValues: &values}
	for {
		out, err := r.api.DescribeChangeSet(ctx, in)
		if err != nil {
			return nil, err
		}
		set.ARN, set.Name, set.StackARN, set.StackName = aws.ToString(out.ChangeSetId), aws.ToString(out.ChangeSetName), aws.ToString(out.StackId), aws.ToString(out.StackName)
		set.Status, set.Execution, set.Reason = string(out.Status), string(out.ExecutionStatus), redact(aws.ToString(out.StatusReason), r.secrets)
		set.OnFailure = string(out.OnStackFailure)
		if strings.Contains(set.Reason, "incomplete ChangeSet data") {
			set.Partial = set.Reason
		}
		for _, p := range out.Parameters {
			set.Parameters[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
		}
		for _, t := range out.Tags {
			set.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
		set.Changes = append(set.Changes, out.Changes...)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return set, nil
		}
	}
}

// unchanged tells CloudFormation's words for a change set without changes. An empty list of changes does not say so: outputs may change.
func unchanged(reason string) bool {
	return strings.HasPrefix(reason, "The submitted information didn't contain changes.") || strings.HasPrefix(reason, "No updates are to be performed.")
}
