package templates

import (
	"github.com/awslabs/goformation/v7/cloudformation/iam"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// The deploy role: what CloudFormation may do on behalf of the platform stack and the stacks nested in it (R16). It is a
// root of its own, deployed before the platform with its caller's own permissions: it refers to the foundation by name
// only, the foundation grows with the services while this must be sent inline as well, and whoever adds a repository
// needs no right to write policies. Passing the role is up to the caller's own policies.
//
// Its permissions are those that the resource types of the tiers declare in the CloudFormation registry, without those of
// features that no template uses: package checks has the tables (deployment_actions.txt, deployment_features.txt) and the
// rules DEP001 and DEP002, which hold the template to them.
//
// It creates roles and writes their policies, so whoever may pass it to a template of his own can do what he likes; only
// a permissions boundary on every role would change that. Its patterns match our names: type, anything, suffix. So the
// suffixes of two environments in one account must not begin or end with one another, as qa and qa-eu do. Networks, keys
// and certificates have IDs for names: environments that must not reach each other's belong into accounts of their own.

// deployRole gathers the permissions.
type deployRole struct{ Environment }

// deployArea is a part of the permissions. Each becomes a managed policy, because one holds 6,144 characters; a role
// takes ten of them.
type deployArea struct {
	name, is   string
	statements []resources.Statement
}

// DeployRole is the template of the deploy role's stack.
func DeployRole() *cfn.Template {
	root := cfn.NewTemplate("deploy-role", "Deploy role of a payment platform: what CloudFormation may do when it deploys the platform")
	root.SentInline()
	d := deployRole{Environment{EnvironmentSuffix: addSuffix(root)}}
	addRegionRule(root)
	properties := d.properties()
	for _, area := range d.areas() {
		policy := cfn.Add(root, logicalID(area.name)+"Policy", "Lets the deploy role manage "+area.is,
			resources.ManagedPolicy(d.Name("policy", "deploy", area.name), area.statements...))
		properties.ManagedPolicyArns = append(properties.ManagedPolicyArns, policy.Ref())
	}
	role := cfn.Add(root, "Role", "Role CloudFormation deploys the platform as", properties)
	root.AddOutput("RoleArn", "Role CloudFormation deploys the platform as", string(resources.RoleARN(role)))
	return root
}

// properties are the role without its policies.
func (d deployRole) properties() *iam.Role {
	return resources.Role(resources.RoleInput{
		Name:        d.DeployRoleName(),
		Description: "CloudFormation deploys the platform as this role",
		Trust: resources.Policy(resources.Statement{
			Sid: "Assume", Principals: resources.Principals{Service: []string{"cloudformation.amazonaws.com"}}, Actions: []string{"sts:AssumeRole"},
			Exempt: "CloudFormation documents no source condition for the service role of a stack; it accepts roles of the stack's own account only",
		}),
	})
}

func (d deployRole) areas() []deployArea {
	return []deployArea{
		{"network", "VPC, subnets, routes, gateways, security groups, endpoints and flow logs", d.network()},
		{"ingress", "load balancer, web ACL, certificate and DNS records", d.ingress()},
		{"containers", "ECS, Cloud Map, CodeDeploy and scaling", d.containers()},
		{"data", "Aurora and secrets", d.data()},
		{"security", "keys, roles, buckets and topics", d.security()},
		{"observability", "logs, alarms, events, schedules, the archive's stream and the trail", d.observability()},
		{"stacks", "nested stacks, their templates, and what nobody may do", d.stacks()},
	}
}

// in gives ARNs of a service in this account and region.
func (d deployRole) in(service string, resources ...string) []string {
	return arns(service+":"+cfn.Region+":"+cfn.AccountID, resources)
}

// global gives ARNs of a service that has no regions, in this account.
func (d deployRole) global(service string, resources ...string) []string {
	return arns(service+"::"+cfn.AccountID, resources)
}

func arns(prefix string, resources []string) (list []string) {
	for _, r := range resources {
		list = append(list, "arn:"+cfn.Partition+":"+prefix+":"+r)
	}
	return list
}
