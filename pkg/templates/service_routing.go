package templates

import (
	"github.com/awslabs/goformation/v7/cloudformation/ecs"
	"github.com/awslabs/goformation/v7/cloudformation/elasticloadbalancingv2"
	"github.com/awslabs/goformation/v7/cloudformation/servicediscovery"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// discoveryTTLSeconds is how long callers may remember the address of a task.
const discoveryTTLSeconds = 10

// addDiscovery registers the tasks under the service's name in the namespace (R9). ECS reports their health; the
// threshold is deprecated and always 1, but drift detection misses it when it is left out.
func (s *serviceTier) addDiscovery() {
	s.discovery = cfn.Add(s.Template, s.id+"DiscoveryService", "DNS name under which other services find "+s.entry.Name, &servicediscovery.Service{
		Name:        new(s.entry.Name),
		Description: new("Tasks of " + s.entry.Name),
		DnsConfig: &servicediscovery.Service_DnsConfig{
			NamespaceId:   new(string(s.in.Namespace)),
			RoutingPolicy: new("MULTIVALUE"),
			DnsRecords:    []servicediscovery.Service_DnsRecord{{Type: "A", TTL: discoveryTTLSeconds}},
		},
		HealthCheckCustomConfig: &servicediscovery.Service_HealthCheckCustomConfig{FailureThreshold: new(1.0)},
	})
}

// addRouting declares the two target groups and the rule that sends the service's paths to the active one.
//
// CodeDeploy rewrites the weights while it shifts traffic and leaves them so. CloudFormation compares templates, not
// the live rule: it rewrites the rule only when ActiveColor changes here, which the deploy command does after a release,
// to the colour that is live already. Both groups stand in the rule so that deleting the stack deletes it before them.
func (s *serviceTier) addRouting() {
	s.blueGroup = s.addTargetGroup("Blue", blue)
	s.greenGroup = s.addTargetGroup("Green", green)
	s.rule = cfn.Add(s.Template, s.id+"ListenerRule", "Sends the paths of "+s.entry.Name+" to its active colour", &elasticloadbalancingv2.ListenerRule{
		ListenerArn: new(string(s.in.Listener)),
		Priority:    s.entry.Priority,
		Conditions:  s.ruleConditions(),
		Actions: []elasticloadbalancingv2.ListenerRule_Action{{
			Type: "forward",
			ForwardConfig: &elasticloadbalancingv2.ListenerRule_ForwardConfig{
				TargetGroups: []elasticloadbalancingv2.ListenerRule_TargetGroupTuple{
					{TargetGroupArn: new(string(resources.TargetGroupARN(s.blueGroup)))},
					{TargetGroupArn: new(string(resources.TargetGroupARN(s.greenGroup)))},
				},
			},
		}},
	})
	blueIsActive := s.Condition("BlueIsActive", cfn.Equals(string(s.in.ActiveColor), blue))
	s.rule.Patch("Actions[0].ForwardConfig.TargetGroups[0].Weight", cfn.IfValue(blueIsActive, 100, 0))
	s.rule.Patch("Actions[0].ForwardConfig.TargetGroups[1].Weight", cfn.IfValue(blueIsActive, 0, 100))
}

func (s *serviceTier) addTargetGroup(colorID, color string) cfn.Resource[*elasticloadbalancingv2.TargetGroup] {
	return cfn.Add(s.Template, s.id+colorID+"TargetGroup", "Tasks of "+s.entry.Name+" in the "+color+" colour", resources.TargetGroup(resources.TargetGroupInput{
		Name:                  s.in.Name("tg", s.entry.ShortName, color),
		VPC:                   s.in.VPC,
		Port:                  ContainerPort,
		HealthPath:            healthPath,
		DeregistrationSeconds: deregistrationSeconds,
	}))
}

// ruleConditions match the service's paths; a service that is not public answers the operators' addresses only (R7).
func (s *serviceTier) ruleConditions() []elasticloadbalancingv2.ListenerRule_RuleCondition {
	conditions := []elasticloadbalancingv2.ListenerRule_RuleCondition{{
		Field:             new("path-pattern"),
		PathPatternConfig: &elasticloadbalancingv2.ListenerRule_PathPatternConfig{Values: s.entry.Paths},
	}}
	if !s.entry.Public {
		conditions = append(conditions, elasticloadbalancingv2.ListenerRule_RuleCondition{
			Field:          new("source-ip"),
			SourceIpConfig: &elasticloadbalancingv2.ListenerRule_SourceIpConfig{Values: []string{string(s.in.OperatorsCIDR)}},
		})
	}
	return conditions
}

// addService declares the ECS service. With the CODE_DEPLOY controller ECS refuses most changes of it, so what others own
// is left out or fixed: the task definition is named by family (CodeDeploy moves revisions), the desired count is absent
// (scaling owns it), the target group is the colour of the first deployment for ever.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
func (s *serviceTier) addService() {
	s.service = cfn.Add(s.Template, s.id+"Service", "Runs "+s.entry.Name, &ecs.Service{
		ServiceName:              new(s.in.Name("service", s.entry.Name)),
		Cluster:                  new(string(s.in.Cluster)),
		TaskDefinition:           new(s.family()),
		DeploymentController:     &ecs.Service_DeploymentController{Type: new("CODE_DEPLOY")},
		SchedulingStrategy:       new("REPLICA"),
		PlatformVersion:          new(resources.FargatePlatformVersion),
		CapacityProviderStrategy: resources.CapacityProviderStrategy(s.entry.Capacity.OnDemandBase, s.entry.Capacity.SpotShare),
		NetworkConfiguration: &ecs.Service_NetworkConfiguration{AwsvpcConfiguration: &ecs.Service_AwsVpcConfiguration{
			AssignPublicIp: new("DISABLED"),
			SecurityGroups: []string{string(s.in.Group)},
			Subnets:        subnetIDs(s.in.Subnets),
		}},
		LoadBalancers: []ecs.Service_LoadBalancer{{
			ContainerName: new(applicationContainer), ContainerPort: new(ContainerPort),
			TargetGroupArn: new(string(resources.TargetGroupARN(s.blueGroup))),
		}},
		HealthCheckGracePeriodSeconds: new(60),
		ServiceRegistries:             []ecs.Service_ServiceRegistry{{RegistryArn: new(s.discovery.Att("Arn"))}},
		EnableECSManagedTags:          new(true),
		EnableExecuteCommand:          new(false),
	})
	// The family names the task definition without referring to it; the rule attaches the target group to the load
	// balancer, without which ECS refuses the service.
	s.service.DependsOn(s.taskDefinition, s.rule)
}

func subnetIDs(subnets cfn.Zoned[cfn.SubnetID]) []string {
	var ids []string
	for _, id := range subnets {
		ids = append(ids, string(id))
	}
	return ids
}
