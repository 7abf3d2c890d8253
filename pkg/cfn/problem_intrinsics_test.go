package cfn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/awslabs/goformation/v7/cloudformation/ec2"
	"github.com/awslabs/goformation/v7/cloudformation/ecs"

	"github.com/tierform/tierform/pkg/cfn"
)

// TestKindsOfReferences puts intrinsics where they can and cannot be.
func TestKindsOfReferences(t *testing.T) {
	list := func(c *cfn.Template, items []string) {
		cfn.Add(c, "Endpoint", "An endpoint", &ec2.VPCEndpoint{VpcId: "v", ServiceName: "s", SubnetIds: items})
	}
	const elsewhere = "an intrinsic stands where the schema wants something else"
	rows := []refusal{{
		name: "Ref for an object",
		bad: func(c *cfn.Template) {
			raw(c, "Service", "AWS::ECS::Service", pairOf("NetworkConfiguration", ref("Topic")))
		},
		want: []string{`test/Service/Properties.NetworkConfiguration: ` + elsewhere + ` (found "${Topic}"); allowed: a NetworkConfiguration object [wrong-kind]`},
		good: func(c *cfn.Template) {
			cfn.Add(c, "Service", "A service", &ecs.Service{}).Patch("NetworkConfiguration", cfn.NoValue)
		},
	}, {
		name: "GetAtt for an object",
		bad: func(c *cfn.Template) {
			raw(c, "Service", "AWS::ECS::Service", pairOf("NetworkConfiguration", att("Topic.TopicArn")))
		},
		want: []string{`test/Service/Properties.NetworkConfiguration: ` + elsewhere + ` (found "${Topic.TopicArn}"); allowed: a NetworkConfiguration object [wrong-kind]`},
	}, {
		name: "Ref for a map",
		bad: func(c *cfn.Template) {
			raw(c, "Stack", "AWS::CloudFormation::Stack", map[string]any{"TemplateURL": "u", "Parameters": ref("Topic")})
		},
		want: []string{`test/Stack/Properties.Parameters: ` + elsewhere + ` (found "${Topic}"); allowed: a map to a string [wrong-kind]`},
		good: func(c *cfn.Template) {
			raw(c, "Stack", "AWS::CloudFormation::Stack", map[string]any{"TemplateURL": "u", "Parameters": pairOf("A", ref("Topic"))})
		},
	}, {
		name: "Sub for a list",
		bad: func(c *cfn.Template) {
			list(c, cfn.List("a-"+addTopic(c, "Other").Ref()+"-"+addTopic(c, "Another").Att("TopicName")))
		},
		want: []string{`test/Endpoint/Properties.SubnetIds: ` + elsewhere + ` (found "a-${Other}-${Another.TopicName}"); allowed: a list of a string [wrong-kind]`},
		good: func(c *cfn.Template) {
			list(c, cfn.List(cfn.AddParameter[string](c, "Ids", cfn.Parameter{Type: "CommaDelimitedList"})))
		},
	}, {
		name: "text function for a list",
		bad:  func(c *cfn.Template) { list(c, cfn.List(cfn.Join(",", "a", "b"))) },
		want: []string{`test/Endpoint/Properties.SubnetIds: the function gives something else than the schema wants (found "Fn::Join"); allowed: a list of a string [wrong-kind]`},
		good: func(c *cfn.Template) { list(c, cfn.List(cfn.Split(",", "a,b"))) },
	}, {
		name: "text function for an object",
		bad: func(c *cfn.Template) {
			raw(c, "Service", "AWS::ECS::Service", pairOf("NetworkConfiguration", cfn.Base64("x")))
		},
		want: []string{`test/Service/Properties.NetworkConfiguration: the function gives something else than the schema wants (found "Fn::Base64"); allowed: a NetworkConfiguration object [wrong-kind]`},
	}, {
		name: "text function for a map",
		bad: func(c *cfn.Template) {
			raw(c, "Stack", "AWS::CloudFormation::Stack", map[string]any{"TemplateURL": "u", "Parameters": cfn.Join("", "a", "b")})
		},
		want: []string{`test/Stack/Properties.Parameters: the function gives something else than the schema wants (found "Fn::Join"); allowed: a map to a string [wrong-kind]`},
	}, {
		name: "list function for a string",
		bad:  func(c *cfn.Template) { display(c, cfn.AZs()) },
		want: []string{`test/Other/Properties.DisplayName: the function gives something else than the schema wants (found "Fn::GetAZs"); allowed: a string [wrong-kind]`},
		good: func(c *cfn.Template) { display(c, cfn.Select(0, cfn.AZs())) },
	}, {
		name: "list function for an object",
		bad: func(c *cfn.Template) {
			raw(c, "Service", "AWS::ECS::Service", pairOf("NetworkConfiguration", cfn.SubnetCIDRs("10.0.0.0/16", 2, 8)))
		},
		want: []string{`test/Service/Properties.NetworkConfiguration: the function gives something else than the schema wants (found "Fn::Cidr"); allowed: a NetworkConfiguration object [wrong-kind]`},
	}, {
		name: "If carries the kind into both values",
		bad: func(c *cfn.Template) {
			yes := c.Condition("Yes", always())
			raw(c, "Queue", "AWS::SQS::Queue", pairOf("DelaySeconds", cfn.IfValue(yes, 1, "2")))
		},
		want: []string{`test/Queue/Properties.DelaySeconds.Fn::If: value has the wrong kind (found "2"); allowed: an integer [wrong-kind]`},
		good: func(c *cfn.Template) {
			yes := c.Condition("Yes", always())
			raw(c, "Queue", "AWS::SQS::Queue", pairOf("DelaySeconds", cfn.IfValue(yes, 1, cfn.NoValue)))
		},
	}, {
		name: "property of any kind takes every function",
		bad:  func(c *cfn.Template) { display(c, cfn.Split(",", "a")) },
		want: []string{`test/Other/Properties.DisplayName: the function gives something else than the schema wants (found "Fn::Split"); allowed: a string [wrong-kind]`},
		good: func(c *cfn.Template) {
			addTopic(c, "Other").Patch("ArchivePolicy", map[string]any{"A": cfn.Split(",", "a"), "B": cfn.Base64("b"), "C": ref("Topic")})
		},
	}}
	for _, r := range rows {
		r.run(t)
	}
}

func TestFunctions(t *testing.T) {
	const place = "test/Other/Properties.DisplayName"
	function := func(name string, arguments any) func(*cfn.Template) {
		return func(c *cfn.Template) { display(c, map[string]any{name: arguments}) }
	}
	forbidden := func(name, message string) []string {
		return []string{place + ": " + message + " (found \"" + name + "\"); allowed: … [forbidden]"}
	}
	const unknown = "there is no such function, or it needs a transform"
	const crossing = "change sets that include nested stacks refuse exports, imports and macros"
	const elsewhere = "function of conditions and rules used elsewhere"
	rows := []refusal{
		{name: "ImportValue", bad: function("Fn::ImportValue", "x"), want: forbidden("Fn::ImportValue", crossing)},
		{name: "Transform", bad: function("Fn::Transform", pairOf("Name", ref("Nope"))), want: forbidden("Fn::Transform", crossing)},
		{name: "ToJsonString", bad: function("Fn::ToJsonString", "x"), want: forbidden("Fn::ToJsonString", unknown)},
		{name: "Length", bad: function("Fn::Length", []any{"x"}), want: forbidden("Fn::Length", unknown)},
		{name: "ForEach", bad: function("Fn::ForEach::X", []any{"x"}), want: forbidden("Fn::ForEach::X", unknown)},
		{name: "Base64", bad: function("Fn::Base65", "x"), want: forbidden("Fn::Base65", unknown), good: function("Fn::Base64", "x")},
		{name: "Join", bad: function("Fn::join", "x"), want: forbidden("Fn::join", unknown), good: function("Fn::Join", []any{"-", []any{"a", "b"}})},
		{name: "unknown function: its arguments are checked too", bad: function("Fn::Nope", ref("Nowhere")), want: []string{
			place + ": there is no such function, or it needs a transform (found \"Fn::Nope\"); allowed: … [forbidden]",
			place + ".Fn::Nope: Ref names nothing that is declared (found \"Nowhere\"); allowed: … [undeclared-reference]",
		}},
	}
	for _, name := range []string{"Fn::And", "Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn", "Fn::Equals",
		"Fn::Not", "Fn::Or", "Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll"} {
		rows = append(rows, refusal{name: name, bad: function(name, []any{}), want: forbidden(name, elsewhere)})
	}
	for _, r := range rows {
		r.run(t)
	}
}

func TestSections(t *testing.T) {
	rows := []refusal{{
		name: "transform",
		bad:  func(c *cfn.Template) { c.Section("Transform", "AWS::LanguageExtensions") },
		want: []string{`test/Transform: macros, transforms and hooks exclude change sets that include nested stacks (found "Transform"); allowed: Mappings, Metadata [forbidden]`},
		good: func(c *cfn.Template) { c.Section("Mappings", pairOf("A", pairOf("b", pairOf("c", "d")))) },
	}, {
		name: "hooks",
		bad:  func(c *cfn.Template) { c.Section("Hooks", nil) },
		want: []string{`test/Hooks: macros, transforms and hooks exclude change sets that include nested stacks (found "Hooks"); allowed: Mappings, Metadata [forbidden]`},
		good: func(c *cfn.Template) { c.Section("Metadata", pairOf("A", "b")) },
	}, {
		name: "export",
		bad:  func(c *cfn.Template) { c.Section("Outputs", pairOf("A", pairOf("Export", pairOf("Name", "n")))) },
		want: []string{`test/Outputs: outputs are declared with AddOutput: an Export joins stacks by a name that change sets of nested stacks refuse (found "Outputs"); allowed: AddOutput, which has no Export [forbidden]`},
		good: func(c *cfn.Template) { c.AddOutput("A", "b", "c") },
	}, {
		name: "unknown section",
		bad:  func(c *cfn.Template) { c.Section("Resources", nil) },
		want: []string{`test/Resources: section that the compiler writes itself or does not know (found "Resources"); allowed: Mappings, Metadata [forbidden]`},
	}, {
		name: "null section",
		bad:  func(c *cfn.Template) { c.Section("Metadata", nil) },
		want: []string{`test/Metadata: value is missing; CloudFormation refuses null (found "null"); allowed: a value, or no property [null-value]`},
		good: func(c *cfn.Template) { c.Section("Metadata", map[string]any{}) },
	}}
	for _, r := range rows {
		r.run(t)
	}
}

func TestExpressions(t *testing.T) {
	const allowed = "; allowed: a condition expression: Equals, And, Or, Not or a Condition [wrong-kind]"
	parameter := func(c *cfn.Template) string { return cfn.AddParameter[string](c, "P", cfn.Parameter{}) }
	rows := []refusal{{
		name: "empty condition",
		bad:  func(c *cfn.Template) { c.Condition("C", "") },
		want: []string{`test/C: value has the wrong kind` + allowed},
		good: func(c *cfn.Template) { c.Condition("C", always()) },
	}, {
		name: "reference for a condition",
		bad:  func(c *cfn.Template) { c.Condition("C", cfn.Expression(parameter(c))) },
		want: []string{`test/C: a reference stands where a condition belongs (found "${P}")` + allowed},
		good: func(c *cfn.Template) { c.Condition("C", cfn.Equals(parameter(c), "x")) },
	}, {
		name: "function that gives no truth",
		bad:  func(c *cfn.Template) { c.Condition("C", cfn.Expression(cfn.Join("", "a", "b"))) },
		want: []string{`test/C: the function gives something else than the schema wants (found "Fn::Join")` + allowed},
	}, {
		name: "literal inside And",
		bad:  func(c *cfn.Template) { c.Condition("C", cfn.And(always(), "true")) },
		want: []string{`test/C/Fn::And: value has the wrong kind (found "true")` + allowed},
		good: func(c *cfn.Template) { c.Condition("C", cfn.And(always(), cfn.Not(always()))) },
	}, {
		name: "literal inside Or",
		bad:  func(c *cfn.Template) { c.Condition("C", cfn.Or("", always())) },
		want: []string{`test/C/Fn::Or: value has the wrong kind` + allowed},
		good: func(c *cfn.Template) {
			d := c.Condition("D", always())
			c.Condition("C", cfn.Or(d.Holds(), always()))
		},
	}, {
		name: "literal inside Not",
		bad:  func(c *cfn.Template) { c.Condition("C", cfn.Not("x")) },
		want: []string{`test/C/Fn::Not: value has the wrong kind (found "x")` + allowed},
	}, {
		name: "condition inside Equals",
		bad: func(c *cfn.Template) {
			d := c.Condition("D", always())
			c.Condition("C", cfn.Equals(string(d.Holds()), "x"))
		},
		want: []string{`test/C/Fn::Equals: a condition stands where a value belongs (found "D"); allowed: If and IfValue, or When for a whole resource [wrong-kind]`},
	}, {
		name: "condition as a property",
		bad:  func(c *cfn.Template) { display(c, string(c.Condition("D", always()).Holds())) },
		want: []string{`test/Other/Properties.DisplayName: a condition stands where a value belongs (found "D"); allowed: If and IfValue, or When for a whole resource [wrong-kind]`},
		good: func(c *cfn.Template) { display(c, cfn.If(c.Condition("D", always()), "a", "b")) },
	}, {
		name: "condition that is not declared",
		bad: func(c *cfn.Template) {
			other := cfn.NewTemplate("test", "").Condition("Nope", always())
			c.Condition("C", cfn.Not(other.Holds()))
		},
		want: []string{`test/C/Fn::Not: condition is not declared (found "Nope"); allowed: C [undeclared-reference]`},
	}, {
		name: "rule: literals for expressions",
		bad:  func(c *cfn.Template) { c.Rule("R", "x", cfn.Assertion{Assert: "y", Description: "so"}) },
		want: []string{
			`test/R/Assertions[0].Assert: value has the wrong kind (found "y")` + allowed,
			`test/R/RuleCondition: value has the wrong kind (found "x")` + allowed,
		},
		good: func(c *cfn.Template) { c.Rule("R", always(), cfn.Assertion{Assert: always(), Description: "so"}) },
	}, {
		name: "condition of a resource that is no name",
		bad: func(c *cfn.Template) {
			c.Condition("C", always())
			display(c, map[string]any{"Fn::If": []any{ref("C"), "a", "b"}})
		},
		want: []string{`test/Other/Properties.DisplayName.Fn::If: a condition is named by a plain string (found "C"); allowed: the name of a condition [wrong-kind]`},
		good: func(c *cfn.Template) {
			c.Condition("C", always())
			display(c, map[string]any{"Fn::If": []any{"C", "a", "b"}})
		},
	}}
	for _, r := range rows {
		r.run(t)
	}
}

// TestArguments gives each function one argument too few and one too many, and the right numbers.
func TestArguments(t *testing.T) {
	for _, function := range []struct {
		name        string
		least, most int
		inCondition bool
	}{
		{"Fn::Base64", 1, 1, false}, {"Fn::Join", 2, 2, false}, {"Fn::Cidr", 2, 3, false}, {"Fn::GetAZs", 1, 1, false},
		{"Fn::Split", 2, 2, false}, {"Fn::FindInMap", 3, 3, false}, {"Fn::If", 3, 3, false}, {"Fn::Select", 2, 2, false},
		{"Fn::And", 2, 10, true}, {"Fn::Or", 2, 10, true}, {"Fn::Not", 1, 1, true}, {"Fn::RefAll", 1, 1, true},
		{"Fn::Contains", 2, 2, true}, {"Fn::EachMemberEquals", 2, 2, true}, {"Fn::EachMemberIn", 2, 2, true},
		{"Fn::Equals", 2, 2, true}, {"Fn::ValueOf", 2, 2, true}, {"Fn::ValueOfAll", 2, 2, true},
	} {
		for count := function.least - 1; count <= function.most+1; count++ {
			if function.inCondition && count == 0 {
				continue // a token has one argument at least
			}
			c := topicTemplate()
			yes := c.Condition("Yes", always())
			c.Section("Mappings", pairOf("Yes", pairOf("Yes", pairOf("Yes", "x"))))
			place := "test/Other/Properties.ArchivePolicy"
			if function.inCondition {
				argument := string(yes.Holds())
				if function.most == 2 || function.name == "Fn::RefAll" {
					argument = "x"
				}
				place = "test/C"
				c.Condition("C", cfn.Expression(functionOf(function.name, argument, count)))
			} else {
				arguments := make([]any, count)
				for i := range arguments {
					arguments[i] = "Yes"
				}
				addTopic(c, "Other").Patch("ArchivePolicy", map[string]any{function.name: arguments})
			}
			if count >= function.least && count <= function.most {
				files(t, c)
				continue
			}
			found := problems(t, c)
			want := fmt.Sprintf("%s: the function has %d arguments (found %q); allowed: %d to %d [wrong-kind]",
				place, count, function.name, function.least, function.most)
			if !slices.ContainsFunc(found, func(p cfn.Problem) bool { return p.Error() == want }) {
				t.Errorf("got %v, want %s", found, want)
			}
		}
	}
}

// functionOf writes the token of a function as the package does.
func functionOf(name, argument string, count int) string {
	return "\uFDD0F" + name + strings.Repeat("\uFDD2"+argument, count) + "\uFDD1"
}
