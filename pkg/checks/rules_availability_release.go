package checks

import (
	"slices"
	"strings"
)

// eachDeployment runs a judgement over the deployment groups for ECS services.
func eachDeployment(w *World, l *Looking, judge func(group *Resource)) {
	for _, group := range w.OfType("AWS::CodeDeploy::DeploymentGroup") {
		if group.At("ECSServices").Exists() {
			l.Look()
			judge(group)
		}
	}
}

func checkReleasable(w *World, l *Looking) {
	for _, s := range w.Operations().Services {
		l.Look()
		controller := s.Resource.At("DeploymentController.Type")
		switch {
		case controller.String() != "CODE_DEPLOY":
			l.Fail(s.Resource, "DeploymentController.Type", controller, "CODE_DEPLOY", "Let CodeDeploy release the service")
		case s.Deployment == nil:
			l.FailText(s.Resource, "", "no deployment group names the service", "a deployment group", "Add an AWS::CodeDeploy::DeploymentGroup for it")
		case s.Deployment.Maybe != "":
			l.Unsure(s.Deployment, "", "a deployment group", s.Deployment.Maybe)
		default:
			checkPair(w, l, s)
		}
	}
}

func checkPair(w *World, l *Looking, s *ScaledService) {
	const info = "LoadBalancerInfo.TargetGroupPairInfoList"
	group := s.Deployment
	for property, needed := range map[string]string{"DeploymentType": "BLUE_GREEN", "DeploymentOption": "WITH_TRAFFIC_CONTROL"} {
		if v := group.At("DeploymentStyle." + property); v.String() != needed {
			l.Fail(group, "DeploymentStyle."+property, v, needed, "Shift traffic between two sets of tasks")
		}
	}
	checkApplication(w, l, group)
	pairs := group.At(info)
	why := pairs.anyUnknown()
	switch {
	case why != "":
		l.Unsure(group, info, "two target groups", why)
	case len(s.Groups) != 2 || len(pairs.List()) != 1 || len(pairs.At("[0].TargetGroups").List()) != 2:
		l.Fail(group, info, pairs, "a pair of target groups, one of them the service's", "Name the blue and the green target group")
	case len(pairs.At("[0].ProdTrafficRoute.ListenerArns").List()) != 1:
		l.Fail(group, info+"[0].ProdTrafficRoute", pairs.At("[0].ProdTrafficRoute"), "the production listener", "Name the listener whose rules are shifted")
	}
	for _, color := range s.Groups {
		if !slices.Contains(s.forwarded, color) {
			l.FailText(color, "", "no listener rule forwards to it", "a listener rule with both target groups", "Put both, with weights, into the rule's ForwardConfig")
		}
	}
}

// checkApplication wants an application of ECS: without a platform CodeDeploy takes Server.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateApplication.html
func checkApplication(w *World, l *Looking, group *Resource) {
	name := group.At("ApplicationName")
	for _, application := range w.OfType("AWS::CodeDeploy::Application") {
		if namesResource(name, application, "ApplicationName") {
			if v := application.At("ComputePlatform"); v.String() != "ECS" {
				l.Fail(application, "ComputePlatform", v, "ECS", "Set ComputePlatform")
			}
			return
		}
	}
	if name.String() == "" {
		l.Fail(group, "ApplicationName", name, "an application of CodeDeploy", "Name the application")
		return
	}
	l.Unsure(group, "ApplicationName", "an application of ECS", "no template declares "+name.String())
}

// checkShift takes the predefined configuration and those of equal length: the shift begins with the first step and ends
// with the last, or with the interval after it.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
func checkShift(w *World, l *Looking) {
	const path, minutes = "DeploymentConfigName", 10
	eachDeployment(w, l, func(group *Resource) {
		name := group.At(path)
		if name.String() == "CodeDeployDefault.ECSLinear10PercentEvery1Minutes" {
			return
		}
		for _, config := range w.OfType("AWS::CodeDeploy::DeploymentConfig") {
			percentage, okPercentage := config.At("TrafficRoutingConfig.TimeBasedLinear.LinearPercentage").Int()
			interval, okInterval := config.At("TrafficRoutingConfig.TimeBasedLinear.LinearInterval").Int()
			if !namesResource(name, config, "DeploymentConfigName") || !okPercentage || !okInterval || percentage < 1 {
				continue
			}
			if steps := (99 + percentage) / percentage; (steps-1)*interval <= minutes && minutes <= steps*interval {
				return
			}
		}
		l.Fail(group, path, name, "a linear shift of ten minutes, such as CodeDeployDefault.ECSLinear10PercentEvery1Minutes", "Name that configuration")
	})
}

func checkRollback(w *World, l *Looking) {
	const path = "AutoRollbackConfiguration"
	eachDeployment(w, l, func(group *Resource) {
		if enabled := group.At(path + ".Enabled"); !enabled.True() {
			l.Fail(group, path+".Enabled", enabled, "true", "Switch it on")
		}
		events := group.At(path + ".Events")
		for needed := range strings.FieldsSeq("DEPLOYMENT_FAILURE DEPLOYMENT_STOP_ON_ALARM DEPLOYMENT_STOP_ON_REQUEST") {
			if !slices.Contains(events.Texts(), needed) {
				l.Fail(group, path+".Events", events, needed, "Add the event")
			}
		}
	})
}

// rollbackMinutes is how long the old tasks have to stay: an alarm on errors takes up to five minutes after the last step.
const rollbackMinutes = requestAlarmSeconds / 60

func checkTermination(w *World, l *Looking) {
	checkSettings("AVA013")(w, l)
	const path = "BlueGreenDeploymentConfiguration.TerminateBlueInstancesOnDeploymentSuccess"
	eachDeployment(w, l, func(group *Resource) {
		if action := group.At(path + ".Action"); action.String() != "TERMINATE" {
			l.Fail(group, path+".Action", action, "TERMINATE", "End the old tasks, which cost money and stay in DNS")
		}
		minutes := group.At(path + ".TerminationWaitTimeInMinutes")
		if n, ok := minutes.Int(); !ok || n < rollbackMinutes || n > 60 {
			l.Fail(group, path+".TerminationWaitTimeInMinutes", minutes, "5 to 60 minutes", "Leave time for the alarms to see a fault of the last step")
		}
	})
}

func checkTargetHealth(w *World, l *Looking) {
	checkSettings("AVA014")(w, l)
	needs := []struct {
		property, needed string
		absent           bool // whether the property may be missing
	}{{"HealthCheckEnabled", "true", true}, {"HealthCheckIntervalSeconds", "30", false}, {"UnhealthyThresholdCount", "3", false}}
	for _, s := range w.Operations().Services {
		for _, group := range s.Groups {
			l.Look()
			for _, need := range needs {
				v := group.At(need.property)
				if v.String() != need.needed && (v.Exists() || !need.absent) {
					l.Fail(group, need.property, v, need.needed, "Set it")
				}
			}
		}
	}
}
