package checks

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLifecycleRules(t *testing.T) {
	const (
		platform, data, ingress, cluster = "platform.yaml", "data.yaml", "ingress.yaml", "cluster.yaml"
		service, id                      = "service-transaction-processor.yaml", "TransactionProcessorService"
		targets                          = "Actions[0].ForwardConfig.TargetGroups"
		blueWeight                       = "TransactionProcessorBlueTargetGroup\n                Weight: !If [BlueIsActive, 100, 0]"
	)
	testGoldenFaults(t, lifecycleRules(), []goldenFault{
		{rule: "LIF001", name: "retained", edits: []edit{replaceInResource(data, "Cluster", "    DeletionPolicy: Delete", "    DeletionPolicy: Retain")},
			template: data, id: "Cluster", path: "DeletionPolicy", line: "DeletionPolicy: Retain", found: "Retain"},
		{rule: "LIF001", name: "snapshot on replacement", edits: []edit{replaceInResource(data, "Writer", "UpdateReplacePolicy: Delete", "UpdateReplacePolicy: Snapshot")},
			template: data, id: "Writer", path: "UpdateReplacePolicy", line: "UpdateReplacePolicy: Snapshot"},
		{rule: "LIF001", name: "not known", outcome: Unsure, edits: []edit{replaceInResource(data, "Writer", "UpdateReplacePolicy: Delete", "UpdateReplacePolicy: !ImportValue policy")},
			template: data, id: "Writer", path: "UpdateReplacePolicy", line: "ImportValue"},
		{rule: "LIF002", name: "left to the default", edits: []edit{replaceInResource(data, "Cluster", "    DeletionPolicy: Delete\n", "")},
			template: data, id: "Cluster", path: "DeletionPolicy", line: "Cluster:"},
		{rule: "LIF002", name: "stateful by its own word", edits: []edit{replaceInResource("network.yaml", "VPC", "    Metadata:\n", "    Metadata:\n      Stateful: true\n")},
			template: "network.yaml", id: "VPC", path: "UpdateReplacePolicy", line: "VPC:"},
		{rule: "LIF003", name: "protected database", edits: []edit{replaceInResource(data, "Cluster", "DeletionProtection: false", "DeletionProtection: yes")},
			template: data, id: "Cluster", path: "DeletionProtection", line: "DeletionProtection: yes", found: "true"},
		{rule: "LIF003", name: "registry that is not emptied", edits: []edit{replaceInResource("foundation.yaml", "EnvoyRepository", "      EmptyOnDelete: true\n", "")},
			template: "foundation.yaml", id: "EnvoyRepository", path: "EmptyOnDelete", line: "Properties:"},
		{rule: "LIF003", name: "backups that stay", edits: []edit{replaceInResource(data, "Cluster", "DeleteAutomatedBackups: true", "DeleteAutomatedBackups: false")},
			template: data, id: "Cluster", path: "DeleteAutomatedBackups", line: "DeleteAutomatedBackups: false"},
		{rule: "LIF003", name: "protected load balancer", edits: []edit{replaceInResource(ingress, "LoadBalancer", "deletion_protection.enabled\n          Value: 'false'", "deletion_protection.enabled\n          Value: 'true'")},
			template: ingress, id: "LoadBalancer", path: "LoadBalancerAttributes[3].Value", line: "Value: 'true'"},
		{rule: "LIF004", name: "the same in all environments", edits: []edit{replaceInResource(cluster, "Application", "!Sub app-payments-${EnvironmentSuffix}", "app-payments-prod")},
			template: cluster, id: "Application", path: "ApplicationName", line: "app-payments-prod"},
		{rule: "LIF004", name: "not known", outcome: Unsure, edits: []edit{replaceInResource(cluster, "Application", "!Sub app-payments-${EnvironmentSuffix}", "!ImportValue name")},
			template: cluster, id: "Application", path: "ApplicationName", line: "ImportValue"},
		{rule: "LIF004", name: "no longest suffix", outcome: Unsure, edits: []edit{replaceIn(platform, "    MaxLength: 12\n", "")},
			template: platform, path: "Parameters.EnvironmentSuffix", line: "EnvironmentSuffix:", found: "MaxLength"},
		{rule: "LIF004", name: "a pattern nothing fits", outcome: Unsure, edits: []edit{replaceIn(platform, "    AllowedPattern: ^[a-z0-9]+(-[a-z0-9]+)*$", "    AllowedPattern: ^(dev|prod)$")},
			template: platform, path: "Parameters.EnvironmentSuffix", line: "EnvironmentSuffix:", found: "no suffix of 12 characters"},
		{rule: "LIF004", name: "a broken pattern", outcome: Unsure, edits: []edit{replaceIn(platform, "    AllowedPattern: ^[a-z0-9]+(-[a-z0-9]+)*$", "    AllowedPattern: ^(dev$")},
			template: platform, path: "Parameters.EnvironmentSuffix", line: "EnvironmentSuffix:", found: "cannot be read"},
		{rule: "LIF004", name: "one value", outcome: Unsure, edits: []edit{replaceIn(platform, "    AllowedPattern: ^[a-z0-9]+(-[a-z0-9]+)*$", "    AllowedValues: [prod]")},
			template: platform, path: "Parameters.EnvironmentSuffix", line: "EnvironmentSuffix:", found: "one value only"},
		{rule: "LIF005", name: "too long", edits: []edit{replaceInResource(service, "TransactionProcessorGreenTargetGroup", "tg-txn-green-", "target-group-txn-green-")},
			template: service, id: "TransactionProcessorGreenTargetGroup", path: "Name", line: "target-group-txn-green", found: "35 characters"},
		{rule: "LIF005", name: "not known", outcome: Unsure, edits: []edit{replaceInResource(cluster, "Application", "!Sub app-payments-${EnvironmentSuffix}", "!ImportValue name")},
			template: cluster, id: "Application", path: "ApplicationName", line: "ImportValue"},
		{rule: "LIF006", name: "a revision by reference", edits: []edit{replaceInResource(service, id, "TaskDefinition: !Sub task-transaction-processor-${EnvironmentSuffix}", "TaskDefinition: !Ref TransactionProcessorTaskDefinition")},
			template: service, id: id, path: "TaskDefinition", line: "!Ref TransactionProcessorTaskDefinition", found: "a reference"},
		{rule: "LIF006", name: "a revision by text", edits: []edit{replaceInResource(service, id, "TaskDefinition: !Sub task-transaction-processor-${EnvironmentSuffix}", "TaskDefinition: task-transaction-processor-prod:7")},
			template: service, id: id, path: "TaskDefinition", line: "prod:7"},
		{rule: "LIF006", name: "another family", outcome: Unsure, edits: []edit{replaceInResource(service, id, "TaskDefinition: !Sub task-transaction", "TaskDefinition: !Sub task-other")},
			template: service, id: id, path: "TaskDefinition", line: "task-other", found: "no template has"},
		{rule: "LIF006", name: "no order", edits: []edit{replaceInResource(service, id, "      - TransactionProcessorTaskDefinition\n", "")},
			template: service, id: id, path: "DependsOn", line: "DependsOn", found: "TransactionProcessorTaskDefinition"},
		{rule: "LIF006", name: "a number of tasks", edits: []edit{replaceInResource(service, id, "      EnableECSManagedTags", "      DesiredCount: 2\n      EnableECSManagedTags")},
			template: service, id: id, path: "DesiredCount", line: "DesiredCount: 2"},
		{rule: "LIF006", name: "controller not known", outcome: Unsure, edits: []edit{replaceInResource(service, id, "Type: CODE_DEPLOY", "Type: !ImportValue x")},
			template: service, id: id, path: "DeploymentController.Type", line: "ImportValue"},
		{rule: "LIF007", name: "one target group", edits: []edit{replaceInResource(service, "TransactionProcessorListenerRule", "              - TargetGroupArn: !Ref TransactionProcessorGreenTargetGroup\n                Weight: !If [BlueIsActive, 0, 100]\n", "")},
			template: service, id: "TransactionProcessorListenerRule", path: targets, line: "TargetGroups", found: "Weight: 100"},
		{rule: "LIF007", name: "fixed weight", edits: []edit{replaceInResource(service, "TransactionProcessorListenerRule", blueWeight, "TransactionProcessorBlueTargetGroup\n                Weight: 100")},
			template: service, id: "TransactionProcessorListenerRule", path: targets + "[0].Weight", line: "Weight: 100"},
		{rule: "LIF007", name: "both live", edits: []edit{replaceInResource(service, "TransactionProcessorListenerRule", "[BlueIsActive, 0, 100]", "[BlueIsActive, 50, 100]")},
			template: service, id: "TransactionProcessorListenerRule", path: targets, line: "TargetGroups", found: "50"},
		{rule: "LIF007", name: "weight not known", outcome: Unsure, edits: []edit{replaceInResource(service, "TransactionProcessorListenerRule", blueWeight, "TransactionProcessorBlueTargetGroup\n                Weight: !If [BlueIsActive, !ImportValue w, 0]")},
			template: service, id: "TransactionProcessorListenerRule", path: targets, line: "TargetGroups", found: "ImportValue"},
		{rule: "LIF007", name: "no rule", edits: []edit{replaceInResource(service, "TransactionProcessorListenerRule", "TargetGroupArn: !Ref TransactionProcessorBlueTargetGroup\n                Weight: !If [BlueIsActive, 100, 0]\n              - TargetGroupArn: !Ref TransactionProcessorGreenTargetGroup", "TargetGroupArn: other")},
			template: service, id: "TransactionProcessorDeploymentGroup", path: "LoadBalancerInfo.TargetGroupPairInfoList[0]", line: "TargetGroupPairInfoList", found: "no listener"},
		{rule: "LIF007", name: "one target group of the deployment", edits: []edit{replaceInResource(service, "TransactionProcessorDeploymentGroup", "              - Name: !GetAtt TransactionProcessorGreenTargetGroup.TargetGroupName\n", "")},
			template: service, id: "TransactionProcessorDeploymentGroup", path: "LoadBalancerInfo.TargetGroupPairInfoList[0].TargetGroups", line: "TargetGroups"},
		{rule: "LIF007", name: "target groups not known", outcome: Unsure, edits: []edit{replaceInResource(service, "TransactionProcessorDeploymentGroup", "!GetAtt TransactionProcessorGreenTargetGroup.TargetGroupName", "!ImportValue green")},
			template: service, id: "TransactionProcessorDeploymentGroup", path: "LoadBalancerInfo.TargetGroupPairInfoList[0].TargetGroups", line: "TargetGroups"},
		{rule: "LIF008", name: "a transform", edits: []edit{replaceIn(data, "\nResources:\n", "\nTransform: AWS::LanguageExtensions\n\nResources:\n")},
			template: data, path: "Transform", line: "Transform"},
		{rule: "LIF008", name: "an export", edits: []edit{replaceIn(data, "    Value: !Ref PostgresqlLogGroup\n", "    Value: !Ref PostgresqlLogGroup\n    Export:\n      Name: log-group\n")},
			template: data, path: "Outputs.LogGroup.Export", line: "Export:"},
		{rule: "LIF008", name: "an import", edits: []edit{replaceInResource(data, "Writer", "!Ref Zone", "!ImportValue zone")},
			template: data, id: "Writer", line: "ImportValue", found: "Fn::ImportValue"},
		{rule: "LIF008", name: "an import in an output", edits: []edit{replaceIn(data, "    Value: !Ref PostgresqlLogGroup\n", "    Value: !ImportValue x\n")},
			template: data, path: "Outputs.LogGroup", line: "ImportValue"},
		{rule: "LIF009", name: "a constraint", edits: []edit{replaceIn(data, "from SecurityStack.Outputs.DataKey\n", "from SecurityStack.Outputs.DataKey\n    AllowedPattern: ^arn:.*$\n")},
			template: data, path: "Parameters.DataKey.AllowedPattern", line: "AllowedPattern"},
		{rule: "LIF009", name: "a type of AWS", edits: []edit{replaceIn(data, "  Group:\n    Type: String", "  Group:\n    Type: AWS::EC2::SecurityGroup::Id")},
			template: data, path: "Parameters.Group.Type", line: "AWS::EC2::SecurityGroup::Id"},
		{rule: "LIF009", name: "a value that is cut", edits: []edit{replaceInResource(data, "Writer", "!Ref Zone", "!Select [0, !Split [',', !Ref Zone]]")},
			template: data, id: "Writer", line: "!Select", found: "Fn::Select of parameter Zone"},
		{rule: "LIF009", name: "a condition", edits: []edit{replaceIn(cluster, "\nResources:\n", "\nConditions:\n  HasKey: !Not [!Equals [!Ref LogsKey, '']]\n\nResources:\n")},
			template: cluster, path: "Conditions.HasKey", line: "!Equals", found: "Fn::Equals of parameter LogsKey"},
		{rule: "LIF010", name: "no way out yet", edits: []edit{replaceInResource(platform, "ServiceTransactionProcessorStack", "    DependsOn:\n      - EgressStack\n", "")},
			template: service, id: id, path: "DependsOn", line: "DependsOn:", found: "egress.yaml"},
		{rule: "LIF010", name: "no listener yet", edits: []edit{replaceInResource(service, id, "      - TransactionProcessorListenerRule\n", "")},
			template: service, id: id, path: "LoadBalancers[0].TargetGroupArn", line: "TargetGroupArn", found: "no listener"},
		{rule: "LIF010", name: "capacity providers later", edits: []edit{addResource(service, "  Providers:\n    Type: AWS::ECS::ClusterCapacityProviderAssociations\n    Properties:\n      Cluster: !Ref Cluster")},
			template: service, id: id, path: "DependsOn", line: "DependsOn:", found: "Providers"},
		{rule: "LIF010", name: "a schedule before its task", edits: []edit{replaceInResource("administration.yaml", "AdministrationSchedule", "    DependsOn:\n      - AdministrationTaskDefinition\n", "")},
			template: "administration.yaml", id: "AdministrationSchedule", path: "DependsOn", line: "AdministrationSchedule:", found: "AdministrationTaskDefinition"},
		{rule: "LIF010", name: "a schedule before its way out", edits: []edit{addResource("administration.yaml", "  Providers:\n    Type: AWS::ECS::ClusterCapacityProviderAssociations\n    Properties:\n      Cluster: !Ref Cluster")},
			template: "administration.yaml", id: "AdministrationSchedule", path: "DependsOn", line: "DependsOn:", found: "Providers"},
		{rule: "LIF014", name: "a route before its gateway", edits: []edit{replaceInResource("network.yaml", "PublicDefaultRoute", "    DependsOn:\n      - InternetGatewayAttachment\n", "")},
			template: "network.yaml", id: "PublicDefaultRoute", path: "DependsOn", line: "PublicDefaultRoute:", found: "InternetGatewayAttachment"},
		{rule: "LIF014", name: "a reader before the writer", edits: []edit{addResource(data, "  Another:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      DBClusterIdentifier: !Ref Cluster")},
			template: data, id: "Writer", path: "DependsOn", line: "Writer:", found: "Another"},
		{rule: "LIF014", name: "a log before its policy", edits: []edit{replaceInResource(ingress, "WebAclLogging", "      - WafLogDeliveryPolicy\n", "")},
			template: ingress, id: "WebAclLogging", path: "DependsOn", line: "DependsOn:", found: "WafLogDeliveryPolicy"},
		{rule: "LIF011", name: "no rule", edits: []edit{replaceIn(platform, "!Equals [!Ref AWS::Region, us-east-1]", "!Equals [!Ref AWS::Partition, aws]")},
			template: platform, path: "Rules", line: "Rules:"},
		{rule: "LIF011", name: "another region", edits: []edit{replaceIn(platform, "!Equals [!Ref AWS::Region, us-east-1]", "!Equals [!Ref AWS::Region, eu-west-1]")},
			template: platform, path: "Rules", line: "Rules:"},
		{rule: "LIF011", name: "not known", outcome: Unsure, edits: []edit{replaceIn(platform, "!Equals [!Ref AWS::Region, us-east-1]", "!EachMemberIn [[!Ref AWS::Region], [us-east-1]]")},
			template: platform, path: "Rules", line: "Rules:", found: "EachMemberIn"},
		{rule: "LIF012", name: "no address", edits: []edit{replaceIn(platform, "  LoadBalancerAddress:\n    Description: DNS name of the load balancer\n    Value: !GetAtt IngressStack.Outputs.DnsName\n", "")},
			template: ingress, id: "LoadBalancer", line: "Properties", found: "platform.yaml"},
		{rule: "LIF012", name: "address not known", outcome: Unsure, edits: []edit{replaceIn(platform, "Value: !GetAtt IngressStack.Outputs.DnsName\n", "Value: !ImportValue x\n")},
			template: ingress, id: "LoadBalancer", line: "Properties", found: "ImportValue"},
		{rule: "LIF013", name: "a template that is not there", outcome: Unsure, edits: []edit{addResource(platform, "  MoreStack:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: https://x/more.yaml")},
			template: platform, path: "Resources", line: "Resources:", found: "MoreStack: its template is not in the set"},
	})
}

// TestTrailBeforeBucketPolicy: what writes to a bucket waits for the policy that lets it.
func TestTrailBeforeBucketPolicy(t *testing.T) {
	const flat = `{"Resources": {
		"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "b"}},
		"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Bucket"}}},
		"Trail": {"Type": "AWS::CloudTrail::Trail", AFTER "Properties": {"S3BucketName": {"Ref": "Bucket"}}}}}`
	w := worldOf(t, nil, map[string]string{"flat.json": strings.Replace(flat, "AFTER", "", 1)})
	got := resultOf(t, w, lifecycleRules(), "LIF010").Findings
	want := []Finding{{Rule: "LIF010", Outcome: Fail, Template: "flat.json", LogicalID: "Trail", Path: "S3BucketName", Line: 4,
		Found: "nothing that leads to flat.json Policy", Needed: "the policy that lets it write, there before it", Mend: "add the bucket's policy to DependsOn"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	w = worldOf(t, nil, map[string]string{"flat.json": strings.Replace(flat, "AFTER", `"DependsOn": "Policy",`, 1)})
	if got := resultOf(t, w, lifecycleRules(), "LIF010"); got.Outcome != Pass || got.Subjects != 1 {
		t.Errorf("with the policy first: %+v", got)
	}
}

// TestNamesOfOtherSets: suffixes from a list, a name that AWS makes up, a suffix without pattern, and no suffix at all.
func TestNamesOfOtherSets(t *testing.T) {
	const topic = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: !Sub alarms-${EnvironmentSuffix}\n  Unnamed:\n    Type: AWS::SNS::Topic\n"
	tests := map[string]struct {
		parameter string
		outcome   Outcome
		subjects  int
	}{
		"values":       {"Parameters:\n  EnvironmentSuffix:\n    Type: String\n    AllowedValues: [a, production, b]\n", Pass, 1},
		"no pattern":   {"Parameters:\n  EnvironmentSuffix:\n    Type: String\n    MaxLength: 9\n", Pass, 1},
		"no parameter": {"Parameters:\n  Environment:\n    Type: String\n", NotApplicable, 0},
	}
	for name, tt := range tests {
		w := worldOf(t, nil, map[string]string{"root.yaml": tt.parameter + topic})
		for _, id := range []string{"LIF004", "LIF005"} {
			if got := resultOf(t, w, lifecycleRules(), id); got.Outcome != tt.outcome || got.Subjects != tt.subjects {
				t.Errorf("%s: %s is %s of %d, want %s of %d: %+v", name, id, got.Outcome, got.Subjects, tt.outcome, tt.subjects, got.Findings)
			}
		}
	}
}

// TestSingleStack: what concerns nested stacks says nothing about a stack without any.
func TestSingleStack(t *testing.T) {
	w := worldOf(t, nil, map[string]string{"sam.yaml": "Transform: AWS::Serverless-2016-10-31\nResources:\n  Topic:\n    Type: AWS::SNS::Topic\n"})
	for id, want := range map[string]Outcome{"LIF008": NotApplicable, "LIF009": NotApplicable, "LIF013": Unsure} {
		if got := resultOf(t, w, lifecycleRules(), id); got.Outcome != want {
			t.Errorf("%s is %s, want %s", id, got.Outcome, want)
		}
	}
	w = worldOf(t, nil, map[string]string{"a.yaml": "Resources:\n  N:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: b.yaml\n", "b.yaml": "Resources: {}\nMetadata: !ImportValue x\n"})
	if got := resultOf(t, w, lifecycleRules(), "LIF008").Findings; len(got) != 1 || got[0].Path != "Metadata" {
		t.Errorf("a section that is a function: %+v", got)
	}
}

// TestForeignReleases: weights by a chain of conditions, a service behind somebody else's target group, resources without
// names.
func TestForeignReleases(t *testing.T) {
	w := worldOf(t, map[string]string{"Colour": "blue"}, map[string]string{"flat.json": `{
"Parameters": {"Colour": {"Type": "String"}},
"Conditions": {"Blue": {"Fn::Equals": [{"Ref": "Colour"}, "blue"]}, "Live": {"Fn::And": [{"Condition": "Blue"}, {"Condition": "Blue"}]}},
"Resources": {
	"One": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup"},
	"Two": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup"},
	"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t"}},
	"Namespace": {"Type": "AWS::ServiceDiscovery::PrivateDnsNamespace"},
	"Service": {"Type": "AWS::ECS::Service", "Properties": {"LoadBalancers": [{"TargetGroupArn": "arn:of:another"}]}},
	"Listener": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"DefaultActions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": [
		{"TargetGroupArn": {"Ref": "One"}, "Weight": {"Fn::If": ["Live", 1, 0]}},
		{"TargetGroupArn": {"Ref": "Two"}, "Weight": {"Fn::If": ["Live", 0, {"Fn::GetAtt": ["Topic", "TopicName"]}]}}]}}]}},
	"Deployment": {"Type": "AWS::CodeDeploy::DeploymentGroup", "Properties": {"LoadBalancerInfo": {"TargetGroupPairInfoList": [{"TargetGroups": [
		{"Name": {"Fn::GetAtt": ["One", "TargetGroupName"]}}, {"Name": {"Fn::GetAtt": ["Two", "TargetGroupName"]}}]}]}}}},
"Outputs": {"Namespace": {"Value": {"Ref": "Namespace"}}, "Topic": {"Value": {"Ref": "Topic"}}}}`})
	for id, want := range map[string]Outcome{"LIF006": NotApplicable, "LIF007": Pass, "LIF010": Pass, "LIF012": Fail} {
		if got := resultOf(t, w, lifecycleRules(), id); got.Outcome != want {
			t.Errorf("%s is %s, want %s: %+v", id, got.Outcome, want, got.Findings)
		}
	}
}

// TestOrderInForeignTemplates: tasks that events start, and what has no order to keep.
func TestOrderInForeignTemplates(t *testing.T) {
	w := worldOf(t, nil, map[string]string{"flat.json": `{"Resources": {
	"Route": {"Type": "AWS::EC2::Route", "Properties": {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"}},
	"Association": {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": {"RouteTableId": "rtb-1", "SubnetId": "subnet-1"}},
	"Alone": {"Type": "AWS::RDS::DBInstance", "Properties": {"Engine": "postgres"}},
	"Logging": {"Type": "AWS::WAFv2::LoggingConfiguration", "Properties": {"LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-bucket"]}},
	"Early": {"Type": "AWS::Events::Rule", "Properties": {"Targets": [{"Arn": "arn:of:a:cluster", "EcsParameters": {"TaskDefinitionArn": "other",
		"NetworkConfiguration": {"AwsVpcConfiguration": {"Subnets": ["subnet-1"]}}}}]}},
	"Late": {"Type": "AWS::Events::Rule", "DependsOn": ["Route", "Association"], "Properties": {"Targets": [{"Arn": "arn:of:a:cluster", "EcsParameters": {"TaskDefinitionArn": "other",
		"NetworkConfiguration": {"AwsVpcConfiguration": {"Subnets": ["subnet-1"]}}}}, {"Arn": "arn:of:a:topic"}]}}}}`})
	if got := outcomes(t, w, lifecycleRules(), "LIF010"); got != "fail | Early DependsOn | Early DependsOn" {
		t.Error(got)
	}
	if got := outcomes(t, w, lifecycleRules(), "LIF014"); got != "not applicable" {
		t.Error(got)
	}
}
