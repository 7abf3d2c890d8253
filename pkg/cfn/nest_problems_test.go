package cfn_test

import (
	"testing"

	"github.com/tierform/tierform/pkg/cfn"
)

type textInput struct{ Name cfn.Text }

// echo is a tier that uses its input and gives it back.
func echo(c *cfn.Template, in textInput) textInput {
	c.Describe("A child.")
	addTopic(c, "Topic").Patch("DisplayName", "x"+string(in.Name))
	return in
}

// silent is a tier with one input and no output.
func silent(c *cfn.Template, in textInput) struct{} {
	echo(c, in)
	return struct{}{}
}

// giving is a tier with one output.
func giving(value string) func(*cfn.Template, struct{}) textInput {
	return func(c *cfn.Template, _ struct{}) textInput {
		c.Describe("A child.")
		addTopic(c, "Topic")
		return textInput{cfn.Text(value)}
	}
}

func TestTierInputs(t *testing.T) {
	nest := func(value string) func(*cfn.Template) {
		return func(c *cfn.Template) { cfn.Nest(c, "Child", silent, textInput{cfn.Text(value)}) }
	}
	foreign := addTopic(cfn.NewTemplate("other", ""), "Topic").Ref()
	rows := []refusal{{
		name: "empty", bad: nest(""), good: nest(cfn.Region),
		want: []string{`test/Child/Name: input of the tier is empty; allowed: a reference to something in test [empty-reference]`},
	}, {
		name: "literal", bad: nest("vpc-1"), good: nest("vpc-" + cfn.Region),
		want: []string{`test/Child/Name: input of the tier is a literal (found "vpc-1"); allowed: a reference to something in test [literal-reference]`},
	}, {
		name: "foreign", bad: nest(foreign), good: nest(addTopicElsewhere("Topic")),
		want: []string{
			`test/Child/Name: input of the tier refers to template other (found "${Topic}"); allowed: a reference to something in test [foreign-reference]`,
			`test/ChildStack/Properties.Parameters.Name: reference to something in template other (found "${Topic}"); allowed: something of this template; values of others come in through Nest [foreign-reference]`,
		},
	}, {
		name: "foreign in part", bad: nest(addTopicElsewhere("Topic") + cfn.Join("-", foreign)),
		want: []string{
			`test/Child/Name: input of the tier refers to template test, other (found "${Topic}Fn::Join(-,${Topic})"); allowed: … [foreign-reference]`,
			`test/ChildStack/Properties.Parameters.Name.Fn::Join[1].Fn::Join[0]: reference to something in template other…[foreign-reference]`,
		},
	}, {
		name: "half a token", bad: nest(cfn.Region + closing),
		want: []string{
			`child/Name/Description: a reference has no effect here…[leftover-token]`,
			`test/Child/Name: input of the tier holds half a token (found "${AWS::Region}\ufdd1"); allowed: a reference to something in test [leftover-token]`,
			`test/ChildStack/Properties.Parameters.Name: half a token…[leftover-token]`,
		},
	}, {
		name: "half a token inside a token", bad: nest(cfn.Join("-", open)),
		want: []string{
			`child/Name/Description: a reference has no effect here…[leftover-token]`,
			`test/Child/Name: input of the tier holds half a token…[leftover-token]`,
			`test/ChildStack/Properties.Parameters.Name: half a token…[leftover-token]`,
		},
	}, {
		name: "nothing between the marks, inside a token", bad: nest(cfn.Join("-", open+closing)),
		want: []string{
			`child/Name/Description: a reference has no effect here…[leftover-token]`,
			`test/Child/Name: input of the tier holds half a token…[leftover-token]`,
			`test/ChildStack/Properties.Parameters.Name.Fn::Join[0]: half a token…[leftover-token]`,
		},
	}, {
		name: "condition of another template", bad: func(c *cfn.Template) {
			yes := cfn.NewTemplate("other", "").Condition("Yes", always())
			nest(cfn.If(yes, cfn.Region, cfn.Region))(c)
		},
		want: []string{
			`test/Child/Name: input of the tier refers to template other (found "If(Yes,${AWS::Region},${AWS::Region})"); allowed: … [foreign-reference]`,
			`test/ChildStack/Properties.Parameters.Name: reference to something in template other…[foreign-reference]`,
		},
		good: func(c *cfn.Template) { nest(cfn.If(c.Condition("Yes", always()), cfn.Region, cfn.Region))(c) },
	}, {
		name: "optional, but a literal",
		bad: func(c *cfn.Template) {
			type optional struct {
				Name  cfn.Text `cfn:"optional"`
				Plain int
			}
			cfn.Nest(c, "Child", func(child *cfn.Template, in optional) struct{} {
				return silent(child, textInput{in.Name})
			}, optional{Name: "x"})
		},
		want: []string{`test/Child/Name: input of the tier is a literal (found "x"); allowed: … [literal-reference]`},
	}, {
		name: "list that is passed as a scalar",
		bad:  nest(cfn.AZs()), good: nest(cfn.Select(0, cfn.AZs())),
		want: []string{`test/ChildStack/Properties.Parameters.Name: the function gives something else than the schema wants (found "Fn::GetAZs"); allowed: a string [wrong-kind]`},
	}}
	for _, r := range rows {
		r.run(t)
	}
}

func TestTierOutputs(t *testing.T) {
	nest := func(value string) func(*cfn.Template) {
		return func(c *cfn.Template) { use(c, "Out", string(cfn.Nest(c, "Child", giving(value), struct{}{}).Name)) }
	}
	rows := []refusal{{
		name: "empty", bad: nest(""), good: nest(cfn.Region),
		want: []string{`test/Child/Name: output of the tier is empty; allowed: a reference to something in child [empty-reference]`},
	}, {
		name: "literal", bad: nest("8080"), good: nest(cfn.Region + ":8080"),
		want: []string{`test/Child/Name: output of the tier is a literal (found "8080"); allowed: a reference to something in child [literal-reference]`},
	}, {
		name: "foreign: the parent's own", bad: nest(addTopicElsewhere("Topic")),
		want: []string{
			`child/Name/Value: reference to something in template test (found "${Topic}"); …[foreign-reference]`,
			`test/Child/Name: output of the tier refers to template test (found "${Topic}"); allowed: a reference to something in child [foreign-reference]`,
		},
	}, {
		name: "imported by nobody",
		bad:  func(c *cfn.Template) { cfn.Nest(c, "Child", giving(cfn.Region), struct{}{}) },
		want: []string{`child/Name: output is imported by nobody; allowed: outputs that another tier or the root uses [unused-output]`},
		good: func(c *cfn.Template) {
			out := cfn.Nest(c, "Child", giving(cfn.Region), struct{}{})
			cfn.Nest(c, "Second", silent, out)
		},
	}, {
		name: "two tiers have outputs of one name",
		bad: func(c *cfn.Template) {
			cfn.Nest(c, "Child", giving(cfn.Region), struct{}{})
			use(c, "Out", string(cfn.Nest(c, "Second", giving(cfn.Region), struct{}{}).Name))
		},
		want: []string{`child/Name: output is imported by nobody; allowed: … [unused-output]`},
	}, {
		name: "output that the nested stack does not have",
		bad: func(c *cfn.Template) {
			use(c, "Out", string(cfn.Nest(c, "Child", giving(cfn.Region), struct{}{}).Name))
			use(c, "Second", cfn.If(c.Condition("Yes", always()), "x", "y"))
			display(c, att("ChildStack.Outputs.Nope"))
		},
		want: []string{`test/Other/Properties.DisplayName: nested stack has no such output (found "ChildStack.Outputs.Nope"); allowed: a field of the tier's outputs [undeclared-reference]`},
		good: func(c *cfn.Template) {
			cfn.Nest(c, "First", silent, textInput{cfn.Region})
			cfn.Nest(c, "Child", giving(cfn.Region), struct{}{})
			display(c, att("ChildStack.Outputs.Name"))
		},
	}}
	for _, r := range rows {
		r.run(t)
	}
}

func TestNestedParameters(t *testing.T) {
	byHand := func(p cfn.Parameter) func(*cfn.Template) {
		return func(c *cfn.Template) {
			cfn.Nest(c, "Child", func(child *cfn.Template, _ struct{}) struct{} {
				return silent(child, textInput{cfn.AddParameter[cfn.Text](child, "Hand", p)})
			}, struct{}{})
		}
	}
	rows := []refusal{{
		name: "parameter that gets no value", bad: byHand(cfn.Parameter{}), good: byHand(cfn.Parameter{Default: new("")}),
		want: []string{`child/Hand: parameter of a nested template gets no value; allowed: a field of the tier's inputs, or a Default [unfed-parameter]`},
	}, {
		name: "input that the tier does not use",
		bad: func(c *cfn.Template) {
			cfn.Nest(c, "Child", func(child *cfn.Template, in textInput) struct{} {
				return silent(child, textInput{})
			}, textInput{cfn.Region})
		},
		want: []string{`child/Name: parameter is used nowhere; allowed: parameters that the template refers to [unused-parameter]`},
	}, {
		name: "two tiers of one name",
		bad: func(c *cfn.Template) {
			cfn.Nest(c, "Child", silent, textInput{cfn.Region})
			cfn.Nest(c, "Child", silent, textInput{cfn.Region})
		},
		want: []string{
			`child: two nested stacks share a template name (found "child"); allowed: a name of its own for each [duplicate-logical-id]`,
			`test/ChildStack: logical ID is declared twice, as resource and as resource (found "ChildStack"); allowed: … [duplicate-logical-id]`,
		},
		good: func(c *cfn.Template) {
			cfn.Nest(c, "Child", silent, textInput{cfn.Region})
			cfn.Nest(c, "ChildTwo", silent, textInput{cfn.Region})
		},
	}, {
		name: "tier called like its parent",
		bad:  func(c *cfn.Template) { cfn.Nest(c, "Test", silent, textInput{cfn.Region}) },
		want: []string{`test: two nested stacks share a template name (found "test"); allowed: … [duplicate-logical-id]`},
	}, {
		name: "malformed name of a tier",
		bad:  func(c *cfn.Template) { cfn.Nest(c, "My_Child", silent, textInput{cfn.Region}) },
		want: []string{
			`my_-child: name of a template (found "my_-child"); allowed: … [bad-logical-id]`,
			`test/My_ChildStack: logical ID of the resource…[bad-logical-id]`,
			`test/My_ChildTemplateKey: logical ID of the parameter…[bad-logical-id]`,
		},
	}, {
		name: "parameter of the parent that is called like the artifact bucket",
		bad: func(c *cfn.Template) {
			use(c, "Out", cfn.AddParameter[string](c, "ArtifactBucket", cfn.Parameter{}))
			cfn.Nest(c, "Child", silent, textInput{cfn.Region})
		},
		want: []string{`test/ArtifactBucket: logical ID is declared twice, as parameter and as parameter…[duplicate-logical-id]`},
	}, {
		name: "two inputs whose names are one",
		bad: func(c *cfn.Template) {
			type twice struct{ KeyARN, KeyArn cfn.KeyARN }
			cfn.Nest(c, "Child", func(child *cfn.Template, in twice) struct{} {
				return silent(child, textInput{cfn.Text(in.KeyARN + in.KeyArn)})
			}, twice{cfn.Region, cfn.AccountID})
		},
		want: []string{`child/KeyArn: logical ID is declared twice, as parameter and as parameter…[duplicate-logical-id]`},
	}, {
		name: "waiting for a stack that was never declared",
		bad: func(c *cfn.Template) {
			cfn.Nest(c, "Child", func(child *cfn.Template, _ struct{ cfn.After }) struct{} {
				return silent(child, textInput{cfn.Region})
			}, struct{ cfn.After }{cfn.After{cfn.Stack{}}})
		},
		want: []string{
			`test/ChildStack/DependsOn: waits for a stack or resource that was never declared; allowed: the Stack of a tier's outputs, or a Resource [empty-reference]`,
		},
	}, {
		name: "waiting for a resource of another template",
		bad:  func(c *cfn.Template) { addTopic(c, "Other").DependsOn(addTopic(cfn.NewTemplate("far", ""), "Far")) },
		want: []string{`test/Other/DependsOn: waits for a resource of template far (found "Far"); allowed: something of this template; values of others come in through Nest [foreign-reference]`},
		good: func(c *cfn.Template) { addTopic(c, "Other").DependsOn(addTopic(c, "Near")) },
	}}
	for _, r := range rows {
		r.run(t)
	}
}
