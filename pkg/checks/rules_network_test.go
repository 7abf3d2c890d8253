package checks

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNetworkRulesPassOnGolden(t *testing.T) {
	for _, environment := range []string{"prod", "dev"} {
		for _, r := range Verify(goldenWorldOf(t, goldenParameters(t, environment)), networkRules()) {
			if r.Outcome != Pass || r.Subjects == 0 {
				t.Errorf("%s: %s %s, %d subjects: %+v", environment, r.Rule.ID, r.Outcome, r.Subjects, r.Findings)
			}
		}
	}
}

func TestNetworkRulesAreSortedAndComplete(t *testing.T) {
	ids := mapped(networkRules(), func(r Rule) string { return r.ID })
	if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Errorf("IDs are not sorted and unique: %v", ids)
	}
	for _, r := range networkRules() {
		if r.Title == "" || strings.HasSuffix(r.Title, ".") || len(r.Requirements) == 0 || r.Severity == "" {
			t.Errorf("%s is not complete", r.ID)
		}
	}
}

// networkFault is golden with one fault, and where a rule must find it.
type networkFault struct {
	name, rule string
	edit       edit
	id, path   string
	line       string // what stands on the line
	outcome    Outcome
}

const sentinel = `      SecurityGroupEgress:
        - CidrIp: 255.255.255.255/32
          Description: 'Nothing: keeps AWS from allowing all'
          FromPort: 252
          IpProtocol: icmp
          ToPort: 86
`

// groupRuleText is a rule of its own between two groups of network.yaml.
func groupRuleText(id, kind, owner, property, peer, port string) string {
	return "  " + id + ":\n    Type: AWS::EC2::SecurityGroup" + kind + "\n    Properties:\n      Description: A rule\n      " + property + ": " + peer +
		"\n      FromPort: " + port + "\n      GroupId: !GetAtt " + owner + ".GroupId\n      IpProtocol: tcp\n      ToPort: " + port + "\n"
}

// bothWays adds what lets one group of network.yaml reach another on a port.
func bothWays(from, to, port string) edit {
	return addResource("network.yaml", groupRuleText("NewEgress", "Egress", from, "DestinationSecurityGroupId", "!GetAtt "+to+".GroupId", port)+
		"\n"+groupRuleText("NewIngress", "Ingress", to, "SourceSecurityGroupId", "!GetAtt "+from+".GroupId", port))
}

// all makes one edit of several.
func allEdits(edits ...edit) edit {
	return func(t testing.TB, files map[string]string) {
		t.Helper()
		for _, e := range edits {
			e(t, files)
		}
	}
}

func runNetworkFaults(t *testing.T, faults []networkFault) {
	t.Helper()
	for _, fault := range faults {
		t.Run(fault.rule+" "+fault.name, func(t *testing.T) {
			text, err := goldenText()
			if err != nil {
				t.Fatal(err)
			}
			files := maps.Clone(text)
			fault.edit(t, files)
			result := resultOf(t, goldenWorld(t, fault.edit), networkRules(), fault.rule)
			want := fault.outcome
			if want == "" {
				want = Fail
			}
			if result.Outcome != want {
				t.Fatalf("outcome is %s, want %s: %+v", result.Outcome, want, result.Findings)
			}
			var places []string
			for _, f := range result.Findings {
				line := strings.Split(files[f.Template], "\n")[f.Line-1]
				if f.LogicalID == fault.id && f.Path == fault.path && f.Outcome == want && strings.Contains(line, fault.line) {
					return
				}
				places = append(places, f.LogicalID+" "+f.Path+" "+string(f.Outcome)+" on "+line)
			}
			t.Errorf("want %s %s on %q, found:\n%s", fault.id, fault.path, fault.line, strings.Join(places, "\n"))
		})
	}
}

func TestNetworkRulesFindFaultsOfReach(t *testing.T) {
	fromPayment := "SourceSecurityGroupId: !GetAtt PaymentApiSecurityGroup.GroupId"
	runNetworkFaults(t, []networkFault{
		{name: "more ports of the load balancer", rule: "NET001", edit: replaceInResource("network.yaml", "LoadBalancerFromHTTPSIngress", "FromPort: 443", "FromPort: 22"),
			id: "LoadBalancerFromHTTPSIngress", line: "CidrIp"},
		{name: "part of the internet on another port", rule: "NET001", edit: addResource("network.yaml", groupRuleText("Open", "Ingress", "LoadBalancerSecurityGroup", "CidrIp", "198.51.100.0/24", "8443")),
			id: "Open", line: "Description"},
		{name: "tasks with public addresses in a public subnet", rule: "NET001", id: "PaymentApiFromLoadBalancerIngress", line: "Description", edit: allEdits(
			replaceInResource("service-payment-api.yaml", "PaymentApiService", "AssignPublicIp: DISABLED", "AssignPublicIp: ENABLED"),
			replaceInResource("egress.yaml", "PrivateDefaultRouteA", "NatGatewayId: !Ref NATGatewayA", "GatewayId: igw-0abc"),
			replaceInResource("network.yaml", "PaymentApiFromLoadBalancerIngress", "SourceSecurityGroupId: !GetAtt LoadBalancerSecurityGroup.GroupId", "CidrIp: 0.0.0.0/0"))},
		{name: "anybody to the database", rule: "NET002", edit: replaceInResource("network.yaml", "DatabaseFromPaymentApiIngress", fromPayment, "CidrIp: 0.0.0.0/0"),
			id: "DatabaseFromPaymentApiIngress", path: "CidrIp", line: "CidrIp: 0.0.0.0/0"},
		{name: "anybody over IPv6", rule: "NET002", edit: replaceInResource("network.yaml", "DatabaseFromPaymentApiIngress", fromPayment, "CidrIpv6: ::/0"),
			id: "DatabaseFromPaymentApiIngress", path: "CidrIpv6", line: "CidrIpv6: ::/0"},
		{name: "another port", rule: "NET002", edit: replaceInResource("network.yaml", "LoadBalancerFromHTTPIngress", "FromPort: 80", "FromPort: 22"),
			id: "LoadBalancerFromHTTPIngress", path: "ToPort", line: "ToPort: 80"},
		{name: "every port", rule: "NET002", edit: replaceInResource("network.yaml", "LoadBalancerFromHTTPIngress", "IpProtocol: tcp", "IpProtocol: -1"),
			id: "LoadBalancerFromHTTPIngress", path: "IpProtocol", line: "IpProtocol: -1"},
		{name: "a group that nothing uses", rule: "NET002", edit: addResource("network.yaml", "  Lone:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupIngress:\n        - CidrIp: 0.0.0.0/0\n          IpProtocol: tcp\n          FromPort: 443\n          ToPort: 443\n"),
			id: "Lone", path: "SecurityGroupIngress[0].CidrIp", line: "CidrIp: 0.0.0.0/0"},
		{name: "an unknown range", rule: "NET002", edit: replaceInResource("network.yaml", "DatabaseFromPaymentApiIngress", fromPayment, "CidrIp: !GetAtt Nothing.Here"),
			id: "DatabaseFromPaymentApiIngress", outcome: Unsure, line: "Description"},
		{name: "a range instead of a group", rule: "NET003", edit: replaceInResource("network.yaml", "DatabaseFromPaymentApiIngress", fromPayment, "CidrIp: 10.0.0.0/8"),
			id: "DatabaseFromPaymentApiIngress", path: "CidrIp", line: "CidrIp: 10.0.0.0/8"},
		{name: "a range of ports", rule: "NET003", edit: replaceInResource("network.yaml", "PaymentApiToDatabaseEgress", "ToPort: 5432", "ToPort: 5433"),
			id: "PaymentApiToDatabaseEgress", path: "ToPort", line: "ToPort: 5433"},
		{name: "an unknown protocol", rule: "NET003", edit: replaceInResource("network.yaml", "PaymentApiToDatabaseEgress", "IpProtocol: tcp", "IpProtocol: !Ref Nothing"),
			id: "PaymentApiToDatabaseEgress", outcome: Unsure, line: "Description"},
		{name: "no inline egress", rule: "NET004", edit: replaceInResource("network.yaml", "DatabaseSecurityGroup", sentinel, ""),
			id: "DatabaseSecurityGroup", path: "SecurityGroupEgress", line: "GroupDescription"},
		{name: "a way to any address beside endpoints", rule: "NET005", edit: replaceInResource("network.yaml", "PaymentApiToS3Egress", "DestinationPrefixListId: pl-63a5400a", "CidrIp: 0.0.0.0/0"),
			id: "PaymentApiToS3Egress", path: "CidrIp", line: "CidrIp: 0.0.0.0/0"},
		{name: "half of all addresses", rule: "NET005", edit: replaceInResource("network.yaml", "PaymentApiToS3Egress", "DestinationPrefixListId: pl-63a5400a", "CidrIp: 0.0.0.0/1"),
			id: "PaymentApiToS3Egress", path: "CidrIp", line: "CidrIp: 0.0.0.0/1"},
		{name: "another port of S3", rule: "NET005", edit: replaceInResource("network.yaml", "PaymentApiToS3Egress", "FromPort: 443", "FromPort: 80"),
			id: "PaymentApiToS3Egress", path: "ToPort", line: "ToPort: 443"},
		{name: "an unknown list", rule: "NET005", edit: replaceInResource("network.yaml", "PaymentApiToS3Egress", "pl-63a5400a", "!Ref Nothing"),
			id: "PaymentApiToS3Egress", outcome: Unsure, line: "Description"},
		{name: "a rule without reason", rule: "NET006", edit: replaceInResource("network.yaml", "PaymentApiToDatabaseEgress", "Properties:\n      Description: 'payment-api to database: queries'\n", "Properties:\n"),
			id: "PaymentApiToDatabaseEgress", path: "Description", line: "DestinationSecurityGroupId"},
		{name: "no ingress for a user of the database", rule: "NET007", edit: dropResource("network.yaml", "DatabaseFromPaymentApiIngress"),
			id: "DatabaseSecurityGroup", path: "SecurityGroupIngress", line: "GroupDescription"},
		{name: "no egress for a user of the database", rule: "NET007", edit: dropResource("network.yaml", "AdministrationToDatabaseEgress"),
			id: "AdministrationSecurityGroup", path: "SecurityGroupEgress", line: "255.255.255.255/32"},
		{name: "the wrong service", rule: "NET007", edit: bothWays("NotificationServiceSecurityGroup", "DatabaseSecurityGroup", "5432"), id: "NewIngress", line: "Description"},
		{name: "another port of the database", rule: "NET007", edit: bothWays("PaymentApiSecurityGroup", "DatabaseSecurityGroup", "22"), id: "NewIngress", line: "Description"},
		{name: "permitted without declared use", rule: "NET007", edit: replaceInResource("service-payment-api.yaml", "PaymentApiTaskDefinition", "Value: !Ref DatabaseEndpoint", "Value: localhost"),
			id: "DatabaseFromPaymentApiIngress", line: "Description"},
		{name: "use that is not known", rule: "NET007", edit: replaceInResource("service-payment-api.yaml", "PaymentApiTaskDefinition", "Value: !Ref DatabaseEndpoint", "Value: !Ref Nothing"),
			id: "PaymentApiService", outcome: Unsure, line: "CapacityProviderStrategy"},
		{name: "a port left to the engine", rule: "NET007", edit: replaceInResource("data.yaml", "Cluster", "      Port: 5432\n", ""),
			id: "Cluster", path: "Port", outcome: Unsure, line: "AutoMinorVersionUpgrade"},
		{name: "a database that calls", rule: "NET008", edit: addResource("network.yaml", groupRuleText("Out", "Egress", "DatabaseSecurityGroup", "CidrIp", "0.0.0.0/0", "443")), id: "Out", line: "Description"},
		{name: "endpoints that call", rule: "NET008", edit: replaceInResource("network.yaml", "EndpointSecurityGroup", sentinel, ""), id: "EndpointSecurityGroup", line: "GroupDescription"},
		{name: "an unknown rule of the database", rule: "NET008", edit: replaceInResource("network.yaml", "DatabaseSecurityGroup", "CidrIp: 255.255.255.255/32", "CidrIp: !Ref Nothing"),
			id: "DatabaseSecurityGroup", path: "SecurityGroupEgress[0]", outcome: Unsure, line: "- CidrIp"},
		{name: "missing egress for a declared call", rule: "NET012", edit: dropResource("network.yaml", "PaymentApiToTransactionProcessorEgress"),
			id: "PaymentApiSecurityGroup", path: "SecurityGroupEgress", line: "255.255.255.255/32"},
		{name: "missing ingress for a declared call", rule: "NET012", edit: dropResource("network.yaml", "NotificationServiceFromTransactionProcessorIngress"),
			id: "NotificationServiceSecurityGroup", path: "SecurityGroupIngress", line: "GroupDescription"},
		{name: "a call that is not declared", rule: "NET012", edit: bothWays("NotificationServiceSecurityGroup", "PaymentApiSecurityGroup", "8080"), id: "NewEgress", line: "Description"},
		{name: "another port of an upstream", rule: "NET012", edit: bothWays("PaymentApiSecurityGroup", "TransactionProcessorSecurityGroup", "9090"), id: "NewEgress", line: "Description"},
		{name: "tasks among themselves", rule: "NET012", edit: bothWays("PaymentApiSecurityGroup", "PaymentApiSecurityGroup", "8080"), id: "NewEgress", line: "Description"},
		{name: "an upstream that no service is", rule: "NET012", edit: replaceIn("service-payment-api.yaml", "transaction-processor.payments-${EnvironmentSuffix}.internal", "nobody.payments-${EnvironmentSuffix}.internal"),
			id: "PaymentApiTaskDefinition", path: "ContainerDefinitions[1].Command[1]", line: "!Sub |-"},
		{name: "a port that no container has", rule: "NET012", edit: replaceIn("service-payment-api.yaml", `"port_value": 8080`, `"port_value": 8081`),
			id: "PaymentApiTaskDefinition", path: "ContainerDefinitions[1].Command[1]", line: "!Sub |-"},
		{name: "a proxy that is not known", rule: "NET012", edit: replaceIn("service-payment-api.yaml", `"address": "transaction-processor.payments-${EnvironmentSuffix}.internal"`, `"address": "${Nothing}"`),
			id: "PaymentApiService", outcome: Unsure, line: "CapacityProviderStrategy"},
		{name: "the load balancer does not reach a service", rule: "NET013", edit: dropResource("network.yaml", "LoadBalancerToPaymentApiEgress"),
			id: "LoadBalancerSecurityGroup", path: "SecurityGroupEgress", line: "255.255.255.255/32"},
		{name: "the load balancer reaches the database", rule: "NET013", edit: bothWays("LoadBalancerSecurityGroup", "DatabaseSecurityGroup", "5432"), id: "NewEgress", line: "Description"},
		{name: "health checks on another port", rule: "NET013", edit: replaceInResource("service-payment-api.yaml", "PaymentApiBlueTargetGroup", "HealthCheckPort: traffic-port", "HealthCheckPort: 9000"),
			id: "LoadBalancerSecurityGroup", path: "SecurityGroupEgress", line: "255.255.255.255/32"},
		{name: "a listener of an unknown load balancer", rule: "NET013", id: "LoadBalancer", outcome: Unsure, line: "IpAddressType",
			edit: replaceInResource("ingress.yaml", "HttpsListener", "LoadBalancerArn: !Ref LoadBalancer", "LoadBalancerArn: !Ref Nothing")},
		{name: "no rule to S3", rule: "NET014", edit: dropResource("network.yaml", "PaymentApiToS3Egress"), id: "PaymentApiSecurityGroup", path: "SecurityGroupEgress", line: "255.255.255.255/32"},
		{name: "no ingress of endpoints", rule: "NET014", edit: dropResource("network.yaml", "EndpointFromPaymentApiIngress"), id: "EndpointSecurityGroup", path: "SecurityGroupIngress", line: "GroupDescription"},
		{name: "an endpoint less", rule: "NET014", edit: dropResource("egress.yaml", "XRayEndpoint"), id: "PaymentApiService", path: "NetworkConfiguration.AwsvpcConfiguration", line: "AssignPublicIp"},
		{name: "a permission of an action without endpoint", rule: "NET014", edit: replaceInResource("service-payment-api.yaml", "PaymentApiTaskRole", "xray:PutTelemetryRecords", "sqs:SendMessage"),
			id: "PaymentApiService", path: "NetworkConfiguration.AwsvpcConfiguration", line: "AssignPublicIp"},
		{name: "another port of endpoints", rule: "NET014", edit: bothWays("PaymentApiSecurityGroup", "EndpointSecurityGroup", "80"), id: "NewEgress", line: "Description"},
		{name: "no way to the endpoint of S3", rule: "NET014", edit: replaceInResource("egress.yaml", "S3Endpoint", "        - !Ref PrivateRouteTablesA\n        - !Ref PrivateRouteTablesB\n        - !Ref PrivateRouteTablesC\n", "        - rtb-0abc\n"),
			id: "PaymentApiService", path: "NetworkConfiguration.AwsvpcConfiguration", line: "AssignPublicIp"},
		{name: "a rule without counterpart", rule: "NET030", edit: dropResource("network.yaml", "EndpointFromPaymentApiIngress"), id: "PaymentApiToEndpointEgress", line: "Description"},
		{name: "ingress without counterpart", rule: "NET030", edit: dropResource("network.yaml", "PaymentApiToEndpointEgress"), id: "EndpointFromPaymentApiIngress", line: "Description"},
	})
}

func TestNetworkFindingIsComplete(t *testing.T) {
	w := goldenWorld(t, dropResource("network.yaml", "DatabaseFromPaymentApiIngress"))
	got := resultOf(t, w, networkRules(), "NET007").Findings
	want := []Finding{{Rule: "NET007", Outcome: Fail, Template: "network.yaml", LogicalID: "DatabaseSecurityGroup", Path: "SecurityGroupIngress", Line: got[0].Line,
		Found: "no ingress rule from payment-api on tcp 5432", Needed: "payment-api uses db-payments-prod and reaches it on tcp 5432",
		Mend: "Add an ingress rule for tcp 5432 from the security group of payment-api"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
