package teardown

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/url"
	"time"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/signed"
)

// A Signer makes the calls to services that have no client here.
type Signer struct{ signed.Client }

// Instances removes the instances that a Cloud Map service still has, and tells how many: ECS deregisters its tasks some time after they
// ended, and a service with instances cannot be deleted (AWS Cloud Map API reference, DeleteService).
func (s Signer) Instances(ctx context.Context, service string) (int, error) {
	var page struct {
		Instances []struct {
			ID string `json:"Id"`
		}
	}
	if err := s.JSON(ctx, "servicediscovery", "Route53AutoNaming_v20170314.ListInstances", map[string]any{"ServiceId": service}, &page); err != nil {
		return 0, fmt.Errorf("list the instances of %s: %w", service, err)
	}
	for _, i := range page.Instances {
		in := map[string]any{"ServiceId": service, "InstanceId": i.ID}
		if err := s.JSON(ctx, "servicediscovery", "Route53AutoNaming_v20170314.DeregisterInstance", in, &struct{}{}); err != nil && cloud.ErrorCode(err) != "InstanceNotFound" {
			return 0, fmt.Errorf("deregister %s of %s: %w", i.ID, service, err)
		}
	}
	return len(page.Instances), nil
}

// StopTrail ends the writing of a trail into its bucket (AWS CloudTrail API reference, StopLogging).
func (s Signer) StopTrail(ctx context.Context, name string) error {
	err := s.JSON(ctx, "cloudtrail", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.StopLogging", map[string]any{"Name": name}, &struct{}{})
	if cloud.ErrorCode(err) == "TrailNotFoundException" {
		return nil
	}
	return err
}

// A Key is one of AWS KMS.
type Key struct {
	// State is PendingDeletion for one that waits for its deletion, until Deletion.
	State    string
	Deletion time.Time
	ARN      string
}

// Key asks for the state of a key (AWS KMS API reference, DescribeKey). One that does not exist has none.
func (s Signer) Key(ctx context.Context, id string) (Key, error) {
	var out struct {
		KeyMetadata struct {
			KeyState     string
			Arn          string
			DeletionDate float64
		}
	}
	err := s.JSON(ctx, "kms", "TrentService.DescribeKey", map[string]any{"KeyId": id}, &out)
	if cloud.ErrorCode(err) == "NotFoundException" {
		return Key{}, nil
	}
	return Key{out.KeyMetadata.KeyState, time.Unix(int64(out.KeyMetadata.DeletionDate), 0).UTC(), out.KeyMetadata.Arn}, err
}

// A Snapshot is one of a database that somebody, or a DeletionPolicy, had made.
type Snapshot struct {
	ID, ARN string
	// Status is available when it is complete; Key is the ARN of the AWS KMS key that it is encrypted with.
	Status, Key string
}

// databases is the version of Amazon RDS's API.
const databases = "2014-10-31"

// Snapshots are those of a database cluster, or of an instance without a cluster, that outlive it (Amazon RDS API reference,
// DescribeDBClusterSnapshots and DescribeDBSnapshots). Automated backups go with their database.
func (s Signer) Snapshots(ctx context.Context, database Resource) ([]Snapshot, error) {
	form := url.Values{"Version": {databases}, "SnapshotType": {"manual"}, "Action": {"DescribeDBSnapshots"}, "DBInstanceIdentifier": {database.ID}}
	if database.Type == clusterType {
		form = url.Values{"Version": {databases}, "SnapshotType": {"manual"}, "Action": {"DescribeDBClusterSnapshots"}, "DBClusterIdentifier": {database.ID}}
	}
	var all []Snapshot
	for {
		var page struct {
			XMLName xml.Name
			Result  struct {
				Cluster  []clusterSnapshot  `xml:"DBClusterSnapshots>DBClusterSnapshot"`
				Instance []instanceSnapshot `xml:"DBSnapshots>DBSnapshot"`
				Marker   string
			} `xml:",any"`
		}
		if err := s.Query(ctx, "rds", form, &page); err != nil {
			return nil, fmt.Errorf("list the snapshots of %s: %w", database.ID, err)
		}
		for _, c := range page.Result.Cluster {
			all = append(all, Snapshot(c))
		}
		for _, i := range page.Result.Instance {
			all = append(all, Snapshot(i))
		}
		if page.Result.Marker == "" {
			return all, nil
		}
		form.Set("Marker", page.Result.Marker)
	}
}

type clusterSnapshot struct {
	ID     string `xml:"DBClusterSnapshotIdentifier"`
	ARN    string `xml:"DBClusterSnapshotArn"`
	Status string
	Key    string `xml:"KmsKeyId"`
}

type instanceSnapshot struct {
	ID     string `xml:"DBSnapshotIdentifier"`
	ARN    string `xml:"DBSnapshotArn"`
	Status string
	Key    string `xml:"KmsKeyId"`
}
