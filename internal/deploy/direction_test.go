package deploy

import (
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// The same end of an operation is a success or a failure by what was asked for.
func TestDirections(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status                   string
		whichever, forward, back fault.Code
		means                    string
	}{
		{"CREATE_COMPLETE", fault.OK, fault.OK, fault.NeedsPerson, "had ended before"},
		{"UPDATE_COMPLETE", fault.OK, fault.OK, fault.NeedsPerson, "had ended before"},
		{"UPDATE_ROLLBACK_COMPLETE", fault.RolledBack, fault.RolledBack, fault.OK, "what ran before runs again"},
		{"ROLLBACK_COMPLETE", fault.RolledBack, fault.RolledBack, fault.OK, "nothing of it runs"},
		{"DELETE_COMPLETE", fault.OK, fault.RolledBack, fault.OK, "nothing of the first deployment is left"},
		{"UPDATE_ROLLBACK_FAILED", fault.NeedsPerson, fault.NeedsPerson, fault.NeedsPerson, ""},
		{"DELETE_FAILED", fault.NeedsPerson, fault.NeedsPerson, fault.NeedsPerson, ""},
	} {
		for way, want := range map[direction]fault.Code{whichever: tc.whichever, forward: tc.forward, back: tc.back} {
			if got := way.code(tc.status); got != want {
				t.Errorf("%s in direction %d is %d, want %d", tc.status, way, got, want)
			}
		}
		if got := back.means(tc.status); !strings.Contains(got, tc.means) {
			t.Errorf("%s means %q", tc.status, got)
		}
	}
}
