package cfn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/awslabs/goformation/v7/cloudformation/sns"

	"github.com/tierform/tierform/pkg/cfn"
)

func TestCounts(t *testing.T) {
	topics := func(count int) func(*cfn.Template) {
		return func(c *cfn.Template) {
			for i := range count - 1 { // topicTemplate has one
				addTopic(c, fmt.Sprint("Topic", i))
			}
		}
	}
	parameters := func(count int) func(*cfn.Template) {
		return func(c *cfn.Template) {
			all := ""
			for i := range count {
				all += cfn.AddParameter[string](c, fmt.Sprint("P", i), cfn.Parameter{})
			}
			use(c, "Out", all)
		}
	}
	outputs := func(count int) func(*cfn.Template) {
		return func(c *cfn.Template) {
			for i := range count {
				c.AddOutput(fmt.Sprint("O", i), "", "x")
			}
		}
	}
	described := func(bytes int) func(*cfn.Template) {
		return func(c *cfn.Template) { c.Describe(strings.Repeat("x", bytes)) }
	}
	rows := []refusal{
		{name: "resources", bad: topics(501), good: topics(500),
			want: []string{`test: too many resources in one template (found "501"); allowed: at most 500 [over-limit]`}},
		{name: "parameters", bad: parameters(201), good: parameters(200),
			want: []string{`test: too many parameters in one template (found "201"); allowed: at most 200 [over-limit]`}},
		{name: "outputs", bad: outputs(201), good: outputs(200),
			want: []string{`test: too many outputs in one template (found "201"); allowed: at most 200 [over-limit]`}},
		{name: "description", bad: described(1025), good: described(1024),
			want: []string{`test: too many bytes of description in one template (found "1025"); allowed: at most 1024 [over-limit]`}},
		{name: "description in bytes, not characters", bad: func(c *cfn.Template) { c.Describe(strings.Repeat("é", 513)) },
			good: func(c *cfn.Template) { c.Describe(strings.Repeat("é", 512)) },
			want: []string{`test: too many bytes of description in one template (found "1026"); allowed: at most 1024 [over-limit]`}},
	}
	for _, r := range rows {
		r.run(t)
	}
}

func TestSizes(t *testing.T) {
	inline := func(c *cfn.Template) { c.SentInline() }
	bucket := func(*cfn.Template) {}
	for _, row := range []struct {
		name  string
		send  func(*cfn.Template)
		limit int
	}{{"sent inline", inline, 51_200}, {"sent through a bucket", bucket, 1_048_576}} {
		t.Run(row.name, func(t *testing.T) {
			fill := func(bytes int) *cfn.Template {
				c := topicTemplate()
				row.send(c)
				c.AddOutput("Out", "", strings.Repeat("x", bytes))
				return c
			}
			frame := len(files(t, fill(1))["test.yaml"]) - 1
			if got := len(files(t, fill(row.limit-frame))["test.yaml"]); got != row.limit {
				t.Errorf("got %d bytes, want %d", got, row.limit)
			}
			wantProblems(t, fill(row.limit-frame+1), []string{fmt.Sprintf(
				`test: too many bytes in one template (found "%d"); allowed: at most %d [over-limit]`, row.limit+1, row.limit)})
		})
	}
}

func TestParameterValues(t *testing.T) {
	withDefault := func(bytes int) func(*cfn.Template) {
		return func(c *cfn.Template) {
			use(c, "Out", cfn.AddParameter[string](c, "P", cfn.Parameter{Default: new(strings.Repeat("x", bytes))}))
		}
	}
	type inputs struct{ Text, Other cfn.Text }
	passed := func(first, second int) func(*cfn.Template) {
		return func(c *cfn.Template) {
			value := strings.Repeat("x", first) + addTopicElsewhere("Topic") + strings.Repeat("y", second)
			cfn.Nest(c, "Child", func(child *cfn.Template, in inputs) struct{} {
				child.Describe("A child.")
				addTopic(child, "Topic").Patch("DisplayName", string(in.Text+in.Other))
				return struct{}{}
			}, inputs{Text: cfn.Text(value), Other: cfn.Text(cfn.Region)})
		}
	}
	rows := []refusal{
		{name: "default", bad: withDefault(4097), good: withDefault(4096),
			want: []string{`test/P: value of a parameter has 4097 bytes (found "x…"); allowed: at most 4096 bytes [over-limit]`}},
		{name: "passed to a nested stack, its references left out", bad: passed(4000, 97), good: passed(4000, 96),
			want: []string{`test/ChildStack/Text: value of a parameter has 4097 bytes (found "x…"); allowed: at most 4096 bytes [over-limit]`}},
		{name: "all before the reference", bad: passed(4097, 0), good: passed(4096, 0), want: []string{`test/ChildStack/Text: value of a parameter has 4097 bytes…`}},
		{name: "all behind the reference", bad: passed(0, 4097), good: passed(0, 4096), want: []string{`test/ChildStack/Text: value of a parameter has 4097 bytes…`}},
	}
	for _, r := range rows {
		r.run(t)
	}
}

// TestHalfATokenHasALength: what is no whole token counts as text.
func TestHalfATokenHasALength(t *testing.T) {
	c := topicTemplate()
	value := cfn.Region + strings.Repeat("x", 4000) + cfn.Region + open + strings.Repeat("y", 90)
	cfn.Nest(c, "Child", silent, textInput{cfn.Text(value)})
	wantOne := func(length string, want bool) {
		t.Helper()
		found := slices.ContainsFunc(problems(t, c), func(p cfn.Problem) bool { return p.Message == "value of a parameter has "+length+" bytes" })
		if found != want {
			t.Errorf("a value of %s bytes is reported: %v, want %v", length, found, want)
		}
	}
	wantOne("4093", false)
	cfn.Nest(c, "Second", silent, textInput{cfn.Text(value + "yyyy")})
	wantOne("4097", true)
}

// TestNestedResources counts the resources of all templates of one operation: 2,500 with their stacks.
func TestNestedResources(t *testing.T) {
	build := func(resources int) *cfn.Template {
		root := cfn.NewTemplate("test", "A template.")
		left := resources
		for i := 0; left > 0; i++ {
			count := min(left-1, 500)
			cfn.Nest(root, "Child"+string(rune('A'+i)), func(c *cfn.Template, _ struct{}) struct{} {
				c.Describe("A child.")
				for j := range count {
					addTopic(c, fmt.Sprint("Topic", j))
				}
				return struct{}{}
			}, struct{}{})
			left -= count + 1
		}
		return root
	}
	files(t, build(2500))
	wantProblems(t, build(2501), []string{
		`test: too many resources in one operation with nested stacks (found "2501"); allowed: at most 2500 [over-limit]`})
}

func TestUnusedParameters(t *testing.T) {
	declare := func(c *cfn.Template) string { return cfn.AddParameter[string](c, "P", cfn.Parameter{}) }
	unused := []string{`test/P: parameter is used nowhere; allowed: parameters that the template refers to [unused-parameter]`}
	uses := map[string]func(c *cfn.Template, p string){
		"output":     func(c *cfn.Template, p string) { c.AddOutput("O", "", p) },
		"property":   func(c *cfn.Template, p string) { display(c, p) },
		"text":       func(c *cfn.Template, p string) { display(c, "a"+p) },
		"function":   func(c *cfn.Template, p string) { display(c, cfn.Join("-", "a", cfn.Base64(p))) },
		"condition":  func(c *cfn.Template, p string) { c.Condition("C", cfn.Equals(p, "a")) },
		"rule":       func(c *cfn.Template, p string) { c.Rule("R", cfn.Equals(p, "a")) },
		"number":     func(c *cfn.Template, p string) { addTopic(c, "T").Patch("MaximumMessageSize", c.Int(cfn.Number(p))) },
		"JSON":       func(c *cfn.Template, p string) { display(c, `{"a":"`+p+`"}`) },
		"long form":  func(c *cfn.Template, _ string) { display(c, ref("P")) },
		"metadata":   func(c *cfn.Template, p string) { c.Section("Metadata", pairOf("A", p)) },
		"conditions": func(c *cfn.Template, p string) { display(c, cfn.If(c.Condition("C", always()), p, "x")) },
		"attribute": func(c *cfn.Template, p string) {
			cfn.Add(c, "T", "A topic", &sns.Topic{AWSCloudFormationMetadata: pairOf("A", p)})
		},
	}
	for name, good := range uses {
		refusal{
			name: name,
			bad:  func(c *cfn.Template) { declare(c) },
			want: unused,
			good: func(c *cfn.Template) { good(c, declare(c)) },
		}.run(t)
	}
}

// TestCycleOfTheFirstResource has no other resource before it.
func TestCycleOfTheFirstResource(t *testing.T) {
	c := cfn.NewTemplate("test", "A template.")
	first := addTopic(c, "First")
	first.DependsOn(first)
	wantProblems(t, c, []string{`test/First: resources wait for each other (found "First → First"); allowed: references in one direction [dependency-cycle]`})
}

func TestCycles(t *testing.T) {
	type topic = cfn.Resource[*sns.Topic]
	three := func(c *cfn.Template) (topic, topic, topic) {
		return addTopic(c, "A"), addTopic(c, "B"), addTopic(c, "C")
	}
	const allowed = "; allowed: references in one direction [dependency-cycle]"
	rows := []refusal{{
		name: "a resource that refers to itself",
		bad:  func(c *cfn.Template) { a, _, _ := three(c); a.Patch("DisplayName", a.Att("TopicName")) },
		want: []string{`test/A: resources wait for each other (found "A → A")` + allowed},
		good: func(c *cfn.Template) { a, b, _ := three(c); a.Patch("DisplayName", b.Att("TopicName")) },
	}, {
		name: "a resource that depends on itself",
		bad:  func(c *cfn.Template) { _, b, _ := three(c); b.DependsOn(b) },
		want: []string{`test/B: resources wait for each other (found "B → B")` + allowed},
		good: func(c *cfn.Template) { _, b, d := three(c); b.DependsOn(d) },
	}, {
		name: "three resources, reached from a fourth",
		bad: func(c *cfn.Template) {
			first := addTopic(c, "First")
			a, b, d := three(c)
			first.DependsOn(a)
			a.DependsOn(b)
			b.Patch("DisplayName", cfn.Join("", "x", d.Ref()))
			d.Patch("DisplayName", "x"+a.Att("TopicName"))
		},
		want: []string{`test/A: resources wait for each other (found "A → B → C → A")` + allowed},
		good: func(c *cfn.Template) {
			first := addTopic(c, "First")
			a, b, d := three(c)
			first.DependsOn(a, b, d)
			a.DependsOn(b, d)
			b.Patch("DisplayName", cfn.Join("", "x", d.Ref()))
		},
	}, {
		name: "two cycles",
		bad: func(c *cfn.Template) {
			a, b, d := three(c)
			a.DependsOn(b)
			b.DependsOn(a)
			d.DependsOn(d)
		},
		want: []string{
			`test/A: resources wait for each other (found "A → B → A")` + allowed,
			`test/C: resources wait for each other (found "C → C")` + allowed,
		},
		good: func(c *cfn.Template) { // a diamond
			a, b, d := three(c)
			last := addTopic(c, "Last")
			a.DependsOn(b, d)
			b.DependsOn(last)
			d.DependsOn(last)
		},
	}, {
		name: "conditions and outputs are no part of it",
		bad:  func(c *cfn.Template) { a, _, _ := three(c); use(c, "A", a.Ref()); a.DependsOn(a) },
		want: []string{`test/A: resources wait for each other (found "A → A")` + allowed},
		good: func(c *cfn.Template) { a, _, _ := three(c); use(c, "A", a.Ref()) },
	}}
	for _, r := range rows {
		r.run(t)
	}
}
