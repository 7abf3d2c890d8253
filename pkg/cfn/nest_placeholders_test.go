package cfn_test

import (
	"testing"

	"github.com/tierform/tierform/pkg/cfn"
)

// fed runs a tier whose input Name comes from another stack's output.
func fed(c *cfn.Template, tier func(*cfn.Template, textInput) struct{}) {
	out := cfn.Nest(c, "Source", giving(cfn.Region), struct{}{})
	cfn.Nest(c, "Child", tier, out)
}

func TestPlaceholders(t *testing.T) {
	const selects = "selects from another stack's output, where a change set puts a placeholder and fails"
	inChild := func(value func(name string) any) func(*cfn.Template) {
		return func(c *cfn.Template) {
			fed(c, func(child *cfn.Template, in textInput) struct{} {
				child.Describe("A child.")
				addTopic(child, "Topic").Patch("ArchivePolicy", value(string(in.Name)))
				return struct{}{}
			})
		}
	}
	refused := func(function string) []string {
		return []string{"child/Topic/Properties.ArchivePolicy…: " + selects + ` (found "` + function + `"); allowed: one scalar output for each value [select-from-output]`}
	}
	rows := []refusal{{
		name: "Split in a child",
		bad:  inChild(func(name string) any { return cfn.Split(",", name) }),
		want: refused("Fn::Split"),
		good: inChild(func(name string) any { return cfn.Join(",", name) }),
	}, {
		name: "Select in a child, inside a text",
		bad:  inChild(func(name string) any { return cfn.Select(0, "a-"+name, "b") }),
		want: refused("Fn::Select"),
		good: inChild(func(name string) any { return cfn.Select(0, "a", "b") + name }),
	}, {
		name: "both in the parent",
		bad: func(c *cfn.Template) {
			out := cfn.Nest(c, "Source", giving(cfn.Region), struct{}{})
			display(c, cfn.Select(0, cfn.Split(",", string(out.Name))))
		},
		want: []string{
			"test/Other/Properties.DisplayName: " + selects + ` (found "Fn::Select"); allowed: … [select-from-output]`,
			"test/Other/Properties.DisplayName.Fn::Select: " + selects + ` (found "Fn::Split"); allowed: … [select-from-output]`,
		},
		good: func(c *cfn.Template) {
			out := cfn.Nest(c, "Source", giving(cfn.Region), struct{}{})
			display(c, cfn.Select(0, cfn.Split(",", addTopicAtt("Topic", "TopicName")))+string(out.Name))
		},
	}, {
		name: "Select from a parameter that is fed by a parameter of the root",
		bad:  func(c *cfn.Template) { display(c, cfn.Select(0, cfn.AZs())); c.Describe("") },
		want: []string{"test: template has no description…"},
		good: func(c *cfn.Template) {
			cfn.Nest(c, "Child", func(child *cfn.Template, in textInput) struct{} {
				child.Describe("A child.")
				addTopic(child, "Topic").Patch("DisplayName", cfn.Select(0, cfn.Split(",", string(in.Name))))
				return struct{}{}
			}, textInput{cfn.Text(cfn.AddParameter[string](c, "List", cfn.Parameter{}))})
		},
	}, {
		name: "condition on an output",
		bad: func(c *cfn.Template) {
			fed(c, func(child *cfn.Template, in textInput) struct{} {
				child.Condition("Yes", cfn.Equals(string(in.Name), "x"))
				return silent(child, in)
			})
		},
		want: []string{`child/Yes/Fn::Equals: a condition depends on another stack's output, where a change set puts a placeholder (found "Name"); allowed: a parameter of the root [condition-on-output]`},
		good: func(c *cfn.Template) {
			cfn.Nest(c, "Child", func(child *cfn.Template, in textInput) struct{} {
				child.Condition("Yes", cfn.Equals(string(in.Name), "x"))
				return silent(child, in)
			}, textInput{cfn.Region})
		},
	}, {
		name: "rule on an output that came through two stacks",
		bad: func(c *cfn.Template) {
			fed(c, func(child *cfn.Template, in textInput) struct{} {
				child.Describe("A child.")
				return cfn.Nest(child, "Inner", func(inner *cfn.Template, in textInput) struct{} {
					inner.Rule("R", cfn.Equals(string(in.Name), "x"))
					return silent(inner, in)
				}, textInput{"a-" + in.Name})
			})
		},
		want: []string{`inner/R/RuleCondition.Fn::Equals: a condition depends on another stack's output…[condition-on-output]`},
	}}
	for _, r := range rows {
		r.run(t)
	}
}

// Kinds whose parameters declare one constraint each.
type (
	patterned  string
	valued     string
	minLength  string
	maxLength  string
	minValue   string
	maxValue   string
	imageID    string
	plainlySet string
)

func (patterned) Reference()  {}
func (valued) Reference()     {}
func (minLength) Reference()  {}
func (maxLength) Reference()  {}
func (minValue) Reference()   {}
func (maxValue) Reference()   {}
func (imageID) Reference()    {}
func (plainlySet) Reference() {}

func (patterned) Constraint() cfn.Parameter { return cfn.Parameter{AllowedPattern: "^x$"} }
func (valued) Constraint() cfn.Parameter    { return cfn.Parameter{AllowedValues: []string{"x"}} }
func (minLength) Constraint() cfn.Parameter { return cfn.Parameter{MinLength: 1} }
func (maxLength) Constraint() cfn.Parameter { return cfn.Parameter{MaxLength: 1} }
func (minValue) Constraint() cfn.Parameter {
	return cfn.Parameter{Type: "Number", MinValue: new(0.0)}
}
func (maxValue) Constraint() cfn.Parameter {
	return cfn.Parameter{Type: "Number", MaxValue: new(0.5)}
}
func (imageID) Constraint() cfn.Parameter { return cfn.Parameter{Type: "AWS::EC2::Image::Id"} }

func (plainlySet) Constraint() cfn.Parameter {
	return cfn.Parameter{Type: "String", NoEcho: true, ConstraintDescription: "any", Description: "ignored", Default: new("ignored")}
}

func TestConstraintsOnOutputs(t *testing.T) {
	run := func(name, constraint string, nest func(c *cfn.Template, value string)) {
		r := refusal{
			name: name,
			bad: func(c *cfn.Template) {
				nest(c, string(cfn.Nest(c, "Source", giving(cfn.Region), struct{}{}).Name))
			},
			good: func(c *cfn.Template) {
				nest(c, cfn.AddParameter[string](c, "Root", cfn.Parameter{}))
			},
			want: []string{"test/Child/Value: cfn_test." + name + " carries " + constraint +
				` but is fed by another stack's output, where a change set puts a placeholder (found "${SourceStack.Outputs.Name}"); ` +
				"allowed: a kind without constraint [constraint-on-output]"},
		}
		if constraint == "" {
			r.good(topicTemplate())
			c := topicTemplate()
			r.bad(c)
			files(t, c)
			return
		}
		r.run(t)
	}
	run("patterned", "AllowedPattern", nestOne[patterned])
	run("valued", "AllowedValues", nestOne[valued])
	run("minLength", "MinLength", nestOne[minLength])
	run("maxLength", "MaxLength", nestOne[maxLength])
	run("minValue", "MinValue", nestOne[minValue])
	run("maxValue", "MaxValue", nestOne[maxValue])
	run("imageID", "Type AWS::EC2::Image::Id", nestOne[imageID])
	run("plainlySet", "", nestOne[plainlySet])
	run("Number", "", nestOne[cfn.Number])
}

// nestOne nests a tier with one input, of kind K.
func nestOne[K ~string](c *cfn.Template, value string) {
	type input struct{ Value K }
	cfn.Nest(c, "Child", func(child *cfn.Template, in input) struct{} {
		return silent(child, textInput{cfn.Text(in.Value)})
	}, input{K(value)})
}

// TestConstraintsOnAttributes: only the outputs of nested stacks are placeholders in a change set.
func TestConstraintsOnAttributes(t *testing.T) {
	root := topicTemplate()
	nestOne[patterned](root, addTopicAtt("Topic", "TopicName"))
	wantText(t, files(t, root)["child.yaml"], "\n    AllowedPattern: ^x$\n")
}

// TestConstraintsOfParameters writes what a kind declares: all of it when a parameter of the root feeds it, and
// nothing but String when an output does.
func TestConstraintsOfParameters(t *testing.T) {
	root := topicTemplate()
	nestOne[maxValue](root, cfn.AddParameter[string](root, "Root", cfn.Parameter{}))
	wantText(t, files(t, root)["child.yaml"], `
  Value:
    Type: Number
    Description: Passed by the parent stack from Root
    MaxValue: 0.5
`)
	root = topicTemplate()
	nestOne[plainlySet](root, cfn.AddParameter[string](root, "Root", cfn.Parameter{}))
	wantText(t, files(t, root)["child.yaml"], `
  Value:
    Type: String
    Description: Passed by the parent stack from Root
    ConstraintDescription: any
    NoEcho: true
`)
	root = topicTemplate()
	nestOne[cfn.Number](root, string(cfn.Nest(root, "Source", giving(cfn.Region), struct{}{}).Name))
	wantText(t, files(t, root)["child.yaml"], `
  Value:
    Type: String
    Description: Passed by the parent stack from SourceStack.Outputs.Name

`)
}
