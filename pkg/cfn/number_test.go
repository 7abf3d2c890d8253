package cfn_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"

	"github.com/awslabs/goformation/v7/cloudformation/cloudwatch"
	"github.com/awslabs/goformation/v7/cloudformation/sqs"

	"github.com/tierform/tierform/pkg/cfn"
)

func number(c *cfn.Template, name string) cfn.Number {
	return cfn.AddParameter[cfn.Number](c, name, cfn.Number("").Constraint())
}

func TestNumbers(t *testing.T) {
	c := topicTemplate()
	delay, period := number(c, "Delay"), number(c, "Period")
	cfn.Add(c, "Queue", "A queue", &sqs.Queue{DelaySeconds: new(c.Int(delay)), VisibilityTimeout: new(c.Int(period))})
	alarm := cfn.Add(c, "Alarm", "An alarm", &cloudwatch.Alarm{ComparisonOperator: "GreaterThanThreshold", EvaluationPeriods: c.Int(delay),
		Threshold: new(c.Float(cfn.If(c.Condition("Yes", always()), delay, period)))})
	alarm.Patch("Period", c.Int(delay))
	wantResource(t, c, "Queue", `
    Type: AWS::SQS::Queue
    Metadata:
      Description: A queue
    Properties:
      DelaySeconds: !Ref Delay
      VisibilityTimeout: !Ref Period
`)
	wantResource(t, c, "Alarm", `
    Type: AWS::CloudWatch::Alarm
    Metadata:
      Description: An alarm
    Properties:
      ComparisonOperator: GreaterThanThreshold
      EvaluationPeriods: !Ref Delay
      Period: !Ref Delay
      Threshold: !If ['Yes', !Ref Delay, !Ref Period]
`)
}

// TestNumbersInText: a number that went through encoding/json is a reference again.
func TestNumbersInText(t *testing.T) {
	c := topicTemplate()
	a, b := number(c, "A"), number(c, "B")
	document, err := json.Marshal(map[string]any{"port": c.Int(a), "ratio": c.Float(b), "name": "x-" + cfn.Region, "odd": -8888})
	if err != nil {
		t.Fatal(err)
	}
	display(c, string(document))
	display2 := addTopic(c, "Second")
	display2.Patch("DisplayName", fmt.Sprint(c.Int(a), c.Int(b)))
	display2.Patch("ArchivePolicy", map[string]any{"same": json.Number(fmt.Sprint(c.Int(a))), "list": []float64{c.Float(b), 1}})
	addTopic(c, "Third").Patch("DisplayName", strconv.Itoa(c.Int(a)))
	text := files(t, c)["test.yaml"]
	wantText(t, text, "\n      DisplayName: !Ref A\n")
	wantText(t, text, "\n      DisplayName: !Sub '{\"name\":\"x-${AWS::Region}\",\"odd\":-8888,\"port\":${A},\"ratio\":${B}}'\n")
	wantText(t, text, `
      ArchivePolicy:
        list:
          - !Ref B
          - 1
        same: !Ref A
      DisplayName: !Sub ${A} ${B}
`)
	// What only looks like such a number stays.
	for _, text := range []string{"-8888", "-8888123", "-888800000000000", "-8888999999999999", "-8888 00000000000", "x-8888-8888-8888000000"} {
		c := topicTemplate()
		use(c, "Out", "a"+text+"b")
		addTopic(c, "Queue").Patch("MaximumMessageSize", c.Int(number(c, "N")))
		wantText(t, files(t, c)["test.yaml"], "\n    Value: a"+text+"b\n")
	}
}

func TestNumbersOfOtherTemplates(t *testing.T) {
	const allowed = "; allowed: something of this template; values of others come in through Nest [foreign-reference]"
	size := func(value func(own, other *cfn.Template) any) func(*cfn.Template) {
		return func(c *cfn.Template) {
			other := cfn.NewTemplate("other", "")
			other.Int(number(other, "N"))
			addTopic(c, "First").Patch("MaximumMessageSize", c.Int(number(c, "N")))
			addTopic(c, "Second").Patch("MaximumMessageSize", value(c, other))
		}
	}
	rows := []refusal{{
		name: "Int of another template",
		bad:  size(func(_, other *cfn.Template) any { return other.Int("x") }),
		want: []string{`test/Second/Properties.MaximumMessageSize: number reference of another template (found "-8888…")` + allowed},
		good: size(func(own, _ *cfn.Template) any { return own.Int(cfn.Number(addTopicElsewhere("N"))) }),
	}, {
		name: "Float of another template",
		bad:  size(func(_, other *cfn.Template) any { return other.Float("x") }),
		want: []string{`test/Second/Properties.MaximumMessageSize: number reference of another template (found "-8888…")` + allowed},
	}, {
		name: "number that was never handed out",
		bad:  size(func(own, _ *cfn.Template) any { return own.Int(number(own, "M")) - 1 }),
		want: []string{
			`test/M: parameter is used nowhere…[unused-parameter]`,
			`test/Second/Properties.MaximumMessageSize: number reference of another template…[foreign-reference]`,
		},
	}, {
		name: "reference of another template in an own number",
		bad: size(func(own, _ *cfn.Template) any {
			return own.Int(number(cfn.NewTemplate("other", ""), "N"))
		}),
		want: []string{`test/Second/Properties.MaximumMessageSize: reference to something in template other (found "${N}")` + allowed},
	}, {
		name: "literal in place of a reference",
		bad:  size(func(own, _ *cfn.Template) any { return own.Int("5") }),
		want: []string{`test/Second/Properties.MaximumMessageSize: value has the wrong kind (found "5"); allowed: an integer [wrong-kind]`},
	}, {
		name: "first and last sentinel there is",
		bad:  size(func(_, _ *cfn.Template) any { return []any{-8888_999999_999999} }),
		want: []string{`test/Second/Properties.MaximumMessageSize: property has the wrong kind (found "a list"); allowed: an integer [wrong-kind]`},
		good: size(func(_, _ *cfn.Template) any { return -8887_999999_999999 }),
	}, {
		name: "before the first sentinel",
		bad:  size(func(_, _ *cfn.Template) any { return -8888_000000_000000 }),
		want: []string{`test/Second/Properties.MaximumMessageSize: number reference of another template (found "-8888000000000000")` + allowed},
	}, {
		name: "behind the last sentinel",
		bad:  size(func(_, _ *cfn.Template) any { return -8888_999999_999999 }),
		want: []string{`test/Second/Properties.MaximumMessageSize: number reference of another template (found "-8888999999999999")` + allowed},
		good: size(func(_, _ *cfn.Template) any { return -8889_000000_000000 }),
	}}
	for _, r := range rows {
		r.run(t)
	}
}

// TestNumbersOfJSON writes numbers that are text in Go.
func TestNumbersOfJSON(t *testing.T) {
	for text, want := range map[string]string{"": "0", "12": "12", "-3": "-3", "1.50": "1.5", "1e2": "100", "18446744073709551616": "18446744073709551616"} {
		if got := written(t, func(*cfn.Template) any { return json.Number(text) }); got != " "+want+"\n" {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
	const rest = "allowed: UTF-8 text, numbers, booleans, and structs, lists and string-keyed maps of them [wrong-kind]"
	c := topicTemplate()
	addTopic(c, "Other").Patch("ArchivePolicy", []json.Number{"1e999", "one", "Inf"})
	wantProblems(t, c, []string{
		`test/Other/Properties.ArchivePolicy[0]: number is none, or too large (found "1e999"); ` + rest,
		`test/Other/Properties.ArchivePolicy[1]: number is none, or too large (found "one"); ` + rest,
		`test/Other/Properties.ArchivePolicy[2]: number has no YAML form (found "+Inf"); ` + rest,
	})
}

func TestConditionsOfOtherTemplates(t *testing.T) {
	elsewhere := func() cfn.Condition { return cfn.NewTemplate("other", "").Condition("Yes", always()) }
	const allowed = "; allowed: something of this template; values of others come in through Nest [foreign-reference]"
	rows := []refusal{{
		name: "When",
		bad:  func(c *cfn.Template) { addTopic(c, "Other").When(elsewhere()) },
		want: []string{`test/Other/Condition: condition of another template (found "Yes")` + allowed},
		good: func(c *cfn.Template) { addTopic(c, "Other").When(c.Condition("Yes", always())) },
	}, {
		name: "IfValue",
		bad:  func(c *cfn.Template) { display(c, cfn.IfValue(elsewhere(), "a", "b")) },
		want: []string{`test/Other/Properties.DisplayName: condition of template "other" (found "Yes")` + allowed},
		good: func(c *cfn.Template) { display(c, cfn.IfValue(c.Condition("Yes", always()), "a", "b")) },
	}, {
		name: "If",
		bad:  func(c *cfn.Template) { display(c, cfn.If(elsewhere(), "a", "b")) },
		want: []string{`test/Other/Properties.DisplayName: reference to something in template other (found "If(Yes,a,b)")` + allowed},
		good: func(c *cfn.Template) { display(c, cfn.If(c.Condition("Yes", always()), "a", "b")) },
	}, {
		name: "condition in a condition",
		bad:  func(c *cfn.Template) { c.Condition("Not", cfn.Not(elsewhere().Holds())) },
		want: []string{`test/Not/Fn::Not: reference to something in template other (found "Condition(Yes)")` + allowed},
		good: func(c *cfn.Template) { c.Condition("Not", cfn.Not(c.Condition("Yes", always()).Holds())) },
	}, {
		name: "GetAtt",
		bad:  func(c *cfn.Template) { display(c, addTopic(cfn.NewTemplate("far", ""), "Topic").Att("TopicName")) },
		want: []string{`test/Other/Properties.DisplayName: reference to something in template far (found "${Topic.TopicName}")` + allowed},
		good: func(c *cfn.Template) { display(c, addTopicAtt("Topic", "TopicName")) },
	}}
	for _, r := range rows {
		r.run(t)
	}
	if got := addTopic(topicTemplate(), "Other").LogicalID(); got != "Other" {
		t.Errorf("got logical ID %s, want Other", got)
	}
}
