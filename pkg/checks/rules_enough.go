package checks

// enoughRules prove that each declared use has its whole chain of permissions: one that is missing is as much a fault as one
// too many.
func enoughRules() []Rule {
	return []Rule{
		{ID: "ENO001", Title: "Execution roles may pull the images of their tasks", Requirements: []string{"R6", "R16"}, PCI: []string{"7.2.2"}, Severity: High, Check: checkPulls},
		{ID: "ENO002", Title: "Execution roles may write to the log groups of their tasks", Requirements: []string{"R13", "R16"}, PCI: []string{"10.2.1"}, Severity: High, Check: checkTaskLogs},
		{ID: "ENO003", Title: "Execution roles may read and decrypt the secrets they inject", Requirements: []string{"R14", "R15", "R16"}, PCI: []string{"8.6.2"}, Severity: High, Check: checkInjectedSecrets},
		{ID: "ENO004", Title: "Task roles may send the traces that their collector exports", Requirements: []string{"R13", "R16"}, Severity: Medium, Check: checkTraces},
		{ID: "ENO005", Title: "Task roles may read and decrypt the secrets that the environment names", Requirements: []string{"R14", "R15", "R16"}, PCI: []string{"8.6.2"}, Severity: High, Check: checkNamedSecrets},
		{ID: "ENO006", Title: "Services may assume the roles that they are given", Requirements: []string{"R16"}, PCI: []string{"7.2.2"}, Severity: High, Check: checkRoleTrust},
		{ID: "ENO007", Title: "CodeDeploy may release the services of its deployment groups", Requirements: []string{"R16", "R17"}, PCI: []string{"6.5.1"}, Severity: High, Check: checkReleases},
		{ID: "ENO008", Title: "Schedules and event rules may run their tasks", Requirements: []string{"R14", "R16"}, PCI: []string{"8.6.3"}, Severity: High, Check: checkRunners},
		{ID: "ENO009", Title: "Delivery streams may write to their archive and use its key", Requirements: []string{"R15", "R18"}, PCI: []string{"10.3.3", "10.5.1"}, Severity: High, Check: checkArchiveDelivery},
		{ID: "ENO010", Title: "Subscriptions may write to their streams", Requirements: []string{"R15", "R18"}, PCI: []string{"10.3.3", "10.5.1"}, Severity: High, Check: checkSubscriptions},
		{ID: "ENO011", Title: "Flow logs may write to their log group", Requirements: []string{"R18"}, PCI: []string{"10.2.1"}, Severity: High, Check: checkFlowLogs},
		{ID: "ENO012", Title: "Trails may write to bucket and log group and use their key", Requirements: []string{"R15", "R18"}, PCI: []string{"10.2.1", "10.3.3"}, Severity: High, Check: checkTrailDelivery},
		{ID: "ENO013", Title: "Web ACLs may write to their log group", Requirements: []string{"R8", "R18"}, PCI: []string{"6.4.2", "10.2.1"}, Severity: High, Check: checkWebLogs},
		{ID: "ENO014", Title: "Load balancers and buckets may deliver their access logs", Requirements: []string{"R18"}, PCI: []string{"10.2.1"}, Severity: High, Check: checkAccessLogs},
		{ID: "ENO015", Title: "Alarms and events may reach their topics, queues and log groups", Requirements: []string{"R13", "R15"}, PCI: []string{"10.4.1", "10.7.2"}, Severity: High, Check: checkPublishers},
		{ID: "ENO016", Title: "CloudWatch Logs may use the key of each encrypted log group", Requirements: []string{"R13", "R15"}, PCI: []string{"10.3.2"}, Severity: High, Check: checkLogEncryption},
		{ID: "ENO017", Title: "Each generated secret is rotated by a role that may do all it takes", Requirements: []string{"R14", "R15", "R16"}, PCI: []string{"8.3.9", "8.6.3"}, Severity: High, Check: checkRotation},
		{ID: "ENO018", Title: "CloudFormation may pass each role to the service that gets it", Requirements: []string{"R16"}, PCI: []string{"7.2.2"}, Severity: Medium, Check: checkDeployment},
		{ID: "ENO019", Title: "CloudFormation may use the keys of what it makes", Requirements: []string{"R15", "R16"}, PCI: []string{"3.7.1"}, Severity: Medium, Check: checkCreation},
		{ID: "ENO020", Title: "Somebody of the account may administer each key", Requirements: []string{"R15", "R20"}, PCI: []string{"3.7.1", "3.7.5"}, Severity: High, Check: checkKeyAdministration},
		{ID: "ENO021", Title: "Whoever reads or writes an encrypted bucket may use its key", Requirements: []string{"R15", "R18"}, PCI: []string{"10.3.1", "10.5.1"}, Severity: High, Check: checkBucketKeys},
		{ID: "ENO022", Title: "Each key lets somebody make and use what it encrypts", Requirements: []string{"R15", "R16"}, PCI: []string{"3.7.1"}, Severity: High, Check: checkKeyNeeds},
		{ID: "ENO023", Title: "Auditors may read the archive of audit records and prove it unchanged", Requirements: []string{"R15", "R18"}, PCI: []string{"10.3.1", "10.5.1"}, Severity: High, Check: checkAuditors},
	}
}
