package operation_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/simulator"
)

const stackType = "AWS::CloudFormation::Stack"

var epoch = simulator.NewClock().Now()

// A script is an endpoint that tells events as they become due.
type script struct {
	clock *simulator.Clock
	// events are by stack, oldest first; those of the future are not told yet.
	events map[string][]types.StackEvent
	// errs are what calls about a stack come to, one after the other; a nil one answers.
	errs  map[string][]error
	calls []string
	count int
}

func newScript() *script {
	return &script{clock: simulator.NewClock(), events: map[string][]types.StackEvent{}, errs: map[string][]error{}}
}

// tell adds an event of a stack at a second. A logical ID of "" is the stack itself.
func (s *script) tell(second float64, stack, id, typ, status, reason string) *types.StackEvent {
	s.count++
	physical := id
	if typ == stackType {
		physical = "arn:" + id
	}
	if id == "" {
		id, physical, typ = stack, "arn:"+stack, stackType
	}
	s.events["arn:"+stack] = append(s.events["arn:"+stack], types.StackEvent{EventId: aws.String(fmt.Sprint("e", s.count)), StackId: aws.String("arn:" + stack), StackName: &stack,
		LogicalResourceId: &id, PhysicalResourceId: &physical, ResourceType: &typ, ResourceStatus: types.ResourceStatus(status), ResourceStatusReason: aws.String(reason),
		Timestamp: aws.Time(epoch.Add(time.Duration(second * float64(time.Second))))})
	return &s.events["arn:"+stack][len(s.events["arn:"+stack])-1]
}

// DescribeStackEvents is CloudFormation's.
func (s *script) DescribeStackEvents(ctx context.Context, in *cloudformation.DescribeStackEventsInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStackEventsOutput, error) {
	name := aws.ToString(in.StackName)
	s.calls = append(s.calls, name)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	key := "arn:" + strings.TrimPrefix(name, "arn:")
	if len(s.errs[key]) > 0 {
		err := s.errs[key][0]
		if len(s.errs[key]) > 1 {
			s.errs[key] = s.errs[key][1:]
		}
		if err != nil {
			return nil, err
		}
	}
	out := &cloudformation.DescribeStackEventsOutput{}
	for _, e := range slices.Backward(s.events[key]) {
		if !e.Timestamp.After(s.clock.Now()) {
			out.StackEvents = append(out.StackEvents, e)
		}
	}
	return out, nil
}

func (s *script) run(t *testing.T) (operation.Outcome, *screen, error) {
	t.Helper()
	shown := &screen{clock: s.clock}
	o, err := operation.Follow(s, s.clock, shown, "root").Run(t.Context())
	return o, shown, err
}

// api is an error of AWS.
func api(code, message string) error { return &smithy.GenericAPIError{Code: code, Message: message} }

// update is a script of an update of one nested stack that fails.
func update() *script {
	s := newScript()
	s.tell(-9, "root", "", "", "UPDATE_IN_PROGRESS", "User Initiated")
	s.tell(-5, "root", "", "", "UPDATE_COMPLETE", "")
	s.tell(0, "root", "", "", "UPDATE_IN_PROGRESS", "User Initiated")
	s.tell(0, "root", "services", stackType, "UPDATE_IN_PROGRESS", "")
	s.tell(1, "services", "", "", "UPDATE_IN_PROGRESS", "User Initiated")
	s.tell(1, "services", "Api", "AWS::ECS::Service", "UPDATE_IN_PROGRESS", "")
	s.tell(1, "services", "Alarm", "AWS::CloudWatch::Alarm", "UPDATE_IN_PROGRESS", "")
	s.tell(60, "services", "Api", "AWS::ECS::Service", "UPDATE_FAILED", "Service did not stabilize")
	s.tell(60, "services", "Alarm", "AWS::CloudWatch::Alarm", "UPDATE_FAILED", "Resource update cancelled")
	s.tell(60, "services", "", "", "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [Api]. ")
	s.tell(61, "root", "services", stackType, "UPDATE_FAILED", "Embedded stack arn:services was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: The following resource(s) failed to update: [Api]. ")
	s.tell(61, "root", "", "", "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [services]. ")
	s.tell(70, "services", "", "", "UPDATE_ROLLBACK_COMPLETE", "")
	s.tell(71, "root", "services", stackType, "UPDATE_COMPLETE", "")
	s.tell(72, "root", "", "", "UPDATE_ROLLBACK_COMPLETE", "")
	return s
}

func TestAnExpectedOperationIsWaitedFor(t *testing.T) {
	s := update()
	for i := range s.events["arn:root"] {
		e := &s.events["arn:root"][i]
		e.ClientRequestToken, e.OperationId = aws.String("mine"), aws.String("op-mine")
		if i < 2 {
			e.ClientRequestToken = aws.String("other")
		}
		if i >= 2 { // the events come late
			e.Timestamp = aws.Time(e.Timestamp.Add(20 * time.Second))
		}
	}
	shown := &screen{clock: s.clock}
	o, err := operation.Follow(s, s.clock, shown, "root").Expect("mine").Run(t.Context())
	if err != nil || o.Status != "UPDATE_ROLLBACK_COMPLETE" || !o.Begun.Equal(epoch.Add(20*time.Second)) {
		t.Errorf("%s, begun %v, %v", o.Status, o.Begun, err)
	}
	if diff := cmp.Diff([]string{"op-mine"}, o.OperationIDs); diff != "" {
		t.Error(diff)
	}
	_, err = operation.Follow(s, s.clock, shown, "root").Expect("another").Run(t.Context())
	if fault.CodeOf(err) != fault.StillRunning || !strings.Contains(err.Error(), "told nothing") {
		t.Errorf("an operation that never comes: %v", err)
	}
}

func TestAStackInReviewHasNoOperation(t *testing.T) {
	s := newScript()
	s.tell(0, "root", "", "", "REVIEW_IN_PROGRESS", "User Initiated")
	began := s.clock.Now()
	if _, _, err := s.run(t); fault.CodeOf(err) != fault.StillRunning || s.clock.Now().Sub(began) > 2*time.Minute {
		t.Error(err)
	}
	s.tell(100, "root", "", "", "CREATE_IN_PROGRESS", "User Initiated")
	s.tell(101, "root", "", "", "CREATE_COMPLETE", "")
	if o, _, err := s.run(t); err != nil || o.Status != "CREATE_COMPLETE" || len(o.Events) != 2 {
		t.Errorf("%+v, %v", o, err)
	}
}

// TestBoundaries tells where the latest operation begins among the events of a stack about itself.
func TestBoundaries(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []string // status, or status: reason, or status/detail
		first  int
		doing  string
	}{
		{"a creation", []string{"REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"}, 1, "create"},
		{"a creation that became consistent", []string{"CREATE_IN_PROGRESS: User Initiated", "CREATE_IN_PROGRESS/CONFIGURATION_COMPLETE", "CREATE_COMPLETE"}, 0, "create"},
		{"a creation with rollback", []string{"CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS: The following", "ROLLBACK_COMPLETE"}, 0, "create"},
		{"a creation that deleted itself", []string{"CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS: The following", "DELETE_COMPLETE"}, 0, "create"},
		{"a creation that was deleted", []string{"CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS: User Initiated", "DELETE_COMPLETE"}, 1, "delete"},
		{"an update after a creation", []string{"CREATE_IN_PROGRESS", "CREATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"}, 2, "update"},
		{"an update that was cancelled", []string{"CREATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS: User Initiated", "UPDATE_ROLLBACK_COMPLETE"}, 1, "update"},
		{"a rollback on request", []string{"UPDATE_IN_PROGRESS", "UPDATE_FAILED", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"}, 2, "rollback"},
		{"a continued rollback", []string{"UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_IN_PROGRESS: User Initiated", "UPDATE_ROLLBACK_FAILED"}, 3, "rollback"},
		{"a rollback whose beginning is forgotten", []string{"UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"}, 0, "rollback"},
		{"a deletion", []string{"CREATE_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_FAILED"}, 1, "delete"},
		{"an import", []string{"CREATE_COMPLETE", "IMPORT_IN_PROGRESS", "IMPORT_COMPLETE"}, 1, "import"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScript()
			for i, text := range c.events {
				status, reason, _ := strings.Cut(text, ": ")
				status, detail, _ := strings.Cut(status, "/")
				s.tell(float64(i-20), "root", "", "", status, reason).DetailedStatus = types.DetailedStatus(detail)
			}
			o, shown, err := s.run(t)
			if err != nil {
				t.Fatal(err)
			}
			if len(o.Events) != len(c.events)-c.first || of[report.Operation](shown)[0].Doing != c.doing {
				t.Errorf("begins %d events before the end as %s, want %d as %s", len(o.Events), of[report.Operation](shown)[0].Doing, len(c.events)-c.first, c.doing)
			}
		})
	}
}

func TestLateEventsTakeNothingBack(t *testing.T) {
	s := newScript()
	s.tell(0, "root", "", "", "UPDATE_IN_PROGRESS", "")
	s.tell(3, "root", "", "", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "")
	s.tell(3, "root", "", "", "UPDATE_COMPLETE", "")
	s.tell(3, "root", "Bucket", "AWS::S3::Bucket", "UPDATE_COMPLETE", "")
	s.tell(4, "root", "", "", "UPDATE_IN_PROGRESS", "") // somebody was quick
	s.events["arn:root"][1], s.events["arn:root"][2] = s.events["arn:root"][2], s.events["arn:root"][1]
	o, _, err := s.run(t)
	if err != nil || o.Status != "UPDATE_COMPLETE" || len(o.Events) != 4 {
		t.Errorf("%s, %d events, %v", o.Status, len(o.Events), err)
	}
}
