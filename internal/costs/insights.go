package costs

import "github.com/tierform/tierform/pkg/checks"

// How many metrics Container Insights with enhanced observability keeps of Fargate tasks in a VPC, counted from the table of
// metrics and dimensions in the Amazon CloudWatch User Guide, "Amazon ECS Container Insights with enhanced observability
// metrics". 16 metrics of tasks and 7 of containers each have the dimensions cluster, service, task definition family, task
// of the service and task of the family; a container with a health check has one more.
const (
	taskMetrics      = 16
	containerMetrics = 7
	serviceMetrics   = 5 // tasks desired, pending and running, deployments, task sets
	clusterMetrics   = taskMetrics + containerMetrics + 1 + 2
)

// observed tells how Container Insights is set for a cluster.
func (r *reckoning) observed(cluster *checks.Resource) string {
	for _, setting := range cluster.At("ClusterSettings").List() {
		if setting.At("Name").String() == "containerInsights" {
			return setting.At("Value").String()
		}
	}
	return ""
}

// cluster is free but for the metrics of Container Insights.
func (r *reckoning) cluster(cluster *checks.Resource) {
	switch r.observed(cluster) {
	case "enhanced":
		r.fixed(cluster, "container-insights", clusterMetrics)
	case "enabled":
		r.unpriced(cluster, "the metrics of Container Insights without enhanced observability are not counted")
	default:
		r.free(cluster, "its tasks are charged")
	}
}

// insights are the metrics of a service: some for itself and its containers, the others for each task.
func (r *reckoning) insights(service *checks.Resource, size taskSize, least, average float64) {
	cluster := r.world.Find(service.At("Cluster"))
	if cluster == nil || r.observed(cluster) != "enhanced" {
		return
	}
	containers := containerMetrics*size.containers + size.checked
	r.fixed(service, "container-insights", serviceMetrics+2*(taskMetrics+containers)*(1+least))
	r.variable(service, "container-insights", 2*(taskMetrics+containers)*(average-least))
}
