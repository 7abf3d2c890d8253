package cfn_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tierform/tierform/pkg/cfn"
)

// fragments are what tokens are made of, and whole ones.
func fragments(c *cfn.Template) []string {
	topic := addTopic(c, "Topic")
	parameter := cfn.AddParameter[string](c, "P", cfn.Parameter{Default: new("x")})
	use(c, "Use", parameter)
	yes := c.Condition("Yes", always())
	c.Section("Mappings", pairOf("M", pairOf("a", pairOf("x", "y"))))
	return []string{
		open, closing, separator, "R", "G", "I", "C", "F", "A", "E", "test", "Topic", "Fn::Join", "Fn::If", "\xef\xb7", "\xff",
		topic.Ref(), topic.Att("TopicName"), parameter, cfn.Region, cfn.NoValue, cfn.If(yes, "a", topic.Ref()), string(yes.Holds()),
		cfn.Join("-", topic.Ref(), "b"), cfn.Select(0, cfn.AZs()), cfn.Split(",", parameter), cfn.List(parameter)[0],
		cfn.SubnetCIDRs(parameter, 2, 8), cfn.Base64(parameter), cfn.Invalid("bad", parameter, "good"), cfn.FindInMap("M", "a", parameter),
		"${", "a: b", "\n", "é", "", "{\"a\":", "}", "yes", "-8888000001000000",
	}
}

// compileAny compiles templates that hold a text in every way a text can be held. They give problems or text that a
// reader takes, and nothing of a token is left in that.
func compileAny(t *testing.T, text string, number int) {
	t.Helper()
	values := cfn.NewTemplate("test", "A template.")
	fragments(values)
	document, err := json.Marshal(map[string]any{"text": text, "number": values.Int(cfn.Number(text)) + number%3})
	if err != nil {
		t.Fatal(err)
	}
	raw(values, "Thing", "Custom::Thing", map[string]any{
		"Alone": text, "List": []string{text}, "Document": string(document), "Join": cfn.Join("-", text, text), "Number": float64(number),
	})
	mayCompile(t, values, text)

	c := cfn.NewTemplate("test", "A template.")
	fragments(c)
	raw(c, "Thing", "Custom::Thing", map[string]any{
		"Two": []any{text, text}, "Map": map[string]any{text: text}, "Select": cfn.Select(number, text), "Ref": ref(text), "Att": att(text),
		"Own": c.Int(cfn.Number(text)), "Any": map[string]any{"Fn::If": []any{text, text, number}},
	}).Patch(text, text)
	c.Condition("C", cfn.Expression(text))
	c.AddOutput("Out", text, text)
	type input struct{ Name cfn.Text }
	out := cfn.Nest(c, "Child", func(child *cfn.Template, in input) input {
		child.Describe(text)
		raw(child, "Thing", "Custom::Thing", pairOf("Value", string(in.Name)))
		return input{cfn.Text(text) + in.Name}
	}, input{cfn.Text(text)})
	c.AddOutput("ChildName", "", string(out.Name))
	mayCompile(t, c, text)
}

// mayCompile tells whether the template has no problem.
func mayCompile(t *testing.T, c *cfn.Template, text string) bool {
	t.Helper()
	list, err := compiler(t).Compile(c)
	var problems cfn.Problems
	if err != nil && (!errors.As(err, &problems) || len(problems) == 0 || problems.Error() == "") {
		t.Fatalf("%q: %v", text, err)
	}
	for _, f := range list {
		if _, err := cfn.DecodeYAML(f.Data); err != nil {
			t.Fatalf("%q: %v in\n%s", text, err, f.Data)
		}
		if strings.ContainsAny(string(f.Data), open+closing+separator) {
			t.Fatalf("%q: marks are left in\n%s", text, f.Data)
		}
	}
	return err == nil
}

// FuzzTokens: no text, token or not, makes the compiler panic or write what no reader takes.
func FuzzTokens(f *testing.F) {
	for i, s := range fragments(cfn.NewTemplate("test", "")) {
		f.Add(s, i-3)
		f.Add("a"+s+"b"+s, -i)
	}
	f.Fuzz(compileAny)
}

// TestRandomTokens draws concatenations of whole and broken tokens with a fixed seed.
func TestRandomTokens(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	parts := fragments(cfn.NewTemplate("test", ""))
	for range 600 {
		var b strings.Builder
		for range 1 + r.IntN(6) {
			b.WriteString(parts[r.IntN(len(parts))])
		}
		compileAny(t, b.String(), r.IntN(9)-4)
	}
}

// TestWholeTokensCompile: the fragments are no mere noise to the fuzzer.
func TestWholeTokensCompile(t *testing.T) {
	compiled := 0
	for _, text := range fragments(cfn.NewTemplate("test", "")) {
		c := cfn.NewTemplate("test", "A template.")
		fragments(c)
		raw(c, "Thing", "Custom::Thing", pairOf("Value", []any{text, "a" + text}))
		if mayCompile(t, c, text) {
			compiled++
		}
	}
	if want := 32; compiled != want {
		t.Errorf("%d fragments compile, want %d", compiled, want)
	}
}
