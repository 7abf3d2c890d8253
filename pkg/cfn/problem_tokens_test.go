package cfn_test

import (
	"encoding/base64"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/awslabs/goformation/v7/cloudformation/ec2"
	"github.com/awslabs/goformation/v7/cloudformation/sns"
	"github.com/awslabs/goformation/v7/cloudformation/sqs"

	"github.com/tierform/tierform/pkg/cfn"
)

// The three marks of tokens.
const open, closing, separator = "\uFDD0", "\uFDD1", "\uFDD2"

func TestLeftoverTokens(t *testing.T) {
	const place = "test/Other/Properties.DisplayName: "
	const allowed = "; allowed: whole references, where CloudFormation resolves them [leftover-token]"
	shown := func(value string) []string {
		return []string{place + `half a token (found ` + value + `)` + allowed}
	}
	rows := []refusal{
		{name: "opening mark", bad: func(c *cfn.Template) { display(c, "a"+open+"Rx") }, want: shown(`"a\ufdd0Rx"`)},
		{name: "closing mark", bad: func(c *cfn.Template) { display(c, "a"+closing) }, want: shown(`"a\ufdd1"`)},
		{name: "separator", bad: func(c *cfn.Template) { display(c, separator) }, want: shown(`"\ufdd2"`)},
		{name: "nothing between the marks", bad: func(c *cfn.Template) { display(c, open+closing) }, want: shown(`"\ufdd0\ufdd1"`)},
		{name: "half a token behind a whole one", bad: func(c *cfn.Template) { display(c, cfn.Region[:len(cfn.Region)-3]) },
			want: []string{place + "half a token…[leftover-token]"}},
		{name: "half a token behind text and a whole one", bad: func(c *cfn.Template) { display(c, cfn.Region+"x"+closing+"y") },
			want: shown(`"${AWS::Region}x\ufdd1y"`)},
		{name: "unknown letter", bad: func(c *cfn.Template) { display(c, open+"Zx"+closing) },
			want: []string{place + `token out of place (found "x()")` + allowed}},
		{name: "token of Select without a number", bad: func(c *cfn.Template) {
			display(c, open+"FFn::Select"+separator+"0x1"+separator+"a"+closing)
		}, want: []string{strings.TrimSuffix(place, ": ") + `.Fn::Select: token holds no number (found "0x1")` + allowed}},
		{name: "list among texts", bad: func(c *cfn.Template) { display(c, cfn.List(cfn.AZs())[0]) },
			want: []string{place + `token out of place (found "Fn::GetAZs()")` + allowed}},
		{name: "list among items", bad: func(c *cfn.Template) {
			raw(c, "Endpoint", "AWS::EC2::VPCEndpoint", map[string]any{"VpcId": "v", "SubnetIds": append(cfn.List(cfn.AZs()), "b")})
		}, want: []string{`test/Endpoint/Properties.SubnetIds[0]: token out of place (found "Fn::GetAZs()")` + allowed}},
		{name: "list with text behind it", bad: func(c *cfn.Template) {
			raw(c, "Endpoint", "AWS::EC2::VPCEndpoint", map[string]any{"VpcId": "v", "SubnetIds": []string{cfn.List(cfn.AZs())[0] + "x"}})
		}, want: []string{`test/Endpoint/Properties.SubnetIds[0].Fn::Join[0]: token out of place (found "Fn::GetAZs()")` + allowed}},
		{name: "description of the template", bad: func(c *cfn.Template) { c.Describe("in " + cfn.Region) },
			want: []string{`test/Description: a reference has no effect here (found "in ${AWS::Region}")` + allowed}},
		{name: "sentence of a resource", bad: func(c *cfn.Template) { cfn.Add(c, "Other", cfn.Region, &sns.Topic{}) },
			want: []string{`test/Other/Metadata.Description: a reference has no effect here (found "${AWS::Region}")` + allowed}},
		{name: "DependsOn", bad: func(c *cfn.Template) {
			cfn.Add(c, "Other", "A topic", &sns.Topic{AWSCloudFormationDependsOn: []string{"Topic", addTopicElsewhere("Topic")}})
		}, want: []string{`test/Other/DependsOn: a reference has no effect here (found "${Topic}")` + allowed}},
		{name: "Condition", bad: func(c *cfn.Template) {
			cfn.Add(c, "Other", "A topic", &sns.Topic{AWSCloudFormationCondition: cfn.Region})
		}, want: []string{`test/Other/Condition: a reference has no effect here (found "${AWS::Region}")` + allowed}},
		{name: "description of an output", bad: func(c *cfn.Template) { c.AddOutput("O", cfn.Region, "x") },
			want: []string{`test/O/Description: a reference has no effect here (found "${AWS::Region}")` + allowed}},
		{name: "description of a rule's assertion", bad: func(c *cfn.Template) {
			c.Rule("R", "", cfn.Assertion{Assert: always(), Description: cfn.Region})
		}, want: []string{`test/R/Assertions[0].AssertDescription: a reference has no effect here (found "${AWS::Region}")` + allowed}},
		{name: "parameter", bad: func(c *cfn.Template) {
			use(c, "O", cfn.AddParameter[string](c, "P", cfn.Parameter{Type: cfn.Region, Description: cfn.Region, Default: new(cfn.Region),
				AllowedPattern: cfn.Region, AllowedValues: []string{"a", cfn.Region}, ConstraintDescription: cfn.Region}))
		}, want: []string{
			`test/P/AllowedPattern: a reference has no effect here (found "${AWS::Region}")` + allowed,
			`test/P/AllowedValues[1]: a reference has no effect here (found "${AWS::Region}")` + allowed,
			`test/P/ConstraintDescription: a reference has no effect here (found "${AWS::Region}")` + allowed,
			`test/P/Default: a reference has no effect here (found "${AWS::Region}")` + allowed,
			`test/P/Description: a reference has no effect here (found "${AWS::Region}")` + allowed,
			`test/P/Type: a reference has no effect here (found "${AWS::Region}")` + allowed,
		}},
		{name: "goformation's Ref", bad: func(c *cfn.Template) {
			display(c, base64.StdEncoding.EncodeToString([]byte(`{ "Ref": "Topic" }`)))
		}, want: []string{place + `intrinsic of goformation's root package, which would stay base64 text; use pkg/cfn (found "eyAi…")` + allowed},
			good: func(c *cfn.Template) {
				display(c, base64.StdEncoding.EncodeToString([]byte(`{ "Reference": "Topic" }`)))
			}},
		{name: "goformation's function", bad: func(c *cfn.Template) {
			display(c, base64.StdEncoding.EncodeToString([]byte(`{"Fn::Sub":"x"}`)))
		}, want: []string{place + `intrinsic of goformation's root package…[leftover-token]`},
			good: func(c *cfn.Template) { display(c, "eyAiUmVmIjogIlRvcGljIiB9!") }},
		{name: "almost base64", bad: func(c *cfn.Template) { display(c, "eyAiUmVmIjogIlRvcGljIiB9") },
			want: []string{place + `intrinsic of goformation's root package…[leftover-token]`},
			good: func(c *cfn.Template) { display(c, "eye of the beholder") }},
	}
	for _, r := range rows {
		r.run(t)
	}
}

func TestKeysAndTexts(t *testing.T) {
	const place = "test/Other/Properties.ArchivePolicy"
	policy := func(value any) func(*cfn.Template) {
		return func(c *cfn.Template) { addTopic(c, "Other").Patch("ArchivePolicy", value) }
	}
	const forms = "; allowed: UTF-8 text, numbers, booleans, and structs, lists and string-keyed maps of them [wrong-kind]"
	rows := []refusal{
		{name: "token as a key", bad: policy(map[string]any{"a": pairOf(cfn.Region, "x")}),
			want: []string{place + `.a: a reference cannot be the key of a map (found "${AWS::Region}"); allowed: plain text [token-as-key]`},
			good: policy(map[string]any{"a": pairOf("AWS::Region", "x")})},
		{name: "token as a key of a raw resource", bad: func(c *cfn.Template) { raw(c, "Thing", "Custom::Thing", pairOf(cfn.Region, "x")) },
			want: []string{`test/Thing/Properties: a reference cannot be the key of a map (found "${AWS::Region}"); allowed: plain text [token-as-key]`}},
		{name: "token as a key of metadata", bad: func(c *cfn.Template) {
			cfn.Add(c, "Other", "A topic", &sns.Topic{AWSCloudFormationMetadata: pairOf(cfn.Region, "x")})
		}, want: []string{`test/Other/Metadata: a reference cannot be the key of a map (found "${AWS::Region}"); allowed: plain text [token-as-key]`}},
		{name: "half a token as a key", bad: policy(pairOf("a"+closing, "x")),
			want: []string{place + `: a reference cannot be the key of a map (found "a\ufdd1"); allowed: plain text [token-as-key]`}},
		{name: "key that is not UTF-8", bad: policy(pairOf("a\xff", "x")), want: []string{place + `: key is not UTF-8 (found "a\xff")` + forms},
			good: policy(pairOf("a\u00ff", "x"))},
		{name: "key of 256 bytes", bad: policy(pairOf(strings.Repeat("é", 128), "x")),
			want: []string{place + `: key of a map has 256 bytes (found "é…"); allowed: at most 255 bytes [over-limit]`},
			good: policy(pairOf("x"+strings.Repeat("é", 127), "x"))},
		{name: "key that is no string", bad: policy(map[int]string{1: "x"}), want: []string{place + `: map key is no string (found "map[int]string")` + forms},
			good: policy(map[Key]string{"1": "x"})},
		{name: "text that is not UTF-8", bad: policy("a\xc3"), want: []string{place + `: text is not UTF-8 (found "a\xc3")` + forms}, good: policy("a\u00c3")},
		{name: "text that is not UTF-8 beside a token", bad: policy(cfn.Region + "\xff"), want: []string{place + `: text is not UTF-8 (found "\xff")` + forms}},
		{name: "description that is not UTF-8", bad: func(c *cfn.Template) { c.Describe("\xff") },
			want: []string{`test/Description: text is not UTF-8 (found "\xff")` + forms}},
		{name: "channel", bad: policy(make(chan int)), want: []string{place + `: Go type has no CloudFormation form (found "chan int")` + forms}},
		{name: "function", bad: policy([]any{func() {}}), want: []string{place + `[0]: Go type has no CloudFormation form (found "func()")` + forms}},
		{name: "bytes", bad: policy([]byte("x")), want: []string{place + `: bytes are neither text nor a list (found "[]uint8")` + forms}, good: policy([]uint16{1})},
		{name: "no number", bad: policy(math.NaN()), want: []string{place + `: number has no YAML form (found "NaN")` + forms}},
		{name: "infinity", bad: policy(math.Inf(-1)), want: []string{place + `: number has no YAML form (found "-Inf")` + forms}, good: policy(-math.MaxFloat64)},
		{name: "value that cannot be marshalled", bad: policy(refusing{}), want: []string{place + `: value cannot be written as JSON: …not today (found "cfn_test.refusing")` + forms}},
		{name: "Ref of a number", bad: policy(pairOf("Ref", 1)), want: []string{place + `: long form the compiler does not read; use Ref, Att or concatenation (found "Ref")` + forms}, good: policy(ref("Topic"))},
		{name: "Ref of a token", bad: policy(pairOf("Ref", cfn.Region)), want: []string{place + `: long form…(found "Ref")` + forms}},
		{name: "Ref of null", bad: policy(pairOf("Ref", nil)), want: []string{place + `: long form…(found "Ref")` + forms}},
		{name: "GetAtt of three parts", bad: policy(pairOf("Fn::GetAtt", []any{"a", "b", "c"})), want: []string{place + `: long form…(found "Fn::GetAtt")` + forms},
			good: policy(pairOf("Fn::GetAtt", []any{"Topic", "TopicArn"}))},
		{name: "GetAtt of a token", bad: policy(pairOf("Fn::GetAtt", cfn.Region)), want: []string{place + `: long form…(found "Fn::GetAtt")` + forms}},
		{name: "Sub", bad: policy(pairOf("Fn::Sub", "${Topic}")), want: []string{place + `: long form…(found "Fn::Sub")` + forms}, good: policy(map[string]any{"Fn::Sub": "x", "y": "z"})},
		{name: "function of null", bad: policy(pairOf("Fn::Base64", nil)), want: []string{place + `.Fn::Base64: value is missing; …[null-value]`}, good: policy(pairOf("Fn::Base64", "x"))},
	}
	for _, r := range rows {
		r.run(t)
	}
}

// Key is a string type, as keys of maps may be.
type Key string

// refusing cannot be marshalled.
type refusing struct{}

func (refusing) MarshalText() ([]byte, error) { return nil, errors.New("not today") }

func TestLostAttributes(t *testing.T) {
	rows := []refusal{{
		name: "on a property",
		bad: func(c *cfn.Template) {
			cfn.Add(c, "Group", "A group", &ec2.SecurityGroup{GroupDescription: "g", SecurityGroupIngress: []ec2.SecurityGroup_Ingress{
				{IpProtocol: "tcp", AWSCloudFormationDeletionPolicy: "Retain"}}})
		},
		want: []string{`test/Group/Properties.SecurityGroupIngress[0].DeletionPolicy: attribute on a property, where CloudFormation has none (found "ec2.SecurityGroup_Ingress"); allowed: one value, on the resource itself [lost-attribute]`},
		good: func(c *cfn.Template) {
			cfn.Add(c, "Group", "A group", &ec2.SecurityGroup{GroupDescription: "g", AWSCloudFormationDeletionPolicy: "Retain",
				SecurityGroupIngress: []ec2.SecurityGroup_Ingress{{IpProtocol: "tcp"}}})
		},
	}, {
		name: "second description",
		bad: func(c *cfn.Template) {
			cfn.Add(c, "Queue", "A queue", &sqs.Queue{AWSCloudFormationMetadata: map[string]any{"Description": "x"}})
		},
		want: []string{`test/Queue/Metadata.Description: the sentence given to Add is the description (found "Description"); allowed: one value, on the resource itself [lost-attribute]`},
		good: func(c *cfn.Template) {
			cfn.Add(c, "Queue", "A queue", &sqs.Queue{AWSCloudFormationMetadata: map[string]any{"description": "x"}})
		},
	}, {
		name: "second condition",
		bad: func(c *cfn.Template) {
			yes := c.Condition("Yes", always())
			cfn.Add(c, "Queue", "A queue", &sqs.Queue{AWSCloudFormationCondition: "Yes"}).When(yes)
		},
		want: []string{`test/Queue/Condition: When replaces the condition that the properties carry (found "Yes"); allowed: one value, on the resource itself [lost-attribute]`},
		good: func(c *cfn.Template) {
			cfn.Add(c, "Queue", "A queue", &sqs.Queue{}).When(c.Condition("Yes", always()))
		},
	}}
	for _, r := range rows {
		r.run(t)
	}
}

func TestInvalidInput(t *testing.T) {
	invalid := cfn.Invalid("no such colour", "reddish", "red, green")
	const message = `no such colour (found "reddish"); allowed: red, green [invalid-input]`
	rows := []refusal{
		{name: "alone", bad: func(c *cfn.Template) { display(c, invalid) }, want: []string{"test/Other/Properties.DisplayName: " + message}},
		{name: "in a text", bad: func(c *cfn.Template) { display(c, "a "+invalid+" b") }, want: []string{"test/Other/Properties.DisplayName.Fn::Join[1]: " + message}},
		{name: "in a name", bad: func(c *cfn.Template) { raw(c, "Q", "AWS::SQS::Queue", pairOf("QueueName", "a-"+invalid)) }, want: []string{"test/Q/Properties.QueueName.Fn::Join[1]: " + message}},
	}
	for _, r := range rows {
		r.run(t)
	}
}
