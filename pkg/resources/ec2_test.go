package resources_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

func TestSubnetGivesNoPublicAddress(t *testing.T) {
	it := rendered(t, just(resources.Subnet("subnet-a-dev", "vpc-1", "10.0.0.0/20", "use1-az1")))
	want := map[string]any{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/20", "AvailabilityZoneId": "use1-az1", "MapPublicIpOnLaunch": false,
		"Tags": []any{map[string]any{"Key": "Name", "Value": "subnet-a-dev"}}}
	if diff := cmp.Diff(want, it["Properties"]); diff != "" {
		t.Error(diff)
	}
}

// R2: AWS gives a group without egress rules one that allows all.
func TestSecurityGroupLetsNothingThrough(t *testing.T) {
	p := rendered(t, just(resources.SecurityGroup("sg-dev", "Tasks", "vpc-1")))["Properties"].(map[string]any)
	want := []any{map[string]any{"IpProtocol": "icmp", "FromPort": 252, "ToPort": 86, "CidrIp": "255.255.255.255/32", "Description": "Nothing: keeps AWS from allowing all"}}
	if diff := cmp.Diff(want, p["SecurityGroupEgress"]); diff != "" {
		t.Error(diff)
	}
	if p["SecurityGroupIngress"] != nil || p["GroupName"] != nil || p["VpcId"] != "vpc-1" {
		t.Errorf("group is %v", p)
	}
}

func TestRulesOfGroups(t *testing.T) {
	for name, tc := range map[string]struct {
		rule cfn.Properties
		want map[string]any
	}{
		"in from a group": {resources.GroupIngress("sg-1", resources.Peer{Group: "sg-2"}, 8080, "calls"),
			map[string]any{"GroupId": "sg-1", "SourceSecurityGroupId": "sg-2"}},
		"in from a prefix list": {resources.GroupIngress("sg-1", resources.Peer{PrefixList: "pl-1"}, 8080, "calls"),
			map[string]any{"GroupId": "sg-1", "SourcePrefixListId": "pl-1"}},
		"in from addresses": {resources.GroupIngress("sg-1", resources.Peer{CIDR: "0.0.0.0/0"}, 8080, "calls"),
			map[string]any{"GroupId": "sg-1", "CidrIp": "0.0.0.0/0"}},
		"out to a group": {resources.GroupEgress("sg-1", resources.Peer{Group: "sg-2"}, 8080, "calls"),
			map[string]any{"GroupId": "sg-1", "DestinationSecurityGroupId": "sg-2"}},
		"out to a prefix list": {resources.GroupEgress("sg-1", resources.Peer{PrefixList: "pl-1"}, 8080, "calls"),
			map[string]any{"GroupId": "sg-1", "DestinationPrefixListId": "pl-1"}},
		"out to addresses": {resources.GroupEgress("sg-1", resources.Peer{CIDR: "0.0.0.0/0"}, 8080, "calls"),
			map[string]any{"GroupId": "sg-1", "CidrIp": "0.0.0.0/0"}},
	} {
		t.Run(name, func(t *testing.T) {
			for key, value := range map[string]any{"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "Description": "calls"} {
				tc.want[key] = value
			}
			if diff := cmp.Diff(tc.want, rendered(t, just(tc.rule))["Properties"]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBadRulesAreRefused(t *testing.T) {
	both := resources.Peer{Group: "sg-2", CIDR: "0.0.0.0/0"}
	for name, tc := range map[string]struct {
		want string
		rule cfn.Properties
	}{
		"longest description":  {"", resources.GroupIngress("sg-1", resources.Peer{Group: "sg-2"}, 1, strings.Repeat("x", 255))},
		"description too long": {"description of a security group", resources.GroupIngress("sg-1", resources.Peer{Group: "sg-2"}, 1, strings.Repeat("x", 256))},
		"no description":       {"description of a security group", resources.GroupEgress("sg-1", resources.Peer{Group: "sg-2"}, 1, "")},
		"apostrophe":           {"description of a security group", resources.SecurityGroup("sg", "the service's tasks", "vpc-1")},
		"no source":            {"not one peer", resources.GroupIngress("sg-1", resources.Peer{}, 1, "x")},
		"no destination":       {"not one peer", resources.GroupEgress("sg-1", resources.Peer{}, 1, "x")},
		"group and addresses":  {"not one peer", resources.GroupIngress("sg-1", both, 1, "x")},
		"two destinations":     {"not one peer", resources.GroupEgress("sg-1", both, 1, "x")},
		"endpoint for all":     {"allows everybody everything", resources.Endpoint(resources.EndpointInput{Service: "s3", VPC: "v", RouteTables: cfn.Zoned[cfn.RouteTableID]{"rtb-1"}})},
		"endpoint of no kind":  {"neither an interface nor a gateway", anEndpoint(nil)},
		"endpoint of two kinds": {"neither an interface nor a gateway", anEndpoint(func(in *resources.EndpointInput) {
			in.RouteTables, in.Subnets = cfn.Zoned[cfn.RouteTableID]{"rtb-1"}, cfn.Zoned[cfn.SubnetID]{"s"}
		})},
		"interface for anybody": {"neither an interface nor a gateway", anEndpoint(func(in *resources.EndpointInput) { in.Subnets = cfn.Zoned[cfn.SubnetID]{"s"} })},
	} {
		t.Run(name, func(t *testing.T) {
			wantInvalid(t, tc.want, func(root *cfn.Template) { cfn.Add(root, "It", "A rule", tc.rule) })
		})
	}
}

// anEndpoint has a policy and a VPC; edit makes it an interface or a gateway.
func anEndpoint(edit func(*resources.EndpointInput)) cfn.Properties {
	in := resources.EndpointInput{Service: "xray", VPC: "vpc-1", Statements: []resources.Statement{{
		Sid: "Send", Principals: resources.Principals{AWS: []string{"*"}}, Actions: []string{"xray:PutTraceSegments"}, AnyResource: "no resource-level permission", Exempt: "open",
	}}}
	if edit != nil {
		edit(&in)
	}
	return resources.Endpoint(in)
}

func TestEndpoints(t *testing.T) {
	it := rendered(t, just(anEndpoint(func(in *resources.EndpointInput) {
		in.Subnets, in.Group = cfn.Zoned[cfn.SubnetID]{"s-1", "s-2"}, "sg-1"
	})))
	p := it["Properties"].(map[string]any)
	policy := p["PolicyDocument"]
	delete(p, "PolicyDocument")
	want := map[string]any{"ServiceName": map[string]any{"Sub": "com.amazonaws.${AWS::Region}.xray"}, "VpcId": "vpc-1", "VpcEndpointType": "Interface",
		"PrivateDnsEnabled": true, "SubnetIds": []any{"s-1", "s-2"}, "SecurityGroupIds": []any{"sg-1"}}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	if follow(policy, "Statement", 0, "Action", 0) != "xray:PutTraceSegments" {
		t.Errorf("policy is %v", policy)
	}
	if follow(it, "Metadata", "AnyResource", "Send") == nil || follow(it, "Metadata", "Exemptions", "Send") == nil {
		t.Errorf("reasons are missing: %v", it["Metadata"])
	}
	gateway := rendered(t, just(anEndpoint(func(in *resources.EndpointInput) { in.RouteTables = cfn.Zoned[cfn.RouteTableID]{"rtb-1", "rtb-2"} })))["Properties"].(map[string]any)
	if gateway["VpcEndpointType"] != "Gateway" || !cmp.Equal(gateway["RouteTableIds"], []any{"rtb-1", "rtb-2"}) || gateway["PrivateDnsEnabled"] != nil || gateway["SubnetIds"] != nil {
		t.Errorf("gateway is %v", gateway)
	}
}

// R18: all traffic, by the minute, and who is behind a translated address.
func TestFlowLogRecordsEverything(t *testing.T) {
	p := rendered(t, just(resources.FlowLog("flow-dev", "vpc-1", "log", "arn:role")))["Properties"].(map[string]any)
	for key, want := range map[string]any{"TrafficType": "ALL", "MaxAggregationInterval": 60, "ResourceType": "VPC", "ResourceId": "vpc-1",
		"LogDestinationType": "cloud-watch-logs", "LogGroupName": "log", "DeliverLogsPermissionArn": "arn:role"} {
		if p[key] != want {
			t.Errorf("%s is %v, want %v", key, p[key], want)
		}
	}
	fields := strings.Fields(p["LogFormat"].(string))
	for _, field := range []string{"srcaddr", "dstaddr", "dstport", "protocol", "action", "start", "pkt-srcaddr", "pkt-dstaddr", "flow-direction", "log-status", "vpc-id", "interface-id"} {
		if !slices.Contains(fields, "${"+field+"}") {
			t.Errorf("records lack %s", field)
		}
	}
}

func TestFlowLogRoleCannotMakeGroups(t *testing.T) {
	it := rendered(t, just(resources.Role(resources.RoleInput{Name: "r", Description: "d", Trust: resources.FlowLogTrust(), Statements: resources.FlowLogWriters("arn:group:*")})))
	statements := bySid(t, follow(it, "Properties", "Policies", 0, "PolicyDocument"))
	for sid, want := range map[string][]string{"WriteFlows": {"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"}, "FindGroup": {"logs:DescribeLogGroups"}} {
		if got := strs(statements[sid]["Action"].([]any)); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", sid, got, want)
		}
	}
	if !cmp.Equal(statements["WriteFlows"]["Resource"], []any{"arn:group:*"}) {
		t.Errorf("writes to %v", statements["WriteFlows"]["Resource"])
	}
	source := follow(it, "Properties", "AssumeRolePolicyDocument", "Statement", 0, "Condition", "ArnLike", "aws:SourceArn", 0, "Sub")
	if source != "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:vpc-flow-log/*" {
		t.Errorf("trusted for %v", source)
	}
}
