package templates

import (
	"strconv"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// addDeploymentGroup declares how a release of the service shifts its traffic, and the role CodeDeploy does it with (R17).
func (s *serviceTier) addDeploymentGroup() {
	role := cfn.Add(s.Template, s.id+"DeploymentRole", "What CodeDeploy needs to release "+s.entry.Name, resources.Role(resources.RoleInput{
		Name:        s.in.Name("role", "codedeploy", s.entry.Name),
		Description: "CodeDeploy releases " + s.entry.Name,
		Trust:       codeDeployTrust(),
		Statements:  s.deploymentStatements(),
	}))
	cfn.Add(s.Template, s.id+"DeploymentGroup", "Shifts the traffic of "+s.entry.Name+" to a new revision in ten minutes", resources.BlueGreenDeployment(resources.BlueGreenInput{
		Name:             s.in.Name("deployment", s.entry.Name),
		Application:      s.in.Application,
		Role:             resources.RoleARN(role),
		Cluster:          s.in.Cluster,
		Service:          resources.ServiceName(s.service),
		Listener:         s.in.Listener,
		BlueTargetGroup:  s.blueGroup.Att("TargetGroupName"),
		GreenTargetGroup: s.greenGroup.Att("TargetGroupName"),
		Alarms:           s.rollbackAlarms,
	}))
}

// codeDeployTrust has no source condition: CodeDeploy does not document that it sends one when it assumes the role.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html
func codeDeployTrust() resources.Document {
	return resources.Policy(resources.Statement{
		Sid: "Assume", Principals: resources.Principals{Service: []string{"codedeploy.amazonaws.com"}}, Actions: []string{"sts:AssumeRole"},
		Exempt: "CodeDeploy does not document that it sends a source account or ARN when it assumes its role",
	})
}

// deploymentStatements are the managed policy AWSCodeDeployRoleForECS narrowed to this service: no hooks, no revisions in
// S3, no notifications of CodeDeploy's own.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCodeDeployRoleForECS.html
func (s *serviceTier) deploymentStatements() []resources.Statement {
	ecsARN := func(kind string) string {
		return "arn:" + cfn.Partition + ":ecs:" + cfn.Region + ":" + cfn.AccountID + ":" + kind + "/" + string(s.in.Cluster)
	}
	service := ecsARN("service") + "/" + s.in.Name("service", s.entry.Name)
	return []resources.Statement{
		{
			Sid:       "ReadAndSwitchService",
			Actions:   []string{"ecs:DescribeServices", "ecs:UpdateServicePrimaryTaskSet"},
			Resources: []string{service},
		},
		{
			Sid:         "CreateTaskSet",
			Actions:     []string{"ecs:CreateTaskSet"},
			AnyResource: "A task set has no ARN before it exists; the condition holds it to the cluster",
			Conditions:  resources.Conditions{"ArnEquals": {"ecs:cluster": {ecsARN("cluster")}}},
		},
		{
			Sid:       "DeleteTaskSet",
			Actions:   []string{"ecs:DeleteTaskSet"},
			Resources: []string{ecsARN("task-set") + "/" + s.in.Name("service", s.entry.Name) + "/*"},
		},
		{
			Sid: "ReadLoadBalancer",
			Actions: []string{
				"elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules",
				"elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
			},
			AnyResource: "Elastic Load Balancing has no resource-level permissions for reading",
		},
		{
			Sid:       "ShiftTraffic",
			Actions:   []string{"elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule"},
			Resources: []string{string(s.in.Listener), s.rule.Ref()},
		},
		{
			Sid:       "ReadAlarms",
			Actions:   []string{"cloudwatch:DescribeAlarms"},
			Resources: []string{"arn:" + cfn.Partition + ":cloudwatch:" + cfn.Region + ":" + cfn.AccountID + ":alarm:*"},
		},
		{
			Sid:        "StartTasksWithTheirRoles",
			Actions:    []string{"iam:PassRole"},
			Resources:  []string{string(resources.RoleARN(s.taskRole)), string(resources.RoleARN(s.executionRole))},
			Conditions: resources.Conditions{"StringEquals": {"iam:PassedToService": {"ecs-tasks.amazonaws.com"}}},
		},
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
