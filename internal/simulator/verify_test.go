package simulator_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/tierform/tierform/internal/simulator"
)

// What is read of things that stacks did not make, and of things that are not there.
func TestReadsBesideStacks(t *testing.T) {
	a, api := running(t)
	signer, ctx := a.signed(), t.Context()
	key := a.sim.CreateKey()
	var rotation struct{ KeyRotationEnabled bool }
	if err := signer.JSON(ctx, "kms", "TrentService.GetKeyRotationStatus", map[string]any{"KeyId": key}, &rotation); err != nil || rotation.KeyRotationEnabled {
		t.Error(rotation, err)
	}
	var described struct{ KeyMetadata struct{ KeyState string } }
	if err := signer.JSON(ctx, "kms", "TrentService.DescribeKey", map[string]any{"KeyId": key}, &described); err != nil || described.KeyMetadata.KeyState != "Enabled" {
		t.Error(described, err)
	}
	err := signer.JSON(ctx, "kms", "TrentService.GetKeyRotationStatus", map[string]any{"KeyId": "none"}, &rotation)
	if code(err) != "NotFoundException" {
		t.Error(err)
	}
	for name, want := range map[string]string{"DescribeDBInstances": "DBInstanceNotFound", "DescribeDBClusterParameters": "DBParameterGroupNotFound"} {
		if err := signer.Query(ctx, "rds", url.Values{"Action": {name}, "Version": {"2014-10-31"}, "DBInstanceIdentifier": {"none"}}, &struct{}{}); code(err) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := signer.JSON(ctx, "cloudtrail", "x.GetTrailStatus", map[string]any{"Name": "none"}, &struct{}{}); code(err) != "TrailNotFoundException" {
		t.Error(err)
	}
	var trails struct {
		Trails []any `json:"trailList"`
	}
	if err := signer.JSON(ctx, "cloudtrail", "x.DescribeTrails", map[string]any{"trailNameList": []string{"none"}}, &trails); err != nil || len(trails.Trails) != 0 {
		t.Error(trails, err)
	}
	_, err = elasticloadbalancingv2.NewFromConfig(a.config).DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{LoadBalancerArns: []string{"none"}})
	if code(err) != "LoadBalancerNotFound" {
		t.Error(err)
	}
	if _, err := a.store.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: aws.String("artifacts")}); code(err) != "NoSuchPublicAccessBlockConfiguration" {
		t.Error(err)
	}
	if out, err := a.store.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: aws.String("artifacts")}); err != nil || out.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm != "AES256" {
		t.Error(out, err)
	}
	if _, err := secretsmanager.NewFromConfig(a.config).ListSecretVersionIds(ctx, &secretsmanager.ListSecretVersionIdsInput{SecretId: aws.String("none")}); code(err) != "ResourceNotFoundException" {
		t.Error(err)
	}
	if _, err := ecr.NewFromConfig(a.config).DescribeImageScanFindings(ctx, &ecr.DescribeImageScanFindingsInput{RepositoryName: aws.String("none"), ImageId: &ecrtypes.ImageIdentifier{ImageTag: aws.String("x")}}); code(err) != "RepositoryNotFoundException" {
		t.Error(err)
	}
	for what, err := range map[string]error{"Tamper": a.sim.Tamper("none", "a", "b"), "StopRotation": a.sim.StopRotation("none"), "RunRevision": a.sim.RunRevision("none", 1), "ExchangeWeights": a.sim.ExchangeWeights("Listener"), "of none": a.sim.ExchangeWeights("none")} {
		if err == nil {
			t.Errorf("%s of what is not there", what)
		}
	}
	a.sim.CreateLogGroup("bare")
	if out, err := api.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String("cluster"), Services: []string{"svc"}}); err != nil || out.Services[0].NetworkConfiguration != nil {
		t.Error(out, err)
	}
}

// Amazon EC2 answers, and refuses, in a form of its own; alarms are asked for by name or all at once.
func TestInterfacesAndAlarms(t *testing.T) {
	a := open(t, simulator.Options{})
	body := `{Resources: {A: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: a, AlarmActions: [x]}}, B: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: b}}, Trail: {Type: AWS::CloudTrail::Trail, Properties: {TrailName: trail}}}}`
	if got := a.deploy(proposal{stack: "s", body: body}); got != "CREATE_COMPLETE" {
		t.Fatal(got)
	}
	signer, ctx := a.signed(), t.Context()
	var alarms struct {
		Names []string  `xml:"DescribeAlarmsResult>MetricAlarms>member>AlarmName"`
		Since time.Time `xml:"DescribeAlarmsResult>MetricAlarms>member>StateUpdatedTimestamp"`
	}
	form := url.Values{"Action": {"DescribeAlarms"}, "AlarmNames.member.1": {"b"}}
	if err := signer.Query(ctx, "monitoring", form, &alarms); err != nil || strings.Join(alarms.Names, " ") != "b" || alarms.Since.IsZero() {
		t.Error(alarms, err)
	}
	var page struct {
		Interfaces []any `xml:"networkInterfaceSet>item"`
	}
	if err := signer.Query(ctx, "ec2", url.Values{"Action": {"DescribeNetworkInterfaces"}, "Filter.1.Value.1": {"sg-1"}}, &page); err != nil || len(page.Interfaces) != 0 {
		t.Error(page, err)
	}
	a.sim.Inject(simulator.Fault{Service: "ec2", Kind: simulator.Failing, Code: "UnauthorizedOperation", Status: http.StatusForbidden})
	if err := signer.Query(ctx, "ec2", url.Values{"Action": {"DescribeNetworkInterfaces"}}, &page); code(err) != "UnauthorizedOperation" {
		t.Error(err)
	}
	// A stopped trail says so.
	var status struct{ IsLogging bool }
	ask := func(call string) {
		t.Helper()
		if err := signer.JSON(ctx, "cloudtrail", "x."+call, map[string]any{"Name": "trail"}, &status); err != nil {
			t.Error(err)
		}
	}
	if ask("GetTrailStatus"); !status.IsLogging {
		t.Error("a trail does not log")
	}
	ask("StopLogging")
	if ask("GetTrailStatus"); status.IsLogging {
		t.Error("a stopped trail logs")
	}
}
