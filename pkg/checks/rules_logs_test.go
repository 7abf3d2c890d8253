package checks

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLogRules(t *testing.T) {
	const (
		archive, data, egress, ingress = "archive.yaml", "data.yaml", "egress.yaml", "ingress.yaml"
		service                        = "service-transaction-processor.yaml"
		rule                           = "LifecycleConfiguration.Rules[0]"
		export                         = "EnableCloudwatchLogsExports[0]"
	)
	testGoldenFaults(t, logRules(), []goldenFault{
		{rule: "LOG001", name: "no key", edits: []edit{replaceInResource(archive, "TrailLogGroup", "      KmsKeyId: !Ref LogsKey\n", "")},
			template: archive, id: "TrailLogGroup", path: "KmsKeyId", line: "Properties", found: "nothing"},
		{rule: "LOG001", name: "empty key", edits: []edit{replaceInResource(egress, "FlowLogGroup", "!Ref LogsKey", "''")},
			template: egress, id: "FlowLogGroup", path: "KmsKeyId", line: "KmsKeyId: ''"},
		{rule: "LOG002", name: "too long", edits: []edit{replaceInResource(data, "PostgresqlLogGroup", "30", "60")},
			template: data, id: "PostgresqlLogGroup", path: "RetentionInDays", line: "RetentionInDays: 60", found: "60"},
		{rule: "LOG002", name: "for ever", edits: []edit{replaceInResource(ingress, "WafLogGroup", "      RetentionInDays: 30\n", "")},
			template: ingress, id: "WafLogGroup", path: "RetentionInDays", line: "Properties:"},
		{rule: "LOG003", name: "database group not declared", edits: []edit{dropResource(data, "PostgresqlLogGroup")},
			template: data, id: "Cluster", path: export, line: "- postgresql", found: "/aws/rds/cluster/db-payments-prod/postgresql"},
		{rule: "LOG003", name: "another export", edits: []edit{replaceInResource(data, "Cluster", "        - postgresql\n", "        - postgresql\n        - instance\n")},
			template: data, id: "Cluster", path: "EnableCloudwatchLogsExports[1]", line: "- instance", found: "no template declares"},
		{rule: "LOG003", name: "insights group later", edits: []edit{replaceInResource("cluster.yaml", "Cluster", "    DependsOn:\n      - ContainerInsightsLogGroup\n", "")},
			template: "cluster.yaml", id: "Cluster", path: "ClusterSettings[0].Value", line: "Value: enhanced", found: "may come later"},
		{rule: "LOG003", name: "enhanced monitoring", edits: []edit{replaceInResource(data, "Cluster", "      Port: 5432\n", "      Port: 5432\n      MonitoringInterval: 60\n")},
			template: data, id: "Cluster", path: "MonitoringInterval", line: "MonitoringInterval: 60", found: "RDSOSMetrics"},
		{rule: "LOG003", name: "Lambda function", edits: []edit{addResource(data, "  Function:\n    Type: AWS::Lambda::Function\n    Properties:\n      FunctionName: f")},
			template: data, id: "Function", line: "Properties:", found: "/aws/lambda/f"},
		{rule: "LOG003", name: "build project", edits: []edit{addResource(data, "  Project:\n    Type: AWS::CodeBuild::Project\n    Properties:\n      Name: p")},
			template: data, id: "Project", line: "Properties:", found: "/aws/codebuild/"},
		{rule: "LOG003", name: "interface stage", edits: []edit{addResource(data, "  Stage:\n    Type: AWS::ApiGateway::Stage\n    Properties:\n      RestApiId: r\n      StageName: s\n      MethodSettings:\n        - LoggingLevel: INFO")},
			template: data, id: "Stage", path: "MethodSettings[0].LoggingLevel", line: "LoggingLevel", found: "API-Gateway-Execution-Logs_r/s"},
		{rule: "LOG004", name: "group by another name", edits: []edit{replaceInResource(ingress, "WebAclLogging", "aws-waf-logs-payments-", "aws-waf-logs-other-")},
			template: ingress, id: "WebAclLogging", path: "LogDestinationConfigs[0]", line: "aws-waf-logs-other", found: "no template declares"},
		{rule: "LOG004", name: "name WAF refuses", edits: []edit{replaceInResource(ingress, "WebAclLogging", "aws-waf-logs-payments-", "waf-payments-")},
			template: ingress, id: "WebAclLogging", path: "LogDestinationConfigs[0]", line: "waf-payments", found: "log-group:waf-payments-prod"},
		{rule: "LOG004", name: "group may come later", edits: []edit{replaceInResource(ingress, "WebAclLogging", "      - WafLogGroup\n", "")},
			template: ingress, id: "WebAclLogging", path: "LogDestinationConfigs[0]", line: "aws-waf-logs", found: "may come later"},
		{rule: "LOG004", name: "ECS creates the group", edits: []edit{replaceInResource(service, "TransactionProcessorTaskDefinition", "              awslogs-stream-prefix: envoy\n", "              awslogs-stream-prefix: envoy\n              awslogs-create-group: 'true'\n")},
			template: service, id: "TransactionProcessorTaskDefinition", path: "ContainerDefinitions[1].LogConfiguration.Options.awslogs-create-group", line: "awslogs-create-group", found: "true"},
		{rule: "LOG004", name: "group under a condition that is not known", outcome: Unsure,
			edits:    []edit{replaceInResource(ingress, "WafLogGroup", "    DeletionPolicy", "    Condition: Nobody\n    DeletionPolicy")},
			template: ingress, id: "WebAclLogging", path: "LogDestinationConfigs[0]", line: "aws-waf-logs", found: "Nobody is not declared"},
		{rule: "LOG005", name: "no flow log", edits: []edit{dropResource(egress, "FlowLog")},
			template: "network.yaml", id: "VPC", line: "Properties:", found: "none"},
		{rule: "LOG005", name: "only rejected traffic", edits: []edit{replaceIn(egress, "TrafficType: ALL", "TrafficType: REJECT")},
			template: egress, id: "FlowLog", path: "TrafficType", line: "TrafficType: REJECT"},
		{rule: "LOG005", name: "flow log maybe", outcome: Unsure, edits: []edit{replaceInResource(egress, "FlowLog", "    Metadata", "    Condition: Nobody\n    Metadata")},
			template: "network.yaml", id: "VPC", line: "Properties:", found: "Nobody"},
		{rule: "LOG005", name: "flow log of something", outcome: Unsure, edits: []edit{replaceInResource(egress, "FlowLog", "ResourceId: !Ref Vpc", "ResourceId: !ImportValue vpc")},
			template: "network.yaml", id: "VPC", line: "Properties:", found: "ImportValue"},
		{rule: "LOG005", name: "no logging of the web ACL", edits: []edit{dropResource(ingress, "WebAclLogging")}, template: ingress, id: "WebAcl", line: "Properties:"},
		{rule: "LOG005", name: "no export", edits: []edit{replaceInResource(data, "Cluster", "      EnableCloudwatchLogsExports:\n        - postgresql\n", "")},
			template: data, id: "Cluster", path: "EnableCloudwatchLogsExports", line: "Properties:"},
		{rule: "LOG005", name: "no error log of the stream", edits: []edit{replaceInResource(archive, "ArchiveStream", "          Enabled: true\n          LogGroupName", "          Enabled: false\n          LogGroupName")},
			template: archive, id: "ArchiveStream", path: "ExtendedS3DestinationConfiguration.CloudWatchLoggingOptions.Enabled", line: "Enabled: false"},
		{rule: "LOG005", name: "no access log", edits: []edit{replaceInResource(ingress, "LoadBalancer", "access_logs.s3.enabled\n          Value: 'true'", "access_logs.s3.enabled\n          Value: 'false'")},
			template: ingress, id: "LoadBalancer", path: "LoadBalancerAttributes[0].Value", line: "Value: 'false'"},
		{rule: "LOG005", name: "no attributes", edits: []edit{replaceInResource(ingress, "LoadBalancer", "access_logs.s3.enabled", "idle")},
			template: ingress, id: "LoadBalancer", path: "LoadBalancerAttributes", line: "LoadBalancerAttributes"},
		{rule: "LOG006", name: "no filter", edits: []edit{dropResource("observability.yaml", "FlowSubscriptionFilter")},
			template: egress, id: "FlowLogGroup", line: "Properties:", found: "log-flow-prod has no subscription filter"},
		{rule: "LOG006", name: "no filter, group elsewhere", edits: []edit{replaceInResource(service, "TransactionProcessorTaskDefinition", "awslogs-group: !Ref TransactionProcessorLogGroup\n              awslogs-region: !Ref AWS::Region\n              awslogs-stream-prefix: envoy", "awslogs-group: elsewhere\n              awslogs-region: !Ref AWS::Region\n              awslogs-stream-prefix: envoy")},
			template: service, id: "TransactionProcessorTaskDefinition", path: "ContainerDefinitions[1].LogConfiguration.Options.awslogs-group", line: "elsewhere", found: "elsewhere has no subscription filter"},
		{rule: "LOG006", name: "filter of a part", edits: []edit{replaceInResource("observability.yaml", "WafSubscriptionFilter", "FilterPattern: ''", "FilterPattern: BLOCK")},
			template: "observability.yaml", id: "WafSubscriptionFilter", path: "FilterPattern", line: "FilterPattern: BLOCK", found: "BLOCK"},
		{rule: "LOG006", name: "another destination", outcome: Unsure, edits: []edit{replaceInResource("observability.yaml", "WafSubscriptionFilter", "!Ref Stream", "arn:aws:lambda:us-east-1:111122223333:function:f")},
			template: "observability.yaml", id: "WafSubscriptionFilter", path: "DestinationArn", line: "function:f"},
		{rule: "LOG006", name: "destination not known", outcome: Unsure, edits: []edit{replaceInResource("observability.yaml", "WafSubscriptionFilter", "!Ref Stream", "!ImportValue stream")},
			template: "observability.yaml", id: "WafSubscriptionFilter", path: "DestinationArn", line: "ImportValue"},
		{rule: "LOG006", name: "filter maybe", outcome: Unsure, edits: []edit{replaceInResource("observability.yaml", "WafSubscriptionFilter", "    Metadata", "    Condition: Nobody\n    Metadata")},
			template: "observability.yaml", id: "WafSubscriptionFilter", line: "Properties:", found: "Nobody"},
		{rule: "LOG006", name: "group not known", outcome: Unsure, edits: []edit{replaceInResource(egress, "FlowLog", "!Ref FlowLogGroup", "!ImportValue group")},
			template: egress, id: "FlowLog", path: "LogGroupName", line: "ImportValue"},
		{rule: "LOG007", name: "another account's bucket", outcome: Unsure, template: archive, id: "Trail", path: "S3BucketName", line: "S3BucketName", found: "example-audit-archive"},
		{rule: "LOG007", name: "bucket not known", outcome: Unsure, edits: []edit{replaceInResource(archive, "Trail", "!Ref ArchiveBucket", "!ImportValue bucket")},
			template: archive, id: "Trail", path: "S3BucketName", line: "ImportValue"},
		{rule: "LOG007", name: "bucket maybe", environment: "dev", outcome: Unsure, edits: []edit{replaceInResource("security.yaml", "ArchiveBucket", "Condition: OwnArchive", "Condition: Nobody")},
			template: archive, id: "ArchiveStream", path: "ExtendedS3DestinationConfiguration.BucketARN", line: "BucketARN", found: "Nobody"},
		{rule: "LOG007", name: "too short", environment: "dev", edits: []edit{replaceInResource("security.yaml", "ArchiveBucket", "ExpirationInDays: 400", "ExpirationInDays: 90")},
			template: "security.yaml", id: "ArchiveBucket", path: rule + ".ExpirationInDays", line: "ExpirationInDays: 90"},
		{rule: "LOG007", name: "old versions too short", environment: "dev", edits: []edit{replaceInResource("security.yaml", "ArchiveBucket", "NoncurrentDays: 400", "NoncurrentDays: 7")},
			template: "security.yaml", id: "ArchiveBucket", path: rule + ".NoncurrentVersionExpiration.NoncurrentDays", line: "NoncurrentDays: 7"},
		{rule: "LOG007", name: "access logs too short", edits: []edit{replaceInResource("security.yaml", "AccessLogBucket", "ExpirationInDays: 400", "ExpirationInDays: 90")},
			template: "security.yaml", id: "AccessLogBucket", path: rule + ".ExpirationInDays", line: "ExpirationInDays: 90"},
		{rule: "LOG007", name: "no versions", environment: "dev", edits: []edit{replaceInResource("security.yaml", "ArchiveBucket", "        Status: Enabled\n\n", "        Status: Suspended\n\n")},
			template: "security.yaml", id: "ArchiveBucket", path: "VersioningConfiguration.Status", line: "Suspended"},
		{rule: "LOG007", name: "expires on a date", environment: "dev", edits: []edit{replaceInResource("security.yaml", "ArchiveBucket", "            ExpirationInDays: 400", "            ExpirationDate: 2027-01-01T00:00:00Z")},
			template: "security.yaml", id: "ArchiveBucket", path: rule + ".ExpirationDate", line: "ExpirationDate"},
		{rule: "LOG007", name: "rule off", environment: "dev", edits: []edit{replaceInResource("security.yaml", "ArchiveBucket", "            Status: Enabled\n            Transitions", "            Status: Disabled\n            Transitions")},
			template: "security.yaml", id: "ArchiveBucket", path: "LifecycleConfiguration.Rules", line: "Rules:"},
		{rule: "LOG007", name: "frozen at once", environment: "dev", edits: []edit{replaceInResource("security.yaml", "ArchiveBucket", "STANDARD_IA\n                TransitionInDays: 90", "GLACIER\n                TransitionInDays: 30")},
			template: "security.yaml", id: "ArchiveBucket", path: rule + ".Transitions[0].TransitionInDays", line: "TransitionInDays: 30"},
		{rule: "LOG008", name: "one region", edits: []edit{replaceInResource(archive, "Trail", "IsMultiRegionTrail: true", "IsMultiRegionTrail: false")},
			template: archive, id: "Trail", path: "IsMultiRegionTrail", line: "IsMultiRegionTrail: false"},
		{rule: "LOG008", name: "no validation", edits: []edit{replaceInResource(archive, "Trail", "      EnableLogFileValidation: true\n", "")},
			template: archive, id: "Trail", path: "EnableLogFileValidation", line: "Properties:"},
		{rule: "LOG008", name: "no key", edits: []edit{replaceInResource(archive, "Trail", "      KMSKeyId: !If [ExternalArchive, !Ref AuditArchiveKeyArn, !Ref LogsKey]\n", "")},
			template: archive, id: "Trail", path: "KMSKeyId", line: "Properties:"},
		{rule: "LOG008", name: "reading only", edits: []edit{replaceInResource(archive, "Trail", "      IsLogging: true\n", "      IsLogging: true\n      EventSelectors:\n        - ReadWriteType: ReadOnly\n          IncludeManagementEvents: false\n")},
			template: archive, id: "Trail", path: "EventSelectors[0].ReadWriteType", line: "ReadOnly"},
		{rule: "LOG008", name: "no management events", edits: []edit{replaceInResource(archive, "Trail", "      IsLogging: true\n", "      IsLogging: true\n      EventSelectors:\n        - IncludeManagementEvents: false\n")},
			template: archive, id: "Trail", path: "EventSelectors[0].IncludeManagementEvents", line: "IncludeManagementEvents"},
		{rule: "LOG008", name: "no trail", edits: []edit{dropResource(archive, "Trail")},
			template: "observability.yaml", id: "AdministrationSubscriptionFilter", line: "Properties:", found: "no trail is declared"},
		{rule: "LOG009", name: "no connections", edits: []edit{replaceIn(data, "log_connections: '1'", "log_connections: '0'")},
			template: data, id: "ClusterParameterGroup", path: "Parameters.log_connections", line: "log_connections: '0'"},
		{rule: "LOG009", name: "every statement", edits: []edit{replaceIn(data, "log_min_duration_statement: '1000'", "log_min_duration_statement: '0'")},
			template: data, id: "ClusterParameterGroup", path: "Parameters.log_min_duration_statement", line: "log_min_duration_statement: '0'"},
		{rule: "LOG009", name: "no audit extension", edits: []edit{replaceIn(data, "pg_stat_statements,pgaudit", "pg_stat_statements")},
			template: data, id: "ClusterParameterGroup", path: "Parameters.shared_preload_libraries", line: "pg_stat_statements"},
		{rule: "LOG009", name: "no audited roles", edits: []edit{replaceIn(data, "pgaudit.log: ddl,role", "pgaudit.log: ddl")},
			template: data, id: "ClusterParameterGroup", path: "Parameters.pgaudit.log", line: "pgaudit.log: ddl"},
		{rule: "LOG009", name: "default group", edits: []edit{replaceIn(data, "DBClusterParameterGroupName: !Ref ClusterParameterGroup", "DBClusterParameterGroupName: default.aurora-postgresql17")},
			template: data, id: "Cluster", path: "DBClusterParameterGroupName", line: "default.aurora", found: "default"},
		{rule: "LOG009", name: "group not known", outcome: Unsure, edits: []edit{replaceIn(data, "DBClusterParameterGroupName: !Ref ClusterParameterGroup", "DBClusterParameterGroupName: !ImportValue group")},
			template: data, id: "Cluster", path: "DBClusterParameterGroupName", line: "ImportValue"},
		{rule: "LOG009", name: "family not known", outcome: Unsure, edits: []edit{replaceInResource(data, "ClusterParameterGroup", "Family: aurora-postgresql17", "Family: !ImportValue family")},
			template: data, id: "ClusterParameterGroup", path: "Family", line: "ImportValue"},
		{rule: "LOG009", name: "left to the default", edits: []edit{replaceIn(data, "        log_statement: none\n", "")},
			template: data, id: "ClusterParameterGroup", path: "Parameters.log_statement", line: "log_connections"},
		{rule: "LOG010", name: "no subscription", edits: []edit{dropResource(data, "ParameterGroupEventSubscription")},
			template: data, id: "InstanceParameterGroup", line: "Properties:", found: "no event subscription"},
		{rule: "LOG010", name: "switched off", edits: []edit{replaceInResource(data, "SecurityGroupEventSubscription", "Enabled: true", "Enabled: false")},
			template: data, id: "Cluster", line: "Properties:"},
		{rule: "LOG010", name: "one of two", edits: []edit{replaceInResource("reader.yaml", "InstanceEventSubscription", "        - !Ref Reader\n", "")},
			template: "reader.yaml", id: "Reader", line: "Properties:"},
		{rule: "LOG010", name: "no failures", edits: []edit{replaceInResource(data, "ClusterEventSubscription", "        - failure\n", "")},
			template: data, id: "Cluster", line: "Properties:"},
		{rule: "LOG010", name: "no topic", edits: []edit{replaceInResource(data, "ClusterEventSubscription", "!Ref Topic", "''")},
			template: data, id: "Cluster", line: "Properties:"},
		{rule: "LOG010", name: "topic not known", outcome: Unsure, edits: []edit{replaceInResource(data, "ClusterEventSubscription", "!Ref Topic", "!ImportValue topic")},
			template: data, id: "Cluster", line: "Properties:", found: "ImportValue"},
		{rule: "LOG005", name: "no stream of errors", edits: []edit{dropResource(archive, "DeliveryLogStream")},
			template: archive, id: "ArchiveStream", path: "ExtendedS3DestinationConfiguration.CloudWatchLoggingOptions.LogStreamName", line: "LogStreamName: delivery"},
		{rule: "LOG005", name: "stream of errors later", edits: []edit{replaceInResource(archive, "ArchiveStream", "    DependsOn:\n      - DeliveryLogStream\n", "")},
			template: archive, id: "ArchiveStream", path: "ExtendedS3DestinationConfiguration.CloudWatchLoggingOptions.LogStreamName", line: "LogStreamName: delivery"},
		{rule: "LOG005", name: "access logs nowhere", edits: []edit{replaceInResource(ingress, "LoadBalancer", "access_logs.s3.bucket\n          Value: !Ref AccessLogBucket", "access_logs.s3.bucket\n          Value: ''")},
			template: ingress, id: "LoadBalancer", path: "LoadBalancerAttributes[1].Value", line: "Value: ''"},
		{rule: "LOG007", name: "no bucket", outcome: Unsure, edits: []edit{replaceInResource(archive, "ArchiveStream", "        BucketARN: !Sub arn:${AWS::Partition}:s3:::${ArchiveBucket}\n", "")},
			template: archive, id: "ArchiveStream", path: "ExtendedS3DestinationConfiguration.BucketARN", line: "ExtendedS3DestinationConfiguration", found: "bucket nothing"},
		{rule: "LOG008", name: "events not at hand", edits: []edit{replaceInResource(archive, "Trail", "      CloudWatchLogsLogGroupArn: !GetAtt TrailLogGroup.Arn\n", "")},
			template: archive, id: "Trail", path: "CloudWatchLogsLogGroupArn", line: "Properties:"},
	})
}

// TestForeignLogs: one flat stack in JSON that writes its logs elsewhere than golden does.
func TestForeignLogs(t *testing.T) {
	w := worldOf(t, nil, map[string]string{"flat.json": `{
"Parameters": {"Export": {"Type": "String"}},
"Resources": {
	"VPC": {"Type": "AWS::EC2::VPC"},
	"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "records", "LoggingConfiguration": {"DestinationBucketName": "elsewhere"}, "VersioningConfiguration": {"Status": "Enabled"},
		"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": 730}]}}},
	"FlowLog": {"Type": "AWS::EC2::FlowLog", "Properties": {"ResourceId": {"Ref": "VPC"}, "TrafficType": "ALL", "LogDestination": "arn:aws:s3:::records/flow", "LogDestinationType": "s3"}},
	"Stream": {"Type": "AWS::KinesisFirehose::DeliveryStream", "Properties": {"DeliveryStreamName": "aws-waf-logs-x", "S3DestinationConfiguration": {"BucketARN": {"Fn::GetAtt": ["Bucket", "Arn"]}, "CloudWatchLoggingOptions": {"Enabled": true}}}},
	"Logging": {"Type": "AWS::WAFv2::LoggingConfiguration", "Properties": {"LogDestinationConfigs": ["arn:aws:firehose:us-east-1:111122223333:deliverystream/aws-waf-logs-x", "arn:aws:s3:::records"]}},
	"Cluster": {"Type": "AWS::ECS::Cluster"},
	"Database": {"Type": "AWS::RDS::DBCluster", "Properties": {"EnableCloudwatchLogsExports": [{"Ref": "Export"}]}},
	"Member": {"Type": "AWS::RDS::DBInstance", "Properties": {"DBClusterIdentifier": {"Ref": "Database"}}},
	"Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/aws/lambda/f", "KmsKeyId": "arn:aws:kms:us-east-1:111122223333:key/k", "RetentionInDays": "30"}},
	"Unnamed": {"Type": "AWS::Logs::LogGroup", "Properties": {"KmsKeyId": "arn:aws:kms:us-east-1:111122223333:key/k", "RetentionInDays": "30"}},
	"Zone": {"Type": "AWS::Route53::HostedZone", "Properties": {"QueryLoggingConfig": {"CloudWatchLogsLogGroupArn": {"Fn::Sub": "arn:aws:logs:us-east-1:111122223333:log-group:${Unnamed}:*"}}}},
	"Function": {"Type": "AWS::Lambda::Function", "DependsOn": ["Group"], "Properties": {"FunctionName": "f"}},
	"Writer": {"Type": "AWS::Lambda::Function", "Properties": {"LoggingConfig": {"LogGroup": {"Ref": "Group"}}}}}}`})
	type verdict struct {
		Outcome  Outcome
		Subjects int
	}
	want := map[string]verdict{"LOG001": {Pass, 2}, "LOG002": {Pass, 2}, "LOG003": {Unsure, 2}, "LOG004": {Pass, 2}, "LOG005": {Fail, 4}, "LOG006": {Unsure, 1}, "LOG007": {Unsure, 4},
		"LOG008": {NotApplicable, 0}, "LOG009": {Fail, 1}, "LOG010": {Fail, 3}}
	got := map[string]verdict{}
	for _, result := range Verify(w, logRules()) {
		got[result.Rule.ID] = verdict{result.Outcome, result.Subjects}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
