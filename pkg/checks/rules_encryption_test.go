package checks

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEncryptionRules(t *testing.T) {
	const (
		data, security, ingress, archive = "data.yaml", "security.yaml", "ingress.yaml", "archive.yaml"
		service                          = "service-payment-api.yaml"
		byDefault                        = "BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault"
	)
	testGoldenFaults(t, encryptionRules(), []goldenFault{
		{rule: "ENC001", name: "storage in the clear", edits: []edit{replaceInResource(data, "Cluster", "StorageEncrypted: true", "StorageEncrypted: false")},
			template: data, id: "Cluster", path: "StorageEncrypted", line: "StorageEncrypted: false", found: "false"},
		{rule: "ENC001", name: "the account's key", edits: []edit{replaceInResource(data, "Cluster", "      KmsKeyId: !Ref DataKey\n", "      KmsKeyId: alias/aws/rds\n")},
			template: data, id: "Cluster", path: "KmsKeyId", line: "alias/aws/rds"},
		{rule: "ENC001", name: "insights without key", edits: []edit{replaceInResource("reader.yaml", "Reader", "      PerformanceInsightsKMSKeyId: !Ref DataKey\n", "")},
			template: "reader.yaml", id: "Reader", path: "PerformanceInsightsKMSKeyId", line: "Properties:"},
		{rule: "ENC001", name: "topic without key", edits: []edit{replaceInResource(security, "AlarmTopic", "      KmsMasterKeyId: !GetAtt LogsKey.Arn\n", "")},
			template: security, id: "AlarmTopic", path: "KmsMasterKeyId", line: "Properties:"},
		{rule: "ENC001", name: "stream with a key of AWS", edits: []edit{replaceInResource(archive, "ArchiveStream", "CUSTOMER_MANAGED_CMK", "AWS_OWNED_CMK")},
			template: archive, id: "ArchiveStream", path: "DeliveryStreamEncryptionConfigurationInput.KeyType", line: "AWS_OWNED_CMK"},
		{rule: "ENC001", name: "images with a key of AWS", edits: []edit{replaceInResource("foundation.yaml", "EnvoyRepository", "EncryptionType: KMS", "EncryptionType: AES256")},
			template: "foundation.yaml", id: "EnvoyRepository", path: "EncryptionConfiguration.EncryptionType", line: "AES256"},
		{rule: "ENC001", name: "key not known", outcome: Unsure, edits: []edit{replaceInResource(data, "Cluster", "      KmsKeyId: !Ref DataKey\n", "      KmsKeyId: !ImportValue key\n")},
			template: data, id: "Cluster", path: "KmsKeyId", line: "ImportValue"},
		{rule: "ENC001", name: "use not known", outcome: Unsure, edits: []edit{replaceInResource(data, "Cluster", "PerformanceInsightsEnabled: true", "PerformanceInsightsEnabled: !ImportValue insights")},
			template: data, id: "Cluster", path: "PerformanceInsightsKmsKeyId", line: "PerformanceInsightsKmsKeyId"},
		{rule: "ENC002", name: "key of S3", environment: "dev", edits: []edit{replaceInResource(security, "ArchiveBucket", "SSEAlgorithm: aws:kms", "SSEAlgorithm: AES256")},
			template: security, id: "ArchiveBucket", path: byDefault + ".SSEAlgorithm", line: "AES256"},
		{rule: "ENC002", name: "key of AWS", environment: "dev", edits: []edit{replaceInResource(security, "ArchiveBucket", "              KMSMasterKeyID: !GetAtt LogsKey.Arn\n", "")},
			template: security, id: "ArchiveBucket", path: byDefault + ".KMSMasterKeyID", line: "SSEAlgorithm"},
		{rule: "ENC002", name: "nothing said", edits: []edit{replaceInResource("foundation.yaml", "ArtifactBucket", "      BucketEncryption:\n        ServerSideEncryptionConfiguration:\n          - BucketKeyEnabled: true\n            ServerSideEncryptionByDefault:\n              KMSMasterKeyID: !GetAtt Key.Arn\n              SSEAlgorithm: aws:kms\n", "")},
			template: "foundation.yaml", id: "ArtifactBucket", path: "BucketEncryption.ServerSideEncryptionConfiguration", line: "Properties:"},
		{rule: "ENC002", name: "without its reason", edits: []edit{replaceInResource(security, "AccessLogBucket", "        BucketEncryption: Elastic Load Balancing", "        Encryption: Elastic Load Balancing")},
			template: security, id: "AccessLogBucket", path: byDefault + ".SSEAlgorithm", line: "AES256"},
		{rule: "ENC003", name: "one key for two things", edits: []edit{replaceInResource(data, "Cluster", "        KmsKeyId: !Ref SecretsKey\n", "        KmsKeyId: !Ref DataKey\n")},
			template: data, id: "Cluster", path: "MasterUserSecret.KmsKeyId", line: "KmsKeyId: !Ref DataKey", found: "encrypts data"},
		{rule: "ENC003", name: "key not known", outcome: Unsure, edits: []edit{replaceInResource(data, "PostgresqlLogGroup", "!Ref LogsKey", "!ImportValue key")},
			template: data, id: "PostgresqlLogGroup", path: "KmsKeyId", line: "ImportValue"},
		{rule: "ENC004", name: "plaintext", edits: []edit{replaceIn(data, "rds.force_ssl: '1'", "rds.force_ssl: '0'")},
			template: data, id: "ClusterParameterGroup", path: "Parameters.rds.force_ssl", line: "rds.force_ssl: '0'", found: "0"},
		{rule: "ENC004", name: "old TLS", edits: []edit{replaceIn(data, "        ssl_min_protocol_version: TLSv1.2\n", "")},
			template: data, id: "ClusterParameterGroup", path: "Parameters.ssl_min_protocol_version", line: "log_connections"},
		{rule: "ENC005", name: "old policy", edits: []edit{replaceInResource(ingress, "HttpsListener", "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "ELBSecurityPolicy-2016-08")},
			template: ingress, id: "HttpsListener", path: "SslPolicy", line: "ELBSecurityPolicy-2016-08"},
		{rule: "ENC005", name: "no certificate", edits: []edit{replaceInResource(ingress, "HttpsListener", "      Certificates:\n        - CertificateArn: !If [IssuesCertificate, !Ref Certificate, !Ref CertificateArn]\n", "")},
			template: ingress, id: "HttpsListener", path: "Certificates", line: "Properties:"},
		{rule: "ENC005", name: "forwarding without TLS", edits: []edit{replaceInResource(ingress, "HttpListener", "Protocol: HTTPS", "Protocol: HTTP")},
			template: ingress, id: "HttpListener", path: "DefaultActions[0]", line: "RedirectConfig"},
		{rule: "ENC005", name: "no TLS", edits: []edit{replaceInResource(ingress, "HttpsListener", "      Protocol: HTTPS\n", "      Protocol: HTTP\n")},
			template: ingress, id: "HttpsListener", path: "DefaultActions[0]", line: "FixedResponseConfig"},
		{rule: "ENC005", name: "protocol not known", outcome: Unsure, edits: []edit{replaceInResource(ingress, "HttpListener", "      Protocol: HTTP\n", "      Protocol: !ImportValue p\n")},
			template: ingress, id: "HttpListener", path: "Protocol", line: "ImportValue"},
		{rule: "ENC005", name: "a rule without TLS", edits: []edit{addResource(ingress, "  Rule:\n    Type: AWS::ElasticLoadBalancingV2::ListenerRule\n    Properties:\n      ListenerArn: !Ref HttpListener\n      Actions:\n        - Type: forward\n        - Type: redirect")},
			template: ingress, id: "Rule", path: "Actions[0]", line: "Type: forward"},
		{rule: "ENC006", name: "name not verified", edits: []edit{replaceInResource(service, "PaymentApiTaskDefinition", "Value: verify-full", "Value: require")},
			template: service, id: "PaymentApiTaskDefinition", path: "ContainerDefinitions[0].Environment[4].Value", line: "Value: require"},
		{rule: "ENC006", name: "nothing said", outcome: Unsure, edits: []edit{replaceInResource(service, "PaymentApiTaskDefinition", "            - Name: DATABASE_SSLMODE\n              Value: verify-full\n", "")},
			template: service, id: "PaymentApiTaskDefinition", path: "ContainerDefinitions[0].Environment[0]", line: "DATABASE_HOST"},
		{rule: "ENC006", name: "in an address", edits: []edit{replaceInResource(service, "PaymentApiTaskDefinition", "            - Name: DATABASE_SSLMODE\n              Value: verify-full\n", "            - Name: DATABASE_URL\n              Value: postgres://db/payments?sslmode=prefer&x=y\n")},
			template: service, id: "PaymentApiTaskDefinition", path: "ContainerDefinitions[0].Environment[4].Value", line: "sslmode=prefer"},
		{rule: "ENC009", name: "validated by mail", environment: "dev", edits: []edit{replaceInResource(ingress, "Certificate", "ValidationMethod: DNS", "ValidationMethod: EMAIL")},
			template: ingress, id: "Certificate", path: "ValidationMethod", line: "ValidationMethod: EMAIL"},
		{rule: "ENC007", name: "a password of one's own", edits: []edit{replaceInResource(data, "Cluster", "ManageMasterUserPassword: true", "ManageMasterUserPassword: false")},
			template: data, id: "Cluster", path: "ManageMasterUserPassword", line: "ManageMasterUserPassword: false"},
		{rule: "ENC007", name: "everybody's name", edits: []edit{replaceInResource(data, "Cluster", "MasterUsername: payadmin", "MasterUsername: postgres")},
			template: data, id: "Cluster", path: "MasterUsername", line: "MasterUsername: postgres"},
		{rule: "ENC008", name: "ACLs", edits: []edit{replaceInResource("foundation.yaml", "ArtifactBucket", "BucketOwnerEnforced", "ObjectWriter")},
			template: "foundation.yaml", id: "ArtifactBucket", path: "OwnershipControls.Rules[0].ObjectOwnership", line: "ObjectWriter"},
		{rule: "ENC008", name: "no versions", edits: []edit{replaceInResource("foundation.yaml", "ArtifactBucket", "        Status: Enabled\n\n", "        Status: Suspended\n\n")},
			template: "foundation.yaml", id: "ArtifactBucket", path: "VersioningConfiguration.Status", line: "Suspended"},
		{rule: "ENC008", name: "no reason for no log", edits: []edit{replaceInResource("foundation.yaml", "ArtifactBucket", "        LoggingConfiguration: templates", "        Logging: templates")},
			template: "foundation.yaml", id: "ArtifactBucket", path: "LoggingConfiguration.DestinationBucketName", line: "Properties:"},
		{rule: "ENC008", name: "versions for ever", edits: []edit{replaceInResource("foundation.yaml", "ArtifactBucket", "            NoncurrentVersionExpiration:\n              NoncurrentDays: 90\n", "")},
			template: "foundation.yaml", id: "ArtifactBucket", path: "LifecycleConfiguration.Rules", line: "Rules:"},
		{rule: "ENC008", name: "rule off", edits: []edit{replaceInResource("foundation.yaml", "ArtifactBucket", "90\n            Status: Enabled", "90\n            Status: Disabled")},
			template: "foundation.yaml", id: "ArtifactBucket", path: "LifecycleConfiguration.Rules", line: "Rules:"},
	})
}

// TestSingleInstance: a database instance without cluster is judged by itself, in long form as well.
func TestSingleInstance(t *testing.T) {
	w := worldOf(t, nil, map[string]string{"flat.json": `{"Resources": {
		"Group": {"Type": "AWS::RDS::DBParameterGroup", "Properties": {"Family": "mysql8.0", "Parameters": {"require_secure_transport": "OFF", "tls_version": "TLSv1.2,TLSv1.3"}}},
		"Instance": {"Type": "AWS::RDS::DBInstance", "Properties": {"StorageEncrypted": false, "DBParameterGroupName": {"Ref": "Group"},
			"DBInstanceIdentifier": "db", "EnableCloudwatchLogsExports": ["error"]}}}}`})
	var got []string
	for _, result := range Verify(w, append(encryptionRules(), logRules()...)) {
		for _, f := range result.Findings {
			got = append(got, f.Rule+" "+f.LogicalID+" "+f.Path+": "+f.Found)
		}
	}
	want := []string{
		"ENC001 Instance KmsKeyId: nothing",
		"ENC001 Instance StorageEncrypted: false",
		"ENC004 Group Parameters.require_secure_transport: OFF",
		"ENC007 Instance ManageMasterUserPassword: nothing",
		"ENC007 Instance MasterUsername: nothing",
		"LOG003 Instance EnableCloudwatchLogsExports[0]: /aws/rds/instance/db/error, which no template declares: AWS creates the group without key and for ever",
		"LOG006 Instance EnableCloudwatchLogsExports[0]: /aws/rds/instance/db/error has no subscription filter",
		"LOG010 Group : no event subscription that does",
		"LOG010 Instance : no event subscription that does",
		"LOG010 Instance : no event subscription that does",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
