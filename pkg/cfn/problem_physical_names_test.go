package cfn_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tierform/tierform/pkg/cfn"
)

// suffixed names a load balancer, which may have 32 characters, with literal characters before the suffix.
func suffixed(literal int) func(*cfn.Template) {
	return func(c *cfn.Template) {
		suffix := cfn.AddParameter[string](c, "Suffix", cfn.EnvironmentSuffix("").Constraint())
		raw(c, "Balancer", "AWS::ElasticLoadBalancingV2::LoadBalancer", pairOf("Name", strings.Repeat("x", literal)+suffix))
	}
}

func TestPhysicalNames(t *testing.T) {
	const place = "test/Balancer/Properties.Name: "
	const unbounded = "length of a physical name cannot be bounded"
	name := func(value any) func(*cfn.Template) {
		return func(c *cfn.Template) {
			raw(c, "Balancer", "AWS::ElasticLoadBalancingV2::LoadBalancer", pairOf("Name", value))
		}
	}
	parameter := func(p cfn.Parameter, literal int) func(*cfn.Template) {
		return func(c *cfn.Template) {
			name(strings.Repeat("x", literal) + cfn.AddParameter[string](c, "P", p))(c)
		}
	}
	either := func(a, b int) func(*cfn.Template) {
		return func(c *cfn.Template) {
			name(cfn.If(c.Condition("C", always()), strings.Repeat("x", a), strings.Repeat("y", b)))(c)
		}
	}
	joined := func(literal int) func(*cfn.Template) {
		return name(cfn.Join("--", strings.Repeat("x", literal), cfn.Region, "y"))
	}
	tooLong := func(found string) []string {
		return []string{place + `physical name can have 33 characters (found "` + found + `"); allowed: at most 32 [name-too-long]`}
	}
	open := func(found string) []string {
		return []string{place + unbounded + ` (found "` + found + `"); allowed: at most 32 characters, of literals and parameters with MaxLength or AllowedValues [name-too-long]`}
	}
	rows := []refusal{
		{name: "literal", bad: name(strings.Repeat("x", 33)), good: name(strings.Repeat("x", 32)), want: tooLong(strings.Repeat("x", 33))},
		{name: "suffix of 12 characters", bad: suffixed(21), good: suffixed(20), want: tooLong(strings.Repeat("x", 21) + "${Suffix}")},
		{name: "allowed values", bad: parameter(cfn.Parameter{AllowedValues: []string{"abc", "abcd", "ab"}}, 29),
			good: parameter(cfn.Parameter{AllowedValues: []string{"abc", "abcd", "ab"}}, 28), want: tooLong(strings.Repeat("x", 29) + "${P}")},
		{name: "MaxLength of one", bad: parameter(cfn.Parameter{MaxLength: 1}, 32), good: parameter(cfn.Parameter{MaxLength: 1}, 31),
			want: tooLong(strings.Repeat("x", 32) + "${P}")},
		{name: "parameter without bound", bad: parameter(cfn.Parameter{AllowedPattern: "^[a-z]*$", MinLength: 1}, 1),
			good: parameter(cfn.Parameter{MaxLength: 31, AllowedValues: []string{strings.Repeat("y", 40)}}, 1), want: open("P")},
		{name: "resource", bad: name(ref("Topic")), good: name(cfn.NoValue), want: open("Topic")},
		{name: "attribute", bad: name("a" + addTopicAtt("Topic", "TopicName")), want: open("Topic.TopicName")},
		{name: "function", bad: name("a" + cfn.Select(0, "b", "c") + cfn.Base64("d")), want: open("Fn::Select")},
		{name: "function of three arguments", bad: func(c *cfn.Template) {
			c.Section("Mappings", pairOf("M", pairOf("a", pairOf("b", "c"))))
			name(cfn.FindInMap("M", "a", "b"))(c)
		}, want: open("Fn::FindInMap")},
		{name: "If: first value", bad: either(33, 1), good: either(32, 1), want: tooLong("Fn::If")},
		{name: "If: second value", bad: either(1, 33), good: either(1, 32), want: tooLong("Fn::If")},
		{name: "If: unbounded values", bad: func(c *cfn.Template) {
			name(cfn.If(c.Condition("C", always()), "x", addTopicElsewhere("Topic")))(c)
		}, want: open("Topic"), good: func(c *cfn.Template) {
			name(cfn.If(c.Condition("C", always()), "x", cfn.NoValue))(c)
		}},
		{name: "If: two unbounded values", bad: func(c *cfn.Template) {
			name(cfn.If(c.Condition("C", always()), addTopicElsewhere("Topic"), addTopicAtt("Topic", "TopicName")))(c)
		}, want: open("Topic")},
		{name: "Join with delimiters", bad: joined(14), good: joined(13), want: tooLong("Fn::Join")},
		{name: "Join of one", bad: name(cfn.Join("---", strings.Repeat("x", 33))), good: name(cfn.Join("---", strings.Repeat("x", 32))), want: tooLong("Fn::Join")},
		{name: "Join of a list", bad: name(map[string]any{"Fn::Join": []any{"-", cfn.List(cfn.AZs())}}), want: open("Fn::Join"),
			good: name(map[string]any{"Fn::Join": []any{"-", []any{}}})},
		{name: "patched", bad: func(c *cfn.Template) {
			raw(c, "Balancer", "AWS::ElasticLoadBalancingV2::LoadBalancer", nil).Patch("Name", strings.Repeat("x", 33))
		}, want: tooLong(strings.Repeat("x", 33)), good: func(c *cfn.Template) {
			raw(c, "Balancer", "AWS::ElasticLoadBalancingV2::LoadBalancer", nil)
		}},
		{name: "type without a limit", bad: name(strings.Repeat("x", 33)), want: tooLong(strings.Repeat("x", 33)), good: func(c *cfn.Template) {
			raw(c, "Thing", "Custom::Thing", pairOf("Name", strings.Repeat("x", 5000)))
		}},
	}
	for _, r := range rows {
		r.run(t)
	}
}

func addTopicAtt(logicalID, attribute string) string {
	return addTopic(cfn.NewTemplate("test", ""), logicalID).Att(attribute)
}

// TestPseudoParametersInNames adds up the longest value of each: a log group may have 512 characters.
func TestPseudoParametersInNames(t *testing.T) {
	for _, row := range []struct {
		pseudo  string
		longest int
	}{
		{cfn.AccountID, 12}, {cfn.Partition, 10}, {cfn.Region, 14}, {cfn.StackName, 128}, {cfn.URLSuffix, 16}, {cfn.NoValue, 0},
	} {
		build := func(literal int) func(*cfn.Template) {
			return func(c *cfn.Template) {
				raw(c, "Group", "AWS::Logs::LogGroup", pairOf("LogGroupName", strings.Repeat("x", literal)+row.pseudo))
			}
		}
		refusal{name: fmt.Sprint(row.longest), bad: build(513 - row.longest), good: build(512 - row.longest),
			want: []string{`test/Group/Properties.LogGroupName: physical name can have 513 characters (found "x…"); allowed: at most 512 [name-too-long]`}}.run(t)
	}
	parameterName := func(literal int) func(*cfn.Template) {
		return func(c *cfn.Template) {
			raw(c, "P", "AWS::SSM::Parameter", map[string]any{"Type": "String", "Value": "x", "Name": strings.Repeat("x", literal) + cfn.StackID})
		}
	}
	refusal{name: "stack ID", bad: parameterName(0),
		want: []string{`test/P/Properties.Name: physical name can have 2048 characters (found "${AWS::StackId}"); allowed: at most 1011 [name-too-long]`}}.run(t)
}
