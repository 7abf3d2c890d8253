// Package teardown removes an environment without a trace: it lists what will be lost, quiets what still writes, empties what AWS does not
// delete while it holds anything, and afterwards looks whether anything is left.
package teardown

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/source"
)

// Formation are the calls of CloudFormation that tell what stacks hold, and held.
type Formation interface {
	ListStackResources(context.Context, *cloudformation.ListStackResourcesInput, ...func(*cloudformation.Options)) (*cloudformation.ListStackResourcesOutput, error)
	ListStacks(context.Context, *cloudformation.ListStacksInput, ...func(*cloudformation.Options)) (*cloudformation.ListStacksOutput, error)
	GetTemplate(context.Context, *cloudformation.GetTemplateInput, ...func(*cloudformation.Options)) (*cloudformation.GetTemplateOutput, error)
}

// A Resource is one that a stack, or a stack nested in it, has or had.
type Resource struct {
	// Stack is the ARN of the stack that it is in; Path names the nested stacks on the way to it.
	Stack               string
	Path                []string
	LogicalID, ID, Type string
	// Status is CloudFormation's.
	Status string
	// Policy is the DeletionPolicy as the template has it; not known of what is gone.
	Policy string
	// Kept says why it stays; empty for what goes.
	Kept string
}

// Place is the logical ID behind those of the nested stacks.
func (r Resource) Place() string {
	return strings.Join(append(r.Path[:len(r.Path):len(r.Path)], r.LogicalID), "/")
}

// Gone tells that CloudFormation deleted the resource.
func (r Resource) Gone() bool { return r.Status == "DELETE_COMPLETE" }

// Retained tells that the template wants the resource to outlive its stack (Template reference, "DeletionPolicy attribute").
func (r Resource) Retained() bool {
	return r.Policy == "Retain" || r.Policy == "RetainExceptOnCreate" || r.Status == "DELETE_SKIPPED"
}

// Types that the teardown knows.
const (
	stackType      = "AWS::CloudFormation::Stack"
	bucketType     = "AWS::S3::Bucket"
	repositoryType = "AWS::ECR::Repository"
	clusterType    = "AWS::RDS::DBCluster"
	instanceType   = "AWS::RDS::DBInstance"
	keyType        = "AWS::KMS::Key"
	secretType     = "AWS::SecretsManager::Secret"
	groupType      = "AWS::Logs::LogGroup"
	definitionType = "AWS::ECS::TaskDefinition"
	serviceType    = "AWS::ECS::Service"
	taskSetCluster = "AWS::ECS::Cluster"
	balancerType   = "AWS::ElasticLoadBalancingV2::LoadBalancer"
	trailType      = "AWS::CloudTrail::Trail"
	discoveryType  = "AWS::ServiceDiscovery::Service"
)

// Inventory lists all resources of a root stack, given by name or ARN, and of those nested in it, deleted ones among them. A stack that
// does not exist has none.
func Inventory(ctx context.Context, api Formation, stack string) ([]Resource, error) {
	return inventory(ctx, api, stack, stack, nil)
}

func inventory(ctx context.Context, api Formation, stack, arn string, path []string) ([]Resource, error) {
	var own, nested []Resource
	in := &cloudformation.ListStackResourcesInput{StackName: &stack}
	for {
		out, err := api.ListStackResources(ctx, in)
		if cloud.Missing(err) {
			return own, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list the resources of %s: %w", stack, err)
		}
		for _, s := range out.StackResourceSummaries {
			r := Resource{Stack: arn, Path: path, LogicalID: aws.ToString(s.LogicalResourceId), ID: aws.ToString(s.PhysicalResourceId), Type: aws.ToString(s.ResourceType), Status: string(s.ResourceStatus)}
			own = append(own, r)
			if r.Type != stackType || !strings.HasPrefix(r.ID, "arn:") {
				continue
			}
			more, err := inventory(ctx, api, r.ID, r.ID, append(path[:len(path):len(path)], r.LogicalID))
			if err != nil {
				return nil, err
			}
			nested = append(nested, more...)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	if err := policies(ctx, api, stack, own); err != nil {
		return nil, err
	}
	return append(own, nested...), nil
}

// policies reads the DeletionPolicy of a stack's resources from its template: what that retains must not be emptied, and stays on purpose.
func policies(ctx context.Context, api Formation, stack string, resources []Resource) error {
	if !slices.ContainsFunc(resources, func(r Resource) bool { return !r.Gone() }) {
		return nil
	}
	out, err := api.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: &stack, TemplateStage: types.TemplateStageOriginal})
	if err != nil {
		return fmt.Errorf("read the template of %s: %w", stack, err)
	}
	t, err := source.Parse("template of "+stack, []byte(aws.ToString(out.TemplateBody)))
	if err != nil {
		return err
	}
	for i, r := range resources {
		resources[i].Policy = t.Resources[r.LogicalID].DeletionPolicy
	}
	return nil
}

// History lists what the latest deleted root stacks of those names held. CloudFormation tells it for 90 days (API reference, ListStacks
// and ListStackResources), so that a destroy that was broken off after a stack's deletion can still look for what the stack left.
func History(ctx context.Context, api Formation, names ...string) ([]Resource, error) {
	latest := map[string]types.StackSummary{}
	in := &cloudformation.ListStacksInput{StackStatusFilter: []types.StackStatus{types.StackStatusDeleteComplete}}
	for {
		out, err := api.ListStacks(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("list deleted stacks: %w", err)
		}
		for _, s := range out.StackSummaries {
			name := aws.ToString(s.StackName)
			if known, seen := latest[name]; s.ParentId == nil && (!seen || later(s.DeletionTime, known.DeletionTime)) {
				latest[name] = s
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	var all []Resource
	for _, name := range names {
		if s, was := latest[name]; was {
			held, err := Inventory(ctx, api, aws.ToString(s.StackId))
			if err != nil {
				return nil, err
			}
			all = append(all, held...)
		}
	}
	return all, nil
}

func later(a, b *time.Time) bool { return aws.ToTime(a).After(aws.ToTime(b)) }
