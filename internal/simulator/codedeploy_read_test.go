package simulator_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/tierform/tierform/internal/simulator"
)

// TestRefusedReleases: what an order must not say.
func TestRefusedReleases(t *testing.T) {
	x := openShop(t, nil)
	content := func(text string) func(*codedeploy.CreateDeploymentInput) {
		return func(in *codedeploy.CreateDeploymentInput) { in.Revision.AppSpecContent.Content = &text }
	}
	old := strings.Replace(x.revision(), ":2", ":1", 1)
	alarms := make([]types.Alarm, 11)
	for _, tt := range []struct {
		change func(*codedeploy.CreateDeploymentInput)
		want   string
	}{
		{func(in *codedeploy.CreateDeploymentInput) { in.ApplicationName = aws.String("") }, "ApplicationNameRequiredException"},
		{func(in *codedeploy.CreateDeploymentInput) { in.ApplicationName = aws.String("nobody") }, "ApplicationDoesNotExistException"},
		{func(in *codedeploy.CreateDeploymentInput) { in.DeploymentGroupName = nil }, "DeploymentGroupNameRequiredException"},
		{func(in *codedeploy.CreateDeploymentInput) { in.DeploymentGroupName = aws.String("nobody") }, "DeploymentGroupDoesNotExistException"},
		{func(in *codedeploy.CreateDeploymentInput) { in.DeploymentConfigName = aws.String("nobody") }, "DeploymentConfigDoesNotExistException"},
		{func(in *codedeploy.CreateDeploymentInput) {
			in.OverrideAlarmConfiguration = &types.AlarmConfiguration{Enabled: true, Alarms: alarms}
		}, "AlarmsLimitExceededException"},
		{func(in *codedeploy.CreateDeploymentInput) { in.Revision = nil }, "RevisionRequiredException"},
		{func(in *codedeploy.CreateDeploymentInput) { in.Revision.RevisionType = types.RevisionLocationTypeS3 }, "InvalidRevisionException"},
		{func(in *codedeploy.CreateDeploymentInput) { in.Revision.AppSpecContent.Sha256 = aws.String("0") }, "InvalidRevisionException"},
		{content(""), "InvalidRevisionException"},
		{content("{"), "InvalidRevisionException"},
		{content("version: 0.0"), "InvalidRevisionException"},
		{content(x.spec("task:2", "app", 8080)), "InvalidRevisionException"},
		{content(x.spec(old, "app", 8080)), "InvalidRevisionException"},
		{content(x.spec(x.revision(), "nobody", 8080)), "InvalidRevisionException"},
		{content(x.spec(x.revision(), "app", 80)), "InvalidRevisionException"},
	} {
		in := x.order()
		tt.change(in)
		if _, err := x.deploys.CreateDeployment(t.Context(), in); code(err) != tt.want {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
	yaml := "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties: {TaskDefinition: '" + x.revision() + "', LoadBalancerInfo: {ContainerName: app, ContainerPort: 8080}}\n"
	sum := sha256.Sum256([]byte(yaml))
	hash := hex.EncodeToString(sum[:])
	x.begin(func(in *codedeploy.CreateDeploymentInput) {
		in.Revision.AppSpecContent = &types.AppSpecContent{Content: &yaml, Sha256: &hash}
	}, time.Second)
	if _, err := x.deploys.CreateDeployment(t.Context(), x.order()); code(err) != "DeploymentLimitExceededException" || !strings.Contains(err.Error(), "The Deployment Group 'group' already has an active Deployment '"+x.id+"'") {
		t.Error(err)
	}
	if d := x.info(x.id); aws.ToString(d.Revision.AppSpecContent.Sha256) != hash || d.Revision.AppSpecContent.Content != nil {
		t.Errorf("%+v", d.Revision.AppSpecContent)
	}
	revision := &codedeploy.GetApplicationRevisionInput{ApplicationName: aws.String("app"), Revision: &types.RevisionLocation{RevisionType: types.RevisionLocationTypeAppSpecContent, AppSpecContent: &types.AppSpecContent{Sha256: &hash}}}
	if out := must(x.deploys.GetApplicationRevision(t.Context(), revision)); aws.ToString(out.Revision.AppSpecContent.Content) != yaml {
		t.Errorf("%+v", out)
	}
	revision.Revision.AppSpecContent.Sha256 = aws.String("0")
	if _, err := x.deploys.GetApplicationRevision(t.Context(), revision); code(err) != "RevisionDoesNotExistException" {
		t.Error(err)
	}
}

// TestReleaseReads: deployments, groups, configurations and applications are told as they are.
func TestReleaseReads(t *testing.T) {
	x := openShop(t, nil)
	x.begin(nil, 25*time.Minute)
	first := x.id
	x.begin(nil, time.Minute)
	ctx := t.Context()
	list := func(in *codedeploy.ListDeploymentsInput) string {
		return strings.Join(must(x.deploys.ListDeployments(ctx, in)).Deployments, " ")
	}
	app, group := aws.String("app"), aws.String("group")
	x.same("all", x.id+" "+first, list(&codedeploy.ListDeploymentsInput{}))
	x.same("group", x.id+" "+first, list(&codedeploy.ListDeploymentsInput{ApplicationName: app, DeploymentGroupName: group}))
	x.same("status", first, list(&codedeploy.ListDeploymentsInput{IncludeOnlyStatuses: []types.DeploymentStatus{"Succeeded", "Failed"}}))
	from := x.sim.Clock().Now().Add(-5 * time.Minute)
	x.same("since", x.id, list(&codedeploy.ListDeploymentsInput{CreateTimeRange: &types.TimeRange{Start: &from}}))
	x.same("until", first, list(&codedeploy.ListDeploymentsInput{CreateTimeRange: &types.TimeRange{End: &from}}))
	g := must(x.deploys.GetDeploymentGroup(ctx, &codedeploy.GetDeploymentGroupInput{ApplicationName: app, DeploymentGroupName: group})).DeploymentGroupInfo
	if !g.AlarmConfiguration.Enabled || aws.ToString(g.AlarmConfiguration.Alarms[0].Name) != "errors" || g.EcsServices[0].ServiceName == nil || g.BlueGreenDeploymentConfiguration.TerminateBlueInstancesOnDeploymentSuccess.TerminationWaitTimeInMinutes != 10 ||
		aws.ToString(g.LoadBalancerInfo.TargetGroupPairInfoList[0].TargetGroups[1].Name) != "tg-green" || aws.ToString(g.LastAttemptedDeployment.DeploymentId) != x.id || aws.ToString(g.LastSuccessfulDeployment.DeploymentId) != first || g.ComputePlatform != "ECS" {
		t.Errorf("%+v", g)
	}
	x.same("groups", "[group]", fmt.Sprint(must(x.deploys.ListDeploymentGroups(ctx, &codedeploy.ListDeploymentGroupsInput{ApplicationName: app})).DeploymentGroups))
	if a := must(x.deploys.GetApplication(ctx, &codedeploy.GetApplicationInput{ApplicationName: app})).Application; a.ComputePlatform != "ECS" {
		t.Errorf("%+v", a)
	}
	for name, percentage := range map[string]int32{"slow": 40, "CodeDeployDefault.ECSLinear10PercentEvery3Minutes": 10} {
		if c := must(x.deploys.GetDeploymentConfig(ctx, &codedeploy.GetDeploymentConfigInput{DeploymentConfigName: &name})).DeploymentConfigInfo; c.TrafficRoutingConfig.TimeBasedLinear.LinearPercentage != percentage {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if out := must(x.deploys.BatchGetDeployments(ctx, &codedeploy.BatchGetDeploymentsInput{DeploymentIds: []string{x.id, "nobody"}})); len(out.DeploymentsInfo) != 1 {
		t.Errorf("%+v", out)
	}
	ids := must(x.deploys.ListDeploymentTargets(ctx, &codedeploy.ListDeploymentTargetsInput{DeploymentId: &x.id, TargetFilters: map[string][]string{"TargetStatus": {"InProgress"}}})).TargetIds
	x.same("targets", "[cluster:svc]", fmt.Sprint(ids))
	if ids := must(x.deploys.ListDeploymentTargets(ctx, &codedeploy.ListDeploymentTargetsInput{DeploymentId: &x.id, TargetFilters: map[string][]string{"TargetStatus": {"Failed"}}})).TargetIds; len(ids) != 0 {
		t.Error(ids)
	}
	if out := must(x.deploys.BatchGetDeploymentTargets(ctx, &codedeploy.BatchGetDeploymentTargetsInput{DeploymentId: &x.id, TargetIds: ids})); aws.ToString(out.DeploymentTargets[0].EcsTarget.TargetArn) != "arn:aws:ecs:us-east-1:111122223333:service/cluster/svc" {
		t.Errorf("%+v", out)
	}
	nobody := aws.String("nobody")
	for want, err := range map[string]error{
		"DeploymentDoesNotExistException":       third(x.deploys.GetDeployment(ctx, &codedeploy.GetDeploymentInput{DeploymentId: nobody})),
		"DeploymentIdRequiredException":         third(x.deploys.StopDeployment(ctx, &codedeploy.StopDeploymentInput{DeploymentId: aws.String("")})),
		"ApplicationDoesNotExistException":      third(x.deploys.GetApplication(ctx, &codedeploy.GetApplicationInput{ApplicationName: nobody})),
		"DeploymentConfigDoesNotExistException": third(x.deploys.GetDeploymentConfig(ctx, &codedeploy.GetDeploymentConfigInput{DeploymentConfigName: nobody})),
		"DeploymentTargetDoesNotExistException": third(x.deploys.GetDeploymentTarget(ctx, &codedeploy.GetDeploymentTargetInput{DeploymentId: &x.id, TargetId: nobody})),
		"BatchLimitExceededException":           third(x.deploys.BatchGetDeployments(ctx, &codedeploy.BatchGetDeploymentsInput{DeploymentIds: make([]string, 26)})),
	} {
		if code(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for _, err := range []error{
		third(x.deploys.ListDeployments(ctx, &codedeploy.ListDeploymentsInput{DeploymentGroupName: group})), third(x.deploys.GetDeploymentGroup(ctx, &codedeploy.GetDeploymentGroupInput{ApplicationName: app, DeploymentGroupName: nobody})),
		third(x.deploys.BatchGetDeploymentTargets(ctx, &codedeploy.BatchGetDeploymentTargetsInput{DeploymentId: &x.id, TargetIds: []string{"nobody"}})), third(x.deploys.BatchGetDeploymentTargets(ctx, &codedeploy.BatchGetDeploymentTargetsInput{DeploymentId: nobody, TargetIds: ids})),
		third(x.deploys.GetDeploymentTarget(ctx, &codedeploy.GetDeploymentTargetInput{DeploymentId: nobody, TargetId: nobody})), third(x.deploys.ContinueDeployment(ctx, &codedeploy.ContinueDeploymentInput{DeploymentId: nobody})),
	} {
		if err == nil {
			t.Error("no refusal")
		}
	}
}

// third is the error of a call.
func third[T any](_ T, err error) error { return err }

// TestGroupUpdates: CloudFormation changes a deployment group in place.
func TestGroupUpdates(t *testing.T) {
	x := openShop(t, nil)
	read := func() *types.DeploymentGroupInfo {
		return must(x.deploys.GetDeploymentGroup(t.Context(), &codedeploy.GetDeploymentGroupInput{ApplicationName: aws.String("app"), DeploymentGroupName: aws.String("group")})).DeploymentGroupInfo
	}
	before := read()
	if got := x.deploy(proposal{stack: "s", body: released, update: true, parameters: map[string]string{"Image": "two", "Watch": "false"}}); got != "UPDATE_COMPLETE" {
		t.Fatal(got)
	}
	if after := read(); after.AlarmConfiguration.Enabled || aws.ToString(after.DeploymentGroupId) != aws.ToString(before.DeploymentGroupId) {
		t.Errorf("%+v", after)
	}
}

// TestReleasePlants: what is not there cannot go wrong.
func TestReleasePlants(t *testing.T) {
	x := openShop(t, nil)
	for name, err := range map[string]error{"alarm": x.sim.SetAlarm("nobody", "OK"), "service": x.sim.ScaleOut("nobody", 1, 0), "rule": x.sim.SetWeights("nobody", 1, 1), "targets": x.sim.SetWeights("Rule", 1), "sets": x.sim.DropTaskSets("nobody")} {
		if err == nil {
			t.Error(name)
		}
	}
	x.check(x.sim.ScaleOut("svc", 9, time.Minute))
	x.wait(time.Minute)
	if s := x.service(); s.DesiredCount != 4 || s.RunningCount != 2 || s.PendingCount != 2 || s.TaskSets[0].StabilityStatus != "STABILIZING" {
		t.Errorf("%+v", s)
	}
	x.wait(3 * time.Minute)
	if s := x.service(); s.RunningCount != 4 || s.TaskSets[0].StabilityStatus != "STEADY_STATE" {
		t.Errorf("%+v", s)
	}
}

// TestSecondReleaseGoesBack: colours alternate.
func TestSecondReleaseGoesBack(t *testing.T) {
	x := openShop(t, nil)
	x.begin(nil, 25*time.Minute)
	x.begin(nil, 25*time.Minute)
	x.same("weights", blueServes, x.weights("Rule"))
	x.same("sets", "PRIMARY tg-blue", x.taskSets())
	if d := must(x.containers.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("cluster"), Tasks: must(x.containers.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("cluster"), Family: aws.String("task")})).TaskArns})); len(d.Tasks) != 2 ||
		aws.ToString(d.Tasks[0].LastStatus) != "RUNNING" || d.Tasks[0].HealthStatus != "HEALTHY" || aws.ToString(d.Tasks[0].Containers[0].Image) != "two" || aws.ToString(d.Tasks[0].Attachments[0].Details[0].Value) != "subnet-2" {
		t.Errorf("%+v", d.Tasks)
	}
}

// TestReleaseOfThePlatform: the platform's own templates are released.
func TestReleaseOfThePlatform(t *testing.T) {
	a := open(t, simulator.Options{})
	if got := a.deploy(a.platform(nil)); got != "CREATE_COMPLETE" {
		t.Fatalf("%s\n%s", got, a.log("platform-dev"))
	}
	x := &shop{account: a, deploys: codedeploy.NewFromConfig(a.config), containers: ecs.NewFromConfig(a.config)}
	definition := must(x.containers.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("task-payment-api-dev")})).TaskDefinition
	c := definition.ContainerDefinitions[0]
	if aws.ToString(c.Name) != "application" || c.Cpu != 1792 || aws.ToInt32(c.Memory) != 3584 || !aws.ToBool(c.ReadonlyRootFilesystem) || c.LogConfiguration.Options["awslogs-stream-prefix"] != "application" || len(c.Secrets) != 2 || len(c.Environment) < 5 ||
		aws.ToString(definition.Cpu) != "2048" || definition.NetworkMode != "awsvpc" || definition.RuntimePlatform == nil || aws.ToString(definition.TaskRoleArn) == "" || aws.ToString(definition.ExecutionRoleArn) == "" || definition.RequiresCompatibilities[0] != "FARGATE" {
		t.Errorf("%+v", definition)
	}
	begin := func(service, family string) string {
		content := x.spec(aws.ToString(must(x.containers.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: &family})).TaskDefinition.TaskDefinitionArn), "application", 8080)
		return aws.ToString(must(x.deploys.CreateDeployment(t.Context(), &codedeploy.CreateDeploymentInput{ApplicationName: aws.String("app-payments-dev"), DeploymentGroupName: aws.String("deployment-" + service + "-dev"),
			Revision: &types.RevisionLocation{RevisionType: types.RevisionLocationTypeAppSpecContent, AppSpecContent: &types.AppSpecContent{Content: &content}}})).DeploymentId)
	}
	first := begin("payment-api", "task-payment-api-dev")
	x.wait(time.Minute)
	second := begin("notification-service", "task-notification-service-dev")
	x.wait(30 * time.Minute)
	for _, id := range []string{first, second} {
		if d := x.info(id); d.Status != types.DeploymentStatusSucceeded {
			t.Errorf("%+v %+v", d.Status, d.ErrorInformation)
		}
	}
	g := must(x.deploys.GetDeploymentGroup(t.Context(), &codedeploy.GetDeploymentGroupInput{ApplicationName: aws.String("app-payments-dev"), DeploymentGroupName: aws.String("deployment-notification-service-dev")})).DeploymentGroupInfo
	if aws.ToString(g.LastSuccessfulDeployment.DeploymentId) != second || len(g.AlarmConfiguration.Alarms) != 2 {
		t.Errorf("%+v", g)
	}
}

// TestReleaseOfNobody: a group may name a service that is not there; a service may name a revision that is not there.
func TestReleaseOfNobody(t *testing.T) {
	a := open(t, simulator.Options{})
	const body = `{Resources: {Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: cluster}}, Application: {Type: AWS::CodeDeploy::Application, Properties: {ApplicationName: app, ComputePlatform: ECS}},
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {Family: task, ContainerDefinitions: [{Name: app, Image: one}]}}, Lost: {Type: AWS::ECS::Service, Properties: {ServiceName: lost, Cluster: !Ref Cluster, TaskDefinition: nobody}},
  Group: {Type: AWS::CodeDeploy::DeploymentGroup, DependsOn: Application, Properties: {ApplicationName: app, DeploymentGroupName: group, ECSServices: [{ClusterName: cluster, ServiceName: svc}]}}}}`
	if got := a.deploy(proposal{stack: "s", body: body}); got != "CREATE_COMPLETE" {
		t.Fatalf("%s\n%s", got, a.log("s"))
	}
	x := &shop{account: a, deploys: codedeploy.NewFromConfig(a.config), containers: ecs.NewFromConfig(a.config)}
	x.begin(nil, 10*time.Second)
	x.same("ends", "Failed INVALID_ECS_SERVICE", x.ended())
	arns := must(x.containers.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("cluster"), ServiceName: aws.String("lost")})).TaskArns
	if out := must(x.containers.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("cluster"), Tasks: arns})); len(out.Tasks) != 1 || len(out.Tasks[0].Containers) != 0 {
		t.Errorf("%+v", out)
	}
}
