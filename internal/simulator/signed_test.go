package simulator_test

import (
	"encoding/xml"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	balancing "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/tierform/tierform/internal/deploy/signed"
	"github.com/tierform/tierform/internal/deploy/teardown"
	"github.com/tierform/tierform/internal/simulator"
)

// signed makes calls to services that have no client here.
func (a *account) signed() teardown.Signer {
	return teardown.Signer{Client: signed.Client{HTTP: a.sim.Client(), Credentials: a.config.Credentials, Region: simulator.Region, Clock: a.sim.Clock()}}
}

// key is the state of a key and until when it waits.
func (a *account) key(id string) string {
	a.Helper()
	k, err := a.signed().Key(a.Context(), id)
	if err != nil {
		a.Fatal(err)
	}
	if k.State == "PendingDeletion" {
		return k.State + " " + k.Deletion.Format("2006-01-02")
	}
	return k.State
}

// TestKeys: a key of a stack waits after its deletion, for as long as its template says, and then is gone.
func TestKeys(t *testing.T) {
	a := open(t, simulator.Options{})
	const body = `{Resources: {Long: {Type: AWS::KMS::Key}, Short: {Type: AWS::KMS::Key, Properties: {PendingWindowInDays: 7}}}}`
	if got := a.deploy(proposal{stack: "s", body: body, tags: map[string]string{"Environment": "dev"}}); got != "CREATE_COMPLETE" {
		t.Fatal(got)
	}
	long, short, own := must(a.sim.Physical("Long")), must(a.sim.Physical("Short")), a.sim.CreateKey()
	var tags struct {
		Tags []struct{ TagKey, TagValue string }
	}
	if err := a.signed().JSON(t.Context(), "kms", "TrentService.ListResourceTags", map[string]any{"KeyId": short}, &tags); err != nil || !strings.Contains(strings.Join(strings.Fields(text(tags.Tags)), " "), "Environment dev") {
		t.Errorf("%v, %+v", err, tags)
	}
	if a.key(long) != "Enabled" || a.key(own) != "Enabled" || a.key("nobody") != "" {
		t.Errorf("%q %q %q", a.key(long), a.key(own), a.key("nobody"))
	}
	must(a.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("s")}))
	a.wait(time.Minute)
	if a.key(long) != "PendingDeletion 2026-12-22" || a.key(short) != "PendingDeletion 2026-11-29" {
		t.Errorf("%q %q", a.key(long), a.key(short))
	}
	if err := a.sim.DeleteKey(own, 10); err != nil || a.key(own) != "PendingDeletion 2026-12-02" {
		t.Errorf("%v %q", err, a.key(own))
	}
	a.wait(8 * 24 * time.Hour)
	if a.key(short) != "" || a.sim.DeleteKey(short, 7) == nil {
		t.Errorf("%q", a.key(short))
	}
	if err := a.signed().JSON(t.Context(), "kms", "TrentService.ListResourceTags", map[string]any{"KeyId": short}, &tags); code(err) != "NotFoundException" {
		t.Error(err)
	}
}

// text is a list of tags in words.
func text(tags []struct{ TagKey, TagValue string }) string {
	all := ""
	for _, tag := range tags {
		all += tag.TagKey + " " + tag.TagValue + " "
	}
	return all
}

// A database's snapshots, as RDS lists them.
type snapshots struct {
	XMLName xml.Name
	Result  struct {
		Snapshots []struct {
			ID     string `xml:"DBClusterSnapshotIdentifier"`
			Status string
			Key    string `xml:"KmsKeyId"`
		} `xml:"DBClusterSnapshots>DBClusterSnapshot"`
		Clusters []struct {
			Resource string `xml:"DbClusterResourceId"`
		} `xml:"DBClusters>DBCluster"`
	} `xml:",any"`
}

// rds calls Amazon RDS.
func (a *account) rds(operation string, members ...string) (snapshots, error) {
	form := url.Values{"Version": {"2014-10-31"}, "Action": {operation}}
	for i := 0; i+1 < len(members); i += 2 {
		form.Set(members[i], members[i+1])
	}
	var out snapshots
	err := a.signed().Query(a.Context(), "rds", form, &out)
	return out, err
}

// TestSnapshots: of a cluster one is made under its key, copied under another, and deleted.
func TestSnapshots(t *testing.T) {
	a := open(t, simulator.Options{})
	const body = `{Resources: {Cluster: {Type: AWS::RDS::DBCluster, Properties: {DBClusterIdentifier: db, KmsKeyId: theirs, CopyTagsToSnapshot: true}}, Alone: {Type: AWS::RDS::DBInstance, Properties: {DBInstanceIdentifier: alone}}}}`
	if got := a.deploy(proposal{stack: "s", body: body, tags: map[string]string{"Environment": "dev"}}); got != "CREATE_COMPLETE" {
		t.Fatal(got)
	}
	if out := must(a.rds("DescribeDBClusters", "DBClusterIdentifier", "db")); len(out.Result.Clusters) != 1 || !strings.HasPrefix(out.Result.Clusters[0].Resource, "cluster-") {
		t.Errorf("%+v", out)
	}
	key := a.sim.CreateKey()
	refused := a.sim.CreateKey()
	if err := a.sim.DeleteKey(refused, 7); err != nil {
		t.Fatal(err)
	}
	refuses := func(want, operation string, members ...string) {
		t.Helper()
		if _, err := a.rds(operation, members...); code(err) != want {
			t.Errorf("%s: %v, want %s", operation, err, want)
		}
	}
	create := []string{"DBClusterIdentifier", "db", "DBClusterSnapshotIdentifier", "one"}
	duplicate := []string{"SourceDBClusterSnapshotIdentifier", "one", "TargetDBClusterSnapshotIdentifier", "two", "KmsKeyId", key, "CopyTags", "true"}
	refuses("DBClusterNotFoundFault", "DescribeDBClusters", "DBClusterIdentifier", "nobody")
	refuses("DBClusterNotFoundFault", "CreateDBClusterSnapshot", "DBClusterIdentifier", "nobody")
	refuses("DBClusterSnapshotNotFoundFault", "DescribeDBClusterSnapshots", "DBClusterSnapshotIdentifier", "one")
	refuses("DBClusterSnapshotNotFoundFault", "CopyDBClusterSnapshot", duplicate...)
	refuses("DBClusterSnapshotNotFoundFault", "DeleteDBClusterSnapshot", "DBClusterSnapshotIdentifier", "one")
	must(a.rds("CreateDBClusterSnapshot", create...))
	refuses("DBClusterSnapshotAlreadyExistsFault", "CreateDBClusterSnapshot", create...)
	refuses("InvalidDBClusterSnapshotStateFault", "CopyDBClusterSnapshot", duplicate...)
	a.wait(5 * time.Minute)
	refuses("KMSKeyNotAccessibleFault", "CopyDBClusterSnapshot", append(duplicate[:4:4], "KmsKeyId", refused)...)
	must(a.rds("CopyDBClusterSnapshot", duplicate...))
	out := must(a.rds("DescribeDBClusterSnapshots", "DBClusterIdentifier", "db")).Result.Snapshots
	if len(out) != 2 || out[0].ID != "one" || out[0].Status != "available" || out[0].Key != "theirs" || out[1].ID != "two" || out[1].Status != "creating" || out[1].Key != key {
		t.Errorf("%+v", out)
	}
	must(a.rds("DeleteDBClusterSnapshot", "DBClusterSnapshotIdentifier", "one"))
	must(a.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("s")}))
	a.wait(time.Hour)
	for _, of := range []teardown.Resource{{Type: "AWS::RDS::DBCluster", ID: "db"}, {Type: "AWS::RDS::DBInstance", ID: "alone"}} {
		found, err := a.signed().Snapshots(t.Context(), of)
		if want := map[bool]int{true: 2, false: 1}[of.ID == "db"]; err != nil || len(found) != want { // the copy, and those that no policy says not to make
			t.Errorf("%s: %v %+v", of.ID, err, found)
		}
	}
	if out := must(a.rds("DescribeDBClusters")); len(out.Result.Clusters) != 0 {
		t.Errorf("%+v", out)
	}
}

// TestEndings: what keeps a stack from being deleted is ended first.
func TestEndings(t *testing.T) {
	a := open(t, simulator.Options{})
	const body = `{Resources: {Discovery: {Type: AWS::ServiceDiscovery::Service, Properties: {Name: api}}, Trail: {Type: AWS::CloudTrail::Trail, Properties: {TrailName: trail}},
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Name: alb}}}}`
	if got := a.deploy(proposal{stack: "s", body: body}); got != "CREATE_COMPLETE" {
		t.Fatal(got)
	}
	service := must(a.sim.Physical("Discovery"))
	if err := a.sim.RegisterInstances("Discovery", time.Hour); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 0} {
		if n, err := a.signed().Instances(t.Context(), service); n != want || err != nil {
			t.Errorf("%d: %d, %v", i, n, err)
		}
	}
	if _, err := a.signed().Instances(t.Context(), "nobody"); code(err) != "ServiceNotFound" {
		t.Error(err)
	}
	err := a.signed().JSON(t.Context(), "servicediscovery", "Route53AutoNaming_v20170314.DeregisterInstance", map[string]any{"ServiceId": service, "InstanceId": "x"}, &struct{}{})
	if code(err) != "InstanceNotFound" {
		t.Error(err)
	}
	if err := a.signed().StopTrail(t.Context(), "trail"); err != nil {
		t.Error(err)
	}
	err = a.signed().JSON(t.Context(), "cloudtrail", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.StopLogging", map[string]any{"Name": "nobody"}, &struct{}{})
	if code(err) != "TrailNotFoundException" {
		t.Error(err)
	}
	balancers := elasticloadbalancingv2.NewFromConfig(a.config)
	in := &elasticloadbalancingv2.ModifyLoadBalancerAttributesInput{LoadBalancerArn: aws.String(must(a.sim.Physical("Balancer"))), Attributes: []balancing.LoadBalancerAttribute{{Key: aws.String("access_logs.s3.enabled"), Value: aws.String("false")}}}
	if out := must(balancers.ModifyLoadBalancerAttributes(t.Context(), in)); len(out.Attributes) != 1 || aws.ToString(out.Attributes[0].Value) != "false" {
		t.Errorf("%+v", out)
	}
	in.LoadBalancerArn = aws.String("nobody")
	if _, err := balancers.ModifyLoadBalancerAttributes(t.Context(), in); code(err) != "LoadBalancerNotFound" {
		t.Error(err)
	}
}
