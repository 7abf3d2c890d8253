package templates

import "github.com/tierform/tierform/pkg/resources"

// containers is for the tiers cluster, service and administration.
func (d deployRole) containers() []resources.Statement {
	return []resources.Statement{
		{
			Sid: "ManageECS",
			Actions: []string{
				"ecs:CreateCluster", "ecs:CreateService", "ecs:DeleteCluster", "ecs:DeleteService", "ecs:DescribeClusters",
				"ecs:DescribeServiceDeployments", "ecs:DescribeServices", "ecs:ListServiceDeployments", "ecs:ListTagsForResource",
				"ecs:PutClusterCapacityProviders", "ecs:RegisterTaskDefinition", "ecs:TagResource", "ecs:UntagResource",
				"ecs:UpdateCluster", "ecs:UpdateClusterSettings", "ecs:UpdateService",
			},
			Resources: d.in("ecs", "cluster/"+d.ClusterName(), "service-deployment/"+d.ClusterName()+"/*", "service/"+d.ClusterName()+"/*",
				"task-definition/"+d.Name("task", "*")+":*"),
		},
		{
			Sid: "OldTaskDefinitions", AnyResource: "ECS checks these two actions without a resource",
			Actions: []string{"ecs:DeregisterTaskDefinition", "ecs:DescribeTaskDefinition"},
		},
		{
			Sid: "CreateNamespace", AnyResource: "Cloud Map and Route 53 have no resources for these actions; an operation is none",
			Actions: []string{
				"route53:CreateHostedZone", "servicediscovery:CreatePrivateDnsNamespace", "servicediscovery:GetOperation",
				"servicediscovery:ListServices", "servicediscovery:ListTagsForResource", "servicediscovery:TagResource",
				"servicediscovery:UntagResource",
			},
		},
		{
			// Cloud Map gives namespaces and services IDs.
			Sid: "ManageDiscovery",
			Actions: []string{
				"servicediscovery:CreateService", "servicediscovery:DeleteNamespace", "servicediscovery:DeleteService",
				"servicediscovery:DeleteServiceAttributes", "servicediscovery:GetNamespace", "servicediscovery:GetService",
				"servicediscovery:GetServiceAttributes", "servicediscovery:UpdatePrivateDnsNamespace", "servicediscovery:UpdateService",
				"servicediscovery:UpdateServiceAttributes",
			},
			Resources: d.in("servicediscovery", "namespace/*", "service/*"),
		},
		{
			// A namespace takes its hosted zone with it. Route 53 refuses for zones that still hold records.
			// https://docs.aws.amazon.com/cloud-map/latest/dg/cloud-map-api-permissions-ref.html
			Sid: "DeleteZone", Actions: []string{"route53:DeleteHostedZone"}, Resources: hostedZones(),
		},
		{
			Sid: "ManageCodeDeploy",
			Actions: []string{
				"codedeploy:CreateApplication", "codedeploy:CreateDeploymentGroup", "codedeploy:DeleteApplication",
				"codedeploy:DeleteDeploymentGroup", "codedeploy:GetApplication", "codedeploy:GetDeployment", "codedeploy:GetDeploymentConfig",
				"codedeploy:GetDeploymentGroup", "codedeploy:ListDeployments", "codedeploy:ListTagsForResource", "codedeploy:TagResource",
				"codedeploy:UntagResource", "codedeploy:UpdateDeploymentGroup",
			},
			Resources: d.in("codedeploy", "application:"+d.Name("app", "*"), "deploymentconfig:CodeDeployDefault.*",
				"deploymentgroup:"+d.Name("app", "*")+"/*"),
		},
		{
			Sid: "DescribeScaling", AnyResource: "Application Auto Scaling's Describe actions have no resources; metrics have no ARN",
			Actions: []string{
				"application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies",
				"application-autoscaling:DescribeScheduledActions", "cloudwatch:GetMetricData",
			},
		},
		{
			Sid: "ManageScaling",
			Actions: []string{
				"application-autoscaling:DeleteScalingPolicy", "application-autoscaling:DeregisterScalableTarget",
				"application-autoscaling:PutScalingPolicy", "application-autoscaling:RegisterScalableTarget",
			},
			Resources:  d.in("application-autoscaling", "scalable-target/*"),
			Conditions: resources.Conditions{"StringEquals": {"application-autoscaling:service-namespace": {"ecs"}}},
		},
		{
			Sid: "TagScaling",
			Actions: []string{
				"application-autoscaling:ListTagsForResource", "application-autoscaling:TagResource", "application-autoscaling:UntagResource",
			},
			Resources: d.in("application-autoscaling", "scalable-target/*"),
		},
		{
			// Target tracking makes alarms under names of its own.
			// https://docs.aws.amazon.com/autoscaling/application/userguide/auth-and-access-control.html
			Sid: "ScalingAlarms", Actions: []string{"cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"},
			Resources: d.in("cloudwatch", "alarm:TargetTracking-service/"+d.ClusterName()+"/*"),
		},
	}
}
