package checks

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNetworkOfGolden(t *testing.T) {
	n := goldenWorld(t).Network()
	var got []string
	for _, node := range n.Nodes() {
		got = append(got, string(node.Kind)+" "+node.Name)
	}
	slices.Sort(got)
	endpoint := "endpoint com.amazonaws.us-east-1."
	want := []string{"database db-payments-prod", endpoint + "ecr.api", endpoint + "ecr.dkr", endpoint + "logs", endpoint + "s3", endpoint + "secretsmanager", endpoint + "xray",
		"internet internet", "load balancer alb-payments-prod", "prefix list pl-0123456789abcdef0",
		"tasks notification-service", "tasks payment-api", "tasks schedule-administration-prod", "tasks transaction-processor"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, p := range n.Paths() {
		if p.Unknown != "" && !strings.Contains(p.Unknown, "pl-0123456789abcdef0") {
			t.Errorf("nothing else is unknown in golden: %s", p)
		}
	}
	for _, name := range []string{"db-payments-prod", "data.yaml Cluster", "<platform/DataStack/Cluster>"} {
		if node := n.Node(name); node == nil || node.Kind != Database || len(node.Members) != 2 {
			t.Errorf("Node(%q) = %+v", name, node)
		}
	}
	if n.Node("Cluster") == nil || n.Node("nobody") != nil {
		t.Error("logical IDs of one resource are names, others are not")
	}
	database := n.Node("db-payments-prod")
	if got := n.NodesOf(database.Members[0]); len(got) != 1 || got[0] != database {
		t.Errorf("an instance belongs to %v", got)
	}
}

func TestNetworkTable(t *testing.T) {
	n := networkOf(t, twoGroups+outOfA+intoB+`
  In2: {Condition: Perhaps, Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !Ref B, SourceSecurityGroupId: !Ref A, IpProtocol: tcp, FromPort: 6500, ToPort: 6500}}`)
	want := `FROM      TO     PORT      BECAUSE OF
Function  Cache  tcp 6379  egress rule net.yaml Out, ingress rule net.yaml In
Function  Cache  tcp 6500  unknown: parameter Given has no value
`
	if diff := cmp.Diff(want, n.Table()); diff != "" {
		t.Error(diff)
	}
	if again := n.Reach(n.Node("Function"), n.Node("Cache")); len(again) != 2 || again[0].Unknown != "" {
		t.Errorf("asked again it answers %v", again)
	}
	if got := n.Paths()[0].step("route"); got != (Step{}) {
		t.Errorf("no route is needed, found %v", got)
	}
}

func TestNetworkCallsOfGolden(t *testing.T) {
	n := goldenWorld(t).Network()
	got := map[string][]string{}
	for _, node := range n.OfKind(Tasks) {
		calls, maybe := n.Calls(node)
		if maybe != "" {
			t.Errorf("%s: %s", node.Name, maybe)
		}
		for _, call := range calls {
			got[node.Name] = append(got[node.Name], call.To.Name+" "+tcp(call.Port).String())
		}
		if uses, _ := n.Uses(node, n.OfKind(Database)[0]); uses {
			got[node.Name] = append(got[node.Name], "database")
		}
	}
	want := map[string][]string{"payment-api": {"transaction-processor tcp 8080", "database"}, "transaction-processor": {"notification-service tcp 8080", "database"},
		"schedule-administration-prod": {"database"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if calls, maybe := n.Calls(n.Node("internet")); calls != nil || maybe != "" {
		t.Error("the internet declares no calls")
	}
	if uses, maybe := n.Uses(n.Node("internet"), n.OfKind(Database)[0]); uses || maybe != "" {
		t.Error("the internet declares no use")
	}
}

func TestNodesWithEqualNames(t *testing.T) {
	w := worldOf(t, nil, map[string]string{
		"one.yaml": networkBase + twoGroups,
		"two.yaml": networkBase + twoGroups + "\n  Named: {Type: AWS::Lambda::Function, Properties: {FunctionName: Cache, VpcConfig: {SecurityGroupIds: [!Ref A], SubnetIds: [!Ref Private]}}}\n",
	})
	names := mapped(w.Network().OfKind(Interface), func(n *Node) string { return n.Name })
	want := []string{"Cache", "Cache of two", "Cache of two (4)", "Function", "Function of two"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	if w.Network().Node("Cache") == nil || w.Network().Node("Function of two") == nil {
		t.Error("each has a name of its own")
	}
	if got := w.Network().Node("A"); got != nil {
		t.Errorf("A is a group, not a node: %v", got)
	}
}

func TestFlow(t *testing.T) {
	if got := tcp(80).String() + ", " + everything().String() + ", " + (Flow{"udp", 1, 2}).String(); got != "tcp 80, all, udp 1-2" {
		t.Error(got)
	}
	whole := Flow{"tcp", 0, lastPort}
	for _, test := range []struct {
		from, what Flow
		left       []Flow
	}{
		{whole, tcp(80), []Flow{{"tcp", 0, 79}, {"tcp", 81, lastPort}}},
		{whole, everything(), nil},
		{whole, Flow{"udp", 0, lastPort}, []Flow{whole}},
		{everything(), tcp(80), []Flow{everything()}},
		{tcp(80), tcp(81), []Flow{tcp(80)}},
	} {
		if diff := cmp.Diff(test.left, test.from.minus(test.what)); diff != "" {
			t.Errorf("%s without %s: %s", test.from, test.what, diff)
		}
	}
	if everything().covers(tcp(80)) != true || tcp(80).covers(everything()) {
		t.Error("all covers a port and not the other way round")
	}
	for cidr, public := range map[string]bool{"0.0.0.0/0": true, "10.1.0.0/16": false, "10.0.0.0/7": true, "::/0": true, "fd00::/8": false, "203.0.113.0/24": true} {
		if b, why := readBlock(Text(cidr)); why != "" || b.isPublic() != public {
			t.Errorf("%s: public %t, %s", cidr, b.isPublic(), why)
		}
	}
}

func TestPeerString(t *testing.T) {
	b, _ := readBlock(Text("10.0.0.0/8"))
	got := mapped([]peer{{group: "g"}, {list: "pl-1"}, {block: b}, {anybody: true}}, peer.String)
	if diff := cmp.Diff([]string{"g", "pl-1", "10.0.0.0/8", "anybody"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestDatabasePort(t *testing.T) {
	for properties, want := range map[string]string{
		"{Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-postgresql, Port: 5433}}":              "5433",
		"{Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-postgresql}}":                          "",
		"{Type: AWS::RDS::DBInstance, Properties: {Engine: mysql, VPCSecurityGroups: [!Ref Closed]}}":   "3306",
		"{Type: AWS::DocDB::DBCluster, Properties: {DBSubnetGroupName: elsewhere}}":                     "27017",
		"{Type: AWS::Neptune::DBCluster, Properties: {DBSubnetGroupName: !Ref Given}}":                  "8182",
		"{Type: AWS::RDS::DBInstance, Properties: {Engine: oracle-ee, PubliclyAccessible: !Ref Given}}": "",
	} {
		nodes := networkOf(t, "\n  Data: "+properties).OfKind(Database)
		if len(nodes) != 1 || nodes[0].Port().String() != want || nodes[0].netMaybe == "" {
			t.Errorf("%s: %+v", properties, nodes)
		}
	}
}

func TestUsesBySecret(t *testing.T) {
	n := networkOf(t, `
  Data: {Type: AWS::RDS::DBInstance, Properties: {Engine: postgres, VPCSecurityGroups: [!Ref Closed]}}
  Member: {Type: AWS::RDS::DBInstance, Properties: {DBClusterIdentifier: other}}
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: password}}
  Attached: {Type: AWS::SecretsManager::SecretTargetAttachment, Properties: {TargetId: !Ref Data, SecretId: !Ref Secret}}
  Elsewhere: {Type: AWS::SecretsManager::SecretTargetAttachment, Properties: {TargetId: other, SecretId: other}}
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {ContainerDefinitions: [{Image: a, Secrets: [{Name: P, ValueFrom: !Sub '${Secret}:password::'}]}]}}
  Service: {Type: AWS::ECS::Service, Properties: {TaskDefinition: !Ref Task, NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [!Ref Private], SecurityGroups: [!Ref Closed]}}}}
  Lost: {Type: AWS::ECS::Service, Properties: {TaskDefinition: other}}
  Function: {Type: AWS::Lambda::Function, Properties: {Environment: {Variables: {HOST: !Sub 'postgres://${Data.Endpoint.Address}/x'}}, VpcConfig: {SecurityGroupIds: [!Ref Closed], SubnetIds: [!Ref Private]}}}
  Stranger: {Type: AWS::Lambda::Function, Properties: {VpcConfig: {SecurityGroupIds: [!Ref Closed], SubnetIds: [!Ref Private]}}}`)
	for name, want := range map[string]string{"Service": "yes", "Function": "yes", "Stranger": "no", "Lost": "no, the task definition is not in the templates"} {
		uses, maybe := n.Uses(n.Node(name), n.Node("Data"))
		got := map[bool]string{true: "yes", false: "no"}[uses]
		if maybe != "" {
			got += ", " + maybe
		}
		if got != want {
			t.Errorf("%s uses the database: %s, want %s", name, got, want)
		}
	}
	if ports := n.Node("Lost").ContainerPorts(); ports != nil {
		t.Errorf("unknown tasks have ports %v", ports)
	}
}

func TestUsesAcrossNetworks(t *testing.T) {
	n := networkOf(t, otherVpc+`
  Data: {Type: AWS::RDS::DBInstance, Properties: {Engine: postgres, VPCSecurityGroups: [!Ref Closed]}}
  Whole: {Type: AWS::Lambda::Function, Properties: {Environment: {Variables: {HOST: !GetAtt Data.Endpoint.Address}}, VpcConfig: {SecurityGroupIds: [!Ref Open2], SubnetIds: [!Ref Far]}}}
  Stranger: {Type: AWS::Lambda::Function, Properties: {VpcConfig: {SecurityGroupIds: [!Ref Open2], SubnetIds: [!Ref Far]}}}`)
	for name, want := range map[string]bool{"Whole": true, "Stranger": false} {
		if uses, maybe := n.Uses(n.Node(name), n.Node("Data")); uses != want || maybe != "" {
			t.Errorf("%s uses the database: %t, %s", name, uses, maybe)
		}
	}
	findings := resultOf(t, n.world, networkRules(), "NET007").Findings
	if len(findings) != 1 || findings[0].LogicalID != "Open2" || findings[0].Path != "SecurityGroupEgress" {
		t.Errorf("a database of another network is out of reach: %+v", findings)
	}
}

func TestProxyInYAML(t *testing.T) {
	const task = `
  Space: {Type: AWS::ServiceDiscovery::PrivateDnsNamespace, Properties: {Name: shop.local}}
  Name: {Type: AWS::ServiceDiscovery::Service, Properties: {Name: web, DnsConfig: {NamespaceId: !Ref Space}}}
  Web: {Type: AWS::ECS::Service, Properties: {ServiceRegistries: [{RegistryArn: !GetAtt Name.Arn}]}}
  Caller: {Type: AWS::ECS::Service, Properties: {TaskDefinition: caller:3}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: caller
      ContainerDefinitions:
        - EntryPoint:
            - envoy
            - --config-yaml
            - |
              static_resources:
                clusters:
                  - name: web
                    load_assignment: {endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: HOST, port_value: 80}}}}]}]}
`
	for host, want := range map[string]string{"web.shop.local": "web", "api.example.com": "", "'{'": "", "{1: 2}": "no configuration"} {
		n := networkOf(t, strings.Replace(task, "HOST", host, 1))
		calls, maybe := n.Calls(n.Node("Caller"))
		got := ""
		if len(calls) == 1 && calls[0].Port == 80 && calls[0].Path == "ContainerDefinitions[0].EntryPoint[2]" {
			got = calls[0].To.Name
		}
		if maybe != "" {
			got = "no configuration"
		}
		if got != want {
			t.Errorf("%s is a call of %q (%s), want %q", host, got, maybe, want)
		}
	}
}
