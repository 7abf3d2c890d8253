package checks

import (
	"maps"
	"testing"
)

// foreignFaults are faults of every model, each of which breaks a promise.
var foreignFaults = []struct {
	name, rule string
	plant      edit
}{
	// Network
	{"an open port", "NET002", replaceInResource("network.yaml", "LoadBalancerFromHTTPIngress", "IpProtocol: tcp", "IpProtocol: -1")},
	{"the database open to a range", "NET003", replaceInResource("network.yaml", "DatabaseFromPaymentApiIngress", "SourceSecurityGroupId: !GetAtt PaymentApiSecurityGroup.GroupId", "CidrIp: 10.0.0.0/8")},
	{"tasks with a public address", "NET009", replaceInResource("service-payment-api.yaml", "PaymentApiService", "AssignPublicIp: DISABLED", "AssignPublicIp: ENABLED")},
	{"no way in for a declared call", "NET012", dropResource("network.yaml", "NotificationServiceFromTransactionProcessorIngress")},
	{"an endpoint less", "NET014", dropResource("egress.yaml", "XRayEndpoint")},
	// Identity
	{"a wildcard action", "IAM001", replaceInResource("service-payment-api.yaml", "PaymentApiTaskRole", "xray:PutTraceSegments", "xray:Put*")},
	{"one role for both uses", "IAM004", replaceInResource("service-payment-api.yaml", "PaymentApiTaskDefinition", "TaskRoleArn: !GetAtt PaymentApiTaskRole.Arn", "TaskRoleArn: !GetAtt PaymentApiExecutionRole.Arn")},
	{"the account decrypts", "IAM011", replaceInResource("security.yaml", "DataKey", "- kms:CancelKeyDeletion", "- kms:Decrypt")},
	// Enough, who can
	{"no pull", "ENO001", replaceInResource("service-payment-api.yaml", "PaymentApiExecutionRole", "ecr:BatchGetImage", "ecr:DescribeImages")},
	{"no injected secret", "ENO003", replaceInResource("service-transaction-processor.yaml", "TransactionProcessorExecutionRole", "kms:Decrypt", "kms:DescribeKey")},
	{"a key that does not let the logs in", "ENO016", replaceInResource("security.yaml", "LogsKey", "- !Sub logs.${AWS::Region}.${AWS::URLSuffix}", "- other.amazonaws.com")},
	// Logs
	{"a log in clear", "LOG001", replaceInResource("service-payment-api.yaml", "PaymentApiLogGroup", "      KmsKeyId: !Ref LogsKey\n", "")},
	{"a log for ever", "LOG002", replaceInResource("administration.yaml", "AdministrationLogGroup", "RetentionInDays: 30", "RetentionInDays: 3653")},
	// Life cycle
	{"what stays behind", "LIF001", replaceInResource("data.yaml", "Cluster", "    DeletionPolicy: Delete\n", "    DeletionPolicy: Retain\n")},
	{"a weight that nobody moves", "LIF007", replaceIn("service-transaction-processor.yaml", "TransactionProcessorBlueTargetGroup\n                Weight: !If [BlueIsActive, 100, 0]", "TransactionProcessorBlueTargetGroup\n                Weight: 100")},
	// Availability, scaling, alarms
	{"a bound of its own", "SCA002", replaceIn("service-payment-api.yaml", "MinCapacity: !Ref MinTasks", "MinCapacity: 2")},
	{"half a load", "SCA007", replaceIn("service-payment-api.yaml", "(FILL(blue,0)+FILL(green,0))/tasks", "FILL(blue,0)/tasks")},
	{"backups for no time", "AVA003", replaceInResource("data.yaml", "Cluster", "BackupRetentionPeriod: !Ref BackupDays", "BackupRetentionPeriod: 0")},
	{"a quiet alarm", "ALA004", replaceInResource("observability.yaml", "LatencyAlarm", "      AlarmActions:\n        - !Ref Topic\n", "")},
	// Transport and storage encryption
	{"an old policy of TLS", "NET019", replaceInResource("ingress.yaml", "HttpsListener", "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "ELBSecurityPolicy-2016-08")},
	{"storage in clear", "ENC001", replaceInResource("data.yaml", "Cluster", "StorageEncrypted: true", "StorageEncrypted: false")},
	// Containers
	{"root", "CON001", replaceIn("service-notification-service.yaml", "StopTimeout: 15\n          User: '65532:65532'", "StopTimeout: 15\n          User: '0'")},
	{"a file system to write to", "CON002", replaceIn("service-transaction-processor.yaml", "ReadonlyRootFilesystem: true\n          StopTimeout: 15", "ReadonlyRootFilesystem: false\n          StopTimeout: 15")},
}

// Every model finds its faults in every style, however they are written.
func TestForeignFaults(t *testing.T) {
	golden, err := goldenText()
	if err != nil {
		t.Fatal(err)
	}
	files := maps.Clone(golden)
	for _, fault := range foreignFaults {
		fault.plant(t, files)
	}
	before := foreignVerdicts(worldOf(t, goldenParameters(t, "prod"), golden), true)
	for _, style := range foreignStyles() {
		found := foreignVerdicts(worldOf(t, goldenParameters(t, "prod"), style.write(t, foreignParse(t, files))), true)
		for _, fault := range foreignFaults {
			if got := found[fault.rule].Outcome; got != Fail || before[fault.rule].Outcome == Fail {
				t.Errorf("%s: %s: %s is %s, in golden %s", style.name, fault.name, fault.rule, got, before[fault.rule].Outcome)
			}
		}
	}
}
