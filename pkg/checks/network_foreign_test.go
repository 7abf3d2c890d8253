package checks

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// foreign is a flat stack as others write it: JSON, long forms, public tasks, no endpoints, a network load balancer.
const foreign = `{
  "Parameters": {"Scheme": {"Type": "String"}, "Image": {"Type": "String", "Default": "111122223333.dkr.ecr.us-east-1.amazonaws.com/a"}},
  "Resources": {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "172.31.0.0/16", "EnableDnsHostnames": true}},
    "Igw": {"Type": "AWS::EC2::InternetGateway"},
    "SubnetA": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": {"Fn::Select": [0, {"Fn::Cidr": [{"Fn::GetAtt": ["Vpc", "CidrBlock"]}, 4, 8]}]}, "AvailabilityZone": {"Fn::Select": [0, {"Fn::GetAZs": ""}]}}},
    "Routes": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Vpc"}}},
    "Out": {"Type": "AWS::EC2::Route", "Properties": {"RouteTableId": {"Ref": "Routes"}, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": {"Ref": "Igw"}}},
    "RoutesA": {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": {"SubnetId": {"Ref": "SubnetA"}, "RouteTableId": {"Ref": "Routes"}}},
    "TaskGroup": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "tasks", "VpcId": {"Ref": "Vpc"},
      "SecurityGroupIngress": [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0"}, {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "192.168.0.0/16"}]}},
    "Space": {"Type": "AWS::ServiceDiscovery::PrivateDnsNamespace", "Properties": {"Name": "shop.local", "Vpc": {"Ref": "Vpc"}}},
    "Name": {"Type": "AWS::ServiceDiscovery::Service", "Properties": {"Name": "web", "NamespaceId": {"Ref": "Space"}, "DnsConfig": {"DnsRecords": [{"Type": "A", "TTL": 10}]}}},
    "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [{"Image": {"Ref": "Image"}, "PortMappings": [{"ContainerPort": 80}, {"ContainerPort": "http"}]}, {"Fn::If": ["Never", 1, 2]}]}},
    "Web": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": {"Ref": "Task"}, "ServiceRegistries": [{"RegistryArn": {"Fn::GetAtt": ["Name", "Arn"]}}],
      "LoadBalancers": [{"TargetGroupArn": {"Ref": "Targets"}, "ContainerPort": 80}],
      "NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": "ENABLED", "Subnets": [{"Ref": "SubnetA"}], "SecurityGroups": [{"Ref": "TaskGroup"}]}}}},
    "JobTask": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [{"Image": "job", "Environment": [{"Name": "WEB", "Value": "http://web.shop.local/x"}]}]}},
    "Nightly": {"Type": "AWS::Events::Rule", "Properties": {"Targets": [{"Arn": "a", "Id": "Other"}, {"Arn": "a", "Id": "Job", "EcsParameters": {"TaskDefinitionArn": {"Ref": "JobTask"},
      "NetworkConfiguration": {"AwsVpcConfiguration": {"Subnets": [{"Ref": "SubnetA"}]}}}}]}},
    "Bridged": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": {"Ref": "JobTask"}}},
    "OneOff": {"Type": "AWS::Scheduler::Schedule", "Properties": {"Target": {"Arn": "queue"}}},
    "Balancer": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Type": "network", "Scheme": {"Ref": "Scheme"}, "SubnetMappings": [{"SubnetId": {"Ref": "SubnetA"}}]}},
    "Inner": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Scheme": "internal", "Subnets": [{"Ref": "SubnetA"}], "SecurityGroups": [{"Ref": "TaskGroup"}]}},
    "Targets": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"Port": 80, "Protocol": "TCP"}},
    "Lonely": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"Port": 80, "Protocol": "TCP"}},
    "Listener": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": {"Ref": "Balancer"}, "Port": 80, "Protocol": "TCP", "DefaultActions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Targets"}}]}},
    "InnerListener": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {"LoadBalancerArn": {"Ref": "Inner"}, "Port": 80, "Protocol": "HTTP", "DefaultActions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Lonely"}}]}},
    "ListenerRule": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "Listener"}, "Actions": [{"Type": "fixed-response"}]}},
    "LonelyRule": {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": {"ListenerArn": {"Ref": "Listener"}, "Actions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Lonely"}}]}},
    "FlowLog": {"Type": "AWS::EC2::FlowLog", "Properties": {"ResourceId": "vpc-1", "ResourceType": "VPC", "TrafficType": "ALL"}},
    "Release": {"Type": "AWS::CodeDeploy::DeploymentGroup", "Properties": {"LoadBalancerInfo": {"TargetGroupPairInfoList": [{"TargetGroups": [{"Name": "elsewhere"}, {"Name": {"Fn::GetAtt": ["Targets", "TargetGroupName"]}}]}]}}},
    "Stray": {"Type": "AWS::EC2::SecurityGroupEgress", "Properties": {"GroupId": "sg-1", "CidrIp": "0.0.0.0/0", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}},
    "Far": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": {"Ref": "FarTask"}, "NetworkConfiguration": {"AwsvpcConfiguration": {"SecurityGroups": ["sg-2"], "Subnets": ["subnet-1"]}}}},
    "FarTask": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [{"Image": {"Ref": "Image"}}]}},
    "FarClosed": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": {"Ref": "FarTask"}, "NetworkConfiguration": {"AwsvpcConfiguration": {"SecurityGroups": [{"Ref": "Nowhere"}], "Subnets": ["subnet-1"]}}}},
    "Nowhere": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "closed", "SecurityGroupEgress": [{"IpProtocol": "-1", "CidrIp": "127.0.0.1/32"}]}},
    "Store": {"Type": "AWS::RDS::DBCluster", "Properties": {"Engine": "aurora-mysql", "Port": 3306}}
  }
}`

func TestForeignTemplates(t *testing.T) {
	w := worldOf(t, nil, map[string]string{"shop.json": foreign})
	n := w.Network()
	want := []string{"address range 192.168.0.0/16", "database Store", "internet internet", "load balancer Balancer", "load balancer Inner",
		"tasks Bridged", "tasks Far", "tasks FarClosed", "tasks Nightly", "tasks web"}
	got := mapped(n.Nodes(), func(n *Node) string { return string(n.Kind) + " " + n.Name })
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	outcomes := map[string]Outcome{}
	for _, r := range Verify(w, networkRules()) {
		outcomes[r.Rule.ID] = r.Outcome
	}
	wanted := map[string]Outcome{"NET001": Fail, "NET002": Fail, "NET003": Fail, "NET004": Fail, "NET005": Fail, "NET006": Fail, "NET007": Unsure, "NET008": Fail, "NET009": Fail,
		"NET010": NotApplicable, "NET011": Fail, "NET012": Fail, "NET013": Fail, "NET014": Unsure, "NET015": NotApplicable, "NET016": Pass, "NET017": Fail, "NET018": Fail,
		"NET019": NotApplicable, "NET020": Unsure, "NET021": NotApplicable, "NET022": Unsure, "NET023": Fail, "NET024": NotApplicable, "NET025": NotApplicable,
		"NET026": Fail, "NET027": Fail, "NET028": Fail, "NET029": Unsure, "NET030": NotApplicable,
		"NET031": NotApplicable, "NET032": Fail, "NET033": Unsure, "NET034": Pass, "NET035": Fail, "NET036": Pass, "NET037": NotApplicable, "NET038": Fail}
	if diff := cmp.Diff(wanted, outcomes); diff != "" {
		t.Error(diff)
	}
	if t.Failed() {
		t.Log(n.Table())
		for _, r := range Verify(w, networkRules()) {
			for _, f := range r.Findings {
				t.Log(f)
			}
		}
	}
}

func TestRulesSurviveNothing(t *testing.T) {
	for _, resources := range []string{"", strings.Repeat(" ", 3), "  A: {Type: AWS::EC2::Subnet, Properties: {AvailabilityZone: !GetAtt B.AvailabilityZone}}\n  B: {Type: AWS::EC2::Subnet, Properties: {AvailabilityZone: !GetAtt A.AvailabilityZone}}\n"} {
		w := worldOf(t, nil, map[string]string{"empty.yaml": "Resources:\n  Topic: {Type: AWS::SNS::Topic}\n" + resources})
		for _, r := range Verify(w, networkRules()) {
			if (r.Outcome == Fail || r.Outcome == Unsure) && r.Rule.ID != "NET034" { // the subnets follow the main route table
				t.Errorf("%s: %+v", r.Rule.ID, r.Findings)
			}
		}
	}
}

func BenchmarkNetwork(b *testing.B) {
	for b.Loop() {
		w := goldenWorld(b)
		Verify(w, networkRules())
	}
}
