package cfn_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/cfn"
)

// scalars are strings and how they are written: alone, and inside brackets when that differs.
var scalars = []struct{ value, alone, inFlow string }{
	{"a", "a", ""},
	{"Abc-1_2.x/y=z@w", "Abc-1_2.x/y=z@w", ""},
	{"", "''", ""},
	{" ", "' '", ""},
	{" a", "' a'", ""},
	{"a ", "'a '", ""},
	{"a b", "a b", ""},
	{"it's", "it's", ""},
	{"'", "''''", ""},
	{"'it''s", "'''it''''s'", ""},
	{`"x"`, `'"x"'`, ""},
	{`a "x" \n`, `a "x" \n`, ""},
	{`\`, `\`, ""},
	// Booleans and nulls of YAML 1.1.
	{"y", "'y'", ""}, {"Y", "'Y'", ""}, {"n", "'n'", ""}, {"N", "'N'", ""},
	{"yes", "'yes'", ""}, {"Yes", "'Yes'", ""}, {"NO", "'NO'", ""}, {"on", "'on'", ""}, {"Off", "'Off'", ""},
	{"true", "'true'", ""}, {"FALSE", "'FALSE'", ""}, {"null", "'null'", ""}, {"Null", "'Null'", ""}, {"~", "'~'", ""},
	{"yesterday", "yesterday", ""}, {"nope", "nope", ""}, {"once", "once", ""}, {"nulls", "nulls", ""}, {"truely", "truely", ""}, {"falsey", "falsey", ""},
	{"yo", "yo", ""}, {"none", "none", ""},
	// Numbers, dates and times.
	{"0", "'0'", ""}, {"1", "'1'", ""}, {"-1", "'-1'", ""}, {"+1", "'+1'", ""}, {"1.5", "'1.5'", ""}, {".5", "'.5'", ""}, {"1e3", "'1e3'", ""},
	{"0x1F", "'0x1F'", ""}, {"0o17", "'0o17'", ""}, {"0b1", "'0b1'", ""}, {"1_000", "'1_000'", ""}, {"1,000", "'1,000'", ""}, {"012", "'012'", ""}, {"123456789012", "'123456789012'", ""},
	{".inf", "'.inf'", ""}, {"-.INF", "'-.INF'", ""}, {".nan", "'.nan'", ""}, {"1:30", "'1:30'", ""}, {"12:34:56", "'12:34:56'", ""},
	{"2026-11-23", "'2026-11-23'", ""}, {"2026-11-23 01:02:03", "'2026-11-23 01:02:03'", ""}, {"2001-12-14t21:59:43.10-05:00", "'2001-12-14t21:59:43.10-05:00'", ""},
	{"2026-11-23T01:02:03Z", "'2026-11-23T01:02:03Z'", ""},
	{"1a2b", "'1a2b'", ""}, {"10.0.0.0", "'10.0.0.0'", ""}, {"9", "'9'", ""}, {"10.0.0.0/16", "10.0.0.0/16", ""}, {"1st", "1st", ""}, {"1.2.3-rc1", "1.2.3-rc1", ""}, {"a1", "a1", ""}, {"3x3", "'3x3'", ""},
	// What begins like something else.
	{"-", "'-'", ""}, {"- a", "'- a'", ""}, {"--x", "'--x'", ""}, {"---", "'---'", ""}, {"...", "'...'", ""}, {"?", "'?'", ""}, {"? a", "'? a'", ""}, {":", "':'", ""}, {":a", "':a'", ""},
	{",", "','", ""}, {"[", "'['", ""}, {"]", "']'", ""}, {"{", "'{'", ""}, {"}", "'}'", ""}, {"#", "'#'", ""}, {"&a", "'&a'", ""}, {"*", "'*'", ""}, {"!Ref a", "'!Ref a'", ""}, {"|", "'|'", ""}, {">", "'>'", ""},
	{"%a", "'%a'", ""}, {"@a", "'@a'", ""}, {"`a", "'`a'", ""}, {"=", "'='", ""}, {"<<", "'<<'", ""}, {"=a", "'=a'", ""},
	// What goes on like something else.
	{"a: b", "'a: b'", ""}, {"a:", "'a:'", ""}, {"a:b", "a:b", "'a:b'"}, {"a : b", "'a : b'", ""}, {"a #b", "'a #b'", ""}, {"a#b", "a#b", ""}, {"a # ", "'a # '", ""}, {"a, b", "a, b", "'a, b'"},
	{"a[0]", "a[0]", "'a[0]'"}, {"a]", "a]", "'a]'"}, {"a{", "a{", "'a{'"}, {"a}", "a}", "'a}'"}, {"a?b", "a?b", "'a?b'"}, {"a - b", "a - b", ""}, {"a & b * c", "a & b * c", ""}, {"$x ^y (z) /w ;", "$x ^y (z) /w ;", ""},
	// What is not printable ASCII.
	{"\t", `"\t"`, ""}, {"a\tb", `"a\tb"`, ""}, {"\r", `"\r"`, ""}, {"\x00", `"\x00"`, ""}, {"\a\b\v\f\x1b", `"\a\b\v\f\x1b"`, ""}, {"\x7f", `"\x7f"`, ""}, {"\u0085", `"\u0085"`, ""},
	{"é", `"\u00e9"`, ""}, {"\u2028", `"\u2028"`, ""}, {"\ufeff", `"\ufeff"`, ""}, {"\ufffd\uffff", `"\ufffd\uffff"`, ""}, {"😀", `"\U0001f600"`, ""}, {"\"\\é", `"\"\\\u00e9"`, ""},
	{"~a", "'~a'", ""}, {"a~", "a~", ""}, {"a!b", "a!b", ""},
	// Line ends without a block.
	{"\n", `"\n"`, ""}, {"\na", `"\na"`, ""}, {" a\nb", `" a\nb"`, ""}, {"a \nb", `"a \nb"`, ""}, {"a\nb ", `"a\nb "`, ""}, {"a\n\tb", `"a\n\tb"`, ""}, {"a\né", `"a\n\u00e9"`, ""}, {"a\r\nb", `"a\r\nb"`, ""}, {"a\n\x7f", `"a\n\x7f"`, ""},
	// Blocks.
	{"a\nb", "|-\n        a\n        b", "-"},
	{"a\nb\n", "|\n        a\n        b", "-"},
	{"a\n", "|\n        a", "-"},
	{"a\n\n", "|+\n        a\n", "-"},
	{"a\n\n\nb\n\n\n", "|+\n        a\n\n\n        b\n\n", "-"},
	{"a\n  b\n# c\n- d: ~\n", "|\n        a\n          b\n        # c\n        - d: ~", "-"},
	{"---\n...\n%a", "|-\n        ---\n        ...\n        %a", "-"},
	{"#!/bin/sh\nexit", "|-\n        #!/bin/sh\n        exit", "-"},
	{"~\n!", "|-\n        ~\n        !", "-"},
}

func TestScalars(t *testing.T) {
	for _, row := range scalars {
		got := written(t, func(*cfn.Template) any { return row.value })
		if diff := cmp.Diff(" "+row.alone+"\n", got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", row.value, diff)
		}
		inFlow := row.inFlow
		if inFlow == "" {
			inFlow = row.alone
		}
		if inFlow == "-" {
			continue
		}
		got = written(t, func(*cfn.Template) any { return cfn.Join("", row.value, "x") })
		if want := " !Join ['', [" + inFlow + ", x]]\n"; got != want {
			t.Errorf("%q in flow: got %s, want %s", row.value, got, want)
		}
	}
	// Lines are never folded.
	long := strings.Repeat("long word ", 2000)
	if got, want := written(t, func(*cfn.Template) any { return long + "end" }), " "+long+"end\n"; got != want {
		t.Errorf("a text of %d bytes is written in %d", len(want), len(got))
	}
}

func TestNumbersAndKeys(t *testing.T) {
	type named map[Key]any
	for _, row := range []struct {
		value any
		want  string
	}{
		{0, " 0\n"}, {-5, " -5\n"}, {int8(-8), " -8\n"}, {uint16(16), " 16\n"}, {uint64(1<<64 - 1), " 18446744073709551615\n"}, {int64(-1 << 63), " -9223372036854775808\n"},
		{1.5, " 1.5\n"}, {2.0, " 2\n"}, {math.Copysign(0, -1), " 0\n"}, {1e21, " 1000000000000000000000\n"}, {1e-7, " 0.0000001\n"}, {float32(0.1), " 0.1\n"},
		{float64(1<<53 - 1), " 9007199254740991\n"}, {float64(1 << 53), " 9007199254740992\n"}, {-8888000001000000.0 * 2, " -17776000002000000\n"},
		{true, " true\n"}, {false, " false\n"}, {[]int{}, " []\n"}, {[2]bool{true, false}, "\n        - true\n        - false\n"},
		{named{"yes": 1, "": 2, "1": 3, "a: b": 4, "é": 5, "a\nb": 6, "plain": 7},
			"\n        '': 2\n        '1': 3\n        \"a\\nb\": 6\n        'a: b': 4\n        plain: 7\n        'yes': 1\n        \"\\u00e9\": 5\n"},
		{[]any{[]any{[]any{1, "a\nb"}, 2}, []any{}, map[string]any{"a": []any{3}, "b": map[string]any{"c": "d\ne"}}},
			"\n        - - - 1\n            - |-\n              a\n              b\n          - 2\n        - []\n        - a:\n            - 3\n          b:\n            c: |-\n              d\n              e\n"},
	} {
		got := written(t, func(*cfn.Template) any { return row.value })
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", row.value, diff)
		}
	}
}

// TestDeepNesting indents each level by two.
func TestDeepNesting(t *testing.T) {
	var value any = "x"
	want := " x\n"
	for depth := range 45 {
		value = pairOf("k", value)
		want = "\n" + strings.Repeat(" ", 8+2*(44-depth)) + "k:" + want
	}
	if diff := cmp.Diff(want, written(t, func(*cfn.Template) any { return value })); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

// TestBlankLines: a block that keeps its last newlines may end a resource or a section; the blank line that follows
// must not become part of it.
func TestBlankLines(t *testing.T) {
	c := cfn.NewTemplate("test", "Several\nlines\n\n")
	c.Section("Mappings", map[string]any{})
	raw(c, "A", "Custom::A", pairOf("Text", "a\n\n"))
	raw(c, "B", "Custom::B", pairOf("Text", "b\n\n\n"))
	raw(c, "C", "Custom::C", nil)
	raw(c, "D", "Custom::D", pairOf("Text", "d\n\n"))
	c.AddOutput("E", "Says e.", "e")
	want := `AWSTemplateFormatVersion: '2010-09-09'
Description: |+
  Several
  lines

Mappings: {}

Resources:
  A:
    Type: Custom::A
    Metadata:
      Description: A resource
    Properties:
      Text: |+
        a

  B:
    Type: Custom::B
    Metadata:
      Description: A resource
    Properties:
      Text: |+
        b


  C:
    Type: Custom::C
    Metadata:
      Description: A resource
    Properties: {}

  D:
    Type: Custom::D
    Metadata:
      Description: A resource
    Properties:
      Text: |+
        d

Outputs:
  E:
    Description: Says e.
    Value: e
`
	got := files(t, c)["test.yaml"]
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	decoded, err := cfn.DecodeYAML([]byte(got))
	if err != nil {
		t.Fatal(err)
	}
	all := decoded.(map[string]any)
	for id, want := range map[string]any{"A": "a\n\n", "B": "b\n\n\n", "C": nil, "D": "d\n\n"} {
		properties := all["Resources"].(map[string]any)[id].(map[string]any)["Properties"].(map[string]any)
		if properties["Text"] != want {
			t.Errorf("%s: got %q, want %q", id, properties["Text"], want)
		}
	}
	if all["Description"] != "Several\nlines\n\n" {
		t.Errorf("got description %q", all["Description"])
	}
}

func TestHeader(t *testing.T) {
	c, err := cfn.NewCompiler()
	if err != nil {
		t.Fatal(err)
	}
	c.Header = []string{"Generated; do not edit.", "", "two\nlines\x00\u2028é \t", "# x: y"}
	list, err := c.Compile(topicTemplate())
	if err != nil {
		t.Fatal(err)
	}
	want := "# Generated; do not edit.\n#\n# two lines  é\n# # x: y\nAWSTemplateFormatVersion: '2010-09-09'\n"
	if got := string(list[0].Data); !strings.HasPrefix(got, want) {
		t.Errorf("got %.120q, want %q", got, want)
	}
}
