package cfn_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/cfn"
)

// sample is a template that has two texts in every place a text can be, and the data a reader must find in it.
func sample(a, b string) (*cfn.Template, map[string]any) {
	c := cfn.NewTemplate("test", a+b)
	parameter := cfn.AddParameter[string](c, "P", cfn.Parameter{Default: new(a), AllowedValues: []string{a, b}, Description: b})
	yes := c.Condition("Yes", cfn.Equals(parameter, a))
	key, other := keys(a)
	properties := map[string]any{
		"Alone":  a,
		"List":   []any{a, b, []any{b, a}, []string{a}},
		"Map":    map[string]any{key: b, other: map[string]any{"k": a}},
		"Sub":    a + parameter + b,
		"SubEnd": parameter + b,
		"Join":   cfn.Join(b, a, parameter, b+parameter),
		"Split":  cfn.Split(a, b),
		"Select": cfn.Select(1, a, b),
		"If":     cfn.If(yes, a, b),
		"Object": cfn.IfValue(yes, map[string]any{"k": a}, []any{b}),
		"Base64": cfn.Base64(a),
		"Long":   []any{cfn.Base64(b + parameter)},
		"End":    b,
	}
	raw(c, "Thing", "Custom::Thing", properties)
	raw(c, "Last", "Custom::Thing", pairOf("Text", b))
	c.AddOutput("Out", a, b)

	sub := func(parts ...string) map[string]any { return map[string]any{"Fn::Sub": strings.Join(parts, "${P}")} }
	escape := func(s string) string { return strings.ReplaceAll(s, "${", "${!") }
	wantProperties := map[string]any{
		"Alone":  a,
		"List":   []any{a, b, []any{b, a}, []any{a}},
		"Map":    map[string]any{key: b, other: map[string]any{"k": a}},
		"Sub":    sub(escape(a), escape(b)),
		"SubEnd": sub("", escape(b)),
		"Join":   map[string]any{"Fn::Join": []any{b, []any{a, ref("P"), sub(escape(b), "")}}},
		"Split":  map[string]any{"Fn::Split": []any{a, b}},
		"Select": map[string]any{"Fn::Select": []any{1, []any{a, b}}},
		"If":     map[string]any{"Fn::If": []any{"Yes", a, b}},
		"Object": map[string]any{"Fn::If": []any{"Yes", map[string]any{"k": a}, []any{b}}},
		"Base64": map[string]any{"Fn::Base64": a},
		"Long":   []any{map[string]any{"Fn::Base64": sub(escape(b), "")}},
		"End":    b,
	}
	for _, name := range []string{"Sub", "SubEnd"} {
		if a+b == "" || b == "" && name == "SubEnd" {
			wantProperties[name] = ref("P")
		}
	}
	if b == "" {
		wantProperties["Join"] = map[string]any{"Fn::Join": []any{b, []any{a, ref("P"), ref("P")}}}
		wantProperties["Long"] = []any{map[string]any{"Fn::Base64": ref("P")}}
	}
	p := map[string]any{"Type": "String", "Default": a, "AllowedValues": []any{a, b}}
	out := map[string]any{"Value": b}
	if b != "" {
		p["Description"] = b
	}
	if a != "" {
		out["Description"] = a
	}
	resource := func(properties map[string]any) map[string]any {
		return map[string]any{"Type": "Custom::Thing", "Metadata": map[string]any{"Description": "A resource"}, "Properties": properties}
	}
	return c, map[string]any{
		"AWSTemplateFormatVersion": "2010-09-09",
		"Description":              a + b,
		"Parameters":               map[string]any{"P": p},
		"Conditions":               map[string]any{"Yes": map[string]any{"Fn::Equals": []any{ref("P"), a}}},
		"Resources":                map[string]any{"Thing": resource(wantProperties), "Last": resource(map[string]any{"Text": b})},
		"Outputs":                  map[string]any{"Out": out},
	}
}

// keys are two different keys of a map as long as they may be.
func keys(text string) (key, other string) {
	cut := func(n int) string { return strings.ToValidUTF8(text[:min(len(text), n)], "") }
	return cut(255), "x" + cut(200)
}

// canBeWritten tells whether the sample of two texts has no problem.
func canBeWritten(a, b string) bool {
	for _, s := range []string{a, b} {
		if !utf8.ValidString(s) || strings.ContainsAny(s, open+closing+separator) || strings.HasPrefix(s, "ey") || strings.Contains(s, "-8888") {
			return false
		}
	}
	key, other := keys(a)
	return key != other && !strings.HasPrefix(a, "Fn::") && a != "Ref" && len(a)+len(b) > 0 && len(a)+len(b) <= 1024
}

func checkSample(t *testing.T, a, b string) {
	t.Helper()
	c, want := sample(a, b)
	text := files(t, c)["test.yaml"]
	got, err := cfn.DecodeYAML([]byte(text))
	if err != nil {
		t.Fatalf("%q, %q: %v in\n%s", a, b, err, text)
	}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Fatalf("%q, %q (-want +got):\n%s\n%s", a, b, diff, text)
	}
	for i, line := range strings.Split(text, "\n") {
		if strings.TrimRight(line, " ") != line && !strings.ContainsAny(a+b, " ") {
			t.Fatalf("line %d ends in a blank: %q", i+1, line)
		}
	}
}

// FuzzYAML reads arbitrary texts back from every place of a template.
func FuzzYAML(f *testing.F) {
	for i, row := range scalars {
		f.Add(row.value, scalars[(i*7+3)%len(scalars)].value)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if canBeWritten(a, b) {
			checkSample(t, a, b)
		}
	})
}

// nastyText draws a text of few but nasty parts.
func nastyText(r *rand.Rand) string {
	parts := []string{"a", "B", " ", "  ", "\n", "\n\n", ":", ": ", "#", " #", "-", "- ", "?", "'", `"`, `\`, "[", "]", "{", "}", ",", "!", "&", "*", "|", ">", "%", "@", "`",
		"0", "1", "9", ".", "_", "e", "x", "yes", "no", "on", "off", "true", "null", "~", "=", "<<", "${", "${!", "$", "1:30", "2026-11-23", "T", "Z", "+", "\t", "\r", "\x00",
		"\x7f", "\u0085", "\u00a0", "\u2028", "\u2029", "\ufeff", "é", "中", "😀", "\U0010ffff", "\uffff", "---", "...", "{{resolve:ssm:x}}", "word word"}
	var b strings.Builder
	for range r.IntN(7) {
		b.WriteString(parts[r.IntN(len(parts))])
	}
	return b.String()
}

// nastyPairs are pairs of the scalars and of texts drawn with a fixed seed.
func nastyPairs(random int) (pairs [][2]string) {
	r := rand.New(rand.NewPCG(1, 2))
	for i, row := range scalars {
		pairs = append(pairs, [2]string{row.value, scalars[(i*11+5)%len(scalars)].value})
	}
	for range random {
		pairs = append(pairs, [2]string{nastyText(r), nastyText(r)})
	}
	kept := pairs[:0]
	for _, p := range pairs {
		if canBeWritten(p[0], p[1]) {
			kept = append(kept, p)
		}
	}
	return kept
}

func TestNastyTexts(t *testing.T) {
	for _, p := range nastyPairs(400) {
		checkSample(t, p[0], p[1])
	}
}

// TestLongTexts: no length makes a reader lose the end of a key or fold a line.
func TestLongTexts(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("x", 600), strings.Repeat("é", 300), strings.Repeat("\x01", 255), strings.Repeat("😀", 63), strings.Repeat("word ", 120),
		strings.Repeat("line\n", 100), strings.Repeat("'", 255), strings.Repeat(": ", 200),
	} {
		checkSample(t, text, "b")
		checkSample(t, "a", text)
	}
}
