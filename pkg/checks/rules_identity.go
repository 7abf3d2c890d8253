package checks

// identityRules prove who may do what.
func identityRules() []Rule {
	return []Rule{
		{ID: "IAM001", Title: "Policies allow actions by their full names", Requirements: []string{"R16"}, PCI: []string{"7.2.1", "7.2.2"}, Severity: High, Check: checkWildcardActions},
		{ID: "IAM002", Title: "Policies name resources, or give a reason for any resource", Requirements: []string{"R16"}, PCI: []string{"7.2.1", "7.2.2"}, Severity: High, Check: checkAnyResource},
		{ID: "IAM003", Title: "Nothing is allowed by exclusion", Requirements: []string{"R16"}, PCI: []string{"7.2.3"}, Severity: High, Check: checkExclusions},
		{ID: "IAM004", Title: "Each task definition has a task role and an execution role of its own", Requirements: []string{"R16"}, PCI: []string{"7.2.5", "8.2.2"}, Severity: High, Check: checkOwnRoles},
		{ID: "IAM005", Title: "Roles are passed by name, to a named service", Requirements: []string{"R16"}, PCI: []string{"7.2.5"}, Severity: Critical, Check: checkPassRole},
		{ID: "IAM006", Title: "A role is assumed by the service that uses it, acting for this account", Requirements: []string{"R16"}, PCI: []string{"7.2.5", "8.6.1"}, Severity: High, Check: checkServiceTrust},
		{ID: "IAM007", Title: "Accounts and identity providers assume roles under a condition", Requirements: []string{"R16"}, PCI: []string{"7.2.2", "8.4.2"}, Severity: Critical, Check: checkPeopleTrust},
		{ID: "IAM008", Title: "Policies let anybody in only under a condition that says who", Requirements: []string{"R15", "R16"}, PCI: []string{"7.2.1", "7.3.3"}, Severity: Critical, Check: checkAnybody},
		{ID: "IAM009", Title: "Services use resources for this account only", Requirements: []string{"R15", "R16", "R18"}, PCI: []string{"7.2.5"}, Severity: Medium, Check: checkServicesActForUs},
		{ID: "IAM010", Title: "Each VPC endpoint has a policy", Requirements: []string{"R16"}, PCI: []string{"7.2.1", "7.3.3"}, Severity: High, Check: checkEndpointPolicies},
		{ID: "IAM011", Title: "The account administers a key but does not use it", Requirements: []string{"R15"}, PCI: []string{"3.6.1", "3.7.6"}, Severity: Critical, Check: checkKeyAccount},
		{ID: "IAM012", Title: "Keys are used by way of a service and for what it encrypts", Requirements: []string{"R15"}, PCI: []string{"3.6.1"}, Severity: High, Check: checkKeyContext},
		{ID: "IAM013", Title: "A key is used by those who use what it encrypts, and nobody else", Requirements: []string{"R15"}, PCI: []string{"3.6.1", "7.2.6"}, Severity: Critical, Check: checkKeyUsers},
		{ID: "IAM014", Title: "A secret is read and written by the roles of its service and of its rotation, and nobody else", Requirements: []string{"R14"}, PCI: []string{"7.2.5", "8.3.2", "8.6.2"}, Severity: Critical, Check: checkSecretReaders},
		{ID: "IAM015", Title: "A secret's own policy refuses everyone but its users", Requirements: []string{"R14"}, PCI: []string{"7.2.5", "7.3.3"}, Severity: High, Check: checkSecretPolicies},
		{ID: "IAM016", Title: "No task touches the log group of another", Requirements: []string{"R16"}, PCI: []string{"7.2.5", "10.3.1", "10.3.2"}, Severity: High, Check: checkTaskGroups},
		{ID: "IAM017", Title: "No task pulls the images of another or pushes any", Requirements: []string{"R6", "R16"}, PCI: []string{"7.2.5"}, Severity: High, Check: checkTaskRepositories},
		{ID: "IAM018", Title: "Buckets are not public", Requirements: []string{"R18"}, PCI: []string{"1.4.4", "10.3.1"}, Severity: Critical, Check: checkPublicBuckets},
		{ID: "IAM019", Title: "Buckets, topics and queues refuse requests without TLS", Requirements: []string{"R13", "R18"}, PCI: []string{"4.2.1", "10.3.2"}, Severity: High, Check: checkPlaintext},
		{ID: "IAM020", Title: "Only CloudFormation creates log groups", Requirements: []string{"R13", "R16"}, PCI: []string{"10.3.2", "10.5.1"}, Severity: High, Check: checkLogGroupCreation},
		{ID: "IAM021", Title: "No secret stands in variables, parameters, outputs or properties", Requirements: []string{"R14"}, PCI: []string{"8.3.2", "8.6.2"}, Severity: Critical, Check: checkPlainSecrets},
		{ID: "IAM022", Title: "Keys are rotated", Requirements: []string{"R15"}, PCI: []string{"3.7.4"}, Severity: High, Check: checkKeyRotation},
		{ID: "IAM023", Title: "Secrets are encrypted with a customer key", Requirements: []string{"R14", "R15"}, PCI: []string{"3.6.1", "8.3.2"}, Severity: High, Check: checkSecretKeys},
		{ID: "IAM024", Title: "All policies of a role are in the templates", Requirements: []string{"R16"}, PCI: []string{"7.2.2", "7.2.4"}, Severity: High, Check: checkManagedPolicies},
		{ID: "IAM025", Title: "Statements are complete", Requirements: []string{"R16"}, PCI: []string{"7.2.2"}, Severity: Medium, Check: checkComplete},
		{ID: "IAM026", Title: "No condition holds for any value", Requirements: []string{"R15", "R16"}, PCI: []string{"7.2.1", "7.2.2"}, Severity: High, Check: checkConditionValues},
		{ID: "IAM027", Title: "No policy locks everybody out", Requirements: []string{"R16", "R20"}, PCI: []string{"7.2.2"}, Severity: High, Check: checkLockouts},
		{ID: "IAM028", Title: "Tasks are started in a named cluster only", Requirements: []string{"R16"}, PCI: []string{"7.2.2", "7.2.5"}, Severity: High, Check: checkHeldActions},
		{ID: "IAM029", Title: "Only named roles change secrets or read a master secret through an endpoint", Requirements: []string{"R14", "R16"}, PCI: []string{"7.2.5", "7.3.3"}, Severity: Medium, Check: checkSecretEndpoints},
		{ID: "IAM030", Title: "The archive of audit records takes no object under a key of others", Requirements: []string{"R15", "R18"}, PCI: []string{"10.3.2", "10.5.1"}, Severity: High, Check: checkForeignKeys},
		{ID: "IAM031", Title: "Secrets refuse policies that let anybody in", Requirements: []string{"R14"}, PCI: []string{"7.2.5", "7.3.3"}, Severity: High, Check: checkPublicSecrets},
		{ID: "IAM032", Title: "Outputs, plain parameters and variables are made of no secret", Requirements: []string{"R14"}, PCI: []string{"8.3.2", "8.6.2"}, Severity: Critical, Check: checkShownSecrets},
	}
}
