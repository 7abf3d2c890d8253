package golden

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDescribeLongValues(t *testing.T) {
	long := strings.Repeat("0123456789", 12)
	condition := "!If [Spot, " + long + ", {Weight: 1}]"
	tests := []struct{ name, before, after, want string }{
		{"middle of a long text", "X: " + long + "a" + long, "X: " + long + "bc" + long,
			"X: …01234567890123456789a01234567890123456789… -> …01234567890123456789bc01234567890123456789…"},
		{"end of a long text", "X: " + long, "X: " + long + "!", "X: …01234567890123456789 -> …01234567890123456789!"},
		{"all of a long text", "X: a", "X: z" + long, "X: a -> z" + long[:89] + "…"},
		{"newlines are visible", "X: \"a\\nb\"", "X: a b", `X: "a\nb" -> a b`},
		{"argument of a long function", "X: " + condition, "X: " + strings.Replace(condition, "1", "2", 12) + " ",
			"X.!If[1]: " + long[:90] + "… -> " + strings.ReplaceAll(long[:90], "1", "2") + "…"},
		{"object in a long function", "X: " + condition, "X: " + strings.Replace(condition, "Weight: 1", "Weight: 2", 1),
			"X.!If[2].Weight: 1 -> 2"},
		{"text of a long function", "X: !Sub " + long + "a", "X: !Sub " + long + "b",
			"X: …01234567890123456789a -> …01234567890123456789b"},
		{"long leaf added", "A: 1", "A: 1\nX: " + long, "+ X: " + long[:89] + "…"},
		{"long object removed", "A: 1\nX: {P: " + long[:60] + ", Q: [" + long[:50] + ", b]}", "A: 1",
			"- X.P: " + long[:60] + "\n- X.Q: [" + long[:50] + ", b]"},
		{"long list added", "A: 1", "A: 1\nX: [{Sid: A, P: " + long[:60] + "}, {Sid: B, P: " + long[:60] + "}]",
			"+ X[Sid=A]: {Sid: A, P: " + long[:60] + "}\n+ X[Sid=B]: {Sid: B, P: " + long[:60] + "}"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantDescription(t, "a.yaml", test.before+"\n", test.after+"\n", test.want)
		})
	}
}

// Values that YAML keeps apart look different in the report.
func TestDescribeScalars(t *testing.T) {
	tests := []struct{ before, after, want string }{
		{"true", `"true"`, `X: true -> "true"`},
		{"~", `""`, `X: null -> ""`},
		{"2012-10-17", "'2012-10-17'", `X: 2012-10-17 -> "2012-10-17"`},
		{"!!float 3", "3", `X: !!float "3" -> 3`},
		{"!!binary aGk=", "aGk=", `X: !!binary "aGk=" -> aGk=`},
		{"!Ref A", "'!Ref A'", `X: !Ref A -> "!Ref A"`},
		{"{Fn::Ref: A}", "!Ref A", `X: {Fn::Ref: A} -> !Ref A`},
		{"!GetAtt A", "!GetAtt [A, '']", `X: !GetAtt A -> !GetAtt [A, ""]`},
		{"!GetAtt A.B.C", "{'Fn::GetAtt': [A.B, C]}", `X: !GetAtt A.B.C -> !GetAtt [A.B, C]`},
		{"!GetAtt [A, B, C]", "!GetAtt [A, !Ref B]", `X: !GetAtt [A, B, C] -> !GetAtt [A, !Ref B]`},
		{"!Base64 {'Fn::Sub': a}", "!Sub a", `X: !Base64 !Sub a -> !Sub a`},
		{"!Condition A", "!Condition B", `X: !Condition A -> !Condition B`},
		{"{Condition: {a: 1}}", "{Condition: {a: 2}}", `X.Condition.a: 1 -> 2`},
		{"[&a b, *a]", "[&a b, b]", `X[1]: *a -> b`},
		{"{a: 1, a: 2}", "{a: 1, a: 3}", `X.a (2): 2 -> 3`},
		{"{1: a}", "{'1': a}", "- X.1: a\n+ X.\"1\": a"},
		{"{? [p, q] : a}", "{? [p, q] : b}", `X.[p, q]: a -> b`},
		{"[{Name: a, V: 1}, {Name: a, V: 2}]", "[{Name: a, V: 1}, {Name: a, V: 3}]", `X[1].V: 2 -> 3`},
		{"[{Name: [a]}]", "[{Name: [b]}]", `X[0].Name[0]: a -> b`},
	}
	for _, test := range tests {
		wantDescription(t, "a.yaml", "X: "+test.before+"\n", "X: "+test.after+"\n", test.want)
	}
}

// Cycles of aliases and expansions that grow with every level are compared without being followed.
func TestDescribeAliases(t *testing.T) {
	bomb := "a0: &a0 [x]\n"
	for i := range 60 {
		bomb += fmt.Sprintf("a%d: &a%d [*a%d, *a%d]\n", i+1, i+1, i, i)
	}
	wantDescription(t, "a.yaml", bomb+"x: 1\n", bomb+"x: 2\n", "x: 1 -> 2")
	wantDescription(t, "a.yaml", "A: &a [*a]\n", "A: &a [*a, *a]\n", "+ A[1]: *a")
}

func TestDescribeFilesThatAreNoTemplates(t *testing.T) {
	tests := []struct{ name, file, before, after, want string }{
		{"no YAML on disk", "a.yaml", "A: 1\n<<<<<<< mine\n", "A: 1\nB: 2\n", `
on disk no template any more: yaml: line 2: could not find expected ':'
first difference in line 2
- <<<<<<< mine
+ B: 2`},
		{"list and nothing", "a.yaml", "- a\n", "", `
on disk no template any more: the file is not a mapping of sections
rendered, but no template: the file is empty
first difference in line 1
- - a`},
		{"function as template", "a.yaml", "!Ref A\n", "A: 1\n", `
on disk no template any more: the file is not a mapping of sections
first difference in line 1
- !Ref A
+ A: 1`},
		{"many lines", "a.txt", "0\n1\n2\n3\n4\n5\n6\n9\n", "0\nx\n\r9\n", `
first difference in line 2
- 1
- 2
- 3
- 4
- 5
+ x
+ "\r9"
… of 7 lines on disk and 2 rendered`},
		{"inventory", "inventory.txt", "A T a.yaml\nB T a.yaml\n", "A T b.yaml\nB T a.yaml\nC T a.yaml\n", `
- A T a.yaml
+ A T b.yaml
+ C T a.yaml`},
		{"inventory in another order", "inventory.txt", "A T a.yaml\nB T a.yaml\n", "B T a.yaml\nA T a.yaml\n", `
first difference in line 1
- A T a.yaml
- B T a.yaml
+ B T a.yaml
+ A T a.yaml`},
		{"inventory without the last newline", "inventory.txt", "A T a.yaml\n", "A T a.yaml", `
first difference in line 2
- (empty)`},
		{"inventory with and without newline", "inventory.txt", "A T a.yaml\n", "B T a.yaml", `
- A T a.yaml
+ B T a.yaml`},
		{"some line endings", "inventory.txt", "A T a.yaml\r\nB T a.yaml\r\n", "A T a.yaml\r\nB T a.yaml\n", `
same content, other bytes: line endings (CRLF), first in line 2`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantDescription(t, test.file, test.before, test.after, test.want)
		})
	}
}

func TestDescribeCountsWhatItDoesNotShow(t *testing.T) {
	var before, after, turned strings.Builder
	for i := range 50 {
		fmt.Fprintf(&before, "  P%02d: {V: 1}\n", i)
		fmt.Fprintf(&after, "  P%02d: {V: 2}\n", i)
		fmt.Fprintf(&turned, "  P%02d: {V: 1}\n", 49-i)
	}
	lines := describe("a.yaml", []byte("Metadata:\n"+before.String()), []byte("Metadata:\n"+after.String()))
	if len(lines) != maxChanges+1 || lines[maxChanges] != "… and 10 more" {
		t.Errorf("%d lines, the last one %q", len(lines), lines[len(lines)-1])
	}
	lines = describe("a.yaml", []byte("Mappings:\n"+before.String()), []byte("Mappings:\n"+turned.String()))
	want := []string{"Mappings", "  order changed: P00, P01, P02, P03, P04, P05, P06, P07, P08, P09 and 39 more"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("moved (-want +got):\n%s", diff)
	}
}
