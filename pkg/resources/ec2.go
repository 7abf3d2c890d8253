package resources

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/ec2"
	"github.com/awslabs/goformation/v7/cloudformation/tags"

	"github.com/tierform/tierform/pkg/cfn"
)

// NameTag is what consoles and bills show for resources that have no name of their own.
func NameTag(name string) []tags.Tag { return []tags.Tag{{Key: "Name", Value: name}} }

// Subnet is a subnet that gives no public address to what is launched in it, be it public or not: what needs one asks for
// it. The zone is named by ID, because the names of zones differ between accounts.
func Subnet(name string, vpc cfn.VPCID, block cfn.CIDR, zoneID string) *ec2.Subnet {
	return &ec2.Subnet{
		VpcId: string(vpc), CidrBlock: new(string(block)), AvailabilityZoneId: new(zoneID),
		MapPublicIpOnLaunch: new(false), Tags: NameTag(name),
	}
}

// The sentinel: AWS gives a group that is declared without egress a rule that allows all, so every group declares one that
// matches nothing.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
const (
	sentinelCIDR = "255.255.255.255/32"
	sentinelICMP = 252 // a type of ICMP that does not exist, with code 86
	sentinelCode = 86
)

// SecurityGroup is a group that lets nothing in or out. What it permits is declared beside it with [GroupIngress] and
// [GroupEgress], so that two groups can name each other. It has a Name tag and no physical name, which would forbid its
// replacement.
func SecurityGroup(name, description string, vpc cfn.VPCID) *ec2.SecurityGroup {
	return &ec2.SecurityGroup{
		GroupDescription: ruleDescription(description),
		VpcId:            new(string(vpc)),
		SecurityGroupEgress: []ec2.SecurityGroup_Egress{{
			IpProtocol: "icmp", FromPort: new(sentinelICMP), ToPort: new(sentinelCode), CidrIp: new(sentinelCIDR),
			Description: new("Nothing: keeps AWS from allowing all"),
		}},
		Tags: NameTag(name),
	}
}

// Peer is the other end of a permitted flow: one of its fields.
type Peer struct {
	Group      cfn.SecurityGroupID
	PrefixList cfn.PrefixListID
	CIDR       cfn.CIDR
}

// problem is a cfn.Invalid when the peer is not one thing, else "".
func (p Peer) problem() string {
	count := 0
	for _, end := range []string{string(p.Group), string(p.PrefixList), string(p.CIDR)} {
		if end != "" {
			count++
		}
	}
	if count == 1 {
		return ""
	}
	return cfn.Invalid("rule of a security group has not one peer", fmt.Sprint(count), "one of Group, PrefixList and CIDR")
}

// GroupIngress lets peer reach a TCP port of a group's members. A peer by address must be the last resort: it says where
// packets come from, not who sends them.
func GroupIngress(group cfn.SecurityGroupID, peer Peer, port int, description string) *ec2.SecurityGroupIngress {
	rule := &ec2.SecurityGroupIngress{
		GroupId: new(string(group)), IpProtocol: "tcp", FromPort: new(port), ToPort: new(port), Description: new(ruleDescription(description)),
		SourceSecurityGroupId: optional(peer.Group), SourcePrefixListId: optional(peer.PrefixList), CidrIp: optional(peer.CIDR),
	}
	if problem := peer.problem(); problem != "" {
		rule.CidrIp = new(problem)
	}
	return rule
}

// GroupEgress lets a group's members reach a TCP port of peer.
func GroupEgress(group cfn.SecurityGroupID, peer Peer, port int, description string) *ec2.SecurityGroupEgress {
	rule := &ec2.SecurityGroupEgress{
		GroupId: string(group), IpProtocol: "tcp", FromPort: new(port), ToPort: new(port), Description: new(ruleDescription(description)),
		DestinationSecurityGroupId: optional(peer.Group), DestinationPrefixListId: optional(peer.PrefixList), CidrIp: optional(peer.CIDR),
	}
	if problem := peer.problem(); problem != "" {
		rule.CidrIp = new(problem)
	}
	return rule
}

// optional is the value of a property that may be left out.
func optional[T ~string](value T) *string {
	if value == "" {
		return nil
	}
	return new(string(value))
}

// ruleText is what EC2 accepts as the description of a group or rule.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html
var ruleText = regexp.MustCompile(`^[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}$`)

func ruleDescription(text string) string {
	if ruleText.MatchString(text) {
		return text
	}
	return cfn.Invalid("description of a security group or its rule", text, "1 to 255 characters of A-Z a-z 0-9, space and ._-:/()#,@[]+=&;{}!$*")
}

// EndpointInput describes the way from private subnets to an AWS service.
type EndpointInput struct {
	// Service is the last part of the service's name, such as ecr.api.
	Service string
	VPC     cfn.VPCID
	// Subnets and Group make it an interface endpoint, which answers to the service's own name.
	Subnets cfn.Zoned[cfn.SubnetID]
	Group   cfn.SecurityGroupID
	// RouteTables make it a gateway endpoint.
	RouteTables cfn.Zoned[cfn.RouteTableID]
	// Statements are what may be done through it. There is no default: AWS would allow everybody everything.
	Statements []Statement
}

// Endpoint is a VPC endpoint of a service in the stack's region.
// https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
func Endpoint(in EndpointInput) *ec2.VPCEndpoint {
	endpoint := &ec2.VPCEndpoint{
		ServiceName: strings.Join([]string{"com.amazonaws", cfn.Region, in.Service}, "."),
		VpcId:       string(in.VPC), VpcEndpointType: new("Interface"), PolicyDocument: RolePolicy(in.Statements...),
		AWSCloudFormationMetadata: policyMetadata(in.Statements, nil),
	}
	if len(in.Statements) == 0 {
		endpoint.PolicyDocument = cfn.Invalid("endpoint allows everybody everything", in.Service, "Statements")
	}
	switch {
	case len(in.RouteTables) > 0 && len(in.Subnets) == 0 && in.Group == "":
		endpoint.VpcEndpointType = new("Gateway")
		endpoint.RouteTableIds = texts(in.RouteTables)
	case len(in.Subnets) > 0 && in.Group != "" && len(in.RouteTables) == 0:
		endpoint.PrivateDnsEnabled = new(true)
		endpoint.SubnetIds = texts(in.Subnets)
		endpoint.SecurityGroupIds = []string{string(in.Group)}
	default:
		endpoint.ServiceName = cfn.Invalid("endpoint is neither an interface nor a gateway", in.Service, "Subnets and Group, or RouteTables")
	}
	return endpoint
}

// texts is a list of references as goformation wants it.
func texts[T ~string](list []T) []string {
	var found []string
	for _, each := range list {
		found = append(found, string(each))
	}
	return found
}

// FlowLogFormat is what a record of the flow logs holds: the fields of version 2, then those that say who talks to whom
// behind NAT gateways and endpoints, in which direction, by which way, and why a packet was dropped.
// https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
const FlowLogFormat = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} " +
	"${start} ${end} ${action} ${log-status} ${vpc-id} ${subnet-id} ${az-id} ${tcp-flags} ${pkt-srcaddr} ${pkt-dstaddr} " +
	"${pkt-src-aws-service} ${pkt-dst-aws-service} ${flow-direction} ${traffic-path} ${reject-reason}"

// flowLogSeconds is the shortest time that flows are gathered for: minutes count when something happens.
const flowLogSeconds = 60

// FlowLog records all traffic of a VPC, accepted and rejected, into a log group.
func FlowLog(name string, vpc cfn.VPCID, group cfn.LogGroupName, role cfn.RoleARN) *ec2.FlowLog {
	return &ec2.FlowLog{
		ResourceType: "VPC", ResourceId: string(vpc), TrafficType: new("ALL"),
		LogDestinationType: new("cloud-watch-logs"), LogGroupName: new(string(group)), DeliverLogsPermissionArn: new(string(role)),
		LogFormat: new(FlowLogFormat), MaxAggregationInterval: new(flowLogSeconds), Tags: NameTag(name),
	}
}

// FlowLogTrust is the trust policy of a flow log's role.
// https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
func FlowLogTrust() Document {
	return ServiceTrust("vpc-flow-logs.amazonaws.com", Conditions{
		"ArnLike": {"aws:SourceArn": {"arn:" + cfn.Partition + ":ec2:" + cfn.Region + ":" + cfn.AccountID + ":vpc-flow-log/*"}},
	})
}

// FlowLogWriters are the permissions of a flow log's role: it writes to one group and cannot create others.
func FlowLogWriters(group cfn.LogGroupARN) []Statement {
	return []Statement{
		{Sid: "WriteFlows", Actions: []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"}, Resources: []string{string(group)}},
		// The service lists groups without a prefix, so the permission must be about all of them.
		{Sid: "FindGroup", Actions: []string{"logs:DescribeLogGroups"}, Resources: []string{"arn:" + cfn.Partition + ":logs:" + cfn.Region + ":" + cfn.AccountID + ":log-group:*"}},
	}
}
