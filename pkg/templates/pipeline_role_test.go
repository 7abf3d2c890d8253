package templates_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tierform/tierform/pkg/resources"
)

// pipelinePermissions are the statements of the policies that a pipeline's role has.
func pipelinePermissions(t *testing.T, role string) (all []permission) {
	t.Helper()
	for _, id := range texts(file(t, "foundation.yaml").Resources[role].Properties["ManagedPolicyArns"]) {
		all = append(all, policyPermissions(t, strings.Trim(id, "${}"))...)
	}
	return all
}

// policyPermissions are the statements of a policy.
func policyPermissions(t *testing.T, id string) (all []permission) {
	t.Helper()
	for _, s := range items(at(file(t, "foundation.yaml").Resources[id].Properties, "PolicyDocument", "Statement")) {
		all = append(all, permission{
			sid: text(at(s, "Sid")), effect: text(at(s, "Effect")),
			actions: texts(at(s, "Action")), resources: texts(at(s, "Resource")), condition: at(s, "Condition"),
		})
	}
	if len(all) == 0 {
		t.Fatalf("%s has no statements", id)
	}
	return all
}

const stackARN = "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/"

// Who plans proposes, and can execute nothing: neither a change set nor the deletion of anything, nor a lock.
func TestPlanRoleChangesNothing(t *testing.T) {
	plan := pipelinePermissions(t, "PlanRole")
	root := stackARN + "platform-${EnvironmentSuffix}/id"
	for _, action := range []string{"cloudformation:CreateChangeSet", "cloudformation:DescribeStacks"} {
		if len(allowing(plan, action, root)) == 0 {
			t.Errorf("who plans may not %s", action)
		}
	}
	for _, action := range []string{
		"cloudformation:ExecuteChangeSet", "cloudformation:CreateStack", "cloudformation:UpdateStack", "cloudformation:DeleteStack", "cloudformation:CancelUpdateStack",
		"cloudformation:SetStackPolicy", "codedeploy:CreateDeployment", "codedeploy:StopDeployment", "ecs:UpdateService",
		"application-autoscaling:RegisterScalableTarget", "s3:DeleteObject", "s3:DeleteObjectVersion", "sts:AssumeRole", "iam:CreateRole", "secretsmanager:GetSecretValue",
	} {
		for _, p := range allowing(plan, action, "") {
			t.Errorf("who plans may %s: %s", action, p.sid)
		}
	}
	lock := "arn:${AWS::Partition}:s3:::bucket-artifacts-${AWS::AccountId}-${EnvironmentSuffix}/env/dev/lock.json"
	if found := allowing(plan, "s3:PutObject", lock); len(found) > 0 {
		t.Errorf("who plans may take the lock: %v", found)
	}
	if len(allowing(plan, "s3:GetObject", lock)) == 0 {
		t.Error("who plans may not see who holds the lock")
	}
}

// Who only reads can change nothing and reads no secret: auditors have that policy alone.
func TestReadPolicyOnlyReads(t *testing.T) {
	for _, p := range policyPermissions(t, "ReadPolicy") {
		for _, action := range p.actions {
			service, verb, _ := strings.Cut(action, ":")
			if !slices.ContainsFunc([]string{"Describe", "Get", "List", "BatchGetImage"}, func(prefix string) bool { return strings.HasPrefix(verb, prefix) }) && action != "kms:Decrypt" {
				t.Errorf("who reads may %s", action)
			}
			if slices.Contains([]string{"GetSecretValue", "GetLogEvents", "GetParameter"}, verb) || service == "s3" && verb == "GetObject" && slices.Contains(p.resources, "*") {
				t.Errorf("who reads may read data: %s", action)
			}
		}
	}
}

// A release, a scan and what they read are held to this environment, where IAM can be told.
func TestReleasesAndScansAreOfOneEnvironment(t *testing.T) {
	deploy := pipelinePermissions(t, "PipelineRole")
	const codedeploy, ecr = "arn:${AWS::Partition}:codedeploy:${AWS::Region}:${AWS::AccountId}:", "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/"
	for action, arns := range map[string][2]string{
		"codedeploy:CreateDeployment":            {codedeploy + "deploymentgroup:app-payments-${EnvironmentSuffix}/deployment-payment-api-${EnvironmentSuffix}", codedeploy + "deploymentgroup:app-payments-other/deployment-payment-api-other"},
		"codedeploy:GetDeployment":               {codedeploy + "deploymentgroup:app-payments-${EnvironmentSuffix}/x", codedeploy + "deploymentgroup:app-payments-other/x"},
		"codedeploy:RegisterApplicationRevision": {codedeploy + "application:app-payments-${EnvironmentSuffix}", codedeploy + "application:app-payments-other"},
		"codedeploy:GetDeploymentConfig":         {codedeploy + "deploymentconfig:CodeDeployDefault.ECSAllAtOnce", codedeploy + "deploymentconfig:Other"},
		"ecr:StartImageScan":                     {ecr + "ecr-payment-api-${EnvironmentSuffix}", ecr + "ecr-payment-api-other"},
		"ecr:DescribeImageScanFindings":          {ecr + "ecr-envoy-${EnvironmentSuffix}", ecr + "ecr-envoy-other"},
		"ecs:UpdateService":                      {"arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/cluster-payments-${EnvironmentSuffix}/service-payment-api-${EnvironmentSuffix}", "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/cluster-payments-other/x"},
	} {
		if len(allowing(deploy, action, arns[0])) == 0 {
			t.Errorf("who deploys may not %s on %s", action, arns[0])
		}
		for _, p := range allowing(deploy, action, arns[1]) {
			t.Errorf("%s lets %s reach %s", p.sid, action, arns[1])
		}
	}
}

// Who deploys does it through CloudFormation, on the platform's root stack, as the deploy role and nobody else.
func TestPipelineRoleActsThroughCloudFormation(t *testing.T) {
	deploy := pipelinePermissions(t, "PipelineRole")
	for _, action := range []string{
		"cloudformation:ExecuteChangeSet", "cloudformation:CancelUpdateStack", "cloudformation:ContinueUpdateRollback", "cloudformation:RollbackStack", "cloudformation:DeleteStack",
	} {
		if len(allowing(deploy, action, stackARN+"platform-${EnvironmentSuffix}/id")) == 0 {
			t.Errorf("who deploys may not %s", action)
		}
		for _, other := range []string{"foundation-${EnvironmentSuffix}/id", "deploy-role-${EnvironmentSuffix}/id", "platform-other/id"} {
			if found := allowing(deploy, action, stackARN+other); len(found) > 0 {
				t.Errorf("who deploys may %s on %s: %v", action, other, found)
			}
		}
	}
	for _, task := range []string{"task-payment-api-${EnvironmentSuffix}:1", "task-administration-other:1"} {
		if found := allowing(deploy, "ecs:RunTask", "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task-definition/"+task); len(found) > 0 {
			t.Errorf("who deploys may run %s: %v", task, found)
		}
	}
	// What it does beside CloudFormation: it releases, with scaling suspended meanwhile, has images scanned, and runs the administration task.
	// BatchGetImage reads.
	itself := []string{"codedeploy:CreateDeployment", "codedeploy:RegisterApplicationRevision", "codedeploy:StopDeployment",
		"application-autoscaling:RegisterScalableTarget", "ecs:UpdateService", "ecr:BatchGetImage", "ecr:StartImageScan", "ecs:RunTask"}
	for _, p := range deploy {
		for _, action := range p.actions {
			verb := action[strings.IndexByte(action, ':')+1:]
			reads := slices.ContainsFunc([]string{"Describe", "Get", "List"}, func(prefix string) bool { return strings.HasPrefix(verb, prefix) })
			if service := strings.TrimSuffix(action, ":"+verb); !reads && !slices.Contains([]string{"cloudformation", "s3", "kms", "iam"}, service) && !slices.Contains(itself, action) {
				t.Errorf("who deploys may %s itself", action)
			}
		}
	}
	passes := allowing(deploy, "iam:PassRole", "")
	if len(passes) != 2 || !slices.Equal(texts(at(passes[1].condition, "StringEquals", "iam:PassedToService")), []string{"ecs-tasks.amazonaws.com"}) ||
		!slices.Equal(passes[1].resources, []string{"arn:${AWS::Partition}:iam::${AWS::AccountId}:role/role-execution-administration-${EnvironmentSuffix}", "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/role-task-administration-${EnvironmentSuffix}"}) {
		t.Errorf("roles that may be passed to tasks: %v", passes)
	}
	if len(passes) == 0 || !slices.Equal(passes[0].resources, []string{"arn:${AWS::Partition}:iam::${AWS::AccountId}:role/role-deploy-${EnvironmentSuffix}"}) ||
		!slices.Equal(texts(at(passes[0].condition, "StringEquals", "iam:PassedToService")), []string{"cloudformation.amazonaws.com"}) {
		t.Errorf("roles that may be passed: %v", passes)
	}
}

// The roles are for workflows of one repository, by the provider's own tokens, and do not exist without both.
func TestPipelineRolesTrustOneSubject(t *testing.T) {
	foundation := file(t, "foundation.yaml")
	for role, operator := range map[string]string{"PlanRole": "StringLike", "PipelineRole": "StringEquals", "PublishRole": "StringEquals"} {
		r := foundation.Resources[role]
		subject := strings.TrimSuffix(role, "Role") + "Subject"
		statements := items(at(r.Properties, "AssumeRolePolicyDocument", "Statement"))
		if len(statements) != 1 {
			t.Fatalf("%s is trusted by %v", role, statements)
		}
		s := statements[0]
		if !slices.Equal(texts(at(s, "Principal", "Federated")), []string{"${PipelineProviderArn}"}) || at(s, "Principal", "AWS") != nil || at(s, "Principal", "Service") != nil {
			t.Errorf("%s trusts %v", role, at(s, "Principal"))
		}
		if got := texts(at(s, "Condition", operator, "token.actions.githubusercontent.com:sub")); !slices.Equal(got, []string{"${" + subject + "}"}) {
			t.Errorf("%s takes the subjects %v", role, got)
		}
		if got := texts(at(s, "Condition", "StringEquals", "token.actions.githubusercontent.com:aud")); !slices.Equal(got, []string{"sts.amazonaws.com"}) {
			t.Errorf("%s takes the audiences %v", role, got)
		}
		if r.Condition != role+"Wanted" {
			t.Errorf("%s has the condition %q", role, r.Condition)
		}
		for _, name := range []string{subject, "PipelineProviderArn"} {
			if text(at(foundation.Parameters, name, "Default")) != "" || at(foundation.Parameters, name, "AllowedPattern") == nil {
				t.Errorf("parameter %s is %v", name, foundation.Parameters[name])
			}
		}
	}
	for _, name := range []string{"PipelineSubject", "PublishSubject"} {
		if pattern := text(at(foundation.Parameters, name, "AllowedPattern")); pattern == "" || strings.Contains(pattern, "*-]") {
			t.Errorf("%s may be anybody: %q", name, pattern)
		}
	}
}

// Statements about any resource have their reason beside them, and the policies fit into IAM.
func TestPipelinePoliciesAreSound(t *testing.T) {
	longest := strings.NewReplacer("${AWS::Partition}", "aws", "${AWS::Region}", "us-east-1", "${AWS::URLSuffix}", "amazonaws.com",
		"${AWS::AccountId}", "123456789012", "${EnvironmentSuffix}", "abcdefghijkl", "${Key.Arn}", "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012")
	for id, policy := range file(t, "foundation.yaml").ofType("AWS::IAM::ManagedPolicy") {
		for _, s := range items(at(policy.Properties, "PolicyDocument", "Statement")) {
			any, reason := slices.Contains(texts(at(s, "Resource")), "*"), text(at(policy.Metadata, "AnyResource", text(at(s, "Sid"))))
			if any != (reason != "") {
				t.Errorf("%s: %s: resource *: %v, reason %q", id, text(at(s, "Sid")), any, reason)
			}
		}
		if n := policyLength(t, policy.Properties["PolicyDocument"], longest); n > resources.MaxManagedPolicyLength {
			t.Errorf("%s has %d characters, IAM takes %d", id, n, resources.MaxManagedPolicyLength)
		}
	}
}
