package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDeploymentRules(t *testing.T) {
	missing := func(name, policy, old, replacement, template, id, found string) goldenFault {
		return goldenFault{name: name, rule: "DEP001", edits: []edit{replaceInResource(deployFile, policy, old, replacement)}, template: template, id: id, line: "Properties:", found: found}
	}
	wide := func(name, rule, policy string, e edit, path, line, found string) goldenFault {
		return goldenFault{name: name, rule: rule, edits: []edit{e}, template: deployFile, id: policy, path: path, line: line, found: found}
	}
	change := func(name, policy, old, replacement, in, path, found string) goldenFault {
		return wide(name, "DEP003", in, replaceInResource(deployFile, policy, old, replacement), path, "Resource:", found)
	}
	const foundationKey = `
            Condition:
              ForAnyValue:StringEquals:
                kms:ResourceAliases:
                  - !Sub alias/foundation-${EnvironmentSuffix}`
	testGoldenFaults(t, deploymentRules(), []goldenFault{
		missing("create", "NetworkPolicy", "- ec2:CreateVpc\n", "- ec2:CreateDefaultVpc\n", "network.yaml", "VPC", "may not ec2:CreateVpc"),
		missing("update", "ContainersPolicy", "- ecs:UpdateService", "- ecs:UpdateTaskSet", "service-payment-api.yaml", "PaymentApiService", "may not ecs:UpdateService"),
		missing("name", "ObservabilityPolicy", ":dashboard/dashboard-*", ":dashboard/other-*", "observability.yaml", "Dashboard", "may not cloudwatch:PutDashboard"),
		missing("kind of resource", "NetworkPolicy", ":elastic-ip/*", ":carrier-gateway/*", "egress.yaml", "NATAddressA", "may not ec2:AllocateAddress"),
		missing("what has no resource", "IngressPolicy", "Sid: FindZones\n            Effect: Allow", "Sid: FindZones\n            Effect: Deny", "cluster.yaml", "Namespace", "may not route53:ListHostedZonesByName"),
		missing("condition", "ContainersPolicy", "                  - ecs\n", "                  - dynamodb\n", "service-payment-api.yaml", "PaymentApiScalableTarget", "RegisterScalableTarget"),
		missing("what a property takes", "DataPolicy", "rds!cluster-*", "rds!db-*", "data.yaml", "Cluster", "may not secretsmanager:CreateSecret"),
		missing("service-linked role", "SecurityPolicy", "aws-service-role/rds.amazonaws.com/*", "aws-service-role/dax.amazonaws.com/*", "data.yaml", "Cluster", "may not iam:CreateServiceLinkedRole"),
		missing("the role itself", "StacksPolicy", "- iam:PassRole", "- iam:GetRole", "platform.yaml", "SecurityStack", "may not iam:PassRole"),
		missing("denial", "StacksPolicy", foundationKey, "", "security.yaml", "LogsKey", "may not kms:PutKeyPolicy"),
		missing("denial of other keys", "StacksPolicy", "alias/foundation-", "alias/data-", "security.yaml", "DataKey", "may not kms:PutKeyPolicy"),
		{name: "policy", rule: "DEP001", edits: []edit{replaceInResource(deployFile, "Role", "- !Ref DataPolicy", "- !Ref NetworkPolicy")}, template: "data.yaml", id: "Cluster", line: "Properties:", found: "may not rds:CreateDBCluster"},

		wide("reading secrets", "DEP002", "DataPolicy", replaceInResource(deployFile, "DataPolicy", "- secretsmanager:GetRandomPassword", "- secretsmanager:GetSecretValue"),
			"PolicyDocument.Statement[6].Action[0]", "secretsmanager:GetSecretValue", "secretsmanager:GetSecretValue"),
		wide("users", "DEP002", "SecurityPolicy", replaceInResource(deployFile, "SecurityPolicy", "- iam:CreateRole\n", "- iam:CreateRole\n              - iam:CreateAccessKey\n"),
			"PolicyDocument.Statement[3].Action[1]", "iam:CreateAccessKey", "iam:CreateAccessKey"),
		wide("a feature that nobody uses", "DEP002", "SecurityPolicy", replaceInResource(deployFile, "SecurityPolicy", "- s3:PutBucketVersioning", "- s3:PutBucketWebsite"),
			"PolicyDocument.Statement[7].Action[31]", "s3:PutBucketWebsite", "s3:PutBucketWebsite"),
		wide("scaling of anything", "DEP002", "ContainersPolicy", replaceInResource(deployFile, "ContainersPolicy", "application-autoscaling:service-namespace", "aws:PrincipalAccount"),
			"PolicyDocument.Statement[7].Condition", "Condition:", "aws:PrincipalAccount"),

		change("its policies", "StacksPolicy", "- iam:Put*", "- iam:Simulate*", "SecurityPolicy", "PolicyDocument.Statement[3].Resource", "iam:PutRolePolicy on arn:aws:iam::111122223333:role/role-deploy-prod"),
		change("its trust", "StacksPolicy", "- iam:Update*", "- iam:Simulate*", "SecurityPolicy", "PolicyDocument.Statement[3].Resource", "iam:UpdateAssumeRolePolicy"),
		change("the bucket of templates", "StacksPolicy", "- s3:Put*", "- s3:Replicate*", "SecurityPolicy", "PolicyDocument.Statement[7].Resource", "s3:PutBucketLogging"),
		change("its key", "StacksPolicy", "- kms:PutKeyPolicy", "- kms:RotateKeyOnDemand", "SecurityPolicy", "PolicyDocument.Statement[1].Resource", "kms:PutKeyPolicy"),

		wide("elsewhere", "DEP004", "NetworkPolicy", replaceInResource(deployFile, "StacksPolicy", "StringNotEquals:\n                aws:RequestedRegion:\n                  - !Ref AWS::Region", "StringNotLike:\n                aws:RequestedRegion:\n                  - '*'"),
			"PolicyDocument.Statement[0].Resource[0]", "'*'", "ec2:DescribeAccountAttributes in eu-west-1"),
	})
}

// A role of CloudFormation with statements of its own, and the template that is deployed as it.
func deploymentWorld(t *testing.T, region, role, platform string) *World {
	t.Helper()
	set, err := loadText(map[string]string{"platform.yaml": platform, "role.yaml": `
Resources:
  Limit:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: limit
      PolicyDocument:
        Statement:
          - {Effect: Allow, Action: ['s3:*', 'sqs:*'], Resource: '*'}
          - {Effect: Deny, Action: ['s3:DeleteBucket'], Resource: '*'}
  Deployer:
    Type: AWS::IAM::Role
    Properties:
      RoleName: deployer
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: cloudformation.amazonaws.com}, Action: 'sts:AssumeRole'}]
` + role})
	if err != nil {
		t.Fatal(err)
	}
	return Deploy(set, Environment{Region: region})
}

// deploymentFindings are what a rule finds, in one line each.
func deploymentFindings(t *testing.T, w *World, id string) []string {
	t.Helper()
	var found []string
	for _, f := range resultOf(t, w, deploymentRules(), id).Findings {
		found = append(found, strings.TrimRight(fmt.Sprintf("%s %s %s %s: %s", f.Outcome, f.LogicalID, f.Path, f.Found, f.Reason), ": "))
	}
	return found
}

func TestDeploymentOfForeignTemplates(t *testing.T) {
	inline := func(statements string) string {
		return "      Policies:\n        - {PolicyName: p, PolicyDocument: {Statement: [" + statements + "]}}\n"
	}
	const (
		queue     = "Resources:\n  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}\n"
		everybody = "{Effect: Allow, Action: ['sqs:*'], Resource: '*'}"
		exact     = "'sqs:CreateQueue', 'sqs:DeleteQueue', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:ListQueueTags', 'sqs:SetQueueAttributes', 'sqs:TagQueue', 'sqs:UntagQueue'"
	)
	for name, tt := range map[string]struct {
		rule, region, role, platform string
		want                         []string
	}{
		"wildcards":            {"DEP001", "", inline(everybody), queue, nil},
		"all but":              {"DEP001", "", inline("{Effect: Allow, NotAction: ['iam:*'], Resource: '*'}"), queue, nil},
		"all but the resource": {"DEP001", "", inline("{Effect: Allow, Action: ['sqs:*'], NotResource: 'arn:aws:sqs:us-east-1:111122223333:other'}"), queue, nil},
		"statement of another kind": {"DEP001", "", inline("{Effect: Allow, Action: [" + exact + "], Resource: 'arn:aws:sqs:us-east-1:111122223333:other'}"), "Resources:\n  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}\n",
			[]string{"fail Queue  role.yaml Deployer may not sqs:CreateQueue", "fail Queue  role.yaml Deployer may not sqs:DeleteQueue", "fail Queue  role.yaml Deployer may not sqs:GetQueueAttributes",
				"fail Queue  role.yaml Deployer may not sqs:GetQueueUrl", "fail Queue  role.yaml Deployer may not sqs:ListQueueTags", "fail Queue  role.yaml Deployer may not sqs:SetQueueAttributes",
				"fail Queue  role.yaml Deployer may not sqs:TagQueue", "fail Queue  role.yaml Deployer may not sqs:UntagQueue"}},
		"depends on the request": {"DEP001", "", inline("{Effect: Allow, Action: ['sqs:*'], Resource: '*', Condition: {StringEquals: {'aws:RequestTag/team': payments}}}"), queue, nil},
		"a name that CloudFormation makes up": {"DEP001", "", inline("{Effect: Allow, Action: ['sqs:*'], Resource: 'arn:aws:sqs:us-east-1:111122223333:stack-*'}"),
			"Resources:\n  Queue: {Type: AWS::SQS::Queue}\n", []string{"unknown Queue  unknown: CloudFormation makes up a name for want of QueueName"}},
		"a name that is not known": {"DEP001", "", inline("{Effect: Allow, Action: ['sqs:*'], Resource: 'arn:aws:sqs:us-east-1:111122223333:stack-*'}"),
			"Parameters:\n  Name: {Type: String}\nResources:\n  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Name}}\n", []string{"unknown Queue  unknown: parameter Name has no value"}},
		"a type that is not known":     {"DEP001", "", inline(everybody), "Resources:\n  A: {Type: Custom::Thing}\n  B: {Type: Custom::Thing}\n", []string{"unknown A  unknown: what CloudFormation calls for a Custom::Thing is not known here"}},
		"a policy that is not there":   {"DEP001", "", "      ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess']\n", queue, []string{"unknown Deployer  unknown: the managed policy arn:aws:iam::aws:policy/ReadOnlyAccess is not in the templates"}},
		"a policy that is not known":   {"DEP001", "", inline("{Effect: !Ref Nothing, Action: '*', Resource: '*'}"), queue, []string{"unknown Deployer  unknown: the effect of statement Policies[0].PolicyDocument.Statement[0] is unknown (Nothing does not exist under these conditions)"}},
		"a boundary that is not there": {"DEP001", "", "      PermissionsBoundary: 'arn:aws:iam::aws:policy/Other'\n", queue, []string{"unknown Deployer  unknown: the permissions boundary arn:aws:iam::aws:policy/Other is not in the templates"}},
		"within a boundary":            {"DEP001", "", inline("{Effect: Allow, Action: ['sqs:*'], Resource: '*'}") + "      PermissionsBoundary: !Ref Limit\n", queue, nil},
		"a boundary that denies":       {"DEP001", "", inline("{Effect: Allow, Action: ['s3:*', 'iam:*'], Resource: '*'}") + "      PermissionsBoundary: !Ref Limit\n", "Resources:\n  B: {Type: AWS::S3::Bucket, Properties: {BucketName: b}}\n", []string{"fail B  role.yaml Deployer may not s3:DeleteBucket"}},
		"a boundary that allows less":  {"DEP001", "", inline("{Effect: Allow, Action: ['sns:*'], Resource: '*'}") + "      PermissionsBoundary: !Ref Limit\n", "Resources:\n  P: {Type: AWS::SNS::TopicPolicy}\n", []string{"fail P  role.yaml Deployer may not sns:SetTopicAttributes"}},
		"a property that is not known": {"DEP001", "", inline("{Effect: Allow, Action: ['ec2:*'], Resource: '*'}"), "Parameters:\n  Service: {Type: String}\nResources:\n  Nat: {Type: AWS::EC2::EIP, Properties: {InstanceId: !Ref Service}}\n", nil},
		"a text that is not known":     {"DEP001", "", inline("{Effect: Allow, Action: ['wafv2:*', 'logs:*', 's3:*', 'iam:*'], Resource: '*'}"), "Parameters:\n  Log: {Type: String}\nResources:\n  Web: {Type: AWS::WAFv2::LoggingConfiguration, Properties: {ResourceArn: !Ref Log, LogDestinationConfigs: [!Ref Log]}}\n", []string{"unknown Web  unknown: whether it is called depends on what is not known: parameter Log has no value"}},
		"a call that is not known":     {"DEP001", "", inline("{Effect: Allow, Action: ['ec2:*'], Resource: '*'}, {Effect: Deny, Action: 'ec2:AssociateAddress', Resource: '*'}"), "Parameters:\n  Service: {Type: String}\nResources:\n  Nat: {Type: AWS::EC2::EIP, Properties: {InstanceId: !Ref Service}}\n", []string{"unknown Nat  unknown: whether it is called depends on what is not known: parameter Service has no value"}},
		"what needs nothing":           {"DEP002", "", inline("{Effect: Allow, Action: [" + exact + "], Resource: '*'}"), queue, nil},
		"too much":                     {"DEP002", "", inline("{Effect: Allow, Action: ['s3:PutObject'], Resource: '*'}, {Effect: Deny, Action: ['s3:GetObject'], Resource: '*'}"), queue, []string{"fail Deployer Policies[0].PolicyDocument.Statement[0].Action[0] s3:PutObject"}},
		"too much for what is known":   {"DEP002", "", inline("{Effect: Allow, Action: ['s3:PutObject'], Resource: '*'}"), "Resources:\n  A: {Type: Custom::Thing}\n", []string{"unknown Deployer Policies[0].PolicyDocument.Statement[0].Action[0] unknown: what CloudFormation calls for a Custom::Thing is not known here"}},
		"the home region":              {"DEP004", "eu-west-1", inline("{Effect: Allow, Action: ['s3:CreateBucket'], Resource: 'arn:aws:s3:::b'}, {Effect: Allow, Action: ['iam:GetRole', 'sqs:CreateQueue'], Resource: 'arn:aws:sqs:eu-west-1:1:q'}"), queue, []string{"fail Deployer Policies[0].PolicyDocument.Statement[0].Resource s3:CreateBucket in us-east-1"}},
		"changes that depend on tags":  {"DEP003", "", inline("{Effect: Allow, Action: ['iam:DeleteRole'], Resource: '*', Condition: {StringEquals: {'aws:ResourceTag/team': payments}}}"), queue, []string{"unknown Deployer  unknown: iam:DeleteRole: it depends on aws:ResourceTag/team"}},
		"changes by wildcards": {"DEP003", "", inline("{Effect: Allow, Action: ['iam:Delete*'], Resource: '*'}"), queue, []string{"fail Deployer Policies[0].PolicyDocument.Statement[0].Resource iam:DeletePolicyVersion on arn:aws:iam::111122223333:policy/limit",
			"fail Deployer Policies[0].PolicyDocument.Statement[0].Resource iam:DeleteRolePermissionsBoundary on arn:aws:iam::111122223333:role/deployer"}},
		"nothing to deploy, but its policy": {"DEP001", "", inline(everybody), "Resources: {}\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := slices.Compact(deploymentFindings(t, deploymentWorld(t, tt.region, tt.role, tt.platform), tt.rule))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A set without stacks besides the role's own has nothing to judge, and neither has one without such a role.
func TestDeploymentOfNothing(t *testing.T) {
	alone := worldOf(t, nil, map[string]string{"role.yaml": `
Resources:
  Deployer:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: cloudformation.amazonaws.com}, Action: 'sts:AssumeRole'}]
`})
	none := worldOf(t, nil, map[string]string{"queue.yaml": "Resources:\n  Queue: {Type: AWS::SQS::Queue}\n"})
	for _, id := range []string{"DEP001", "DEP002"} {
		if got := resultOf(t, alone, deploymentRules(), id).Outcome; got != NotApplicable {
			t.Errorf("%s without other stacks: %s", id, got)
		}
	}
	for _, r := range deploymentRules() {
		if got := resultOf(t, none, deploymentRules(), r.ID).Outcome; got != NotApplicable {
			t.Errorf("%s without a role of CloudFormation: %s", r.ID, got)
		}
	}
}

// A stack beside those that nest others is the role's own if it can create all of it.
func TestDeploymentStacks(t *testing.T) {
	files := map[string]string{
		"child.yaml":  "Resources:\n  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}\n",
		"root.yaml":   "Resources:\n  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}\n",
		"queue.yaml":  "Resources:\n  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: other}}\n",
		"bucket.yaml": "Resources:\n  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: b}}\n",
		"custom.yaml": "Resources:\n  Thing: {Type: Custom::Thing}\n",
		"role.yaml": `
Resources:
  Deployer:
    Type: AWS::IAM::Role
    Properties:
      RoleName: deployer
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: cloudformation.amazonaws.com}, Action: 'sts:AssumeRole'}]
      Policies:
        - {PolicyName: p, PolicyDocument: {Statement: [{Effect: Allow, Action: ['sqs:*', 'cloudformation:*'], Resource: '*'}]}}
`}
	d := worldOf(t, nil, files).deployers()[0]
	paths := func(stacks []*Stack) (list []string) {
		for _, s := range stacks {
			list = append(list, s.Path)
		}
		return list
	}
	if diff := cmp.Diff([][]string{{"queue", "root", "root/Child"}, {"bucket", "custom", "role"}}, [][]string{paths(d.own), paths(d.before)}); diff != "" {
		t.Error(diff)
	}
}

func TestOverlaps(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"", "", true}, {"", "*", true}, {"", "a", false}, {"a", "a", true}, {"a", "b", false}, {"a?c", "abc", true}, {"abc", "ab?", true}, {"ab", "a", false},
		{"a*", "ab", true}, {"a*c", "a*b", false}, {"a*c", "*bc", true}, {"a-*-dev", "a-x*", true}, {"a-*-dev", "b*", false}, {"*a", "*b", false}, {"**", "", true},
		{"x*?", "x", false}, {"stack/p-*Stack-*/*", "stack/*-NetStack-*/*", true}, {"stack/p-*Stack-*/*", "stack/*-Net-*/y", true}, {"a*b", "ab?", true},
	} {
		for _, pair := range [][2]string{{tt.a, tt.b}, {tt.b, tt.a}} {
			if got := overlaps(pair[0], pair[1]); got != tt.want {
				t.Errorf("%q and %q overlap: %v", pair[0], pair[1], got)
			}
		}
	}
	if long := strings.Repeat("*a", 1<<10); !overlaps(long, strings.Repeat("*b", 1<<10)) {
		t.Error("patterns too long to compare do not overlap")
	}
}

// The tables of a type belong together: what its handlers call is done to something that it has a name for.
func TestDeploymentTables(t *testing.T) {
	tables := readDeploymentTables()
	unlisted := "route53:AssociateVPCWithHostedZone" // for private DNS, by EC2 on behalf of its caller
	for name, of := range tables.types {
		if len(of.actions) == 0 {
			t.Errorf("%s has names, but no actions", name)
		}
		for _, n := range of.names {
			if tables.forms[n.kind] == "" {
				t.Errorf("%s: deployment_resources.txt has no %s", name, n.kind)
			}
		}
		for _, a := range of.actions {
			when := tables.when(a)
			if !a.creates && !a.changes && !readsOnly(a.name) && when != calledAlways && when != calledGranted && a.name != unlisted {
				t.Errorf("%s: %s is in deployment_features.txt, but no handler calls it", name, a.name)
			}
		}
	}
}
