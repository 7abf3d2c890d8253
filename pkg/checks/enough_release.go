package checks

import "strings"

// checkReleases: CodeDeploy moves a service's traffic from one task set to the other. (AWS CodeDeploy User Guide, Amazon ECS
// deployments, IAM permissions; managed policy AWSCodeDeployRoleForECS.)
func checkReleases(w *World, l *Looking) {
	forEach(w, l, func(c chain, r *Resource) {
		at := placeOf(r)
		services := at.each("ECSServices[]")
		if len(services) == 0 {
			return
		}
		l.Look()
		deployer := asRole(c.id.roleARN(r.At("ServiceRoleArn")))
		from := at.field("ServiceRoleArn")
		for _, s := range services {
			c.switches(from, deployer, s)
		}
		c.needs(from, need{who: deployer, resource: "*"}, "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules",
			"elasticloadbalancing:DescribeTargetGroups")
		for _, pair := range at.each("LoadBalancerInfo.TargetGroupPairInfoList[]") {
			c.shifts(from, deployer, pair)
		}
		for _, alarm := range at.each("AlarmConfiguration.Alarms[].Name") {
			if c.has(alarm, "the name of an alarm") {
				c.needs(alarm, need{who: deployer, resource: c.id.arn("cloudwatch", "alarm:"+alarm.value.String())}, "cloudwatch:DescribeAlarms")
			}
		}
	}, "AWS::CodeDeploy::DeploymentGroup")
}

// switches asks for the task sets of a service and for the roles of its tasks.
func (c chain) switches(from place, who Principal, s place) {
	cluster, name := s.field("ClusterName"), s.field("ServiceName")
	if !c.has(cluster, "the cluster's name") || !c.has(name, "the service's name") {
		return
	}
	path := cluster.value.String() + "/" + name.value.String()
	own := c.id.arn("ecs", "service/"+path)
	context := map[string][]string{"ecs:cluster": {c.id.arn("ecs", "cluster/"+cluster.value.String())}, "ecs:service": {own}}
	c.needs(from, need{who: who, resource: own, context: context}, "ecs:DescribeServices", "ecs:UpdateServicePrimaryTaskSet")
	c.needs(from, need{who: who, resource: c.id.arn("ecs", "task-set/"+path+"/x"), context: context}, "ecs:CreateTaskSet", "ecs:DeleteTaskSet")
	if r := c.id.service(name.value.String()); r != nil {
		c.passes(from, who, r.At("TaskDefinition"))
	}
}

// service finds an ECS service by its name.
func (id *Identity) service(name string) *Resource {
	return id.services.get(func() map[string]*Resource {
		byName := map[string]*Resource{}
		for _, r := range id.world.OfType("AWS::ECS::Service") {
			byName[r.Stack.reference(r.LogicalID, "Name").String()] = r
		}
		return byName
	})[name]
}

// shifts asks for the listeners and rules that forward to a pair of target groups.
func (c chain) shifts(from place, who Principal, pair place) {
	ours := map[*Resource]bool{}
	for _, group := range pair.each("TargetGroups[].Name") {
		ours[c.id.world.Find(group.value)] = true
	}
	for _, route := range []string{"ProdTrafficRoute", "TestTrafficRoute"} {
		for _, listener := range pair.field(route).each("ListenerArns[]") {
			if !c.has(listener, "the listener's ARN") {
				continue
			}
			c.needs(from, need{who: who, resource: listener.value.String()}, "elasticloadbalancing:ModifyListener")
			for _, r := range c.id.world.OfType("AWS::ElasticLoadBalancingV2::ListenerRule") {
				if r.At("ListenerArn").String() == listener.value.String() && c.forwards(r, ours) {
					c.needs(from, need{who: who, resource: r.Stack.reference(r.LogicalID, "Ref").String()}, "elasticloadbalancing:ModifyRule")
				}
			}
		}
	}
}

// forwards tells whether a listener rule forwards to one of the target groups.
func (c chain) forwards(r *Resource, groups map[*Resource]bool) bool {
	targets := append(placeOf(r).each("Actions[].ForwardConfig.TargetGroups[].TargetGroupArn"), placeOf(r).each("Actions[].TargetGroupArn")...)
	for _, at := range targets {
		if group := c.id.world.Find(at.value); group != nil && groups[group] {
			return true
		}
	}
	return false
}

// passes asks for iam:PassRole on both roles of a task definition, given by ARN or family. (Amazon ECS Developer Guide, IAM
// roles: RunTask and CreateTaskSet pass them to ecs-tasks.amazonaws.com.)
func (c chain) passes(from place, who Principal, definition Value) {
	t := c.id.taskOf(definition)
	if t == nil {
		c.l.Unsure(from.resource, from.path, who.String()+" may pass the roles of the tasks", "the task definition "+definition.Show()+" is not in the templates")
		return
	}
	context := map[string][]string{"iam:PassedToService": {"ecs-tasks.amazonaws.com"}}
	for _, arn := range []string{t.task, t.execution} {
		if arn != "" {
			c.needs(from, need{who: who, resource: arn, context: context}, "iam:PassRole")
		}
	}
}

// taskOf finds a task definition by ARN, family with revision, or family.
func (id *Identity) taskOf(definition Value) *taskUse {
	name := definition.String()
	if _, after, ok := strings.Cut(name, "task-definition/"); ok {
		name = after
	}
	if name = untilMark(name, ":"); name == "" {
		return nil
	}
	return id.families[name]
}

// checkRunners: what starts tasks on a schedule or an event may run and pass. (Amazon EventBridge User Guide and Scheduler
// User Guide, execution role for Amazon ECS.)
func checkRunners(w *World, l *Looking) {
	forEach(w, l, func(c chain, r *Resource) {
		for _, target := range append(placeOf(r).each("Targets[]"), placeOf(r).field("Target")) {
			definition := target.field("EcsParameters").field("TaskDefinitionArn")
			if !definition.value.Exists() {
				continue
			}
			l.Look()
			if !c.has(definition, "the task definition's ARN") {
				continue
			}
			arn := definition.value.String()
			arns := []string{arn}
			if _, family, _ := strings.Cut(arn, "task-definition/"); !strings.Contains(family, ":") {
				arns = append(arns, arn+":1") // the newest revision, and the family as it is asked for
			}
			runner := asRole(c.id.roleARN(target.field("RoleArn").value))
			context := map[string][]string{"ecs:cluster": {target.field("Arn").value.String()}}
			for _, arn := range arns {
				c.needs(definition, need{who: runner, resource: arn, context: context}, "ecs:RunTask")
			}
			c.passes(definition, runner, definition.value)
		}
	}, "AWS::Scheduler::Schedule", "AWS::Events::Rule")
}

// checkDeployment: CloudFormation's role passes each role to the service that gets it. (IAM User Guide, passing a role.)
func checkDeployment(w *World, l *Looking) {
	c := newChain(w, l)
	for _, deployer := range c.id.Roles {
		if !c.id.deploys(deployer) {
			continue
		}
		for _, r := range c.id.Roles {
			for _, use := range c.id.users[r.ARN] {
				l.Look()
				context := map[string][]string{"iam:PassedToService": {use.service}}
				c.needs(use.at, need{who: asRole(deployer.ARN), resource: r.ARN, context: context}, "iam:PassRole")
			}
		}
	}
}

// checkCreation: CloudFormation's role makes what is encrypted, by way of the service that encrypts. (Secrets Manager User
// Guide, secret encryption; Aurora User Guide, encrypting and password management; Firehose Developer Guide, data protection.)
func checkCreation(w *World, l *Looking) {
	c := newChain(w, l)
	for _, deployer := range c.id.Roles {
		if !c.id.deploys(deployer) {
			continue
		}
		for _, e := range c.id.encryptedThings() {
			c.makes(asRole(deployer.ARN), e)
		}
	}
}

func (c chain) makes(who Principal, e encrypted) {
	var context map[string][]string
	actions := []string{"kms:CreateGrant", "kms:DescribeKey"}
	switch {
	case len(e.key) == 0 || strings.Contains(e.key, "alias/aws/"):
		return
	case strings.HasPrefix(e.actions[0], "secretsmanager:"):
		context, actions = c.through("secretsmanager", "SecretARN", e.arn), []string{"kms:Decrypt", "kms:GenerateDataKey"}
	case strings.HasPrefix(e.at.resource.Type, "AWS::RDS::"):
		context = c.through("rds", "", "")
	case e.at.resource.Type == "AWS::KinesisFirehose::DeliveryStream":
		context = c.through("firehose", "", "")
	default:
		return
	}
	c.l.Look()
	context["kms:GrantIsForAWSResource"] = []string{"true"}
	c.needs(e.at, need{who: who, resource: e.key, context: context}, actions...)
	if strings.HasPrefix(e.at.resource.Type, "AWS::RDS::") && e.actions[0] != "-" { // a master secret, which RDS makes for us
		context = c.through("rds", "", "")
		context["kms:GrantIsForAWSResource"] = []string{"true"}
		c.needs(e.at, need{who: who, resource: e.key, context: context}, "kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey")
	}
}
