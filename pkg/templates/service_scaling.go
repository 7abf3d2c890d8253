package templates

import (
	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// addScaling declares two target tracking policies (R12): whichever wants more tasks wins, and tasks go only when both
// agree. Both work before the application has emitted anything: the running tasks, which ECS itself reports, give every
// minute a value, and what is missing counts as zero.
func (s *serviceTier) addScaling() {
	target := cfn.Add(s.Template, s.id+"ScalableTarget", "Bounds of the number of tasks of "+s.entry.Name,
		resources.ScalableService(s.Template, s.in.Cluster, resources.ServiceName(s.service), s.in.MinTasks, s.in.MaxTasks))
	cfn.Add(s.Template, s.id+"CpuScalingPolicy", "Keeps the CPU of "+s.entry.Name+" at its target",
		resources.CPUTracking(s.in.Name("scaling", s.entry.Name, "cpu"), target.Ref()))
	expression, metrics := s.scalingMetric()
	cfn.Add(s.Template, s.id+"MetricScalingPolicy", "Keeps the "+string(s.entry.Scaling.Metric)+" of "+s.entry.Name+" at its target",
		resources.MetricTracking(s.in.Name("scaling", s.entry.Name, "metric"), target.Ref(), s.entry.Scaling.Target, expression, metrics...))
}

// scalingMetric is the tracked value for each running task.
func (s *serviceTier) scalingMetric() (expression string, metrics []resources.AlarmMetric) {
	if s.entry.Scaling.Metric == RequestsPerTask {
		return "IF(tasks>0,(FILL(blue,0)+FILL(green,0))/tasks,0)",
			append(s.bothColors("RequestCount", "Sum"), s.runningTasks())
	}
	return "IF(tasks>0,FILL(backlog,0),0)", []resources.AlarmMetric{{
		ID: "backlog", Namespace: metricNamespace, Name: string(BacklogPerTask), Statistic: "Average",
		Dimensions: []resources.AlarmDimension{
			{Name: "Environment", Value: string(s.in.EnvironmentSuffix)},
			{Name: "ServiceName", Value: s.entry.Name},
		},
	}, s.runningTasks()}
}

// bothColors is a load balancer metric of both target groups, with the IDs blue and green.
func (s *serviceTier) bothColors(name, statistic string) []resources.AlarmMetric {
	metric := func(id string, group cfn.TargetGroupName) resources.AlarmMetric {
		return resources.AlarmMetric{
			ID: id, Namespace: "AWS/ApplicationELB", Name: name, Statistic: statistic,
			Dimensions: []resources.AlarmDimension{
				{Name: "LoadBalancer", Value: string(s.in.LoadBalancer)},
				{Name: "TargetGroup", Value: string(group)},
			},
		}
	}
	return []resources.AlarmMetric{metric(blue, resources.TargetGroupName(s.blueGroup)), metric(green, resources.TargetGroupName(s.greenGroup))}
}

// runningTasks is the number of tasks that run, with the ID tasks.
func (s *serviceTier) runningTasks() resources.AlarmMetric {
	return s.serviceMetric("tasks", "ECS/ContainerInsights", "RunningTaskCount", "Average")
}

func (s *serviceTier) serviceMetric(id, namespace, name, statistic string) resources.AlarmMetric {
	return resources.AlarmMetric{
		ID: id, Namespace: namespace, Name: name, Statistic: statistic,
		Dimensions: []resources.AlarmDimension{
			{Name: "ClusterName", Value: string(s.in.Cluster)},
			{Name: "ServiceName", Value: string(resources.ServiceName(s.service))},
		},
	}
}
