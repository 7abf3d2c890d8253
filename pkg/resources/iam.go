package resources

import (
	"github.com/awslabs/goformation/v7/cloudformation/iam"

	"github.com/tierform/tierform/pkg/cfn"
)

// RoleInput describes a role with an inline policy of its own.
type RoleInput struct {
	// Name is the physical name; key policies recognise roles by it.
	Name string
	// Description says who uses the role for what.
	Description string
	// Trust is who may assume it, from ServiceTrust or Policy.
	Trust Document
	// Statements are what it may do. Empty means nothing.
	Statements []Statement
	// MaxSessionSeconds bounds a session; zero means AWS's hour.
	MaxSessionSeconds int
}

// Role is an IAM role whose whole policy is inline, so that reading the role shows all it may do. The reasons for
// statements about any resource go into its Metadata under AnyResource.
func Role(in RoleInput) *iam.Role {
	role := &iam.Role{
		RoleName:                 new(in.Name),
		Description:              new(in.Description),
		AssumeRolePolicyDocument: in.Trust,
	}
	if in.MaxSessionSeconds > 0 {
		role.MaxSessionDuration = new(in.MaxSessionSeconds)
	}
	if len(in.Statements) > 0 {
		role.Policies = []iam.Role_Policy{{PolicyName: "inline", PolicyDocument: RolePolicy(in.Statements...)}}
	}
	if why := reasons(in.Statements); why != nil {
		role.AWSCloudFormationMetadata = map[string]any{"AnyResource": why}
	}
	return role
}

// RoleNameARN is the ARN of a role of this account by name, for policies about roles of other stacks.
func RoleNameARN(name string) string {
	return "arn:" + cfn.Partition + ":iam::" + cfn.AccountID + ":role/" + name
}
