package resources

import (
	"github.com/awslabs/goformation/v7/cloudformation/codedeploy"

	"github.com/tierform/tierform/pkg/cfn"
)

const (
	// LinearTenMinutes shifts a tenth of the traffic each minute (R17).
	// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
	LinearTenMinutes = "CodeDeployDefault.ECSLinear10PercentEvery1Minutes"
	// TerminationWaitMinutes is how long the old tasks stay after the shift: time for an alarm, or a person, to go back.
	TerminationWaitMinutes = 10
)

// BlueGreenInput describes the deployment group of an ECS service.
type BlueGreenInput struct {
	// Name is the physical name.
	Name        string
	Application cfn.CodeDeployApplication
	Role        cfn.RoleARN
	Cluster     cfn.ClusterName
	Service     cfn.ServiceName
	// Listener is the production listener.
	Listener cfn.ListenerARN
	// BlueTargetGroup and GreenTargetGroup are the names (not full names) of the pair.
	BlueTargetGroup, GreenTargetGroup string
	// Alarms are names of alarms that stop a deployment and roll it back; at most 10.
	Alarms []string
}

// BlueGreenDeployment shifts an ECS service's traffic linearly in ten minutes and goes back on failure, on alarm and on
// request. The page of this resource type says that it is not for ECS, yet documents ECSServices and target group
// pairs, which CloudFormation accepts; the CodeDeploy hook it recommends excludes nested stacks.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codedeploy-deploymentgroup.html
func BlueGreenDeployment(in BlueGreenInput) *codedeploy.DeploymentGroup {
	group := &codedeploy.DeploymentGroup{
		ApplicationName:      string(in.Application),
		DeploymentGroupName:  new(in.Name),
		ServiceRoleArn:       string(in.Role),
		DeploymentConfigName: new(LinearTenMinutes),
		DeploymentStyle: &codedeploy.DeploymentGroup_DeploymentStyle{
			DeploymentType: new("BLUE_GREEN"), DeploymentOption: new("WITH_TRAFFIC_CONTROL"),
		},
		BlueGreenDeploymentConfiguration: &codedeploy.DeploymentGroup_BlueGreenDeploymentConfiguration{
			DeploymentReadyOption: &codedeploy.DeploymentGroup_DeploymentReadyOption{
				ActionOnTimeout: new("CONTINUE_DEPLOYMENT"), WaitTimeInMinutes: new(0),
			},
			TerminateBlueInstancesOnDeploymentSuccess: &codedeploy.DeploymentGroup_BlueInstanceTerminationOption{
				Action: new("TERMINATE"), TerminationWaitTimeInMinutes: new(TerminationWaitMinutes),
			},
		},
		AutoRollbackConfiguration: &codedeploy.DeploymentGroup_AutoRollbackConfiguration{
			Enabled: new(true),
			Events:  []string{"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"},
		},
		AlarmConfiguration: &codedeploy.DeploymentGroup_AlarmConfiguration{Enabled: new(true), IgnorePollAlarmFailure: new(false)},
		ECSServices: []codedeploy.DeploymentGroup_ECSService{
			{ClusterName: string(in.Cluster), ServiceName: string(in.Service)},
		},
		LoadBalancerInfo: &codedeploy.DeploymentGroup_LoadBalancerInfo{
			TargetGroupPairInfoList: []codedeploy.DeploymentGroup_TargetGroupPairInfo{{
				ProdTrafficRoute: &codedeploy.DeploymentGroup_TrafficRoute{ListenerArns: []string{string(in.Listener)}},
				TargetGroups:     []codedeploy.DeploymentGroup_TargetGroupInfo{{Name: new(in.BlueTargetGroup)}, {Name: new(in.GreenTargetGroup)}},
			}},
		},
	}
	for _, name := range in.Alarms {
		group.AlarmConfiguration.Alarms = append(group.AlarmConfiguration.Alarms, codedeploy.DeploymentGroup_Alarm{Name: new(name)})
	}
	return group
}
