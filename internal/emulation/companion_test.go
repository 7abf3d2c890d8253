package emulation

import (
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	codedeploytypes "github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/release"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/scan"
)

// companion is the way to an emulator of its own for the test, with what the other one lacks: image scans, CodeDeploy, task sets and weights.
func companion(t *testing.T) *cloud.Cloud {
	t.Helper()
	python := os.Getenv(interpreter)
	if python == "" {
		t.Skip("no emulator: make test installs it")
	}
	c, err := start(python, "../../tools/companion.py")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.stop)
	t.Logf("moto %s", c.Version)
	way, err := cloud.Open(t.Context(), cloud.Options{Region: "us-east-1", Endpoint: c.URL, RequestsPerSecond: 1000, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "x", "")})
	if err != nil {
		t.Fatal(err)
	}
	return way
}

// The gate reads the findings that the emulator gives each image, one of severity HIGH: too much by default, and tolerated when that is
// said. An image that is not there is refused.
func TestGateOnFindings(t *testing.T) {
	way := companion(t)
	name := aws.String("ecr-api-dev")
	if _, err := way.ECR().CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: name}); err != nil {
		t.Fatal(err)
	}
	pushed, err := way.ECR().PutImage(t.Context(), &ecr.PutImageInput{RepositoryName: name, ImageTag: aws.String("1"), ImageManifestMediaType: aws.String("application/vnd.oci.image.manifest.v1+json"),
		ImageManifest: aws.String(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"digest":"sha256:1"},"layers":[]}`)})
	if err != nil {
		t.Fatal(err)
	}
	digest := aws.ToString(pushed.Image.ImageId.ImageDigest)
	if _, err := way.ECR().StartImageScan(t.Context(), &ecr.StartImageScanInput{RepositoryName: name, ImageId: pushed.Image.ImageId}); err != nil {
		t.Fatal(err)
	}
	judge := func(digest, most string) scan.Verdict {
		gate := scan.Gate{Registry: way.ECR(), Clock: clock.System{}, Reporter: report.Func(func(report.Event) {}), Rules: scan.Rules{MaxSeverity: most, Wait: -1}}
		verdicts, err := gate.Judge(t.Context(), []scan.Image{{Name: "api", Repository: "ecr-api-dev", Digest: digest}})
		if err != nil {
			t.Fatal(err)
		}
		return verdicts[0]
	}
	if v := judge(digest, ""); v.Passed || v.Counts["HIGH"] != 1 {
		t.Errorf("by default %+v", v)
	}
	if v := judge(digest, "HIGH"); !v.Passed {
		t.Errorf("where HIGH is tolerated %+v", v)
	}
	if v := judge("sha256:"+strings.Repeat("0", 64), "CRITICAL"); v.Passed {
		t.Errorf("an image that is not there passes: %+v", v)
	}
}

// The calls to CodeDeploy are understood: deployment groups are read, a deployment is begun and found again by its token.
func TestCodeDeployCalls(t *testing.T) {
	way := companion(t)
	api := way.CodeDeploy()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(api.CreateApplication(t.Context(), &codedeploy.CreateApplicationInput{ApplicationName: aws.String("payments"), ComputePlatform: codedeploytypes.ComputePlatformEcs}))
	must(api.CreateDeploymentGroup(t.Context(), &codedeploy.CreateDeploymentGroupInput{ApplicationName: aws.String("payments"), DeploymentGroupName: aws.String("api"), ServiceRoleArn: aws.String("arn:aws:iam::123456789012:role/x"),
		DeploymentConfigName: aws.String("CodeDeployDefault.ECSLinear10PercentEvery1Minutes"), EcsServices: []codedeploytypes.ECSService{{ClusterName: aws.String("cluster"), ServiceName: aws.String("api")}},
		AutoRollbackConfiguration: &codedeploytypes.AutoRollbackConfiguration{Enabled: true}, AlarmConfiguration: &codedeploytypes.AlarmConfiguration{Enabled: true, Alarms: []codedeploytypes.Alarm{{Name: aws.String("errors")}}}}))
	shifter := release.NewCodeDeploy(api)
	plans, err := shifter.Plans(t.Context(), "payments")
	if p := plans["cluster/api"]; err != nil || p.Group != "api" || !p.RollsBack || p.Shifts.Minutes() != 10 {
		t.Fatalf("%+v, %v", plans, err)
	}
	service := release.Service{Title: "api", Name: "api", Cluster: "cluster", Plan: plans["cluster/api"]}
	id, err := shifter.Start(t.Context(), release.Order{Service: service, Token: "20261122 api", Revision: "arn:aws:ecs:us-east-1:123456789012:task-definition/api:2", AppSpec: release.AppSpec{Container: "application", Port: 8080}})
	if err != nil || id == "" {
		t.Fatal(id, err)
	}
	out, err := api.GetDeployment(t.Context(), &codedeploy.GetDeploymentInput{DeploymentId: &id})
	if err != nil || !strings.HasSuffix(aws.ToString(out.DeploymentInfo.Description), "20261122 api") {
		t.Errorf("%+v, %v", out, err)
	}
}
