package templates_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// physicalNames maps resource types to the property that names them.
func physicalNames() map[string]string {
	return map[string]string{
		"AWS::ApplicationAutoScaling::ScalingPolicy": "PolicyName", "AWS::CloudTrail::Trail": "TrailName", "AWS::CloudWatch::Alarm": "AlarmName",
		"AWS::CloudWatch::Dashboard": "DashboardName", "AWS::CodeDeploy::Application": "ApplicationName", "AWS::CodeDeploy::DeploymentGroup": "DeploymentGroupName",
		"AWS::ECR::Repository": "RepositoryName", "AWS::ECS::Cluster": "ClusterName", "AWS::ECS::Service": "ServiceName", "AWS::ECS::TaskDefinition": "Family",
		"AWS::ElasticLoadBalancingV2::LoadBalancer": "Name", "AWS::ElasticLoadBalancingV2::TargetGroup": "Name", "AWS::Events::Rule": "Name",
		"AWS::IAM::ManagedPolicy": "ManagedPolicyName", "AWS::IAM::Role": "RoleName", "AWS::KinesisFirehose::DeliveryStream": "DeliveryStreamName", "AWS::KMS::Alias": "AliasName",
		"AWS::Logs::LogGroup": "LogGroupName", "AWS::Logs::ResourcePolicy": "PolicyName", "AWS::RDS::DBCluster": "DBClusterIdentifier", "AWS::RDS::DBInstance": "DBInstanceIdentifier",
		"AWS::RDS::DBClusterParameterGroup": "DBClusterParameterGroupName", "AWS::RDS::DBParameterGroup": "DBParameterGroupName", "AWS::RDS::DBSubnetGroup": "DBSubnetGroupName",
		"AWS::RDS::EventSubscription": "SubscriptionName", "AWS::S3::Bucket": "BucketName", "AWS::Scheduler::Schedule": "Name", "AWS::Scheduler::ScheduleGroup": "Name",
		"AWS::SecretsManager::Secret": "Name", "AWS::SNS::Topic": "TopicName", "AWS::WAFv2::WebACL": "Name",
	}
}

// formedByAWS are names whose form AWS fixes: they contain the suffix instead of ending in it (R19).
func formedByAWS(name string) bool {
	return strings.HasPrefix(name, "/aws/") && strings.Contains(name, "-${EnvironmentSuffix}/")
}

// R19: every named resource ends in the suffix.
func TestNamesEndInTheSuffix(t *testing.T) {
	names := 0
	for file, f := range allFiles(t) {
		for id, r := range f.Resources {
			property, named := physicalNames()[r.Type]
			if !named {
				continue
			}
			name := text(r.Properties[property])
			if !strings.HasSuffix(name, "-${EnvironmentSuffix}") && !formedByAWS(name) {
				t.Errorf("%s %s is named %q", file, id, name)
			}
			names++
		}
		parameter := f.Parameters["EnvironmentSuffix"]
		if at(parameter, "AllowedPattern") != "^[a-z0-9]+(-[a-z0-9]+)*$" || at(parameter, "MinLength") != 1 || at(parameter, "MaxLength") != 12 {
			t.Errorf("%s: EnvironmentSuffix is %v", file, parameter)
		}
	}
	if names < 100 {
		t.Errorf("only %d names were found", names)
	}
}

// R20: everything can be destroyed, and what would stay by default says that it goes.
func TestEverythingIsDeletable(t *testing.T) {
	staysByDefault := []string{"AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Logs::LogGroup",
		"AWS::SecretsManager::Secret", "AWS::ECR::Repository", "AWS::CloudFormation::Stack", "AWS::SNS::Topic"}
	for file, f := range allFiles(t) {
		for id, r := range f.Resources {
			for _, policy := range []string{r.DeletionPolicy, r.UpdateReplacePolicy} {
				if policy != "Delete" && (policy != "" || slices.Contains(staysByDefault, r.Type)) {
					t.Errorf("%s %s has the policy %q", file, id, policy)
				}
			}
			switch r.Type {
			case "AWS::RDS::DBCluster":
				if r.Properties["DeletionProtection"] != false || r.Properties["DeleteAutomatedBackups"] != true {
					t.Errorf("%s %s leaves something behind", file, id)
				}
			case "AWS::ECR::Repository":
				if r.Properties["EmptyOnDelete"] != true {
					t.Errorf("%s %s keeps its images", file, id)
				}
			case "AWS::ElasticLoadBalancingV2::LoadBalancer":
				if !slices.ContainsFunc(items(r.Properties["LoadBalancerAttributes"]), func(a any) bool {
					return at(a, "Key") == "deletion_protection.enabled" && at(a, "Value") == "false"
				}) {
					t.Errorf("%s %s is protected from deletion", file, id)
				}
			}
		}
	}
}

// R13: all log groups have our key and 30 days, and no role can make others.
func TestLogGroups(t *testing.T) {
	groups := 0
	for file, f := range allFiles(t) {
		for id, r := range f.ofType("AWS::Logs::LogGroup") {
			groups++
			if r.Properties["RetentionInDays"] != 30 || text(r.Properties["KmsKeyId"]) != "${LogsKey}" {
				t.Errorf("%s %s: %v", file, id, r.Properties)
			}
		}
		if file == "deploy-role.yaml" {
			continue // CloudFormation itself makes the groups
		}
		for id, r := range f.Resources {
			for _, s := range statements(r.Properties) {
				if s["Effect"] == "Allow" && slices.Contains(texts(s["Action"]), "logs:CreateLogGroup") {
					t.Errorf("%s %s can create log groups without key and retention", file, id)
				}
			}
		}
	}
	if groups < 9 {
		t.Errorf("only %d log groups were found", groups)
	}
}

// Law 3 of the AWS facts: what another stack's output feeds is a plain string.
func TestParametersFedByOutputsArePlain(t *testing.T) {
	fed := 0
	for file, f := range allFiles(t) {
		for name, p := range f.Parameters {
			description, _ := at(p, "Description").(string)
			if !strings.Contains(description, ".Outputs.") {
				continue
			}
			fed++
			if diff := cmp.Diff(map[string]any{"Type": "String", "Description": description}, p); diff != "" {
				t.Errorf("%s %s: %s", file, name, diff)
			}
		}
		for id, r := range f.Resources {
			if r.Type == "AWS::CloudFormation::Macro" {
				t.Errorf("%s %s is a macro", file, id)
			}
		}
	}
	if fed < 80 {
		t.Errorf("only %d parameters are fed by outputs", fed)
	}
}

// The root reads like a table of contents: every nested stack is addressed by content, passed by the deploy command.
func TestNestedStacksAreAddressedByContent(t *testing.T) {
	root := file(t, "platform.yaml")
	stacks := root.ofType("AWS::CloudFormation::Stack")
	if len(stacks) != len(root.Resources) || len(stacks) != 13 {
		t.Errorf("%d of %d resources are stacks", len(stacks), len(root.Resources))
	}
	for id, r := range stacks {
		stem := strings.TrimSuffix(id, "Stack")
		if got := text(r.Properties["TemplateURL"]); got != "https://s3.${AWS::Region}.${AWS::URLSuffix}/${ArtifactBucket}/${"+stem+"TemplateKey}" {
			t.Errorf("%s comes from %s", id, got)
		}
		if at(root.Parameters[stem+"TemplateKey"], "AllowedPattern") != `^templates/[0-9a-f]{64}\.yaml$` {
			t.Errorf("%sTemplateKey: %v", stem, root.Parameters[stem+"TemplateKey"])
		}
	}
	for _, id := range []string{"ServicePaymentApiStack", "ServiceTransactionProcessorStack", "ServiceNotificationServiceStack"} {
		if !slices.Contains(root.Resources[id].DependsOn, "EgressStack") || root.Resources[id].Properties["TimeoutInMinutes"] != 30 {
			t.Errorf("%s does not wait for the way out, or waits for ever", id)
		}
	}
	if !slices.Contains(root.Resources["AdministrationStack"].DependsOn, "EgressStack") {
		t.Error("the administration task may start without a way out")
	}
}

// R22: the roots say what people and tools need.
func TestRootOutputs(t *testing.T) {
	want := map[string]string{
		"LoadBalancerAddress": "${IngressStack.Outputs.DnsName}", "ClusterName": "${ClusterStack.Outputs.Name}",
		"CodeDeployApplication": "${ClusterStack.Outputs.Application}", "Namespace": "payments-${EnvironmentSuffix}.internal",
		"DatabaseEndpoint": "${DataStack.Outputs.Endpoint}", "ArchiveBucket": "${SecurityStack.Outputs.ArchiveBucket}",
		"AlarmTopic": "${SecurityStack.Outputs.Topic}", "DashboardName": "${ObservabilityStack.Outputs.Dashboard}",
		"AdministrationTaskDefinition":    "${AdministrationStack.Outputs.TaskDefinition}",
		"PaymentApiServiceName":           "${ServicePaymentApiStack.Outputs.Service}",
		"TransactionProcessorServiceName": "${ServiceTransactionProcessorStack.Outputs.Service}",
		"NotificationServiceServiceName":  "${ServiceNotificationServiceStack.Outputs.Service}",
	}
	got := map[string]string{}
	for name, o := range file(t, "platform.yaml").Outputs {
		got[name] = text(at(o, "Value"))
		if at(o, "Description") == nil {
			t.Errorf("%s does not say what it is", name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Every resource says in one sentence what it is.
func TestEveryResourceIsDescribed(t *testing.T) {
	for file, f := range allFiles(t) {
		for id, r := range f.Resources {
			if sentence, _ := r.Metadata["Description"].(string); len(sentence) < 8 || strings.HasSuffix(sentence, ".") && !strings.Contains(sentence, ". ") && r.Type != "AWS::CloudFormation::Stack" {
				t.Errorf("%s %s: %q", file, id, sentence)
			}
		}
	}
}
