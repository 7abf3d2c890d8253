package resources

import (
	"github.com/awslabs/goformation/v7/cloudformation/applicationautoscaling"

	"github.com/tierform/tierform/pkg/cfn"
)

// Cooldowns of target tracking: out fast, in slowly, so that a burst is met and its tail does not flap.
const (
	// ScaleOutCooldownSeconds is the pause after adding tasks.
	ScaleOutCooldownSeconds = 60
	// ScaleInCooldownSeconds is the pause after removing tasks.
	ScaleInCooldownSeconds = 300
	// CPUTargetPercent is the average CPU utilisation that scaling aims at (R12).
	CPUTargetPercent = 70
)

const (
	scalableDimension = "ecs:service:DesiredCount"
	scalableNamespace = "ecs"
)

// ScalableService lets Application Auto Scaling own the desired count of an ECS service between two bounds.
func ScalableService(t *cfn.Template, cluster cfn.ClusterName, service cfn.ServiceName, least, most cfn.Number) *applicationautoscaling.ScalableTarget {
	return &applicationautoscaling.ScalableTarget{
		ResourceId:        "service/" + string(cluster) + "/" + string(service),
		ScalableDimension: scalableDimension,
		ServiceNamespace:  scalableNamespace,
		MinCapacity:       t.Int(least),
		MaxCapacity:       t.Int(most),
	}
}

// CPUTracking keeps a service's average CPU utilisation at CPUTargetPercent. target is the Ref of the scalable target.
func CPUTracking(name, target string) *applicationautoscaling.ScalingPolicy {
	return tracking(name, target, &applicationautoscaling.ScalingPolicy_TargetTrackingScalingPolicyConfiguration{
		TargetValue: CPUTargetPercent,
		PredefinedMetricSpecification: &applicationautoscaling.ScalingPolicy_PredefinedMetricSpecification{
			PredefinedMetricType: "ECSServiceAverageCPUUtilization",
		},
	})
}

// MetricTracking keeps the value of a metric-math expression at a target. Application Auto Scaling evaluates it a minute
// at a time, whatever PeriodSeconds the metrics have.
func MetricTracking(name, target string, value float64, expression string, metrics ...AlarmMetric) *applicationautoscaling.ScalingPolicy {
	var queries []applicationautoscaling.ScalingPolicy_TargetTrackingMetricDataQuery
	for _, m := range metrics {
		queries = append(queries, trackedMetric(m))
	}
	queries = append(queries, applicationautoscaling.ScalingPolicy_TargetTrackingMetricDataQuery{
		Id: new("tracked"), Expression: new(expression), ReturnData: new(true),
	})
	return tracking(name, target, &applicationautoscaling.ScalingPolicy_TargetTrackingScalingPolicyConfiguration{
		TargetValue:                   value,
		CustomizedMetricSpecification: &applicationautoscaling.ScalingPolicy_CustomizedMetricSpecification{Metrics: queries},
	})
}

func trackedMetric(m AlarmMetric) applicationautoscaling.ScalingPolicy_TargetTrackingMetricDataQuery {
	metric := &applicationautoscaling.ScalingPolicy_TargetTrackingMetric{Namespace: new(m.Namespace), MetricName: new(m.Name)}
	for _, d := range m.Dimensions {
		metric.Dimensions = append(metric.Dimensions, applicationautoscaling.ScalingPolicy_TargetTrackingMetricDimension{Name: new(d.Name), Value: new(d.Value)})
	}
	return applicationautoscaling.ScalingPolicy_TargetTrackingMetricDataQuery{
		Id: new(m.ID), ReturnData: new(false),
		MetricStat: &applicationautoscaling.ScalingPolicy_TargetTrackingMetricStat{Metric: metric, Stat: new(m.Statistic)},
	}
}

func tracking(name, target string, c *applicationautoscaling.ScalingPolicy_TargetTrackingScalingPolicyConfiguration) *applicationautoscaling.ScalingPolicy {
	c.ScaleOutCooldown, c.ScaleInCooldown = new(ScaleOutCooldownSeconds), new(ScaleInCooldownSeconds)
	return &applicationautoscaling.ScalingPolicy{
		PolicyName:                               name,
		PolicyType:                               "TargetTrackingScaling",
		ScalingTargetId:                          new(target),
		TargetTrackingScalingPolicyConfiguration: c,
	}
}
