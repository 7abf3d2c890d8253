package checks

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRequiredRules(t *testing.T) {
	const (
		network, ingress, egress, data, platform = "network.yaml", "ingress.yaml", "egress.yaml", "data.yaml", "platform.yaml"
		payment, archive, security               = "service-payment-api.yaml", "archive.yaml", "security.yaml"
	)
	testGoldenFaults(t, requiredRules(), []goldenFault{
		{rule: "REQ001", name: "no VPC", edits: []edit{replaceInResource(network, "PublicSubnetA", "      VpcId: !Ref VPC\n", "")},
			template: network, id: "PublicSubnetA", path: "VpcId", line: "Properties:", found: "nothing"},
		{rule: "REQ001", name: "none of several", edits: []edit{replaceInResource(network, "LoadBalancerFromHTTPIngress", "      CidrIp: 0.0.0.0/0\n", "")},
			template: network, id: "LoadBalancerFromHTTPIngress", path: "CidrIp", line: "Properties:"},
		{rule: "REQ001", name: "no address of a NAT gateway", edits: []edit{replaceInResource(egress, "NATGatewayA", "      AllocationId: !GetAtt NATAddressA.AllocationId\n", "")},
			template: egress, id: "NATGatewayA", path: "AllocationId", line: "Properties:"},
		{rule: "REQ001", name: "in an item", edits: []edit{replaceInResource(network, "DatabaseSecurityGroup", "          IpProtocol: icmp\n", "")},
			template: network, id: "DatabaseSecurityGroup", path: "SecurityGroupEgress[0].IpProtocol", line: "CidrIp"},
		{rule: "REQ001", name: "in an item of an item", edits: []edit{replaceIn(ingress, "              AggregateKeyType: IP\n", "")},
			template: ingress, id: "WebAcl", path: "Rules[0].Statement.RateBasedStatement.AggregateKeyType", line: "EvaluationWindowSec"},
		{rule: "REQ001", name: "with a launch type", edits: []edit{replaceInResource(payment, "PaymentApiTaskDefinition", "      NetworkMode: awsvpc\n", "")},
			template: payment, id: "PaymentApiTaskDefinition", path: "NetworkMode", line: "Properties:"},
		{rule: "REQ001", name: "no default value", edits: []edit{replaceInResource(payment, "PaymentApiBlueTargetGroup", "      Port: 8080\n", "")},
			template: payment, id: "PaymentApiBlueTargetGroup", path: "Port", line: "Properties:"},
		{rule: "REQ001", name: "whether it counts is not known", outcome: Unsure, edits: []edit{replaceInResource(payment, "PaymentApiBlueTargetGroup", "      Port: 8080\n", ""),
			replaceInResource(payment, "PaymentApiBlueTargetGroup", "TargetType: ip", "TargetType: !ImportValue kind")},
			template: payment, id: "PaymentApiBlueTargetGroup", path: "Port", line: "Properties:", found: "ImportValue"},
		{rule: "REQ002", name: "text", edits: []edit{replaceInResource(egress, "FlowLog", "ResourceType: VPC", "ResourceType: ''")},
			template: egress, id: "FlowLog", path: "ResourceType", line: "ResourceType: ''", found: "an empty text"},
		{rule: "REQ002", name: "list", edits: []edit{replaceInResource(data, "SubnetGroup", "SubnetIds:\n        - !Ref SubnetsA\n        - !Ref SubnetsB\n        - !Ref SubnetsC\n", "SubnetIds: []\n")},
			template: data, id: "SubnetGroup", path: "SubnetIds", line: "SubnetIds: []", found: "an empty list"},
		{rule: "REQ002", name: "map in an item", edits: []edit{replaceIn(ingress, "        - SingleHeader:\n            Name: cookie\n", "        - SingleHeader: {}\n")},
			template: ingress, id: "WebAclLogging", path: "RedactedFields[2].SingleHeader", line: "SingleHeader: {}", found: "an empty map"},
		{rule: "REQ002", name: "in a choice", edits: []edit{replaceInResource(ingress, "HttpsListener", "!If [IssuesCertificate, !Ref Certificate, !Ref CertificateArn]", "!If [IssuesCertificate, !Ref Certificate, '']")},
			template: ingress, id: "HttpsListener", path: "Certificates[0].CertificateArn", line: "CertificateArn", found: "an empty text"},
		{rule: "REQ003", name: "a resource that is gone", edits: []edit{dropResource(network, "InternetGateway")},
			template: network, id: "InternetGatewayAttachment", line: "!Ref InternetGateway", found: "InternetGateway in Parameters"},
		{rule: "REQ003", name: "an attribute", edits: []edit{dropResource(egress, "NATAddressA")}, template: egress, id: "NATGatewayA", line: "!GetAtt NATAddressA.AllocationId"},
		{rule: "REQ003", name: "in a text", edits: []edit{replaceIn(network, "!Sub vpc-${EnvironmentSuffix}", "!Sub vpc-${Suffix}")}, template: network, id: "VPC", line: "${Suffix}", found: "Suffix"},
		{rule: "REQ003", name: "an output's", edits: []edit{replaceIn(ingress, "Value: !Ref WafLogGroup", "Value: !Ref WafLogs")}, template: ingress, path: "Outputs.WafLogGroup", line: "!Ref WafLogs"},
		{rule: "REQ003", name: "a condition", edits: []edit{replaceInResource(ingress, "AliasRecord", "Condition: HasHostedZone", "Condition: HasZone")},
			template: ingress, id: "AliasRecord", path: "Condition", line: "Condition: HasZone", found: "HasZone in Conditions"},
		{rule: "REQ003", name: "a condition without name", edits: []edit{replaceInResource(ingress, "AliasRecord", "Condition: HasHostedZone", "Condition: ''")},
			template: ingress, id: "AliasRecord", path: "Condition", line: "Condition: ''"},
		{rule: "REQ003", name: "a condition of a choice", edits: []edit{replaceInResource(ingress, "HttpsListener", "!If [IssuesCertificate", "!If [Issues")}, template: ingress, id: "HttpsListener", line: "!If [Issues"},
		{rule: "REQ003", name: "a condition of a condition", edits: []edit{replaceIn(ingress, "HasHostedZone: !Not [!Equals [!Ref HostedZoneId, '']]", "HasHostedZone: !Condition Nothing")},
			template: ingress, path: "Conditions.HasHostedZone", line: "Nothing"},
		{rule: "REQ003", name: "an order", edits: []edit{replaceInResource(data, "Cluster", "      - PostgresqlLogGroup\n", "      - Other\n")}, template: data, id: "Cluster", path: "DependsOn", line: "- Other", found: "Other in Resources"},
		{rule: "REQ003", name: "a mapping", edits: []edit{replaceInResource("reader.yaml", "Reader", "AutoMinorVersionUpgrade: true", "AutoMinorVersionUpgrade: !FindInMap [Sizes, a, b]")},
			template: "reader.yaml", id: "Reader", line: "FindInMap", found: "Sizes in Mappings"},
		{rule: "REQ004", name: "a parameter", edits: []edit{replaceIn(data, "BackupRetentionPeriod: !Ref BackupDays", "BackupRetentionPeriod: 1")},
			template: data, path: "Parameters.BackupDays", line: "BackupDays:", found: "BackupDays is not used"},
		{rule: "REQ004", name: "a condition", edits: []edit{replaceInResource(ingress, "AliasRecord", "    Condition: HasHostedZone\n", "")}, template: ingress, path: "Conditions.HasHostedZone", line: "HasHostedZone"},
		{rule: "REQ005", name: "nothing given", edits: []edit{replaceIn(platform, "        CidrBlock: !Ref VpcCidr\n", "")},
			template: platform, id: "NetworkStack", path: "Parameters.CidrBlock", line: "EnvironmentSuffix", found: "nothing"},
		{rule: "REQ005", name: "too much given", edits: []edit{replaceIn(platform, "        CidrBlock: !Ref VpcCidr\n", "        CidrBlock: !Ref VpcCidr\n        Size: 9\n")},
			template: platform, id: "NetworkStack", path: "Parameters.Size", line: "Size: 9", found: "9"},
		{rule: "REQ005", name: "not known", outcome: Unsure, edits: []edit{replaceIn(platform, "      Parameters:\n        EnvironmentSuffix: !Ref EnvironmentSuffix\n        CidrBlock: !Ref VpcCidr\n        Endpoints: !Ref InterfaceEndpoints\n        EgressPrefixList: !Ref EgressPrefixListId\n", "      Parameters: !ImportValue all\n")},
			template: platform, id: "NetworkStack", path: "Parameters", line: "ImportValue", found: "ImportValue"},
		{rule: "REQ006", name: "an e-mail address", edits: []edit{replaceInResource(security, "AlarmSubscription", "    Condition: AlarmEmailGiven\n", "")},
			template: security, id: "AlarmSubscription", path: "Endpoint", line: "Endpoint: !Ref AlarmEmail", found: "AlarmEmail"},
		{rule: "REQ006", name: "a prefix list", edits: []edit{replaceInResource(network, "TransactionProcessorToProvidersEgress", "    Condition: ProvidersGiven\n", "")},
			template: network, id: "TransactionProcessorToProvidersEgress", path: "DestinationPrefixListId", line: "!Ref EgressPrefixList", found: "EgressPrefixListId"},
	})
}

// worldOfText deploys templates given as text.
func worldOfText(t *testing.T, files map[string]string) *World {
	t.Helper()
	set, err := loadText(files)
	if err != nil {
		t.Fatal(err)
	}
	return Deploy(set, Environment{})
}

// What a macro makes, and what a computed name leads to, is unknown and not passed.
func TestRequiredRulesOnForeignTemplates(t *testing.T) {
	const macro = "Transform: AWS::Serverless-2016-10-31\nParameters:\n  Unused:\n    Type: String\n    Default: a\n"
	const computed = "Mappings:\n  Sizes:\n    a:\n      b: 1\nParameters:\n  Which:\n    Type: String\n    Default: Sizes\n"
	tests := []struct {
		name, rule, text string
		want             []string
	}{
		{"a macro's names", "REQ003", macro + "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: !Ref Made\n", []string{"unknown  "}},
		{"a macro's uses", "REQ004", macro + "Resources:\n  A:\n    Type: AWS::SNS::Topic\n", []string{"unknown Parameters.Unused "}},
		{"a computed mapping", "REQ004", computed + "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: !FindInMap [!Ref Which, a, b]\n", []string{"unknown Mappings.Sizes "}},
		{"a computed mapping is declared", "REQ003", computed + "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: !FindInMap [!Ref Which, a, b]\n", nil},
		{"an unused mapping", "REQ004", "Mappings:\n  Sizes:\n    a:\n      b: 1\nResources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: !FindInMap\n", []string{"fail Mappings.Sizes "}},
		{"an order of one", "REQ003", "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    DependsOn: B\n", []string{"fail DependsOn A"}},
		{"an output's condition", "REQ003", "Resources:\n  A:\n    Type: AWS::SNS::Topic\nOutputs:\n  O:\n    Condition: C\n    Value: 1\n", []string{"fail Outputs.O.Condition "}},
		{"a wish for something else", "REQ003", "Description: !Ref Nothing\nMetadata:\n  A: !Ref Nothing\nResources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: !GetAtt [A, B]\n", nil},
		{"empty parameters of a root", "REQ006", "Parameters:\n  Mail:\n    Type: String\n    Default: ''\nResources:\n  A:\n    Type: AWS::SNS::Subscription\n    Properties:\n      Endpoint: !Ref Mail\n      Protocol: email\n      TopicArn: !Ref AWS::Region\n", []string{"fail Endpoint A"}},
		{"a parameter that is chosen", "REQ006", "Parameters:\n  Mail:\n    Type: String\n    Default: ''\nConditions:\n  Given: !Equals [!Ref Mail, '']\n  Never: !Not [!Equals [a, a]]\nResources:\n  A:\n    Type: AWS::SNS::Subscription\n    Properties:\n      Endpoint: !If [Given, !Ref Mail, b]\n      Protocol: !Sub '${Mail}'\n      TopicArn: !If [Never, b, !Ref Mail]\n", []string{"fail TopicArn A"}},
		{"an unknown container", "REQ001", "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      LifecycleConfiguration: !ImportValue rules\n", nil},
		{"a text in place of a map", "REQ001", "Resources:\n  A:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument: '{}'\n", nil},
		{"what may be empty", "REQ002", "Resources:\n  A:\n    Type: Custom::Anything\n    Properties:\n      ServiceToken: ''\n  B:\n    Type: AWS::SNS::Topic\n    Properties: {}\n  C:\n    Type: AWS::SNS::Topic\n    Properties:\n      Tags: []\n      '': ''\n      TopicName: !Join ['', []]\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, f := range resultOf(t, worldOfText(t, map[string]string{"a.yaml": tt.text}), requiredRules(), tt.rule).Findings {
				got = append(got, fmt.Sprintf("%s %s %s", f.Outcome, f.Path, f.LogicalID))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
