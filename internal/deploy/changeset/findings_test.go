package changeset_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/report"
)

// warning is a finding of CloudFormation's that stops nothing.
func warning(id, text string) types.OperationEvent {
	return types.OperationEvent{EventType: types.EventTypeValidationError, ValidationFailureMode: types.HookFailureModeWarn, LogicalResourceId: aws.String(id), ValidationStatusReason: aws.String(text)}
}

// validated is a scene in which the application really changes and the network only seems to.
func validated(t *testing.T) (*scene, *fake) {
	s := newScene(t)
	s.edit("now", "app.yaml", "KmsKeyId: !Ref Vpc", "KmsKeyId: !Sub '${Vpc}'")
	s.set.ARN, s.app().ARN = "arn:root", "arn:app"
	s.net().ARN = "arn:net"
	return s, &fake{T: t, events: map[string][]types.OperationEvent{
		"arn:root": {warning("Key", "root")}, "arn:app": {warning("Database", "application")}, "arn:net": {warning("VPC", "network")}}}
}

// Each change set tells its own findings: those of nested stacks that change are read too, with their places.
func TestFindingsOfNestedSets(t *testing.T) {
	s, f := validated(t)
	found, unread, err := s.review().Findings(t.Context(), f)
	want := []report.Validation{
		{Severity: "warning", Source: "cloudformation", LogicalID: "Key", Text: "root"},
		{Severity: "warning", Source: "cloudformation", Path: []string{"AppStack"}, LogicalID: "Database", Text: "application"},
	}
	if diff := cmp.Diff(want, found); diff != "" || unread != nil || err != nil {
		t.Errorf("%v, %v (-want +got):\n%s", unread, err, diff)
	}
	if slices.Contains(f.calls, "events arn:net") {
		t.Error("a stack in which nothing changes is asked about:", f.calls)
	}
}

// What changes in the root as well is told once.
func TestFindingsOfTheRootToo(t *testing.T) {
	s, f := validated(t)
	s.set.Changes = append(s.set.Changes, modify("Key", "AWS::KMS::Key", direct("Description", "1", "2", never)))
	if found, _, err := s.review().Findings(t.Context(), f); len(found) != 2 || err != nil {
		t.Errorf("%v, %v", found, err)
	}
}

// Findings that cannot be read are no error, and are not taken for none.
func TestFindingsThatCannotBeRead(t *testing.T) {
	s, f := validated(t)
	f.noEvents = denied
	if found, unread, err := s.review().Findings(t.Context(), f); len(found) > 0 || !errors.Is(unread, denied) || err != nil {
		t.Errorf("%v, %v, %v", found, unread, err)
	}
	f.noEvents = broken
	if _, _, err := s.review().Findings(t.Context(), f); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

// A review of nothing has no findings to read of nested stacks.
func TestFindingsOfTheRootAlone(t *testing.T) {
	s, f := validated(t)
	s.set.Nested = map[string]*changeset.Set{}
	if found, _, err := s.review().Findings(t.Context(), f); len(found) != 1 || err != nil {
		t.Errorf("%v, %v", found, err)
	}
}
