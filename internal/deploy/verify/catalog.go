package verify

// Catalog are all checks, in the order in which evidence has them. PCI are the requirements of PCI DSS v4.0.1 that the rules prove of the
// templates, as docs/pci-dss.md has them; a test holds them to it.
func Catalog() []Check {
	return append(servingChecks(), append(networkChecks(), append(recordChecks(), dataChecks()...)...)...)
}

// servingChecks are about what serves.
func servingChecks() []Check {
	return []Check{
		{ID: "targets-healthy", Title: "All targets of each service's live target group are healthy", Requirements: []string{"R7"}, PCI: none(), Rules: []string{"AVA014"},
			Actions: []string{"ecs:DescribeServices", "elasticloadbalancing:DescribeTargetHealth"}, run: targetsHealthy},
		{ID: "traffic-live", Title: "Listener rules send all traffic to the live colour", Requirements: []string{"R17", "R33"}, PCI: []string{"6.5.1"}, Rules: []string{"LIF007"},
			Actions: []string{"ecs:DescribeServices", "elasticloadbalancing:DescribeRules"}, run: trafficLive},
		{ID: "revision-running", Title: "Services run the revision of their stack, or it waits for a release", Requirements: []string{"R17", "R33"}, PCI: []string{"6.5.1"}, Rules: []string{"LIF006"},
			Actions: []string{"ecs:DescribeServices"}, run: revisionRunning},
		{ID: "scaling-on", Title: "Scaling is registered between the bounds and not suspended", Requirements: []string{"R12"}, PCI: none(), Rules: []string{"SCA001"},
			Actions: []string{"application-autoscaling:DescribeScalableTargets", "ecs:DescribeServices"}, run: scalingOn},
		{ID: "images-scanned", Title: "The images that run were scanned", Requirements: []string{"R6"}, PCI: []string{"6.3.1", "6.3.3"}, Rules: []string{"CON004", "CON012"},
			Actions: []string{"ecr:DescribeImageScanFindings", "ecs:DescribeServices", "ecs:DescribeTaskDefinition"}, run: imagesScanned},
		{ID: "exec-off", Title: "Nobody can open a shell in a container", Requirements: []string{"R16"}, PCI: []string{"2.2.4", "2.2.6"}, Rules: []string{"CON011"},
			Actions: []string{"ecs:DescribeServices"}, run: execOff},
	}
}

// networkChecks are about who reaches what.
func networkChecks() []Check {
	return []Check{
		{ID: "tasks-private", Title: "No task has a public address", Requirements: []string{"R1"}, PCI: []string{"1.4.2", "1.4.4", "1.4.5"}, Rules: []string{"NET009"},
			Actions: []string{"ec2:DescribeNetworkInterfaces", "ecs:DescribeServices"}, run: tasksPrivate},
		{ID: "databases-private", Title: "No database is publicly accessible", Requirements: []string{"R1", "R11"}, PCI: []string{"1.4.2", "1.4.4", "1.4.5"}, Rules: []string{"NET009"},
			Actions: []string{"rds:DescribeDBInstances"}, run: databasesPrivate},
		{ID: "balancer-scheme", Title: "Load balancers are public only where the template says so", Requirements: []string{"R1", "R7"}, PCI: []string{"1.3.1", "1.4.1", "1.4.2", "1.4.4"}, Rules: []string{"NET001"},
			Actions: []string{"elasticloadbalancing:DescribeLoadBalancers"}, run: balancerScheme},
		{ID: "listeners-tls", Title: "Listeners speak TLS by the policy, and plain HTTP only to redirect", Requirements: []string{"R7"}, PCI: []string{"1.2.6", "2.2.7", "4.2.1"}, Rules: []string{"ENC005", "NET020"},
			Actions: []string{"elasticloadbalancing:DescribeListeners"}, run: listenersTLS},
		{ID: "waf-associated", Title: "The web ACL stands before the load balancer", Requirements: []string{"R8"}, PCI: []string{"6.4.2"}, Rules: []string{"NET024"},
			Actions: []string{"wafv2:GetWebACLForResource"}, run: aclAssociated},
	}
}

// recordChecks are about logs, alarms and the trail.
func recordChecks() []Check {
	return []Check{
		{ID: "logs-encrypted", Title: "Log groups are encrypted with the logs key", Requirements: []string{"R13", "R15"}, PCI: []string{"10.3.2"}, Rules: []string{"LOG001"},
			Actions: []string{"logs:DescribeLogGroups"}, run: groupsEncrypted},
		{ID: "logs-retention", Title: "Log groups keep their events for 30 days", Requirements: []string{"R13"}, PCI: []string{"10.5.1"}, Rules: []string{"LOG002"},
			Actions: []string{"logs:DescribeLogGroups"}, run: groupsKept},
		{ID: "logs-declared", Title: "Every log group of the environment is declared by its stacks", Requirements: []string{"R13"}, PCI: []string{"10.3.2"}, Rules: []string{"LOG003", "LOG004"},
			Actions: []string{"logs:DescribeLogGroups"}, run: groupsDeclared},
		{ID: "trail-logging", Title: "The trail logs, and its files can be proven unchanged", Requirements: []string{"R18"}, PCI: []string{"10.2.1", "10.3.4"}, Rules: []string{"LOG008"},
			Actions: []string{"cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus"}, run: trailLogging},
		{ID: "alarms-quiet", Title: "No alarm is raised, and none has been without data for a day", Requirements: []string{"R13"}, PCI: []string{"10.7.2"}, Rules: []string{"ALA008"},
			Actions: []string{"cloudwatch:DescribeAlarms"}, run: alarmsQuiet},
		{ID: "alarms-armed", Title: "Alarms tell the topic", Requirements: []string{"R13"}, PCI: []string{"10.7.2", "12.10.5"}, Rules: []string{"ALA004"},
			Actions: []string{"cloudwatch:DescribeAlarms"}, run: alarmsArmed},
	}
}

// dataChecks are about what holds data and secrets.
func dataChecks() []Check {
	return []Check{
		{ID: "database-encrypted", Title: "Databases are encrypted with the data key", Requirements: []string{"R11", "R15"}, PCI: []string{"3.5.1", "3.6.1"}, Rules: []string{"ENC001"},
			Actions: []string{"rds:DescribeDBClusters"}, run: databaseEncrypted},
		{ID: "database-tls", Title: "Databases take TLS connections only", Requirements: []string{"R11"}, PCI: []string{"2.2.7", "4.2.1"}, Rules: []string{"ENC004"},
			Actions: []string{"rds:DescribeDBClusterParameters", "rds:DescribeDBClusters"}, run: databaseTLS},
		{ID: "database-backups", Title: "Databases keep backups as long as the template says", Requirements: []string{"R11"}, PCI: none(), Rules: []string{"AVA003"},
			Actions: []string{"rds:DescribeDBClusters"}, run: databaseBackups},
		{ID: "secrets-rotated", Title: "Secrets are rotated", Requirements: []string{"R14"}, PCI: []string{"2.2.2", "8.3.9", "8.6.3"}, Rules: []string{"ENC007", "ENO017"},
			Actions: []string{"rds:DescribeDBClusters", "secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"}, run: secretsRotated},
		{ID: "secrets-used", Title: "Each secret is injected by a task definition", Requirements: []string{"R14"}, PCI: []string{"8.6.2"}, Rules: []string{"CON013"},
			Actions: []string{"ecs:DescribeTaskDefinition"}, run: secretsUsed},
		{ID: "keys-rotate", Title: "Keys are enabled and rotated", Requirements: []string{"R15"}, PCI: []string{"3.7.4"}, Rules: []string{"IAM022"},
			Actions: []string{"kms:DescribeKey", "kms:GetKeyRotationStatus"}, run: keysRotate},
		{ID: "buckets-private", Title: "Buckets block public access", Requirements: []string{"R18"}, PCI: []string{"1.4.4", "10.3.1"}, Rules: []string{"IAM018"},
			Actions: []string{"s3:GetBucketPublicAccessBlock"}, run: bucketsPrivate},
		{ID: "buckets-encrypted", Title: "Buckets are encrypted as the template says", Requirements: []string{"R15", "R18"}, PCI: []string{"3.5.1"}, Rules: []string{"ENC002"},
			Actions: []string{"s3:GetEncryptionConfiguration"}, run: bucketsEncrypted},
		{ID: "buckets-versioned", Title: "Buckets keep versions", Requirements: []string{"R18"}, PCI: []string{"10.2.1", "10.3.2"}, Rules: []string{"ENC008"},
			Actions: []string{"s3:GetBucketVersioning"}, run: bucketsVersioned},
	}
}

// none is a list without anything, which JSON writes as such.
func none() []string { return []string{} }
