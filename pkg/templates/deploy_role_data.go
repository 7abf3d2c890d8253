package templates

import "github.com/tierform/tierform/pkg/resources"

// data is for the tier of that name and the secrets of the services.
func (d deployRole) data() []resources.Statement {
	secrets := "secret:" + d.SecretName("*")
	return []resources.Statement{
		{
			Sid: "DescribeDatabases",
			Actions: []string{
				"rds:DescribeDBClusterAutomatedBackups", "rds:DescribeDBClusterParameterGroups", "rds:DescribeDBClusterParameters",
				"rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusters", "rds:DescribeDBInstanceAutomatedBackups",
				"rds:DescribeDBInstances", "rds:DescribeDBParameterGroups", "rds:DescribeDBParameters", "rds:DescribeDBSnapshots",
				"rds:DescribeDBSubnetGroups", "rds:DescribeEventSubscriptions", "rds:DescribeGlobalClusters", "rds:ListTagsForResource",
			},
			Resources: append(d.in("rds", "*"), d.global("rds", "global-cluster:*")...),
		},
		{
			Sid: "DescribeEngines", AnyResource: "engines and events have no ARN",
			Actions: []string{
				"rds:DescribeDBEngineVersions", "rds:DescribeEngineDefaultClusterParameters", "rds:DescribeEngineDefaultParameters",
				"rds:DescribeEvents",
			},
		},
		{
			Sid: "ManageDatabases",
			Actions: []string{
				"rds:AddSourceIdentifierToSubscription", "rds:AddTagsToResource", "rds:CreateDBCluster", "rds:CreateDBClusterParameterGroup",
				"rds:CreateDBInstance", "rds:CreateDBParameterGroup", "rds:CreateDBSubnetGroup", "rds:CreateEventSubscription",
				"rds:DeleteDBCluster", "rds:DeleteDBClusterParameterGroup", "rds:DeleteDBInstance", "rds:DeleteDBParameterGroup",
				"rds:DeleteDBSubnetGroup", "rds:DeleteEventSubscription", "rds:ModifyDBCluster", "rds:ModifyDBClusterParameterGroup",
				"rds:ModifyDBInstance", "rds:ModifyDBParameterGroup", "rds:ModifyDBSubnetGroup", "rds:ModifyEventSubscription",
				"rds:RebootDBInstance", "rds:RemoveSourceIdentifierFromSubscription", "rds:RemoveTagsFromResource",
				"rds:ResetDBClusterParameterGroup", "rds:ResetDBParameterGroup",
			},
			Resources: d.in("rds", "cluster-pg:"+d.Name("parameters", "*"), "cluster:"+d.DatabaseName(), "db:"+d.Name("db", "*"),
				"es:"+d.Name("events", "*"), "pg:"+d.Name("parameters", "*"), "subgrp:"+d.Name("subnets", "*")),
		},
		{
			// Instances get the engine's default option group, which is checked like a resource of ours.
			// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/security_iam_id-based-policy-examples-create-and-modify-examples.html
			Sid: "DefaultGroups", Actions: []string{"rds:CreateDBCluster", "rds:CreateDBInstance", "rds:ModifyDBCluster", "rds:ModifyDBInstance"},
			Resources: d.in("rds", "og:default*", "pg:default*"),
		},
		{
			// No GetSecretValue: no template can print a secret by a dynamic reference. The ARN of a secret that is being
			// created may lack the six characters that Secrets Manager adds to its name.
			Sid: "ManageSecrets",
			Actions: []string{
				"secretsmanager:CreateSecret", "secretsmanager:DeleteResourcePolicy", "secretsmanager:DeleteSecret",
				"secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy", "secretsmanager:PutResourcePolicy",
				"secretsmanager:TagResource", "secretsmanager:UntagResource", "secretsmanager:UpdateSecret",
			},
			Resources: d.in("secretsmanager", secrets, secrets+"-??????"),
		},
		{
			// RDS creates the master user's secret on the caller's behalf.
			// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html
			Sid: "MasterSecret", Actions: []string{"secretsmanager:CreateSecret", "secretsmanager:TagResource"},
			Resources: d.in("secretsmanager", "secret:rds!cluster-*"),
		},
		{
			Sid: "GeneratePasswords", AnyResource: "a random string is no resource", Actions: []string{"secretsmanager:GetRandomPassword"},
		},
	}
}
