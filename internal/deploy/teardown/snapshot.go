package teardown

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/tierform/tierform/internal/deploy/cloud"
)

// Names of the snapshots that a destroy makes of a cluster: one under the cluster's own key, which is only copied and then deleted, and
// its copy under a key that stays.
const (
	closing = "-closing-"
	final   = "-final-"
	// longestName is how many characters a cluster snapshot's name has at most (Amazon RDS API reference, CreateDBClusterSnapshot).
	longestName = 63
)

// SnapshotNames are those of a run's two snapshots of a cluster; id is the run's.
func SnapshotNames(cluster, id string) (source, copied string) {
	stem := cluster[:min(len(cluster), longestName-len(closing)-len(id))]
	return strings.TrimRight(stem, "-") + closing + id, strings.TrimRight(stem, "-") + final + id
}

// made matches the names above: whose they are is told by them alone.
var made = regexp.MustCompile(`(-closing-|-final-)[0-9]{8}-[0-9]{6}-[0-9a-z]+$`)

// Passing tells whether a snapshot is one that a destroy made only to copy it, and left when it was broken off.
func (s Snapshot) Passing() bool { return s.made(closing) }

// Final tells whether a snapshot is a copy that a destroy was asked for.
func (s Snapshot) Final() bool { return s.made(final) }

func (s Snapshot) made(kind string) bool {
	m := made.FindStringSubmatch(s.ID)
	return m != nil && m[1] == kind
}

// CreateSnapshot begins a snapshot of a cluster, under the cluster's own key (Amazon RDS API reference, CreateDBClusterSnapshot). One that
// is there already is our own: names are unique, and the first answer was lost.
func (s Signer) CreateSnapshot(ctx context.Context, cluster, name string) error {
	return s.snapshot(ctx, "make snapshot "+name, "AlreadyExists", url.Values{"Action": {"CreateDBClusterSnapshot"}, "DBClusterIdentifier": {cluster}, "DBClusterSnapshotIdentifier": {name}})
}

// CopySnapshot begins a copy of a snapshot under another key (Amazon RDS API reference, CopyDBClusterSnapshot).
func (s Signer) CopySnapshot(ctx context.Context, from, to, key string) error {
	return s.snapshot(ctx, "copy snapshot "+from+" under key "+key, "AlreadyExists", url.Values{"Action": {"CopyDBClusterSnapshot"}, "SourceDBClusterSnapshotIdentifier": {from},
		"TargetDBClusterSnapshotIdentifier": {to}, "KmsKeyId": {key}, "CopyTags": {"true"}})
}

// DeleteSnapshot deletes a snapshot of a cluster, if it is there.
func (s Signer) DeleteSnapshot(ctx context.Context, name string) error {
	return s.snapshot(ctx, "delete snapshot "+name, "NotFound", url.Values{"Action": {"DeleteDBClusterSnapshot"}, "DBClusterSnapshotIdentifier": {name}})
}

// snapshot performs an operation; an error whose code holds a word is none.
func (s Signer) snapshot(ctx context.Context, doing, harmless string, form url.Values) error {
	form.Set("Version", databases)
	var out struct{ XMLName xml.Name }
	if err := s.Query(ctx, "rds", form, &out); err != nil && !strings.Contains(cloud.ErrorCode(err), harmless) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// SnapshotState is the status of a cluster's snapshot: creating, copying, available, failed.
func (s Signer) SnapshotState(ctx context.Context, name string) (string, error) {
	var page struct {
		XMLName xml.Name
		Result  struct {
			Snapshots []clusterSnapshot `xml:"DBClusterSnapshots>DBClusterSnapshot"`
		} `xml:",any"`
	}
	err := s.Query(ctx, "rds", url.Values{"Version": {databases}, "Action": {"DescribeDBClusterSnapshots"}, "DBClusterSnapshotIdentifier": {name}}, &page)
	switch {
	case err != nil:
		return "", fmt.Errorf("look at snapshot %s: %w", name, err)
	case len(page.Result.Snapshots) == 0:
		return "", fmt.Errorf("look at snapshot %s: it does not exist", name)
	}
	return page.Result.Snapshots[0].Status, nil
}
