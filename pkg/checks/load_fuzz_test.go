package checks

import (
	"strings"
	"testing"
)

// fuzzLoadSeeds are sets of up to two templates, a and b, that tempt a reader to go on for ever.
func fuzzLoadSeeds(t testing.TB) [][2]string {
	t.Helper()
	golden, err := goldenText()
	if err != nil {
		t.Fatal(err)
	}
	seeds := [][2]string{
		{"Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: !Sub 'x-${AWS::Region}', Tags: [{Key: a, Value: !If [c, 1, 2]}]}\nConditions:\n  c: !Equals [!Ref p, x]\n"},
		{`{"Resources": {"A": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "a.yaml", "Parameters": {"a": {"Fn::GetAtt": ["A", "Outputs.b"]}}}}}}`},
		{"Resources: {B: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: b.yaml, Parameters: {P: !GetAtt B.Outputs.O}}}}\n",
			"Parameters: {P: {Type: CommaDelimitedList}}\nResources: {A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: a.yaml, Parameters: !If [c, {}, !Ref P]}}}\nOutputs: {O: {Value: !Join ['', !Ref P]}}\n"},
		{"Resources: &a\n  A: {Type: x, <<: *a}\n"}, {"Resources: !If [a, b]\n"}, {"Resources: {A: {Type: T, Condition: c}}\nConditions: {c: !Condition c}\n"},
		{"Conditions: {c: !Equals [!Ref A, b], d: !Not [!Condition c], e: !Or [!Condition c, !Condition x]}\nResources: {A: {Type: AWS::S3::Bucket, Condition: d, Properties: {BucketName: !If [e, a, b]}}}\n"},
		{"Mappings: {a: {b: {c: !FindInMap [a, b, c]}}}\nResources: {A: {Type: T, Properties: {x: !FindInMap [a, b, c]}}}\n"},
		{"Resources: {A: {Type: AWS::Logs::LogGroup, DependsOn: A, Properties: {LogGroupName: !Sub ['${x}${A}', {x: !Ref A}]}}}\n"},
		{"Resources: {A: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt B.QueueName}}, B: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt A.QueueName}}}\n"},
		{"Resources: {A: {Type: AWS::ECS::TaskDefinition, Properties: {ContainerDefinitions: {Image: !Select [-1, !Split ['', !Base64 x]]}}}}\n"},
		{"Parameters: {P: {Type: String, Default: !Ref P}, EnvironmentSuffix: {Type: String, AllowedValues: [a], Default: [x]}}\nRules: {a: {Assertions: [{Assert: !Not [!Ref AWS::Region]}]}}\nResources: {}\n"},
		{"Resources: {A: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: '*', Action: [!Ref A], Condition: {StringLike: {a: '*?*'}}}}, Policies: {PolicyDocument: '{\"Statement\": [{}]}'}}}}\n"},
		{"Resources: {A: {Type: AWS::CloudWatch::Alarm, Properties: {Metrics: [{Id: e, Expression: 'IF(m > 1, FILL(m, 0) / e)'}, {Id: m, MetricStat: {Period: 0, Metric: {Namespace: a}}}], EvaluationPeriods: 1000000000, DatapointsToAlarm: -1}}}\n"},
		{"Resources: {V: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/0}}, S: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref V, CidrBlock: !Select [0, !Cidr [!GetAtt V.CidrBlock, 256, 32]]}}}\n"},
		{"Resources: {A: {Type: T, Properties: {Fn::Transform: {Name: x}, B: '{{resolve:ssm:/a}}', C: !Transform {}, ? D : ~}}}\n"},
		{inUTF16("Resources: {}\n")}, {"Resources: \xff\n"}, {bomb() + "Resources: *c\n"}, {deepMap(100)}, {manyResources(20)}, {"Resources: {}\n---\nResources: {}\n"},
	}
	for _, name := range foreignSorted(foreignParse(t, golden)) {
		seeds = append(seeds, [2]string{golden[name]})
	}
	return seeds
}

// FuzzLoad: whatever the bytes, there is an error or a world that all rules can be asked about, and neither takes long.
func FuzzLoad(f *testing.F) {
	for _, seed := range fuzzLoadSeeds(f) {
		f.Add([]byte(seed[0]), []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		files := []File{{Name: "a.yaml", Data: a}}
		if strings.TrimSpace(string(b)) != "" {
			files = append(files, File{Name: "b.yaml", Data: b})
		}
		set, err := Load(files)
		if err != nil {
			return
		}
		w := Deploy(set, Environment{Parameters: map[string]string{"EnvironmentSuffix": "fuzz"}})
		for _, result := range Verify(w, Rules()) {
			if result.Outcome == Pass && result.Subjects == 0 {
				t.Errorf("%s passes without having looked at anything", result.Rule.ID)
			}
		}
		w.Network().Table()
	})
}
