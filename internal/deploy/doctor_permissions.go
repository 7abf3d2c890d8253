package deploy

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/release"
	"github.com/tierform/tierform/internal/deploy/report"
)

// A probe is a call that only reads, to see whether the caller may.
type probe struct {
	// action is IAM's (Service Authorization Reference); verbs are those that need it.
	action, verbs string
	call          func(context.Context, *patient) error
}

// probes are the read permissions that verbs need. What changes something cannot be tried.
func probes() []probe {
	return []probe{
		{"cloudformation:ListStacks", "destroy", func(ctx context.Context, p *patient) error {
			_, err := p.Cloud.CloudFormation().ListStacks(ctx, &cloudformation.ListStacksInput{})
			return err
		}},
		{"cloudformation:GetTemplate", "plan, apply, destroy", func(ctx context.Context, p *patient) error {
			_, err := p.Cloud.CloudFormation().GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: p.probed()})
			return err
		}},
		{"cloudformation:ListStackResources", "plan, drift, destroy", func(ctx context.Context, p *patient) error {
			_, err := p.Cloud.CloudFormation().ListStackResources(ctx, &cloudformation.ListStackResourcesInput{StackName: p.probed()})
			return err
		}},
		{"cloudformation:DescribeStackEvents", "apply, watch, destroy", func(ctx context.Context, p *patient) error {
			_, err := p.Cloud.CloudFormation().DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: p.probed()})
			return err
		}},
		{"cloudformation:DescribeStackResourceDrifts", "drift", func(ctx context.Context, p *patient) error {
			_, err := p.Cloud.CloudFormation().DescribeStackResourceDrifts(ctx, &cloudformation.DescribeStackResourceDriftsInput{StackName: p.probed()})
			return err
		}},
		{"s3:ListBucketVersions", "destroy", func(ctx context.Context, p *patient) error {
			bucket, err := p.bucket(ctx, p.platform)
			if err != nil || bucket == nil {
				return nil // told elsewhere
			}
			name := bucket.Name()
			_, err = p.Cloud.S3().ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &name, MaxKeys: new(int32(1))})
			return err
		}},
		{"ecr:DescribeRepositories", "apply, destroy", func(ctx context.Context, p *patient) error {
			_, err := p.Cloud.ECR().DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{})
			return err
		}},
		{"ecr:DescribeImages", "plan, apply, scan, release", func(ctx context.Context, p *patient) error {
			_, err := p.Cloud.ECR().DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: p.noRepository()})
			return err
		}},
		{"ecr:BatchGetImage", "apply, scan, release", func(ctx context.Context, p *patient) error {
			_, err := p.Cloud.ECR().BatchGetImage(ctx, &ecr.BatchGetImageInput{RepositoryName: p.noRepository(), ImageIds: []ecrtypes.ImageIdentifier{{ImageTag: new("none")}}})
			return err
		}},
		{"ecr:DescribeImageScanFindings", "apply, scan, release, verify", func(ctx context.Context, p *patient) error {
			_, err := p.Cloud.ECR().DescribeImageScanFindings(ctx, &ecr.DescribeImageScanFindingsInput{RepositoryName: p.noRepository(), ImageId: &ecrtypes.ImageIdentifier{ImageTag: new("none")}})
			return err
		}},
		{"codedeploy:ListDeploymentGroups", "release, watch", func(ctx context.Context, p *patient) error {
			if p.platform == nil || p.platform.outputs[applicationOutput] == "" {
				return nil // nothing is released
			}
			name := p.platform.outputs[applicationOutput]
			_, err := p.Cloud.CodeDeploy().ListDeploymentGroups(ctx, &codedeploy.ListDeploymentGroupsInput{ApplicationName: &name})
			return err
		}},
		{"cloudwatch:DescribeAlarms", "release, verify", func(ctx context.Context, p *patient) error {
			_, err := release.Alarms(ctx, p.signed(), []string{"alarm-none-" + p.environment.suffix})
			return err
		}},
		{"ecs:ListTaskDefinitions", "destroy", func(ctx context.Context, p *patient) error {
			_, err := p.Cloud.ECS().ListTaskDefinitions(ctx, &ecs.ListTaskDefinitionsInput{MaxResults: new(int32(1))})
			return err
		}},
		{"elasticloadbalancing:DescribeRules", "plan, apply", func(ctx context.Context, p *patient) error {
			none := fmt.Sprintf("arn:aws:elasticloadbalancing:%s:%s:listener-rule/app/none/0/0/0", p.Cloud.Region(), p.Engine.caller.Account)
			_, err := p.Cloud.ELB().DescribeRules(ctx, &elasticloadbalancingv2.DescribeRulesInput{RuleArns: []string{none}})
			return err
		}},
		{"application-autoscaling:DescribeScalableTargets", "plan, apply", func(ctx context.Context, p *patient) error {
			_, err := p.Cloud.Scaling().DescribeScalableTargets(ctx, &applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: scaling.ServiceNamespaceEcs})
			return err
		}},
		{"logs:DescribeLogGroups", "destroy, diagnose", func(ctx context.Context, p *patient) error {
			_, err := p.Cloud.Logs().DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{Limit: new(int32(1))})
			return err
		}},
		{"tag:GetResources", "destroy", func(ctx context.Context, p *patient) error {
			_, err := p.Cloud.Tagging().GetResources(ctx, &resourcegroupstaggingapi.GetResourcesInput{ResourcesPerPage: new(int32(1))})
			return err
		}},
		{"secretsmanager:ListSecrets", "destroy", func(ctx context.Context, p *patient) error {
			_, err := p.Cloud.Secrets().ListSecrets(ctx, &secretsmanager.ListSecretsInput{MaxResults: new(int32(1))})
			return err
		}},
	}
}

// noRepository is one that the environment does not have: permissions for its repositories are by their names.
func (p *patient) noRepository() *string {
	name := p.environment.repository("none")
	return &name
}

// probed is the stack that calls are tried on; permissions count before a stack's existence does.
func (p *patient) probed() *string {
	name := p.environment.platform()
	return &name
}

// permissions tries what the verbs need to read, and names what the caller may not. Other errors than that mean that it may.
func (p *patient) permissions(ctx context.Context) {
	missing, untold := 0, 0
	all := probes()
	for _, one := range all {
		err := one.call(ctx, p)
		if cloud.Transient(err) || cloud.Unsupported(err) {
			untold++
			p.note("Permission "+one.action, report.Doubtful, err.Error(), "")
		}
		if cloud.Denied(err) {
			missing++
			serious := report.Warned // who only deploys needs no permission to destroy
			if strings.Contains(one.verbs, "apply") {
				serious = report.Problem
			}
			p.note("Permission "+one.action, serious, "denied; needed by "+one.verbs, "allow "+one.action+" for "+role(p.Engine.caller.ARN))
		}
	}
	if missing == 0 {
		p.note("Permissions", report.Fine, report.Plural(len(all)-untold, "kind", "")+" of reading tried; writing is not tried", "")
	}
}

// role is the role or user in a caller's ARN: arn:aws:sts::111122223333:assumed-role/deployer/session is deployer.
func role(arn string) string {
	if parts := strings.Split(arn, "/"); len(parts) > 1 {
		return parts[1]
	}
	return arn
}
