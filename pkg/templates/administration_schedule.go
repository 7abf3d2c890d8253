package templates

import (
	"github.com/awslabs/goformation/v7/cloudformation/events"
	"github.com/awslabs/goformation/v7/cloudformation/scheduler"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// administrationSchedule is once a day at an hour of little traffic in America.
const administrationSchedule = "cron(17 8 * * ? *)"

// addSchedule runs the task every day. A start that fails is tried again for an hour, then the group's alarm fires.
func (a *administrationTier) addSchedule() {
	group := cfn.Add(a.Template, "AdministrationScheduleGroup", "Keeps the metrics of the schedule apart from others of the account",
		&scheduler.ScheduleGroup{Name: new(a.in.Name("schedules", administrationImage))})
	role := cfn.Add(a.Template, "AdministrationScheduleRole", "What the scheduler needs to start the administration task", resources.Role(resources.RoleInput{
		Name:        a.in.Name("role", "schedule"),
		Description: "Starts the administration task on schedule",
		Trust: resources.ServiceTrust("scheduler.amazonaws.com", resources.Conditions{
			"ArnEquals": {"aws:SourceArn": {group.Att("Arn")}},
		}),
		Statements: []resources.Statement{
			{
				Sid: "RunTask", Actions: []string{"ecs:RunTask"}, Resources: []string{a.taskDefinitionARN(), a.taskDefinitionARN() + ":*"},
				Conditions: resources.Conditions{"ArnEquals": {"ecs:cluster": {string(a.in.Cluster)}}},
			},
			{
				Sid: "PassTaskRoles", Actions: []string{"iam:PassRole"},
				Resources:  []string{string(resources.RoleARN(a.taskRole)), string(resources.RoleARN(a.executionRole))},
				Conditions: resources.Conditions{"StringEquals": {"iam:PassedToService": {"ecs-tasks.amazonaws.com"}}},
			},
		},
	}))
	schedule := cfn.Add(a.Template, "AdministrationSchedule", "Runs the administration task every day", &scheduler.Schedule{
		Name:                       new(a.in.Name("schedule", administrationImage)),
		Description:                new("Migrates the database and rotates the passwords that are due"),
		GroupName:                  new(group.Ref()),
		ScheduleExpression:         administrationSchedule,
		ScheduleExpressionTimezone: new("UTC"),
		FlexibleTimeWindow:         &scheduler.Schedule_FlexibleTimeWindow{Mode: "FLEXIBLE", MaximumWindowInMinutes: new(30.0)},
		Target: &scheduler.Schedule_Target{
			Arn:     string(a.in.Cluster),
			RoleArn: string(resources.RoleARN(role)),
			EcsParameters: &scheduler.Schedule_EcsParameters{
				TaskDefinitionArn: a.taskDefinitionARN(),
				LaunchType:        new(resources.Fargate),
				PlatformVersion:   new(resources.FargatePlatformVersion),
				TaskCount:         new(1.0),
				NetworkConfiguration: &scheduler.Schedule_NetworkConfiguration{AwsvpcConfiguration: &scheduler.Schedule_AwsVpcConfiguration{
					AssignPublicIp: new("DISABLED"), SecurityGroups: []string{string(a.in.Group)}, Subnets: subnetIDs(a.in.Subnets),
				}},
			},
			RetryPolicy: &scheduler.Schedule_RetryPolicy{MaximumEventAgeInSeconds: new(3600.0), MaximumRetryAttempts: new(10.0)},
		},
	})
	schedule.DependsOn(a.taskDefinition)
	cfn.Add(a.Template, "AdministrationScheduleAlarm", "Alarm on the administration task: it could not be started", resources.Alarm(resources.AlarmInput{
		Name:        a.in.Name("alarm", administrationImage, "schedule"),
		Description: "The scheduler gave up starting the administration task: passwords are not rotated. Run it with the deploy command and look at its role.",
		Topic:       a.in.Topic,
		Periods:     1, DatapointsToAlarm: 1,
		Metric: &resources.AlarmMetric{
			Namespace: "AWS/Scheduler", Name: "InvocationDroppedCount", Statistic: "Sum", PeriodSeconds: 300,
			Dimensions: []resources.AlarmDimension{{Name: "ScheduleGroup", Value: a.in.Name("schedules", administrationImage)}},
		},
	}))
}

// addFailureEvent tells the topic when the program ends with another exit code than 0, or its container never starts.
func (a *administrationTier) addFailureEvent() {
	cfn.Add(a.Template, "AdministrationFailureRule", "Tells operators when the administration task fails", &events.Rule{
		Name:        new(a.in.Name("rule", administrationImage, "failure")),
		Description: new("The administration task failed"),
		State:       new("ENABLED"),
		EventPattern: map[string]any{
			"source":      []string{"aws.ecs"},
			"detail-type": []string{"ECS Task State Change"},
			"detail": map[string]any{
				"clusterArn": []string{string(a.in.Cluster)},
				"group":      []string{"family:" + a.family()},
				"lastStatus": []string{"STOPPED"},
				"$or": []map[string]any{
					{"containers": map[string]any{"exitCode": []map[string]any{{"anything-but": 0}}}},
					{"stopCode": []string{"TaskFailedToStart"}},
				},
			},
		},
		Targets: []events.Rule_Target{{
			Id:  "Topic",
			Arn: string(a.in.Topic),
			InputTransformer: &events.Rule_InputTransformer{
				InputPathsMap: map[string]string{"reason": "$.detail.stoppedReason", "task": "$.detail.taskArn"},
				InputTemplate: `"The database administration task failed: <reason>. Task <task>. Passwords may not be rotated and migrations not applied; its log group says why."`,
			},
		}},
	})
}
