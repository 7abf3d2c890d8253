package changeset_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

// answers are those to descriptions.
type answers = map[string][]*cloudformation.DescribeChangeSetOutput

const unchanged = "The submitted information didn't contain changes. Submit different information to create a change set."

func propose(f *fake, r changeset.Request) (*changeset.Set, error) {
	r.Stack, r.Name = "s", "d-1"
	return changeset.Propose(context.Background(), f, f, r)
}

// TestPropose: waits as long as it takes, reads all pages and all nested change sets, and describes anew what is incomplete.
func TestPropose(t *testing.T) {
	first, second := described("CREATE_COMPLETE", "", nestedIn("NetStack", "net"), types.Change{}), described("CREATE_COMPLETE", "", nestedIn("AppStack", "app"))
	first.NextToken = new("2")
	first.Parameters = []types.Parameter{{ParameterKey: new("Size"), ParameterValue: new("small")}}
	first.Tags = []types.Tag{{Key: new("Owner"), Value: new("me")}}
	partial := described("CREATE_COMPLETE", "[WARN] --include-property-values option can return incomplete ChangeSet data", nestedIn("DeepStack", "deep"))
	pending, working := described("CREATE_PENDING", ""), described("CREATE_IN_PROGRESS", "")
	f := &fake{T: t, sets: answers{"d-1": {pending, working, working, working, working, working, described("CREATE_COMPLETE", ""), first, second},
		"net": {described("FAILED", unchanged)}, "app": {partial, described("CREATE_COMPLETE", "", nestedIn("DeepStack", "deep"))}, "deep": {described("CREATE_COMPLETE", "", modify("Log", "AWS::Logs::LogGroup"))}}}
	set, err := propose(f, changeset.Request{Tags: map[string]string{"Ignored": "x"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]time.Duration{500 * time.Millisecond, 500 * time.Millisecond, time.Second, time.Second, 2 * time.Second, 2 * time.Second, 2 * time.Second}, f.asleep); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
	app := set.Nested["AppStack"]
	if len(set.Nested) != 2 || !strings.Contains(app.Partial, "incomplete") || len(app.Nested["DeepStack"].Changes) != 1 || set.Parameters["Size"] != "small" || set.Tags["Owner"] != "me" {
		t.Errorf("%+v", set)
	}
	if len(f.calls) != 1+7+2+1+2+1 {
		t.Errorf("%d calls: %q", len(f.calls), f.calls)
	}
}

// TestProposeInput: what is said to CloudFormation, and what is left out because it excludes something else.
func TestProposeInput(t *testing.T) {
	var got *cloudformation.CreateChangeSetInput
	f := &creating{fake: &fake{T: t, sets: answers{"d-1": {described("CREATE_COMPLETE", "")}}}, in: &got}
	set, err := changeset.Propose(context.Background(), f, f, changeset.Request{Stack: "s", First: true, Name: "d-1", Body: "{}", Role: "arn:role", Nested: true,
		Parameters: map[string]source.Given{"B": {Previous: true}, "A": {Value: "1"}}, Tags: map[string]string{"Owner": "me"}})
	if err != nil {
		t.Fatal(err)
	}
	if got.ChangeSetType != types.ChangeSetTypeCreate || got.OnStackFailure != "" || got.DeploymentConfig != nil || got.TemplateURL != nil || *got.TemplateBody != "{}" || !*got.IncludeNestedStacks || *got.ClientToken != "d-1" ||
		*got.Parameters[0].ParameterValue != "1" || !*got.Parameters[1].UsePreviousValue || got.Parameters[1].ParameterValue != nil || *got.Tags[0].Key != "Owner" || set.Tags["Owner"] != "me" {
		t.Errorf("%+v", got)
	}
}

type creating struct {
	*fake
	in **cloudformation.CreateChangeSetInput
}

func (c *creating) CreateChangeSet(ctx context.Context, in *cloudformation.CreateChangeSetInput, o ...func(*cloudformation.Options)) (*cloudformation.CreateChangeSetOutput, error) {
	*c.in = in
	return c.fake.CreateChangeSet(ctx, in, o...)
}

// TestProposeLost: the first answer was lost, the repeated call finds the change set.
func TestProposeLost(t *testing.T) {
	f := &fake{T: t, create: &smithy.GenericAPIError{Code: "AlreadyExistsException"}, sets: answers{"d-1": {described("CREATE_COMPLETE", "")}}}
	if set, err := propose(f, changeset.Request{}); err != nil || set.Name != "d-1" {
		t.Error(set, err)
	}
}

// TestProposeRefused: what keeps CloudFormation from taking a change set, and the exit code.
func TestProposeRefused(t *testing.T) {
	for code, want := range map[string]fault.Code{"ValidationError": fault.Usage, "InsufficientCapabilitiesException": fault.Usage, "LimitExceededException": fault.NeedsPerson,
		"ExpiredToken": fault.StillRunning, "AccessDenied": fault.Unexpected, "Throttling": fault.Unexpected} {
		_, err := propose(&fake{T: t, create: &smithy.GenericAPIError{Code: code, Message: "why"}}, changeset.Request{})
		if fault.CodeOf(err) != want || !strings.Contains(err.Error(), "why") {
			t.Errorf("%s: %d %v", code, fault.CodeOf(err), err)
		}
	}
	if _, err := propose(&fake{T: t, create: errors.New("no network")}, changeset.Request{}); fault.CodeOf(err) != fault.Unexpected {
		t.Error(err)
	}
}

// TestProposeCrowded: a stack that holds no more change sets is told apart from other refusals.
func TestProposeCrowded(t *testing.T) {
	for reason, want := range map[string]bool{"ChangeSet limit exceeded for Stack: arn": true, "Export limit exceeded": false} {
		var failed *changeset.Failed
		if _, err := propose(&fake{T: t, sets: answers{"d-1": {described("FAILED", reason)}}}, changeset.Request{}); !errors.As(err, &failed) || failed.Crowded != want {
			t.Errorf("%s: %v", reason, err)
		}
	}
}

// TestProposeBroken: calls that fail on the way.
func TestProposeBroken(t *testing.T) {
	done := described("CREATE_COMPLETE", "", nestedIn("NetStack", "net"))
	for name, f := range map[string]*fake{
		"interrupted":       {wakes: context.Canceled},
		"gone while waited": {},
		"reading":           {sets: answers{"d-1": {done, nil}}},
		"reading a nested":  {sets: answers{"d-1": {done}, "net": {nil}}},
		"reading the rest":  {sets: answers{"d-1": {done, described("CREATE_COMPLETE", "incomplete ChangeSet data"), nil}}},
	} {
		f.T = t
		if set, err := propose(f, changeset.Request{}); err == nil {
			t.Errorf("%s: %+v", name, set)
		}
	}
}

// TestProposeNothing: CloudFormation's words for no change; an empty list of changes is none of them.
func TestProposeNothing(t *testing.T) {
	for _, reason := range []string{unchanged, "No updates are to be performed."} {
		if _, err := propose(&fake{T: t, sets: answers{"d-1": {described("FAILED", reason)}}}, changeset.Request{}); !errors.Is(err, changeset.ErrNoChange) {
			t.Error(err)
		}
	}
	if set, err := propose(&fake{T: t, sets: answers{"d-1": {described("CREATE_COMPLETE", "")}}}, changeset.Request{}); err != nil || len(set.Changes) != 0 {
		t.Error("outputs may change:", err)
	}
}

// TestFailures: all causes of a change set that failed, also of nested ones that the reason does not name, and of those that still worked
// when the root had failed.
func TestFailures(t *testing.T) {
	event := func(kind types.EventType, mode types.HookFailureMode, id, text string) types.OperationEvent {
		return types.OperationEvent{EventType: kind, ValidationFailureMode: mode, HookFailureMode: mode, LogicalResourceId: &id, ValidationStatusReason: &text, HookStatusReason: &text, HookType: new("Private::Guard::Hook"), ValidationName: new("NAME_CONFLICT")}
	}
	nested := "Nested change set net was not successfully created: Currently in FAILED."
	for _, test := range []struct {
		name        string
		fake        *fake
		want        []string
		placeholder bool
		calls       int
	}{
		{name: "its own reason", fake: &fake{sets: answers{"d-1": {described("FAILED", "Template error")}}}, want: []string{"error cloudformation []: Template error"}},
		{name: "validation, a page each", fake: &fake{sets: answers{"d-1": {described("FAILED", "see the events")}}, events: map[string][]types.OperationEvent{"arn:d-1": {
			event(types.EventTypeValidationError, types.HookFailureModeFail, "Bucket", "name is taken"), event(types.EventTypeHookInvocationError, types.HookFailureModeFail, "Key", "no rotation"),
			event(types.EventTypeValidationError, types.HookFailureModeWarn, "Logs", "not empty"), event(types.EventTypeStackEvent, "", "", "")}}},
			want: []string{"error cloudformation []Bucket: name is taken", "error hook []Key: no rotation", "warning cloudformation []Logs: not empty"}},
		{name: "only warnings explain nothing", fake: &fake{sets: answers{"d-1": {described("FAILED", "Template error")}}, events: map[string][]types.OperationEvent{"arn:d-1": {event(types.EventTypeValidationError, types.HookFailureModeWarn, "Logs", "not empty")}}},
			want: []string{"warning cloudformation []Logs: not empty", "error cloudformation []: Template error"}},
		{name: "siblings still at work", fake: &fake{sets: answers{"d-1": {described("FAILED", nested, nestedIn("NetStack", "net"), nestedIn("AppStack", "app"), nestedIn("DataStack", "data"))},
			"net": {described("FAILED", "first")}, "app": {described("CREATE_IN_PROGRESS", ""), described("CREATE_PENDING", ""), described("FAILED", "second")}, "data": {described("FAILED", unchanged)}}},
			want: []string{"error cloudformation [AppStack]: second", "error cloudformation [NetStack]: first"}},
		{name: "named by the reason alone", fake: &fake{sets: answers{"d-1": {described("FAILED", nested)}, "net": {described("FAILED", "first")}}}, want: []string{"error cloudformation [s-netStack]: first"}},
		{name: "named like a stack, and like none", fake: &fake{sets: answers{"d-1": {named("s", described("FAILED", nested, nestedIn("", "odd")))}, "net": {named("s-NetStack-1A", described("FAILED", "first"))}, "odd": {named("odd", described("FAILED", "second"))}}},
			want: []string{"error cloudformation [NetStack]: first", "error cloudformation [odd]: second"}},
		{name: "nested in a nested one", fake: &fake{sets: answers{"d-1": {described("FAILED", nested, nestedIn("NetStack", "net"))}, "net": {described("FAILED", "Nested change set deep was not", nestedIn("DeepStack", "deep"))}, "deep": {described("FAILED", "deep down")}}},
			want: []string{"error cloudformation [NetStack DeepStack]: deep down"}},
		{name: "a nested one that is gone", fake: &fake{sets: answers{"d-1": {described("FAILED", nested)}}}, want: []string{"error cloudformation []: " + nested}},
		{name: "a nested one that never ends", fake: &fake{sets: answers{"d-1": {described("FAILED", "x", nestedIn("NetStack", "net"))}, "net": {described("CREATE_IN_PROGRESS", "")}}}, want: []string{"error cloudformation []: x"}, calls: 61},
		{name: "placeholders", fake: &fake{sets: answers{"d-1": {described("FAILED", nested)}, "net": {described("FAILED", "Template error: Fn::Select cannot select nonexistent value at index 1")}}},
			want: []string{"error cloudformation [s-netStack]: Template error: Fn::Select cannot select nonexistent value at index 1"}, placeholder: true},
		{name: "no right to events", fake: &fake{noEvents: denied, sets: answers{"d-1": {described("FAILED", "Template error")}}}, want: []string{"error cloudformation []: Template error"}},
		{name: "an endpoint without events, and a hook", fake: &fake{noEvents: &smithy.GenericAPIError{Code: "InvalidAction"}, sets: answers{"d-1": {described("FAILED", "The following hook(s) failed: [Private::Guard::Hook]")}},
			hooks: []types.HookResultSummary{{Status: types.HookStatusHookCompleteFailed, TypeName: new("Private::Guard::Hook"), HookStatusReason: new("no rotation")}, {Status: types.HookStatusHookCompleteSucceeded}}},
			want: []string{"error hook []: no rotation"}},
		{name: "no right to hooks", fake: &fake{noHooks: denied, sets: answers{"d-1": {described("FAILED", "hook failed")}}}, want: []string{"error cloudformation []: hook failed"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.fake.T = t
			_, err := propose(test.fake, changeset.Request{})
			var failed *changeset.Failed
			if !errors.As(err, &failed) {
				t.Fatal(err)
			}
			var got []string
			for _, v := range failed.Findings {
				got = append(got, fmt.Sprintf("%s %s %v%s: %s", v.Severity, v.Source, v.Path, v.LogicalID, v.Text))
			}
			if diff := cmp.Diff(test.want, got); diff != "" || failed.Placeholder != test.placeholder || test.calls > len(test.fake.calls) {
				t.Errorf("placeholder %v (-want +got):\n%s", failed.Placeholder, diff)
			}
		})
	}
	err := &changeset.Failed{Findings: []report.Validation{{Path: []string{"NetStack"}, LogicalID: "Bucket", Text: "taken"}, {Text: "why"}}}
	if err.Error() != "CloudFormation refuses the change set:\n  Net/Bucket: taken\n  why" {
		t.Error(err)
	}
}

// named is a change set of a stack.
func named(stack string, out *cloudformation.DescribeChangeSetOutput) *cloudformation.DescribeChangeSetOutput {
	out.StackName = &stack
	return out
}

// TestFailuresBroken: calls that fail while causes are looked for.
func TestFailuresBroken(t *testing.T) {
	nested := described("FAILED", "x", nestedIn("NetStack", "net"))
	for name, f := range map[string]*fake{
		"events":             {noEvents: broken, sets: answers{"d-1": {described("FAILED", "x")}}},
		"hooks":              {noHooks: broken, sets: answers{"d-1": {described("FAILED", "hook")}}},
		"a nested set":       {sets: answers{"d-1": {nested}, "net": {nil}}},
		"hooks of a nested":  {noHooks: broken, sets: answers{"d-1": {nested}, "net": {described("FAILED", "hook")}}},
		"waiting for nested": {sets: answers{"d-1": {nested}, "net": {described("CREATE_IN_PROGRESS", "")}}},
	} {
		f.T = t
		api := &interrupted{fake: f, at: map[bool]int{true: 2, false: 1000}[name == "waiting for nested"]}
		_, err := changeset.Propose(context.Background(), api, api, changeset.Request{Stack: "s", Name: "d-1"})
		var failed *changeset.Failed
		if err == nil || errors.As(err, &failed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An interrupted run is told to end at its so manyeth pause.
type interrupted struct {
	*fake
	at int
}

func (i *interrupted) Sleep(ctx context.Context, d time.Duration) error {
	if i.at--; i.at <= 0 {
		return context.Canceled
	}
	return i.fake.Sleep(ctx, d)
}

// TestRead: a kept change set is read as it is, without waiting.
func TestRead(t *testing.T) {
	f := &fake{T: t, sets: answers{"d-1": {described("FAILED", "x", nestedIn("NetStack", "net"))}, "net": {described("CREATE_IN_PROGRESS", "")}}}
	if _, err := changeset.Read(context.Background(), f, "s", "d-1"); err == nil || len(f.asleep) > 0 {
		t.Error(err)
	}
}
