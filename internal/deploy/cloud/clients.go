package cloud

import (
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// clients are made when first used: most commands need three of them.
type clients struct {
	formation onceOf[*cloudformation.Client]
	storage   onceOf[*s3.Client]
	identity  onceOf[*sts.Client]
	registry  onceOf[*ecr.Client]
	container onceOf[*ecs.Client]
	balancing onceOf[*elasticloadbalancingv2.Client]
	scaling   onceOf[*applicationautoscaling.Client]
	logs      onceOf[*cloudwatchlogs.Client]
	tagging   onceOf[*resourcegroupstaggingapi.Client]
	secrets   onceOf[*secretsmanager.Client]
	releases  onceOf[*codedeploy.Client]
}

type onceOf[T any] struct {
	once  sync.Once
	value T
}

func (o *onceOf[T]) get(make func() T) T {
	o.once.Do(func() { o.value = make() })
	return o.value
}

// CloudFormation is the client of AWS CloudFormation.
func (c *Cloud) CloudFormation() *cloudformation.Client {
	return c.formation.get(func() *cloudformation.Client { return cloudformation.NewFromConfig(c.config) })
}

// S3 is the client of Amazon S3. Addresses are path-style, as emulators need and AWS takes.
func (c *Cloud) S3() *s3.Client {
	return c.storage.get(func() *s3.Client {
		return s3.NewFromConfig(c.config, func(o *s3.Options) { o.UsePathStyle = true })
	})
}

// STS is the client of AWS Security Token Service.
func (c *Cloud) STS() *sts.Client {
	return c.identity.get(func() *sts.Client { return sts.NewFromConfig(c.config) })
}

// ECR is the client of Amazon Elastic Container Registry.
func (c *Cloud) ECR() *ecr.Client {
	return c.registry.get(func() *ecr.Client { return ecr.NewFromConfig(c.config) })
}

// ECS is the client of Amazon Elastic Container Service.
func (c *Cloud) ECS() *ecs.Client {
	return c.container.get(func() *ecs.Client { return ecs.NewFromConfig(c.config) })
}

// ELB is the client of Elastic Load Balancing.
func (c *Cloud) ELB() *elasticloadbalancingv2.Client {
	return c.balancing.get(func() *elasticloadbalancingv2.Client { return elasticloadbalancingv2.NewFromConfig(c.config) })
}

// Scaling is the client of Application Auto Scaling.
func (c *Cloud) Scaling() *applicationautoscaling.Client {
	return c.scaling.get(func() *applicationautoscaling.Client { return applicationautoscaling.NewFromConfig(c.config) })
}

// Logs is the client of Amazon CloudWatch Logs.
func (c *Cloud) Logs() *cloudwatchlogs.Client {
	return c.logs.get(func() *cloudwatchlogs.Client { return cloudwatchlogs.NewFromConfig(c.config) })
}

// Tagging is the client of the Resource Groups Tagging API.
func (c *Cloud) Tagging() *resourcegroupstaggingapi.Client {
	return c.tagging.get(func() *resourcegroupstaggingapi.Client { return resourcegroupstaggingapi.NewFromConfig(c.config) })
}

// Secrets is the client of AWS Secrets Manager. It is asked about names and states, never for values.
func (c *Cloud) Secrets() *secretsmanager.Client {
	return c.secrets.get(func() *secretsmanager.Client { return secretsmanager.NewFromConfig(c.config) })
}

// CodeDeploy is the client of AWS CodeDeploy.
func (c *Cloud) CodeDeploy() *codedeploy.Client {
	return c.releases.get(func() *codedeploy.Client { return codedeploy.NewFromConfig(c.config) })
}
