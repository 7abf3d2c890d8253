package checks

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shownRoot is a template with one output; what it nests shows what it is handed.
const shownRoot = `
Parameters:
  Password: {Type: String, NoEcho: true}
  Plain: {Type: String, Default: plain}
  Given: {Type: String}
Resources:
  Parameter: {Type: AWS::SSM::Parameter, Properties: {Name: !Sub 'x-${Plain}', Value: !Sub 'x-${Password}'}}
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !Join ['-', [topic, !Ref Password]]}}
  Database: {Type: AWS::RDS::DBCluster, Properties: {DBClusterIdentifier: !Ref Plain, MasterUserPassword: !Ref Password}}
  User: {Type: AWS::IAM::AccessKey, Properties: {UserName: deployer}}
  Absent: {Type: AWS::SNS::Topic, Condition: Never}
  NetStack:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: net.yaml, Parameters: {Plain: !Ref Plain, Masked: !Ref Password}}
  FarStack:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: far.yaml}
Conditions:
  Never: !Equals [a, b]
Outputs:
  It: {Value: VALUE}
`

const shownNested = `
Parameters:
  Plain: {Type: String}
  Masked: {Type: String, NoEcho: yes}
  Preset: {Type: String, Default: '{{resolve:ssm-secure:x}}'}
Resources:
  Topic: {Type: AWS::SNS::Topic}
Outputs:
  Plain: {Value: !Ref Plain}
  Preset: {Value: PRESET}
  Masked: {Value: MASKED}
`

// A secret is found wherever it is shown, and what only stands near one is no secret.
func TestShownSecrets(t *testing.T) {
	const (
		password = "made of the NoEcho parameter Password of root.yaml"
		masked   = "made of the NoEcho parameter Masked of net.yaml"
		resolved = "made of a secret that CloudFormation resolves"
	)
	for _, tt := range []struct {
		root, nested string
		value        string
		want         []string
	}{
		{value: "!Ref Plain"},
		{value: "!Ref Password", want: []string{"root.yaml It  " + password}},
		{value: "!Sub 'x-${Password}'", want: []string{"root.yaml It  " + password}},
		{value: "!Sub ['x-${X}', {X: !Ref Password}]", want: []string{"root.yaml It  " + password}},
		{value: "!Join ['', [a, !If [Never, !Ref Password, b]]]", want: []string{"root.yaml It  " + password}},
		{value: "!Select [0, !Split ['-', !Ref Password]]", want: []string{"root.yaml It  " + password}},
		{value: "'u:{{resolve:secretsmanager:s}}'", want: []string{"root.yaml It  " + resolved}},
		{value: "'{{resolve:ssm:s}}'"},
		{value: "!Ref Given", want: []string{"root.yaml It  " + resolved}},
		{value: "!Ref AWS::Region"},
		{value: "!Ref Absent"},
		{value: "!ImportValue Shared"},
		{value: "!GetAtt Parameter.Value", want: []string{"root.yaml It  " + password}},
		{value: "!Ref Parameter"},
		{value: "!Ref Topic", want: []string{"root.yaml It  " + password}},
		{value: "!GetAtt Database.Endpoint.Address"},
		{value: "!GetAtt User.SecretAccessKey", want: []string{"root.yaml It  made of attribute SecretAccessKey of root.yaml User"}},
		{value: "!GetAtt NetStack.Outputs.Plain"},
		{value: "!GetAtt FarStack.Outputs.Plain"},
		{value: "!Ref NetStack"},
		{value: "!GetAtt NetStack.Outputs.Masked", nested: "MASKED", want: []string{"net.yaml Masked  " + masked, "root.yaml It  " + masked}},
		{value: "!GetAtt NetStack.Outputs.Preset", nested: "PRESET", want: []string{"net.yaml Preset  " + resolved, "root.yaml It  " + resolved}},
		{value: "!Ref Plain", root: "Plain: !Ref Plain", want: []string{"net.yaml Plain  " + password, "root.yaml NetStack Parameters.Plain " + password}},
		{value: "!Ref Plain", root: "Masked: !Ref Password", want: nil},
		// in circles, which CloudFormation refuses
		{value: "!GetAtt NetStack.Outputs.Plain", root: "circle"},
	} {
		t.Run(tt.value+tt.root, func(t *testing.T) {
			root, nested := strings.Replace(shownRoot, "VALUE", tt.value, 1), shownNested
			switch tt.root {
			case "Plain: !Ref Plain":
				root = strings.Replace(root, tt.root, "Plain: !Sub 'x=${Password}'", 1)
			case "circle":
				root = strings.Replace(root, "Plain: !Ref Plain", "Plain: !GetAtt NetStack.Outputs.Plain", 1)
			}
			for key, value := range map[string]string{"MASKED": "!Ref Masked", "PRESET": "!Ref Preset"} {
				if key != tt.nested {
					value = "none"
				}
				nested = strings.Replace(nested, key, value, 1)
			}
			w := worldOf(t, map[string]string{"Given": "{{resolve:secretsmanager:given}}"}, map[string]string{"root.yaml": root, "net.yaml": nested})
			var got []string
			for _, f := range Verify(w, []Rule{{ID: "IAM032", Check: checkShownSecrets}})[0].Findings {
				got = append(got, strings.Join([]string{f.Template, f.LogicalID, f.Path, f.Found}, " "))
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// secretly declares a NoEcho parameter in a template of golden.
func secretly(file string) edit {
	return replaceIn(file, "\nParameters:\n", "\nParameters:\n  Mode:\n    Type: String\n    NoEcho: true\n    Default: x\n")
}

func TestShownSecretFaults(t *testing.T) {
	const function = "\nResources:\n  Function:\n    Type: AWS::Lambda::Function\n    Properties:\n      Environment:\n        Variables:\n          MODE: !Ref Mode\n"
	checkFaults(t, []faultCase{
		{"a NoEcho parameter in a variable", "IAM032", edits(secretly(paymentsFile), replaceInResource(paymentsFile, "PaymentApiTaskDefinition", "Value: verify-full", "Value: !Ref Mode")),
			paymentsFile, "PaymentApiTaskDefinition", "ContainerDefinitions[0].Environment[4].Value", "!Ref Mode", ""},
		{"a NoEcho parameter in a variable of a function", "IAM032", edits(secretly("data.yaml"), replaceIn("data.yaml", "\nResources:\n", function)),
			"data.yaml", "Function", "Environment.Variables.MODE", "MODE", ""},
		{"a NoEcho parameter as an output", "IAM032", edits(secretly("data.yaml"), replaceIn("data.yaml", "\nOutputs:\n", "\nOutputs:\n  Mode:\n    Value: !Ref Mode\n")),
			"data.yaml", "Mode", "", "Mode:", ""},
	})
}
