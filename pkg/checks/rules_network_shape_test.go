package checks

import "testing"

func TestNetworkRulesFindFaultsOfShape(t *testing.T) {
	const network, payment = "network.yaml", "service-payment-api.yaml"
	runNetworkFaults(t, []networkFault{
		{name: "a prefix list that nobody chose", rule: "NET005", edit: replaceInResource(network, "TransactionProcessorToProvidersEgress", "!Ref EgressPrefixList", "pl-0fffffffffffffff0"),
			id: "TransactionProcessorToProvidersEgress", path: "DestinationPrefixListId", line: "pl-0fffffffffffffff0"},
		{name: "an endpoint of another kind", rule: "NET015", edit: replaceInResource("egress.yaml", "LogsEndpoint", "VpcEndpointType: Interface", "VpcEndpointType: GatewayLoadBalancer"),
			id: "LogsEndpoint", path: "VpcEndpointType", line: "GatewayLoadBalancer"},
		{name: "a web ACL of CloudFront", rule: "NET024", edit: replaceIn("ingress.yaml", "Scope: REGIONAL", "Scope: CLOUDFRONT"), id: "WebAcl", path: "Scope", line: "Scope: CLOUDFRONT"},
		{name: "a port without listener", rule: "NET031", edit: dropResource("ingress.yaml", "HttpListener"), id: "LoadBalancerFromHTTPIngress", path: "FromPort", line: "FromPort: 80"},
		{name: "a listener without rule", rule: "NET031", edit: dropResource(network, "LoadBalancerFromHTTPIngress"), id: "HttpListener", path: "Port", line: "Port: 80"},
		{name: "a listener on an unknown port", rule: "NET031", edit: replaceInResource("ingress.yaml", "HttpListener", "      Port: 80\n", "      Port: !ImportValue port\n"),
			id: "HttpListener", path: "Port", outcome: Unsure, line: "ImportValue"},
		{name: "a rule on an unknown port", rule: "NET031", edit: replaceInResource(network, "LoadBalancerFromHTTPIngress", "FromPort: 80", "FromPort: !ImportValue port"), id: "HttpListener", path: "Port", outcome: Unsure, line: "Port: 80"},
		{name: "a listener that may be another's", rule: "NET031", edit: replaceInResource("ingress.yaml", "HttpListener", "!Ref LoadBalancer", "!ImportValue balancer"), id: "LoadBalancerFromHTTPIngress", path: "FromPort", outcome: Unsure, line: "FromPort: 80"},
		{name: "a balancer that may be public", rule: "NET031", edit: replaceInResource("ingress.yaml", "LoadBalancer", "Scheme: internet-facing", "Scheme: !ImportValue scheme"), id: "LoadBalancer", path: "Scheme", outcome: Unsure, line: "ImportValue"},
		{name: "instances as targets", rule: "NET032", edit: replaceInResource(payment, "PaymentApiBlueTargetGroup", "TargetType: ip", "TargetType: instance"), id: "PaymentApiBlueTargetGroup", path: "TargetType", line: "instance"},
		{name: "a VPC that is too large", rule: "NET033", edit: replaceInResource(network, "VPC", "CidrBlock: !Ref CidrBlock", "CidrBlock: 10.0.0.0/8"), id: "VPC", path: "CidrBlock", line: "10.0.0.0/8"},
		{name: "a VPC of unknown size", rule: "NET033", edit: replaceInResource(network, "VPC", "CidrBlock: !Ref CidrBlock", "CidrBlock: !ImportValue block"), id: "VPC", path: "CidrBlock", outcome: Unsure, line: "ImportValue"},
		{name: "a subnet outside", rule: "NET033", edit: replaceInResource(network, "PublicSubnetA", "!Select [32, !Cidr [!Ref CidrBlock, 64, 10]]", "10.99.0.0/22"), id: "PublicSubnetA", path: "CidrBlock", line: "10.99.0.0/22"},
		{name: "two subnets in one place", rule: "NET033", edit: replaceInResource(network, "PublicSubnetB", "[33,", "[32,"), id: "PublicSubnetB", path: "CidrBlock", line: "[32,"},
		{name: "a subnet of unknown size", rule: "NET033", edit: replaceInResource(network, "PublicSubnetB", "!Select [33, !Cidr [!Ref CidrBlock, 64, 10]]", "!ImportValue block"), id: "PublicSubnetB", path: "CidrBlock", outcome: Unsure, line: "ImportValue"},
		{name: "a subnet of an unknown VPC", rule: "NET033", edit: replaceInResource(network, "PublicSubnetB", "VpcId: !Ref VPC", "VpcId: !ImportValue vpc"), id: "PublicSubnetB", path: "CidrBlock", outcome: Unsure, line: "[33,"},
		{name: "the main route table", rule: "NET034", edit: dropResource(network, "IsolatedSubnetRoutesA"), id: "IsolatedSubnetA", line: "AvailabilityZoneId"},
		{name: "an unknown association", rule: "NET034", edit: replaceInResource(network, "IsolatedSubnetRoutesA", "!Ref IsolatedSubnetA", "!ImportValue subnet"), id: "IsolatedSubnetA", outcome: Unsure, line: "AvailabilityZoneId"},
		{name: "a gateway that is not attached", rule: "NET035", edit: replaceInResource(network, "InternetGatewayAttachment", "VpcId: !Ref VPC", "VpcId: vpc-0abc"), id: "PublicDefaultRoute", path: "GatewayId", line: "!Ref InternetGateway"},
		{name: "an attachment that may be another's", rule: "NET035", edit: replaceInResource(network, "InternetGatewayAttachment", "VpcId: !Ref VPC", "VpcId: !ImportValue vpc"), id: "PublicDefaultRoute", path: "GatewayId", outcome: Unsure, line: "!Ref InternetGateway"},
		{name: "a database in a zone of its own", rule: "NET036", edit: replaceInResource(network, "IsolatedSubnetA", "use1-az1", "use1-az3"), id: "Cluster", path: "DBSubnetGroupName", line: "DBSubnetGroupName"},
		{name: "targets in a zone of their own", rule: "NET036", edit: replaceInResource(network, "PublicSubnetA", "use1-az1", "use1-az3"), id: "LoadBalancer", path: "Subnets", line: "!Ref SubnetsA"},
		{name: "an unknown zone", rule: "NET036", edit: replaceInResource(network, "PublicSubnetA", "      AvailabilityZoneId: use1-az1\n", ""), id: "LoadBalancer", path: "Subnets", outcome: Unsure, line: "!Ref SubnetsA"},
	})
}

func TestNetworkRulesFindWhatIsKeptOfRequests(t *testing.T) {
	const protections, ingress = "DataProtectionConfig.DataProtections", "ingress.yaml"
	runNetworkFaults(t, []networkFault{
		{name: "a header", rule: "NET037", edit: replaceInResource(ingress, "WebAcl", "                - cookie\n", ""), id: "WebAcl", path: protections, line: "- Action: SUBSTITUTION"},
		{name: "bodies", rule: "NET037", edit: replaceInResource(ingress, "WebAcl", "FieldType: BODY", "FieldType: SINGLE_COOKIE"), id: "WebAcl", path: protections, line: "- Action: SUBSTITUTION"},
		{name: "details of matches", rule: "NET037", edit: replaceInResource(ingress, "WebAcl", "          - Action: SUBSTITUTION\n            Field:\n              FieldType: BODY\n", "          - Action: SUBSTITUTION\n            ExcludeRuleMatchDetails: true\n            Field:\n              FieldType: BODY\n"),
			id: "WebAcl", path: protections, line: "- Action: SUBSTITUTION"},
		{name: "in another way", rule: "NET037", edit: replaceInResource(ingress, "WebAcl", "          - Action: SUBSTITUTION\n            Field:\n              FieldType: BODY\n", "          - Action: NONE\n            Field:\n              FieldType: BODY\n"),
			id: "WebAcl", path: protections, line: "- Action: SUBSTITUTION"},
		{name: "a header in the log", rule: "NET037", edit: replaceInResource(ingress, "WebAclLogging", "Name: cookie", "Name: host"), id: "WebAclLogging", path: "RedactedFields", line: "- QueryString"},
		{name: "queries in the log", rule: "NET037", edit: replaceInResource(ingress, "WebAclLogging", "        - QueryString: {}\n", ""), id: "WebAclLogging", path: "RedactedFields", line: "- SingleHeader"},
		{name: "unknown parts of the log", rule: "NET037", edit: replaceInResource(ingress, "WebAclLogging", "Name: cookie", "Name: !ImportValue name"), id: "WebAclLogging", path: "RedactedFields", outcome: Unsure, line: "- QueryString"},
		{name: "no translated addresses", rule: "NET038", edit: replaceInResource("egress.yaml", "FlowLog", "${pkt-srcaddr} ", ""), id: "FlowLog", path: "LogFormat", line: "LogFormat"},
		{name: "the default format", rule: "NET038", edit: replaceInResource("egress.yaml", "FlowLog", "LogFormat: ", "Format: "), id: "FlowLog", path: "LogFormat", line: "DeliverLogs"},
		{name: "late records", rule: "NET038", edit: replaceInResource("egress.yaml", "FlowLog", "MaxAggregationInterval: 60", "MaxAggregationInterval: 600"), id: "FlowLog", path: "MaxAggregationInterval", line: "600"},
	})
}

// What is private, lone or sized by IPAM is no subject.
func TestNetworkShapeLeavesOutWhatItIsNotAbout(t *testing.T) {
	const text = `Resources:
  VPC:
    Type: AWS::EC2::VPC
    Properties:
      Ipv4IpamPoolId: ipam-pool-0abc
      Ipv4NetmaskLength: 20
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Scheme: internal
      Subnets: [subnet-0abc]
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
  Lone:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
  Out:
    Type: AWS::EC2::Route
    Properties:
      GatewayId: igw-0abc
      RouteTableId: rtb-0abc
`
	w := worldOfText(t, map[string]string{"a.yaml": text})
	for _, id := range []string{"NET031", "NET032", "NET033", "NET034", "NET035", "NET036", "NET037", "NET038"} {
		if r := resultOf(t, w, networkRules(), id); r.Outcome != NotApplicable {
			t.Errorf("%s: %s %+v", id, r.Outcome, r.Findings)
		}
	}
	if r := resultOf(t, w, requiredRules(), "REQ002"); r.Outcome != Pass || r.Subjects != 4 {
		t.Errorf("REQ002: %s of %d", r.Outcome, r.Subjects)
	}
}
