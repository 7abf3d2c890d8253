package simulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/tierform/tierform/internal/simulator"
)

// TestRegistry: an image of an index goes after the index; a full repository stays unless it is emptied on deletion.
func TestRegistry(t *testing.T) {
	a := open(t, simulator.Options{})
	api := ecr.NewFromConfig(a.config)
	a.deploy(proposal{stack: "s", body: `{Resources: {R: {Type: AWS::ECR::Repository, Properties: {RepositoryName: r}}, E: {Type: AWS::ECR::Repository, Properties: {RepositoryName: e, EmptyOnDelete: true}}}}`})
	a.sim.CreateRepository("by-hand")
	must(a.sim.PutImage("e", nil))
	child := must(a.sim.PutImage("r", nil))
	index := must(a.sim.PutImage("r", []string{"v1", "v2"}, child))
	if _, err := a.sim.PutImage("nobody", nil); err == nil {
		t.Error("an image in no repository")
	}
	name := aws.String("r")
	if out := must(api.DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{})); len(out.Repositories) != 3 {
		t.Errorf("%+v", out)
	}
	if out := must(api.ListImages(t.Context(), &ecr.ListImagesInput{RepositoryName: name, MaxResults: aws.Int32(2)})); len(out.ImageIds) != 2 || out.NextToken == nil {
		t.Errorf("%+v", out)
	}
	if out := must(api.DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: name})); len(out.ImageDetails) != 2 {
		t.Errorf("%+v", out)
	}
	byTag := []ecrtypes.ImageIdentifier{{ImageTag: aws.String("v2")}}
	if out := must(api.DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: name, ImageIds: byTag})); aws.ToString(out.ImageDetails[0].ImageDigest) != index {
		t.Errorf("%+v", out)
	}
	if out := must(api.BatchGetImage(t.Context(), &ecr.BatchGetImageInput{RepositoryName: name, ImageIds: byTag})); !strings.Contains(aws.ToString(out.Images[0].ImageManifest), child) {
		t.Errorf("%+v", out)
	}
	both := []ecrtypes.ImageIdentifier{{ImageDigest: &child}, {ImageDigest: &index}, {ImageDigest: aws.String("sha256:none")}}
	out := must(api.BatchDeleteImage(t.Context(), &ecr.BatchDeleteImageInput{RepositoryName: name, ImageIds: both}))
	if len(out.ImageIds) != 1 || len(out.Failures) != 2 || out.Failures[1].FailureCode != ecrtypes.ImageFailureCodeImageReferencedByManifestList {
		t.Errorf("%+v", out)
	}
	none := aws.String("nobody")
	_, repositories := api.DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{RepositoryNames: []string{"nobody"}})
	_, images := api.DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: none})
	_, list := api.ListImages(t.Context(), &ecr.ListImagesInput{RepositoryName: none})
	_, get := api.BatchGetImage(t.Context(), &ecr.BatchGetImageInput{RepositoryName: none, ImageIds: both})
	_, remove := api.BatchDeleteImage(t.Context(), &ecr.BatchDeleteImageInput{RepositoryName: none, ImageIds: both})
	_, image := api.DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: name, ImageIds: both})
	_, many := api.BatchDeleteImage(t.Context(), &ecr.BatchDeleteImageInput{RepositoryName: name, ImageIds: make([]ecrtypes.ImageIdentifier, 101)})
	for i, err := range []error{repositories, images, list, get, remove} {
		if code(err) != "RepositoryNotFoundException" {
			t.Errorf("%d: %v", i, err)
		}
	}
	if code(image) != "ImageNotFoundException" || code(many) != "InvalidParameterException" {
		t.Errorf("%v, %v", image, many)
	}
	arn := aws.ToString(a.stack("s").StackId)
	must(a.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &arn}))
	if got := a.settle(arn); got != "DELETE_FAILED" {
		t.Fatal(got)
	}
	lines(t, a.log(arn), "E DELETE_COMPLETE", "R DELETE_FAILED", "still contains images")
}

// TestLogs: groups that come back, with the lines of a stopped task.
func TestLogs(t *testing.T) {
	a := open(t, simulator.Options{})
	api := cloudwatchlogs.NewFromConfig(a.config)
	body := `{Resources: {G: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: g, RetentionInDays: 30, KmsKeyId: k}}}}`
	a.deploy(proposal{stack: "s", body: body})
	a.sim.CreateLogGroup("/aws/other")
	if err := a.sim.Log("g", "app/1", "one", "two"); err != nil {
		t.Fatal(err)
	}
	_ = a.sim.Log("g", "web/1", "three")
	if err := a.sim.Log("nobody", "x"); err == nil {
		t.Error("lines in no group")
	}
	groups := func(in *cloudwatchlogs.DescribeLogGroupsInput) int {
		return len(must(api.DescribeLogGroups(t.Context(), in)).LogGroups)
	}
	if all := must(api.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})); len(all.LogGroups) != 2 || aws.ToInt32(all.LogGroups[1].RetentionInDays) != 30 || all.LogGroups[0].KmsKeyId != nil {
		t.Errorf("%+v", all)
	}
	if groups(&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/aws")}) != 1 || groups(&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePattern: aws.String("OTHER")}) != 1 {
		t.Error("neither prefix nor pattern")
	}
	group := aws.String("g")
	if out := must(api.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: aws.String("app/1"), Limit: aws.Int32(1)})); len(out.Events) != 1 || aws.ToString(out.Events[0].Message) != "two" {
		t.Errorf("%+v", out.Events)
	}
	if out := must(api.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupIdentifier: aws.String("arn:aws:logs:us-east-1:1:log-group:g:*"), LogStreamNamePrefix: aws.String("web")})); len(out.Events) != 1 {
		t.Errorf("%+v", out.Events)
	}
	if out := must(api.DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group})); len(out.LogStreams) != 2 {
		t.Errorf("%+v", out.LogStreams)
	}
	a.sim.RecreateLogGroup("g", time.Minute)
	must(api.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: group}))
	_, events := api.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: group})
	_, streams := api.DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupIdentifier: group})
	_, again := api.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: group})
	for _, err := range []error{events, streams, again} {
		if code(err) != "ResourceNotFoundException" {
			t.Errorf("%v", err)
		}
	}
	a.wait(2 * time.Minute)
	if groups(&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: group}) != 1 {
		t.Error("nobody made the group anew")
	}
	if got := a.deploy(proposal{stack: "t", body: body}); got != "ROLLBACK_COMPLETE" {
		t.Errorf("a group that exists: %s", got)
	}
}
