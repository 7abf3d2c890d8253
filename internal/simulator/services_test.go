package simulator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"

	"github.com/tierform/tierform/internal/simulator"
)

// service is one behind a rule with two target groups, released by CodeDeploy.
const service = `{Parameters: {Image: {Type: String, Default: one}, Weight: {Type: String, Default: "100"}, Grace: {Type: String, Default: "60"}, Port: {Type: String, Default: "8080"}}, Resources: {
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: cluster}},
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Name: alb}},
  Listener: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: !Ref Balancer, Port: 443, Protocol: HTTPS}},
  Blue: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Name: tg-blue, VpcId: v}}, Green: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Name: tg-green, VpcId: v}},
  Rule: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Listener, Priority: 10, Conditions: [{Field: path-pattern, PathPatternConfig: {Values: [/a, /a/*]}}],
    Actions: [{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref Blue, Weight: !Ref Weight}, {TargetGroupArn: !Ref Green, Weight: 0}]}}]}},
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {Family: task, ContainerDefinitions: [{Name: app, Image: !Ref Image}]}},
  Service: {Type: AWS::ECS::Service, DependsOn: [Task, Rule], Properties: {ServiceName: svc, Cluster: !Ref Cluster, TaskDefinition: task, HealthCheckGracePeriodSeconds: !Ref Grace, DeploymentController: {Type: CODE_DEPLOY},
    LoadBalancers: [{ContainerName: app, ContainerPort: !Ref Port, TargetGroupArn: !Ref Blue}]}},
  Target: {Type: AWS::ApplicationAutoScaling::ScalableTarget, Properties: {ResourceId: !Sub "service/${Cluster}/${Service.Name}", MinCapacity: 2, MaxCapacity: 4, ServiceNamespace: ecs}},
  Balanced: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmName: !Join ["-", [!GetAtt Blue.TargetGroupFullName, !GetAtt Balancer.LoadBalancerFullName, !GetAtt Balancer.DNSName]]}}}}`

func running(t *testing.T) (*account, *ecs.Client) {
	t.Helper()
	a := open(t, simulator.Options{})
	if got := a.deploy(proposal{stack: "s", body: service, tags: map[string]string{"environment": "dev"}}); got != "CREATE_COMPLETE" {
		t.Fatalf("%s\n%s", got, a.log("s"))
	}
	return a, ecs.NewFromConfig(a.config)
}

// TestContainerService: a service as its stack made it, released, stopped and deleted.
func TestContainerService(t *testing.T) {
	a, api := running(t)
	describe := func() *ecs.DescribeServicesOutput {
		return must(api.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String("cluster"), Services: []string{"svc", "nobody"}}))
	}
	out := describe()
	s := out.Services[0]
	if aws.ToString(s.Status) != "ACTIVE" || s.DesiredCount != 2 || len(out.Failures) != 1 || len(s.TaskSets) != 1 || aws.ToString(s.TaskSets[0].Status) != "PRIMARY" ||
		!strings.Contains(aws.ToString(s.TaskSets[0].LoadBalancers[0].TargetGroupArn), "tg-blue") || aws.ToInt32(s.LoadBalancers[0].ContainerPort) != 8080 || !strings.HasSuffix(aws.ToString(s.TaskDefinition), "task:1") {
		t.Errorf("%+v", s)
	}
	if clusters := must(api.DescribeClusters(t.Context(), &ecs.DescribeClustersInput{Clusters: []string{"cluster", "nobody"}})); len(clusters.Clusters) != 1 || clusters.Clusters[0].ActiveServicesCount != 1 || len(clusters.Failures) != 1 {
		t.Errorf("%+v", clusters)
	}
	if arns := must(api.ListServices(t.Context(), &ecs.ListServicesInput{Cluster: aws.String("cluster")})); len(arns.ServiceArns) != 1 {
		t.Errorf("%v", arns.ServiceArns)
	}
	if tasks := must(api.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("cluster"), ServiceName: aws.String("svc")})); len(tasks.TaskArns) != 2 {
		t.Errorf("%v", tasks.TaskArns)
	}
	if err := a.sim.BeginRelease("svc", 40); err != nil {
		t.Fatal(err)
	}
	if sets := describe().Services[0].TaskSets; len(sets) != 2 || aws.ToString(sets[1].Status) != "ACTIVE" {
		t.Errorf("half-way: %+v", sets)
	}
	must(api.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("cluster"), Service: aws.String("svc"), DesiredCount: aws.Int32(0)}))
	if got := describe().Services[0].DesiredCount; got != 0 {
		t.Errorf("desired count %d", got)
	}
	_, forced := api.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("cluster"), Service: aws.String("svc"), ForceNewDeployment: true})
	_, unknown := api.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("cluster"), Service: aws.String("nobody")})
	_, nowhere := api.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("nobody"), Service: aws.String("svc")})
	_, many := api.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String("cluster"), Services: make([]string, 11)})
	if code(forced) != "InvalidParameterException" || code(unknown) != "ServiceNotFoundException" || code(nowhere) != "ClusterNotFoundException" || code(many) != "InvalidParameterException" {
		t.Errorf("%v\n%v\n%v\n%v", forced, unknown, nowhere, many)
	}
	arn := aws.ToString(a.stack("s").StackId)
	must(a.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &arn}))
	a.wait(20 * time.Second)
	if got := aws.ToString(describe().Services[0].Status); got != "DRAINING" {
		t.Errorf("while it is deleted: %s", got)
	}
	if _, err := api.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("cluster"), Service: aws.String("svc")}); code(err) != "ServiceNotActiveException" {
		t.Errorf("%v", err)
	}
	a.settle(arn)
	if left := must(resourcegroupstaggingapi.NewFromConfig(a.config).GetResources(t.Context(), &resourcegroupstaggingapi.GetResourcesInput{})); len(left.ResourceTagMappingList) != 0 {
		t.Errorf("tagged things are left: %+v", left.ResourceTagMappingList)
	}
	if _, err := api.ListServices(t.Context(), &ecs.ListServicesInput{Cluster: aws.String("cluster")}); code(err) != "ClusterNotFoundException" {
		t.Errorf("%v", err)
	}
	for _, err := range []error{a.sim.Release("svc"), a.sim.Suspend("service/cluster/svc", true)} {
		if err == nil {
			t.Error("planted on what is gone")
		}
	}
}

// TestServiceUpdates: CloudFormation cannot change most of a service that CodeDeploy deploys, nor any of it after a new revision.
func TestServiceUpdates(t *testing.T) {
	for _, tt := range []struct {
		name       string
		parameters map[string]string
		released   bool
		ends       string
	}{
		{"grace period", map[string]string{"Grace": "90"}, false, "UPDATE_COMPLETE"},
		{"port", map[string]string{"Port": "9090"}, false, "UPDATE_ROLLBACK_COMPLETE"},
		{"revision", map[string]string{"Image": "two"}, false, "UPDATE_COMPLETE"},
		{"revision and grace period", map[string]string{"Image": "two", "Grace": "90"}, false, "UPDATE_ROLLBACK_COMPLETE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, _ := running(t)
			if got := a.deploy(proposal{stack: "s", body: service, update: true, parameters: tt.parameters, tags: map[string]string{"environment": "dev"}}); got != tt.ends {
				t.Errorf("%s, want %s\n%s", got, tt.ends, a.log("s"))
			}
		})
	}
}

// TestRelease: a release leaves the service green, the weights exchanged, and the stack as it was.
func TestRelease(t *testing.T) {
	a, api := running(t)
	balancing := elasticloadbalancingv2.NewFromConfig(a.config)
	if got := a.deploy(proposal{stack: "s", body: service, update: true, parameters: map[string]string{"Image": "two"}, tags: map[string]string{"environment": "dev"}}); got != "UPDATE_COMPLETE" {
		t.Fatal(got)
	}
	if err := a.sim.Release("svc"); err != nil {
		t.Fatal(err)
	}
	s := must(api.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String("cluster"), Services: []string{"svc"}})).Services[0]
	if len(s.TaskSets) != 1 || !strings.Contains(aws.ToString(s.TaskSets[0].LoadBalancers[0].TargetGroupArn), "tg-green") || !strings.HasSuffix(aws.ToString(s.TaskSets[0].TaskDefinition), "task:2") {
		t.Errorf("%+v", s.TaskSets)
	}
	rule := must(a.sim.Physical("Rule"))
	listener := must(a.sim.Physical("Listener"))
	for _, in := range []*elasticloadbalancingv2.DescribeRulesInput{{RuleArns: []string{rule}}, {ListenerArn: &listener}} {
		groups := must(balancing.DescribeRules(t.Context(), in)).Rules[0].Actions[0].ForwardConfig.TargetGroups
		if aws.ToInt32(groups[0].Weight) != 0 || aws.ToInt32(groups[1].Weight) != 100 {
			t.Errorf("%+v", groups)
		}
	}
	if out := must(balancing.DescribeListeners(t.Context(), &elasticloadbalancingv2.DescribeListenersInput{ListenerArns: []string{listener}})); aws.ToInt32(out.Listeners[0].Port) != 443 {
		t.Errorf("%+v", out)
	}
	green := must(a.sim.Physical("Green"))
	if out := must(balancing.DescribeTargetHealth(t.Context(), &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: &green})); len(out.TargetHealthDescriptions) != 2 {
		t.Errorf("%+v", out)
	}
	if out := must(balancing.DescribeTargetGroups(t.Context(), &elasticloadbalancingv2.DescribeTargetGroupsInput{Names: []string{"tg-green"}})); aws.ToString(out.TargetGroups[0].TargetGroupArn) != green {
		t.Errorf("%+v", out)
	}
	if out := must(balancing.DescribeTargetGroups(t.Context(), &elasticloadbalancingv2.DescribeTargetGroupsInput{PageSize: aws.Int32(1)})); len(out.TargetGroups) != 1 || out.NextMarker == nil {
		t.Errorf("%+v", out)
	}
	none := "arn:none"
	_, rules := balancing.DescribeRules(t.Context(), &elasticloadbalancingv2.DescribeRulesInput{RuleArns: []string{none}})
	_, listeners := balancing.DescribeListeners(t.Context(), &elasticloadbalancingv2.DescribeListenersInput{ListenerArns: []string{none}})
	_, groups := balancing.DescribeTargetGroups(t.Context(), &elasticloadbalancingv2.DescribeTargetGroupsInput{TargetGroupArns: []string{none}})
	_, health := balancing.DescribeTargetHealth(t.Context(), &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: &none})
	if fmt.Sprint(code(rules), code(listeners), code(groups), code(health)) != fmt.Sprint("RuleNotFound", "ListenerNotFound", "TargetGroupNotFound", "TargetGroupNotFound") {
		t.Errorf("%v\n%v\n%v\n%v", rules, listeners, groups, health)
	}
}

func TestTaskDefinitions(t *testing.T) {
	a, api := running(t)
	a.sim.StopTask(simulator.StoppedTask{Cluster: "cluster", Service: "svc", ID: "9f2c", Reason: "Essential container in task exited", Code: "EssentialContainerExited", Container: "app", Exit: 1})
	stopped := must(api.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("cluster"), ServiceName: aws.String("svc"), DesiredStatus: "STOPPED"}))
	tasks := must(api.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("cluster"), Tasks: append(stopped.TaskArns, "nobody")}))
	if len(tasks.Tasks) != 1 || aws.ToInt32(tasks.Tasks[0].Containers[0].ExitCode) != 1 || len(tasks.Failures) != 1 {
		t.Errorf("%+v", tasks)
	}
	if _, err := api.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("nobody"), Tasks: []string{"x"}}); code(err) != "ClusterNotFoundException" {
		t.Errorf("%v", err)
	}
	a.deploy(proposal{stack: "s", body: service, update: true, parameters: map[string]string{"Image": "two"}, tags: map[string]string{"environment": "dev"}})
	d := must(api.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("task")})).TaskDefinition
	if d.Revision != 2 || aws.ToString(d.ContainerDefinitions[0].Image) != "two" {
		t.Errorf("%+v", d)
	}
	if _, err := api.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("nobody")}); code(err) != "ClientException" {
		t.Errorf("%v", err)
	}
	list := func(in *ecs.ListTaskDefinitionsInput) []string {
		return must(api.ListTaskDefinitions(t.Context(), in)).TaskDefinitionArns
	}
	if got := list(&ecs.ListTaskDefinitionsInput{Status: "INACTIVE", FamilyPrefix: aws.String("task"), Sort: "DESC"}); len(got) != 1 || !strings.HasSuffix(got[0], "task:1") {
		t.Errorf("inactive: %v", got)
	}
	if _, err := api.DeregisterTaskDefinition(t.Context(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("task")}); code(err) != "ClientException" {
		t.Errorf("without a revision: %v", err)
	}
	out := must(api.DeleteTaskDefinitions(t.Context(), &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: []string{"task:1", "task:2"}}))
	if len(out.TaskDefinitions) != 1 || len(out.Failures) != 1 {
		t.Errorf("%+v", out)
	}
	must(api.DeregisterTaskDefinition(t.Context(), &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("task:2")}))
	if got := list(&ecs.ListTaskDefinitionsInput{}); len(got) != 0 {
		t.Errorf("active: %v", got)
	}
	if _, err := api.DeleteTaskDefinitions(t.Context(), &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: make([]string, 11)}); code(err) != "InvalidParameterException" {
		t.Errorf("%v", err)
	}
}

func TestScaling(t *testing.T) {
	a, _ := running(t)
	api := applicationautoscaling.NewFromConfig(a.config)
	read := func(ids ...string) []scaling.ScalableTarget {
		return must(api.DescribeScalableTargets(t.Context(), &applicationautoscaling.DescribeScalableTargetsInput{ServiceNamespace: "ecs", ResourceIds: ids})).ScalableTargets
	}
	if got := read("service/cluster/svc"); len(got) != 1 || aws.ToInt32(got[0].MinCapacity) != 2 || aws.ToBool(got[0].SuspendedState.DynamicScalingInSuspended) {
		t.Errorf("%+v", got)
	}
	if err := a.sim.Suspend("service/cluster/svc", true); err != nil {
		t.Fatal(err)
	}
	register := &applicationautoscaling.RegisterScalableTargetInput{ServiceNamespace: "ecs", ResourceId: aws.String("service/cluster/svc"), ScalableDimension: scaling.ScalableDimensionECSServiceDesiredCount,
		SuspendedState: &scaling.SuspendedState{DynamicScalingInSuspended: aws.Bool(false)}}
	must(api.RegisterScalableTarget(t.Context(), register))
	if got := read()[0].SuspendedState; aws.ToBool(got.DynamicScalingInSuspended) || !aws.ToBool(got.DynamicScalingOutSuspended) {
		t.Errorf("%+v", got)
	}
	register.ResourceId = aws.String("service/cluster/other")
	if _, err := api.RegisterScalableTarget(t.Context(), register); code(err) != "ValidationException" {
		t.Errorf("a new one without bounds: %v", err)
	}
	register.MinCapacity, register.MaxCapacity = aws.Int32(1), aws.Int32(2)
	must(api.RegisterScalableTarget(t.Context(), register))
	if got := read("nobody"); len(got) != 0 || len(read()) != 2 {
		t.Errorf("%+v", got)
	}
}
