package cfn_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/cfn"
)

// TestProblemsAreReportedTogether has faults of several templates and checks in one compilation.
func TestProblemsAreReportedTogether(t *testing.T) {
	root := topicTemplate()
	other := addTopic(root, "Other")
	other.Patch("Zeal", 1)
	other.Patch("Color", "red")
	other.Patch("DisplayName", ref("Nope"))
	addTopic(root, "Topic")
	cfn.Nest(root, "Child", func(c *cfn.Template, _ struct{}) struct{} {
		c.Describe("A child.")
		raw(c, "Thing", "AWS::Nope::Nope", nil)
		return struct{}{}
	}, struct{}{})

	got := problems(t, root)
	topic := "ArchivePolicy, ContentBasedDeduplication, DataProtectionPolicy, DeliveryStatusLogging, DisplayName, FifoThroughputScope, FifoTopic, " +
		"KmsMasterKeyId, MaximumMessageSize, SignatureVersion, Subscription, Tags, TopicName, TracingConfig"
	want := cfn.Problems{
		{Kind: cfn.UnknownType, Template: "child", LogicalID: "Thing", Value: "AWS::Nope::Nope",
			Message: "resource type is not in the embedded schema",
			Allowed: "the types of tools/schema/types.txt, or Custom::…; add the type there and run go run ./tools/schema"},
		{Kind: cfn.UnknownProperty, Template: "test", LogicalID: "Other", Path: "Properties.Color", Value: "Color",
			Message: "property does not exist", Allowed: topic},
		{Kind: cfn.UndeclaredReference, Template: "test", LogicalID: "Other", Path: "Properties.DisplayName", Value: "Nope",
			Message: "Ref names nothing that is declared", Allowed: "a parameter or resource of this template"},
		{Kind: cfn.UnknownProperty, Template: "test", LogicalID: "Other", Path: "Properties.Zeal", Value: "Zeal",
			Message: "property does not exist", Allowed: topic},
		{Kind: cfn.DuplicateLogicalID, Template: "test", LogicalID: "Topic", Value: "Topic",
			Message: "logical ID is declared twice, as resource and as resource", Allowed: "one parameter or resource of that name"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	lines := strings.Split(got.Error(), "\n")
	if lines[0] != "5 problem(s) in the templates:" || len(lines) != 6 {
		t.Errorf("got %q and %d lines, want a heading and a line for each of 5 problems", lines[0], len(lines))
	}
	if want := "  test/Other/Properties.Zeal: property does not exist (found \"Zeal\"); allowed: " + topic + " [unknown-property]"; lines[4] != want {
		t.Errorf("got line %q, want %q", lines[4], want)
	}
}

func TestSameProblemTwiceIsReportedOnce(t *testing.T) {
	c := topicTemplate()
	display(c, []any{ref("Nope"), ref("Nope")})
	addTopic(c, "Last").Patch("ArchivePolicy", ref("Nope")["Ref"].(string)+closing+closing)
	got := problems(t, c)
	if len(got) != 2 {
		t.Errorf("got %d problems, want 2: %v", len(got), got)
	}
}

func TestProblemInWords(t *testing.T) {
	for _, row := range []struct {
		problem cfn.Problem
		want    string
	}{
		{cfn.Problem{Kind: cfn.NullValue, Template: "a", LogicalID: "B", Path: "C.D", Value: `"v"`, Message: "m", Allowed: "w"},
			`a/B/C.D: m (found "\"v\""); allowed: w [null-value]`},
		{cfn.Problem{Kind: cfn.NullValue, Template: "a", Message: "m"}, `a: m [null-value]`},
		{cfn.Problem{Kind: cfn.NullValue, Template: "a", Path: "C", Message: "m"}, `a/C: m [null-value]`},
	} {
		if got := row.problem.Error(); got != row.want {
			t.Errorf("got %s, want %s", got, row.want)
		}
	}
}

// TestShownValues looks at how values appear in problems.
func TestShownValues(t *testing.T) {
	template := topicTemplate()
	topic := addTopic(template, "Other")
	yes := template.Condition("Yes", always())
	for _, row := range []struct{ value, want string }{
		{"-" + strings.Repeat("x", 119), "-" + strings.Repeat("x", 119)},
		{"-" + strings.Repeat("x", 120), "-" + strings.Repeat("x", 119) + "…"},
		{"-" + strings.Repeat("x", 118) + "éa", "-" + strings.Repeat("x", 118) + "…"},
		{topic.Ref(), "${Other}"},
		{"a-" + topic.Att("TopicName") + "-b", "a-${Other.TopicName}-b"},
		{cfn.Join("-", topic.Ref(), "b"), "Fn::Join(-,${Other},b)"},
		{cfn.If(yes, topic.Ref(), "b"), "If(Yes,${Other},b)"},
		{string(cfn.And(yes.Holds(), cfn.Not(yes.Holds()))), "Fn::And(Condition(Yes),Fn::Not(Condition(Yes)))"},
		{cfn.List(cfn.AZs())[0], "Fn::GetAZs()"},
		{cfn.Invalid("no colour", "x", "y"), "no colour"},
		{"a" + open + "b", "a" + open + "b"},
	} {
		c := topicTemplate()
		c.AddOutput(row.value, "", "x")
		if got := problems(t, c)[0].Value; got != row.want {
			t.Errorf("got %q, want %q", got, row.want)
		}
	}
}
