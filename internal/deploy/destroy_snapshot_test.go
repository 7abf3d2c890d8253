package deploy_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
)

// destroyWith is destroy with a final snapshot under a key.
func destroyWith(key string) func(context.Context, *deploy.Engine) error {
	return func(ctx context.Context, e *deploy.Engine) error {
		return e.Destroy(ctx, deploy.DestroyRequest{Confirm: "dev", FinalSnapshot: &key})
	}
}

// encrypted is a world whose database is encrypted with the environment's own key.
func encrypted(t *testing.T, edits ...string) *beyond {
	t.Helper()
	return furnished(t, append([]string{"data.yaml", "Engine: aurora-postgresql", "Engine: aurora-postgresql\n      KmsKeyId: !GetAtt Key.Arn"}, edits...)...)
}

// alive wants the platform to be as it was.
func (b *beyond) alive() {
	b.Helper()
	out, err := b.way().CloudFormation().DescribeStacks(b.Context(), &cloudformation.DescribeStacksInput{StackName: new("platform-dev")})
	if b.must(err); out.Stacks[0].StackStatus != "CREATE_COMPLETE" {
		b.Errorf("platform-dev is %s", out.Stacks[0].StackStatus)
	}
}

// The final snapshot outlives the environment and its key: it is made before anything is deleted, copied under the key given, and told.
func TestFinalSnapshot(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := encrypted(t)
	key := b.sim.CreateKey()
	r := b.run(destroyWith(key), b.in).ends(fault.OK)
	says(t, notes(r), "makes final snapshot db-dev-final-20261122-", "under key "+key, "is complete")
	says(t, kept(r), "rds:snapshot", "final snapshot of db-dev, under key "+key)
	if left(r) != "" || strings.Contains(kept(r), "closing") || strings.Count(kept(r), "rds:snapshot") != 1 {
		t.Errorf("left %s\nkept %s", left(r), kept(r))
	}
	b.nothing("bucket-archive-dev", "bucket-artifacts-111122223333-dev")
	says(t, kept(b.run(destroy, b.in).ends(fault.OK)), "final snapshot of db-dev")
}

// A key under which nothing would outlive the environment, or a database that has no cluster, is refused before anything is touched.
func TestFinalSnapshotRefused(t *testing.T) {
	t.Parallel()
	const alone = "  Alone:\n    Type: AWS::RDS::DBInstance\n    Properties: {DBInstanceIdentifier: alone}\n"
	for name, tc := range map[string]struct {
		world func(*testing.T) *beyond
		key   func(*beyond) string
		says  []string
	}{
		"no key":        {key: func(*beyond) string { return "" }, says: []string{"needs a key that outlives the environment", "aws kms create-key", "--no-final-snapshot"}},
		"unknown key":   {key: func(*beyond) string { return "arn:aws:kms:us-east-1:111122223333:key/none" }, says: []string{"a key that is not there", "key/none"}},
		"the own key":   {key: func(b *beyond) string { id, _ := b.sim.Physical("Key"); return id }, says: []string{"a key of the environment, which is deleted with it"}},
		"a dying key":   {key: func(b *beyond) string { key := b.sim.CreateKey(); b.must(b.sim.DeleteKey(key, 7)); return key }, says: []string{"a key that is pendingdeletion"}},
		"not permitted": {key: func(b *beyond) string { b.answers["kms:DescribeKey"] = "400 AccessDeniedException"; return "k" }, says: []string{"a key that this caller cannot look at"}},
		"only an instance": {world: func(t *testing.T) *beyond {
			return furnished(t, "data.yaml", "AWS::RDS::DBCluster", "AWS::RDS::DBProxy", "data.yaml", "Outputs:\n", alone+"Outputs:\n")
		}, says: []string{"alone is an instance without one"}},
	} {
		t.Run(name, func(t *testing.T) {
			sampled(t, 9)
			world := tc.world
			if world == nil {
				world = func(t *testing.T) *beyond { return encrypted(t) }
			}
			b := world(t)
			key := b.sim.CreateKey()
			if tc.key != nil {
				key = tc.key(b)
			}
			b.run(destroyWith(key), b.in).ends(fault.Usage, tc.says...)
			b.alive()
		})
	}
}

// A deletion that runs already, or ran, leaves no cluster to make a snapshot of.
func TestFinalSnapshotComesTooLate(t *testing.T) {
	t.Parallel()
	b := encrypted(t)
	key := b.sim.CreateKey()
	_, err := b.way().CloudFormation().DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: new("platform-dev")})
	b.must(err)
	b.run(destroyWith(key), b.in).ends(fault.Usage, "comes too late for db-dev")
	b.later(time.Hour)
	says(t, notes(b.run(destroyWith(key), b.in).ends(fault.OK)), "there is no database cluster any more")
}

// snapshotState is RDS's answer about a snapshot in a state.
func snapshotState(state string) string {
	return `<R><X><DBClusterSnapshots><DBClusterSnapshot><Status>` + state + `</Status></DBClusterSnapshot></DBClusterSnapshots></X></R>`
}

// What keeps the snapshot from being made keeps the environment; the next destroy makes another, and takes the half of the first away.
func TestFinalSnapshotFails(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ call, answer, says string }{
		"create":  {"CreateDBClusterSnapshot", "400 InvalidDBClusterStateFault", "make snapshot db-dev-closing-"},
		"copy":    {"CopyDBClusterSnapshot", "400 KMSKeyNotAccessibleFault", "copy snapshot db-dev-closing-"},
		"delete":  {"DeleteDBClusterSnapshot", "400 AccessDenied", "delete snapshot db-dev-closing-"},
		"look":    {"DescribeDBClusterSnapshots", "400 AccessDenied", "look at snapshot db-dev-closing-"},
		"vanish":  {"DescribeDBClusterSnapshots", `<R><X/></R>`, "it does not exist"},
		"failure": {"DescribeDBClusterSnapshots", snapshotState("failed"), "is failed"},
	} {
		t.Run(name, func(t *testing.T) {
			sampled(t, 9)
			b := encrypted(t)
			key := b.sim.CreateKey()
			b.answers["rds:"+tc.call] = tc.answer
			b.run(destroyWith(key), b.in).ends(fault.NeedsPerson, "nothing was deleted", tc.says, "--final-snapshot "+key)
			b.alive()
			delete(b.answers, "rds:"+tc.call)
			b.later(time.Hour)
			r := b.run(destroyWith(key), b.in).ends(fault.OK)
			if strings.Contains(left(r)+kept(r), "closing") {
				t.Errorf("left %s\nkept %s", left(r), kept(r))
			}
		})
	}
}

// A destroy that is killed anywhere is finished by the next one, and a final snapshot is there whenever the cluster is gone.
func TestFinalSnapshotKilled(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	whole := encrypted(t)
	whole.run(destroyWith(whole.sim.CreateKey()), whole.in).ends(fault.OK)
	for after := 1; after < whole.calls; after += max(1, whole.calls/points()) {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			b := encrypted(t)
			key := b.sim.CreateKey()
			b.killed(after, destroyWith(key))
			b.later(20 * time.Minute)
			r := b.run(destroyWith(key), b.in)
			if !strings.Contains(fmt.Sprint(r.err), "comes too late") {
				r.ends(fault.OK)
			} else {
				b.later(time.Hour)
				r = b.run(destroyWith(key), b.in).ends(fault.OK)
			}
			says(t, kept(r), "final snapshot of db-dev")
			b.nothing("bucket-archive-dev", "bucket-artifacts-111122223333-dev")
		})
	}
}

// An interruption while the snapshot is made says what is the case; a snapshot that dies with the environment's key is told to.
func TestFinalSnapshotInterrupted(t *testing.T) {
	t.Parallel()
	sampled(t, 12)
	b := encrypted(t)
	key := b.sim.CreateKey()
	ctx, stop := context.WithCancel(t.Context())
	b.on["rds:DescribeDBClusterSnapshots"] = stop
	b.answers["rds:DescribeDBClusterSnapshots"] = snapshotState("creating")
	b.runIn(ctx, destroyWith(key), b.in).ends(fault.Interrupted, "nothing was deleted")
	clear(b.on)
	clear(b.answers)
	b.answers["rds:DeleteDBClusterSnapshot"] = "400 AccessDenied"
	b.later(time.Hour)
	says(t, left(b.run(destroy, b.in).ends(fault.NeedsPerson)), "was made by an earlier destroy only to copy it, and stays")
	b = encrypted(t, "data.yaml", "DeletionPolicy: Delete", "DeletionPolicy: Snapshot")
	r := b.run(destroy, b.in)
	says(t, kept(r), "made by the DeletionPolicy of Data/Database; its key was the environment's and waits for its deletion")
}
