package simulator_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/simulator"
)

// TestEventPages reads a long list of events to the last page, however they are delivered.
func TestEventPages(t *testing.T) {
	a, p := grown(t)
	a.deploy(p)
	whole := len(a.events("s"))
	for _, d := range []simulator.Delivery{{PageSize: 1}, {PageSize: 7, Shuffled: true}, {PageSize: 3, Twice: true}} {
		a.sim.Deliver(d)
		events := a.events("s")
		ids := map[string]bool{}
		for _, e := range events {
			ids[aws.ToString(e.EventId)] = true
		}
		ordered := slices.IsSortedFunc(events, func(x, y types.StackEvent) int { return x.Timestamp.Compare(*y.Timestamp) })
		if len(ids) != whole || ordered == d.Shuffled || d.Twice && len(events) != 2*whole {
			t.Errorf("%+v: %d events of %d, ordered %v", d, len(events), whole, ordered)
		}
	}
	b := open(t, simulator.Options{PageSize: 2})
	b.deploy(proposal{stack: "s", body: topic})
	if out := must(b.api.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: aws.String("s")})); len(out.StackEvents) != 2 {
		t.Errorf("%d on a page", len(out.StackEvents))
	}
}

// TestOperationEvents tells the failures of one operation.
func TestOperationEvents(t *testing.T) {
	a, p := grown(t)
	a.sim.Fail("Role", "no")
	a.deploy(p)
	update := a.stack("s").LastOperations[0].OperationId
	out := must(a.api.DescribeEvents(t.Context(), &cloudformation.DescribeEventsInput{StackName: aws.String("s"), OperationId: update, Filters: &types.EventFilter{FailedEvents: aws.Bool(true)}}))
	if len(out.OperationEvents) != 1 || aws.ToString(out.OperationEvents[0].LogicalResourceId) != "Role" {
		t.Errorf("%+v", out.OperationEvents)
	}
}

// TestDescriptions of stacks, their resources and templates.
func TestDescriptions(t *testing.T) {
	a, _ := grown(t)
	name := aws.String("s")
	if out := must(a.api.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})); len(out.Stacks) != 2 {
		t.Errorf("%d stacks", len(out.Stacks))
	}
	nested := a.stack(a.nested())
	if aws.ToString(nested.RootId) != aws.ToString(a.stack("s").StackId) || aws.ToString(nested.Outputs[0].OutputValue) == "" {
		t.Errorf("%+v", nested)
	}
	if out := must(a.api.ListStackResources(t.Context(), &cloudformation.ListStackResourcesInput{StackName: name})); len(out.StackResourceSummaries) != 3 {
		t.Errorf("%+v", out)
	}
	if out := must(a.api.DescribeStackResources(t.Context(), &cloudformation.DescribeStackResourcesInput{StackName: name})); len(out.StackResources) != 3 {
		t.Errorf("%+v", out)
	}
	if out := must(a.api.GetTemplate(t.Context(), &cloudformation.GetTemplateInput{StackName: name})); aws.ToString(out.TemplateBody) != parent {
		t.Errorf("%s", aws.ToString(out.TemplateBody))
	}
	if out := must(a.api.GetTemplateSummary(t.Context(), &cloudformation.GetTemplateSummaryInput{StackName: name})); len(out.Parameters) != 1 || aws.ToString(out.Parameters[0].DefaultValue) != "1" || len(out.Capabilities) != 1 || len(out.ResourceTypes) != 3 {
		t.Errorf("%+v", out)
	}
	if out := must(a.api.GetTemplateSummary(t.Context(), &cloudformation.GetTemplateSummaryInput{TemplateBody: aws.String(topic)})); len(out.ResourceTypes) != 1 {
		t.Errorf("%+v", out)
	}
	if out := must(a.api.ListStacks(t.Context(), &cloudformation.ListStacksInput{})); len(out.StackSummaries) != 2 || out.StackSummaries[0].ParentId == nil && out.StackSummaries[1].ParentId == nil {
		t.Errorf("%+v", out)
	}
	must(a.propose(proposal{stack: "new", body: topic}))
	_, template := a.api.GetTemplate(t.Context(), &cloudformation.GetTemplateInput{StackName: aws.String("new")})
	_, resource := a.api.DescribeStackResource(t.Context(), &cloudformation.DescribeStackResourceInput{StackName: name, LogicalResourceId: aws.String("Nobody")})
	_, summary := a.api.GetTemplateSummary(t.Context(), &cloudformation.GetTemplateSummaryInput{TemplateURL: aws.String(nestedURL + "nobody")})
	for _, err := range []error{template, resource, summary} {
		if code(err) != "ValidationError" {
			t.Errorf("%v", err)
		}
	}
}

// TestUnknownStacks: each call about a stack says that it does not exist.
func TestUnknownStacks(t *testing.T) {
	a := open(t, simulator.Options{})
	n := aws.String("nobody")
	ctx := t.Context()
	for name, call := range map[string]func() error{
		"DescribeStacks": func() error {
			_, err := a.api.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: n})
			return err
		},
		"DescribeStackEvents": func() error {
			_, err := a.api.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: n})
			return err
		},
		"DescribeEvents": func() error {
			_, err := a.api.DescribeEvents(ctx, &cloudformation.DescribeEventsInput{StackName: n})
			return err
		},
		"GetTemplate": func() error {
			_, err := a.api.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: n})
			return err
		},
		"ListStackResources": func() error {
			_, err := a.api.ListStackResources(ctx, &cloudformation.ListStackResourcesInput{StackName: n})
			return err
		},
		"DescribeStackResource": func() error {
			_, err := a.api.DescribeStackResource(ctx, &cloudformation.DescribeStackResourceInput{StackName: n, LogicalResourceId: n})
			return err
		},
		"ListChangeSets": func() error {
			_, err := a.api.ListChangeSets(ctx, &cloudformation.ListChangeSetsInput{StackName: n})
			return err
		},
		"CancelUpdateStack": func() error {
			_, err := a.api.CancelUpdateStack(ctx, &cloudformation.CancelUpdateStackInput{StackName: n})
			return err
		},
		"ContinueUpdateRollback": func() error {
			_, err := a.api.ContinueUpdateRollback(ctx, &cloudformation.ContinueUpdateRollbackInput{StackName: n})
			return err
		},
		"RollbackStack": func() error {
			_, err := a.api.RollbackStack(ctx, &cloudformation.RollbackStackInput{StackName: n})
			return err
		},
		"DetectStackDrift": func() error {
			_, err := a.api.DetectStackDrift(ctx, &cloudformation.DetectStackDriftInput{StackName: n})
			return err
		},
		"DescribeStackResourceDrifts": func() error {
			_, err := a.api.DescribeStackResourceDrifts(ctx, &cloudformation.DescribeStackResourceDriftsInput{StackName: n})
			return err
		},
		"UpdateTerminationProtection": func() error {
			_, err := a.api.UpdateTerminationProtection(ctx, &cloudformation.UpdateTerminationProtectionInput{StackName: n, EnableTerminationProtection: aws.Bool(true)})
			return err
		},
	} {
		if err := call(); code(err) != "ValidationError" || !strings.Contains(err.Error(), "does not exist") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := a.api.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: n}); err != nil {
		t.Errorf("deleting what is not there: %v", err)
	}
	if _, err := a.api.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{StackName: n, ChangeSetName: n}); code(err) != "ChangeSetNotFound" {
		t.Errorf("%v", err)
	}
}

// TestTerminationProtection is the root's, and holds for nested stacks.
func TestTerminationProtection(t *testing.T) {
	a, _ := grown(t)
	protect := func(stack string, on bool) error {
		_, err := a.api.UpdateTerminationProtection(t.Context(), &cloudformation.UpdateTerminationProtectionInput{StackName: &stack, EnableTerminationProtection: &on})
		return err
	}
	if err := protect(a.nested(), true); code(err) != "ValidationError" {
		t.Errorf("a nested stack's: %v", err)
	}
	if err := protect("s", true); err != nil {
		t.Fatal(err)
	}
	for _, stack := range []string{"s", a.nested()} {
		if _, err := a.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &stack}); err == nil || !strings.Contains(err.Error(), "TerminationProtection is enabled") {
			t.Errorf("%s: %v", stack, err)
		}
	}
	if err := protect("s", false); err != nil {
		t.Fatal(err)
	}
}

// TestFunctions evaluates what templates compute.
func TestFunctions(t *testing.T) {
	a := open(t, simulator.Options{})
	a.deploy(proposal{stack: "s", parameters: map[string]string{"List": "a,b", "On": "yes"}, body: `{Parameters: {List: {Type: CommaDelimitedList}, On: {Type: String}},
  Conditions: {Yes: !Equals [!Ref On, yes], No: !Not [!Condition Yes], Both: !And [!Condition Yes, !Condition No], Any: !Or [!Condition Yes, !Condition No], Odd: !Odd [a]},
  Resources: {T: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub ["${X}", {X: t}], Empty: [!Ref "AWS::NoValue", x], Gone: !Ref "AWS::NoValue"}}, N: {Type: AWS::SNS::Topic, Condition: No}},
  Outputs: {Join: {Value: !Join ["-", [!Ref List, c]]}, Select: {Value: !Select [1, !Ref List]}, Split: {Value: !Select [0, !Split ["|", "p|q"]]}, Base64: {Value: !Base64 hi}, Zones: {Value: !Select [2, !GetAZs ""]},
    Cidr: {Value: !Select [1, !Cidr [10.0.0.0/16, 2, 8]]}, NoCidr: {Value: !Join ["", !Cidr [x, 2, 8]]}, If: {Value: !If [Both, x, !If [Any, y, z]]}, Sub: {Value: !Sub ["${A}-${!B}-${AWS::Partition}-${AWS::URLSuffix}-${AWS::AccountId}-${T.TopicName}", {A: !Ref On}]},
    Stack: {Value: !Sub "${AWS::StackName} ${AWS::StackId} ${AWS::Region}"}, Odd: {Condition: Odd, Value: x}, Unknown: {Value: !Length [a, b]}, Absent: {Value: !GetAtt N.TopicName}, Past: {Value: !Sub "x${!}"}}}`})
	got := map[string]string{}
	for _, o := range a.stack("s").Outputs {
		got[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	for name, want := range map[string]string{"Join": "a,b-c", "Select": "b", "Split": "p", "Base64": "aGk=", "Zones": "us-east-1c", "Cidr": "10.0.1.0/24", "NoCidr": "", "If": "y", "Unknown": "[a b]"} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	if !strings.HasPrefix(got["Sub"], "yes-${B}-aws-amazonaws.com-111122223333-") || !strings.HasPrefix(got["Stack"], "s arn:aws:cloudformation:us-east-1:111122223333:stack/s/") {
		t.Errorf("%q, %q", got["Sub"], got["Stack"])
	}
}
