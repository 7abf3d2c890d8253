package simulator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secrets "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/tierform/tierform/internal/simulator"
)

// TestObstacles: what keeps resources from being deleted, and names from being taken.
func TestObstacles(t *testing.T) {
	a := open(t, simulator.Options{})
	body := `{Resources: {B: {Type: AWS::S3::Bucket, Properties: {BucketName: b, VersioningConfiguration: {Status: Enabled}}}, D: {Type: AWS::ServiceDiscovery::Service, Properties: {Name: d}}, S: {Type: AWS::SecretsManager::Secret, Properties: {Name: x}},
  C: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora, ManageMasterUserPassword: true}}, O: {Type: AWS::SSM::Parameter, Properties: {Value: !GetAtt C.MasterUserSecret.SecretArn}}, P: {Type: AWS::SSM::Parameter, Properties: {Value: !GetAtt S.MasterUserSecret.SecretArn}},
  I: {Type: AWS::RDS::DBInstance, DeletionPolicy: Delete}, K: {Type: AWS::KMS::Key, DeletionPolicy: RetainExceptOnCreate}}}`
	if got := a.deploy(proposal{stack: "s", body: body, tags: map[string]string{"environment": "dev"}}); got != "CREATE_COMPLETE" {
		t.Fatal(got)
	}
	sweep := func() *resourcegroupstaggingapi.GetResourcesOutput {
		return must(resourcegroupstaggingapi.NewFromConfig(a.config).GetResources(t.Context(), &resourcegroupstaggingapi.GetResourcesInput{TagFilters: []tagging.TagFilter{{Key: aws.String("environment"), Values: []string{"dev"}}}, ResourceTypeFilters: []string{"rds"}}))
	}
	if found := sweep(); len(found.ResourceTagMappingList) != 2 {
		t.Errorf("%+v", found.ResourceTagMappingList)
	}
	api := secretsmanager.NewFromConfig(a.config)
	a.sim.ScheduleSecretDeletion("gone")
	names := func(in *secretsmanager.ListSecretsInput) (found []string) {
		for _, s := range must(api.ListSecrets(t.Context(), in)).SecretList {
			found = append(found, aws.ToString(s.Name))
		}
		return found
	}
	if got := names(&secretsmanager.ListSecretsInput{}); len(got) != 2 {
		t.Errorf("%v", got)
	}
	if got := names(&secretsmanager.ListSecretsInput{IncludePlannedDeletion: aws.Bool(true), Filters: []secrets.Filter{{Key: "name", Values: []string{"go"}}}}); fmt.Sprint(got) != "[gone]" {
		t.Errorf("%v", got)
	}
	if got := names(&secretsmanager.ListSecretsInput{Filters: []secrets.Filter{{Key: "owning-service", Values: []string{"rds"}}}}); len(got) != 1 || !strings.HasPrefix(got[0], "rds!cluster-") {
		t.Errorf("%v", got)
	}
	if out := must(api.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: aws.String("gone")})); out.DeletedDate == nil {
		t.Errorf("%+v", out)
	}
	if _, err := api.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: aws.String("nobody")}); code(err) != "ResourceNotFoundException" {
		t.Errorf("%v", err)
	}
	if got := a.deploy(proposal{stack: "t", body: `{Resources: {B: {Type: AWS::S3::Bucket, Properties: {BucketName: b}}, S: {Type: AWS::SecretsManager::Secret, Properties: {Name: gone}}, X: {Type: AWS::SecretsManager::Secret, Properties: {Name: free}}}}`}); got != "ROLLBACK_COMPLETE" {
		t.Errorf("taken names: %s", got)
	}
	if err := a.sim.PutObject("b", "k", "v"); err != nil {
		t.Fatal(err)
	}
	if err := a.sim.RegisterInstances("D", time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := a.sim.RegisterInstances("nobody", time.Hour); err == nil {
		t.Error("instances of nobody")
	}
	arn := aws.ToString(a.stack("s").StackId)
	must(a.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &arn}))
	if got := a.settle(arn); got != "DELETE_FAILED" {
		t.Fatal(got)
	}
	lines(t, a.log(arn), "K DELETE_SKIPPED", "s DELETE_FAILED The following resource(s) failed to delete: [B, D]. ")
	found := sweep()
	if len(found.ResourceTagMappingList) != 1 || !strings.Contains(aws.ToString(found.ResourceTagMappingList[0].ResourceARN), "cluster-snapshot:") {
		t.Errorf("a database without a policy leaves a snapshot: %+v", found.ResourceTagMappingList)
	}
	if _, err := a.sim.Physical("nobody"); err == nil {
		t.Error("the ID of nobody")
	}
}

// TestTagSweep finds what carries the environment's tag, to the last page.
func TestTagSweep(t *testing.T) {
	a, _ := running(t)
	api := resourcegroupstaggingapi.NewFromConfig(a.config)
	filter := []tagging.TagFilter{{Key: aws.String("environment"), Values: []string{"dev"}}}
	pages := resourcegroupstaggingapi.NewGetResourcesPaginator(api, &resourcegroupstaggingapi.GetResourcesInput{TagFilters: filter, ResourcesPerPage: aws.Int32(3)})
	count := 0
	for pages.HasMorePages() {
		count += len(must(pages.NextPage(t.Context())).ResourceTagMappingList)
	}
	if count != 10 {
		t.Errorf("%d tagged, want the stack and nine resources", count)
	}
	if out := must(api.GetResources(t.Context(), &resourcegroupstaggingapi.GetResourcesInput{TagFilters: []tagging.TagFilter{{Key: aws.String("environment"), Values: []string{"qa"}}}})); len(out.ResourceTagMappingList) != 0 {
		t.Errorf("of another environment: %+v", out)
	}
}

// TestInUse: what another stack uses cannot be deleted, and a service that no rule knows cannot be released. Its number of tasks drifts.
func TestInUse(t *testing.T) {
	a := open(t, simulator.Options{})
	a.deploy(proposal{stack: "first", body: `{Resources: {Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: c}}, Group: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Name: tg}}}}`})
	group := must(a.sim.Physical("Group"))
	second := proposal{stack: "second", parameters: map[string]string{"Group": group}, body: `{Parameters: {Group: {Type: String}, Family: {Type: String, Default: f}}, Resources: {Task: {Type: AWS::ECS::TaskDefinition, Properties: {Family: f}},
  Rule: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: l, Actions: [{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref Group}]}}]}},
  Service: {Type: AWS::ECS::Service, DependsOn: Task, Properties: {Cluster: c, ServiceName: s, DesiredCount: 3, TaskDefinition: !Ref Family, LoadBalancers: [{TargetGroupArn: other}]}}}}`}
	if got := a.deploy(second); got != "CREATE_COMPLETE" {
		t.Fatal(got)
	}
	second.update, second.parameters["Family"] = true, "other"
	if got := a.deploy(second); got != "UPDATE_COMPLETE" {
		t.Errorf("a service that ECS itself deploys takes another task definition: %s", got)
	}
	if err := a.sim.Release("s"); err == nil {
		t.Error("released without a rule")
	}
	must(ecs.NewFromConfig(a.config).UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("c"), Service: aws.String("s"), DesiredCount: aws.Int32(5)}))
	must(a.api.DetectStackDrift(t.Context(), &cloudformation.DetectStackDriftInput{StackName: aws.String("second")}))
	a.wait(time.Minute)
	for _, d := range must(a.api.DescribeStackResourceDrifts(t.Context(), &cloudformation.DescribeStackResourceDriftsInput{StackName: aws.String("second")})).StackResourceDrifts {
		if aws.ToString(d.LogicalResourceId) == "Service" && aws.ToString(d.PropertyDifferences[0].ActualValue) != "5" {
			t.Errorf("%+v", d.PropertyDifferences)
		}
	}
	must(a.api.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("first")}))
	if got := a.settle("first"); got != "DELETE_FAILED" {
		t.Fatal(got)
	}
	lines(t, a.log("first"), "is currently in use by a listener or a rule", "Cluster DELETE_FAILED The Cluster cannot be deleted while Services are active.")
}
