package changeset_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/fault"
)

// TestExecuteInput: rollback is always said, but where the change set says it already.
func TestExecuteInput(t *testing.T) {
	for _, test := range []struct {
		onFailure         string
		first, noRollback bool
		want              string
	}{
		{"", false, false, "false -"}, {"", false, true, "true -"}, {"", true, false, "false true"}, {"", true, true, "true -"},
		{"ROLLBACK", true, false, "- true"}, {"DO_NOTHING", true, true, "- -"}, {"DELETE", true, false, "- -"}, {"ROLLBACK", true, true, "refused"},
	} {
		f := &fake{T: t}
		err := changeset.Execute(context.Background(), f, &changeset.Set{ARN: "arn:d-1", OnFailure: test.onFailure}, "token", test.first, test.noRollback)
		got := "refused"
		if err == nil {
			in := f.executed[0]
			got = fmt.Sprint(said(in.DisableRollback), " ", said(in.RetainExceptOnCreate))
			if *in.ClientRequestToken != "token" || *in.ChangeSetName != "arn:d-1" {
				t.Errorf("%+v", in)
			}
		} else if fault.CodeOf(err) != fault.Usage {
			t.Error(err)
		}
		if got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

func said(b *bool) string {
	if b == nil {
		return "-"
	}
	return fmt.Sprint(*b)
}

// TestExecuteLost: an answer that was lost is no failure; a stack that changed meanwhile is.
func TestExecuteLost(t *testing.T) {
	status := func(execution types.ExecutionStatus) answers {
		return answers{"arn:d-1": {{ExecutionStatus: execution}}}
	}
	for _, test := range []struct {
		fake *fake
		want fault.Code
	}{
		{&fake{execute: invalid, sets: status(types.ExecutionStatusExecuteInProgress)}, fault.OK},
		{&fake{execute: invalid, sets: status(types.ExecutionStatusExecuteComplete)}, fault.OK},
		{&fake{execute: invalid, sets: status(types.ExecutionStatusObsolete)}, fault.Busy},
		{&fake{execute: invalid}, fault.Busy},
		{&fake{execute: broken}, fault.Unexpected},
	} {
		if err := changeset.Execute(context.Background(), test.fake, &changeset.Set{ARN: "arn:d-1"}, "token", false, false); fault.CodeOf(err) != test.want {
			t.Error(err)
		}
	}
}

// TestDiscard: what is deleted, what is waited for, and what is left to others.
func TestDiscard(t *testing.T) {
	review := types.StackStatusReviewInProgress
	summary := func(name string, status types.ChangeSetStatus) types.ChangeSetSummary {
		return types.ChangeSetSummary{ChangeSetName: &name, Status: status}
	}
	working := answers{"d-1": {described("CREATE_IN_PROGRESS", ""), described("CREATE_PENDING", "")}}
	for _, test := range []struct {
		name    string
		fake    *fake
		first   bool
		removes bool
		deletes int
		fails   bool
	}{
		{name: "gone already", fake: &fake{deletes: []error{missing}}, deletes: 1},
		{name: "still computed", fake: &fake{deletes: []error{invalid, invalid}, sets: working}, deletes: 3},
		{name: "executed", fake: &fake{deletes: []error{invalid}, sets: answers{"d-1": {described("CREATE_COMPLETE", "")}}}, deletes: 1},
		{name: "gone meanwhile", fake: &fake{deletes: []error{invalid}}, deletes: 1},
		{name: "not allowed", fake: &fake{deletes: []error{denied}}, deletes: 1, fails: true},
		{name: "not described", fake: &fake{deletes: []error{invalid}, sets: answers{"d-1": {nil}}}, deletes: 1, fails: true},
		{name: "interrupted", fake: &fake{deletes: []error{invalid}, sets: answers{"d-1": {described("CREATE_PENDING", "")}}, wakes: context.Canceled}, deletes: 1, fails: true},
		{name: "a first one", fake: &fake{stack: review, summaries: [][]types.ChangeSetSummary{{summary("d-1", types.ChangeSetStatusDeletePending), summary("d-2", types.ChangeSetStatusFailed)}}}, first: true, removes: true, deletes: 1},
		{name: "a first one that is listed for a while", fake: &fake{stack: review, summaries: [][]types.ChangeSetSummary{{summary("d-1", types.ChangeSetStatusCreateComplete)}}}, first: true, removes: true, deletes: 1},
		{name: "another waits for approval", fake: &fake{stack: review, summaries: [][]types.ChangeSetSummary{{summary("d-1", types.ChangeSetStatusFailed)}, {summary("plan-1", types.ChangeSetStatusCreateComplete)}}}, first: true, deletes: 1},
		{name: "the stack lives", fake: &fake{stack: types.StackStatusCreateInProgress}, first: true, deletes: 1},
		{name: "no stack", fake: &fake{noStack: noStack}, first: true, deletes: 1},
		{name: "no stack at all", fake: &fake{}, first: true, deletes: 1},
		{name: "stack not described", fake: &fake{noStack: broken}, first: true, deletes: 1, fails: true},
		{name: "change sets not listed", fake: &fake{stack: review, noList: broken}, first: true, deletes: 1, fails: true},
		{name: "stack not deleted", fake: &fake{stack: review, noRemoval: broken}, first: true, removes: true, deletes: 1, fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.fake.T = t
			err := changeset.Discard(context.Background(), test.fake, test.fake, "s", "d-1", test.first)
			deletes := 0
			for _, call := range test.fake.calls {
				if call == "delete d-1" {
					deletes++
				}
			}
			if (err != nil) != test.fails || deletes != test.deletes || (len(test.fake.removed) > 0) != test.removes {
				t.Errorf("%v, %d calls, removed %q", err, deletes, test.fake.removed)
			}
		})
	}
}

// TestLitter: what runs left is found on all pages; what waits for an approval, was executed or belongs to another set is none.
func TestLitter(t *testing.T) {
	set := func(name string, status types.ChangeSetStatus, execution types.ExecutionStatus, parent string) types.ChangeSetSummary {
		s := types.ChangeSetSummary{ChangeSetName: &name, Status: status, ExecutionStatus: execution}
		if parent != "" {
			s.ParentChangeSetId = &parent
		}
		return s
	}
	complete := types.ChangeSetStatusCreateComplete
	f := &fake{T: t, summaries: [][]types.ChangeSetSummary{
		{set("d-1", complete, types.ExecutionStatusAvailable, ""), set("d-2", types.ChangeSetStatusFailed, types.ExecutionStatusUnavailable, ""), set("plan-1", complete, types.ExecutionStatusAvailable, "")},
		{set("d-3", complete, types.ExecutionStatusExecuteComplete, ""), set("d-4", complete, types.ExecutionStatusUnavailable, "arn:d-1"), set("other", complete, types.ExecutionStatusAvailable, "")},
		{set("d-5", complete, types.ExecutionStatusAvailable, ""), set("d-6", types.ChangeSetStatusDeleteInProgress, types.ExecutionStatusUnavailable, ""), set("d-7", types.ChangeSetStatusDeleteFailed, types.ExecutionStatusUnavailable, "")}}}
	names, count, err := changeset.Litter(context.Background(), f, "s", "d-5")
	if diff := cmp.Diff([]string{"d-1", "d-2", "d-7"}, names); diff != "" || count != 9 || err != nil {
		t.Errorf("%d, %v (-want +got):\n%s", count, err, diff)
	}
	if names, count, err := changeset.Litter(context.Background(), &fake{T: t, noList: noStack}, "s", ""); len(names) > 0 || count > 0 || err != nil {
		t.Error(names, count, err)
	}
	if _, _, err := changeset.Litter(context.Background(), &fake{T: t, noList: broken}, "s", ""); err == nil {
		t.Error("a list that cannot be read is empty")
	}
}

var _ changeset.API = (*cloudformation.Client)(nil)
