package simulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/tierform/tierform/internal/simulator"
)

// TestPullFailure: tasks whose images cannot be pulled stop, and both the tasks and the service say why.
func TestPullFailure(t *testing.T) {
	x := openShop(t, nil)
	x.sim.PlanRelease("svc", simulator.ReleasePlan{PullError: "pull image manifest has been retried 5 time(s): not found"})
	x.begin(nil, 2*time.Minute)
	arns := must(x.containers.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("cluster"), ServiceName: aws.String("svc"), DesiredStatus: "STOPPED"})).TaskArns
	out := must(x.containers.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("cluster"), Tasks: arns}))
	if len(arns) != 3 || out.Tasks[0].StopCode != "TaskFailedToStart" || !strings.HasPrefix(aws.ToString(out.Tasks[0].StoppedReason), "CannotPullContainerError: pull image") || aws.ToString(out.Tasks[0].TaskDefinitionArn) != x.revision() {
		t.Errorf("%+v", out.Tasks)
	}
	green := aws.ToString(x.service().TaskSets[1].Id)
	if mine := must(x.containers.ListTasks(t.Context(), &ecs.ListTasksInput{Cluster: aws.String("cluster"), StartedBy: &green, DesiredStatus: "STOPPED"})).TaskArns; len(mine) != 3 {
		t.Errorf("of the replacement: %v", mine)
	}
	if events := x.service().Events; len(events) != 3 || !strings.Contains(aws.ToString(events[0].Message), "was unable to start a task: CannotPullContainerError") {
		t.Errorf("%+v", events)
	}
	x.same("health", "unhealthy unhealthy", x.health("GreenTargets"))
	x.stop("Pending", nil)
	x.wait(5 * time.Minute)
	x.same("ends", "Stopped MANUAL_STOP rollback Succeeded", x.ended())
}

// TestLostStrategy: a release whose AppSpec says nothing of the capacity provider strategy takes it away, and the platform version with it.
func TestLostStrategy(t *testing.T) {
	x := openShop(t, nil)
	if s := x.service(); len(s.CapacityProviderStrategy) != 2 || s.CapacityProviderStrategy[1].Weight != 3 || s.LaunchType != "" || aws.ToString(s.PlatformVersion) != "1.4.0" || s.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp != "DISABLED" || aws.ToInt32(s.HealthCheckGracePeriodSeconds) != 60 {
		t.Errorf("%+v", s)
	}
	x.extra = ""
	x.begin(nil, 12*time.Minute)
	s := x.service()
	if len(s.CapacityProviderStrategy) != 0 || s.LaunchType != "FARGATE" || aws.ToString(s.PlatformVersion) != "LATEST" || s.NetworkConfiguration.AwsvpcConfiguration.Subnets[0] != "subnet-1" {
		t.Errorf("%+v", s)
	}
	must(x.api.DetectStackDrift(t.Context(), &cloudformation.DetectStackDriftInput{StackName: aws.String("s")}))
	x.wait(time.Minute)
	found := false
	for _, d := range must(x.api.DescribeStackResourceDrifts(t.Context(), &cloudformation.DescribeStackResourceDriftsInput{StackName: aws.String("s")})).StackResourceDrifts {
		for _, p := range d.PropertyDifferences {
			found = found || aws.ToString(p.PropertyPath) == "/CapacityProviderStrategy" && p.DifferenceType == "REMOVE"
		}
	}
	if !found {
		t.Error("the lost strategy is no drift")
	}
}

// TestReleasesOfWhatGoes: a group that is deleted before the release begins, and a service that is deleted while it runs, fail it.
func TestReleasesOfWhatGoes(t *testing.T) {
	x := openShop(t, nil)
	x.begin(nil, 5*time.Minute)
	must(x.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("s")}))
	x.wait(10 * time.Minute)
	x.same("service", "Failed INVALID_ECS_SERVICE", x.ended())
	if _, err := x.deploys.ListDeploymentGroups(t.Context(), &codedeploy.ListDeploymentGroupsInput{ApplicationName: aws.String("app")}); code(err) != "ApplicationDoesNotExistException" {
		t.Error(err)
	}
	x = openShop(t, nil)
	must(x.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("s")}))
	x.wait(time.Second)
	x.begin(nil, 10*time.Second)
	x.same("group", "Failed DEPLOYMENT_GROUP_MISSING", x.ended())
}
