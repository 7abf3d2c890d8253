package checks

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bomb is a mapping whose aliases multiply by ten with each of its lines.
func bomb() string {
	var b strings.Builder
	b.WriteString("a: &a [x,x,x,x,x,x,x,x,x,x]\n")
	for c := 'b'; c < 'l'; c++ {
		fmt.Fprintf(&b, "%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat("*"+string(c-1)+",", 10), ","))
	}
	return b.String()
}

// manyResources is a template with so many resources.
func manyResources(n int) string {
	var b strings.Builder
	b.WriteString("Resources:\n")
	for i := range n {
		fmt.Fprintf(&b, "  R%d:\n    Type: T\n    Properties: {Name: !Ref R%d}\n", i, (i+1)%n)
	}
	return b.String()
}

// inUTF16 is text as some editors save it.
func inUTF16(text string) string {
	b := []byte{0xff, 0xfe}
	for _, c := range []byte(text) {
		b = append(b, c, 0)
	}
	return string(b)
}

func TestLoadRefuses(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"empty":                    {"", "the file is empty"},
		"a comment":                {"# nothing\n", "the file is empty"},
		"null":                     {"---\n", "no template"},
		"a list":                   {"- Resources\n", "it has no Resources"},
		"no resources":             {"Parameters: {}\n", "it has no Resources"},
		"a function":               {"Fn::Transform: {Name: x}\n", "it has no Resources"},
		"broken":                   {"Resources: [}\n", "yaml"},
		"broken JSON":              {`{"Resources": {`, "yaml"},
		"tabs":                     {"Resources:\n\tA: 1\n", "yaml"},
		"a key twice":              {"Resources:\n  A: {Type: x}\n  A: {Type: y}\n", `line 3: key "A" stands twice`},
		"a key twice, in JSON":     {`{"Resources": {"A": 1, "A": 2}}`, `line 1: key "A" stands twice`},
		"a key that is a list":     {"Resources:\n  ? [a]\n  : x\n", "line 2: a key that is no text"},
		"a key that is a map":      {"Resources:\n  {a: b}: x\n", "line 2: a key that is no text"},
		"a key that is an alias":   {"Resources:\n  &a b: x\n  *a : y\n", "line 3: a key that is no text"},
		"two documents":            {"Resources: {}\n---\nResources: {}\n", "goes on after its first document"},
		"broken after the end":     {"Resources: {}\n---\n[}\n", "goes on after its first document"},
		"an unknown alias":         {"Resources: *a\n", "unknown anchor"},
		"not UTF-8":                {"Resources: \xff\xfe\n", "yaml"},
		"half of UTF-16":           {inUTF16("Resources: {}\n")[:9], "yaml"},
		"control characters":       {"Resources: \x00\n", "yaml"},
		"a directive":              {"%YAML 9.9\n---\nResources: {}\n", "yaml"},
		"an unknown directive":     {"%TAG\n", "yaml"},
		"deeper than the reader's": {"Resources: " + strings.Repeat("[", 500_000), "yaml"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Load([]File{{Name: "dir/template.yaml", Data: []byte(tt.text)}})
			var refused *LoadError
			if !errors.As(err, &refused) || refused.Name != "dir/template.yaml" || !strings.Contains(err.Error(), tt.want) || errors.Unwrap(err) == nil {
				t.Errorf("%v; want %q", err, tt.want)
			}
		})
	}
}

// TestLoadLimits: what would keep a reader busy for long is counted, and refused with the count and the limit.
func TestLoadLimits(t *testing.T) {
	tests := map[string]struct {
		text string
		want LimitError
	}{
		"bytes":                 {"Resources: " + strings.Repeat("x", maxFileBytes), LimitError{"bytes", 0, maxFileBytes + 11, maxFileBytes}},
		"resources":             {manyResources(10_000), LimitError{"resources", 2, 10_000, maxResources}},
		"deep flow":             {"Resources:\n " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), LimitError{"levels of nesting", 2, maxDepth + 1, maxDepth}},
		"deep map":              {deepMap(400), LimitError{"levels of nesting", 202, maxDepth + 1, maxDepth}},
		"deep in a map":         {"Resources: {A: " + strings.Repeat("[", 300) + strings.Repeat("]", 300) + "}", LimitError{"levels of nesting", 1, maxDepth + 1, maxDepth}},
		"deep functions":        {"Resources: {A: " + strings.Repeat("{Fn::Base64: ", 300) + strings.Repeat("}", 300) + "}", LimitError{"levels of nesting", 1, maxDepth + 1, maxDepth}},
		"aliases that multiply": {bomb() + "Resources: *k\n", LimitError{"values, aliases followed", 1, maxNodes + 1, maxNodes}},
		"an alias of itself":    {"Resources: &a [*a, *a]\n", LimitError{"levels of nesting", 1, maxDepth + 1, maxDepth}},
		"merges of themselves":  {"Resources: &a\n  A: {Type: x}\n  <<: *a\n", LimitError{"levels of nesting", 2, maxDepth + 1, maxDepth}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Load([]File{{Name: "template.yaml", Data: []byte(tt.text)}})
			var refused *LoadError
			var limit *LimitError
			if !errors.As(err, &refused) || refused.Name != "template.yaml" || !errors.As(err, &limit) || *limit != tt.want {
				t.Errorf("%v; want %v", err, &tt.want)
			}
		})
	}
	if got, want := (&LimitError{"resources", 2, 501, 500}).Error(), "line 2: 501 resources; at most 500 are read"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	many := make([]File, maxTemplates+1)
	for i := range many {
		many[i] = File{Name: fmt.Sprintf("t%d.yaml", i), Data: []byte("Resources: {}\n")}
	}
	_, err := Load(many)
	if want := "t5000.yaml: 5001 templates; at most 5000 are read"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestLoadTakes: what others write is read.
func TestLoadTakes(t *testing.T) {
	tests := map[string]string{
		"as many resources as may be": manyResources(maxResources),
		"JSON with tabs":              "{\n\t\"Resources\": {\n\t\t\"A\": {\"Type\": \"T\"}\n\t}\n}\n",
		"JSON with escapes":           `{"Resources": {"A": {"Type": "T", "Properties": {"A": "\/\\/\u00e9\"\n\ud83d\ude00"}}}}`,
		"UTF-16":                      inUTF16("Resources: {A: {Type: T}}\n"),
		"a mark at the start":         "\xef\xbb\xbfResources: {A: {Type: T}}\n",
		"numbers for keys":            "Resources: {1: {Type: T}, 2.5: {Type: T}, true: {Type: T}, ~: {Type: T}}\n",
		"an unknown tag":              "Resources: {A: {Type: T, Properties: {A: !Nothing {b: c}, B: !!binary aGk=, C: !<tag:example.com,2000:x> d}}}\n",
		"a huge text":                 "Resources: {A: {Type: T, Properties: {A: " + strings.Repeat("x", 1_000_000) + "}}}\n",
	}
	for name, text := range tests {
		w := worldOf(t, nil, map[string]string{"t.yaml": text})
		if len(w.OfType("T")) == 0 {
			t.Errorf("%s: nothing read: %v", name, w.Problems)
		}
		for _, result := range Verify(w, Rules()) {
			if result.Outcome == Fail && !strings.HasPrefix(result.Rule.ID, "LIF") {
				t.Errorf("%s: %s fails: %+v", name, result.Rule.ID, result.Findings[0])
			}
		}
	}
}

// TestLoadEscapes: JSON escapes what YAML 1.1 does not know.
func TestLoadEscapes(t *testing.T) {
	for text, want := range map[string]string{
		`a\/b`: "a/b", `a\\/b`: `a\/b`, `\ud83d\ude00!`: "😀!", `\u00e9\"\\\t`: "é\"\\\t", `\\ud83d\\ude00`: `\ud83d\ude00`,
	} {
		w := worldOf(t, nil, map[string]string{"t.json": `{"Resources": {"A": {"Type": "T", "Properties": {"A": "` + text + `"}}}}`})
		if got := w.OfType("T")[0].At("A").String(); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	for _, text := range []string{`\ud83d`, `\ud83dx`, `\ud83d\u0041`, `\ude00`} { // half a pair is no text at all
		if _, err := loadText(map[string]string{"t.json": `{"Resources": {"A": {"Type": "` + text + `"}}}`}); err == nil {
			t.Errorf("%s is read", text)
		}
	}
}

// deepMap nests a map in block style.
func deepMap(levels int) string {
	var b strings.Builder
	b.WriteString("Resources:\n")
	for i := range levels {
		b.WriteString(strings.Repeat(" ", i+1) + "a:\n")
	}
	return b.String()
}

func TestLoadTwoOfAName(t *testing.T) {
	file := []byte("Resources: {}\n")
	_, err := Load([]File{{Name: "a/vpc.yaml", Data: file}, {Name: "b/vpc.yaml", Data: file}})
	if err == nil || err.Error() != "b/vpc.yaml: another template has the same name" {
		t.Error(err)
	}
}

// TestLoadScalars: text, numbers and booleans are read as CloudFormation reads them, which is YAML 1.1.
func TestLoadScalars(t *testing.T) {
	w := worldOf(t, nil, map[string]string{"t.yaml": `
Resources:
  R:
    Type: T
    Properties:
      {Yes: yes, On: On, No: NO, Off: off, True: True, Quoted: 'yes', Tagged: !!str no, Date: 2012-10-17, Account: 012345678901, Null: null, Empty: '', Number: 1.50}
  Texts:
    Type: U
    Properties:
      Literal: |
        a
        b
      Folded: >-
        a
        b
`})
	want := "{Account: 012345678901, Date: 2012-10-17, Empty: , No: false, Number: 1.50, Off: false, On: true, Quoted: yes, Tagged: no, True: true, Yes: true}"
	if got := w.OfType("T")[0].Properties.Show(); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := w.OfType("U")[0].Properties.Show(); got != "{Folded: a b, Literal: a\nb\n}" {
		t.Errorf("%q", got)
	}
}

// TestLoadMerges: keys that "<<" brings count, as tools that package templates write them out; keys of the map itself win.
func TestLoadMerges(t *testing.T) {
	w := worldOf(t, nil, map[string]string{"t.yaml": `
Anchors:
  One: &one {DeletionPolicy: Retain, Type: No}
  Two: &two {DeletionPolicy: Delete, UpdateReplacePolicy: Snapshot}
Resources:
  A: {<<: *one, Type: T}
  B: {Type: T, <<: [*one, *two]}
  C: {Type: T, <<: text}
`})
	var got []string
	for _, r := range w.OfType("T") {
		got = append(got, r.LogicalID+" "+r.DeletionPolicy+" "+r.UpdateReplacePolicy)
	}
	if diff := cmp.Diff([]string{"A Retain ", "B Retain Snapshot", "C  "}, got); diff != "" {
		t.Error(diff)
	}
}
