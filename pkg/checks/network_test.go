package checks

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// networkBase is a VPC with a public and a private subnet, to which cases add resources.
const networkBase = `
Parameters:
  Given: {Type: String}
Conditions:
  Perhaps: !Equals [!Ref Given, 'yes']
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Igw: {Type: AWS::EC2::InternetGateway}
  Public: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24, AvailabilityZone: us-east-1a, MapPublicIpOnLaunch: true}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Default: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Igw}}
  PublicTable: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Public, RouteTableId: !Ref Table}}
  Private: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: !GetAtt Public.AvailabilityZone}}
  PrivateTable: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  PrivateRoutes: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Private, RouteTableId: !Ref PrivateTable}}
  Closed: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, SecurityGroupEgress: [{CidrIp: 127.0.0.1/32, IpProtocol: '-1'}]}}
`

// networkOf deploys the base with more resources.
func networkOf(t *testing.T, resources string) *Network {
	t.Helper()
	return worldOf(t, nil, map[string]string{"net.yaml": networkBase + resources}).Network()
}

// webGroup lets anybody connect to port 80 and keeps the implicit egress.
const webGroup = `
  WebGroup: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, SecurityGroupIngress: [{CidrIp: 0.0.0.0/0, IpProtocol: tcp, FromPort: 80, ToPort: 80}]}}
`

// twoGroups are a function and a cache.
const twoGroups = `
  A: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, SecurityGroupEgress: [{CidrIp: 255.255.255.255/32, IpProtocol: icmp}]}}
  B: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, SecurityGroupEgress: [{CidrIp: 255.255.255.255/32, IpProtocol: icmp}]}}
  Function: {Type: AWS::Lambda::Function, Properties: {VpcConfig: {SecurityGroupIds: [!Ref A], SubnetIds: [!Ref Private]}}}
  CacheSubnets: {Type: AWS::ElastiCache::SubnetGroup, Properties: {SubnetIds: [!Ref Private]}}
  Cache: {Type: AWS::ElastiCache::ReplicationGroup, Properties: {SecurityGroupIds: [!GetAtt B.GroupId], CacheSubnetGroupName: !Ref CacheSubnets}}
`

const outOfA = `
  Out: {Type: AWS::EC2::SecurityGroupEgress, Properties: {GroupId: !Ref A, DestinationSecurityGroupId: !Ref B, IpProtocol: tcp, FromPort: 6000, ToPort: 7000}}
`

const intoB = `
  In: {Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !Ref B, SourceSecurityGroupId: !Ref A, IpProtocol: tcp, FromPort: 6379, ToPort: 6379}}
`

func TestNetworkPaths(t *testing.T) {
	tests := []struct {
		name, resources string
		want            []string
	}{
		{"an instance in a public subnet", webGroup + `
  Web: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Public, SecurityGroupIds: [!Ref WebGroup]}}`, []string{
			"Web -> Web tcp 80 by implicit egress rule net.yaml WebGroup, ingress rule net.yaml WebGroup SecurityGroupIngress[0]",
			"Web -> internet all by implicit egress rule net.yaml WebGroup, route net.yaml Default, internet gateway net.yaml Igw",
			"internet -> Web tcp 80 by internet gateway net.yaml Igw, route net.yaml Default, ingress rule net.yaml WebGroup SecurityGroupIngress[0]"}},
		{"an instance in a private subnet", webGroup + `
  Web: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Private, SecurityGroupIds: [!Ref WebGroup]}}`, []string{
			"Web -> Web tcp 80 by implicit egress rule net.yaml WebGroup, ingress rule net.yaml WebGroup SecurityGroupIngress[0]"}},
		{"an instance without public address in a public subnet", webGroup + `
  Web: {Type: AWS::EC2::Instance, Properties: {NetworkInterfaces: [{SubnetId: !Ref Public, GroupSet: [!Ref WebGroup], AssociatePublicIpAddress: false}]}}`, []string{
			"Web -> Web tcp 80 by implicit egress rule net.yaml WebGroup, ingress rule net.yaml WebGroup SecurityGroupIngress[0]"}},
		{"the default group", `
  One: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Private}}
  Two: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Private, SecurityGroupIds: [!GetAtt Vpc.DefaultSecurityGroup]}}`, []string{
			"One -> One all by egress rule, ingress rule", "One -> Two all by egress rule, ingress rule",
			"Two -> One all by egress rule, ingress rule", "Two -> Two all by egress rule, ingress rule"}},
		{"both ways", twoGroups + outOfA + intoB, []string{"Function -> Cache tcp 6379 by egress rule net.yaml Out, ingress rule net.yaml In"}},
		{"egress alone", twoGroups + outOfA, nil},
		{"ingress alone", twoGroups + intoB, nil},
		{"an unknown port", twoGroups + outOfA + strings.Replace(intoB, "FromPort: 6379", "FromPort: !Ref Given", 1), []string{
			"Function -> Cache tcp 6000-7000 unknown: parameter Given has no value"}},
		{"an unknown last port", twoGroups + outOfA + strings.Replace(intoB, "ToPort: 6379", "ToPort: !Ref Given", 1), []string{
			"Function -> Cache tcp 6000-7000 unknown: parameter Given has no value"}},
		{"ports that are none", twoGroups + outOfA + strings.Replace(intoB, "ToPort: 6379", "ToPort: 5", 1), []string{
			"Function -> Cache tcp 6000-7000 unknown: its ports are no range"}},
		{"no protocol", twoGroups + outOfA + strings.Replace(intoB, "IpProtocol: tcp, ", "", 1), []string{
			"Function -> Cache tcp 6000-7000 unknown: its protocol is not given"}},
		{"all ports of a protocol by number", twoGroups + outOfA + strings.Replace(intoB, "tcp, FromPort: 6379, ToPort: 6379", "6, FromPort: -1, ToPort: -1", 1), []string{
			"Function -> Cache tcp 6000-7000 by egress rule net.yaml Out, ingress rule net.yaml In"}},
		{"other protocols", twoGroups + `
  Out: {Type: AWS::EC2::SecurityGroupEgress, Properties: {GroupId: !Ref A, DestinationSecurityGroupId: !Ref B, IpProtocol: -1}}
  In1: {Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !Ref B, SourceSecurityGroupId: !Ref A, IpProtocol: 1}}
  In2: {Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !Ref B, SourceSecurityGroupId: !Ref A, IpProtocol: 17, FromPort: 53, ToPort: 53}}
  In3: {Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !Ref B, SourceSecurityGroupId: !Ref A, IpProtocol: 58}}
  In4: {Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !Ref B, SourceSecurityGroupId: !Ref A, IpProtocol: 50}}`, []string{
			"Function -> Cache 50 by egress rule net.yaml Out, ingress rule net.yaml In4",
			"Function -> Cache icmp by egress rule net.yaml Out, ingress rule net.yaml In1",
			"Function -> Cache icmpv6 by egress rule net.yaml Out, ingress rule net.yaml In3",
			"Function -> Cache udp 53 by egress rule net.yaml Out, ingress rule net.yaml In2"}},
		{"addresses of the other side", twoGroups + strings.Replace(outOfA, "DestinationSecurityGroupId: !Ref B", "CidrIp: 10.0.1.128/25", 1) + intoB, []string{
			"Function -> 10.0.1.128/25 tcp 6000-7000 by egress rule net.yaml Out",
			"Function -> Cache tcp 6379 by egress rule net.yaml Out, ingress rule net.yaml In"}},
		{"addresses of the other subnet", twoGroups + strings.Replace(outOfA, "DestinationSecurityGroupId: !Ref B", "CidrIp: 10.0.0.0/25", 1) + intoB, []string{
			"Function -> 10.0.0.0/25 tcp 6000-7000 by egress rule net.yaml Out"}},
		{"something that is no range", twoGroups + strings.Replace(outOfA, "DestinationSecurityGroupId: !Ref B", "CidrIp: home", 1) + intoB, []string{
			"Function -> Cache tcp 6379 unknown: \"home\" is no CIDR block"}},
		{"a rule without peer permits nothing", twoGroups + strings.Replace(outOfA, "DestinationSecurityGroupId: !Ref B, ", "", 1) + intoB, nil},
		{"a group by name", twoGroups + outOfA + strings.Replace(intoB, "SourceSecurityGroupId: !Ref A", "SourceSecurityGroupName: a", 1), []string{
			"Function -> Cache tcp 6379 unknown: it names a group by name"}},
		{"an unknown group of a rule", twoGroups + outOfA + strings.Replace(intoB, "GroupId: !Ref B", "GroupId: !Ref Given", 1), []string{
			"Function -> Cache tcp 6379 unknown: parameter Given has no value"}},
		{"no group of a rule", twoGroups + outOfA + strings.Replace(intoB, "GroupId: !Ref B, ", "", 1), []string{
			"Function -> Cache tcp 6379 unknown: the rule names no group"}},
		{"an egress rule that may not exist", twoGroups + strings.Replace(outOfA, "{Type", "{Condition: Perhaps, Type", 1) + intoB, []string{
			"Function -> Cache tcp 6379 unknown: parameter Given has no value"}},
		{"a known path beside an unknown one", twoGroups + outOfA + intoB + `
  In2: {Condition: Perhaps, Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !Ref B, SourceSecurityGroupId: !Ref A, IpProtocol: tcp, FromPort: 6379, ToPort: 6379}}`, []string{
			"Function -> Cache tcp 6379 by egress rule net.yaml Out, ingress rule net.yaml In"}},
		{"groups that are not in the templates", twoGroups + strings.Replace(outOfA, "!Ref B", "sg-0abc", 1) + `
  Other: {Type: AWS::Lambda::Function, Properties: {VpcConfig: {SecurityGroupIds: [sg-0abc], SubnetIds: [!Ref Private]}}}`, []string{
			"Function -> Other tcp 6000-7000 unknown: security group sg-0abc is not in the templates",
			"Other -> Other all unknown: security group sg-0abc is not in the templates"}},
		{"groups that are not known", twoGroups + outOfA + `
  Other: {Type: AWS::Lambda::Function, Properties: {VpcConfig: {SecurityGroupIds: [!Ref Given, {}], SubnetIds: [!Ref Private]}}}`, []string{
			"Function -> Other tcp 6000-7000 unknown: parameter Given has no value",
			"Other -> Other all unknown: parameter Given has no value"}},
		{"an unknown list of groups", twoGroups + `
  Other: {Type: AWS::Lambda::Function, Properties: {VpcConfig: {SecurityGroupIds: !Ref Given, SubnetIds: [!Ref Private]}}}`, []string{"Other -> Other all unknown: parameter Given has no value"}},
		{"inline rules that are not known", `
  Odd: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, SecurityGroupIngress: !Ref Given, SecurityGroupEgress: [!Ref Given]}}
  Function: {Type: AWS::Lambda::Function, Properties: {VpcConfig: {SecurityGroupIds: [!Ref Odd], SubnetIds: [!Ref Private]}}}`, []string{"Function -> Function all unknown: parameter Given has no value"}},
		{"a prefix list of the templates", twoGroups + strings.Replace(outOfA, "DestinationSecurityGroupId: !Ref B", "DestinationPrefixListId: !Ref List", 1) + intoB + `
  List: {Type: AWS::EC2::PrefixList, Properties: {Entries: [{Cidr: 192.168.0.0/16}, {Cidr: 10.0.1.0/24}]}}`, []string{
			"Function -> Cache tcp 6379 by egress rule net.yaml Out, ingress rule net.yaml In"}},
		{"a prefix list of others", twoGroups + strings.Replace(outOfA, "DestinationSecurityGroupId: !Ref B", "DestinationPrefixListId: !Ref List", 1) + intoB + `
  List: {Type: AWS::EC2::PrefixList, Properties: {Entries: [{Cidr: 192.168.0.0/16}]}}`, nil},
		{"an unknown prefix list", twoGroups + strings.Replace(outOfA, "DestinationSecurityGroupId: !Ref B", "DestinationPrefixListId: pl-1", 1) + intoB + `
  S3: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: !Ref Vpc, ServiceName: com.amazonaws.us-east-1.s3, RouteTableIds: [!Ref PrivateTable]}}
  ToAll: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref PrivateTable, DestinationPrefixListId: pl-1, TransitGatewayId: tgw-1}}`, []string{
			"Function -> Cache tcp 6379 unknown: what is in prefix list pl-1 is not known",
			"Function -> com.amazonaws.us-east-1.s3 tcp 6000-7000 unknown: what is in prefix list pl-1 is not known",
			"Function -> pl-1 tcp 6000-7000 by egress rule net.yaml Out, route net.yaml ToAll"}},
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
