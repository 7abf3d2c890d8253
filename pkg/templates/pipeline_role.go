package templates

import (
	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// The pipeline's roles: what may run the deploy command for this environment without a person. Who plans can propose and
// never execute, so that an approval between the two means something; who deploys can do both, through CloudFormation and the
// deploy role only. Neither can empty or delete what holds data outside of the stack: destroying an environment is for people.
//
// What only reads is a policy of its own: it is all that `deploy verify` asks, so that auditors can have it without the rest.
//
// Who publishes pushes images and sees nothing of the rest: who builds does not deploy, and who deploys does not build (PCI DSS 6).
//
// The roles are for GitHub's OpenID Connect provider, whose address the condition keys begin with; all are left out without
// it. The policies are always there: the pipeline of AWS CodePipeline attaches them to roles of its own.
// https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws

// issuer begins the condition keys of tokens from GitHub.
const issuer = "token.actions.githubusercontent.com"

// pipelineRoles gathers what the roles are made of.
type pipelineRoles struct {
	*foundation
	provider cfn.Text
}

// addPipelineRoles declares the policies and the roles, with the parameters that say who may assume them.
func (f *foundation) addPipelineRoles() {
	p := pipelineRoles{foundation: f, provider: cfn.AddParameter[cfn.Text](f.Template, "PipelineProviderArn", cfn.Parameter{
		Description: "GitHub's OpenID Connect provider in this account, for pipelines there; empty for none.", Default: new(""),
		AllowedPattern:        `^(arn:aws:iam::\d{12}:oidc-provider/token\.actions\.githubusercontent\.com)?$`,
		ConstraintDescription: "empty, or the ARN of the provider " + issuer,
	})}
	reads := cfn.Add(f.Template, "ReadPolicy", "Lets a pipeline or an auditor see the environment", resources.ManagedPolicy(f.env.Name("policy", "read"), p.reads()...)).Ref()
	plans := cfn.Add(f.Template, "PlanPolicy", "Lets a pipeline propose change sets and start scans", resources.ManagedPolicy(f.env.Name("policy", "plan"), p.plans()...)).Ref()
	deploys := cfn.Add(f.Template, "PipelinePolicy", "Lets a pipeline execute change sets and release, with the lock and the records that go with it",
		resources.ManagedPolicy(f.env.Name("policy", "pipeline"), p.deploys()...)).Ref()
	publishes := cfn.Add(f.Template, "PublishPolicy", "Lets a pipeline push images", resources.ManagedPolicy(f.env.Name("policy", "publish"), p.publishes()...)).Ref()
	p.addRole(pipelineRole{"Plan", p.env.PlanRoleName(), "plan", "StringLike", "*", "Workflows that may plan, such as repo:example/payments:*; empty for none."}, reads, plans)
	p.addRole(pipelineRole{"Pipeline", p.env.PipelineRoleName(), "deploy", "StringEquals", "", "Workflow job that may deploy, such as repo:example/payments:environment:prod; empty for none."}, reads, plans, deploys)
	p.addRole(pipelineRole{"Publish", p.env.PublishRoleName(), "push images of", "StringEquals", "", "Workflows that may push images, such as repo:example/payments:ref:refs/heads/main; empty for none."}, publishes)
}

// pipelineRole is one of them: what its logical IDs begin with, its name, what it does, and how its subject is compared,
// which for the one that only plans may hold wildcards.
type pipelineRole struct{ id, name, does, operator, wildcards, subject string }

// addRole declares a role for the subject that a parameter names.
func (p pipelineRoles) addRole(r pipelineRole, policies ...string) {
	subject := cfn.AddParameter[cfn.Text](p.Template, r.id+"Subject", cfn.Parameter{
		Description: r.subject, Default: new(""),
		AllowedPattern: `^(repo:[\w.-]+/[\w.-]+:[\w.:/` + r.wildcards + `-]+)?$`, ConstraintDescription: "empty, or a subject of GitHub's tokens: repo:OWNER/NAME:CONTEXT",
	})
	role := resources.Role(resources.RoleInput{
		Name: r.name, Description: "Pipelines that " + r.does + " this environment",
		Trust: resources.Policy(resources.Statement{
			Sid: "Assume", Principals: resources.Principals{Federated: []string{string(p.provider)}}, Actions: []string{"sts:AssumeRoleWithWebIdentity"},
		}.And("StringEquals", issuer+":aud", "sts.amazonaws.com").And(r.operator, issuer+":sub", string(subject))),
	})
	role.ManagedPolicyArns = policies
	cfn.Add(p.Template, r.id+"Role", "Role of pipelines that "+r.does+" this environment", role).
		When(p.Condition(r.id+"RoleWanted", cfn.And(cfn.Not(cfn.Equals(string(p.provider), "")), cfn.Not(cfn.Equals(string(subject), "")))))
}

// reads is what it takes to see the environment: its stacks and records, what runs and was released, what scans found, and the
// settings that `deploy verify` holds against the templates. It reads no secret and no data.
func (p pipelineRoles) reads() []resources.Statement {
	bucket, cluster := p.env.artifactBucketName(), p.env.ClusterName()
	return []resources.Statement{
		{
			Sid: "ReadStacks",
			Actions: []string{
				"cloudformation:DescribeChangeSet", "cloudformation:DescribeEvents", "cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks",
				"cloudformation:GetTemplate", "cloudformation:ListChangeSets", "cloudformation:ListStackResources",
			},
			Resources: p.in("cloudformation", "stack/"+p.env.Name("deploy-role")+"/*", "stack/"+p.env.Name("foundation")+"/*", p.root(), "stack/"+p.env.Name("platform")+"-*Stack-*/*"),
		},
		{Sid: "ReadRecords", Actions: []string{"s3:GetObject"}, Resources: []string{resources.ObjectsARN(bucket, "env/")}},
		// Without it S3 answers 403 where an object does not exist.
		{Sid: "ListArtifacts", Actions: []string{"s3:ListBucket"}, Resources: []string{resources.BucketNameARN(bucket)}},
		p.useKey("kms:Decrypt"),
		{
			Sid: "SeeWhatRuns", Actions: []string{"ecs:DescribeServices", "ecs:DescribeTasks"},
			Resources: p.in("ecs", "service/"+cluster+"/*", "task/"+cluster+"/*"),
		},
		{
			Sid: "ReadScans", Actions: []string{"ecr:BatchGetImage", "ecr:DescribeImageScanFindings", "ecr:DescribeImages"},
			Resources: p.in("ecr", p.repositories()),
		},
		{
			Sid:       "ReadReleases",
			Actions:   []string{"codedeploy:GetDeployment", "codedeploy:GetDeploymentGroup", "codedeploy:ListDeploymentGroups", "codedeploy:ListDeployments"},
			Resources: p.in("codedeploy", p.application(), p.groups()),
		},
		p.settings(),
	}
}

// settings is what is read of resources that IAM cannot be told by name: actions without resources, such as those of Elastic Load Balancing
// and CodeDeploy's targets, composite alarms, and what has an ID for a name. Findings of enhanced scanning are Amazon Inspector's.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-iam.html
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
func (p pipelineRoles) settings() resources.Statement {
	return resources.Statement{
		Sid: "ReadSettings", AnyResource: "actions that have no resources, or resources with IDs for names; none reads data or a secret",
		Actions: []string{
			"application-autoscaling:DescribeScalableTargets", "cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus", "cloudwatch:DescribeAlarms",
			"codedeploy:GetDeploymentTarget", "ec2:DescribeNetworkInterfaces", "ecr:GetRegistryScanningConfiguration", "ecs:DescribeTaskDefinition",
			"elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeRules",
			"elasticloadbalancing:DescribeTargetHealth", "elasticloadbalancing:GetLoadBalancerWebACL", "inspector2:ListCoverage", "inspector2:ListFindings",
			"kms:DescribeKey", "kms:GetKeyRotationStatus", "logs:DescribeLogGroups", "rds:DescribeDBClusterParameters", "rds:DescribeDBClusters",
			"rds:DescribeDBInstances", "s3:GetBucketPublicAccessBlock", "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration",
			"secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds", "wafv2:GetWebACL", "wafv2:GetWebACLForResource",
		},
	}
}

// plans is what it takes beyond that to propose changes of the platform. A scan that is started changes nothing but what is known of an image.
func (p pipelineRoles) plans() []resources.Statement {
	return []resources.Statement{
		{
			Sid:       "ProposeChangeSets",
			Actions:   []string{"cloudformation:CreateChangeSet", "cloudformation:DeleteChangeSet", "cloudformation:TagResource"},
			Resources: p.in("cloudformation", p.root()),
		},
		{
			Sid: "PassDeployRole", Actions: []string{"iam:PassRole"}, Resources: []string{resources.RoleNameARN(p.env.DeployRoleName())},
			Conditions: resources.Conditions{"StringEquals": {"iam:PassedToService": {"cloudformation.amazonaws.com"}}},
		},
		{Sid: "StoreTemplates", Actions: []string{"s3:GetObject", "s3:PutObject"}, Resources: []string{resources.ObjectsARN(p.env.artifactBucketName(), "templates/")}},
		p.useKey("kms:GenerateDataKey"),
		{Sid: "StartScans", Actions: []string{"ecr:StartImageScan"}, Resources: p.in("ecr", p.repositories())},
	}
}

// deploys is what it takes beyond that to execute them, to release and to get out of any state. What becomes of resources is up to the deploy
// role, and what becomes of traffic to CodeDeploy.
func (p pipelineRoles) deploys() []resources.Statement {
	return []resources.Statement{
		{
			Sid: "ExecuteChangeSets",
			Actions: []string{
				"cloudformation:CancelUpdateStack", "cloudformation:ContinueUpdateRollback", "cloudformation:DeleteStack", "cloudformation:ExecuteChangeSet",
				"cloudformation:RollbackStack", "cloudformation:UpdateTerminationProtection",
			},
			Resources: p.in("cloudformation", p.root()),
		},
		{Sid: "LockAndRecord", Actions: []string{"s3:DeleteObject", "s3:PutObject"}, Resources: []string{resources.ObjectsARN(p.env.artifactBucketName(), "env/")}},
		{
			// Who creates a deployment must be allowed to read its configuration, and to register the AppSpec as a revision or find it registered.
			// https://docs.aws.amazon.com/codedeploy/latest/userguide/auth-and-access-control-permissions-reference.html
			Sid:       "Release",
			Actions:   []string{"codedeploy:CreateDeployment", "codedeploy:GetApplicationRevision", "codedeploy:GetDeploymentConfig", "codedeploy:RegisterApplicationRevision"},
			Resources: p.in("codedeploy", p.application(), "deploymentconfig:CodeDeployDefault.*", p.groups()),
		},
		{
			// Application Auto Scaling asks whether the caller may do to the service what scaling would.
			// https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_permission_validation.html
			Sid: "ScaleServices", Actions: []string{"ecs:UpdateService"}, Resources: p.in("ecs", "service/"+p.env.ClusterName()+"/*"),
		},
		{
			Sid: "SuspendScaling", Actions: []string{"application-autoscaling:RegisterScalableTarget"},
			Resources:  p.in("application-autoscaling", "scalable-target/*"),
			Conditions: resources.Conditions{"StringEquals": {"application-autoscaling:service-namespace": {"ecs"}}},
		},
		{
			Sid: "RunAdministration", Actions: []string{"ecs:RunTask"}, Resources: p.in("ecs", "task-definition/"+p.env.Name("task", "administration")+":*"),
			Conditions: resources.Conditions{"ArnEquals": {"ecs:cluster": p.in("ecs", "cluster/"+p.env.ClusterName())}},
		},
		{
			Sid: "PassAdministrationRoles", Actions: []string{"iam:PassRole"},
			Resources:  []string{resources.RoleNameARN(p.env.Name("role-execution", "administration")), resources.RoleNameARN(p.env.Name("role-task", "administration"))},
			Conditions: resources.Conditions{"StringEquals": {"iam:PassedToService": {"ecs-tasks.amazonaws.com"}}},
		},
		{
			Sid: "ReadLogsOfFailedTasks", Actions: []string{"logs:GetLogEvents"},
			Resources: p.in("logs", "log-group:"+p.env.Name("log", "*")+":log-stream:*"),
		},
		{
			// The Service Authorization Reference gives StopDeployment no resource, CodeDeploy's own reference the deployment group: whoever is
			// right, a release can be stopped.
			// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodedeploy.html
			Sid: "StopAndLookForLeftovers", AnyResource: "IAM documents no resource for stopping; tagged resources are looked for in the whole account, and so are the tasks of a cluster",
			Actions: []string{"codedeploy:StopDeployment", "ecs:ListTasks", "tag:GetResources"},
		},
	}
}

// useKey lets the foundation's key be used through the bucket.
func (p pipelineRoles) useKey(action string) resources.Statement {
	return resources.Statement{
		Sid: "UseKeyThroughBucket", Actions: []string{action}, Resources: []string{string(p.key)},
		Conditions: resources.Conditions{"StringEquals": {"kms:ViaService": {via("s3")}}},
	}
}

// repositories, application and groups are the environment's, in ARNs.
func (p pipelineRoles) repositories() string { return "repository/" + p.env.RepositoryName("*") }
func (p pipelineRoles) application() string  { return "application:" + p.env.Name("app", product) }
func (p pipelineRoles) groups() string       { return "deploymentgroup:" + p.env.Name("app", product) + "/*" }

// root is the platform's root stack, in ARNs.
func (p pipelineRoles) root() string { return "stack/" + p.env.Name("platform") + "/*" }

// in gives ARNs of a service in this account and region.
func (p pipelineRoles) in(service string, resources ...string) []string {
	return arns(service+":"+cfn.Region+":"+cfn.AccountID, resources)
}
