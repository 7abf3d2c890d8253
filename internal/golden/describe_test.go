package golden

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const service = `Parameters:
  Image: {Type: String}
Conditions:
  Spot: !Equals [!Ref Image, a]
Resources:
  PaymentService:
    Type: AWS::ECS::Service
    Properties:
      DesiredCount: 2
      Cluster: !Ref Cluster
      Role: !GetAtt TaskRole.Arn
      Tags:
        - {Key: Team, Value: payments}
        - {Key: Tier, Value: service}
      Subnets: [!Ref A, !Ref B, !Ref C]
      LoadBalancers:
        - {TargetGroupArn: !Ref Blue, Port: 80}
        - {TargetGroupArn: !Ref Green, Port: 80}
  Topic:
    Type: AWS::SNS::Topic
  Alarm:
    Type: AWS::CloudWatch::Alarm
Outputs:
  Endpoint: {Value: !GetAtt LoadBalancer.DNSName}
`

// Each case replaces a text of the service template on disk, "->" being the replacement that is rendered.
func TestDescribeTemplates(t *testing.T) {
	tests := []struct{ name, before, after, want string }{
		{"changed property", "DesiredCount: 2", "DesiredCount: 3", `
Resources
  ~ PaymentService  AWS::ECS::Service
      Properties.DesiredCount: 2 -> 3`},
		{"number or string", "DesiredCount: 2", `DesiredCount: "2"`, `
Resources
  ~ PaymentService  AWS::ECS::Service
      Properties.DesiredCount: 2 -> "2"`},
		{"added and removed property", "DesiredCount: 2", "Name: x", `
Resources
  ~ PaymentService  AWS::ECS::Service
      - Properties.DesiredCount: 2
      + Properties.Name: x`},
		{"reference", "!Ref Cluster", "!GetAtt Cluster.Arn", `
Resources
  ~ PaymentService  AWS::ECS::Service
      Properties.Cluster: !Ref Cluster -> !GetAtt Cluster.Arn`},
		{"long form is the same", "!Ref Cluster", "{Ref: Cluster}", `
same content, other bytes: whitespace or notation, first in line 10`},
		{"GetAtt with a list is the same", "!GetAtt TaskRole.Arn", "{'Fn::GetAtt': [TaskRole, Arn]}", `
same content, other bytes: whitespace or notation, first in line 11`},
		{"element matched by its key", "Value: payments", "Value: money", `
Resources
  ~ PaymentService  AWS::ECS::Service
      Properties.Tags[Key=Team].Value: payments -> money`},
		{"element added", "- {Key: Tier, Value: service}", "- {Key: Cost, Value: !Sub 'a,b'}\n        - {Key: Tier, Value: service}", `
Resources
  ~ PaymentService  AWS::ECS::Service
      + Properties.Tags[Key=Cost]: {Key: Cost, Value: !Sub "a,b"}`},
		{"elements moved",
			"- {Key: Team, Value: payments}\n        - {Key: Tier, Value: service}",
			"- {Key: Tier, Value: service}\n        - {Key: Team, Value: payments}", `
Resources
  ~ PaymentService  AWS::ECS::Service
      Properties.Tags: order changed`},
		{"key not unique any more", "Key: Tier", "Key: Team", `
Resources
  ~ PaymentService  AWS::ECS::Service
      Properties.Tags[1].Key: Tier -> Team`},
		{"leaf replaced in a list", ", !Ref B,", ", !Ref D,", `
Resources
  ~ PaymentService  AWS::ECS::Service
      Properties.Subnets[1]: !Ref B -> !Ref D`},
		{"leaves added and removed", "[!Ref A, !Ref B, !Ref C]", "[!Ref C, !Ref D, !Ref E, !Ref E]", `
Resources
  ~ PaymentService  AWS::ECS::Service
      - Properties.Subnets[0]: !Ref A
      - Properties.Subnets[1]: !Ref B
      + Properties.Subnets[1]: !Ref D
      + Properties.Subnets[2]: !Ref E
      + Properties.Subnets[3]: !Ref E`},
		{"leaves moved", "[!Ref A, !Ref B", "[!Ref B, !Ref A", `
Resources
  ~ PaymentService  AWS::ECS::Service
      Properties.Subnets: order changed`},
		{"element without a name", "{TargetGroupArn: !Ref Green, Port: 80}", "{TargetGroupArn: !Ref Green, Port: 443}", `
Resources
  ~ PaymentService  AWS::ECS::Service
      Properties.LoadBalancers[1].Port: 80 -> 443`},
		{"element without a name removed", "- {TargetGroupArn: !Ref Blue, Port: 80}\n", "\n", `
Resources
  ~ PaymentService  AWS::ECS::Service
      - Properties.LoadBalancers[0]: {TargetGroupArn: !Ref Blue, Port: 80}`},
		{"other form", "Subnets: [!Ref A, !Ref B, !Ref C]", "Subnets: {Fn::Split: [',', x]}", `
Resources
  ~ PaymentService  AWS::ECS::Service
      Properties.Subnets: [!Ref A, !Ref B, !Ref C] -> !Split [",", x]`},
		{"type changed", "AWS::SNS::Topic", "AWS::SQS::Queue", `
Resources
  ~ Topic  AWS::SQS::Queue
      Type: AWS::SNS::Topic -> AWS::SQS::Queue`},
		{"resource renamed", "  Topic:", "  Alerts:", `
Resources
  - Topic  AWS::SNS::Topic
  + Alerts  AWS::SNS::Topic  (the same as Topic, which is gone)`},
		{"resource without a type", "  Topic:\n    Type: AWS::SNS::Topic", "  Topic: {}\n  Plain: {Properties: 1}", `
Resources
  ~ Topic
      - Type: AWS::SNS::Topic
  + Plain`},
		{"resources moved",
			"  Topic:\n    Type: AWS::SNS::Topic\n  Alarm:\n    Type: AWS::CloudWatch::Alarm\n",
			"  Alarm:\n    Type: AWS::CloudWatch::Alarm\n  Topic:\n    Type: AWS::SNS::Topic\n", `
Resources
  order changed: Topic`},
		{"keys moved", "DesiredCount: 2\n      Cluster: !Ref Cluster", "Cluster: !Ref Cluster\n      DesiredCount: 2", `
Resources
  ~ PaymentService  only the order of keys changed`},
		{"condition", "!Equals [!Ref Image, a]", "!Equals [!Ref Image, b]", `
Conditions
  ~ Spot
      !Equals [!Ref Image, a] -> !Equals [!Ref Image, b]`},
		{"several sections", "{Type: String}\nConditions:\n  Spot: !Equals [!Ref Image, a]", "{Type: Number}\n  New: {Type: String}", `
Parameters
  ~ Image
      Type: String -> Number
  + New  String
Conditions
  - Spot  !Equals [!Ref Image, a]`},
		{"output", "!GetAtt LoadBalancer.DNSName", "!Sub '${LoadBalancer.DNSName}'", `
Outputs
  ~ Endpoint
      Value: !GetAtt LoadBalancer.DNSName -> !Sub ${LoadBalancer.DNSName}`},
		{"sections moved", "Parameters:\n  Image: {Type: String}\nConditions:\n  Spot: !Equals [!Ref Image, a]",
			"Conditions:\n  Spot: !Equals [!Ref Image, a]\nParameters:\n  Image: {Type: String}", `
order of sections changed: Parameters`},
		{"section of another form", "Conditions:\n  Spot: !Equals [!Ref Image, a]", "Conditions: none", `
Conditions: {Spot: !Equals [!Ref Image, a]} -> none`},
		{"line endings", "\n", "\r\n", `
same content, other bytes: line endings (CRLF), first in line 1`},
		{"comment", "DesiredCount: 2", "DesiredCount: 2 # enough", `
same content, other bytes: comments, first in line 9`},
		{"comment and line endings", "Outputs:\n", "# what others use\r\nOutputs:\r\n", `
same content, other bytes: line endings (CRLF) and comments, first in line 23`},
		{"indentation", "{Key: Team, Value: payments}", "{Key: Team,  Value: payments}", `
same content, other bytes: whitespace or notation, first in line 13`},
		{"trailing newline", "DNSName}\n", "DNSName}", `
same content, other bytes: whitespace or notation, first in line 24`},
		{"no YAML rendered", "Outputs:", "Outputs", `
rendered, but no template: yaml: line 23: could not find expected ':'
first difference in line 23
- Outputs:
+ Outputs`},
		{"second document", "Outputs:", "---\nOutputs:", `
rendered, but no template: the file has more than one YAML document
first difference in line 23
+ ---`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			after := strings.ReplaceAll(service, test.before, test.after)
			wantDescription(t, "service.yaml", service, after, test.want)
		})
	}
}

func wantDescription(t *testing.T, name, before, after, want string) {
	t.Helper()
	got := strings.Join(describe(name, []byte(before), []byte(after)), "\n")
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), got); diff != "" {
		t.Errorf("description (-want +got):\n%s", diff)
	}
}
