package templates

import (
	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// stacks is for the nested stacks themselves, and holds what the role must never do.
func (d deployRole) stacks() []resources.Statement {
	artifacts := resources.BucketNameARN(d.artifactBucketName())
	return []resources.Statement{
		{
			// What is done to the root reaches the nested stacks with this role, by way of change sets or directly.
			Sid: "ManageNestedStacks",
			Actions: []string{
				"cloudformation:CancelUpdateStack", "cloudformation:ContinueUpdateRollback", "cloudformation:CreateChangeSet",
				"cloudformation:CreateStack", "cloudformation:DeleteChangeSet", "cloudformation:DeleteStack",
				"cloudformation:DescribeChangeSet", "cloudformation:DescribeStacks", "cloudformation:ExecuteChangeSet",
				"cloudformation:GetStackPolicy", "cloudformation:GetTemplate", "cloudformation:RollbackStack", "cloudformation:TagResource",
				"cloudformation:UntagResource", "cloudformation:UpdateStack",
			},
			Resources: d.in("cloudformation", "stack/"+d.Name("platform")+"-*Stack-*/*"),
		},
		{
			// CloudFormation passes the role from a stack to those nested in it: without this each of them is refused.
			Sid: "PassItself", Actions: []string{"iam:PassRole"}, Resources: []string{d.itself()},
			Conditions: resources.Conditions{"StringEquals": {"iam:PassedToService": {"cloudformation.amazonaws.com"}}},
		},
		{
			Sid: "ReadTemplates", Actions: []string{"s3:GetObject"}, Resources: []string{resources.ObjectsARN(d.artifactBucketName(), "templates/")},
		},
		{
			Sid: "DecryptTemplates", Actions: []string{"kms:Decrypt"}, Resources: d.in("kms", "key/*"),
			Conditions: resources.Conditions{
				"StringEquals": {"kms:ViaService": {via("s3")}},
				"StringLike":   {"kms:EncryptionContext:aws:s3:arn": {artifacts, artifacts + "/*"}},
			},
		},
		{
			Sid: "NotItselfNorItsCallers", Deny: true,
			Resources: []string{
				d.itself(), resources.RoleNameARN(d.PlanRoleName()), resources.RoleNameARN(d.PipelineRoleName()), resources.RoleNameARN(d.PublishRoleName()),
			},
			Actions: []string{"iam:Delete*", "iam:Put*", "iam:Tag*", "iam:Untag*", "iam:Update*"},
		},
		{
			Sid: "NotTheArtifactBucket", Deny: true, Resources: []string{artifacts},
			Actions: []string{"s3:Delete*", "s3:Put*", "s3:Tag*", "s3:Untag*"},
		},
		{
			Sid: "NotTheFoundationKey", Deny: true, Resources: d.in("kms", "key/*"),
			Actions: []string{
				"kms:Disable*", "kms:Enable*", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:Tag*", "kms:Untag*", "kms:Update*",
			},
			Conditions: resources.Conditions{"ForAnyValue:StringEquals": {"kms:ResourceAliases": {"alias/" + d.foundationKeyName()}}},
		},
		{
			Sid: "NotElsewhere", Deny: true, Actions: []string{"*"}, AnyResource: "it denies",
			Conditions: resources.Conditions{"StringNotEquals": {"aws:RequestedRegion": {cfn.Region}}},
		},
	}
}

// itself is the role's ARN, by name: its policies exist before it.
func (d deployRole) itself() string { return resources.RoleNameARN(d.DeployRoleName()) }
