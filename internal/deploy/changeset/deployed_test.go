package changeset_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/source"
)

const exposing = `
Parameters:
  Password: {Type: String, NoEcho: true}
  Plain: {Type: String}
  Resolved: {Type: String}
  Key: {Type: String}
Conditions:
  Set: !Equals [!Ref Plain, yes]
Mappings:
  Sizes: {small: {Bits: 8}}
Resources:
  Database:
    Type: AWS::RDS::DBCluster
    Properties: {MasterUserPassword: !Ref Password, DatabaseName: !Ref Plain, Tags: [{Key: a, Value: !Ref Password}], Description: !Ref Password}
  Parameter: {Type: AWS::SSM::Parameter, Properties: {Value: !Sub 'x-${Password}', Name: !Ref Plain}}
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Join ['-', [topic, !Ref Password]]}}
  Echo: {Type: AWS::Echo::Thing, Properties: {Config: {Value: !Ref Password}}}
  User: {Type: AWS::IAM::AccessKey, Properties: {UserName: deployer}}
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: !Ref Password}}
  Made: {Type: Custom::Made, Properties: {ServiceToken: !Ref Plain}}
  Remade: {Type: Custom::Made, Properties: {ServiceToken: !Ref Plain, Input: [!Ref Password]}}
  Net:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: !Sub 'https://s3/${Plain}/${Key}', Parameters: {Handed: !Sub 'key=${Password}', Size: !Ref Plain}}
  Far:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: far.yaml}
  Packed:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: 'https://s3.amazonaws.com/b/templates/0000000000000000000000000000000000000000000000000000000000000000.yaml'}
  Odd:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: net.yaml, Parameters: !If [Set, {Handed: !Ref Password}, {Handed: no}]}
Outputs:
  It: {Value: VALUE}
`

const nestedExposing = `
Parameters:
  Handed: {Type: String}
  Size: {Type: String}
  Preset: {Type: String, Default: '{{resolve:ssm-secure:x}}'}
  Free: {Type: String, Default: free}
Resources:
  Deep:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: deep.yaml, Parameters: {Handed: !Ref Handed}}
  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
Outputs:
  Handed: {Value: !Sub 'u:${Handed}@host'}
  Size: {Value: !Ref Size}
  Preset: {Value: !Ref Preset}
  Free: {Value: !Ref Free}
  Deep: {Value: !GetAtt Deep.Outputs.Handed}
  Vpc: {Value: !Ref VPC}
`

const deepExposing = `
Parameters:
  Handed: {Type: String}
Resources:
  Topic: {Type: AWS::SNS::Topic}
Outputs:
  Handed: {Value: !Base64 {Ref: Handed}}
`

// deployedRoot is a stack with one output.
func deployedRoot(t *testing.T, expression, value string, asked *[]string) changeset.Deployed {
	t.Helper()
	parse := func(name, text string) *source.Template {
		parsed, err := source.Parse(name, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	d := changeset.Deployed{Parameters: map[string]string{"Password": "****", "Plain": "yes", "Resolved": "{{resolve:secretsmanager:s}}", "Key": "templates/net.yaml"},
		Outputs: map[string]string{"It": value}, Public: []string{"dev"}, Pseudo: map[string]string{"AWS::Region": "us-east-1"}}
	d.Root = parse("root.yaml", strings.Replace(exposing, "VALUE", expression, 1))
	d.Template = func(path []string, key string) *source.Template {
		*asked = append(*asked, strings.Join(path, "/")+" "+key)
		switch strings.Join(path, "/") {
		case "Net", "Odd":
			return parse("net.yaml", nestedExposing)
		case "Net/Deep", "Odd/Deep":
			return parse("deep.yaml", deepExposing)
		}
		return nil
	}
	d.Values = func(path []string) map[string]string { return nil }
	return d
}

const secret = "hunter2-canary"

// Outputs that give a secret away are found, however it gets there; what is told of it is told; nothing else is masked.
func TestExpose(t *testing.T) {
	coded := base64.StdEncoding.EncodeToString([]byte("key=" + secret))
	for _, tt := range []struct {
		expression, value string
		// want is "masked", "unclear" or "shown"; secrets are those learned beside the value.
		want    string
		secrets []string
		asked   []string
	}{
		{"!Ref Password", secret, "masked", nil, nil},
		{"!Sub 'https://example.com/?key=${Password}'", "https://example.com/?key=" + secret, "masked", []string{secret}, nil},
		{"!Sub ['a${!Literal}${X}${Plain}b', {X: !Ref Password}]", "a${Literal}" + secret + "yesb", "masked", []string{secret}, nil},
		{"!Sub ['${X}-${Password}', {X: a-b}]", "a-b-" + secret, "masked", []string{secret}, nil},
		{"!Sub '${Password}-${AWS::Region}-${Password}'", secret + "-us-east-1-" + secret, "masked", []string{secret}, nil},
		{"!Sub '${Password}/${Topic.Arn}'", "x/arn:aws:sns", "masked", []string{"arn:aws:sns"}, nil},
		{"!Sub '${Password}/${Topic.Arn}'", "another", "masked", nil, nil},
		{"!Join ['', [!Ref Password, x]]", secret + "x", "masked", []string{secret}, nil},
		{"!Join [',', !Split ['-', !Ref Password]]", "hunter2,canary", "masked", nil, nil},
		{"!Join [':', [u, !Ref Password]]", "u:" + secret, "masked", []string{secret}, nil},
		{"!If [Set, !Sub 'k=${Password}', none]", "k=" + secret, "masked", []string{secret}, nil},
		{"!If [Set, yes, no]", "yes", "shown", nil, nil},
		{"!Base64 {Ref: Password}", base64.StdEncoding.EncodeToString([]byte(secret)), "masked", []string{secret}, nil},
		{"!Base64 {Ref: Password}", "nobase64!", "masked", nil, nil},
		{"'user:{{resolve:secretsmanager:s:SecretString:p}}@host'", "user:" + secret + "@host", "masked", []string{secret}, nil},
		{"'{{resolve:ssm-secure:s'", secret, "masked", nil, nil},
		{"'{{resolve:ssm:plain}}'", "plain", "shown", nil, nil},
		{"!Join ['', ['{{resolve:', 'secretsmanager:s}}']]", secret, "unclear", nil, nil},
		{"!Ref Resolved", secret, "masked", nil, nil},
		{"!Ref Plain", "yes", "shown", nil, nil},
		{"!Ref AWS::Region", "us-east-1", "shown", nil, nil},
		{"!Ref Nothing", "what", "unclear", nil, nil},
		{"!Ref [Password]", secret, "unclear", nil, nil},
		{"!FindInMap [Sizes, small, Bits]", "8", "shown", nil, nil},
		{"!Join ['', [!FindInMap [Sizes, small, Bits], '{{resolve:secretsmanager:x}}']]", "8" + secret, "masked", nil, nil},
		{"!ImportValue Shared", "vpc-1", "unclear", nil, nil},
		{"!Join ['', !GetAZs '']", "a", "shown", nil, nil},
		// of resources
		{"!GetAtt Database.Endpoint.Address", "db.example.com", "shown", nil, nil},
		{"!GetAtt Database.MasterUserSecret.SecretArn", "arn:aws:secretsmanager:x", "shown", nil, nil},
		{"!GetAtt Parameter.Value", "x-" + secret, "unclear", nil, nil},
		{"{'Fn::GetAtt': Parameter.Value}", "x-" + secret, "unclear", nil, nil},
		{"{'Fn::GetAtt': [Parameter, !Ref Plain]}", "x", "unclear", nil, nil},
		{"{'Fn::GetAtt': [Database, !Ref Plain]}", "x", "unclear", nil, nil},
		{"!Ref Topic", "arn:aws:sns:topic-" + secret, "unclear", nil, nil},
		{"!GetAtt Echo.Config.Value", secret, "unclear", nil, nil},
		{"!GetAtt Echo.Arn", "arn:aws:echo", "shown", nil, nil},
		{"!GetAtt User.SecretAccessKey", secret, "masked", nil, nil},
		{"!Ref User", "AKIA", "shown", nil, nil},
		{"!Ref Secret", "arn:aws:secretsmanager:y", "shown", nil, nil},
		{"!GetAtt Secret.Id", "arn:aws:secretsmanager:y", "shown", nil, nil},
		{"!GetAtt Secret.Value", secret, "masked", nil, nil},
		{"!GetAtt Made.Answer", "answer", "unclear", nil, nil},
		{"!GetAtt Remade.Answer", "answer", "unclear", nil, nil},
		// through nested stacks, which are read only where the output leads
		{"!GetAtt Net.Outputs.Handed", "u:key=" + secret + "@host", "masked", []string{"key=" + secret, secret}, []string{"Net templates/net.yaml"}},
		{"{'Fn::GetAtt': Net.Outputs.Handed}", "u:key=" + secret + "@host", "masked", []string{"key=" + secret, secret}, []string{"Net templates/net.yaml"}},
		{"!Sub '${Net.Outputs.Handed}!'", "u:key=" + secret + "@host!", "masked", []string{"u:key=" + secret + "@host", "key=" + secret, secret}, []string{"Net templates/net.yaml"}},
		{"!GetAtt Net.Outputs.Deep", coded, "masked", []string{"key=" + secret, secret}, []string{"Net templates/net.yaml", "Net/Deep "}},
		{"!GetAtt Net.Outputs.Size", "yes", "shown", nil, []string{"Net templates/net.yaml"}},
		{"!GetAtt Net.Outputs.Vpc", "vpc-1", "shown", nil, []string{"Net templates/net.yaml"}},
		{"!GetAtt Net.Outputs.Free", "free", "shown", nil, []string{"Net templates/net.yaml"}},
		{"!GetAtt Net.Outputs.Preset", secret, "masked", nil, []string{"Net templates/net.yaml"}},
		{"!GetAtt Net.Outputs.Gone", "gone", "unclear", nil, []string{"Net templates/net.yaml"}},
		{"!GetAtt Odd.Outputs.Handed", "u:" + secret + "@host", "masked", []string{secret}, []string{"Odd "}},
		{"!GetAtt Far.Outputs.Value", secret, "unclear", nil, []string{"Far "}},
		{"!GetAtt Packed.Outputs.Value", secret, "unclear", nil, []string{"Packed templates/" + strings.Repeat("0", 64) + ".yaml"}},
		{"{'Fn::GetAtt': [Far, !Ref Plain]}", secret, "unclear", nil, nil},
		{"!Ref Far", "arn:aws:cloudformation:far", "shown", nil, nil},
		// what everybody knows is no secret
		{"!Ref Password", "dev", "masked", []string{"-dev"}, nil},
	} {
		t.Run(tt.expression, func(t *testing.T) {
			var asked []string
			x := deployedRoot(t, tt.expression, tt.value, &asked).Expose()
			got := "shown"
			switch {
			case len(x.Unclear) == 1:
				got = "unclear"
			case len(x.Masked) == 1:
				got = "masked"
			}
			secrets := tt.secrets
			if tt.want != "shown" {
				secrets = append(slices.Clone(secrets), tt.value)
			}
			if slices.Contains(secrets, "-dev") {
				secrets = nil
			}
			slices.Sort(secrets)
			if len(x.Secrets) == 0 {
				x.Secrets = nil
			}
			if got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if diff := cmp.Diff(slices.Compact(secrets), x.Secrets); diff != "" {
				t.Error("learned", diff)
			}
			if diff := cmp.Diff(tt.asked, asked); diff != "" {
				t.Error("read", diff)
			}
		})
	}
}
