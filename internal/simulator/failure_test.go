package simulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/simulator"
)

// nestedURL is where templates of tests are.
const nestedURL = "https://s3.us-east-1.amazonaws.com/artifacts/"

// child has one resource that changes with the parameter, and one beside it.
const child = `{Parameters: {Size: {Type: String}}, Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: q, DelaySeconds: !Ref Size}}, Log: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: l}}},
  Outputs: {Name: {Value: !Ref Queue}}}`

// parent nests it beside a topic that is slow and a role that is made last.
const parent = `{Parameters: {Size: {Type: String, Default: "1"}}, Resources: {
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "` + nestedURL + `child", Parameters: {Size: !Ref Size}}},
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: bucket, Tags: [{Key: size, Value: !Ref Size}]}},
  Role: {Type: AWS::IAM::Role, DependsOn: Child, Properties: {RoleName: r, Description: !Ref Size}}}}`

// grown has the parent's stack created, with the update that a test makes.
func grown(t *testing.T) (*account, proposal) {
	t.Helper()
	a := open(t, simulator.Options{})
	a.upload("child", child)
	p := proposal{stack: "s", body: parent, parameters: map[string]string{"Size": "1"}}
	if got := a.deploy(p); got != "CREATE_COMPLETE" {
		t.Fatal(got)
	}
	p.update, p.parameters["Size"] = true, "2"
	return a, p
}

// nested is the name of the only nested stack.
func (a *account) nested() string {
	a.Helper()
	r := must(a.api.DescribeStackResource(a.Context(), &cloudformation.DescribeStackResourceInput{StackName: aws.String("s"), LogicalResourceId: aws.String("Child")}))
	return aws.ToString(r.StackResourceDetail.PhysicalResourceId)
}

func TestCreationFails(t *testing.T) {
	for _, tt := range []struct {
		name, fails, onFailure, ends string
		keep                         bool
		log                          []string
	}{
		{"and rolls back", "Role", "ROLLBACK", "ROLLBACK_COMPLETE", false, []string{"Role CREATE_FAILED no", "s ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Role]. Rollback requested by user.", "Child DELETE_COMPLETE", "s ROLLBACK_COMPLETE"}},
		{"in a nested stack, while others are under way", "Child/Log", "", "ROLLBACK_COMPLETE", false, []string{"Child CREATE_FAILED Embedded stack ", "was not successfully created: The following resource(s) failed to create: [Log]. ", "Bucket CREATE_FAILED Resource creation cancelled", "s ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Child]. "}},
		{"while a nested stack is under way", "Bucket", "", "ROLLBACK_COMPLETE", false, []string{"Bucket CREATE_FAILED no", "Child CREATE_FAILED Resource creation cancelled", "s ROLLBACK_COMPLETE"}},
		{"and is deleted", "Role", "DELETE", "DELETE_COMPLETE", false, []string{"Role CREATE_FAILED no", "s DELETE_IN_PROGRESS", "s DELETE_COMPLETE"}},
		{"and stays", "Role", "DO_NOTHING", "CREATE_FAILED", false, []string{"s CREATE_FAILED The following resource(s) failed to create: [Role]. "}},
		{"and stays on demand", "Role", "", "CREATE_FAILED", true, []string{"s CREATE_FAILED"}},
		{"as a whole nested stack", "Child", "", "ROLLBACK_COMPLETE", false, []string{"Child CREATE_FAILED no"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := open(t, simulator.Options{})
			a.upload("child", child)
			if a.sim.Fail(tt.fails, "no"); tt.fails == "Bucket" {
				a.sim.Stick("Queue")
			} else {
				a.sim.FailAfter("Bucket", 20*time.Second, "") // slow, not failing
			}
			a.execute(proposal{stack: "s", body: parent, onFailure: tt.onFailure, keep: tt.keep})
			arn := aws.ToString(a.stack("s").StackId)
			if got := a.settle(arn); got != tt.ends {
				t.Errorf("%s, want %s\n%s", got, tt.ends, a.log(arn))
			}
			lines(t, a.log(arn), tt.log...)
		})
	}
}

// TestAfterCreation: a stack that was rolled back can only be deleted; one that stayed is deleted by its rollback, or tried again.
func TestAfterCreation(t *testing.T) {
	a := open(t, simulator.Options{})
	a.upload("child", child)
	a.sim.Fail("Role", "no")
	p := proposal{stack: "s", body: parent}
	a.deploy(p)
	for _, update := range []bool{false, true} {
		p.update = update
		if _, err := a.propose(p); code(err) != "ValidationError" || !strings.Contains(err.Error(), "is in ROLLBACK_COMPLETE state and can not be updated") {
			t.Errorf("%v", err)
		}
	}
	arn := aws.ToString(a.stack("s").StackId)
	must(a.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("s")}))
	must(a.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("s")})) // being deleted already
	if got := a.settle(arn); got != "DELETE_COMPLETE" {
		t.Fatal(got)
	}
	p.update, p.keep = false, true
	a.deploy(p)
	a.sim.Heal()
	p.update = true
	if got := a.deploy(p); got != "UPDATE_COMPLETE" {
		t.Fatalf("tried again: %s\n%s", got, a.log("s"))
	}

	b := open(t, simulator.Options{})
	b.upload("child", child)
	b.sim.Fail("Role", "no")
	b.deploy(proposal{stack: "s", body: parent, keep: true})
	arn = aws.ToString(b.stack("s").StackId)
	must(b.api.RollbackStack(t.Context(), &cloudformation.RollbackStackInput{StackName: aws.String("s")}))
	if got := b.settle(arn); got != "DELETE_COMPLETE" {
		t.Fatal(got)
	}
}

// TestCancel: an update under way is cancelled, and what is under way in nested stacks with it.
func TestCancel(t *testing.T) {
	a, p := grown(t)
	cancel := func() error {
		_, err := a.api.CancelUpdateStack(t.Context(), &cloudformation.CancelUpdateStackInput{StackName: aws.String("s"), ClientRequestToken: aws.String("token")})
		return err
	}
	if err := cancel(); code(err) != "ValidationError" {
		t.Errorf("nothing to cancel: %v", err)
	}
	a.sim.Stick("Queue")
	a.execute(p)
	a.wait(5 * time.Second)
	if err := cancel(); err != nil {
		t.Fatal(err)
	}
	if err := cancel(); err != nil { // a second time changes nothing
		t.Fatal(err)
	}
	if _, err := a.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("s")}); err == nil {
		t.Error("a stack is deleted while it is updated")
	}
	a.sim.Heal()
	if got := a.settle("s"); got != "UPDATE_ROLLBACK_COMPLETE" {
		t.Fatalf("%s\n%s", got, a.log("s"))
	}
	lines(t, a.log("s"), "Child UPDATE_FAILED Resource update cancelled", "s UPDATE_ROLLBACK_IN_PROGRESS User Initiated", "s UPDATE_ROLLBACK_COMPLETE")
	lines(t, a.log(a.nested()), "Queue UPDATE_FAILED Resource update cancelled", "UPDATE_ROLLBACK_IN_PROGRESS Resource update cancelled", "UPDATE_ROLLBACK_COMPLETE")
	if events := a.events("s"); aws.ToString(events[len(events)-1].ClientRequestToken) != "token" {
		t.Error("events do not carry the token of the call")
	}
}

// TestTimeout: a nested stack that takes longer than its TimeoutInMinutes fails.
func TestTimeout(t *testing.T) {
	a := open(t, simulator.Options{})
	a.upload("child", child)
	a.sim.Stick("Queue")
	body := strings.Replace(parent, "Parameters: {Size: !Ref Size}}}", "TimeoutInMinutes: 3, Parameters: {Size: !Ref Size}}}", 1)
	if got := a.deploy(proposal{stack: "s", body: body}); got != "ROLLBACK_COMPLETE" {
		t.Fatal(got)
	}
	lines(t, a.log("s"), "Child CREATE_FAILED", "Stack creation time exceeded the specified timeout. ")
	a.sim.Heal()
	if got := a.deploy(proposal{stack: "t", body: body}); got != "CREATE_COMPLETE" {
		t.Fatal(got)
	}
	a.wait(time.Hour) // the timeout of a stack that is done means nothing
}

// TestOddDeployments: a nested template that is not there, one that changed under its address, and a stack deleted under a change set.
func TestOddDeployments(t *testing.T) {
	a, _ := grown(t)
	a.upload("child", strings.Replace(child, "QueueName: q,", "QueueName: q, Tags: [{Key: k, Value: v}],", 1))
	previous := &cloudformation.CreateChangeSetInput{StackName: aws.String("s"), ChangeSetName: aws.String("prev"), ChangeSetType: "UPDATE", UsePreviousTemplate: aws.Bool(true), IncludeNestedStacks: aws.Bool(true),
		Parameters: []types.Parameter{{ParameterKey: aws.String("Size"), UsePreviousValue: aws.Bool(true)}}, Capabilities: []types.Capability{"CAPABILITY_NAMED_IAM"}}
	out := must(a.api.CreateChangeSet(t.Context(), previous))
	a.wait(time.Minute)
	set := a.describe(out.Id)
	if c := change(t, set, "Child"); c.Action != "Modify" || len(a.describe(c.ChangeSetId).Changes) != 1 {
		t.Errorf("%+v", c)
	}
	if set, err := a.propose(proposal{stack: "u", body: strings.ReplaceAll(parent, "artifacts/child", "artifacts/nobody")}); err != nil || set.Status != types.ChangeSetStatusFailed {
		t.Errorf("%v %+v", err, set)
	}
	if got := a.deploy(proposal{stack: "t", flat: true, body: strings.ReplaceAll(strings.ReplaceAll(parent, "artifacts/child", "artifacts/nobody"), "BucketName: bucket", "BucketName: other")}); got != "ROLLBACK_COMPLETE" {
		t.Error(got)
	}
	lines(t, a.log("t"), "Child CREATE_FAILED S3 error: The specified key does not exist.")
	if _, err := a.propose(proposal{stack: "c", body: `{Resources: {A: {Type: AWS::SQS::Queue, DependsOn: B}, B: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub ["${X}", {X: !Ref A}]}}}}`}); err == nil || !strings.Contains(err.Error(), "Circular dependency between resources: [A, B]") {
		t.Errorf("a circle: %v", err)
	}
	must(a.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("s")}))
	if _, err := a.api.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: out.Id}); code(err) != "ValidationError" {
		t.Errorf("%v", err)
	}
}
