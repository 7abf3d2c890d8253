package checks

import "testing"

const (
	securityFile    = "security.yaml"
	paymentsFile    = "service-payment-api.yaml"
	processorFile   = "service-transaction-processor.yaml"
	administration  = "administration.yaml"
	firstPolicy     = "Policies[0].PolicyDocument."
	trustStatement  = "AssumeRolePolicyDocument.Statement[0]"
	anyRolePattern  = "!Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*"
	taskRolePattern = "!Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/role-task-*-${EnvironmentSuffix}"
)

func TestStatementFaults(t *testing.T) {
	checkFaults(t, []faultCase{
		{"wildcard in a role", "IAM001", replaceInResource(paymentsFile, "PaymentApiTaskRole", "xray:PutTraceSegments", "xray:Put*"),
			paymentsFile, "PaymentApiTaskRole", firstPolicy + "Statement[0].Action[1]", "xray:Put*", ""},
		{"wildcard in a managed policy", "IAM001", replaceInResource("deploy-role.yaml", "DataPolicy", "- rds:DescribeEvents", "- rds:*"),
			"deploy-role.yaml", "DataPolicy", "PolicyDocument.Statement[1].Action[3]", "rds:*", ""},
		{"wildcard in a policy written as JSON", "IAM001", replaceInResource("ingress.yaml", "WafLogDeliveryPolicy", `"logs:PutLogEvents"`, `"logs:*"`),
			"ingress.yaml", "WafLogDeliveryPolicy", "PolicyDocument.Statement[0].Action[1]", "PolicyDocument: ", ""},
		{"wildcard behind a condition", "IAM001", replaceAfter(securityFile, "LogsKey", "Sid: CloudTrailEncrypt", "kms:GenerateDataKey", "kms:*"),
			securityFile, "LogsKey", "KeyPolicy.Statement[2].Action[0]", "kms:*", ""},
		{"a policy that is no JSON", "IAM001", replaceInResource("ingress.yaml", "WafLogDeliveryPolicy", `"Version": "2012-10-17",`, `"Version"`),
			"ingress.yaml", "WafLogDeliveryPolicy", "PolicyDocument", "PolicyDocument: ", Unsure},
		{"an action that is not known", "IAM001", replaceInResource(paymentsFile, "PaymentApiTaskRole", "- xray:PutTraceSegments", "- !ImportValue Action"),
			paymentsFile, "PaymentApiTaskRole", firstPolicy + "Statement[0].Action", "Action:", Unsure},
		{"an effect that is not known", "IAM001", replaceAfter(paymentsFile, "PaymentApiTaskRole", "Sid: SendTraces", "Effect: Allow", "Effect: !ImportValue Effect"),
			paymentsFile, "PaymentApiTaskRole", "Policies[0].PolicyDocument", "PolicyDocument:", Unsure},
		{"any resource", "IAM002", replaceInResource(processorFile, "TransactionProcessorTaskRole", "- !Ref TransactionProcessorDatabaseSecret", "- '*'"),
			processorFile, "TransactionProcessorTaskRole", firstPolicy + "Statement[1].Resource[0]", "'*'", ""},
		{"any bucket", "IAM002", replaceInResource("archive.yaml", "AuditorRole", "- !Sub arn:${AWS::Partition}:s3:::${ArchiveBucket}/*", "- arn:aws:s3:::*"),
			"archive.yaml", "AuditorRole", firstPolicy + "Statement[1].Resource[0]", "arn:aws:s3:::*", ""},
		{"any resource of a topic", "IAM002", replaceAfter(securityFile, "AlarmTopicPolicy", "Sid: DatabaseEvents", "- !Ref AlarmTopic", "- '*'"),
			securityFile, "AlarmTopicPolicy", "PolicyDocument.Statement[2].Resource[0]", "'*'", ""},
		{"any resource of an endpoint", "IAM002", replaceInResource("egress.yaml", "XRayEndpoint", "SendTraces: X-Ray", "Other: X-Ray"),
			"egress.yaml", "XRayEndpoint", "PolicyDocument.Statement[0].Resource[0]", "'*'", ""},
		{"all actions but some", "IAM003", replaceAfter(paymentsFile, "PaymentApiTaskRole", "Sid: ReadSecrets", "Action:", "NotAction:"),
			paymentsFile, "PaymentApiTaskRole", firstPolicy + "Statement[1].NotAction", "NotAction:", ""},
		{"all resources but some", "IAM003", replaceAfter(paymentsFile, "PaymentApiTaskRole", "Sid: ReadSecrets", "Resource:", "NotResource:"),
			paymentsFile, "PaymentApiTaskRole", firstPolicy + "Statement[1].NotResource", "NotResource:", ""},
		{"everybody but some", "IAM003", replaceAfter(securityFile, "AlarmTopicPolicy", "Sid: CloudWatchAlarms", "Principal:", "NotPrincipal:"),
			securityFile, "AlarmTopicPolicy", "PolicyDocument.Statement[1].NotPrincipal", "NotPrincipal:", ""},
		{"roles of any name", "IAM005", replaceInResource(administration, "AdministrationScheduleRole", "- !GetAtt AdministrationTaskRole.Arn", "- "+anyRolePattern),
			administration, "AdministrationScheduleRole", firstPolicy + "Statement[1].Resource[0]", "role/*", ""},
		{"roles by a pattern", "IAM005", replaceInResource(administration, "AdministrationScheduleRole", "- !GetAtt AdministrationTaskRole.Arn", "- "+taskRolePattern),
			administration, "AdministrationScheduleRole", firstPolicy + "Statement[1].Resource[0]", "role/role-task-*", ""},
		{"roles to any service", "IAM005", replaceInResource(administration, "AdministrationScheduleRole", "- ecs-tasks.amazonaws.com", "- '*'"),
			administration, "AdministrationScheduleRole", firstPolicy + "Statement[1].Condition", "Condition:", ""},
		{"a role that makes log groups", "IAM020", replaceInResource("egress.yaml", "FlowLogRole", "logs:DescribeLogStreams", "logs:CreateLogGroup"),
			"egress.yaml", "FlowLogRole", firstPolicy + "Statement[0].Action[1]", "logs:CreateLogGroup", ""},
		{"a service that makes log groups", "IAM020", replaceInResource("ingress.yaml", "WafLogDeliveryPolicy", "logs:CreateLogStream", "logs:CreateLog*"),
			"ingress.yaml", "WafLogDeliveryPolicy", "PolicyDocument.Statement[0].Action[0]", "PolicyDocument", ""},
		{"a wide managed policy", "IAM024", replaceInResource("deploy-role.yaml", "Role", "- !Ref NetworkPolicy", "- arn:aws:iam::aws:policy/AdministratorAccess"),
			"deploy-role.yaml", "Role", "ManagedPolicyArns[0]", "AdministratorAccess", ""},
		{"a managed policy of AWS", "IAM024", replaceInResource("deploy-role.yaml", "Role", "- !Ref NetworkPolicy", "- arn:aws:iam::aws:policy/service-role/Other"),
			"deploy-role.yaml", "Role", "ManagedPolicyArns[0]", "Other", Unsure},
	})
}

func TestIncompleteStatements(t *testing.T) {
	checkFaults(t, []faultCase{
		{"no action", "IAM025", replaceInResource(paymentsFile, "PaymentApiTaskRole", "                  - kms:Decrypt\n", ""),
			paymentsFile, "PaymentApiTaskRole", firstPolicy + "Statement[2].Action", "Action:", ""},
		{"no resource", "IAM025", replaceInResource(paymentsFile, "PaymentApiTaskRole", "                  - !Ref SecretsKey\n", ""),
			paymentsFile, "PaymentApiTaskRole", firstPolicy + "Statement[2].Resource", "Resource:", ""},
		{"no principal", "IAM025", replaceInResource("archive.yaml", "AuditorRole", "                - !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root\n", ""),
			"archive.yaml", "AuditorRole", trustStatement + ".Principal", "Principal:", ""},
		{"no value of a condition", "IAM025", replaceAfter(securityFile, "DataKey", "Sid: DatabaseDeployment", "- !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/role-deploy-${EnvironmentSuffix}", "- !Ref AWS::NoValue"),
			securityFile, "DataKey", "KeyPolicy.Statement[1].Condition.ArnLike.aws:PrincipalArn", "aws:PrincipalArn", ""},
		{"an empty condition", "IAM025", replaceAfter(securityFile, "DataKey", "Sid: DatabaseDeployment", "- !Ref AWS::AccountId", "#"),
			securityFile, "DataKey", "KeyPolicy.Statement[1].Condition.StringEquals.kms:CallerAccount", "kms:CallerAccount", ""},
		{"any value", "IAM026", replaceAfter("egress.yaml", "SecretsEndpoint", "Sid: ReadMasterSecret", "- !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/role-execution-administration-${EnvironmentSuffix}", "- '*'"),
			"egress.yaml", "SecretsEndpoint", "PolicyDocument.Statement[3].Condition.ArnEquals.aws:PrincipalArn[0]", "'*'", ""},
		{"one any of several", "IAM026", replaceAfter(securityFile, "SecretsKey", "Sid: Readers", "- !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/role-task-*-${EnvironmentSuffix}", "- !ImportValue Role\n                  - '*'"),
			securityFile, "SecretsKey", "KeyPolicy.Statement[5].Condition.ArnLike.aws:PrincipalArn", "aws:PrincipalArn", ""},
	})
}

func TestPrincipalFaults(t *testing.T) {
	checkFaults(t, []faultCase{
		{"one role for both uses", "IAM004", replaceInResource(paymentsFile, "PaymentApiTaskDefinition", "TaskRoleArn: !GetAtt PaymentApiTaskRole.Arn", "TaskRoleArn: !GetAtt PaymentApiExecutionRole.Arn"),
			paymentsFile, "PaymentApiTaskDefinition", "ExecutionRoleArn", "ExecutionRoleArn", ""},
		{"no task role", "IAM004", replaceInResource(paymentsFile, "PaymentApiTaskDefinition", "      TaskRoleArn: !GetAtt PaymentApiTaskRole.Arn\n", ""),
			paymentsFile, "PaymentApiTaskDefinition", "TaskRoleArn", "Properties:", ""},
		{"another service", "IAM006", replaceInResource("archive.yaml", "SubscriptionRole", "- logs.amazonaws.com", "- ec2.amazonaws.com"),
			"archive.yaml", "SubscriptionRole", trustStatement + ".Principal", "Principal:", ""},
		{"a service for anybody", "IAM006", replaceInResource("archive.yaml", "ArchiveRole", "sts:ExternalId:", "sts:RoleSessionName:"),
			"archive.yaml", "ArchiveRole", trustStatement + ".Condition", "Condition:", ""},
		{"a role that nothing uses", "IAM006", replaceInResource("egress.yaml", "FlowLog", "DeliverLogsPermissionArn: !GetAtt FlowLogRole.Arn", "LogDestination: x"),
			"egress.yaml", "FlowLogRole", trustStatement + ".Principal", "Principal:", Unsure},
		{"a service that is not known", "IAM006", replaceInResource("egress.yaml", "FlowLogRole", "- vpc-flow-logs.amazonaws.com", "- !ImportValue Service"),
			"egress.yaml", "FlowLogRole", trustStatement + ".Principal", "Principal:", Unsure},
		{"people without second factor", "IAM007", replaceInResource("archive.yaml", "AuditorRole", "- 'true'", "- 'false'"),
			"archive.yaml", "AuditorRole", trustStatement + ".Principal", "Principal:", ""},
		{"another account", "IAM007", replaceInResource("archive.yaml", "AuditorRole", "- !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root", "- arn:aws:iam::222233334444:root"),
			"archive.yaml", "AuditorRole", trustStatement + ".Principal", "Principal:", ""},
		{"anybody", "IAM007", replaceInResource("archive.yaml", "AuditorRole", "- !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root", "- '*'"),
			"archive.yaml", "AuditorRole", trustStatement + ".Principal", "Principal:", ""},
		{"an identity provider", "IAM007", replaceInResource("archive.yaml", "AuditorRole", "AWS:\n                - !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root", "Federated:\n                - cognito-identity.amazonaws.com"),
			"archive.yaml", "AuditorRole", trustStatement + ".Principal", "Principal:", ""},
		{"anybody through an endpoint", "IAM008", replaceInResource("egress.yaml", "LogsEndpoint", "- !Ref AWS::AccountId", "- '*'"),
			"egress.yaml", "LogsEndpoint", "PolicyDocument.Statement[0].Principal", "Principal:", ""},
		{"anybody in a bucket", "IAM008", replaceAfter(securityFile, "AccessLogBucketPolicy", "Sid: LoadBalancerLogs", "Principal:\n              Service:\n                - logdelivery.elasticloadbalancing.amazonaws.com", "Principal: '*'"),
			securityFile, "AccessLogBucketPolicy", "PolicyDocument.Statement[2].Principal", "Principal: '*'", ""},
		{"a principal that is not known", "IAM008", replaceAfter(securityFile, "AlarmTopicPolicy", "Sid: CloudWatchAlarms", "- cloudwatch.amazonaws.com", "- !ImportValue Service"),
			securityFile, "AlarmTopicPolicy", "PolicyDocument.Statement[1].Principal", "Principal:", Unsure},
		{"a service for any account", "IAM009", replaceAfter(securityFile, "AlarmTopicPolicy", "Sid: CloudWatchAlarms", "aws:SourceAccount", "aws:SourceIp"),
			securityFile, "AlarmTopicPolicy", "PolicyDocument.Statement[1].Condition", "Condition:", ""},
		{"an endpoint without policy", "IAM010", replaceInResource("egress.yaml", "LogsEndpoint", "PolicyDocument:", "Other:"),
			"egress.yaml", "LogsEndpoint", "PolicyDocument", "Properties:", ""},
	})
}

func TestKeyFaults(t *testing.T) {
	checkFaults(t, []faultCase{
		{"the account decrypts", "IAM011", replaceInResource(securityFile, "DataKey", "- kms:CancelKeyDeletion", "- kms:Decrypt"),
			securityFile, "DataKey", "KeyPolicy.Statement[0].Principal", "Principal:", ""},
		{"anybody instead of the account", "IAM011", replaceAfter(securityFile, "SecretsKey", "Sid: Readers", "- !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root", "- '*'"),
			securityFile, "SecretsKey", "KeyPolicy.Statement[5].Principal", "Principal:", ""},
		{"a role of any name", "IAM011", replaceAfter(securityFile, "SecretsKey", "Sid: Readers", "role/role-execution-*-${EnvironmentSuffix}", "role/*"),
			securityFile, "SecretsKey", "KeyPolicy.Statement[5].Principal", "Principal:", ""},
		{"no policy", "IAM011", replaceInResource(securityFile, "DataKey", "KeyPolicy:", "Other:"),
			securityFile, "DataKey", "KeyPolicy", "Properties:", ""},
		{"a key used directly", "IAM012", replaceAfter(securityFile, "DataKey", "Sid: DatabaseDeployment", "kms:ViaService", "kms:Other"),
			securityFile, "DataKey", "KeyPolicy.Statement[1].Condition", "Condition:", ""},
		{"any secret", "IAM012", replaceAfter(securityFile, "SecretsKey", "Sid: Readers", "kms:EncryptionContext:SecretARN", "kms:Other"),
			securityFile, "SecretsKey", "KeyPolicy.Statement[5].Condition", "Condition:", ""},
		{"any object", "IAM012", replaceAfter(securityFile, "LogsKey", "Sid: Auditors", "kms:EncryptionContext:aws:s3:arn", "kms:Other"),
			securityFile, "LogsKey", "KeyPolicy.Statement[5].Condition", "Condition:", ""},
		{"any grant", "IAM012", replaceInResource(securityFile, "DataKey", "- 'true'", "- 'false'"),
			securityFile, "DataKey", "KeyPolicy.Statement[2].Condition", "Condition:", ""},
		{"a role that uses a key directly", "IAM012", replaceInResource(paymentsFile, "PaymentApiTaskRole", "kms:ViaService", "kms:Other"),
			paymentsFile, "PaymentApiTaskRole", firstPolicy + "Statement[2].Condition", "Condition:", ""},
		{"a service that does not use it", "IAM013", replaceAfter(securityFile, "LogsKey", "Sid: AlarmPublishers", "events.rds.amazonaws.com", "ses.amazonaws.com"),
			securityFile, "LogsKey", "KeyPolicy.Statement[9]", "Sid: AlarmPublishers", ""},
		{"no rotation", "IAM022", replaceInResource(securityFile, "DataKey", "EnableKeyRotation: true", "EnableKeyRotation: false"),
			securityFile, "DataKey", "EnableKeyRotation", "EnableKeyRotation", ""},
		{"a secret without key", "IAM023", replaceInResource(paymentsFile, "PaymentApiDatabaseSecret", "      KmsKeyId: !Ref SecretsKey\n", ""),
			paymentsFile, "PaymentApiDatabaseSecret", "KmsKeyId", "Properties:", ""},
		{"a master secret with AWS's key", "IAM023", replaceInResource("data.yaml", "Cluster", "KmsKeyId: !Ref SecretsKey", "KmsKeyId: alias/aws/secretsmanager"),
			"data.yaml", "Cluster", "MasterUserSecret.KmsKeyId", "alias/aws", ""},
	})
}

func TestOwnershipFaults(t *testing.T) {
	checkFaults(t, []faultCase{
		{"a role of another task", "IAM014", replaceInResource(administration, "AdministrationTaskRole", "- !Ref ServiceSecretsPaymentApi", "- !Ref MasterSecret"),
			administration, "AdministrationTaskRole", firstPolicy + "Statement[0]", "Sid: RotateSecrets", ""},
		{"no policy of the secret", "IAM015", dropResource(paymentsFile, "PaymentApiDatabaseSecretPolicy"),
			paymentsFile, "PaymentApiDatabaseSecret", "", "Properties:", ""},
		{"a policy that refuses reading to nobody", "IAM015", replaceInResource(paymentsFile, "PaymentApiDatabaseSecretPolicy", "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"),
			paymentsFile, "PaymentApiDatabaseSecretPolicy", "ResourcePolicy", "ResourcePolicy", ""},
		{"a policy that excepts too many", "IAM015", replaceInResource(paymentsFile, "PaymentApiDatabaseSecretPolicy", "- !GetAtt PaymentApiTaskRole.Arn", "- "+taskRolePattern),
			paymentsFile, "PaymentApiDatabaseSecretPolicy", "ResourcePolicy", "ResourcePolicy", ""},
		{"a policy that is not known", "IAM015", replaceAfter(paymentsFile, "PaymentApiDatabaseSecretPolicy", "OnlyReadersRead", "- !GetAtt PaymentApiTaskRole.Arn", "- !ImportValue Role"),
			paymentsFile, "PaymentApiDatabaseSecretPolicy", "ResourcePolicy", "ResourcePolicy", Unsure},
		{"all log groups", "IAM016", replaceInResource(processorFile, "TransactionProcessorExecutionRole", "- !GetAtt TransactionProcessorLogGroup.Arn", "- !Sub arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:log-*-${EnvironmentSuffix}:*"),
			processorFile, "TransactionProcessorExecutionRole", firstPolicy + "Statement[2]", "Sid: WriteLogs", ""},
		{"a task that deletes its own log", "IAM016", replaceInResource(processorFile, "TransactionProcessorExecutionRole", "logs:CreateLogStream", "logs:DeleteLogGroup"),
			processorFile, "TransactionProcessorExecutionRole", firstPolicy + "Statement[2]", "Sid: WriteLogs", ""},
		{"all repositories", "IAM017", replaceInResource(processorFile, "TransactionProcessorExecutionRole", "repository/ecr-collector-", "repository/ecr-*-"),
			processorFile, "TransactionProcessorExecutionRole", firstPolicy + "Statement[0]", "Sid: PullImages", ""},
		{"images that are not known", "IAM017", replaceInResource(processorFile, "TransactionProcessorTaskDefinition", "!Sub ${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/ecr-envoy-${EnvironmentSuffix}@${EnvoyDigest}", "!ImportValue Image"),
			"foundation.yaml", "EnvoyRepository", "", "Properties:", Unsure},
		{"a task that pushes", "IAM017", replaceInResource(processorFile, "TransactionProcessorExecutionRole", "ecr:BatchGetImage", "ecr:PutImage"),
			processorFile, "TransactionProcessorExecutionRole", firstPolicy + "Statement[0]", "Sid: PullImages", ""},
		{"a public bucket", "IAM018", replaceInResource(securityFile, "ArchiveBucket", "BlockPublicPolicy: true", "BlockPublicPolicy: false"),
			securityFile, "ArchiveBucket", "PublicAccessBlockConfiguration.BlockPublicPolicy", "BlockPublicPolicy", ""},
		{"a public ACL", "IAM018", replaceInResource(securityFile, "ArchiveBucket", "      BucketName:", "      AccessControl: PublicRead\n      BucketName:"),
			securityFile, "ArchiveBucket", "AccessControl", "PublicRead", ""},
		{"an ACL that is not known", "IAM018", replaceInResource(securityFile, "ArchiveBucket", "      BucketName:", "      AccessControl: !ImportValue Acl\n      BucketName:"),
			securityFile, "ArchiveBucket", "AccessControl", "Acl", Unsure},
		{"plaintext to a bucket", "IAM019", replaceAfter(securityFile, "ArchiveBucketPolicy", "aws:SecureTransport", "'false'", "'true'"),
			securityFile, "ArchiveBucketPolicy", "PolicyDocument", "PolicyDocument", ""},
		{"old TLS to a bucket", "IAM019", replaceInResource(securityFile, "ArchiveBucketPolicy", "'1.2'", "'1.1'"),
			securityFile, "ArchiveBucketPolicy", "PolicyDocument", "PolicyDocument", ""},
		{"plaintext to a topic", "IAM019", dropResource(securityFile, "AlarmTopicPolicy"),
			securityFile, "AlarmTopic", "", "Properties:", ""},
		{"a denial that is not known", "IAM019", replaceInResource(securityFile, "AlarmTopicPolicy", "- 'false'", "- !ImportValue Secure"),
			securityFile, "AlarmTopicPolicy", "PolicyDocument", "PolicyDocument", Unsure},
		{"a password in a variable", "IAM021", replaceInResource(paymentsFile, "PaymentApiTaskDefinition", "- Name: DATABASE_SSLMODE", "- Name: DATABASE_PASSWORD"),
			paymentsFile, "PaymentApiTaskDefinition", "ContainerDefinitions[0].Environment[4].Value", "verify-full", ""},
		{"a secret resolved in a variable", "IAM021", replaceInResource(paymentsFile, "PaymentApiTaskDefinition", "Value: verify-full", "Value: '{{resolve:secretsmanager:x:SecretString:password}}'"),
			paymentsFile, "PaymentApiTaskDefinition", "ContainerDefinitions[0].Environment[4].Value", "resolve", ""},
		{"a password in a variable that is not known", "IAM021", replaceInResource(paymentsFile, "PaymentApiTaskDefinition", "- Name: DATABASE_SSLMODE\n              Value: verify-full", "- Name: DATABASE_PASSWORD\n              Value: !ImportValue Password"),
			paymentsFile, "PaymentApiTaskDefinition", "ContainerDefinitions[0].Environment[4].Value", "Password", Unsure},
		{"a password as a parameter", "IAM021", replaceIn("data.yaml", "\nParameters:\n", "\nParameters:\n  MasterPassword:\n    Type: String\n    Default: x\n"),
			"data.yaml", "MasterPassword", "", "MasterPassword:", ""},
		{"a password as an output", "IAM021", replaceIn("data.yaml", "\nOutputs:\n", "\nOutputs:\n  ApiKey:\n    Value: x\n"),
			"data.yaml", "ApiKey", "", "ApiKey:", ""},
		{"a password in a property", "IAM021", replaceInResource("data.yaml", "Cluster", "ManageMasterUserPassword: true", "MasterUserPassword: x"),
			"data.yaml", "Cluster", "MasterUserPassword", "MasterUserPassword", ""},
		{"a password in a property that is not known", "IAM021", replaceInResource("data.yaml", "Cluster", "ManageMasterUserPassword: true", "MasterUserPassword: !ImportValue Password"),
			"data.yaml", "Cluster", "MasterUserPassword", "MasterUserPassword", Unsure},
	})
}
