package cfn_test

import (
	"strings"
	"testing"

	"github.com/awslabs/goformation/v7/cloudformation/sns"

	"github.com/tierform/tierform/pkg/cfn"
)

// use refers to a parameter, so that it is not unused.
func use(template *cfn.Template, output, value string) { template.AddOutput(output, "", value) }

func always() cfn.Expression { return cfn.Equals("a", "a") }

func TestLogicalIDs(t *testing.T) {
	longest := strings.Repeat("x", 255)
	longer := longest + "x"
	rows := []refusal{{
		name: "resource with a hyphen",
		bad:  func(c *cfn.Template) { addTopic(c, "My-Topic") },
		want: []string{`test/My-Topic: logical ID of the resource (found "My-Topic"); allowed: 1 to 255 letters and digits [bad-logical-id]`},
		good: func(c *cfn.Template) { addTopic(c, "azAZ09") },
	}, {
		name: "empty resource",
		bad:  func(c *cfn.Template) { addTopic(c, "") },
		want: []string{`test: logical ID of the resource; allowed: 1 to 255 letters and digits [bad-logical-id]`},
	}, {
		name: "resource of 256 letters",
		bad:  func(c *cfn.Template) { addTopic(c, longer) },
		want: []string{`test/x…: logical ID of the resource (found "x…"); allowed: 1 to 255 letters and digits [bad-logical-id]`},
		good: func(c *cfn.Template) { addTopic(c, longest) },
	}, {
		name: "parameter",
		bad:  func(c *cfn.Template) { use(c, "Out", cfn.AddParameter[string](c, "A.B", cfn.Parameter{})) },
		want: []string{`test/A.B: logical ID of the parameter (found "A.B"); allowed: 1 to 255 letters and digits [bad-logical-id]`},
		good: func(c *cfn.Template) { use(c, "Out", cfn.AddParameter[string](c, "AB", cfn.Parameter{})) },
	}, {
		name: "condition of 256 letters",
		bad:  func(c *cfn.Template) { c.Condition(longer, always()) },
		want: []string{`test/x…: logical ID of the condition (found "x…"); allowed: 1 to 255 letters and digits [bad-logical-id]`},
		good: func(c *cfn.Template) { c.Condition(longest, always()) },
	}, {
		name: "output of 256 letters",
		bad:  func(c *cfn.Template) { c.AddOutput(longer, "", "x") },
		want: []string{`test/x…: logical ID of the output (found "x…"); allowed: 1 to 255 letters and digits [bad-logical-id]`},
		good: func(c *cfn.Template) { c.AddOutput(longest, "", "x") },
	}, {
		name: "rule",
		bad:  func(c *cfn.Template) { c.Rule("a b", "", cfn.Assertion{Assert: always(), Description: "so"}) },
		want: []string{`test/a b: logical ID of the rule (found "a b"); allowed: 1 to 255 letters and digits [bad-logical-id]`},
		good: func(c *cfn.Template) { c.Rule("ab", "", cfn.Assertion{Assert: always(), Description: "so"}) },
	}}
	for _, r := range rows {
		r.run(t)
	}
	// The neighbours of a-z, A-Z and 0-9.
	for _, character := range []string{"`", "{", "@", "[", "/", ":", "é", "\x00"} {
		refusal{
			name: "character " + character,
			bad:  func(c *cfn.Template) { c.Condition("A"+character, always()) },
			want: []string{"…logical ID of the condition…[bad-logical-id]"},
		}.run(t)
	}
}

func TestDuplicates(t *testing.T) {
	parameter := func(c *cfn.Template, name string) {
		use(c, "Out"+name, cfn.AddParameter[string](c, name, cfn.Parameter{}))
	}
	rows := []refusal{{
		name: "two resources",
		bad:  func(c *cfn.Template) { addTopic(c, "Topic") },
		want: []string{`test/Topic: logical ID is declared twice, as resource and as resource (found "Topic"); allowed: one parameter or resource of that name [duplicate-logical-id]`},
		good: func(c *cfn.Template) { addTopic(c, "topic") },
	}, {
		name: "resource and parameter",
		bad:  func(c *cfn.Template) { cfn.AddParameter[string](c, "Topic", cfn.Parameter{}) },
		want: []string{
			`test/Topic: logical ID is declared twice, as resource and as parameter (found "Topic"); allowed: one parameter or resource of that name [duplicate-logical-id]`,
			`test/Topic: parameter is used nowhere; allowed: parameters that the template refers to [unused-parameter]`,
		},
		good: func(c *cfn.Template) { parameter(c, "TopicName") },
	}, {
		name: "parameter and resource",
		bad:  func(c *cfn.Template) { parameter(c, "P"); addTopic(c, "P") },
		want: []string{`test/P: logical ID is declared twice, as parameter and as resource (found "P"); allowed: one parameter or resource of that name [duplicate-logical-id]`},
	}, {
		name: "two conditions",
		bad: func(c *cfn.Template) {
			c.Condition("C", always())
			c.Condition("D", always())
			c.Condition("C", always())
		},
		want: []string{`test/C: condition is declared twice (found "C"); allowed: one condition of that name [duplicate-logical-id]`},
		good: func(c *cfn.Template) { c.Condition("C", always()); c.Condition("Topic", always()) },
	}, {
		name: "two outputs",
		bad:  func(c *cfn.Template) { c.AddOutput("O", "", "1"); c.AddOutput("P", "", "1"); c.AddOutput("O", "", "2") },
		want: []string{`test/O: output is declared twice (found "O"); allowed: one output of that name [duplicate-logical-id]`},
		good: func(c *cfn.Template) { c.AddOutput("O", "", "1"); c.AddOutput("P", "", "2") },
	}, {
		name: "two rules",
		bad:  func(c *cfn.Template) { c.Rule("R", ""); c.Rule("S", ""); c.Rule("R", "") },
		want: []string{`test/R: rule is declared twice (found "R"); allowed: one rule of that name [duplicate-logical-id]`},
		good: func(c *cfn.Template) { c.Rule("R", ""); c.Rule("S", "") },
	}, {
		name: "two sections",
		bad: func(c *cfn.Template) {
			c.Section("Metadata", pairOf("A", 1))
			c.Section("Mappings", pairOf("B", 1))
			c.Section("Metadata", pairOf("C", 1))
		},
		want: []string{`test/Metadata: section is declared twice (found "Metadata"); allowed: one section of that name [duplicate-logical-id]`},
		good: func(c *cfn.Template) { c.Section("Metadata", pairOf("A", 1)); c.Section("Mappings", pairOf("B", 1)) },
	}}
	for _, r := range rows {
		r.run(t)
	}
}

func pairOf(key string, value any) map[string]any { return map[string]any{key: value} }

func TestSentences(t *testing.T) {
	rows := []refusal{{
		name: "resource",
		bad:  func(c *cfn.Template) { cfn.Add(c, "Other", "", &sns.Topic{}) },
		want: []string{`test/Other: resource has no sentence saying what it is; allowed: one sentence [missing-description]`},
		good: func(c *cfn.Template) { cfn.Add(c, "Other", "x", &sns.Topic{}) },
	}, {
		name: "template",
		bad:  func(c *cfn.Template) { c.Describe("") },
		want: []string{`test: template has no description; allowed: a sentence saying what the stack is [missing-description]`},
		good: func(c *cfn.Template) { c.Describe("x") },
	}}
	for _, r := range rows {
		r.run(t)
	}
}

func TestTemplateNames(t *testing.T) {
	for _, name := range []string{"", "Test", "a--b", "-a", "a-", "a_b", "a.b", "../a", "ä"} {
		template := cfn.NewTemplate(name, "A template.")
		addTopic(template, "Topic")
		wantProblems(t, template, []string{name + ": name of a template…; allowed: words of lower-case letters and digits joined by single hyphens [bad-logical-id]"})
	}
	for _, name := range []string{"a", "7", "service-payment-api2"} {
		template := cfn.NewTemplate(name, "A template.")
		addTopic(template, "Topic")
		if got := template.Name(); got != name {
			t.Errorf("got name %q, want %q", got, name)
		}
		if _, ok := files(t, template)[name+".yaml"]; !ok {
			t.Errorf("no file %s.yaml", name)
		}
	}
}

func TestTemplateNeedsAResource(t *testing.T) {
	template := cfn.NewTemplate("test", "A template.")
	wantProblems(t, template, []string{"test: template has no resource; allowed: at least one resource [missing-property]"})
}
