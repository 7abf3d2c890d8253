package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/teardown"
)

// Types of databases.
const (
	clusterType  = "AWS::RDS::DBCluster"
	instanceType = "AWS::RDS::DBInstance"
)

// finalKey wants a key under which final snapshots outlive the environment, before anything is touched. The database's own key is deleted
// with its stack: a snapshot under it could not be restored after the key's waiting period ("Deleting AWS KMS keys", KMS Developer Guide).
func (d *destruction) finalKey(ctx context.Context) error {
	if d.request.FinalSnapshot == nil {
		return nil
	}
	given := *d.request.FinalSnapshot
	const wanted = "the ARN of an enabled key of AWS KMS in this region that is not the environment's"
	refuse := func(what string, err error) error {
		return &fault.Error{Code: fault.Usage, What: "--final-snapshot " + what, Found: given, Allowed: wanted, Err: err,
			Do: "make one (aws kms create-key --description 'final snapshots'), or destroy with --no-final-snapshot"}
	}
	if given == "" {
		return refuse("needs a key that outlives the environment: the database's own is deleted with it, and nothing could restore a snapshot under that one", nil)
	}
	key, err := d.signer.Key(ctx, given)
	switch {
	case err != nil:
		return refuse("names a key that this caller cannot look at", err)
	case key.State != "Enabled":
		return refuse("names a key that is "+strings.ToLower(firstOf(key.State, "not there")), nil)
	case slices.ContainsFunc(d.all(), func(r teardown.Resource) bool { return r.Type == "AWS::KMS::Key" && r.Names(key.ARN) }):
		return refuse("names a key of the environment, which is deleted with it", nil)
	}
	return d.finalDatabases(refuse)
}

// finalDatabases wants only databases whose snapshots can be made.
func (d *destruction) finalDatabases(refuse func(string, error) error) error {
	clusters, alone := 0, ""
	for _, s := range d.alive {
		for _, r := range d.databases(s, clusterType) {
			clusters++
			if s.status == "DELETE_IN_PROGRESS" {
				return refuse("comes too late for "+r.ID+": the deletion of "+s.name+" runs", nil)
			}
		}
		for _, r := range d.databases(s, instanceType) {
			alone = r.ID
		}
	}
	switch {
	case clusters == 0 && alone != "":
		return refuse("is made of database clusters; "+alone+" is an instance without one: make its snapshot by hand", nil)
	case clusters == 0:
		d.Reporter.Report(report.Note{Level: report.Warning, Text: "there is no database cluster any more: no final snapshot is made"})
	}
	return nil
}

// databases are those of a stack that exist.
func (d *destruction) databases(s *stack, typ string) []teardown.Resource {
	return slices.DeleteFunc(slices.Clone(d.held[s.name]), func(r teardown.Resource) bool { return r.Type != typ || r.Gone() || r.ID == "" })
}

// finalSnapshots makes a snapshot of each cluster of a stack and copies it under the key that stays. Nothing is deleted before the copies
// are complete.
func (d *destruction) finalSnapshots(ctx context.Context, s *stack) error {
	if d.request.FinalSnapshot == nil {
		return nil
	}
	for _, cluster := range d.databases(s, clusterType) {
		source, copied := teardown.SnapshotNames(cluster.ID, strings.ToLower(d.NewID()))
		d.Reporter.Report(report.Note{Level: report.Info, Text: "makes final snapshot " + copied + " under key " + *d.request.FinalSnapshot + "; this takes minutes"})
		for _, step := range []func() error{
			func() error { return d.signer.CreateSnapshot(ctx, cluster.ID, source) },
			func() error { return d.complete(ctx, source) },
			func() error { return d.signer.CopySnapshot(ctx, source, copied, *d.request.FinalSnapshot) },
			func() error { return d.complete(ctx, copied) },
			func() error { return d.signer.DeleteSnapshot(ctx, source) },
		} {
			if err := step(); err != nil {
				return d.unmade(cluster.ID, err)
			}
		}
		d.Reporter.Report(report.Note{Level: report.Info, Text: "final snapshot " + copied + " is complete"})
	}
	return nil
}

// lookEvery is how often a snapshot is looked at.
const lookEvery = 15 * time.Second

// complete waits until a snapshot is.
func (d *destruction) complete(ctx context.Context, name string) error {
	for {
		state, err := d.signer.SnapshotState(ctx, name)
		switch {
		case err != nil:
			return err
		case state == "available":
			return nil
		case strings.Contains(state, "fail"):
			return fmt.Errorf("snapshot %s is %s", name, state)
		}
		d.keepLock(ctx)
		if err := d.Clock.Sleep(ctx, lookEvery); err != nil {
			return err
		}
	}
}

// unmade says that a cluster has no final snapshot, and therefore still is there.
func (d *destruction) unmade(cluster string, err error) error {
	code := fault.NeedsPerson
	if errors.Is(err, context.Canceled) {
		code = fault.Interrupted
	}
	return &fault.Error{Code: code, What: "there is no final snapshot of " + cluster + " yet, so that nothing was deleted; services are scaled to zero", Err: err, Do: d.again()}
}

// snapshotsOf tells what becomes of the snapshots of a database that is gone: what a template or a person asked for is kept.
func (p *proof) snapshotsOf(ctx context.Context, r teardown.Resource, found []teardown.Snapshot) {
	for _, s := range found {
		switch {
		case s.Passing():
			if err := p.signer.DeleteSnapshot(ctx, s.ID); err != nil {
				p.left("rds:snapshot", s.ARN, "was made by an earlier destroy only to copy it, and stays: "+err.Error())
				continue
			}
			p.Reporter.Report(report.Note{Level: report.Info, Text: "deleted snapshot " + s.ID + ", which an earlier destroy made only to copy it"})
		case s.Final():
			p.kept("rds:snapshot", s.ARN, "final snapshot of "+r.ID+", under key "+s.Key)
		case r.Policy == "Snapshot":
			p.kept("rds:snapshot", s.ARN, "made by the DeletionPolicy of "+report.Place(r.Path, r.LogicalID)+p.doomed(s))
		default:
			p.left("rds:snapshot", s.ARN, "is a snapshot of "+r.ID+p.doomed(s))
		}
	}
}

// doomed says that a snapshot cannot be restored any more when the key is gone that the environment had.
func (p *proof) doomed(s teardown.Snapshot) string {
	if slices.ContainsFunc(p.all(), func(r teardown.Resource) bool { return r.Type == "AWS::KMS::Key" && r.Gone() && r.Names(s.Key) }) {
		return "; its key was the environment's and waits for its deletion, after which nothing can restore it: copy it under another key"
	}
	return ""
}
