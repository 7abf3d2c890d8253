package cfn_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/cfn"
)

// tableARN is a kind of reference from another package.
type tableARN string

func (tableARN) Reference() {}

// common is embedded in inputs; its fields count as theirs.
type common struct {
	EnvironmentSuffix cfn.EnvironmentSuffix
}

// Placement is a struct within inputs; its fields carry its name.
type Placement struct {
	VPC     cfn.VPCID
	Subnets cfn.Zoned[cfn.SubnetID]
}

type everyInput struct {
	common
	cfn.TimeoutMinutes
	Common    Common
	Placement Placement
	Absent    *Placement
	Present   *Placement
	ByName    map[string]cfn.KeyARN
	Nothing   map[string]cfn.KeyARN
	None      []cfn.KeyARN
	Peers     []Placement
	Table     tableARN
	Empty     cfn.Text `cfn:"optional"`
	Given     cfn.Text `cfn:"optional"`
	Readers   int
	Labels    map[string]string
	Notes     []string
	Pointer   *int
	Anything  any
	hidden    cfn.Text
	cfn.HostName
}

// Common is embedded under its own name, as a named struct it is not.
type Common struct{ Count cfn.Number }

// topics declares parameters of a root and returns references to them.
func parameters(root *cfn.Template, names ...string) []string {
	var all []string
	for _, name := range names {
		all = append(all, cfn.AddParameter[string](root, name, cfn.Parameter{}))
	}
	return all
}

func TestInputs(t *testing.T) {
	root := cfn.NewTemplate("test", "A template.")
	p := parameters(root, "Pa", "Pb", "Pc", "Pd", "Pe", "Pf", "Pg", "Ph", "Pi", "Pj")
	in := everyInput{
		common:         common{cfn.EnvironmentSuffix(p[9])},
		TimeoutMinutes: 7,
		Common:         Common{cfn.Number(p[0])},
		Placement:      Placement{VPC: cfn.VPCID(p[1]), Subnets: cfn.Zoned[cfn.SubnetID]{cfn.SubnetID(p[2]), cfn.SubnetID(p[3])}},
		Present:        &Placement{VPC: cfn.VPCID(p[4])},
		ByName:         map[string]cfn.KeyARN{"log-data": cfn.KeyARN(p[5]), "archive": cfn.KeyARN("arn:" + p[6])},
		Peers:          []Placement{{VPC: cfn.VPCID(p[7])}},
		Table:          tableARN(cfn.Join("/", p[8], cfn.Region)),
		Given:          cfn.Text(cfn.AccountID),
		Readers:        3, Labels: map[string]string{"a": "b"}, Notes: []string{"c"}, Pointer: new(4), Anything: 5, hidden: "kept",
		HostName: cfn.HostName(cfn.Region + "." + cfn.URLSuffix),
	}
	var seen everyInput
	cfn.Nest(root, "DataStore", func(c *cfn.Template, in everyInput) struct{} {
		c.Describe("A child.")
		seen = in
		values := []string{string(in.Common.Count), string(in.Placement.VPC), string(in.Present.VPC), string(in.Peers[0].VPC),
			string(in.Table), string(in.Given), string(in.EnvironmentSuffix), string(in.HostName)}
		for _, s := range in.Placement.Subnets {
			values = append(values, string(s))
		}
		for _, key := range slices.Sorted(maps.Keys(in.ByName)) {
			values = append(values, string(in.ByName[key]))
		}
		topic := addTopic(c, "Topic")
		topic.Patch("DisplayName", strings.Join(values, " "))
		return struct{}{}
	}, in)

	wantResource(t, root, "DataStoreStack", `
    Type: AWS::CloudFormation::Stack
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Metadata:
      Description: A child.
    Properties:
      Parameters:
        EnvironmentSuffix: !Ref Pj
        CommonCount: !Ref Pa
        PlacementVpc: !Ref Pb
        PlacementSubnetsA: !Ref Pc
        PlacementSubnetsB: !Ref Pd
        PresentVpc: !Ref Pe
        ByNameArchive: !Sub arn:${Pg}
        ByNameLogData: !Ref Pf
        PeersAVpc: !Ref Ph
        Table: !Join [/, [!Ref Pi, !Ref AWS::Region]]
        Given: !Ref AWS::AccountId
        HostName: !Sub ${AWS::Region}.${AWS::URLSuffix}
      TemplateURL: !Sub https://s3.${AWS::Region}.${AWS::URLSuffix}/${ArtifactBucket}/${DataStoreTemplateKey}
      TimeoutInMinutes: 7
`)
	want := `AWSTemplateFormatVersion: '2010-09-09'
Description: A child.

Parameters:
  EnvironmentSuffix:
    Type: String
    Description: Passed by the parent stack from Pj
    AllowedPattern: ^[a-z0-9]+(-[a-z0-9]+)*$
    ConstraintDescription: '1 to 12 characters: words of a-z and 0-9 joined by single hyphens'
    MinLength: 1
    MaxLength: 12
  CommonCount:
    Type: Number
    Description: Passed by the parent stack from Pa
  PlacementVpc:
    Type: String
    Description: Passed by the parent stack from Pb
  PlacementSubnetsA:
    Type: String
    Description: Passed by the parent stack from Pc
  PlacementSubnetsB:
    Type: String
    Description: Passed by the parent stack from Pd
  PresentVpc:
    Type: String
    Description: Passed by the parent stack from Pe
  ByNameArchive:
    Type: String
    Description: Passed by the parent stack from arn:${Pg}
  ByNameLogData:
    Type: String
    Description: Passed by the parent stack from Pf
  PeersAVpc:
    Type: String
    Description: Passed by the parent stack from Ph
  Table:
    Type: String
    Description: Passed by the parent stack from Fn::Join(/,${Pi},${AWS::Region})
  Given:
    Type: String
    Description: Passed by the parent stack from AWS::AccountId
  HostName:
    Type: String
    Description: Passed by the parent stack from ${AWS::Region}.${AWS::URLSuffix}
`
	child := files(t, root)["data-store.yaml"]
	if diff := cmp.Diff(want, child[:strings.Index(child, "\nResources:")]); diff != "" {
		t.Errorf("data-store.yaml (-want +got):\n%s", diff)
	}
	// Plain values arrive unchanged, absent ones stay absent, and the caller's values are left alone.
	if seen.Readers != 3 || seen.Labels["a"] != "b" || seen.Notes[0] != "c" || *seen.Pointer != 4 || seen.Anything != 5 ||
		seen.hidden != "kept" || seen.Absent != nil || seen.Nothing != nil || seen.None != nil || seen.Empty != "" || seen.TimeoutMinutes != 7 {
		t.Errorf("got %+v", seen)
	}
	if string(in.Placement.Subnets[0]) != p[2] || string(in.Present.VPC) != p[4] || string(in.ByName["log-data"]) != p[5] {
		t.Errorf("the caller's inputs were changed: %+v", in)
	}
}

type everyOutput struct {
	cfn.Stack
	VPC     cfn.VPCID
	Subnets cfn.Zoned[cfn.SubnetID]
	Keys    map[string]cfn.KeyARN
	Inside  struct{ Port cfn.Port }
	Absent  *Placement
	Maybe   cfn.Text `cfn:"optional"`
	Count   int
}

func TestOutputs(t *testing.T) {
	root := cfn.NewTemplate("test", "A template.")
	out := cfn.Nest(root, "Network", func(c *cfn.Template, _ struct{}) everyOutput {
		c.Describe("A child.")
		topic := addTopic(c, "Topic")
		name := topic.Att("TopicName")
		return everyOutput{
			VPC: cfn.VPCID(topic.Ref()), Subnets: cfn.Zoned[cfn.SubnetID]{cfn.SubnetID("a-" + name), cfn.SubnetID("b-" + name)},
			Keys: map[string]cfn.KeyARN{"log": cfn.KeyARN(cfn.Region)}, Inside: struct{ Port cfn.Port }{cfn.Port(name)}, Count: 2,
		}
	}, struct{}{})
	after := cfn.Nest(root, "Later", func(c *cfn.Template, _ struct{ cfn.After }) cfn.Stack {
		c.Describe("A child.")
		addTopic(c, "Topic")
		return cfn.Stack{}
	}, struct{ cfn.After }{cfn.After{out.Stack}})
	last := addTopic(root, "Last")
	last.DependsOn(after, out.Stack)
	last.Patch("DisplayName", strings.Join([]string{string(out.VPC), string(out.Subnets[0]), string(out.Subnets[1]),
		string(out.Keys["log"]), string(out.Inside.Port)}, " "))

	if out.Count != 2 || out.Absent != nil || out.Maybe != "" {
		t.Errorf("got %+v", out)
	}
	child := files(t, root)["network.yaml"]
	want := `
Outputs:
  Vpc:
    Value: !Ref Topic
  SubnetsA:
    Value: !Sub a-${Topic.TopicName}
  SubnetsB:
    Value: !Sub b-${Topic.TopicName}
  KeysLog:
    Value: !Ref AWS::Region
  InsidePort:
    Value: !GetAtt Topic.TopicName
`
	if diff := cmp.Diff(want, child[strings.Index(child, "\nOutputs:"):]); diff != "" {
		t.Errorf("network.yaml (-want +got):\n%s", diff)
	}
	wantResource(t, root, "Last", `
    Type: AWS::SNS::Topic
    DependsOn:
      - LaterStack
      - NetworkStack
    Metadata:
      Description: A topic
    Properties:
      DisplayName: !Sub ${NetworkStack.Outputs.Vpc} ${NetworkStack.Outputs.SubnetsA} ${NetworkStack.Outputs.SubnetsB} ${NetworkStack.Outputs.KeysLog} ${NetworkStack.Outputs.InsidePort}
`)
	wantResource(t, root, "LaterStack", `
    Type: AWS::CloudFormation::Stack
    DependsOn:
      - NetworkStack
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Metadata:
      Description: A child.
    Properties:
      TemplateURL: !Sub https://s3.${AWS::Region}.${AWS::URLSuffix}/${ArtifactBucket}/${LaterTemplateKey}
`)
}
