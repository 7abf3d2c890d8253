package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const nestedT = "Resources:\n  R:\n    Type: T\n    Properties: {Name: !Ref AWS::StackName}\n"

// paths are the stacks of a world.
func paths(w *World) []string {
	var list []string
	for _, s := range w.Stacks {
		list = append(list, s.Path)
	}
	return list
}

// TestNestedTemplates: a template is found by the name or the hash in its URL, wherever that comes from, or by the logical ID.
func TestNestedTemplates(t *testing.T) {
	set, err := loadText(map[string]string{"child.yaml": nestedT})
	if err != nil {
		t.Fatal(err)
	}
	hash := set.Templates[0].hash
	tests := map[string]struct {
		id, url    string
		parameters map[string]string
		found      bool
	}{
		"name":                    {"A", "https://s3.amazonaws.com/b/child.yaml", nil, true},
		"name and version":        {"A", "https://s3.amazonaws.com/b/child.yaml?versionId=1", nil, true},
		"name in Sub":             {"A", "!Sub 'https://${Bucket}.s3.amazonaws.com/child.yaml'", nil, true},
		"name in Join":            {"A", "!Join ['/', [https://s3.amazonaws.com, !Ref Bucket, child.yaml]]", nil, true},
		"name in a default":       {"A", "!Ref Default", nil, true},
		"hash":                    {"A", "https://s3.amazonaws.com/b/templates/" + hash + ".yaml", nil, true},
		"hash by parameter":       {"A", "!Sub 'https://s3.amazonaws.com/${Bucket}/${Key}'", map[string]string{"Key": "templates/" + hash + ".yaml"}, true},
		"logical ID":              {"ChildStack", "!Sub 'https://s3.amazonaws.com/${Bucket}/${Key}'", nil, true},
		"logical ID, in capitals": {"CHILD", "!Ref Key", nil, true},
		"no URL":                  {"A", "", nil, false},
		"another name":            {"A", "https://s3.amazonaws.com/b/other.yaml", nil, false},
	}
	for name, tt := range tests {
		w := worldOf(t, tt.parameters, map[string]string{"child.yaml": nestedT,
			"root.yaml": "Parameters: {Bucket: {Type: String}, Key: {Type: String}, Default: {Type: String, Default: x/child.yaml}}\n" +
				"Resources:\n  " + tt.id + ":\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: " + tt.url + "\n"})
		want, problems := []string{"root", "root/" + tt.id}, 0
		if !tt.found {
			want, problems = []string{"child", "root"}, 1
		}
		if diff := cmp.Diff(want, paths(w)); diff != "" || len(w.Problems) != problems {
			t.Errorf("%s: %s %v", name, diff, w.Problems)
		}
	}
}

// TestValuesAcrossStacks: parameters lead down, outputs up and over, in whatever order stacks stand; what is unknown stays so.
func TestValuesAcrossStacks(t *testing.T) {
	w := worldOf(t, map[string]string{"Given": "given"}, map[string]string{
		"root.yaml": `
Parameters: {Given: {Type: String}, Missing: {Type: String}, Chosen: {Type: String, AllowedValues: [first, second]}}
Resources:
  User:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: user.yaml
      Parameters: {Name: !GetAtt Maker.Outputs.Name, Given: !Ref Given, Missing: !Ref Missing, Chosen: !Ref Chosen, Left: !Ref AWS::NoValue,
        List: [a, !Ref Given], Joined: [a, b], Map: {a: b}, Lists: [[a]], Half: [a, !Ref Missing], Long: '` + strings.Repeat("x", 5000) + `', No: !GetAtt Maker.Outputs.No, Listed: !GetAtt Maker.Outputs.Listed, Count: 3, Dynamic: '{{resolve:ssm:/b:1}}', Defaulted: !Ref AWS::NoValue}
  Maker:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: maker.yaml}
`,
		"maker.yaml": "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: alarms}\nOutputs:\n  Name: {Value: !Ref Topic}\n  Listed: {Value: [a]}\n",
		"user.yaml": `
Parameters:
  Name: {Type: String}
  Given: {Type: String}
  Missing: {Type: String}
  Chosen: {Type: String}
  Left: {Type: String, Default: left}
  List: {Type: CommaDelimitedList}
  Joined: {Type: String}
  Map: {Type: String}
  Lists: {Type: String}
  Half: {Type: CommaDelimitedList}
  Long: {Type: String}
  No: {Type: String}
  Listed: {Type: String}
  Kept: {Type: AWS::SSM::Parameter::Value<String>, Default: /a}
  Count: {Type: Number}
  Dynamic: {Type: String}
  Defaulted: {Type: String, Default: !Ref Given, AllowedValues: [[a], allowed]}
  Dynamics: {Type: CommaDelimitedList, Default: 'a,{{resolve:ssm:/c}}'}
  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>', Default: 's-1, s-2'}
Resources:
  R:
    Type: T
    Properties: {Name: !Ref Name, Given: !Ref Given, Missing: !Sub 'x${Missing}', Chosen: !Ref Chosen, Left: !Ref Left, List: !Ref List, Joined: !Ref Joined,
      Map: !Ref Map, Lists: !Ref Lists, Half: !Ref Half, Long: !Ref Long, No: !Ref No, Listed: !Ref Listed, Kept: !Ref Kept, Subnet: !Select [1, !Ref Subnets],
      Count: !Ref Count, Dynamic: !Ref Dynamic, Defaulted: !Ref Defaulted, Dynamics: !Ref Dynamics}
`})
	want := map[string]string{
		"Name": "arn:aws:sns:us-east-1:111122223333:alarms", "Given": "given", "Chosen": "first", "Left": "left", "List": "[a, given]", "Joined": "a,b", "Subnet": "s-2",
		"Missing": "unknown (parameter Missing has no value)", "Half": "unknown (parameter Missing has no value)",
		"Map": "unknown (parameter Map is given something that is no list of texts)", "Lists": "unknown (parameter Lists is given something that is no list of texts)",
		"Long": "unknown (parameter Long is given more than 4096 bytes)", "No": "unknown (maker.yaml has no output No)",
		"Count": "3", "Dynamic": "unknown (what Systems Manager has under /b:1)", "Defaulted": "allowed", "Dynamics": "[a, unknown (what Systems Manager has under /c)]",
		"Listed": "unknown (output Listed is no text)", "Kept": "unknown (parameter Kept holds what Systems Manager has under /a)",
	}
	got := map[string]string{}
	r := w.OfType("T")[0]
	for _, key := range r.Properties.Keys() {
		got[key] = r.At(key).Show()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if topic := w.Find(r.At("Name")); topic == nil || topic.LogicalID != "Topic" {
		t.Errorf("the name leads to %v", topic)
	}
}

// TestStackCycles: sets in which stacks nest themselves, each other or too many end in problems, not in a hang.
func TestStackCycles(t *testing.T) {
	nest := func(ids ...string) string {
		var b strings.Builder
		b.WriteString("Resources:\n")
		for i, url := range ids {
			fmt.Fprintf(&b, "  N%d:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: %s.yaml}\n", i, url)
		}
		return b.String()
	}
	wide := map[string]string{"z.yaml": nestedT}
	for c := 'a'; c < 'z'; c++ {
		wide[string(c)+".yaml"] = nest(slices.Repeat([]string{string(c + 1)}, 10)...)
	}
	tests := map[string]struct {
		files   map[string]string
		problem string
	}{
		"itself":     {map[string]string{"a.yaml": nest("a")}, "a.yaml N0: a.yaml nests itself"},
		"each other": {map[string]string{"a.yaml": nest("b"), "b.yaml": nest("c"), "c.yaml": nest("b")}, "c.yaml N0: b.yaml nests itself"},
		"a ring":     {map[string]string{"a.yaml": nest("b"), "b.yaml": nest("a")}, "a.yaml: no template that is no part of a cycle nests it"},
		"too many":   {wide, "more stacks than are followed"},
		"waiting": {map[string]string{"leaf.yaml": "Parameters: {P: {Type: String}}\n" + nestedT + "Outputs: {O: {Value: !Ref P}}\n", "a.yaml": `
Resources:
  A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: leaf.yaml, Parameters: {P: !GetAtt B.Outputs.O}}}
  B: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: leaf.yaml, Parameters: {P: !GetAtt A.Outputs.O}}}
`}, "a.yaml A: nested stacks wait for each other"},
	}
	for name, tt := range tests {
		w := worldOf(t, nil, tt.files)
		if !strings.Contains(strings.Join(w.Problems, "\n"), tt.problem) {
			t.Errorf("%s: %d problems, such as %v; want %q", name, len(w.Problems), w.Problems[:min(3, len(w.Problems))], tt.problem)
		}
		if got := resultOf(t, w, lifecycleRules(), "LIF013"); got.Outcome != Unsure {
			t.Errorf("%s: LIF013 is %s", name, got.Outcome)
		}
	}
}

// TestMultiplyingTexts: texts and values that double with each step end in unknown values.
func TestMultiplyingTexts(t *testing.T) {
	var names, outputs strings.Builder
	names.WriteString("Resources:\n  T0: {Type: AWS::SNS::Topic, Properties: {TopicName: " + strings.Repeat("x", 1000) + "}}\n")
	for i := range 60 {
		fmt.Fprintf(&names, "  T%d: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub '${T%d.TopicName}${T%d.TopicName}'}}\n", i+1, i, i)
	}
	outputs.WriteString("Parameters: {L: {Type: CommaDelimitedList, Default: '" + strings.Repeat("a,", 2000) + "'}}\nResources:\n")
	for i := range 400 {
		fmt.Fprintf(&outputs, "  R%d: {Type: T, Properties: {A: [%s]}}\n", i, strings.Repeat("!Join ['', !Ref L],", 20))
	}
	for name, text := range map[string]string{"names": names.String(), "lists": outputs.String()} {
		w := worldOf(t, nil, map[string]string{"t.yaml": text})
		for _, r := range w.Stacks[0].Resources {
			if n := r.Properties.size(); n > 3*maxTextBytes/64 {
				t.Errorf("%s: %s has %d values", name, r.LogicalID, n)
			}
		}
	}
}

func TestConditionalResources(t *testing.T) {
	const text = `
Parameters: {Stage: {Type: String}, Missing: {Type: String}}
Conditions: {Prod: !Equals [!Ref Stage, prod], Open: !Equals [!Ref Missing, x]}
Resources:
  Always: {Type: T, DependsOn: Maybe}
  Prod: {Type: T, Condition: Prod, DependsOn: [Always, Maybe]}
  Maybe: {Type: T, Condition: Open}
  Untyped: {Properties: {}}
  Other: {Type: U}
`
	list := func(stage string) []string {
		var got []string
		w := worldOf(t, map[string]string{"Stage": stage}, map[string]string{"t.yaml": text})
		for _, r := range w.OfType("U", "T", "U") {
			got = append(got, r.LogicalID+r.Maybe+strings.Join(r.DependsOn, "+"))
		}
		return append(got, w.Problems...)
	}
	maybe := "Maybeparameter Missing has no value"
	if diff := cmp.Diff([]string{"AlwaysMaybe", "ProdAlways+Maybe", maybe, "Other", "t.yaml: Untyped has no Type"}, list("prod")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"AlwaysMaybe", maybe, "Other", "t.yaml: Untyped has no Type"}, list("dev")); diff != "" {
		t.Error(diff)
	}
}

// TestWorldOfMacros: what a transform or a loop makes is not known, and said not to be.
func TestWorldOfMacros(t *testing.T) {
	for _, text := range []string{"Transform: AWS::LanguageExtensions\n" + nestedT, "Resources:\n  Fn::ForEach::Topics: [Name, [a, b], {}]\n",
		"Resources:\n  Fn::ForEach::Topics: [Name, [a, b], {}]\n  A: {Type: T}\n", "Resources: !Transform {Name: x}\n", "Resources: text\n"} {
		if w := worldOf(t, nil, map[string]string{"t.yaml": text}); len(w.Problems) == 0 {
			t.Errorf("no problem with %s", text)
		}
	}
}
