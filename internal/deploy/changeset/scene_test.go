package changeset_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/source"
)

// A scene is a small environment, deployed and to be, with a change set made by hand in CloudFormation's form.
type scene struct {
	*testing.T
	was, now fstest.MapFS
	given    map[string]source.Given
	deployed map[string]string
	tags     map[string]string
	set      *changeset.Set
	// unreadable hides the deployed nested templates.
	unreadable bool
}

// newScene: the application takes the network's ID from the network, and CloudFormation takes everything made of it for replaced.
func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{T: t, was: fstest.MapFS{}, now: fstest.MapFS{}, given: map[string]source.Given{}, tags: map[string]string{"Environment": "dev"},
		deployed: map[string]string{"Bucket": "artifacts", "Size": "small", "Zone": "a", "Password": "****", "Color": "blue", "NetTemplateKey": "", "AppTemplateKey": "", "DeepTemplateKey": ""}}
	for _, name := range []string{"root.yaml", "net.yaml", "app.yaml", "deep.yaml"} {
		data := []byte(templates[name])
		s.was[name], s.now[name] = &fstest.MapFile{Data: data}, &fstest.MapFile{Data: data}
	}
	for name, value := range s.deployed {
		s.given[name] = source.Given{Value: value}
	}
	s.given["Password"] = source.Given{Previous: true, Secret: true}
	s.set = &changeset.Set{ARN: "arn:root", Name: "d-1", StackName: "platform-dev", Tags: s.tags, Changes: changes(modify("AppStack", "AWS::CloudFormation::Stack")),
		Nested: map[string]*changeset.Set{"AppStack": {Parameters: map[string]string{"Vpc": placeholder}, Nested: map[string]*changeset.Set{},
			Changes: changes(replaced("Database", "AWS::RDS::DBCluster", byParameter("KmsKeyId", "Vpc")))}}}
	return s
}

const (
	placeholder = "{{IntrinsicFunction:platform-dev/NetStack.Outputs.Vpc/Fn::GetAtt}}"
	afterApply  = "{{changeSet:KNOWN_AFTER_APPLY}}"
)

var templates = map[string]string{
	"root.yaml": `
Parameters:
  Bucket: {Type: String}
  Size: {Type: String}
  Zone: {Type: String}
  Color: {Type: String}
  Password: {Type: String, NoEcho: true}
  NetTemplateKey: {Type: String}
  AppTemplateKey: {Type: String}
  DeepTemplateKey: {Type: String}
Conditions:
  IsBig: !Equals [!Ref Size, big]
  IsZoned: !And [!Not [!Condition IsBig], !Equals [!Ref Zone, a]]
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties: {Description: key}
  NetStack:
    Type: AWS::CloudFormation::Stack
    Properties:
      Parameters: {Size: !Ref Size}
      TemplateURL: !Sub https://s3.amazonaws.com/${Bucket}/${NetTemplateKey}
  AppStack:
    Type: AWS::CloudFormation::Stack
    Properties:
      Parameters:
        Vpc: !GetAtt NetStack.Outputs.Vpc
        Zone: !If [IsZoned, !Ref Zone, none]
        Password: !Ref Password
        Color: !Ref Color
        DeepTemplateKey: !Ref DeepTemplateKey
        Bucket: !Ref Bucket
      TemplateURL: !Sub https://s3.amazonaws.com/${Bucket}/${AppTemplateKey}
`,
	"net.yaml": `
Parameters:
  Size: {Type: String}
  Preset: {Type: String, Default: preset}
Conditions:
  Small: !Equals [!Ref Size, small]
Mappings:
  Sizes: {small: {Bits: 8}}
Resources:
  VPC:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: !Ref Size, EnableDnsSupport: true}
  Other:
    Type: AWS::EC2::VPC
    Condition: Small
    Properties: {CidrBlock: 10.0.0.0/16}
Outputs:
  Vpc: {Value: !Ref VPC}
`,
	"app.yaml": `
Parameters:
  Vpc: {Type: String}
  Zone: {Type: String}
  Color: {Type: String}
  Password: {Type: String}
  Bucket: {Type: String}
  DeepTemplateKey: {Type: String}
Conditions:
  BlueIsActive: !Equals [!Ref Color, blue]
Resources:
  Database:
    Type: AWS::RDS::DBCluster
    UpdateReplacePolicy: Snapshot
    DeletionPolicy: Retain
    Metadata: {Description: Holds everything}
    Properties:
      KmsKeyId: !Ref Vpc
      Port: !Ref Zone
      MasterUserPassword: !Ref Password
  DeepStack:
    Type: AWS::CloudFormation::Stack
    Properties:
      Parameters: {Vpc: !Sub '${Vpc}'}
      TemplateURL: !Sub https://s3.amazonaws.com/${Bucket}/${DeepTemplateKey}
`,
	"deep.yaml": `
Parameters:
  Vpc: {Type: String}
Resources:
  Log:
    Type: AWS::Logs::LogGroup
    Properties: {KmsKeyId: !Ref Vpc}
  Role:
    Type: AWS::IAM::Role
    Properties: {Description: !Ref Vpc}
`}

// edit replaces a text in a template: in "was", "now" or "both".
func (s *scene) edit(where, name, old, now string) {
	s.Helper()
	for state, files := range map[string]fstest.MapFS{"was": s.was, "now": s.now} {
		if where != "both" && where != state {
			continue
		}
		body := string(files[name].Data)
		if !strings.Contains(body, old) {
			s.Fatalf("%s %s does not hold %q", state, name, old)
		}
		files[name] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(body, old, now))}
	}
}

// load reads both states and fills in the content addresses.
func (s *scene) load() (*source.Set, changeset.Before) {
	s.Helper()
	was, err := source.Load(s.was, "root.yaml")
	if err != nil {
		s.Fatal(err)
	}
	now, err := source.Load(s.now, "root.yaml")
	if err != nil {
		s.Fatal(err)
	}
	stored := map[string]*source.Template{}
	for _, name := range []string{"net", "app", "deep"} {
		parameter := strings.ToUpper(name[:1]) + name[1:] + "TemplateKey"
		if t := was.Nested[name+".yaml"]; t != nil {
			stored[t.Key()] = t
			s.deployed[parameter] = t.Key()
		}
		if t := now.Nested[name+".yaml"]; t != nil && s.given[parameter].Value == "" {
			s.given[parameter] = source.Given{Value: t.Key()}
		}
	}
	return now, changeset.Before{Root: was.Root, Parameters: s.deployed, Tags: map[string]string{"Environment": "dev"}, Template: func(key string) *source.Template {
		if s.unreadable {
			return nil
		}
		return stored[key]
	}}
}

func (s *scene) review() changeset.Review {
	s.Helper()
	now, before := s.load()
	return changeset.ReviewSet(s.set, now, s.given, before)
}

// app is the change set of the application, net that of the network, which it gets with this.
func (s *scene) app() *changeset.Set { return s.set.Nested["AppStack"] }

func (s *scene) net(list ...types.Change) *changeset.Set {
	s.set.Changes = append(s.set.Changes, modify("NetStack", "AWS::CloudFormation::Stack"))
	s.set.Nested["NetStack"] = &changeset.Set{Changes: list, Parameters: map[string]string{}, Nested: map[string]*changeset.Set{}}
	return s.set.Nested["NetStack"]
}
