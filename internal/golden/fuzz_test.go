package golden

import (
	"strings"
	"testing"
	"unicode"
)

// The differ is given arbitrary text, as a reviewer's half-resolved merge conflict would be: it never panics, equal
// texts have no differences, different ones have some, and every line of the report is one printable line.
func FuzzDescribe(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		if root, _, err := parseTemplate([]byte(before)); err == nil {
			if lines := diffTemplates(root, root); lines != nil {
				t.Fatalf("equal templates differ: %q", lines)
			}
		}
		if before == after {
			return
		}
		for _, name := range []string{"x.yaml", "x.txt", InventoryName} {
			lines := describe(name, []byte(before), []byte(after))
			if len(lines) == 0 {
				t.Fatalf("%s: no difference shown", name)
			}
			for _, line := range lines {
				checkLine(t, line)
			}
			if again := describe(name, []byte(before), []byte(after)); strings.Join(lines, "\n") != strings.Join(again, "\n") {
				t.Fatalf("%s: two reports differ:\n%q\n%q", name, lines, again)
			}
		}
	})
}

// Whatever two values are, a leaf that differs looks different.
func FuzzLeaf(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		was, _, err := parseTemplate([]byte("x: " + before))
		if err != nil {
			return
		}
		is, _, err := parseTemplate([]byte("x: " + after))
		if err != nil || was.canonical() == is.canonical() {
			return
		}
		if a, b := shortenPair(was.String(), is.String()); a == b {
			t.Fatalf("different values look the same: %s\n%s\n%s", a, was.canonical(), is.canonical())
		}
	})
}

func checkLine(t *testing.T, line string) {
	t.Helper()
	if strings.TrimSpace(line) == "" || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Fatalf("line is not printable: %q", line)
	}
	if before, after, found := strings.Cut(line, " -> "); found && strings.HasSuffix(before, ": "+after) {
		t.Fatalf("change shows no difference: %q", line)
	}
}

// fuzzSeeds are pairs of texts that took a path of their own.
var fuzzSeeds = [][2]string{
	{"", "a: 1"},
	{"Resources:\n  A: {Type: T, Properties: {N: 2}}\n", "Resources:\n  A: {Type: T, Properties: {N: 3}}\n"},
	{"A: &a [*a]\n", "A: &a [*a, *a]\n"},
	{"a: &a {b: *a}\nc: *a\n", "a: &a {b: 1}\nc: *a\n"},
	{"a: !Sub x\r\n", "a: {'Fn::Sub': x}\n"},
	{"a: 1\na: 2\n", "a: 2\na: 1\n"},
	{"- a\n", "a: ]\n"},
	{"a: !!binary aGk=\n---\nb", "? [x, y]\n: !<tag:x> z\n"},
	{"Resources: !Ref X", "Resources: [1]"},
	{"<<: &m {a: 1}\nb: 0x10\n", "<<: *m\nb: 16\n"},
}
