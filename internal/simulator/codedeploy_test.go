package simulator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	containers "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/simulator"
)

// released is a service with everything that CodeDeploy needs for it, and an alarm.
const released = `{Parameters: {Image: {Type: String, Default: one}, Ready: {Type: String, Default: CONTINUE_DEPLOYMENT}, Blue: {Type: String, Default: TERMINATE}, Config: {Type: String, Default: CodeDeployDefault.ECSLinear10PercentEvery1Minutes},
  Rollback: {Type: String, Default: "true"}, Watch: {Type: String, Default: "true"}, Ignore: {Type: String, Default: "false"}, Watched: {Type: String, Default: errors}, Test: {Type: String, Default: "no"}, Tried: {Type: String, Default: blue}}, Conditions: {Strange: !Equals [!Ref Tried, foreign], Tested: !Equals [!Ref Test, "yes"]}, Resources: {
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: cluster}},
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Name: alb}},
  Listener: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: !Ref Balancer, Port: 443, Protocol: HTTPS}},
  Trial: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: !Ref Balancer, Port: 9443, Protocol: HTTPS}},
  BlueTargets: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Name: tg-blue, VpcId: v}}, GreenTargets: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Name: tg-green, VpcId: v}},
  Foreign: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Name: tg-foreign, VpcId: v}},
  Rule: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 10, Conditions: [{Field: path-pattern, PathPatternConfig: {Values: [/a]}}],
    Actions: [{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref BlueTargets, Weight: 100}, {TargetGroupArn: !Ref GreenTargets, Weight: 0}]}}]}},
  Second: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 11, Conditions: [{Field: path-pattern, PathPatternConfig: {Values: [/b]}}],
    Actions: [{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref BlueTargets, Weight: 1}]}}]}},
  Other: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 12, Conditions: [{Field: path-pattern, PathPatternConfig: {Values: [/c]}}],
    Actions: [{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref Foreign, Weight: 1}]}}]}},
  Trying: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Trial, Priority: 10, Conditions: [{Field: path-pattern, PathPatternConfig: {Values: [/a]}}],
    Actions: [{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: !If [Strange, !Ref Foreign, !Ref BlueTargets], Weight: 100}]}}]}},
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {Family: task, Cpu: 256, Memory: "512", NetworkMode: awsvpc, ContainerDefinitions: [{Name: app, Image: !Ref Image, Essential: "true", PortMappings: [{ContainerPort: "8080"}]}, {Name: side, Image: side}]}},
  Service: {Type: AWS::ECS::Service, DependsOn: [Task, Rule], Properties: {ServiceName: svc, Cluster: !Ref Cluster, TaskDefinition: task, HealthCheckGracePeriodSeconds: 60, PlatformVersion: 1.4.0, DeploymentController: {Type: CODE_DEPLOY},
    CapacityProviderStrategy: [{CapacityProvider: FARGATE, Base: 1, Weight: "1"}, {CapacityProvider: FARGATE_SPOT, Weight: 3}], NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1], SecurityGroups: [sg-1], AssignPublicIp: DISABLED}},
    LoadBalancers: [{ContainerName: app, ContainerPort: 8080, TargetGroupArn: !Ref BlueTargets}]}},
  Target: {Type: AWS::ApplicationAutoScaling::ScalableTarget, Properties: {ResourceId: !Sub "service/${Cluster}/${Service.Name}", MinCapacity: 2, MaxCapacity: 4, ServiceNamespace: ecs}},
  Errors: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: errors, AlarmDescription: Too many errors, TreatMissingData: notBreaching, AlarmActions: [topic]}},
  Latency: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: latency}},
  Application: {Type: AWS::CodeDeploy::Application, Properties: {ApplicationName: app, ComputePlatform: ECS}},
  Slow: {Type: AWS::CodeDeploy::DeploymentConfig, Properties: {DeploymentConfigName: slow, ComputePlatform: ECS, TrafficRoutingConfig: {Type: TimeBasedLinear, TimeBasedLinear: {LinearPercentage: 40, LinearInterval: "2"}}}},
  Group: {Type: AWS::CodeDeploy::DeploymentGroup, Properties: {ApplicationName: !Ref Application, DeploymentGroupName: group, DeploymentConfigName: !Ref Config, DeploymentStyle: {DeploymentOption: WITH_TRAFFIC_CONTROL, DeploymentType: BLUE_GREEN},
    AlarmConfiguration: {Alarms: [{Name: !Ref Watched}, {Name: !Ref Latency}], Enabled: !Ref Watch, IgnorePollAlarmFailure: !Ref Ignore}, AutoRollbackConfiguration: {Enabled: !Ref Rollback, Events: [DEPLOYMENT_FAILURE, DEPLOYMENT_STOP_ON_ALARM, DEPLOYMENT_STOP_ON_REQUEST]},
    BlueGreenDeploymentConfiguration: {DeploymentReadyOption: {ActionOnTimeout: !Ref Ready, WaitTimeInMinutes: 5}, TerminateBlueInstancesOnDeploymentSuccess: {Action: !Ref Blue, TerminationWaitTimeInMinutes: 10}},
    ECSServices: [{ClusterName: !Ref Cluster, ServiceName: !GetAtt Service.Name}], ServiceRoleArn: role, LoadBalancerInfo: {TargetGroupPairInfoList: [{ProdTrafficRoute: {ListenerArns: [!Ref Listener]}, TestTrafficRoute: !If [Tested, {ListenerArns: [!Ref Trial]}, !Ref AWS::NoValue],
      TargetGroups: [{Name: !GetAtt BlueTargets.TargetGroupName}, {Name: !GetAtt GreenTargets.TargetGroupName}]}]}}}}}`

// A shop is an account with the service and its second revision, ready to be released.
type shop struct {
	*account
	deploys    *codedeploy.Client
	containers *ecs.Client
	balancing  *elasticloadbalancingv2.Client
	// id is the deployment that runs; template what AppSpecs hold besides.
	id, extra string
}

func openShop(t *testing.T, parameters map[string]string) *shop {
	t.Helper()
	a := open(t, simulator.Options{})
	x := &shop{account: a, deploys: codedeploy.NewFromConfig(a.config), containers: ecs.NewFromConfig(a.config), balancing: elasticloadbalancingv2.NewFromConfig(a.config)}
	x.extra = `,"PlatformVersion":"1.4.0","NetworkConfiguration":{"AwsvpcConfiguration":{"Subnets":["subnet-2"],"SecurityGroups":["sg-1"],"AssignPublicIp":"DISABLED"}},"CapacityProviderStrategy":[{"CapacityProvider":"FARGATE","Base":1,"Weight":1},{"CapacityProvider":"FARGATE_SPOT","Weight":3}]`
	with := map[string]string{"Image": "two"}
	for name, v := range parameters {
		with[name] = v
	}
	for _, p := range []proposal{{stack: "s", body: released, parameters: parameters}, {stack: "s", body: released, update: true, parameters: with}} {
		a.execute(p)
		a.wait(20 * time.Minute) // one look at the end, where settle takes many
		if got := a.stack("s").StackStatus; !strings.HasSuffix(string(got), "TE_COMPLETE") {
			t.Fatalf("%s\n%s", got, a.log("s"))
		}
	}
	return x
}

// spec is the content of an AppSpec.
func (x *shop) spec(definition, container string, port int) string {
	return fmt.Sprintf(`{"version":0.0,"Resources":[{"TargetService":{"Type":"AWS::ECS::Service","Properties":{"TaskDefinition":%q,"LoadBalancerInfo":{"ContainerName":%q,"ContainerPort":%d}%s}}}]}`, definition, container, port, x.extra)
}

// revision is that of the stack.
func (x *shop) revision() string { return must(x.sim.Physical("Task")) }

func (x *shop) order() *codedeploy.CreateDeploymentInput {
	return &codedeploy.CreateDeploymentInput{ApplicationName: aws.String("app"), DeploymentGroupName: aws.String("group"),
		Revision: &types.RevisionLocation{RevisionType: types.RevisionLocationTypeAppSpecContent, AppSpecContent: &types.AppSpecContent{Content: aws.String(x.spec(x.revision(), "app", 8080))}}}
}

// begin creates a deployment and waits a while.
func (x *shop) begin(change func(*codedeploy.CreateDeploymentInput), while time.Duration) {
	x.Helper()
	in := x.order()
	if change != nil {
		change(in)
	}
	out, err := x.deploys.CreateDeployment(x.Context(), in)
	if err != nil {
		x.Fatal(err)
	}
	x.id = aws.ToString(out.DeploymentId)
	x.wait(while)
}

func (x *shop) info(id string) *types.DeploymentInfo {
	x.Helper()
	out, err := x.deploys.GetDeployment(x.Context(), &codedeploy.GetDeploymentInput{DeploymentId: &id})
	if err != nil {
		x.Fatal(err)
	}
	return out.DeploymentInfo
}

// events are those of a deployment in words: name and first letter of the status.
func (x *shop) lifecycle(id string) string {
	x.Helper()
	var words []string
	for _, e := range x.target(id).LifecycleEvents {
		words = append(words, aws.ToString(e.LifecycleEventName)+"="+string(e.Status))
	}
	return strings.Join(words, " ")
}

func (x *shop) target(id string) *types.ECSTarget {
	x.Helper()
	out, err := x.deploys.GetDeploymentTarget(x.Context(), &codedeploy.GetDeploymentTargetInput{DeploymentId: &id, TargetId: aws.String("cluster:svc")})
	if err != nil {
		x.Fatal(err)
	}
	return out.DeploymentTarget.EcsTarget
}

// sets are the task sets of a deployment in words.
func (x *shop) sets(id string) string {
	x.Helper()
	var words []string
	for _, set := range x.target(id).TaskSetsInfo {
		words = append(words, fmt.Sprintf("%s %s %s %d/%d %v%%", set.TaskSetLabel, aws.ToString(set.Status), aws.ToString(set.TargetGroup.Name), set.RunningCount, set.DesiredCount, set.TrafficWeight))
	}
	return strings.Join(words, ", ")
}

func (x *shop) service() containers.Service {
	x.Helper()
	return must(x.containers.DescribeServices(x.Context(), &ecs.DescribeServicesInput{Cluster: aws.String("cluster"), Services: []string{"svc"}})).Services[0]
}

// weights are those of a rule.
func (x *shop) weights(rule string) string {
	x.Helper()
	var words []string
	for _, g := range must(x.balancing.DescribeRules(x.Context(), &elasticloadbalancingv2.DescribeRulesInput{RuleArns: []string{must(x.sim.Physical(rule))}})).Rules[0].Actions[0].ForwardConfig.TargetGroups {
		words = append(words, fmt.Sprint(strings.Split(aws.ToString(g.TargetGroupArn), "/")[1], "=", aws.ToInt32(g.Weight)))
	}
	return strings.Join(words, " ")
}

// health are the states of a target group's targets.
func (x *shop) health(group string) string {
	x.Helper()
	var words []string
	for _, d := range must(x.balancing.DescribeTargetHealth(x.Context(), &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: aws.String(must(x.sim.Physical(group)))})).TargetHealthDescriptions {
		words = append(words, string(d.TargetHealth.State))
	}
	return strings.Join(words, " ")
}

// same compares what a step came to.
func (x *shop) same(what, want, got string) {
	x.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		x.Errorf("%s: %s", what, diff)
	}
}

// TestShift: a release installs the replacement, shifts a tenth each minute, keeps the original for a while, and ends.
func TestShift(t *testing.T) {
	x := openShop(t, nil)
	x.begin(func(in *codedeploy.CreateDeploymentInput) { in.Description = aws.String("release 2") }, time.Second)
	if d := x.info(x.id); d.Status != types.DeploymentStatusCreated || d.StartTime != nil || d.Creator != types.DeploymentCreatorUser || aws.ToString(d.Description) != "release 2" || d.DeploymentOverview != nil {
		t.Errorf("%+v", d)
	}
	if _, err := x.deploys.ListDeploymentTargets(t.Context(), &codedeploy.ListDeploymentTargetsInput{DeploymentId: &x.id}); code(err) != "DeploymentNotStartedException" {
		t.Error(err)
	}
	x.wait(20 * time.Second)
	x.same("install", "BeforeInstall=Succeeded Install=InProgress AfterInstall=Pending BeforeAllowTraffic=Pending AllowTraffic=Pending AfterAllowTraffic=Pending", x.lifecycle(x.id))
	x.same("sets", "Blue PRIMARY tg-blue 2/2 100%, Green ACTIVE tg-green 0/2 0%", x.sets(x.id))
	x.wait(40 * time.Second)
	x.same("health", "initial initial", x.health("GreenTargets"))
	green := x.service().TaskSets[1]
	if green.StabilityStatus != "STABILIZING" || aws.ToString(green.ExternalId) != x.id || aws.ToString(green.StartedBy) != "CODE_DEPLOY" || aws.ToString(green.TaskDefinition) != x.revision() || len(green.CapacityProviderStrategy) != 2 || green.NetworkConfiguration.AwsvpcConfiguration.Subnets[0] != "subnet-2" {
		t.Errorf("%+v", green)
	}
	x.wait(50 * time.Second)
	x.same("first tenth", "tg-blue=90 tg-green=10", x.weights("Rule"))
	x.same("second rule", "tg-blue=90 tg-green=10", x.weights("Second"))
	x.same("other rule", "tg-foreign=1", x.weights("Other"))
	x.same("health", "healthy healthy", x.health("GreenTargets"))
	x.wait(4 * time.Minute)
	x.same("half", "Blue PRIMARY tg-blue 2/2 50%, Green ACTIVE tg-green 2/2 50%", x.sets(x.id))
	x.wait(5 * time.Minute)
	x.same("shifted", "Blue ACTIVE tg-blue 2/2 0%, Green PRIMARY tg-green 2/2 100%", x.sets(x.id))
	x.same("events", "BeforeInstall=Succeeded Install=Succeeded AfterInstall=Succeeded BeforeAllowTraffic=Succeeded AllowTraffic=Succeeded AfterAllowTraffic=Succeeded", x.lifecycle(x.id))
	if d := x.info(x.id); d.Status != types.DeploymentStatusInProgress || !d.InstanceTerminationWaitTimeStarted || x.target(x.id).Status != types.TargetStatusSucceeded {
		t.Errorf("termination wait: %+v", d)
	}
	if s := x.service(); aws.ToString(s.TaskDefinition) != x.revision() || !strings.Contains(aws.ToString(s.LoadBalancers[0].TargetGroupArn), "tg-green") || s.RunningCount != 4 {
		t.Errorf("%+v", s)
	}
	x.wait(10*time.Minute + 10*time.Second)
	x.same("over", "Blue DRAINING tg-blue 0/0 0%, Green PRIMARY tg-green 2/2 100%", x.sets(x.id))
	if d := x.info(x.id); d.Status != types.DeploymentStatusSucceeded || d.CompleteTime == nil || d.DeploymentOverview.Succeeded != 1 || d.CompleteTime.Sub(*d.StartTime).Round(time.Minute) != 21*time.Minute {
		t.Errorf("%+v", d)
	}
	x.wait(2 * time.Minute)
	if sets := x.service().TaskSets; len(sets) != 1 || aws.ToString(sets[0].Status) != "PRIMARY" {
		t.Errorf("%+v", sets)
	}
}
