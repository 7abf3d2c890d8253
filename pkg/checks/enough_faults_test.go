package checks

import "testing"

const (
	archiveFile = "archive.yaml"
	egressFile  = "egress.yaml"
	deployFile  = "deploy-role.yaml"
)

func TestTaskChains(t *testing.T) {
	image, secret := "ContainerDefinitions[0].Image", "ContainerDefinitions[0].Secrets[0].ValueFrom"
	group := "ContainerDefinitions[0].LogConfiguration.Options.awslogs-group"
	collector := "ContainerDefinitions[2].Environment[0].Value"
	definition := func(name, rule string, e edit, path, line string) faultCase {
		return faultCase{name, rule, e, paymentsFile, "PaymentApiTaskDefinition", path, line, ""}
	}
	checkFaults(t, []faultCase{
		definition("role cannot pull", "ENO001", replaceInResource(paymentsFile, "PaymentApiExecutionRole", "ecr:BatchGetImage", "ecr:DescribeImages"), image, "Image:"),
		definition("role cannot pull this", "ENO001", replaceInResource(paymentsFile, "PaymentApiExecutionRole", "repository/ecr-payment-api-", "repository/ecr-other-"), image, "Image:"),
		definition("role cannot log in", "ENO001", replaceInResource(paymentsFile, "PaymentApiExecutionRole", "ecr:GetAuthorizationToken", "ecr:DescribeRegistry"), image, "Image:"),
		definition("endpoint of the API", "ENO001", replaceInResource(egressFile, "ECRAPIEndpoint", "ecr:GetAuthorizationToken", "ecr:DescribeRegistry"), image, "Image:"),
		definition("endpoint of the registry", "ENO001", replaceInResource(egressFile, "ECRRegistryEndpoint", "ecr:GetDownloadUrlForLayer", "ecr:DescribeImages"), image, "Image:"),
		definition("endpoint of layers", "ENO001", replaceInResource(egressFile, "S3Endpoint", "starport", "other"), image, "Image:"),
		definition("role cannot write", "ENO002", replaceInResource(paymentsFile, "PaymentApiExecutionRole", "logs:PutLogEvents", "logs:GetLogEvents"), group, "awslogs-group"),
		definition("endpoint of logs", "ENO002", replaceInResource(egressFile, "LogsEndpoint", "logs:CreateLogStream", "logs:GetLogEvents"), group, "awslogs-group"),
		definition("endpoint of another account", "ENO002", replaceInResource(egressFile, "LogsEndpoint", "- !Ref AWS::AccountId", "- '222233334444'"), group, "awslogs-group"),
		definition("role cannot read", "ENO003", replaceInResource(paymentsFile, "PaymentApiExecutionRole", "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"), secret, "ValueFrom"),
		definition("role cannot decrypt", "ENO003", replaceInResource(paymentsFile, "PaymentApiExecutionRole", "kms:Decrypt", "kms:DescribeKey"), secret, "ValueFrom"),
		definition("role decrypts elsewhere", "ENO003", replaceInResource(paymentsFile, "PaymentApiExecutionRole", "secretsmanager.${AWS::Region}", "s3.${AWS::Region}"), secret, "ValueFrom"),
		definition("key refuses", "ENO003", replaceAfter(securityFile, "SecretsKey", "Sid: Readers", "role/role-execution-*-", "role/role-other-*-"), secret, "ValueFrom"),
		definition("key refuses the secret", "ENO003", replaceAfter(securityFile, "SecretsKey", "Sid: Readers", "secret:secret-*-", "secret:other-*-"), secret, "ValueFrom"),
		definition("secret refuses", "ENO003", replaceInResource(paymentsFile, "PaymentApiDatabaseSecretPolicy", "- !GetAtt PaymentApiExecutionRole.Arn", "- !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/other"), secret, "ValueFrom"),
		definition("endpoint of secrets", "ENO003", replaceAfter(egressFile, "SecretsEndpoint", "Sid: ReadSecrets", "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"), secret, "ValueFrom"),
		definition("task cannot trace", "ENO004", replaceInResource(paymentsFile, "PaymentApiTaskRole", "xray:PutTraceSegments", "xray:GetTraceSummaries"), collector, "Value"),
		definition("endpoint of traces", "ENO004", replaceInResource(egressFile, "XRayEndpoint", "xray:PutTelemetryRecords", "xray:GetTraceSummaries"), collector, "Value"),
		definition("task cannot read", "ENO005", replaceInResource(paymentsFile, "PaymentApiTaskRole", "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"), "ContainerDefinitions[0].Environment[3].Value", "Value"),
		definition("task cannot decrypt", "ENO005", replaceInResource(paymentsFile, "PaymentApiTaskRole", "kms:Decrypt", "kms:DescribeKey"), "ContainerDefinitions[0].Environment[3].Value", "Value"),
		definition("ECS may not assume", "ENO006", replaceInResource(paymentsFile, "PaymentApiTaskRole", "- ecs-tasks.amazonaws.com", "- ecs.amazonaws.com"), "TaskRoleArn", "TaskRoleArn"),
		definition("ECS may not assume for this account", "ENO006", replaceInResource(paymentsFile, "PaymentApiExecutionRole", "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:*", "arn:aws:ecs:us-east-1:222233334444:*"), "ExecutionRoleArn", "ExecutionRoleArn"),
		{"a digest that is not known", "ENO001", replaceInResource(paymentsFile, "PaymentApiTaskDefinition", "Image: !Sub ${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/ecr-payment-api-${EnvironmentSuffix}@${ImageDigest}", "Image: !ImportValue Image"),
			paymentsFile, "PaymentApiTaskDefinition", image, "Image", Unsure},
		{"a condition on what the service does not say", "ENO006", replaceInResource(paymentsFile, "PaymentApiDeploymentRole", "- sts:AssumeRole", "- sts:AssumeRole\n            Condition:\n              StringEquals:\n                aws:SourceAccount: !Ref AWS::AccountId"),
			paymentsFile, "PaymentApiDeploymentGroup", "ServiceRoleArn", "ServiceRoleArn", Unsure},
		{"nobody rotates", "ENO017", replaceInResource(administration, "AdministrationTaskRole", "secretsmanager:PutSecretValue", "secretsmanager:ListSecretVersionIds"),
			paymentsFile, "PaymentApiDatabaseSecret", "", "Properties:", ""},
		{"nobody rotates, for a reason", "ENO017", func(t testing.TB, files map[string]string) {
			replaceInResource(administration, "AdministrationTaskRole", "secretsmanager:PutSecretValue", "secretsmanager:ListSecretVersionIds")(t, files)
			replaceInResource(paymentsFile, "PaymentApiDatabaseSecret", "      Stateful: true\n", "      Stateful: true\n      Exemptions: {GenerateSecretString: it is made elsewhere}\n")(t, files)
		}, paymentsFile, "PaymentApiDatabaseSecret", "GenerateSecretString", "GenerateSecretString", Exempt},
		{"rotation without key", "ENO017", replaceInResource(administration, "AdministrationTaskRole", "kms:GenerateDataKey", "kms:DescribeKey"),
			administration, "AdministrationTaskRole", firstPolicy + "Statement[0]", "Sid: RotateSecrets", ""},
		{"rotation without the key's consent", "ENO017", replaceAfter(securityFile, "SecretsKey", "Sid: Administration\n", "kms:GenerateDataKey", "kms:DescribeKey"),
			administration, "AdministrationTaskRole", firstPolicy + "Statement[0]", "Sid: RotateSecrets", ""},
		{"rotation without passwords", "ENO017", replaceInResource(administration, "AdministrationTaskRole", "secretsmanager:GetRandomPassword", "secretsmanager:ListSecrets"),
			administration, "AdministrationTaskRole", firstPolicy + "Statement[0]", "Sid: RotateSecrets", ""},
		{"rotation through an endpoint", "ENO017", replaceInResource(egressFile, "SecretsEndpoint", "secretsmanager:UpdateSecretVersionStage", "secretsmanager:ListSecrets"),
			administration, "AdministrationTaskRole", firstPolicy + "Statement[0]", "Sid: RotateSecrets", ""},
	})
}

func TestReleaseChains(t *testing.T) {
	deployment := func(name string, old, replacement string) faultCase {
		return faultCase{name, "ENO007", replaceInResource(paymentsFile, "PaymentApiDeploymentRole", old, replacement),
			paymentsFile, "PaymentApiDeploymentGroup", "ServiceRoleArn", "ServiceRoleArn", ""}
	}
	schedule := func(name, old, replacement string) faultCase {
		return faultCase{name, "ENO008", replaceInResource(administration, "AdministrationScheduleRole", old, replacement),
			administration, "AdministrationSchedule", "Target.EcsParameters.TaskDefinitionArn", "TaskDefinitionArn", ""}
	}
	checkFaults(t, []faultCase{
		deployment("task sets", "ecs:CreateTaskSet", "ecs:ListTasks"),
		deployment("task sets of another cluster", "cluster/${Cluster}\n", "cluster/other\n"),
		deployment("old task sets", "ecs:DeleteTaskSet", "ecs:ListTasks"),
		deployment("the primary task set", "ecs:UpdateServicePrimaryTaskSet", "ecs:ListTasks"),
		deployment("the service", "ecs:DescribeServices", "ecs:ListTasks"),
		deployment("the listener", "elasticloadbalancing:ModifyListener", "elasticloadbalancing:AddTags"),
		deployment("the rule", "elasticloadbalancing:ModifyRule", "elasticloadbalancing:AddTags"),
		deployment("another rule", "- !Ref PaymentApiListenerRule", "- !Ref PaymentApiBlueTargetGroup"),
		deployment("reading rules", "elasticloadbalancing:DescribeRules", "elasticloadbalancing:AddTags"),
		deployment("the task role", "- !GetAtt PaymentApiTaskRole.Arn", "- !GetAtt PaymentApiDeploymentRole.Arn"),
		deployment("roles to ECS", "- ecs-tasks.amazonaws.com", "- ecs.amazonaws.com"),
		{"alarms", "ENO007", replaceInResource(paymentsFile, "PaymentApiDeploymentRole", "cloudwatch:DescribeAlarms", "cloudwatch:ListMetrics"),
			paymentsFile, "PaymentApiDeploymentGroup", "AlarmConfiguration.Alarms[0].Name", "Name", ""},
		{"a service that is not known", "ENO007", replaceInResource(paymentsFile, "PaymentApiDeploymentGroup", "ServiceName: !GetAtt PaymentApiService.Name", "ServiceName: !ImportValue Service"),
			paymentsFile, "PaymentApiDeploymentGroup", "ECSServices[0].ServiceName", "ServiceName", Unsure},
		{"a listener that is not known", "ENO007", replaceInResource(paymentsFile, "PaymentApiDeploymentGroup", "- !Ref Listener", "- !ImportValue Listener"),
			paymentsFile, "PaymentApiDeploymentGroup", "LoadBalancerInfo.TargetGroupPairInfoList[0].ProdTrafficRoute.ListenerArns[0]", "Listener", Unsure},
		{"tasks that are not known", "ENO007", replaceInResource(paymentsFile, "PaymentApiService", "TaskDefinition: !Sub task-payment-api-${EnvironmentSuffix}", "TaskDefinition: other"),
			paymentsFile, "PaymentApiDeploymentGroup", "ServiceRoleArn", "ServiceRoleArn", Unsure},
		schedule("running", "ecs:RunTask", "ecs:ListTasks"),
		schedule("running the newest", "task-administration-${EnvironmentSuffix}:*", "task-other-${EnvironmentSuffix}:*"),
		schedule("another cluster", "- !Ref Cluster", "- other"),
		schedule("passing", "- !GetAtt AdministrationExecutionRole.Arn", "- !GetAtt AdministrationScheduleRole.Arn"),
		{"a task definition that is not known", "ENO008", replaceInResource(administration, "AdministrationSchedule", "TaskDefinitionArn: !Sub arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task-definition/task-administration-${EnvironmentSuffix}", "TaskDefinitionArn: !ImportValue Task"),
			administration, "AdministrationSchedule", "Target.EcsParameters.TaskDefinitionArn", "Task", Unsure},
		{"passing at deployment", "ENO018", replaceAfter(deployFile, "SecurityPolicy", "Sid: PassServiceRoles", "role/role-flow-", "role/role-other-"),
			egressFile, "FlowLog", "DeliverLogsPermissionArn", "DeliverLogsPermissionArn", ""},
		{"passing to the service", "ENO018", replaceAfter(deployFile, "SecurityPolicy", "Sid: PassServiceRoles", "- scheduler.amazonaws.com", "- other.amazonaws.com"),
			administration, "AdministrationSchedule", "Target.RoleArn", "RoleArn", ""},
		{"making secrets", "ENO019", replaceAfter(securityFile, "SecretsKey", "Sid: SecretDeployment", "kms:GenerateDataKey", "kms:DescribeKey"),
			paymentsFile, "PaymentApiDatabaseSecret", "KmsKeyId", "KmsKeyId", ""},
		{"making master secrets", "ENO019", replaceAfter(securityFile, "SecretsKey", "Sid: MasterSecretDeployment", "kms:GenerateDataKey", "kms:DescribeKey"),
			"data.yaml", "Cluster", "MasterUserSecret.KmsKeyId", "KmsKeyId", ""},
		{"making databases", "ENO019", replaceAfter(securityFile, "DataKey", "Sid: DatabaseGrants", "kms:CreateGrant", "kms:DescribeKey"),
			"data.yaml", "Cluster", "KmsKeyId", "KmsKeyId", ""},
		{"changing a key's policy", "ENO020", replaceInResource(securityFile, "DataKey", "- kms:PutKeyPolicy", "- kms:ListRetirableGrants"),
			securityFile, "DataKey", "KeyPolicy", "KeyPolicy", ""},
		{"changing a key's policy, perhaps", "ENO020", replaceInResource(securityFile, "DataKey", "- kms:PutKeyPolicy", "- !ImportValue Action"),
			securityFile, "DataKey", "KeyPolicy", "KeyPolicy", Unsure},
		{"reading the archive", "ENO021", replaceInResource(archiveFile, "AuditorRole", "kms:Decrypt", "kms:DescribeKey"),
			archiveFile, "AuditorRole", firstPolicy + "Statement[1]", "Sid: ReadArchive", ""},
		{"making streams", "ENO019", replaceAfter(deployFile, "SecurityPolicy", "Sid: UseKeys", "firehose.", "other."),
			archiveFile, "ArchiveStream", "DeliveryStreamEncryptionConfigurationInput.KeyARN", "KeyARN", ""},
	})
}

func TestLogChains(t *testing.T) {
	destination := "ExtendedS3DestinationConfiguration."
	fromRole := func(name, role, old, replacement, rule, file, id, path, line string) faultCase {
		return faultCase{name, rule, replaceInResource(file, role, old, replacement), file, id, path, line, ""}
	}
	bucket, key := destination+"BucketARN", destination+"EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN"
	stream := func(name, old, replacement, path, line string) faultCase {
		return fromRole(name, "ArchiveRole", old, replacement, "ENO009", archiveFile, "ArchiveStream", path, line)
	}
	trail := func(name string, e edit, path string) faultCase {
		return faultCase{name, "ENO012", e, archiveFile, "Trail", path, path, ""}
	}
	alarm := "PaymentApiErrorsAlarm"
	checkFaults(t, []faultCase{
		stream("finding the bucket", "s3:GetBucketLocation", "s3:GetBucketTagging", bucket, "BucketARN"),
		stream("writing objects", "s3:PutObject\n", "s3:DeleteObject\n", bucket, "BucketARN"),
		{"writing undelivered objects", "ENO009", replaceAfter(archiveFile, "ArchiveRole", "Sid: WriteObjects", "/undelivered/*", "/other/*"), archiveFile, "ArchiveStream", bucket, "BucketARN", ""},
		stream("encrypting objects", "kms:GenerateDataKey", "kms:DescribeKey", key, "AWSKMSKeyARN"),
		{"the key's consent", "ENO009", replaceAfter(securityFile, "LogsKey", "Sid: ArchiveDelivery", "kms:GenerateDataKey", "kms:DescribeKey"), archiveFile, "ArchiveStream", key, "AWSKMSKeyARN", ""},
		{"the key's consent for another bucket", "ENO009", replaceAfter(securityFile, "LogsKey", "Sid: ArchiveDelivery", "bucket-archive-${AWS::AccountId}-${EnvironmentSuffix}\n", "other\n"), archiveFile, "ArchiveStream", key, "AWSKMSKeyARN", ""},
		stream("writing errors", "logs:PutLogEvents", "logs:GetLogEvents", destination+"CloudWatchLoggingOptions.LogGroupName", "LogGroupName"),
		{"a bucket that is not known", "ENO009", replaceInResource(archiveFile, "ArchiveStream", "BucketARN: !Sub arn:${AWS::Partition}:s3:::${ArchiveBucket}", "BucketARN: !ImportValue Bucket"), archiveFile, "ArchiveStream", bucket, "BucketARN", Unsure},
		{"records", "ENO010", replaceInResource(archiveFile, "SubscriptionRole", "firehose:PutRecordBatch", "firehose:ListDeliveryStreams"), "observability.yaml", "FlowSubscriptionFilter", "DestinationArn", "DestinationArn", ""},
		{"the stream's key", "ENO010", replaceInResource(archiveFile, "SubscriptionRole", "kms:GenerateDataKey", "kms:DescribeKey"), "observability.yaml", "FlowSubscriptionFilter", "DestinationArn", "DestinationArn", ""},
		{"the consent of the stream's key", "ENO010", replaceAfter(securityFile, "LogsKey", "Sid: StreamProducers", "kms:GenerateDataKey", "kms:DescribeKey"), "observability.yaml", "FlowSubscriptionFilter", "DestinationArn", "DestinationArn", ""},
		{"a stream that is not known", "ENO010", replaceInResource("observability.yaml", "FlowSubscriptionFilter", "DestinationArn: !Ref Stream", "DestinationArn: !ImportValue Stream"), "observability.yaml", "FlowSubscriptionFilter", "DestinationArn", "Stream", Unsure},
		fromRole("flow logs", "FlowLogRole", "logs:PutLogEvents", "logs:GetLogEvents", "ENO011", egressFile, "FlowLog", "DeliverLogsPermissionArn", "DeliverLogs"),
		fromRole("finding the group", "FlowLogRole", "logs:DescribeLogGroups", "logs:GetLogEvents", "ENO011", egressFile, "FlowLog", "DeliverLogsPermissionArn", "DeliverLogs"),
		trail("checking the bucket", replaceInResource(securityFile, "ArchiveBucketPolicy", "s3:GetBucketAcl", "s3:GetBucketTagging"), "S3BucketName"),
		trail("filling the bucket", replaceAfter(securityFile, "ArchiveBucketPolicy", "Sid: CloudTrailWrite", "/AWSLogs/", "/Other/"), "S3BucketName"),
		trail("filling it as another trail", replaceAfter(securityFile, "ArchiveBucketPolicy", "Sid: CloudTrailWrite", "trail/trail-payments-", "trail/other-"), "S3BucketName"),
		trail("a bucket for another key", replaceInResource(securityFile, "ArchiveBucketPolicy", "- !GetAtt LogsKey.Arn", "- !GetAtt DataKey.Arn"), "S3BucketName"),
		trail("encrypting", replaceAfter(securityFile, "LogsKey", "Sid: CloudTrailEncrypt", "kms:GenerateDataKey", "kms:Encrypt"), "KMSKeyId"),
		trail("decrypting the bucket key", replaceAfter(securityFile, "LogsKey", "Sid: CloudTrailUse", "kms:Decrypt", "kms:Encrypt"), "KMSKeyId"),
		trail("encrypting for another trail", replaceAfter(securityFile, "LogsKey", "aws:cloudtrail:arn:", "trail/trail-payments-", "trail/other-"), "KMSKeyId"),
		trail("its log group", replaceInResource(archiveFile, "TrailRole", "logs:CreateLogStream", "logs:GetLogEvents"), "CloudWatchLogsLogGroupArn"),
		{"web logs", "ENO013", dropResource("ingress.yaml", "WafLogDeliveryPolicy"), "ingress.yaml", "WebAclLogging", "LogDestinationConfigs[0]", "aws-waf-logs", ""},
		{"web logs for another account", "ENO013", replaceInResource("ingress.yaml", "WafLogDeliveryPolicy", `"${AWS::AccountId}"`, `"222233334444"`), "ingress.yaml", "WebAclLogging", "LogDestinationConfigs[0]", "aws-waf-logs", ""},
		{"web logs that are not known", "ENO013", replaceInResource("ingress.yaml", "WebAclLogging", "- !Sub arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:aws-waf-logs-payments-${EnvironmentSuffix}", "- !ImportValue Group"), "ingress.yaml", "WebAclLogging", "LogDestinationConfigs[0]", "Group", Unsure},
		{"access logs of the load balancer", "ENO014", replaceAfter(securityFile, "AccessLogBucketPolicy", "Sid: LoadBalancerLogs", "/AWSLogs/", "/Other/"), "ingress.yaml", "LoadBalancer", "LoadBalancerAttributes[1].Value", "AccessLogBucket", ""},
		{"access logs under a condition", "ENO014", replaceAfter(securityFile, "AccessLogBucketPolicy", "Sid: LoadBalancerLogs", "/AWSLogs/${AWS::AccountId}/*", "/AWSLogs/${AWS::AccountId}/*\n            Condition:\n              StringEquals:\n                aws:SourceAccount: !Ref AWS::AccountId"), "ingress.yaml", "LoadBalancer", "LoadBalancerAttributes[1].Value", "AccessLogBucket", ""},
		{"access logs without bucket", "ENO014", replaceInResource("ingress.yaml", "LoadBalancer", "Key: access_logs.s3.bucket", "Key: other"), "ingress.yaml", "LoadBalancer", "LoadBalancerAttributes", "LoadBalancerAttributes", ""},
		{"a bucket of access logs that is not known", "ENO014", replaceInResource("ingress.yaml", "LoadBalancer", "Value: !Ref AccessLogBucket", "Value: !ImportValue Bucket"), "ingress.yaml", "LoadBalancer", "LoadBalancerAttributes[1].Value", "Bucket", Unsure},
		{"access logs of a bucket", "ENO014", replaceInResource(securityFile, "ArchiveBucket", "LogFilePrefix: archive-requests/", "LogFilePrefix: other/"), securityFile, "ArchiveBucket", "LoggingConfiguration.DestinationBucketName", "DestinationBucketName", ""},
		{"alarms to the topic", "ENO015", replaceInResource(securityFile, "AlarmTopicPolicy", "- cloudwatch.amazonaws.com", "- other.amazonaws.com"), paymentsFile, alarm, "AlarmActions[0]", "Topic", ""},
		{"alarms to the key", "ENO015", replaceAfter(securityFile, "LogsKey", "Sid: AlarmPublishers", "- cloudwatch.amazonaws.com", "- other.amazonaws.com"), paymentsFile, alarm, "OKActions[0]", "Topic", ""},
		{"a publisher that is not known", "ENO015", replaceInResource(securityFile, "AlarmTopicPolicy", "- cloudwatch.amazonaws.com", "- !ImportValue Service"), paymentsFile, alarm, "AlarmActions[0]", "Topic", Unsure},
		{"events to the topic", "ENO015", replaceAfter(securityFile, "AlarmTopicPolicy", "Sid: EventBridge", "sns:Publish", "sns:GetTopicAttributes"), "observability.yaml", "DeploymentRule", "Targets[0].Arn", "Topic", ""},
		{"events under a condition", "ENO015", replaceAfter(securityFile, "AlarmTopicPolicy", "Sid: EventBridge", "- !Ref AlarmTopic\n", "- !Ref AlarmTopic\n            Condition:\n              StringEquals:\n                aws:SourceAccount: !Ref AWS::AccountId\n"), "observability.yaml", "DeploymentRule", "Targets[0].Arn", "Topic", ""},
		{"events to the key", "ENO015", replaceAfter(securityFile, "LogsKey", "Sid: EventPublisher\n", "kms:GenerateDataKey", "kms:Encrypt"), "observability.yaml", "DeploymentRule", "Targets[0].Arn", "Topic", ""},
		{"database events", "ENO015", replaceInResource(securityFile, "AlarmTopicPolicy", "- events.rds.amazonaws.com", "- other.amazonaws.com"), "data.yaml", "ClusterEventSubscription", "SnsTopicArn", "SnsTopicArn", ""},
		{"a topic that is not known", "ENO015", replaceInResource("data.yaml", "ClusterEventSubscription", "SnsTopicArn: !Ref Topic", "SnsTopicArn: !ImportValue Topic"), "data.yaml", "ClusterEventSubscription", "SnsTopicArn", "Topic", Unsure},
		{"CloudWatch Logs", "ENO016", replaceAfter(securityFile, "LogsKey", "Sid: CloudWatchLogs", "- kms:GenerateDataKey\n", "- kms:CreateAlias\n"), egressFile, "FlowLogGroup", "KmsKeyId", "KmsKeyId", ""},
		{"CloudWatch Logs for a group", "ENO016", replaceAfter(securityFile, "LogsKey", "Sid: CloudWatchLogs", "log-group:aws-waf-logs-*-", "log-group:other-"), "ingress.yaml", "WafLogGroup", "KmsKeyId", "KmsKeyId", ""},
		{"another region", "ENO016", replaceInResource(securityFile, "LogsKey", "- !Sub logs.${AWS::Region}.${AWS::URLSuffix}", "- logs.eu-west-1.amazonaws.com"), egressFile, "FlowLogGroup", "KmsKeyId", "KmsKeyId", ""},
	})
}
