package templates

import "github.com/tierform/tierform/pkg/resources"

// observability is for the tiers archive and observability, and the log groups, alarms and rules of all tiers.
func (d deployRole) observability() []resources.Statement {
	own := d.own()
	groups := []string{own, d.ContainerInsightsLogGroup(), d.DatabaseLogGroup("*")}
	for _, group := range groups[:len(groups):len(groups)] {
		groups = append(groups, group+":*")
	}
	for i, group := range groups {
		groups[i] = "log-group:" + group
	}
	return []resources.Statement{
		{
			Sid: "ManageLogGroups",
			Actions: []string{
				"logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DeleteLogGroup", "logs:DeleteLogStream",
				"logs:DeleteMetricFilter", "logs:DeleteRetentionPolicy", "logs:DeleteSubscriptionFilter", "logs:DescribeLogStreams",
				"logs:DescribeMetricFilters", "logs:DescribeSubscriptionFilters", "logs:DisassociateKmsKey", "logs:GetDataProtectionPolicy",
				"logs:ListTagsForResource", "logs:PutMetricFilter", "logs:PutRetentionPolicy", "logs:PutSubscriptionFilter",
				"logs:TagResource", "logs:UntagResource",
			},
			Resources: d.in("logs", groups...),
		},
		{
			// WAF and flow logs register their deliveries.
			// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
			Sid: "LogDeliveries", AnyResource: "deliveries, resource policies and listings of log groups have no resources",
			Actions: []string{
				"logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DeleteResourcePolicy", "logs:DescribeIndexPolicies",
				"logs:DescribeLogGroups", "logs:DescribeResourcePolicies", "logs:PutResourcePolicy",
			},
		},
		{
			Sid: "ManageAlarms",
			Actions: []string{
				"cloudwatch:DeleteAlarms", "cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:ListTagsForResource",
				"cloudwatch:PutDashboard", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource",
			},
			Resources: append(d.in("cloudwatch", "alarm:"+own), d.global("cloudwatch", "dashboard/"+own)...),
		},
		{
			// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
			Sid: "CompositeAlarms", AnyResource: "CloudWatch refuses composite alarms to permissions with a narrower scope",
			Actions: []string{"cloudwatch:DescribeAlarms", "cloudwatch:PutCompositeAlarm"},
		},
		{
			Sid: "ManageRules",
			Actions: []string{
				"events:DeleteRule", "events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule", "events:PutRule",
				"events:PutTargets", "events:RemoveTargets", "events:TagResource", "events:UntagResource",
			},
			Resources: d.in("events", "rule/"+own),
		},
		{
			Sid: "ManageSchedules",
			Actions: []string{
				"scheduler:CreateSchedule", "scheduler:CreateScheduleGroup", "scheduler:DeleteSchedule", "scheduler:DeleteScheduleGroup",
				"scheduler:GetSchedule", "scheduler:GetScheduleGroup", "scheduler:ListTagsForResource", "scheduler:TagResource",
				"scheduler:UntagResource", "scheduler:UpdateSchedule",
			},
			Resources: d.in("scheduler", "schedule-group/"+own, "schedule/"+own),
		},
		{
			Sid: "ManageDeliveryStreams",
			Actions: []string{
				"firehose:CreateDeliveryStream", "firehose:DeleteDeliveryStream", "firehose:DescribeDeliveryStream",
				"firehose:ListTagsForDeliveryStream", "firehose:StartDeliveryStreamEncryption", "firehose:StopDeliveryStreamEncryption",
				"firehose:TagDeliveryStream", "firehose:UntagDeliveryStream", "firehose:UpdateDestination",
			},
			Resources: d.in("firehose", "deliverystream/"+own),
		},
		{
			Sid: "ManageTrails",
			Actions: []string{
				"cloudtrail:AddTags", "cloudtrail:CreateTrail", "cloudtrail:DeleteTrail", "cloudtrail:GetEventConfiguration",
				"cloudtrail:GetEventSelectors", "cloudtrail:GetInsightSelectors", "cloudtrail:GetTrail", "cloudtrail:GetTrailStatus",
				"cloudtrail:ListTags", "cloudtrail:PutEventSelectors", "cloudtrail:PutInsightSelectors", "cloudtrail:RemoveTags",
				"cloudtrail:StartLogging", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail",
			},
			Resources: d.in("cloudtrail", "trail/"+own),
		},
		{
			Sid: "DescribeTrails", AnyResource: "describing trails has no resources", Actions: []string{"cloudtrail:DescribeTrails"},
		},
	}
}
