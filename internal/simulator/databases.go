package simulator

import (
	"net/http"
	"strings"
	"time"
)

// A cluster is a database cluster of Amazon RDS.
type cluster struct {
	id, arn, resource, key string
	tags                   map[string]string
}

// A snapshot of a database is one that outlives it: a DeletionPolicy or a person had it made.
type snapshotted struct {
	id, arn, database, key string
	tags                   map[string]string
	// at is when it was asked for, ready when it is available; whole tells a cluster's.
	at, ready time.Time
	whole     bool
}

// snapshotting is how long a snapshot of a cluster takes, and a copy under another key (assumed: RDS tells none; it depends on the volume).
const snapshotting = 3 * time.Minute

func (s *Simulator) databaseActions() map[string]action {
	return map[string]action{"DescribeDBClusters": s.describeDatabases, "DescribeDBClusterSnapshots": s.describeSnapshots, "DescribeDBSnapshots": s.describeSnapshots,
		"CreateDBClusterSnapshot": s.createSnapshot, "CopyDBClusterSnapshot": s.copySnapshot, "DeleteDBClusterSnapshot": s.deleteSnapshot}
}

// appearCluster makes a stack's cluster exist.
func (s *Simulator) appearCluster(st *stack, r *resource) {
	known := &cluster{id: r.physical, arn: s.arnOf(r), resource: "cluster-" + strings.ToUpper(strings.ReplaceAll(s.nextID(), "-", ""))[:26], key: propertyText(r, "KmsKeyId"), tags: map[string]string{}}
	if propertyText(r, "CopyTagsToSnapshot") == "true" {
		known.tags = st.tags
	}
	s.clusters[r.physical] = known
	if propertyText(r, "ManageMasterUserPassword") == "true" { // RDS makes and owns the secret (Aurora User Guide, "Password management")
		name := "rds!cluster-" + s.nextID()
		s.secrets[r.physical] = &secret{name: name, arn: s.arn("secretsmanager", "secret:"+name+"-AbCdEf"), owner: "rds", at: s.present()}
	}
}

// finalSnapshot is what a DeletionPolicy of Snapshot makes.
func (s *Simulator) finalSnapshot(st *stack, r *resource) {
	whole := r.typ == "AWS::RDS::DBCluster"
	one := &snapshotted{id: strings.ToLower(st.name + "-snapshot-" + r.id), database: r.physical, tags: st.tags, at: s.present(), ready: s.present(), whole: whole, key: propertyText(r, "KmsKeyId")}
	one.arn = s.arn("rds", map[bool]string{true: "cluster-snapshot:", false: "snapshot:"}[whole]+one.id)
	s.snapshots = append(s.snapshots, one)
}

func fault404(code, what string) error {
	return &Error{http.StatusNotFound, code, what + " not found."}
}

// describeDatabases lists database clusters (Amazon RDS API reference, DescribeDBClusters).
func (s *Simulator) describeDatabases(c *call) (any, error) {
	wanted := c.form.Get("DBClusterIdentifier")
	var list []element
	for _, id := range sortedKeys(s.clusters) {
		if known := s.clusters[id]; wanted == "" || wanted == known.id || wanted == known.arn {
			list = append(list, element{"DBCluster", append([]element{{"DBClusterIdentifier", known.id}, {"DBClusterArn", known.arn}, {"DbClusterResourceId", known.resource}, {"Status", "available"},
				{"StorageEncrypted", s.clusterKey(known) != ""}, {"KmsKeyId", s.clusterKey(known)}}, s.clusterFacts(known.id)...)})
		}
	}
	if wanted != "" && len(list) == 0 {
		return nil, fault404("DBClusterNotFoundFault", "DBCluster "+wanted)
	}
	return []element{{"DBClusters", list}}, nil
}

// describeSnapshots lists those of clusters or of instances, one or all of a database (Amazon RDS API reference, DescribeDBClusterSnapshots
// and DescribeDBSnapshots).
func (s *Simulator) describeSnapshots(c *call) (any, error) {
	whole := c.operation == "DescribeDBClusterSnapshots"
	kind := map[bool]string{true: "DBCluster", false: "DB"}[whole]
	one, of := c.form.Get(kind+"SnapshotIdentifier"), c.form.Get(map[bool]string{true: "DBClusterIdentifier", false: "DBInstanceIdentifier"}[whole])
	var found []*snapshotted
	for _, x := range s.snapshots {
		if x.whole == whole && (one == "" || x.id == one || x.arn == one) && (of == "" || x.database == of) {
			found = append(found, x)
		}
	}
	if one != "" && len(found) == 0 {
		return nil, fault404(kind+"SnapshotNotFoundFault", kind+"Snapshot "+one)
	}
	found, next := cut(found, c.form.Get("Marker"), integer(c.form.Get("MaxRecords"), 100))
	var list []element
	for _, x := range found {
		list = append(list, element{kind + "Snapshot", x.elements(s)})
	}
	return []element{{kind + "Snapshots", list}, {"Marker", next}}, nil
}

func (x *snapshotted) elements(s *Simulator) []element {
	kind, database := "DB", "DBInstanceIdentifier"
	if x.whole {
		kind, database = "DBCluster", "DBClusterIdentifier"
	}
	status := "available"
	if s.present().Before(x.ready) {
		status = "creating"
	}
	return []element{{kind + "SnapshotIdentifier", x.id}, {kind + "SnapshotArn", x.arn}, {database, x.database}, {"SnapshotType", "manual"}, {"Status", status}, {"SnapshotCreateTime", x.at}, {"KmsKeyId", x.key}}
}

// clusterSnapshot finds one by name or ARN.
func (s *Simulator) clusterSnapshot(name string) *snapshotted {
	for _, x := range s.snapshots {
		if x.whole && (x.id == name || x.arn == name) {
			return x
		}
	}
	return nil
}

// keep adds a snapshot whose name is free.
func (s *Simulator) keep(x *snapshotted) (any, error) {
	if s.clusterSnapshot(x.id) != nil {
		return nil, &Error{http.StatusBadRequest, "DBClusterSnapshotAlreadyExistsFault", "Cannot create the cluster snapshot because one with the identifier " + x.id + " already exists."}
	}
	x.arn, x.at, x.ready, x.whole = s.arn("rds", "cluster-snapshot:"+x.id), s.present(), s.present().Add(snapshotting), true
	s.snapshots = append(s.snapshots, x)
	return []element{{"DBClusterSnapshot", x.elements(s)}}, nil
}

// createSnapshot begins a snapshot under the cluster's own key (Amazon RDS API reference, CreateDBClusterSnapshot).
func (s *Simulator) createSnapshot(c *call) (any, error) {
	known := s.clusters[c.form.Get("DBClusterIdentifier")]
	if known == nil {
		return nil, fault404("DBClusterNotFoundFault", "DBCluster "+c.form.Get("DBClusterIdentifier"))
	}
	return s.keep(&snapshotted{id: c.form.Get("DBClusterSnapshotIdentifier"), database: known.id, key: known.key, tags: known.tags})
}

// copySnapshot begins a copy, under another key if one is given (Amazon RDS API reference, CopyDBClusterSnapshot).
func (s *Simulator) copySnapshot(c *call) (any, error) {
	from := s.clusterSnapshot(c.form.Get("SourceDBClusterSnapshotIdentifier"))
	switch {
	case from == nil:
		return nil, fault404("DBClusterSnapshotNotFoundFault", "DBClusterSnapshot "+c.form.Get("SourceDBClusterSnapshotIdentifier"))
	case s.present().Before(from.ready):
		return nil, &Error{http.StatusBadRequest, "InvalidDBClusterSnapshotStateFault", "The snapshot " + from.id + " is not in available state."}
	}
	to := &snapshotted{id: c.form.Get("TargetDBClusterSnapshotIdentifier"), database: from.database, key: from.key}
	if name := c.form.Get("KmsKeyId"); name != "" {
		if k := s.key(name); k == nil || !k.deletion.IsZero() {
			return nil, &Error{http.StatusBadRequest, "KMSKeyNotAccessibleFault", "The specified KMS key [" + name + "] does not exist, is not enabled or you do not have permissions to access it."}
		}
		to.key = name
	}
	if c.form.Get("CopyTags") == "true" {
		to.tags = from.tags
	}
	return s.keep(to)
}

func (s *Simulator) deleteSnapshot(c *call) (any, error) {
	x := s.clusterSnapshot(c.form.Get("DBClusterSnapshotIdentifier"))
	if x == nil {
		return nil, fault404("DBClusterSnapshotNotFoundFault", "DBClusterSnapshot "+c.form.Get("DBClusterSnapshotIdentifier"))
	}
	for i, other := range s.snapshots {
		if other == x {
			s.snapshots = append(s.snapshots[:i:i], s.snapshots[i+1:]...)
			break
		}
	}
	return []element{{"DBClusterSnapshot", x.elements(s)}}, nil
}
