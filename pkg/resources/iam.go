package resources

import (
	"slices"

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
// statements about any resource go into its Metadata under AnyResource, those for exempted ones under Exemptions.
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
	role.AWSCloudFormationMetadata = policyMetadata(slices.Concat(in.Trust.from, in.Statements), nil)
	return role
}

// MaxManagedPolicyLength is how many characters a managed policy may have, white space aside.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const MaxManagedPolicyLength = 6144

// ManagedPolicy is a policy of its own, for roles that may do more than fits into the 10,240 characters of inline
// policies. Its Metadata holds the same reasons as a role's. It has no description, since changing that would replace
// the policy, which its name forbids.
func ManagedPolicy(name string, statements ...Statement) *iam.ManagedPolicy {
	return &iam.ManagedPolicy{
		ManagedPolicyName:         new(name),
		PolicyDocument:            RolePolicy(statements...),
		AWSCloudFormationMetadata: policyMetadata(statements, nil),
	}
}

// RoleNameARN is the ARN of a role of this account by name, for policies about roles of other stacks.
func RoleNameARN(name string) string {
	return "arn:" + cfn.Partition + ":iam::" + cfn.AccountID + ":role/" + name
}
