package teardown_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/teardown"
)

// Throttling, errors of the service and broken connections are outlasted; a refusal is not repeated.
func TestSignerRetries(t *testing.T) {
	for name, tc := range map[string]struct {
		answers []string
		calls   int
		want    string
	}{
		"at once":       {[]string{`{}`}, 1, ""},
		"throttled":     {[]string{failed("ThrottlingException"), `{}`}, 2, ""},
		"broken":        {[]string{"500 oops", "lost", "half", `{}`}, 4, ""},
		"refused":       {[]string{failed("com.amazonaws.kms#AccessDeniedException")}, 1, "AccessDeniedException: for some reason"},
		"never":         {[]string{failed("ThrottlingException")}, 5, "ThrottlingException"},
		"no error code": {[]string{"400 ???"}, 1, "Bad Request: ???"},
		"no answer":     {[]string{"<html>"}, 1, "invalid character"},
	} {
		t.Run(name, func(t *testing.T) {
			s, script := signer(t, map[string][]string{"kms:DescribeKey": tc.answers})
			wants(t, s.JSON(t.Context(), "kms", "TrentService.DescribeKey", map[string]any{}, &struct{}{}), tc.want)
			if len(script.asked) != tc.calls {
				t.Errorf("%d calls, want %d", len(script.asked), tc.calls)
			}
		})
	}
	s, _ := signer(t, map[string][]string{"kms:DescribeKey": {"500 oops"}})
	s.Clock = never{}
	wants(t, s.JSON(t.Context(), "kms", "TrentService.DescribeKey", map[string]any{}, &struct{}{}), "canceled")
}

func TestSignerCannot(t *testing.T) {
	s, _ := signer(t, nil)
	wants(t, s.JSON(t.Context(), "kms", "X", func() {}, nil), "unsupported type")
	s.Endpoint = "http://[broken"
	wants(t, s.JSON(t.Context(), "kms", "X", nil, nil), "missing ']'")
	s.Endpoint, s.Credentials = "http://localhost", anonymous{}
	wants(t, s.JSON(t.Context(), "kms", "X", nil, nil), "no credentials")
	wants(t, s.Query(t.Context(), "rds", url.Values{}, nil), "no credentials")
	s, _ = signer(t, nil)
	s.HTTP = &script{T: t, answers: map[string][]string{"kms:X": {failed("InvalidSignature")}}}
	if err := s.JSON(t.Context(), "kms", "P.X", nil, nil); cloud.ErrorCode(err) != "InvalidSignature" {
		t.Error(err)
	}
}

func TestKey(t *testing.T) {
	s, _ := signer(t, map[string][]string{"kms:DescribeKey": {`{"KeyMetadata":{"KeyState":"PendingDeletion","DeletionDate":1765411200.5}}`, failed("NotFoundException"), failed("Broken")}})
	if key, err := s.Key(t.Context(), "k"); err != nil || key.State != "PendingDeletion" || key.Deletion.Format("2006-01-02") != "2025-12-11" {
		t.Error(key, err)
	}
	if key, err := s.Key(t.Context(), "k"); err != nil || key.State != "" {
		t.Error(key, err)
	}
	_, err := s.Key(t.Context(), "k")
	wants(t, err, "Broken")
}

func TestStopTrail(t *testing.T) {
	s, script := signer(t, map[string][]string{"cloudtrail:StopLogging": {`{}`, failed("TrailNotFoundException"), failed("Broken")}})
	wants(t, s.StopTrail(t.Context(), "trail-dev"), "")
	wants(t, s.StopTrail(t.Context(), "trail-dev"), "")
	wants(t, s.StopTrail(t.Context(), "trail-dev"), "Broken")
	if script.bodies[0] != `{"Name":"trail-dev"}` {
		t.Error(script.bodies)
	}
}

func TestInstances(t *testing.T) {
	list := []string{`{"Instances":[{"Id":"a"},{"Id":"b"}]}`}
	s, script := signer(t, map[string][]string{"servicediscovery:ListInstances": list, "servicediscovery:DeregisterInstance": {`{"OperationId":"o"}`, failed("InstanceNotFound")}})
	if n, err := s.Instances(t.Context(), "srv-1"); n != 2 || err != nil {
		t.Error(n, err)
	}
	if !strings.Contains(strings.Join(script.bodies, " "), `"InstanceId":"b"`) {
		t.Error(script.bodies)
	}
	s, _ = signer(t, map[string][]string{"servicediscovery:ListInstances": list, "servicediscovery:DeregisterInstance": {failed("Broken")}})
	_, err := s.Instances(t.Context(), "srv-1")
	wants(t, err, "deregister a of srv-1")
	s, _ = signer(t, map[string][]string{"servicediscovery:ListInstances": {failed("Broken")}})
	_, err = s.Instances(t.Context(), "srv-1")
	wants(t, err, "list the instances of srv-1")
}

func TestSnapshots(t *testing.T) {
	page := func(marker string) string {
		return `<R><X><DBClusterSnapshots><DBClusterSnapshot><DBClusterSnapshotIdentifier>one</DBClusterSnapshotIdentifier><DBClusterSnapshotArn>arn:one</DBClusterSnapshotArn><Status>available</Status></DBClusterSnapshot></DBClusterSnapshots>` + marker + `</X></R>`
	}
	s, script := signer(t, map[string][]string{"rds:DescribeDBClusterSnapshots": {page("<Marker>m</Marker>"), page("")},
		"rds:DescribeDBSnapshots": {`<R><X><DBSnapshots><DBSnapshot><DBSnapshotIdentifier>two</DBSnapshotIdentifier><DBSnapshotArn>arn:two</DBSnapshotArn></DBSnapshot></DBSnapshots></X></R>`, failedXML("Broken")}})
	got, err := s.Snapshots(t.Context(), teardown.Resource{Type: "AWS::RDS::DBCluster", ID: "db-dev"})
	if err != nil || len(got) != 2 || got[1] != (teardown.Snapshot{ID: "one", ARN: "arn:one", Status: "available"}) {
		t.Error(got, err)
	}
	if !strings.Contains(script.bodies[1], "Marker=m") || !strings.Contains(script.bodies[0], "DBClusterIdentifier=db-dev") {
		t.Error(script.bodies)
	}
	got, err = s.Snapshots(t.Context(), teardown.Resource{Type: "AWS::RDS::DBInstance", ID: "instance"})
	if err != nil || len(got) != 1 || got[0].ARN != "arn:two" {
		t.Error(got, err)
	}
	_, err = s.Snapshots(t.Context(), teardown.Resource{Type: "AWS::RDS::DBInstance", ID: "instance"})
	wants(t, err, "list the snapshots of instance")
}
