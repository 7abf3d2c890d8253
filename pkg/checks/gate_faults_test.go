package checks

import (
	"errors"
	"slices"
	"testing"
)

// The faults that nobody may deploy: each is stopped by the gate, and by the rule whose promise it breaks.
func TestGateStopsPlantedFaults(t *testing.T) {
	const network, data, security, service = "network.yaml", "data.yaml", "security.yaml", "service-payment-api.yaml"
	for _, tc := range []struct {
		name, rule string
		plant      edit
	}{
		{"open port", "NET002", replaceInResource(network, "PaymentApiFromLoadBalancerIngress", "SourceSecurityGroupId: !GetAtt LoadBalancerSecurityGroup.GroupId", "CidrIp: 0.0.0.0/0")},
		{"wildcard action", "IAM001", replaceInResource(service, "PaymentApiTaskRole", "- xray:PutTraceSegments", "- xray:*")},
		{"missing key", "LOG001", replaceInResource(service, "PaymentApiLogGroup", "      KmsKeyId: !Ref LogsKey\n", "")},
		{"Retain", "LIF001", replaceInResource(data, "Cluster", "    DeletionPolicy: Delete\n", "    DeletionPolicy: Retain\n")},
		{"log group that AWS would make, without key and for ever", "LOG003", dropResource(data, "PostgresqlLogGroup")},
		{"public subnet for tasks", "NET011", replaceInResource("egress.yaml", "PrivateDefaultRouteA", "NatGatewayId: !Ref NATGatewayA", "GatewayId: igw-0123456789abcdef0")},
		{"database reachable from the wrong service", "NET007", addResource(network, `
  DatabaseFromNotificationServiceIngress:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      FromPort: 5432
      GroupId: !GetAtt DatabaseSecurityGroup.GroupId
      IpProtocol: tcp
      SourceSecurityGroupId: !GetAtt NotificationServiceSecurityGroup.GroupId
      ToPort: 5432
  NotificationServiceToDatabaseEgress:
    Type: AWS::EC2::SecurityGroupEgress
    Properties:
      DestinationSecurityGroupId: !GetAtt DatabaseSecurityGroup.GroupId
      FromPort: 5432
      GroupId: !GetAtt NotificationServiceSecurityGroup.GroupId
      IpProtocol: tcp
      ToPort: 5432
`)},
		{"missing egress for a declared call", "NET012", dropResource(network, "PaymentApiToTransactionProcessorEgress")},
		{"execution role without kms:Decrypt", "ENO003", replaceInResource(service, "PaymentApiExecutionRole", "- kms:Decrypt", "- kms:DescribeKey")},
		{"key policy without the log service", "ENO016", replaceAfter(security, "LogsKey", "- Sid: CloudWatchLogs", "logs.${AWS::Region}", "sns.${AWS::Region}")},
		{"key policy without the trail service", "ENO012", replaceAfter(security, "LogsKey", "- Sid: CloudTrailEncrypt", "- cloudtrail.amazonaws.com", "- sns.amazonaws.com")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var blocked *GateError
			if err := gated(t, ownArchive(t), nil, tc.plant); !errors.As(err, &blocked) {
				t.Fatalf("the gate lets it pass: %v", err)
			}
			var rules []string
			for _, f := range append(blocked.Failed, blocked.Unknown...) {
				rules = append(rules, f.Rule)
			}
			if !slices.Contains(rules, tc.rule) {
				t.Errorf("stopped by %v, not by %s", slices.Compact(rules), tc.rule)
			}
		})
	}
}
