package simulator_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/tierform/tierform/internal/simulator"
)

// TestDrift: planted drift, and what CodeDeploy and scaling changed.
func TestDrift(t *testing.T) {
	a, api := running(t)
	a.deploy(proposal{stack: "n", body: `{Resources: {N: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "` + a.upload("t", topic) + `"}}, G: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 30}}, Q: {Type: AWS::SQS::Queue}, E: {Type: AWS::ECS::Service, Properties: {DesiredCount: 3}}}}`})
	detect := func(stack string) (status types.StackDriftStatus, drifted int32, drifts []types.StackResourceDrift) {
		id := must(a.api.DetectStackDrift(t.Context(), &cloudformation.DetectStackDriftInput{StackName: &stack})).StackDriftDetectionId
		if _, err := a.api.DetectStackDrift(t.Context(), &cloudformation.DetectStackDriftInput{StackName: &stack}); code(err) != "ValidationError" {
			t.Errorf("twice at once: %v", err)
		}
		for {
			out := must(a.api.DescribeStackDriftDetectionStatus(t.Context(), &cloudformation.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: id}))
			if out.DetectionStatus == types.StackDriftDetectionStatusDetectionComplete {
				status, drifted = out.StackDriftStatus, aws.ToInt32(out.DriftedStackResourceCount)
				break
			}
			a.wait(time.Second)
		}
		filter := []types.StackResourceDriftStatus{"MODIFIED", "DELETED"}
		return status, drifted, must(a.api.DescribeStackResourceDrifts(t.Context(), &cloudformation.DescribeStackResourceDriftsInput{StackName: &stack, StackResourceDriftStatusFilters: filter})).StackResourceDrifts
	}
	if status, n, drifts := detect("s"); status != types.StackDriftStatusInSync || n != 0 || len(drifts) != 0 {
		t.Errorf("%s %d %+v", status, n, drifts)
	}
	if err := a.sim.Release("svc"); err != nil {
		t.Fatal(err)
	}
	if status, n, drifts := detect("s"); status != types.StackDriftStatusDrifted || n != 1 || len(drifts[0].PropertyDifferences) != 2 || aws.ToString(drifts[0].PropertyDifferences[1].ActualValue) != "100" {
		t.Errorf("%s %d %+v", status, n, drifts)
	}
	must(api.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("cluster"), Service: aws.String("svc"), DesiredCount: aws.Int32(1)}))
	a.sim.Drift(simulator.Drifted{LogicalID: "G", Path: "/RetentionInDays", Actual: "90"}, simulator.Drifted{LogicalID: "G", Path: "/LogGroupName"}, simulator.Drifted{LogicalID: "Q"})
	if status, n, drifts := detect("n"); status != types.StackDriftStatusDrifted || n != 2 || aws.ToString(drifts[0].PropertyDifferences[0].ExpectedValue) != "30" || drifts[1].StackResourceDriftStatus != types.StackResourceDriftStatusDeleted {
		t.Errorf("%s %d %+v", status, n, drifts)
	}
	if _, err := a.api.DescribeStackDriftDetectionStatus(t.Context(), &cloudformation.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: aws.String("nobody")}); code(err) != "ValidationError" {
		t.Errorf("%v", err)
	}
	a.execute(proposal{stack: "n", update: true, body: topic})
	if _, err := a.api.DetectStackDrift(t.Context(), &cloudformation.DetectStackDriftInput{StackName: aws.String("n")}); code(err) != "ValidationError" {
		t.Errorf("while it is updated: %v", err)
	}
}
