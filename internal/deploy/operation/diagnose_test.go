package operation_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/operation"
	"github.com/tierform/tierform/internal/deploy/report"
)

// lines are the causes of a diagnosis, a line each.
func lines(d report.Diagnosis) []string {
	var all []string
	for _, c := range d.Causes {
		all = append(all, strings.Join(append(slices.Clone(c.Path), c.LogicalID), "/")+" "+c.Status+": "+c.Reason)
	}
	return all
}

// diagnosed reads what a script tells, and diagnoses it.
func diagnosed(t *testing.T, s *script) report.Diagnosis {
	t.Helper()
	o, err := operation.Read(t.Context(), s, s.clock, "root")
	if err != nil {
		t.Fatal(err)
	}
	return operation.Diagnose("root", o)
}

// past moves the events of a script to before now.
func (s *script) past() *script {
	for _, events := range s.events {
		for i := range events {
			events[i].Timestamp = aws.Time(events[i].Timestamp.Add(-1000e9))
		}
	}
	return s
}

func TestCausesAreFoundThreeLevelsDown(t *testing.T) {
	s := newScript()
	s.tell(0, "root", "", "", "CREATE_IN_PROGRESS", "User Initiated")
	s.tell(0, "root", "Tier", stackType, "CREATE_IN_PROGRESS", "")
	s.tell(0, "root", "Other", stackType, "CREATE_IN_PROGRESS", "")
	s.tell(1, "Tier", "", "", "CREATE_IN_PROGRESS", "")
	s.tell(1, "Tier", "Inner", stackType, "CREATE_IN_PROGRESS", "")
	s.tell(2, "Inner", "", "", "CREATE_IN_PROGRESS", "")
	s.tell(9, "Inner", "Bucket", "AWS::S3::Bucket", "CREATE_FAILED", "bucket already exists")
	s.tell(9, "Inner", "Bucket", "AWS::S3::Bucket", "CREATE_FAILED", "bucket already exists") // told twice, with another ID
	s.tell(8, "Inner", "Topic", "AWS::SNS::Topic", "CREATE_FAILED", "")
	s.tell(9, "Inner", "Queue", "AWS::SQS::Queue", "CREATE_FAILED", "Resource creation cancelled")
	s.tell(9, "Inner", "", "", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [Bucket, Queue]. ")
	s.tell(9, "Inner", "", "", "CREATE_FAILED", "The following resource(s) failed to create: [Bucket, Queue]. ")
	s.tell(10, "Tier", "Inner", stackType, "CREATE_FAILED", "Embedded stack arn:Inner was not successfully created: The following resource(s) failed to create: [Bucket, Queue]. ")
	s.tell(10, "Tier", "", "", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [Inner]. ")
	s.tell(11, "root", "Tier", stackType, "CREATE_FAILED", "Embedded stack arn:Tier was not successfully created: The following resource(s) failed to create: [Inner]. ")
	s.tell(11, "root", "Other", stackType, "CREATE_FAILED", "Resource creation cancelled")
	s.tell(11, "root", "", "", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [Tier, Other]. Rollback requested by user.")
	s.tell(12, "Inner", "Role", "AWS::IAM::Role", "DELETE_FAILED", "still in use")
	s.tell(13, "Inner", "Role", "AWS::IAM::Role", "DELETE_COMPLETE", "")
	s.tell(20, "root", "", "", "ROLLBACK_COMPLETE", "")
	d := diagnosed(t, s.past())
	want := []string{"Tier/Inner/Topic CREATE_FAILED: CloudFormation gives no reason", "Tier/Inner/Bucket CREATE_FAILED: bucket already exists"}
	if diff := cmp.Diff(want, lines(d)); diff != "" {
		t.Error(diff)
	}
	if d.Cancelled != 2 || d.Stack != "root" {
		t.Errorf("%d cancelled, want Queue and Other", d.Cancelled)
	}
}

func TestCausesThatAreStacks(t *testing.T) {
	for _, c := range []struct {
		name string
		tell func(*script)
		want []string
	}{
		{"the template of a nested stack is missing", func(s *script) {
			s.tell(1, "root", "Tier", stackType, "UPDATE_FAILED", "S3 error: The specified key does not exist.")
			s.tell(2, "root", "", "", "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [Tier]. ")
		}, []string{"Tier UPDATE_FAILED: S3 error: The specified key does not exist."}},
		{"a nested stack took too long", func(s *script) {
			s.tell(1, "root", "Tier", stackType, "CREATE_IN_PROGRESS", "")
			s.tell(1, "Tier", "Service", "AWS::ECS::Service", "CREATE_FAILED", "Resource creation cancelled")
			s.tell(1, "Tier", "", "", "ROLLBACK_IN_PROGRESS", "Stack creation time exceeded the specified timeout. ")
			s.tell(2, "root", "Tier", stackType, "CREATE_FAILED", "Embedded stack arn:Tier was not successfully created: Stack creation time exceeded the specified timeout. ")
		}, []string{"Tier CREATE_FAILED: Stack creation time exceeded the specified timeout. "}},
		{"a person cancelled it", func(s *script) {
			s.tell(1, "root", "", "", "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
			s.tell(1, "root", "Topic", "AWS::SNS::Topic", "UPDATE_FAILED", "Resource update cancelled")
		}, []string{"root UPDATE_ROLLBACK_IN_PROGRESS: User Initiated"}},
		{"the root says no more", func(s *script) {
			s.tell(1, "root", "", "", "UPDATE_FAILED", "The following resource(s) failed to update: [Topic]. ")
		}, []string{"root UPDATE_FAILED: The following resource(s) failed to update: [Topic]. "}},
		{"a rollback that fails too", func(s *script) {
			s.tell(1, "root", "Topic", "AWS::SNS::Topic", "UPDATE_FAILED", "no such key")
			s.tell(2, "root", "", "", "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [Topic]. ")
			s.tell(3, "root", "Bucket", "AWS::S3::Bucket", "UPDATE_FAILED", "access denied")
			s.tell(4, "root", "", "", "UPDATE_ROLLBACK_FAILED", "The following resource(s) failed to update: [Bucket]. ")
		}, []string{"Topic UPDATE_FAILED: no such key", "Bucket UPDATE_FAILED: access denied"}},
		{"a success", func(s *script) { s.tell(1, "root", "", "", "UPDATE_COMPLETE", "") }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScript()
			s.tell(0, "root", "", "", "UPDATE_IN_PROGRESS", "User Initiated")
			c.tell(s)
			if diff := cmp.Diff(c.want, lines(diagnosed(t, s.past()))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatAHookSaidIsADetail(t *testing.T) {
	s := newScript()
	s.tell(0, "root", "", "", "UPDATE_IN_PROGRESS", "User Initiated")
	e := s.tell(1, "root", "Bucket", "AWS::S3::Bucket", "UPDATE_IN_PROGRESS", "")
	e.HookType, e.HookStatus, e.HookStatusReason = aws.String("Private::Guard::Hook"), types.HookStatusHookCompleteFailed, aws.String("buckets need encryption")
	s.tell(2, "root", "Bucket", "AWS::S3::Bucket", "UPDATE_FAILED", "The following hook(s) failed: [Private::Guard::Hook]")
	d := diagnosed(t, s.past())
	if diff := cmp.Diff([]string{"Private::Guard::Hook: buckets need encryption"}, d.Causes[0].Details); diff != "" {
		t.Error(diff)
	}
}

func TestTheRealPlatformIsDiagnosed(t *testing.T) {
	p := newPlatform(t)
	p.sim.Fail("DataStack/Cluster", "The engine version does not exist")
	o, _ := p.follow(p.execute(true, false))
	if o.Status != "ROLLBACK_COMPLETE" {
		t.Fatal(o.Status)
	}
	d := operation.Diagnose(stackName, o)
	if diff := cmp.Diff([]string{"DataStack/Cluster CREATE_FAILED: The engine version does not exist"}, lines(d)); diff != "" {
		t.Error(diff)
	}
	if d.Cancelled == 0 {
		t.Error("no cancelled resources are counted, others were at work")
	}
}

func TestAChangeSetThatFailedIsDiagnosed(t *testing.T) {
	d := operation.DiagnoseChangeSet("platform-dev", []report.Validation{
		{Severity: "error", Source: "cloudformation", Check: "NAME_CONFLICT_VALIDATION", Path: []string{"DataStack"}, LogicalID: "Cluster", Text: "a cluster of that name exists", Mend: "choose another name"},
		{Severity: "warning", Check: "BUCKET", LogicalID: "Logs", Text: "not empty"},
		{Severity: "error", Source: "cloudformation", Text: "Parameter 'X' must be one of AllowedValues"},
	})
	want := []string{"DataStack/Cluster VALIDATION_FAILED: NAME_CONFLICT_VALIDATION: a cluster of that name exists", "platform-dev VALIDATION_FAILED: Parameter 'X' must be one of AllowedValues"}
	if diff := cmp.Diff(want, lines(d)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"choose another name"}, d.Causes[0].Details); diff != "" {
		t.Error(diff)
	}
}
