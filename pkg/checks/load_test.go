package checks

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// within is for inputs that would keep a careless reader busy for ever: the test's own time limit ends it then.
func within[T any](t testing.TB, do func() T) T {
	t.Helper()
	return do()
}

func TestLoadRefuses(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'l'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat("*"+string(c-1)+",", 10), ","))
	}
	tests := map[string]struct{ text, want string }{
		"empty":                 {"", "the file is empty"},
		"a comment":             {"# nothing\n", "the file is empty"},
		"null":                  {"---\n", "no template"},
		"a list":                {"- Resources\n", "it has no Resources"},
		"no resources":          {"Parameters: {}\n", "it has no Resources"},
		"broken":                {"Resources: [}\n", "yaml"},
		"broken JSON":           {`{"Resources": {`, "yaml"},
		"tabs":                  {"Resources:\n\tA: 1\n", "yaml"},
		"a key twice":           {"Resources:\n  A: {Type: x}\n  A: {Type: y}\n", `line 3: key "A" stands twice`},
		"a key that is a list":  {"Resources:\n  ? [a]\n  : x\n", "line 2: a key that is no text"},
		"two documents":         {"Resources: {}\n---\nResources: {}\n", "goes on after its first document"},
		"broken after the end":  {"Resources: {}\n---\n[}\n", "goes on after its first document"},
		"an unknown alias":      {"Resources: *a\n", "unknown anchor"},
		"too long":              {"Resources: " + strings.Repeat("x", maxFileBytes), "at most"},
		"deep flow":             {"Resources: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "levels"},
		"deep map":              {deepMap(400), "nested deeper than"},
		"very deep":             {"Resources: " + strings.Repeat("[", 500_000), "yaml"},
		"aliases that multiply": {bomb + "Resources: *k\n", "aliases followed"},
		"an alias of itself":    {"Resources: &a [*a, *a]\n", "nested deeper than"},
		"a bad value in a map":  {"Resources: {A: " + strings.Repeat("[", 300) + strings.Repeat("]", 300) + "}", "nested deeper than"},
		"not UTF-8":             {"Resources: \xff\xfe\n", "yaml"},
		"control characters":    {"Resources: \x00\n", "yaml"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			err := within(t, func() error {
				_, err := Load([]File{{Name: "dir/template.yaml", Data: []byte(tt.text)}})
				return err
			})
			var refused *LoadError
			if !errors.As(err, &refused) || refused.Name != "dir/template.yaml" || !strings.Contains(err.Error(), tt.want) || errors.Unwrap(err) == nil {
				t.Errorf("%v; want %q", err, tt.want)
			}
		})
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

func TestLoadManyResources(t *testing.T) {
	var b strings.Builder
	b.WriteString("Resources:\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "  R%d:\n    Type: T\n    Properties: {Name: !Ref R%d}\n", i, i+1)
	}
	w := within(t, func() *World { return worldOf(t, nil, map[string]string{"many.yaml": b.String()}) })
	if got := len(w.OfType("T")); got != 10_000 {
		t.Errorf("%d resources", got)
	}
}

// FuzzLoad: whatever the bytes, there is an error or a world that rules can be asked about, within a second.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: !Sub 'x-${AWS::Region}', Tags: [{Key: a, Value: !If [c, 1, 2]}]}\nConditions:\n  c: !Equals [!Ref p, x]\n",
		`{"Resources": {"A": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "template.yaml", "Parameters": {"a": {"Fn::GetAtt": ["A", "Outputs.b"]}}}}}}`,
		"Resources: &a\n  A: {Type: x, <<: *a}\n", "Resources: !If [a, b]\n", "Resources: {A: {Type: T, Condition: c}}\nConditions: {c: !Condition c}\n",
		"Mappings: {a: {b: {c: !FindInMap [a, b, c]}}}\nResources: {A: {Type: T, Properties: {x: !FindInMap [a, b, c]}}}\n",
		"Resources: {A: {Type: AWS::Logs::LogGroup, DependsOn: A, Properties: {LogGroupName: !Sub ['${x}${A}', {x: !Ref A}]}}}\n",
		"Resources: {A: {Type: AWS::ECS::TaskDefinition, Properties: {ContainerDefinitions: {Image: !Select [-1, !Split ['', !Base64 x]]}}}}\n",
		"Parameters: {EnvironmentSuffix: {Type: String, AllowedValues: [a], Default: [x]}}\nRules: {a: {Assertions: [{Assert: !Not [!Ref AWS::Region]}]}}\nResources: {}\n",
	} {
		f.Add([]byte(seed))
	}
	rules := append(append(append(logRules(), lifecycleRules()...), encryptionRules()...), containerRules()...)
	f.Fuzz(func(t *testing.T, data []byte) {
		within(t, func() error {
			set, err := Load([]File{{Name: "template.yaml", Data: data}})
			if err == nil {
				Verify(Deploy(set, Environment{}), rules)
			}
			return err
		})
	})
}
