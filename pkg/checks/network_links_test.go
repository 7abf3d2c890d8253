package checks

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lambda is a function of a group and a subnet.
func lambda(id, group, subnet string) string {
	return "\n  " + id + ": {Type: AWS::Lambda::Function, Properties: {VpcConfig: {SecurityGroupIds: [" + group + "], SubnetIds: [" + subnet + "]}}}\n"
}

const openGroup = `
  Open: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, SecurityGroupIngress: [{CidrIp: 0.0.0.0/0, IpProtocol: -1}]}}
`

const otherVpc = `
  Vpc2: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.9.0.0/16}}
  Open2: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc2, SecurityGroupEgress: [{CidrIp: 127.0.0.1/32, IpProtocol: -1}], SecurityGroupIngress: [{CidrIp: 0.0.0.0/0, IpProtocol: -1}]}}
  Far: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc2, CidrBlock: 10.9.0.0/24}}
`

// rangeGroup lets a range of addresses in and out on port 22.
func rangeGroup(cidr string) string {
	rule := "{CidrIp: " + cidr + ", IpProtocol: tcp, FromPort: 22, ToPort: 22}"
	return "\n  Ranged: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, SecurityGroupEgress: [" + rule + "], SecurityGroupIngress: [" + rule + "]}}\n" +
		lambda("F", "!Ref Ranged", "!Ref Private")
}

// aclText is a network ACL of a subnet, with entries: number, egress, protocol, block, action, ports.
func aclText(subnet string, entries ...[6]string) string {
	text := "\n  Acl: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: !Ref Vpc}}\n  AclOf: {Type: AWS::EC2::SubnetNetworkAclAssociation, Properties: {SubnetId: !Ref " + subnet + ", NetworkAclId: !Ref Acl}}\n"
	for i, e := range entries {
		text += "  Entry" + string(rune('A'+i)) + ": {Type: AWS::EC2::NetworkAclEntry, Properties: {NetworkAclId: !Ref Acl, RuleNumber: " + e[0] + ", Egress: " + e[1] +
			", Protocol: " + e[2] + ", " + e[3] + ", RuleAction: " + e[4] + e[5] + "}}\n"
	}
	return text
}

// farAndNear is a function in each subnet; the one in the public subnet calls the other on all ports.
const farAndNear = `
  Near: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, SecurityGroupEgress: [{CidrIp: 127.0.0.1/32, IpProtocol: -1}]}}
  Out: {Type: AWS::EC2::SecurityGroupEgress, Properties: {GroupId: !Ref Near, DestinationSecurityGroupId: !Ref Taking, IpProtocol: tcp, FromPort: 0, ToPort: 65535}}
  Taking: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, SecurityGroupEgress: [{CidrIp: 127.0.0.1/32, IpProtocol: -1}], SecurityGroupIngress: [{SourceSecurityGroupId: !Ref Near, IpProtocol: -1}]}}
  Sender: {Type: AWS::Lambda::Function, Properties: {VpcConfig: {SecurityGroupIds: [!Ref Near], SubnetIds: [!Ref Public]}}}
  Taker: {Type: AWS::Lambda::Function, Properties: {VpcConfig: {SecurityGroupIds: [!Ref Taking], SubnetIds: [!Ref Private]}}}
`

func TestNetworkLinks(t *testing.T) {
	const rules = "egress rule net.yaml Out, ingress rule net.yaml Taking SecurityGroupIngress[0]"
	const loop = "F -> F tcp 22 by egress rule net.yaml Ranged SecurityGroupEgress[0], ingress rule net.yaml Ranged SecurityGroupIngress[0]"
	answers := [6]string{"900", "true", "6", "CidrBlock: 0.0.0.0/0", "allow", ", PortRange: {From: 1024, To: 65535}"}
	tests := []struct {
		name, resources string
		want            []string
	}{
		{"another VPC", openGroup + otherVpc + lambda("F", "!Ref Open", "!Ref Private") + lambda("Other", "!Ref Open2", "!Ref Far"), []string{
			"F -> F all by implicit egress rule net.yaml Open, ingress rule net.yaml Open SecurityGroupIngress[0]"}},
		{"a peered VPC", openGroup + otherVpc + lambda("F", "!Ref Open", "!Ref Private") + lambda("Other", "!Ref Open2", "!Ref Far") + `
  Peering: {Type: AWS::EC2::VPCPeeringConnection, Properties: {VpcId: !Ref Vpc, PeerVpcId: !Ref Vpc2}}`, []string{
			"F -> F all by implicit egress rule net.yaml Open, ingress rule net.yaml Open SecurityGroupIngress[0]",
			"F -> Other all unknown: ways between VPCs, such as Peering, are not followed"}},
		{"a VPC that is not known", openGroup + lambda("F", "!Ref Open", "!Ref Private") + `
  NoVpc: {Type: AWS::EC2::SecurityGroup, Properties: {SecurityGroupEgress: [{CidrIp: 127.0.0.1/32, IpProtocol: -1}], SecurityGroupIngress: [{CidrIp: 0.0.0.0/0, IpProtocol: -1}]}}` +
			lambda("Other", "!Ref NoVpc", "subnet-0abc"), []string{
			"F -> F all by implicit egress rule net.yaml Open, ingress rule net.yaml Open SecurityGroupIngress[0]",
			"F -> Other all unknown: the VPC of Other is not known"}},
		{"a VPC that is not known, but rules name groups", `
  NoVpc: {Type: AWS::EC2::SecurityGroup, Properties: {SecurityGroupEgress: [{CidrIp: 127.0.0.1/32, IpProtocol: -1}]}}
  Loop: {Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !Ref NoVpc, SourceSecurityGroupId: !Ref NoVpc, IpProtocol: tcp, FromPort: 1, ToPort: 1}}
  Loop2: {Type: AWS::EC2::SecurityGroupEgress, Properties: {GroupId: !Ref NoVpc, DestinationSecurityGroupId: !Ref NoVpc, IpProtocol: tcp, FromPort: 1, ToPort: 1}}` +
			lambda("Other", "!Ref NoVpc", "subnet-0abc"), []string{"Other -> Other tcp 1 unknown: subnet subnet-0abc is not in the templates"}},
		{"a private range behind a gateway", rangeGroup("192.168.0.0/16") + `
  Way: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref PrivateTable, DestinationCidrBlock: 192.168.0.0/16, TransitGatewayId: tgw-1}}`, []string{
			"192.168.0.0/16 -> F tcp 22 by route net.yaml Way, ingress rule net.yaml Ranged SecurityGroupIngress[0]",
			"F -> 192.168.0.0/16 tcp 22 by egress rule net.yaml Ranged SecurityGroupEgress[0], route net.yaml Way"}},
		{"a private range behind a peering of the templates", rangeGroup("192.168.0.0/16") + `
  Peer: {Type: AWS::EC2::VPCPeeringConnection, Properties: {VpcId: !Ref Vpc, PeerVpcId: vpc-1}}
  Way: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref PrivateTable, DestinationCidrBlock: 192.168.0.0/16, VpcPeeringConnectionId: !Ref Peer}}`, []string{
			"192.168.0.0/16 -> F tcp 22 by route net.yaml Way, VpcPeeringConnection net.yaml Peer, ingress rule net.yaml Ranged SecurityGroupIngress[0]",
			"F -> 192.168.0.0/16 tcp 22 by egress rule net.yaml Ranged SecurityGroupEgress[0], route net.yaml Way, VpcPeeringConnection net.yaml Peer"}},
		{"a private range without route", rangeGroup("192.168.0.0/16"), nil},
		{"a range of the VPC", rangeGroup("10.0.0.0/16"), []string{
			"10.0.0.0/16 -> F tcp 22 by ingress rule net.yaml Ranged SecurityGroupIngress[0]",
			"F -> 10.0.0.0/16 tcp 22 by egress rule net.yaml Ranged SecurityGroupEgress[0]", loop}},
		{"a route that may not exist", rangeGroup("192.168.0.0/16") + `
  Way: {Condition: Perhaps, Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref PrivateTable, DestinationCidrBlock: 192.168.0.0/16, TransitGatewayId: tgw-1}}`, []string{
			"192.168.0.0/16 -> F tcp 22 unknown: parameter Given has no value", "F -> 192.168.0.0/16 tcp 22 unknown: parameter Given has no value"}},
		{"a route to somewhere unknown", rangeGroup("192.168.0.0/16") + `
  Way: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref PrivateTable, DestinationCidrBlock: !Ref Given, TransitGatewayId: tgw-1}}`, []string{
			"192.168.0.0/16 -> F tcp 22 unknown: parameter Given has no value", "F -> 192.168.0.0/16 tcp 22 unknown: parameter Given has no value"}},
		{"a way out of a public range", rangeGroup("198.51.100.0/24") + `
  Nat: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: !Ref Public}}
  Way: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref PrivateTable, DestinationCidrBlock: 198.51.100.0/24, NatGatewayId: !Ref Nat}}`, []string{
			"F -> 198.51.100.0/24 tcp 22 by egress rule net.yaml Ranged SecurityGroupEgress[0], route net.yaml Way, NAT gateway net.yaml Nat"}},
		{"a way out by IPv6 alone", `
  Six: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, SecurityGroupEgress: [{CidrIpv6: '2001:db8::/32', IpProtocol: -1}]}}
  Out: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref PrivateTable, DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: eigw-1}}` +
			lambda("F", "!Ref Six", "!Ref Private"), []string{"F -> 2001:db8::/32 all by egress rule net.yaml Six SecurityGroupEgress[0], route net.yaml Out"}},
		{"subnets that are not known", openGroup + lambda("F", "!Ref Open", "!Ref Given"), []string{
			"F -> F all by implicit egress rule net.yaml Open, ingress rule net.yaml Open SecurityGroupIngress[0]",
			"F -> internet all unknown: parameter Given has no value"}},
		{"an unknown route table and a gateway endpoint", openGroup + lambda("F", "!Ref Open", "!Ref Lost") + `
  Lost: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: !Ref Given}}
  LostRoutes: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Lost, RouteTableId: !Ref Given}}
  S3: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: !Ref Vpc, ServiceName: com.amazonaws.us-east-1.s3}}`, []string{
			"F -> F all by implicit egress rule net.yaml Open, ingress rule net.yaml Open SecurityGroupIngress[0]",
			"F -> com.amazonaws.us-east-1.s3 all unknown: parameter Given has no value",
			"F -> internet all unknown: parameter Given has no value"}},
		{"a range and a subnet of unknown size", rangeGroup("10.0.7.0/24") + `
  Lost: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: !Ref Given}}` + lambda("G", "!Ref Ranged", "!Ref Lost"), []string{
			"10.0.7.0/24 -> F tcp 22 by ingress rule net.yaml Ranged SecurityGroupIngress[0]",
			"10.0.7.0/24 -> G tcp 22 by ingress rule net.yaml Ranged SecurityGroupIngress[0]",
			"F -> 10.0.7.0/24 tcp 22 by egress rule net.yaml Ranged SecurityGroupEgress[0]",
			"G -> 10.0.7.0/24 tcp 22 by egress rule net.yaml Ranged SecurityGroupEgress[0]",
			"G -> G tcp 22 unknown: parameter Given has no value"}},
		{"no network ACL", farAndNear, []string{"Sender -> Taker tcp by " + rules}},
		{"an ACL that allows a range of ports", farAndNear + aclText("Private", answers,
			[6]string{"100", "false", "6", "CidrBlock: 10.0.0.0/16", "allow", ", PortRange: {From: 80, To: 90}"}), []string{"Sender -> Taker tcp 80-90 by " + rules}},
		{"an ACL that denies a part", farAndNear + aclText("Private", answers,
			[6]string{"50", "false", "6", "CidrBlock: 10.0.0.0/24", "deny", ", PortRange: {From: 85, To: 85}"},
			[6]string{"100", "false", "-1", "CidrBlock: 10.0.0.0/16", "allow", ""}), []string{"Sender -> Taker tcp 0-84 by " + rules, "Sender -> Taker tcp 86-65535 by " + rules}},
		{"an ACL that denies some of the other side only", farAndNear + aclText("Private", answers,
			[6]string{"50", "false", "-1", "CidrBlock: 10.0.0.128/25", "deny", ""},
			[6]string{"60", "false", "17", "CidrBlock: 10.0.0.0/24", "deny", ", PortRange: {From: 0, To: 65535}"},
			[6]string{"100", "false", "-1", "CidrBlock: 10.0.0.0/16", "allow", ""}), []string{"Sender -> Taker tcp by " + rules}},
		{"an ACL that lets no answers out", farAndNear + aclText("Private", [6]string{"100", "false", "-1", "CidrBlock: 10.0.0.0/16", "allow", ""}), nil},
		{"an ACL that denies all", farAndNear + aclText("Private"), nil},
		{"an ACL for IPv6", farAndNear + aclText("Private", answers, [6]string{"100", "false", "-1", "Ipv6CidrBlock: '::/0'", "allow", ""}), nil},
		{"an ACL with an unknown entry", farAndNear + aclText("Private", answers, [6]string{"100", "false", "-1", "CidrBlock: !Ref Given", "allow", ""}), []string{
			"Sender -> Taker tcp unknown: parameter Given has no value"}},
		{"an ACL that is not in the templates", farAndNear + `
  AclOf: {Type: AWS::EC2::SubnetNetworkAclAssociation, Properties: {SubnetId: !Ref Private, NetworkAclId: acl-1}}
  Lone: {Type: AWS::EC2::NetworkAclEntry, Properties: {NetworkAclId: acl-2}}`, []string{"Sender -> Taker tcp unknown: network ACL acl-1 is not in the templates"}},
		{"an ACL before a subnet of unknown size", farAndNear + aclText("Public", answers, [6]string{"100", "true", "-1", "CidrBlock: 10.0.1.0/24", "allow", ""},
			[6]string{"110", "false", "-1", "CidrBlock: 10.0.0.0/16", "allow", ""}) + `
  Lost: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: !Ref Given}}` + lambda("G", "!Ref Taking", "!Ref Lost"), []string{
			"Sender -> G tcp unknown: a network ACL names addresses, and those of a subnet are not known", "Sender -> Taker tcp by " + rules}},
		{"an ACL of a caller of protocols without ports", `
  Ping: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, SecurityGroupEgress: [{CidrIp: 10.0.0.0/16, IpProtocol: icmp}], SecurityGroupIngress: [{CidrIp: 10.0.0.0/8, IpProtocol: icmp}]}}` +
			lambda("F", "!Ref Ping", "!Ref Private") + aclText("Private", [6]string{"100", "true", "-1", "CidrBlock: 10.0.1.0/24", "allow", ""}, [6]string{"100", "false", "1", "CidrBlock: 10.0.1.0/24", "allow", ""}), []string{
			"10.0.0.0/16 -> F icmp by ingress rule net.yaml Ping SecurityGroupIngress[0]",
			"10.0.0.0/8 -> F icmp by ingress rule net.yaml Ping SecurityGroupIngress[0]",
			"F -> 10.0.0.0/16 icmp by egress rule net.yaml Ping SecurityGroupEgress[0]",
			"F -> F icmp by egress rule net.yaml Ping SecurityGroupEgress[0], ingress rule net.yaml Ping SecurityGroupIngress[0]"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := mapped(networkOf(t, test.resources).Paths(), Path.String)
			if len(got) == 0 {
				got = nil
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
