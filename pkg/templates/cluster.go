package templates

import (
	"github.com/awslabs/goformation/v7/cloudformation/codedeploy"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// The cluster tier: what all services run in, are found through and are released with (R3, R9, R17). It is a tier of its own
// because it is there before the first service and outlives each of them.

// ClusterInputs are what the cluster tier takes.
type ClusterInputs struct {
	Environment
	LogsKey cfn.KeyARN
	VPC     cfn.VPCID
}

// ClusterOutputs are what services are deployed into.
type ClusterOutputs struct {
	Name cfn.ClusterName
	ARN  cfn.ClusterARN
	// Namespace is the Cloud Map namespace; its name is Environment.NamespaceName.
	Namespace   cfn.NamespaceID
	Application cfn.CodeDeployApplication
}

// Cluster declares the ECS cluster, the log group of its Container Insights, the namespace and the CodeDeploy application.
func Cluster(t *cfn.Template, in ClusterInputs) ClusterOutputs {
	t.Describe("What all services share: the ECS cluster, the private DNS namespace in which they find each other, and the CodeDeploy application that releases them.")
	insights := cfn.Add(t, "ContainerInsightsLogGroup", "Takes the performance log of Container Insights", resources.LogGroup(in.ContainerInsightsLogGroup(), in.LogsKey))
	// Command execution stays off, service by service, so the cluster needs no configuration for it.
	cluster := cfn.Add(t, "Cluster", "Runs all services on Fargate", resources.Cluster(in.ClusterName()))
	cluster.DependsOn(insights)
	namespace := cfn.Add(t, "Namespace", "Private DNS domain in which services find each other", resources.PrivateNamespace(in.NamespaceName(), "Services of the payment platform", in.VPC))
	application := cfn.Add(t, "Application", "CodeDeploy application that releases the services", &codedeploy.Application{
		ApplicationName: new(in.Name("app", product)),
		ComputePlatform: new("ECS"),
	})
	return ClusterOutputs{
		Name:        resources.ClusterName(cluster),
		ARN:         resources.ClusterARN(cluster),
		Namespace:   resources.NamespaceID(namespace),
		Application: resources.ApplicationName(application),
	}
}
