package operation_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/operation"
)

func TestEachStateHasOneWayOut(t *testing.T) {
	ways := operation.Ways()
	for _, status := range types.StackStatus("").Values() {
		way, known := ways[string(status)]
		if !known {
			t.Errorf("%s has no way out", status)
		}
		running := strings.HasSuffix(string(status), "_IN_PROGRESS") && status != types.StackStatusReviewInProgress
		if running != (way == operation.Wait) {
			t.Errorf("%s: %s", status, way)
		}
		if strings.HasSuffix(string(status), "_FAILED") && (way == operation.Deploy || way == operation.Recreate) {
			t.Errorf("%s: %s would touch what failed", status, way)
		}
	}
	if n := len(types.StackStatus("").Values()) + 1; len(ways) != n {
		t.Errorf("%d ways for %d states and none", len(ways), n)
	}
}

func TestWaysAreCommands(t *testing.T) {
	for status, want := range map[string]string{
		"": "deploy apply -e dev", "CREATE_COMPLETE": "deploy apply -e dev", "ROLLBACK_COMPLETE": "deploy apply -e dev", "REVIEW_IN_PROGRESS": "deploy apply -e dev",
		"UPDATE_IN_PROGRESS": "deploy watch -e dev", "UPDATE_FAILED": "deploy rollback -e dev", "CREATE_FAILED": "deploy rollback -e dev",
		"UPDATE_ROLLBACK_FAILED": "deploy rollback -e dev", "DELETE_FAILED": "deploy destroy -e dev", "ROLLBACK_FAILED": "deploy destroy -e dev",
		"IMPORT_ROLLBACK_FAILED": "deploy diagnose -e dev", "SOMETHING_NEW_IN_PROGRESS": "deploy watch -e dev", "SOMETHING_NEW": "deploy diagnose -e dev",
	} {
		if got := operation.WayOut(status).Command("dev"); got != want {
			t.Errorf("%q: %s, want %s", status, got, want)
		}
	}
}
