package templates

import (
	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// security is for the tier of that name and the roles of all tiers.
func (d deployRole) security() []resources.Statement {
	return append(d.keys(),
		resources.Statement{
			// Policies of roles are inline: without AttachRolePolicy none gets AdministratorAccess by its name.
			Sid: "ManageRoles",
			Actions: []string{
				"iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:GetRole", "iam:GetRolePolicy",
				"iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole",
				"iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
			},
			Resources: []string{resources.RoleNameARN(d.Name("role", "*"))},
		},
		d.passRole("PassTaskRoles", []string{d.TaskRoleName("*"), d.ExecutionRoleName("*")}, "ecs-tasks.amazonaws.com"),
		d.passRole("PassServiceRoles", []string{
			d.ArchiveRoleName(), d.Name("role", "codedeploy", "*"), d.Name("role", "flow"), d.Name("role", "schedule"),
			d.Name("role", "subscription"), d.Name("role", "trail"),
		}, "cloudtrail.amazonaws.com", "codedeploy.amazonaws.com", "firehose.amazonaws.com", "logs.amazonaws.com",
			"scheduler.amazonaws.com", "vpc-flow-logs.amazonaws.com"),
		d.serviceLinkedRoles("ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com",
			"rds.amazonaws.com"),
		resources.Statement{
			Sid: "ManageBuckets",
			Actions: []string{
				"s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:GetAccelerateConfiguration",
				"s3:GetAnalyticsConfiguration", "s3:GetBucketAbac", "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLogging",
				"s3:GetBucketMetadataTableConfiguration", "s3:GetBucketNotification", "s3:GetBucketObjectLockConfiguration",
				"s3:GetBucketOwnershipControls", "s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock", "s3:GetBucketTagging",
				"s3:GetBucketVersioning", "s3:GetBucketWebsite", "s3:GetEncryptionConfiguration",
				"s3:GetIntelligentTieringConfiguration", "s3:GetInventoryConfiguration", "s3:GetLifecycleConfiguration",
				"s3:GetMetricsConfiguration", "s3:GetReplicationConfiguration", "s3:ListBucket", "s3:ListTagsForResource",
				"s3:PutBucketLogging", "s3:PutBucketOwnershipControls", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock",
				"s3:PutBucketTagging", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration",
				"s3:TagResource", "s3:UntagResource",
			},
			Resources: []string{resources.BucketNameARN(cfn.BucketName(d.Name("bucket", "*", cfn.AccountID)))},
		},
		resources.Statement{
			Sid: "ManageTopics",
			Actions: []string{
				"sns:CreateTopic", "sns:DeleteTopic", "sns:GetDataProtectionPolicy", "sns:GetSubscriptionAttributes",
				"sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:ListTagsForResource", "sns:SetSubscriptionAttributes",
				"sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:Unsubscribe", "sns:UntagResource",
			},
			// A subscription is the topic's ARN with an ID.
			Resources: d.in("sns", d.Name("topic", "*"), d.Name("topic", "*")+":*"),
		},
	)
}

// keys manages KMS keys, which have no name, and uses them where a service encrypts on the caller's behalf. Which keys
// it may use is for the keys' policies to say.
func (d deployRole) keys() []resources.Statement {
	key := d.in("kms", "key/*")
	return []resources.Statement{
		{
			Sid: "CreateKeys", AnyResource: "a key has no ARN before it is created, and listing has no resources",
			Actions: []string{"kms:CreateKey", "kms:ListAliases"},
		},
		{
			Sid: "ManageKeys",
			Actions: []string{
				"kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey", "kms:DisableKey", "kms:DisableKeyRotation", "kms:EnableKey",
				"kms:EnableKeyRotation", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags", "kms:PutKeyPolicy",
				"kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription",
			},
			Resources: append(d.in("kms", "alias/"+d.Name("data"), "alias/"+d.Name("logs"), "alias/"+d.Name("secrets")), key...),
		},
		{
			Sid: "UseKeys", Actions: []string{"kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey", "kms:RevokeGrant"}, Resources: key,
			Conditions: resources.Conditions{"StringEquals": {"kms:ViaService": {via("firehose"), via("rds"), via("secretsmanager")}}},
		},
	}
}

// via is a service as kms:ViaService names it.
func via(service string) string { return service + "." + cfn.Region + "." + cfn.URLSuffix }

// passRole lets services take over roles.
func (d deployRole) passRole(sid string, roles []string, services ...string) resources.Statement {
	s := resources.Statement{
		Sid: sid, Actions: []string{"iam:PassRole"},
		Conditions: resources.Conditions{"StringEquals": {"iam:PassedToService": services}},
	}
	for _, role := range roles {
		s.Resources = append(s.Resources, resources.RoleNameARN(role))
	}
	return s
}

// serviceLinkedRoles lets services create the role that each of them has in an account, once.
func (d deployRole) serviceLinkedRoles(services ...string) resources.Statement {
	s := resources.Statement{
		Sid: "ServiceLinkedRoles", Actions: []string{"iam:CreateServiceLinkedRole"},
		Conditions: resources.Conditions{"StringEquals": {"iam:AWSServiceName": services}},
	}
	for _, service := range services {
		s.Resources = append(s.Resources, resources.RoleNameARN("aws-service-role/"+service+"/*"))
	}
	return s
}
