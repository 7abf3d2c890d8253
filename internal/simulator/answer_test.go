package simulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/tierform/tierform/internal/simulator"
)

// TestChecksum: S3 tells the checksum that the writer wanted, and HEAD of nothing has no body to say more.
func TestChecksum(t *testing.T) {
	a := open(t, simulator.Options{})
	bucket, key := aws.String("artifacts"), aws.String("k")
	head := func() (*s3.HeadObjectOutput, error) {
		return a.store.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: bucket, Key: key, ChecksumMode: types.ChecksumModeEnabled})
	}
	if _, err := head(); code(err) != "NotFound" {
		t.Error(err)
	}
	must(a.store.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("x")}))
	if out := must(head()); out.ChecksumSHA256 != nil {
		t.Error(*out.ChecksumSHA256)
	}
	must(a.store.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("x"), ChecksumAlgorithm: types.ChecksumAlgorithmSha256}))
	if out := must(head()); aws.ToString(out.ChecksumSHA256) != "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=" {
		t.Error(aws.ToString(out.ChecksumSHA256))
	}
}

// TestDate: answers tell the simulator's time, from which callers see that their clocks are wrong; errors do not.
func TestDate(t *testing.T) {
	a := open(t, simulator.Options{})
	a.wait(time.Hour)
	for path, want := range map[string]string{"artifacts": "Sun, 22 Nov 2026 16:00:00 GMT", "artifacts/none": ""} {
		request := must(http.NewRequestWithContext(t.Context(), http.MethodGet, "https://s3.us-east-1.amazonaws.com/"+path, nil))
		if got := must(a.sim.Client().Do(request)).Header.Get("Date"); got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
}

// TestProposedTemplate: a change set tells its own template and tags.
func TestProposedTemplate(t *testing.T) {
	a := open(t, simulator.Options{})
	const body = `{Resources: {Topic: {Type: AWS::SNS::Topic}}}`
	set := must(a.propose(proposal{stack: "s", body: body, tags: map[string]string{"Environment": "dev"}}))
	if len(set.Tags) != 1 || aws.ToString(set.Tags[0].Value) != "dev" {
		t.Errorf("%+v", set.Tags)
	}
	if out := must(a.api.GetTemplate(t.Context(), &cloudformation.GetTemplateInput{ChangeSetName: set.ChangeSetId})); aws.ToString(out.TemplateBody) != body {
		t.Error(aws.ToString(out.TemplateBody))
	}
	if _, err := a.api.GetTemplate(t.Context(), &cloudformation.GetTemplateInput{StackName: aws.String("s"), ChangeSetName: aws.String("none")}); code(err) != "ChangeSetNotFound" {
		t.Error(err)
	}
}

// TestGoneResources: what a deletion deleted is listed for as long as the stack is.
func TestGoneResources(t *testing.T) {
	a := open(t, simulator.Options{})
	if got := a.deploy(proposal{stack: "s", body: `{Resources: {Topic: {Type: AWS::SNS::Topic}}}`}); got != "CREATE_COMPLETE" {
		t.Fatal(got)
	}
	arn := must(a.api.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("s")})).Stacks[0].StackId
	must(a.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: arn}))
	a.wait(time.Hour)
	out := must(a.api.ListStackResources(t.Context(), &cloudformation.ListStackResourcesInput{StackName: arn}))
	if len(out.StackResourceSummaries) != 1 || out.StackResourceSummaries[0].ResourceStatus != "DELETE_COMPLETE" {
		t.Errorf("%+v", out.StackResourceSummaries)
	}
}
