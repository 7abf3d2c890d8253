package teardown_test

import (
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy/teardown"
)

// A cluster's name may be as long as a snapshot's: it is cut, and the run's own part stays.
func TestSnapshotNames(t *testing.T) {
	const id = "20261122-150312-7f3c"
	for _, cluster := range []string{"db-dev", strings.Repeat("a", 33) + "-" + strings.Repeat("b", 29)} {
		source, copied := teardown.SnapshotNames(cluster, id)
		for _, name := range []string{source, copied} {
			if len(name) > 63 || strings.Contains(name, "--") || !strings.HasSuffix(name, "-"+id) {
				t.Errorf("%q", name)
			}
		}
		if !(teardown.Snapshot{ID: source}).Passing() || (teardown.Snapshot{ID: source}).Final() || !(teardown.Snapshot{ID: copied}).Final() || (teardown.Snapshot{ID: copied}).Passing() {
			t.Errorf("%q, %q", source, copied)
		}
	}
	for _, theirs := range []string{"db-dev-closing-day", "final-20261122-150312-7f3c-copy", "db-dev"} {
		if s := (teardown.Snapshot{ID: theirs}); s.Passing() || s.Final() {
			t.Errorf("%q is taken for one of ours", theirs)
		}
	}
}

// A call whose answer was lost is repeated: what is there or gone by then was our own doing.
func TestSnapshotCallsRepeated(t *testing.T) {
	s, script := signer(t, map[string][]string{"rds:CreateDBClusterSnapshot": {"lost", failedXML("DBClusterSnapshotAlreadyExistsFault")}, "rds:CopyDBClusterSnapshot": {`<R/>`, failedXML("KMSKeyNotAccessibleFault")},
		"rds:DeleteDBClusterSnapshot": {"lost", failedXML("DBClusterSnapshotNotFoundFault")}})
	wants(t, s.CreateSnapshot(t.Context(), "db-dev", "one"), "")
	wants(t, s.CopySnapshot(t.Context(), "one", "two", "arn:key"), "")
	wants(t, s.CopySnapshot(t.Context(), "one", "two", "arn:key"), "copy snapshot one under key arn:key: ")
	wants(t, s.DeleteSnapshot(t.Context(), "one"), "")
	if asked := strings.Join(script.bodies, "\n"); !strings.Contains(asked, "KmsKeyId=arn%3Akey") || !strings.Contains(asked, "TargetDBClusterSnapshotIdentifier=two") {
		t.Error(asked)
	}
	for _, asked := range script.bodies { // Amazon RDS refuses a request without a version of its API
		if !strings.Contains(asked, "Version=2014-10-31") {
			t.Error(asked)
		}
	}
}
