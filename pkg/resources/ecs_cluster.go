package resources

import (
	"github.com/awslabs/goformation/v7/cloudformation/ecs"
)

// Cluster is an ECS cluster on Fargate with Container Insights in its enhanced form: metrics down to the container. Tasks
// without a strategy of their own run on Fargate, never on Spot.
//
// Container Insights writes to /aws/ecs/containerinsights/<name>/performance and creates that group without key and
// retention when it is missing: create it first and make the cluster depend on it.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/deploy-container-insights-ECS-cluster.html
func Cluster(name string) *ecs.Cluster {
	return &ecs.Cluster{
		ClusterName:       new(name),
		ClusterSettings:   []ecs.Cluster_ClusterSettings{{Name: new("containerInsights"), Value: new("enhanced")}},
		CapacityProviders: []string{Fargate, FargateSpot},
		DefaultCapacityProviderStrategy: []ecs.Cluster_CapacityProviderStrategyItem{
			{CapacityProvider: new(Fargate), Weight: new(1)},
		},
	}
}
