package templates

import (
	"time"

	"github.com/tierform/tierform/pkg/cfn"
)

// The two colours of a blue/green deployment.
const (
	blue  = "blue"
	green = "green"
)

// serviceTimeout fails a service's stack when its tasks do not become steady, long before ECS gives up after three hours.
const serviceTimeout cfn.TimeoutMinutes = cfn.TimeoutMinutes(30 * time.Minute / time.Minute)

// ServiceInputs are what a service's template takes.
type ServiceInputs struct {
	Environment
	Config  Config
	Service Service
	// Ready makes the service wait for the way out.
	Ready   cfn.After
	Timeout cfn.TimeoutMinutes
	LogsKey cfn.KeyARN
	// SecretsKey encrypts the service's secrets, if it has any.
	SecretsKey cfn.KeyARN `cfn:"optional"`
	Topic      cfn.TopicARN
	VPC        cfn.VPCID
	// Subnets are the private subnets.
	Subnets cfn.Zoned[cfn.SubnetID]
	Group   cfn.SecurityGroupID
	// DatabaseEndpoint is the writer's host name, if the service uses the database.
	DatabaseEndpoint cfn.HostName `cfn:"optional"`
	Cluster          cfn.ClusterName
	Namespace        cfn.NamespaceID
	Application      cfn.CodeDeployApplication
	Listener         cfn.ListenerARN
	LoadBalancer     cfn.LoadBalancerName
	// OperatorsCIDR is who may reach a service that is not public (a root parameter).
	OperatorsCIDR cfn.CIDR `cfn:"optional"`
	// Digests of the images, the colour that takes production traffic, and the bounds of the number of tasks (root
	// parameters).
	ImageDigest, EnvoyDigest, CollectorDigest cfn.Text
	ActiveColor                               cfn.Text
	MinTasks, MaxTasks                        cfn.Number
}

// ServiceOutputs are what other tiers use of a service.
type ServiceOutputs struct {
	// Service is the ECS service's name.
	Service cfn.ServiceName
	// DatabaseSecret holds the credentials of the service's database role, if it has one.
	DatabaseSecret cfn.SecretARN `cfn:"optional"`
	// LogGroup takes the containers' logs, an audit stream.
	LogGroup                          cfn.LogGroupName
	BlueTargetGroup, GreenTargetGroup cfn.TargetGroupName
}

// DeployedService declares one microservice.
func DeployedService(t *cfn.Template, in ServiceInputs) ServiceOutputs {
	t.Describe(in.Service.Description)
	return ServiceOutputs{}
}
