package templates

import (
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/ecs"
	"github.com/awslabs/goformation/v7/cloudformation/elasticloadbalancingv2"
	"github.com/awslabs/goformation/v7/cloudformation/iam"
	"github.com/awslabs/goformation/v7/cloudformation/logs"
	"github.com/awslabs/goformation/v7/cloudformation/secretsmanager"
	"github.com/awslabs/goformation/v7/cloudformation/servicediscovery"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// One microservice, whole, in one template: what its owner reads, changes and releases (R4 to R7, R9, R10, R12 to R17).
// Every service has the same template; what differs is its catalogue entry.

// The two colours of a blue/green deployment.
const (
	blue  = "blue"
	green = "green"
)

// serviceTimeout fails a service's stack when its tasks do not become steady, long before ECS gives up after three hours.
const serviceTimeout cfn.TimeoutMinutes = 30

// ServiceInputs are what a service's template takes.
type ServiceInputs struct {
	Environment
	// Service is the catalogue entry; Config tells about the services it calls.
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
	t.Describe("Microservice " + in.Service.Name + ": " + in.Service.Description)
	s := &serviceTier{Template: t, in: in, entry: in.Service, id: logicalID(in.Service.Name)}
	s.addLogGroup()
	s.addSecrets()
	s.addRoles()
	s.addSecretPolicies()
	s.addTaskDefinition()
	s.addDiscovery()
	s.addRouting()
	s.addService()
	s.addScaling()
	s.addAlarms()
	s.addDeploymentGroup()
	return s.outputs()
}

// serviceTier is a service's template in the making: each step uses what the steps before it declared.
type serviceTier struct {
	*cfn.Template
	in    ServiceInputs
	entry Service
	id    string // stem of the logical IDs

	logGroup       cfn.Resource[*logs.LogGroup]
	secrets        []serviceSecret
	taskRole       cfn.Resource[*iam.Role]
	executionRole  cfn.Resource[*iam.Role]
	taskDefinition cfn.Resource[*ecs.TaskDefinition]
	discovery      cfn.Resource[*servicediscovery.Service]
	blueGroup      cfn.Resource[*elasticloadbalancingv2.TargetGroup]
	greenGroup     cfn.Resource[*elasticloadbalancingv2.TargetGroup]
	rule           cfn.Resource[*elasticloadbalancingv2.ListenerRule]
	service        cfn.Resource[*ecs.Service]
	rollbackAlarms []string
}

// serviceSecret is a secret of the service and how its containers see it.
type serviceSecret struct {
	resource cfn.Resource[*secretsmanager.Secret]
	// variables maps environment variables to keys of the secret.
	variables map[string]string
	database  bool
}

func (s *serviceTier) addLogGroup() {
	s.logGroup = cfn.Add(s.Template, s.id+"LogGroup", "Log of all containers of "+s.entry.Name,
		resources.LogGroup(s.in.LogGroupName(s.entry.Name), s.in.LogsKey))
}

// databaseUser is the database role of a service.
func databaseUser(service string) string { return strings.ReplaceAll(service, "-", "_") }

// environmentVariable names a variable after something in kebab-case.
func environmentVariable(name, suffix string) string {
	return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) + suffix
}

func (s *serviceTier) outputs() ServiceOutputs {
	out := ServiceOutputs{
		Service:          resources.ServiceName(s.service),
		LogGroup:         resources.LogGroupName(s.logGroup),
		BlueTargetGroup:  resources.TargetGroupName(s.blueGroup),
		GreenTargetGroup: resources.TargetGroupName(s.greenGroup),
	}
	for _, secret := range s.secrets {
		if secret.database {
			out.DatabaseSecret = resources.SecretARN(secret.resource)
		}
	}
	return out
}
