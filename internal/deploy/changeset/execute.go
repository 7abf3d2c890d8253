package changeset

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
)

// Execute executes a change set. Executing one that is executed already is no error: the answer to the first call may have been lost.
// token marks the operation's events.
//
// DisableRollback is always said, for its default is true, unless the change set says what to do on failure: one excludes the other
// (API reference, ExecuteChangeSet). What a first deployment made goes when it is rolled back, whatever its deletion policy.
func Execute(ctx context.Context, api API, s *Set, token string, first, noRollback bool) error {
	in := &cloudformation.ExecuteChangeSetInput{ChangeSetName: &s.ARN, ClientRequestToken: &token}
	rollsBack := s.OnFailure == "" && !noRollback || s.OnFailure == string(types.OnStackFailureRollback)
	switch {
	case s.OnFailure == "":
		in.DisableRollback = &noRollback
	case noRollback && s.OnFailure != string(types.OnStackFailureDoNothing):
		return &fault.Error{Code: fault.Usage, What: "the change set says what happens on failure, and it is not to leave all as it is", Found: s.OnFailure, Do: "plan again"}
	}
	if first && rollsBack {
		in.RetainExceptOnCreate = new(true)
	}
	_, err := api.ExecuteChangeSet(ctx, in)
	if err == nil {
		return nil
	}
	if strings.HasPrefix(cloud.ErrorCode(err), "InvalidChangeSetStatus") {
		if now, looked := (reader{api: api}).pages(ctx, "", s.ARN, false); looked == nil && executed(now.Execution) {
			return nil
		}
		return &fault.Error{Code: fault.Busy, What: "the change set can no longer be executed: the stack has changed since", Err: err, Do: "plan again"}
	}
	return fmt.Errorf("execute the change set: %w", err)
}

// executed tells whether somebody began to execute a change set.
func executed(status string) bool { return strings.HasPrefix(status, "EXECUTE_") }
