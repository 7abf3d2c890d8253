package changeset_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
)

// A fake answers calls from a script, and is the clock too.
type fake struct {
	*testing.T
	lock   sync.Mutex
	create error
	// sets are the answers to descriptions by name or ARN, one after the other; the last is repeated.
	sets map[string][]*cloudformation.DescribeChangeSetOutput
	// events and their error by ARN; hooks by ARN.
	events    map[string][]types.OperationEvent
	noEvents  error
	hooks     []types.HookResultSummary
	noHooks   error
	executed  []*cloudformation.ExecuteChangeSetInput
	execute   error
	deletes   []error
	stack     types.StackStatus
	noStack   error
	removed   []string
	noRemoval error
	summaries [][]types.ChangeSetSummary
	noList    error
	asleep    []time.Duration
	wakes     error
	calls     []string
}

var (
	missing = &smithy.GenericAPIError{Code: "ChangeSetNotFound", Message: "ChangeSet does not exist"}
	invalid = &smithy.GenericAPIError{Code: "InvalidChangeSetStatus", Message: "cannot"}
	denied  = &smithy.GenericAPIError{Code: "AccessDenied", Message: "no"}
	broken  = &smithy.GenericAPIError{Code: "InternalFailure", Message: "broken"}
	noStack = &smithy.GenericAPIError{Code: "ValidationError", Message: "Stack s does not exist"}
)

// described is a change set with a status.
func described(status, reason string, list ...types.Change) *cloudformation.DescribeChangeSetOutput {
	return &cloudformation.DescribeChangeSetOutput{Status: types.ChangeSetStatus(status), StatusReason: &reason, Changes: list}
}

// nestedIn is the change of a nested stack with a change set.
func nestedIn(id, arn string) types.Change {
	return with(modify(id, "AWS::CloudFormation::Stack"), func(c *types.ResourceChange) { c.ChangeSetId = &arn })
}

func (f *fake) call(format string, values ...any) {
	f.calls = append(f.calls, fmt.Sprintf(format, values...))
}

func (f *fake) CreateChangeSet(_ context.Context, in *cloudformation.CreateChangeSetInput, _ ...func(*cloudformation.Options)) (*cloudformation.CreateChangeSetOutput, error) {
	f.call("create %s", *in.ChangeSetName)
	return &cloudformation.CreateChangeSetOutput{Id: in.ChangeSetName}, f.create
}

func (f *fake) DescribeChangeSet(_ context.Context, in *cloudformation.DescribeChangeSetInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeChangeSetOutput, error) {
	f.lock.Lock()
	defer f.lock.Unlock()
	name := *in.ChangeSetName
	f.call("describe %s values=%v page=%s", name, aws.ToBool(in.IncludePropertyValues), aws.ToString(in.NextToken))
	answers := f.sets[name]
	if len(answers) == 0 {
		return nil, missing
	}
	if len(answers) > 1 {
		f.sets[name] = answers[1:]
	}
	if answers[0] == nil {
		return nil, broken
	}
	out := *answers[0]
	if out.ChangeSetName = &name; out.StackName == nil {
		out.StackName = aws.String("s-" + name + "Stack-RANDOM")
	}
	if out.ChangeSetId == nil {
		out.ChangeSetId = aws.String("arn:" + name)
	}
	return &out, nil
}

func (f *fake) DeleteChangeSet(_ context.Context, in *cloudformation.DeleteChangeSetInput, _ ...func(*cloudformation.Options)) (*cloudformation.DeleteChangeSetOutput, error) {
	f.call("delete %s", *in.ChangeSetName)
	if len(f.deletes) == 0 {
		return &cloudformation.DeleteChangeSetOutput{}, nil
	}
	err := f.deletes[0]
	f.deletes = f.deletes[1:]
	return &cloudformation.DeleteChangeSetOutput{}, err
}

func (f *fake) ExecuteChangeSet(_ context.Context, in *cloudformation.ExecuteChangeSetInput, _ ...func(*cloudformation.Options)) (*cloudformation.ExecuteChangeSetOutput, error) {
	f.executed = append(f.executed, in)
	return &cloudformation.ExecuteChangeSetOutput{}, f.execute
}

func (f *fake) DescribeEvents(_ context.Context, in *cloudformation.DescribeEventsInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeEventsOutput, error) {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.call("events %s", *in.ChangeSetName)
	all := f.events[*in.ChangeSetName]
	if f.noEvents != nil || len(all) < 2 || in.NextToken != nil {
		return &cloudformation.DescribeEventsOutput{OperationEvents: all[min(len(all), len(aws.ToString(in.NextToken))):]}, f.noEvents
	}
	return &cloudformation.DescribeEventsOutput{OperationEvents: all[:1], NextToken: aws.String("1")}, nil
}

func (f *fake) ListHookResults(_ context.Context, in *cloudformation.ListHookResultsInput, _ ...func(*cloudformation.Options)) (*cloudformation.ListHookResultsOutput, error) {
	f.call("hooks %s", *in.TargetId)
	return &cloudformation.ListHookResultsOutput{HookResults: f.hooks}, f.noHooks
}

func (f *fake) DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error) {
	if f.stack == "" {
		return &cloudformation.DescribeStacksOutput{}, f.noStack
	}
	return &cloudformation.DescribeStacksOutput{Stacks: []types.Stack{{StackStatus: f.stack, StackId: aws.String("arn:s")}}}, f.noStack
}

func (f *fake) DeleteStack(_ context.Context, in *cloudformation.DeleteStackInput, _ ...func(*cloudformation.Options)) (*cloudformation.DeleteStackOutput, error) {
	f.removed = append(f.removed, *in.StackName)
	return &cloudformation.DeleteStackOutput{}, f.noRemoval
}

func (f *fake) ListChangeSets(_ context.Context, in *cloudformation.ListChangeSetsInput, _ ...func(*cloudformation.Options)) (*cloudformation.ListChangeSetsOutput, error) {
	page := len(aws.ToString(in.NextToken))
	out := &cloudformation.ListChangeSetsOutput{}
	if page < len(f.summaries) {
		out.Summaries = f.summaries[page]
	}
	if page+1 < len(f.summaries) {
		out.NextToken = aws.String(string(slices.Repeat([]byte("n"), page+1)))
	}
	return out, f.noList
}

func (f *fake) Now() time.Time { return time.Time{} }

func (f *fake) Sleep(_ context.Context, d time.Duration) error {
	f.asleep = append(f.asleep, d)
	return f.wakes
}
