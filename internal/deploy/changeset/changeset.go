// Package changeset proposes changes to CloudFormation, reads them to the last page and the last nested stack, reviews them, and executes
// what was approved.
package changeset

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/source"
)

// API are the calls of CloudFormation about change sets.
type API interface {
	CreateChangeSet(context.Context, *cloudformation.CreateChangeSetInput, ...func(*cloudformation.Options)) (*cloudformation.CreateChangeSetOutput, error)
	DescribeChangeSet(context.Context, *cloudformation.DescribeChangeSetInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeChangeSetOutput, error)
	DeleteChangeSet(context.Context, *cloudformation.DeleteChangeSetInput, ...func(*cloudformation.Options)) (*cloudformation.DeleteChangeSetOutput, error)
	ExecuteChangeSet(context.Context, *cloudformation.ExecuteChangeSetInput, ...func(*cloudformation.Options)) (*cloudformation.ExecuteChangeSetOutput, error)
	DescribeEvents(context.Context, *cloudformation.DescribeEventsInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeEventsOutput, error)
	DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error)
	DeleteStack(context.Context, *cloudformation.DeleteStackInput, ...func(*cloudformation.Options)) (*cloudformation.DeleteStackOutput, error)
	ListChangeSets(context.Context, *cloudformation.ListChangeSetsInput, ...func(*cloudformation.Options)) (*cloudformation.ListChangeSetsOutput, error)
	ListHookResults(context.Context, *cloudformation.ListHookResultsInput, ...func(*cloudformation.Options)) (*cloudformation.ListHookResultsOutput, error)
}

// A Request is what to propose.
type Request struct {
	// Stack is the root stack's name; First tells that it does not exist yet.
	Stack string
	First bool
	// Name is the change set's, unique among all runs: it makes a repeated call harmless.
	Name, Description string
	// Body is the root template when it is small enough to go inline, URL its address otherwise.
	Body, URL string
	// Previous takes the template that is deployed instead.
	Previous bool
	// Parameters are the root's.
	Parameters map[string]source.Given
	// Tags are the stack's: the same in each deployment, for they reach every resource.
	Tags map[string]string
	// Role is the ARN that CloudFormation acts as; empty for the caller's own permissions.
	Role string
	// Nested asks for change sets of the nested stacks too.
	Nested bool
	// Express lets CloudFormation end the operation before resources are ready, nested ones too; what fails is rolled back all the same
	// (CloudFormation User Guide, "Deploy AWS CloudFormation stacks faster with express mode").
	Express bool
}

// A Set is a change set as CloudFormation describes it, with those of its nested stacks.
type Set struct {
	ARN, Name, StackARN, StackName string
	Status, Execution, Reason      string
	Changes                        []types.Change
	// Parameters may hold secrets in clear, and placeholders for what is known only at the execution.
	Parameters, Tags map[string]string
	// OnFailure is what the change set says of failures; it excludes saying it at the execution.
	OnFailure string
	// Nested are by logical ID of the parent; a nested stack without one is not in it.
	Nested map[string]*Set
	// Partial says why property values are missing; empty when they are not.
	Partial string
	// secrets must not be quoted from what CloudFormation says.
	secrets []string
}

// Propose creates a change set and waits until CloudFormation has computed it. The error of a proposal without changes is ErrNoChange; a
// failed one is *Failed with all its causes. In both cases the change set is left for Discard.
func Propose(ctx context.Context, api API, now clock.Clock, r Request) (*Set, error) {
	out, err := api.CreateChangeSet(ctx, r.input())
	arn := ""
	switch {
	case err == nil:
		arn = aws.ToString(out.Id)
	case strings.HasPrefix(cloud.ErrorCode(err), "AlreadyExists"): // our own first answer was lost: names are unique
		arn = r.Name
	default:
		return nil, creationError(err, r)
	}
	reader := reader{api: api, now: now, secrets: r.secretsOf()}
	if err := reader.wait(ctx, r.Stack, arn); err != nil {
		return nil, err
	}
	set, err := reader.read(ctx, r.Stack, arn)
	if set != nil && len(set.Tags) == 0 {
		set.Tags = maps.Clone(r.Tags)
	}
	return set, err
}

// input is the call's. It says nothing of failures: what it said would exclude saying it at the execution, and a stack made with DO_NOTHING
// cannot be updated after a failure (API reference, ExecuteChangeSet, "DisableRollback").
func (r Request) input() *cloudformation.CreateChangeSetInput {
	in := &cloudformation.CreateChangeSetInput{StackName: &r.Stack, ChangeSetName: &r.Name, ClientToken: &r.Name,
		Description: text(r.Description), TemplateBody: text(r.Body), TemplateURL: text(r.URL), RoleARN: text(r.Role),
		ChangeSetType: types.ChangeSetTypeUpdate, IncludeNestedStacks: &r.Nested, Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam}}
	if r.Previous {
		in.UsePreviousTemplate, in.TemplateBody, in.TemplateURL = &r.Previous, nil, nil
	}
	if r.First {
		in.ChangeSetType = types.ChangeSetTypeCreate
	}
	if r.Express {
		in.DeploymentConfig = &types.DeploymentConfig{Mode: types.DeploymentConfigModeExpress, DisableRollback: new(false)}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Parameters)) {
		p := types.Parameter{ParameterKey: &name}
		if given := r.Parameters[name]; given.Previous {
			p.UsePreviousValue = new(true)
		} else {
			p.ParameterValue = &given.Value
		}
		in.Parameters = append(in.Parameters, p)
	}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		in.Tags = append(in.Tags, types.Tag{Key: &key, Value: new(r.Tags[key])})
	}
	return in
}

// text is nil for an empty one: CloudFormation does not take empty fields.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// pauses before each look at a change set that is being computed; the last is repeated.
func pauses() []time.Duration {
	return []time.Duration{500 * time.Millisecond, 500 * time.Millisecond, time.Second, time.Second, 2 * time.Second}
}

// pause waits before the look of a number.
func pause(ctx context.Context, now clock.Clock, look int) error {
	steps := pauses()
	return now.Sleep(ctx, steps[min(look, len(steps)-1)])
}

func final(status string) bool {
	return !strings.HasSuffix(status, "_PENDING") && !strings.HasSuffix(status, "_IN_PROGRESS")
}
