package resources

import (
	"github.com/awslabs/goformation/v7/cloudformation/kms"

	"github.com/tierform/tierform/pkg/cfn"
)

// minKeyWindowDays is the shortest time KMS keeps a deleted key, so that a destroyed environment costs nothing soon.
const minKeyWindowDays = 7

// Key is a symmetric customer key with yearly rotation. Its policy holds the administrators' statement, which lets the
// account's administrators manage the key but not use it, and the statements given, whose resource is the key itself.
func Key(description string, use ...Statement) *kms.Key {
	statements := []Statement{KeyAdministrators()}
	for _, s := range use {
		s.Resources = []string{"*"}
		statements = append(statements, s)
	}
	return &kms.Key{
		Description:                          new(description),
		EnableKeyRotation:                    new(true),
		KeyPolicy:                            Policy(statements...),
		PendingWindowInDays:                  new(minKeyWindowDays),
		AWSCloudFormationDeletionPolicy:      "Delete",
		AWSCloudFormationUpdateReplacePolicy: "Delete",
		AWSCloudFormationMetadata:            policyMetadata(use, map[string]any{"Stateful": true}),
	}
}

// KeyAlias gives a key a name by which people find it.
func KeyAlias(name string, key cfn.KeyARN) *kms.Alias {
	return &kms.Alias{AliasName: "alias/" + name, TargetKeyId: string(key)}
}

// KeyAdministrators lets the account, by its IAM policies, manage a key without using it: no encryption, decryption or
// grants, so that no administrator reads data by virtue of managing keys (PCI DSS 3.6.1).
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func KeyAdministrators() Statement {
	return Statement{
		Sid:        "Administrators",
		Principals: Principals{AWS: []string{AccountRoot()}},
		Actions: []string{
			"kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey", "kms:DisableKey",
			"kms:DisableKeyRotation", "kms:EnableKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy",
			"kms:GetKeyRotationStatus", "kms:ListGrants", "kms:ListKeyPolicies",
			"kms:ListKeyRotations", "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:RetireGrant",
			"kms:RevokeGrant", "kms:RotateKeyOnDemand", "kms:ScheduleKeyDeletion", "kms:TagResource",
			"kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription",
		},
		Resources: []string{"*"},
	}
}

// AccountRoot is the ARN that stands for this account in resource policies.
func AccountRoot() string { return "arn:" + cfn.Partition + ":iam::" + cfn.AccountID + ":root" }

// KeyUseByRole lets the roles of this account whose names match use a key through one AWS service, such as
// secretsmanager. Role names may hold the wildcard *: roles of later stacks cannot be named as principals before they
// exist. https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
func KeyUseByRole(sid, service string, actions []string, roleNames ...string) Statement {
	s := Statement{
		Sid:        sid,
		Principals: Principals{AWS: []string{AccountRoot()}},
		Actions:    actions,
		Resources:  []string{"*"},
		Conditions: Conditions{
			"ArnLike":      {"aws:PrincipalArn": nil},
			"StringEquals": {"kms:CallerAccount": {cfn.AccountID}, "kms:ViaService": {ViaService(service)}},
		},
	}
	for _, name := range roleNames {
		s.Conditions["ArnLike"]["aws:PrincipalArn"] = append(s.Conditions["ArnLike"]["aws:PrincipalArn"], RoleNameARN(name))
	}
	return s
}

// ViaService is the value of kms:ViaService for a service of the stack's region, such as rds.
func ViaService(service string) string { return service + "." + cfn.Region + "." + cfn.URLSuffix }

// KeyGrantsByRole lets roles have an AWS service create grants on a key for itself, which is how services use a key
// after the call that gave it to them. Nobody can make a grant directly.
// https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-is-for-aws-resource
func KeyGrantsByRole(sid, service string, roleNames ...string) Statement {
	return KeyUseByRole(sid, service, []string{"kms:CreateGrant"}, roleNames...).
		And("Bool", "kms:GrantIsForAWSResource", "true")
}

// KeyUseByLogs lets CloudWatch Logs use a key for log groups of this account and region whose names match.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
func KeyUseByLogs(groupNames ...string) Statement {
	var groups []string
	for _, name := range groupNames {
		groups = append(groups, "arn:"+cfn.Partition+":logs:"+cfn.Region+":"+cfn.AccountID+":log-group:"+name)
	}
	return Statement{
		Sid:        "CloudWatchLogs",
		Principals: Principals{Service: []string{"logs." + cfn.Region + "." + cfn.URLSuffix}},
		Actions: []string{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey",
			"kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"},
		Resources:  []string{"*"},
		Conditions: Conditions{"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
	}
}
