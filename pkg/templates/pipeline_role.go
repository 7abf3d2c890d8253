package templates

import (
	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// The pipeline's roles: what may run the deploy command for this environment without a person. Who plans can propose and
// never execute, so that an approval between the two means something; who deploys can do both, through CloudFormation and the
// deploy role only. Neither can empty or delete what holds data outside of the stack: destroying an environment is for people.
//
// The roles are for GitHub's OpenID Connect provider, whose address the condition keys begin with; both are left out without
// it. The policies are always there: the pipeline of AWS CodePipeline attaches them to roles of its own.
// https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws

// issuer begins the condition keys of tokens from GitHub.
const issuer = "token.actions.githubusercontent.com"

// pipelineRoles gathers what the roles are made of.
type pipelineRoles struct {
	*foundation
	provider cfn.Text
}

// addPipelineRoles declares both policies and both roles, with the parameters that say who may assume them.
func (f *foundation) addPipelineRoles() {
	p := pipelineRoles{foundation: f, provider: cfn.AddParameter[cfn.Text](f.Template, "PipelineProviderArn", cfn.Parameter{
		Description: "GitHub's OpenID Connect provider in this account, for pipelines there; empty for none.", Default: new(""),
		AllowedPattern:        `^(arn:aws:iam::\d{12}:oidc-provider/token\.actions\.githubusercontent\.com)?$`,
		ConstraintDescription: "empty, or the ARN of the provider " + issuer,
	})}
	plans := cfn.Add(f.Template, "PlanPolicy", "Lets a pipeline see the environment and propose change sets", resources.ManagedPolicy(f.env.Name("policy", "plan"), p.plans()...)).Ref()
	deploys := cfn.Add(f.Template, "PipelinePolicy", "Lets a pipeline execute change sets, with the lock and the records that go with it",
		resources.ManagedPolicy(f.env.Name("policy", "pipeline"), p.deploys()...)).Ref()
	p.addRole(pipelineRole{"Plan", p.env.PlanRoleName(), "plan", "StringLike", "*", "Workflows that may plan, such as repo:example/payments:*; empty for none."}, plans)
	p.addRole(pipelineRole{"Pipeline", p.env.PipelineRoleName(), "deploy", "StringEquals", "", "Workflow job that may deploy, such as repo:example/payments:environment:prod; empty for none."}, plans, deploys)
}

// pipelineRole is one of the two: what its logical IDs begin with, its name, what it does, and how its subject is compared,
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

// plans is what it takes to see the environment and to propose changes of the platform.
func (p pipelineRoles) plans() []resources.Statement {
	bucket := p.env.artifactBucketName()
	cluster := p.env.ClusterName()
	return []resources.Statement{
		{
			Sid: "ReadStacks",
			Actions: []string{
				"cloudformation:DescribeChangeSet", "cloudformation:DescribeEvents", "cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks",
				"cloudformation:GetTemplate", "cloudformation:ListChangeSets", "cloudformation:ListStackResources",
			},
			Resources: p.in("cloudformation", "stack/"+p.env.Name("deploy-role")+"/*", "stack/"+p.env.Name("foundation")+"/*", p.root(), "stack/"+p.env.Name("platform")+"-*Stack-*/*"),
		},
		{
			Sid:       "ProposeChangeSets",
			Actions:   []string{"cloudformation:CreateChangeSet", "cloudformation:DeleteChangeSet", "cloudformation:TagResource"},
			Resources: p.in("cloudformation", p.root()),
		},
		{
			Sid: "PassDeployRole", Actions: []string{"iam:PassRole"}, Resources: []string{resources.RoleNameARN(p.env.DeployRoleName())},
			Conditions: resources.Conditions{"StringEquals": {"iam:PassedToService": {"cloudformation.amazonaws.com"}}},
		},
		{Sid: "StoreTemplates", Actions: []string{"s3:GetObject", "s3:PutObject"}, Resources: []string{resources.ObjectsARN(bucket, "templates/")}},
		{Sid: "ReadRecords", Actions: []string{"s3:GetObject"}, Resources: []string{resources.ObjectsARN(bucket, "env/")}},
		// Without it S3 answers 403 where an object does not exist.
		{Sid: "ListArtifacts", Actions: []string{"s3:ListBucket"}, Resources: []string{resources.BucketNameARN(bucket)}},
		{
			Sid: "UseKeyThroughBucket", Actions: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resources: []string{string(p.key)},
			Conditions: resources.Conditions{"StringEquals": {"kms:ViaService": {via("s3")}}},
		},
		{
			Sid: "SeeWhatRuns", Actions: []string{"ecs:DescribeServices", "ecs:DescribeTasks"},
			Resources: p.in("ecs", "service/"+cluster+"/*", "task/"+cluster+"/*"),
		},
		{
			Sid: "SeeWeightsAndScaling", AnyResource: "Elastic Load Balancing's and Application Auto Scaling's Describe actions, and those of ECS about definitions, have no resources",
			Actions: []string{"application-autoscaling:DescribeScalableTargets", "ecs:DescribeTaskDefinition", "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules"},
		},
	}
}

// deploys is what it takes beyond that to execute them and to get out of any state. What becomes of resources is up to the deploy role.
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
			Sid: "ReadLogsOfFailedTasks", Actions: []string{"logs:GetLogEvents"},
			Resources: p.in("logs", "log-group:"+p.env.Name("log", "*")+":log-stream:*"),
		},
		{
			Sid: "LookForLeftovers", AnyResource: "tagged resources are looked for in the whole account, and so are log groups and the tasks of a cluster",
			Actions: []string{"ecs:ListTasks", "logs:DescribeLogGroups", "tag:GetResources"},
		},
	}
}

// root is the platform's root stack, in ARNs.
func (p pipelineRoles) root() string { return "stack/" + p.env.Name("platform") + "/*" }

// in gives ARNs of a service in this account and region.
func (p pipelineRoles) in(service string, resources ...string) []string {
	return arns(service+":"+cfn.Region+":"+cfn.AccountID, resources)
}
