package cfn_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/cfn"
)

// written is the text of a value: what stands behind "Value:" in a resource's property.
func written(t *testing.T, value func(c *cfn.Template) any) string {
	t.Helper()
	c := cfn.NewTemplate("test", "A template.")
	use(c, "Use", cfn.AddParameter[string](c, "P", cfn.Parameter{Default: new("x")}))
	addTopic(c, "Topic")
	raw(c, "Thing", "Custom::Thing", map[string]any{"Value": value(c), "Z": 0})
	text := files(t, c)["test.yaml"]
	_, text, _ = strings.Cut(text, "\n      Value:")
	text, _, _ = strings.Cut(text, "\n      Z: 0\n")
	return text + "\n"
}

func TestIntrinsicsAsText(t *testing.T) {
	plain := func(value any) func(*cfn.Template) any { return func(*cfn.Template) any { return value } }
	topic, parameter := addTopicElsewhere("Topic"), addTopicElsewhere("P")
	arn := addTopicAtt("Topic", "TopicArn")
	yes := func(c *cfn.Template) cfn.Condition { return c.Condition("Yes", always()) }
	// Behind "      Value: !Join ['', [", which is 26 columns, and before "]]".
	long := func(columns int) string { return strings.Repeat("x", columns-26-2) }
	rows := []struct {
		name  string
		value func(*cfn.Template) any
		want  string
	}{
		{"Ref", plain(topic), " !Ref Topic\n"},
		{"Ref of a pseudo parameter", plain(cfn.Region), " !Ref AWS::Region\n"},
		{"GetAtt", plain(arn), " !GetAtt Topic.TopicArn\n"},
		{"GetAtt as a list", plain(map[string]any{"Fn::GetAtt": []string{"Topic", "TopicArn"}}), " !GetAtt Topic.TopicArn\n"},
		{"Sub", plain("arn:" + cfn.Partition + ":x:" + arn + "/" + topic), " !Sub arn:${AWS::Partition}:x:${Topic.TopicArn}/${Topic}\n"},
		{"Sub that begins with a reference", plain(topic + parameter), " !Sub ${Topic}${P}\n"},
		{"Sub that needs quotes", plain(topic + ": x"), " !Sub '${Topic}: x'\n"},
		{"Sub with a literal ${", plain("${x} ${!y} $ {z} " + topic + "${"), " !Sub ${!x} ${!!y} $ {z} ${Topic}${!\n"},
		{"literal ${ without Sub", plain("${x}"), " ${x}\n"},
		{"Sub of several lines", plain("a: " + topic + "\nb\n"), " !Sub |\n        a: ${Topic}\n        b\n"},
		{"Join instead of Sub", plain("a" + cfn.Select(1, cfn.AZs()) + topic), " !Join ['', [a, !Select [1, !GetAZs ''], !Ref Topic]]\n"},
		{"Join", plain(cfn.Join(", ", "a", topic, "yes")), " !Join [', ', [a, !Ref Topic, 'yes']]\n"},
		{"Join of texts with tokens", plain(cfn.Join("-", "a"+topic, "b:c")), " !Join ['-', [!Sub 'a${Topic}', 'b:c']]\n"},
		{"Select of values", plain(cfn.Select(1, "a", topic)), " !Select [1, [a, !Ref Topic]]\n"},
		{"Select of one value", plain(cfn.Select(0, "a")), " !Select [0, [a]]\n"},
		{"Select of a list", plain(cfn.Select(12, cfn.Split("/", topic))), " !Select [12, !Split [/, !Ref Topic]]\n"},
		{"Cidr", plain(cfn.SubnetCIDRs(topic, 6, 8)), " !Cidr [!Ref Topic, 6, 8]\n"},
		{"Base64", plain(cfn.Base64("x")), " !Base64 x\n"},
		{"Base64 of a tag: long form", plain(cfn.Base64(topic)), "\n        Fn::Base64: !Ref Topic\n"},
		{"Base64 of several lines", plain(cfn.Base64("a\nb")), "\n        Fn::Base64: |-\n          a\n          b\n"},
		{"Base64 of Sub of several lines", plain(cfn.Base64("a\n" + topic)), "\n        Fn::Base64: !Sub |-\n          a\n          ${Topic}\n"},
		{"Base64 of an empty list", plain(map[string]any{"Fn::Base64": []any{}, "x": 1}), "\n        Fn::Base64: []\n        x: 1\n"},
		{"GetAZs in long form", plain(map[string]any{"Fn::GetAZs": ref("AWS::Region")}), "\n        Fn::GetAZs: !Ref AWS::Region\n"},
		{"list that is an intrinsic", plain(cfn.List(cfn.Split(",", topic))), " !Split [',', !Ref Topic]\n"},
		{"list that is a reference", plain(cfn.List(topic)), " !Ref Topic\n"},
		{"list of intrinsics", plain([]string{topic, "a" + topic, cfn.Join("", "a", topic)}),
			"\n        - !Ref Topic\n        - !Sub a${Topic}\n        - !Join ['', [a, !Ref Topic]]\n"},
		{"If", func(c *cfn.Template) any { return cfn.If(yes(c), "a", topic) }, " !If ['Yes', a, !Ref Topic]\n"},
		{"IfValue of scalars", func(c *cfn.Template) any { return cfn.IfValue(yes(c), 5, cfn.NoValue) }, " !If ['Yes', 5, !Ref AWS::NoValue]\n"},
		{"IfValue of objects", func(c *cfn.Template) any {
			return cfn.IfValue(yes(c), map[string]any{"A": []any{1, true}, "B": "c"}, []any{"a", map[string]any{"B": nilMap}})
		}, " !If\n        - 'Yes'\n        - A:\n            - 1\n            - true\n          B: c\n        - - a\n          - B: {}\n"},
		{"IfValue of IfValue", func(c *cfn.Template) any {
			return cfn.IfValue(yes(c), cfn.IfValue(c.Condition("B", always()), map[string]any{"A": 1}, "b"), false)
		}, " !If\n        - 'Yes'\n        - !If\n          - B\n          - A: 1\n          - b\n        - false\n"},
		{"IfValue inside a function", func(c *cfn.Template) any {
			return map[string]any{"Fn::Base64": cfn.IfValue(yes(c), "a", "b")}
		}, "\n        Fn::Base64: !If ['Yes', a, b]\n"},
		{"FindInMap", func(c *cfn.Template) any {
			c.Section("Mappings", pairOf("M", pairOf("a", pairOf("b", "c"))))
			return cfn.FindInMap("M", topic, "b")
		}, " !FindInMap [M, !Ref Topic, b]\n"},
		{"function of 110 columns", plain(cfn.Join("", long(110))), " !Join ['', [" + long(110) + "]]\n"},
		{"function of 111 columns", plain(cfn.Join("", long(111))), " !Join\n        - ''\n        - - " + long(111) + "\n"},
		{"function of 111 columns in a list", plain([]any{cfn.Join("", long(111), topic)}),
			"\n        - !Join\n          - ''\n          - - " + long(111) + "\n            - !Ref Topic\n"},
		{"argument of several lines", plain(cfn.Join("\n", "a")), " !Join [\"\\n\", [a]]\n"},
		{"last argument of several lines", plain(cfn.Join("", "a\nb", "c")), " !Join\n        - ''\n        - - |-\n            a\n            b\n          - c\n"},
		{"Sub of several lines as an argument", plain(cfn.Join("", topic+"\nb")), " !Join\n        - ''\n        - - !Sub |-\n            ${Topic}\n            b\n"},
		{"function inside a long function", plain(cfn.Join("", "a\nb", cfn.Select(0, "a", "b"), cfn.Base64(topic))),
			" !Join\n        - ''\n        - - |-\n            a\n            b\n          - !Select [0, [a, b]]\n          - Fn::Base64: !Ref Topic\n"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if diff := cmp.Diff(row.want, written(t, row.value)); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}

var nilMap = map[string]any{}

func TestConditionsAsText(t *testing.T) {
	c := topicTemplate()
	p := cfn.AddParameter[string](c, "P", cfn.Parameter{})
	a := c.Condition("A", cfn.Equals(p, "true"))
	b := c.Condition("B", cfn.Not(a.Holds()))
	c.Condition("C", cfn.And(a.Holds(), cfn.Or(b.Holds(), cfn.Not(cfn.Equals(p, "")))))
	c.Rule("R", a.Holds(), cfn.Assertion{Assert: cfn.Equals(p, "x"), Description: "P must be x."},
		cfn.Assertion{Assert: cfn.Not(cfn.Equals(p, cfn.Region)), Description: "P is no region."})
	c.Rule("S", "", cfn.Assertion{Assert: cfn.Equals(p, "x"), Description: "P must be x."})
	wantText(t, files(t, c)["test.yaml"], `
Rules:
  R:
    RuleCondition: !Condition A
    Assertions:
      - Assert: !Equals [!Ref P, x]
        AssertDescription: P must be x.
      - Assert: !Not [!Equals [!Ref P, !Ref AWS::Region]]
        AssertDescription: P is no region.
  S:
    Assertions:
      - Assert: !Equals [!Ref P, x]
        AssertDescription: P must be x.

Conditions:
  A: !Equals [!Ref P, 'true']
  B: !Not [!Condition A]
  C: !And [!Condition A, !Or [!Condition B, !Not [!Equals [!Ref P, '']]]]

Resources:
`)
}
