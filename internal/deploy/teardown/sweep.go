package teardown

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secrets "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
)

// The calls of a sweep.
type (
	// Tagging is the Resource Groups Tagging API.
	Tagging interface {
		GetResources(context.Context, *resourcegroupstaggingapi.GetResourcesInput, ...func(*resourcegroupstaggingapi.Options)) (*resourcegroupstaggingapi.GetResourcesOutput, error)
	}
	// Logs is Amazon CloudWatch Logs.
	Logs interface {
		DescribeLogGroups(context.Context, *cloudwatchlogs.DescribeLogGroupsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DescribeLogGroupsOutput, error)
		DeleteLogGroup(context.Context, *cloudwatchlogs.DeleteLogGroupInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DeleteLogGroupOutput, error)
	}
	// Definitions is Amazon ECS.
	Definitions interface {
		ListTaskDefinitions(context.Context, *ecs.ListTaskDefinitionsInput, ...func(*ecs.Options)) (*ecs.ListTaskDefinitionsOutput, error)
		DeregisterTaskDefinition(context.Context, *ecs.DeregisterTaskDefinitionInput, ...func(*ecs.Options)) (*ecs.DeregisterTaskDefinitionOutput, error)
		DeleteTaskDefinitions(context.Context, *ecs.DeleteTaskDefinitionsInput, ...func(*ecs.Options)) (*ecs.DeleteTaskDefinitionsOutput, error)
	}
	// Secrets is AWS Secrets Manager. It is asked for names, never for values.
	Secrets interface {
		ListSecrets(context.Context, *secretsmanager.ListSecretsInput, ...func(*secretsmanager.Options)) (*secretsmanager.ListSecretsOutput, error)
	}
)

// Names are the physical IDs of resources of a type, each once.
func Names(resources []Resource, typ string) []string {
	var names []string
	for _, r := range resources {
		if r.Type == typ && r.ID != "" {
			names = append(names, r.ID)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Tagged lists all that carries a tag.
func Tagged(ctx context.Context, api Tagging, key, value string) ([]Thing, error) {
	var all []Thing
	in := &resourcegroupstaggingapi.GetResourcesInput{TagFilters: []tagging.TagFilter{{Key: &key, Values: []string{value}}}}
	for {
		out, err := api.GetResources(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("look for tagged resources: %w", err)
		}
		for _, r := range out.ResourceTagMappingList {
			t := Thing{ARN: aws.ToString(r.ResourceARN), Tags: map[string]string{}}
			for _, tag := range r.Tags {
				t.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			}
			all = append(all, t)
		}
		if in.PaginationToken = out.PaginationToken; aws.ToString(in.PaginationToken) == "" {
			return all, nil
		}
	}
}

// LogGroups deletes the log groups of deleted stacks that exist: services that still had something to say make their groups again,
// without key and for ever. It tells which.
func LogGroups(ctx context.Context, api Logs, resources []Resource) ([]string, error) {
	var deleted []string
	for _, name := range Names(resources, groupType) {
		out, err := api.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name})
		if err != nil {
			return deleted, fmt.Errorf("look for log group %s: %w", name, err)
		}
		if len(out.LogGroups) == 0 || aws.ToString(out.LogGroups[0].LogGroupName) != name { // sorted: the name itself comes before longer ones
			continue
		}
		if _, err := api.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &name}); err != nil && !cloud.Missing(err) {
			return deleted, fmt.Errorf("delete log group %s: %w", name, err)
		}
		deleted = append(deleted, name)
	}
	return deleted, nil
}

// Families are the task definition families among resources, each once.
func Families(resources []Resource) []string {
	var all []string
	for _, arn := range Names(resources, definitionType) {
		family, _, _ := strings.Cut(arn[strings.LastIndexByte(arn, '/')+1:], ":")
		all = append(all, family)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Revisions deletes all revisions of a task definition family, of which CloudFormation only deregisters the latest. It tells how many.
func Revisions(ctx context.Context, api Definitions, family string) (int, error) {
	active, err := revisions(ctx, api, family, types.TaskDefinitionStatusActive)
	if err != nil {
		return 0, err
	}
	for _, arn := range active {
		if _, err := api.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &arn}); err != nil {
			return 0, fmt.Errorf("deregister %s: %w", arn, err)
		}
	}
	inactive, err := revisions(ctx, api, family, types.TaskDefinitionStatusInactive)
	if err != nil {
		return 0, err
	}
	for chunk := range slices.Chunk(inactive, perDelete) {
		out, err := api.DeleteTaskDefinitions(ctx, &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: chunk})
		if err != nil {
			return 0, fmt.Errorf("delete revisions of %s: %w", family, err)
		}
		if len(out.Failures) > 0 {
			return 0, fmt.Errorf("delete %s: %s", aws.ToString(out.Failures[0].Arn), aws.ToString(out.Failures[0].Reason))
		}
	}
	return len(inactive), nil
}

// perDelete is how many revisions DeleteTaskDefinitions takes (API reference).
const perDelete = 10

func revisions(ctx context.Context, api Definitions, family string, status types.TaskDefinitionStatus) ([]string, error) {
	var arns []string
	in := &ecs.ListTaskDefinitionsInput{FamilyPrefix: &family, Status: status}
	for {
		out, err := api.ListTaskDefinitions(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("list the revisions of %s: %w", family, err)
		}
		for _, arn := range out.TaskDefinitionArns {
			if strings.Contains(arn, "/"+family+":") {
				arns = append(arns, arn)
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return arns, nil
		}
	}
}

// SecretsOf lists secrets that have the names of those among resources: made again, or waiting for their deletion.
func SecretsOf(ctx context.Context, api Secrets, resources []Resource) ([]secrets.SecretListEntry, error) {
	var found []secrets.SecretListEntry
	for _, arn := range Names(resources, secretType) {
		name := secretName(arn)
		in := &secretsmanager.ListSecretsInput{IncludePlannedDeletion: new(true), Filters: []secrets.Filter{{Key: secrets.FilterNameStringTypeName, Values: []string{name}}}}
		out, err := api.ListSecrets(ctx, in) // the name itself is the shortest of those that begin so, and on the first page
		if err != nil {
			return nil, fmt.Errorf("look for secret %s: %w", name, err)
		}
		for _, s := range out.SecretList {
			if aws.ToString(s.Name) == name {
				found = append(found, s)
			}
		}
	}
	return found, nil
}

// secretName is the name in a secret's ARN, which ends in a hyphen and six characters of Secrets Manager's own.
func secretName(arn string) string {
	_, name, _ := strings.Cut(arn, ":secret:")
	return name[:max(0, len(name)-len("-AbCdEf"))]
}

// BucketExists and RepositoryExists tell whether something of that name is there. A bucket of another account is none of ours.
func BucketExists(ctx context.Context, api Storage, name, owner string) (bool, error) {
	_, err := api.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name, ExpectedBucketOwner: &owner})
	if cloud.Missing(err) || forbidden(err) {
		return false, nil
	}
	return err == nil, err
}

// forbidden is what S3 answers to HEAD for a bucket of somebody else; the answer has no body to say more.
func forbidden(err error) bool {
	return cloud.Denied(err) || cloud.ErrorCode(err) == "Forbidden"
}

// RepositoryExists tells whether a repository is there.
func RepositoryExists(ctx context.Context, api Registry, name string) (bool, error) {
	_, err := api.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{RepositoryNames: []string{name}})
	if cloud.Missing(err) {
		return false, nil
	}
	return err == nil, err
}
