package templates

import "github.com/tierform/tierform/pkg/resources"

// observability is for the tiers archive and observability, and the log groups, alarms and rules of all tiers.
func (d deployRole) observability() []resources.Statement {
	var groups []string
	for _, name := range []string{d.LogGroupName("*"), d.WAFLogGroupName(), d.ContainerInsightsLogGroup(), d.DatabaseLogGroup("*")} {
		groups = append(groups, d.in("logs", "log-group:"+name, "log-group:"+name+":*")...)
	}
	return []resources.Statement{
		{
			Sid: "ManageLogGroups",
			Actions: []string{
				"logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DeleteDataProtectionPolicy",
				"logs:DeleteLogGroup", "logs:DeleteLogStream", "logs:DeleteRetentionPolicy", "logs:DeleteSubscriptionFilter",
				"logs:DescribeLogStreams", "logs:DescribeSubscriptionFilters", "logs:DisassociateKmsKey", "logs:GetDataProtectionPolicy",
				"logs:ListTagsForResource", "logs:PutRetentionPolicy", "logs:PutSubscriptionFilter", "logs:TagResource",
				"logs:UntagResource",
			},
			Resources: groups,
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
			Resources: append(d.in("cloudwatch", "alarm:"+d.Name("alarm", "*")), d.global("cloudwatch", "dashboard/"+d.Name("dashboard", "*"))...),
		},
		{
			Sid: "DescribeAlarms", Actions: []string{"cloudwatch:DescribeAlarms"}, Resources: d.in("cloudwatch", "alarm:*"),
		},
		{
			Sid: "ManageRules",
			Actions: []string{
				"events:DeleteRule", "events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule", "events:PutRule",
				"events:PutTargets", "events:RemoveTargets", "events:TagResource", "events:UntagResource",
			},
			Resources: d.in("events", "rule/"+d.Name("rule", "*")),
		},
		{
			Sid: "ManageSchedules",
			Actions: []string{
				"scheduler:CreateSchedule", "scheduler:CreateScheduleGroup", "scheduler:DeleteSchedule", "scheduler:DeleteScheduleGroup",
				"scheduler:GetSchedule", "scheduler:GetScheduleGroup", "scheduler:ListTagsForResource", "scheduler:TagResource",
				"scheduler:UntagResource", "scheduler:UpdateSchedule",
			},
			Resources: d.in("scheduler", "schedule-group/"+d.Name("schedules", "*"), "schedule/"+d.Name("schedules", "*")+"/"+d.Name("schedule", "*")),
		},
		{
			Sid: "ManageDeliveryStreams",
			Actions: []string{
				"firehose:CreateDeliveryStream", "firehose:DeleteDeliveryStream", "firehose:DescribeDeliveryStream",
				"firehose:ListTagsForDeliveryStream", "firehose:StartDeliveryStreamEncryption", "firehose:StopDeliveryStreamEncryption",
				"firehose:TagDeliveryStream", "firehose:UntagDeliveryStream", "firehose:UpdateDestination",
			},
			Resources: d.in("firehose", "deliverystream/"+d.Name("stream", "*")),
		},
		{
			Sid: "ManageTrails",
			Actions: []string{
				"cloudtrail:AddTags", "cloudtrail:CreateTrail", "cloudtrail:DeleteTrail", "cloudtrail:GetEventConfiguration",
				"cloudtrail:GetEventSelectors", "cloudtrail:GetInsightSelectors", "cloudtrail:GetTrail", "cloudtrail:GetTrailStatus",
				"cloudtrail:ListTags", "cloudtrail:PutEventSelectors", "cloudtrail:PutInsightSelectors", "cloudtrail:RemoveTags",
				"cloudtrail:StartLogging", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail",
			},
			Resources: d.in("cloudtrail", "trail/"+d.TrailName()),
		},
		{
			Sid: "DescribeTrails", AnyResource: "describing trails has no resources", Actions: []string{"cloudtrail:DescribeTrails"},
		},
	}
}
