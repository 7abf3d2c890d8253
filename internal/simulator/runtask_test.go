package simulator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/tierform/tierform/internal/simulator"
)

// administered is a task that runs by itself, and a plain service without a load balancer.
const administered = `{Resources: {Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: cluster}}, Log: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /admin}},
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {Family: admin, NetworkMode: awsvpc, Cpu: 256, ContainerDefinitions: [{Name: side, Image: side, Essential: "false"}, {Name: app, Image: "repo@sha256:1b9e", Essential: true,
    LogConfiguration: {LogDriver: awslogs, Options: {awslogs-group: !Ref Log, awslogs-stream-prefix: run, mode: non-blocking}}}]}},
  Mute: {Type: AWS::ECS::TaskDefinition, Properties: {Family: mute, Volumes: [{Name: v, EFSVolumeConfiguration: {FilesystemId: fs-1}}], ContainerDefinitions: [{Name: app, Image: app, Essential: "false", DockerLabels: {KeptAsIs: "1"}, ReadonlyRootFilesystem: "true", Links: [!Ref "AWS::NoValue"]}]}},
  Plain: {Type: AWS::ECS::Service, DependsOn: Task, Properties: {ServiceName: plain, Cluster: !Ref Cluster, TaskDefinition: admin, DesiredCount: 2, LaunchType: FARGATE}}}}`

// TestRunTask: a task goes through its states, writes its log and ends with its exit code.
func TestRunTask(t *testing.T) {
	a := open(t, simulator.Options{})
	if got := a.deploy(proposal{stack: "s", body: administered}); got != "CREATE_COMPLETE" {
		t.Fatalf("%s\n%s", got, a.log("s"))
	}
	api, ctx := ecs.NewFromConfig(a.config), t.Context()
	cluster := aws.String("cluster")
	order := func() *ecs.RunTaskInput {
		return &ecs.RunTaskInput{Cluster: cluster, TaskDefinition: aws.String("admin"), StartedBy: aws.String("deploy"), ClientToken: aws.String("token"), PlatformVersion: aws.String("1.4.0"),
			CapacityProviderStrategy: []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE"), Weight: 1}},
			NetworkConfiguration:     &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-1"}}},
			Overrides:                &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{Name: aws.String("app"), Command: []string{"migrate"}}}}}
	}
	a.sim.PlanTask("admin", 3, []string{"migrating", "failed"}, time.Minute)
	arn := aws.ToString(must(api.RunTask(ctx, order())).Tasks[0].TaskArn)
	look := func() types.Task {
		return must(api.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: cluster, Tasks: []string{arn}})).Tasks[0]
	}
	var states []string
	for _, d := range []time.Duration{0, 15 * time.Second, 25 * time.Second, 30 * time.Second, 30 * time.Second} {
		a.wait(d)
		states = append(states, aws.ToString(look().LastStatus))
	}
	if got := strings.Join(states, " "); got != "PROVISIONING PENDING RUNNING RUNNING STOPPED" {
		t.Error(got)
	}
	end := look()
	if end.StopCode != "EssentialContainerExited" || aws.ToInt32(end.Containers[1].ExitCode) != 3 || aws.ToInt32(end.Containers[0].ExitCode) != 0 || end.StartedAt == nil || end.StoppedAt.Sub(*end.StartedAt) != time.Minute ||
		aws.ToString(end.StartedBy) != "deploy" || aws.ToString(end.CapacityProviderName) != "FARGATE" || end.Overrides.ContainerOverrides[0].Command[0] != "migrate" || aws.ToString(end.Containers[1].ImageDigest) != "sha256:1b9e" || aws.ToString(end.PlatformVersion) != "1.4.0" {
		t.Errorf("%+v", end)
	}
	stream := "run/app/" + arn[strings.LastIndex(arn, "/")+1:]
	lines := must(cloudwatchlogs.NewFromConfig(a.config).GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String("/admin"), LogStreamName: &stream})).Events
	if len(lines) != 2 || aws.ToString(lines[1].Message) != "failed" {
		t.Errorf("%+v", lines)
	}
	if again := aws.ToString(must(api.RunTask(ctx, order())).Tasks[0].TaskArn); again != arn {
		t.Errorf("the token made another task: %s", again)
	}
	refused := func(want string, change func(*ecs.RunTaskInput)) {
		t.Helper()
		in := order()
		change(in)
		if _, err := api.RunTask(ctx, in); code(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	refused("ConflictException", func(in *ecs.RunTaskInput) { in.StartedBy = nil })
	refused("ClusterNotFoundException", func(in *ecs.RunTaskInput) { in.Cluster = aws.String("nobody") })
	refused("ClientException", func(in *ecs.RunTaskInput) { in.TaskDefinition = aws.String("nobody") })
	refused("InvalidParameterException", func(in *ecs.RunTaskInput) { in.Count = aws.Int32(2) })
	refused("InvalidParameterException", func(in *ecs.RunTaskInput) { in.LaunchType = "FARGATE" })
	refused("InvalidParameterException", func(in *ecs.RunTaskInput) { in.NetworkConfiguration = nil })
}

// TestPlainTasks: tasks without a log or an essential container run too, and tasks are found by what they are.
func TestPlainTasks(t *testing.T) {
	a := open(t, simulator.Options{})
	if got := a.deploy(proposal{stack: "s", body: administered}); got != "CREATE_COMPLETE" {
		t.Fatalf("%s\n%s", got, a.log("s"))
	}
	api, ctx, cluster := ecs.NewFromConfig(a.config), t.Context(), aws.String("cluster")
	a.sim.PlanTask("mute", 1, []string{"nobody reads this"}, 0)
	run := func() types.Task { // the client gives each request a token of its own
		return must(api.RunTask(ctx, &ecs.RunTaskInput{Cluster: cluster, TaskDefinition: aws.String("mute"), Group: aws.String("nightly"), LaunchType: "FARGATE"})).Tasks[0]
	}
	one, two := run(), run()
	if aws.ToString(one.TaskArn) == aws.ToString(two.TaskArn) || aws.ToString(one.Group) != "nightly" || one.LaunchType != "FARGATE" {
		t.Errorf("%+v", one)
	}
	count := func(in *ecs.ListTasksInput) int {
		in.Cluster = cluster
		return len(must(api.ListTasks(ctx, in)).TaskArns)
	}
	look := func() string {
		return fmt.Sprint(count(&ecs.ListTasksInput{}), count(&ecs.ListTasksInput{Family: aws.String("mute")}), count(&ecs.ListTasksInput{ServiceName: aws.String("plain")}), count(&ecs.ListTasksInput{DesiredStatus: "STOPPED"}))
	}
	if got := look(); got != "4 2 2 0" {
		t.Error(got)
	}
	a.wait(time.Minute)
	if got := look(); got != "2 0 2 2" {
		t.Error(got)
	}
	d := must(api.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("mute")})).TaskDefinition
	if c := d.ContainerDefinitions[0]; c.DockerLabels["KeptAsIs"] != "1" || !aws.ToBool(c.ReadonlyRootFilesystem) || aws.ToString(d.Volumes[0].EfsVolumeConfiguration.FileSystemId) != "fs-1" {
		t.Errorf("%+v", d)
	}
	if s := must(api.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: cluster, Services: []string{"plain"}})).Services[0]; s.RunningCount != 2 || s.LaunchType != "FARGATE" {
		t.Errorf("%+v", s)
	}
	must(api.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("mute:1")}))
	if d := must(api.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("mute:1")})).TaskDefinition; d.Status != "INACTIVE" || d.DeregisteredAt == nil {
		t.Errorf("%+v", d)
	}
	if _, err := api.RunTask(ctx, &ecs.RunTaskInput{Cluster: cluster, TaskDefinition: aws.String("mute:1")}); code(err) != "ClientException" {
		t.Error(err)
	}
}
