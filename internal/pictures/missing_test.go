package pictures_test

import (
	"errors"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tierform/tierform/internal/pictures"
)

// Whatever cannot be read is said by name.
func TestFilesThatCannotBeRead(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for name, tc := range map[string]struct {
		edit func(fstest.MapFS)
		want string
	}{
		"no golden":        {func(m fstest.MapFS) { clear(m) }, "golden: file does not exist"},
		"folder":           {func(m fstest.MapFS) { m["golden/x.yaml/y"] = file("") }, "golden/x.yaml"},
		"no template":      {func(m fstest.MapFS) { m["golden/x.yaml"] = file("[]") }, "x.yaml"},
		"no parameters":    {func(m fstest.MapFS) { delete(m, "environments/prod.yaml") }, "environments/prod.yaml: file does not exist"},
		"bad parameters":   {func(m fstest.MapFS) { m["environments/prod.yaml"] = file("[]") }, "environments/prod.yaml: yaml:"},
		"no root":          {func(m fstest.MapFS) { delete(m, "golden/platform.yaml") }, "golden/platform.yaml: file does not exist"},
		"root without any": {func(m fstest.MapFS) { m["golden/platform.yaml"] = file("Resources: {Topic: {Type: AWS::SNS::Topic}}") }, "golden/platform.yaml: no nested stacks"},
		"root of elsewhere": {func(m fstest.MapFS) {
			m["golden/platform.yaml"] = file("Parameters: []\nResources: {Topic: {Type: AWS::SNS::Topic}}")
		}, "golden/platform.yaml: yaml:"},
		"bad stack": {func(m fstest.MapFS) {
			m["golden/platform.yaml"] = file("Resources: {Topic: {Type: AWS::SNS::Topic, DependsOn: {}}}")
		}, "golden/platform.yaml: yaml:"},
	} {
		t.Run(name, func(t *testing.T) {
			files := maps.Clone(repository(t))
			tc.edit(files)
			_, err := pictures.Pictures(files)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got error %v, want one with %q", err, tc.want)
			}
			if strings.HasSuffix(tc.want, "does not exist") && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%v is not fs.ErrNotExist", err)
			}
		})
	}
}

// bare is a platform that leaves out what pictures ask for: a task definition that is elsewhere, a service that nothing
// releases, subnets without a route table of ours, a way out without NAT, a node that nothing reaches.
const bare = `
Resources:
  Stack: {Type: AWS::CloudFormation::Stack}
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Gateway: {Type: AWS::EC2::InternetGateway}
  Attachment: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: us-east-1a}}
  Routes: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Out: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Routes, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}}
  Association: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Subnet, RouteTableId: !Ref Routes}}
  Elsewhere: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: subnet-1, RouteTableId: rtb-1}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref Vpc
      SecurityGroupEgress:
        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, DestinationPrefixListId: pl-1}
        - {IpProtocol: tcp, FromPort: 5432, ToPort: 5432, DestinationSecurityGroupId: !Ref Door}
  Door: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 5432, ToPort: 5432, SourceSecurityGroupId: !Ref Group}]}}
  Closed: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, SecurityGroupEgress: [{IpProtocol: '-1', CidrIp: 127.0.0.1/32}]}}
  Web:
    Type: AWS::ECS::Service
    Properties:
      ServiceName: web
      TaskDefinition: elsewhere
      NetworkConfiguration: {AwsvpcConfiguration: {AssignPublicIp: ENABLED, Subnets: [!Ref Subnet], SecurityGroups: [!Ref Group]}}
  Alone:
    Type: AWS::ECS::Service
    Properties:
      ServiceName: alone
      TaskDefinition: elsewhere
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [!Ref Subnet], SecurityGroups: [!Ref Closed]}}
  Store: {Type: AWS::RDS::DBInstance, Properties: {DBInstanceIdentifier: store, Engine: postgres, Port: 5432, VPCSecurityGroups: [!Ref Door]}}
`

func TestWhatIsNotThere(t *testing.T) {
	got := sources(t, fstest.MapFS{
		"golden/platform.yaml":   {Data: []byte(bare)},
		"environments/prod.yaml": {Data: []byte("{}")},
	})
	for _, tc := range []struct {
		picture, text string
		want          bool
	}{
		{"network", `"web" -> "pl-1" [label=" 443 "]`, true},
		{"network", ">prefix list<", true},
		{"network", ">us-east-1a<", true},
		{"network", `"alone"`, false},
		{"services", ">alone<", true},
		{"services", `"web" -> "store" [label="5432"]`, true},
		{"services", "vCPU", false},
		{"release", "subgraph", false},
		{"stacks", `"Stack" [`, true},
	} {
		if strings.Contains(got[tc.picture], tc.text) != tc.want {
			t.Errorf("%s says %q: %v, want %v:\n%s", tc.picture, tc.text, !tc.want, tc.want, got[tc.picture])
		}
	}
}
