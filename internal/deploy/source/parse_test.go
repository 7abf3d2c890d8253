package source_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/source"
)

// refused tells whether an error is one of usage that says some things, and not others.
func refused(t *testing.T, err error, says ...string) {
	t.Helper()
	if err == nil || fault.CodeOf(err) != fault.Usage {
		t.Fatalf("%v has code %d, want a usage error", err, fault.CodeOf(err))
	}
	for _, text := range says {
		if hidden, is := strings.CutPrefix(text, "!"); is {
			if strings.Contains(err.Error(), hidden) {
				t.Errorf("%q quotes %q", err, hidden)
			}
		} else if !strings.Contains(err.Error(), text) {
			t.Errorf("%q does not say %q", err, text)
		}
	}
}

// many repeats a line with a number in it.
func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

const topic = "Resources: {Topic: {Type: AWS::SNS::Topic}}\n"

func TestParse(t *testing.T) {
	body := `Description: what it is
Metadata:
  AWS::CloudFormation::Interface:
    ParameterGroups:
      - {Label: {default: Network}, Parameters: [Cidr]}
      - {Label: {default: Set by the deploy command}, Parameters: [Suffix, Bucket, Key]}
Parameters:
  Suffix: {Type: String, NoEcho: true, AllowedValues: [a, b], MinLength: 1, MaxLength: 3, Description: d, ConstraintDescription: c, AllowedPattern: '[ab]'}
  Cidr: {Type: Number, Default: 7, MinValue: 1, MaxValue: 9}
  Bucket: {Type: String}
  Key: {Type: String}
Conditions:
  Big: !Equals [!Ref Cidr, '9']
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Metadata: {Description: Orders}
    Condition: Big
    DependsOn: Topic
    DeletionPolicy: Delete
    UpdateReplacePolicy: Retain
    Properties: {Arn: !GetAtt Topic.TopicArn, All: !GetAtt [Topic, TopicName], If: !If [Big, !Condition Big, !Ref AWS::NoValue], Sub: !Sub '${Cidr}', Null: null, Empty: !  x}
  Topic: {Type: AWS::SNS::Topic, Metadata: {Stateful: true}, DependsOn: [NetworkStack]}
  NetworkStack:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: !Sub https://s3.${AWS::Region}.${AWS::URLSuffix}/${Bucket}/${Key}
      Parameters: {Suffix: !Ref Suffix}
  Fn::ForEach::Topics: [X, [a], {}]
Outputs:
  Out: {Value: 1}
`
	got, err := source.Parse("a.yaml", []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	ref := func(name string) any { return map[string]any{"Ref": name} }
	want := map[string]source.Resource{
		"Table": {Type: "AWS::DynamoDB::Table", Description: "Orders", Stateful: true, DependsOn: []string{"Topic"}, Condition: "Big", DeletionPolicy: "Delete", UpdateReplacePolicy: "Retain",
			Properties: map[string]any{"Arn": map[string]any{"Fn::GetAtt": []any{"Topic", "TopicArn"}}, "All": map[string]any{"Fn::GetAtt": []any{"Topic", "TopicName"}},
				"If": map[string]any{"Fn::If": []any{"Big", map[string]any{"Condition": "Big"}, ref("AWS::NoValue")}}, "Sub": map[string]any{"Fn::Sub": "${Cidr}"}, "Null": nil, "Empty": "x"}},
		"Topic": {Type: "AWS::SNS::Topic", Stateful: true, DependsOn: []string{"NetworkStack"}},
		"NetworkStack": {Type: "AWS::CloudFormation::Stack", Properties: map[string]any{"TemplateURL": map[string]any{"Fn::Sub": "https://s3.${AWS::Region}.${AWS::URLSuffix}/${Bucket}/${Key}"},
			"Parameters": map[string]any{"Suffix": ref("Suffix")}}, Nested: &source.Nested{BucketParameter: "Bucket", KeyParameter: "Key", Parameters: map[string]any{"Suffix": ref("Suffix")}}},
	}
	if diff := cmp.Diff(want, got.Resources); diff != "" {
		t.Error(diff)
	}
	parameters := map[string]source.Parameter{
		"Suffix": {Name: "Suffix", Type: "String", NoEcho: true, AllowedValues: []string{"a", "b"}, MinLength: "1", MaxLength: "3", Description: "d", ConstraintDescription: "c", AllowedPattern: "[ab]"},
		"Cidr":   {Name: "Cidr", Type: "Number", Default: new("7"), MinValue: "1", MaxValue: "9"}, "Bucket": {Name: "Bucket", Type: "String"}, "Key": {Name: "Key", Type: "String"}}
	if diff := cmp.Diff(parameters, got.Parameters); diff != "" {
		t.Error(diff)
	}
	if got.Description != "what it is" || len(got.Outputs) != 1 || len(got.Conditions) != 1 || string(got.Body) != body || got.Key() != "templates/"+got.Hash+".yaml" || len(got.Hash) != 64 {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]string{"Bucket", "Key", "Suffix"}, got.Owned); diff != "" {
		t.Error(diff)
	}
}

func TestJSONIsTheSame(t *testing.T) {
	json := "{\"Description\":\"\\ud83d\\ude00 a\\/b\",\n\t\"Parameters\":{\"Size\":{\"Type\":\"Number\",\"Default\":1.50,\"NoEcho\":true}},\n\t\"Resources\":{\"Stack\":{\"Type\":\"AWS::CloudFormation::Stack\",\"DependsOn\":[\"A\",\"B\"],\"Properties\":{\"TemplateURL\":\"./a.yaml\",\"None\":null,\"Empty\":[],\"Map\":{}}}}}"
	got, err := source.Parse("a.json", []byte(json))
	if err != nil {
		t.Fatal(err)
	}
	want := source.Resource{Type: "AWS::CloudFormation::Stack", DependsOn: []string{"A", "B"}, Nested: &source.Nested{Path: "./a.yaml"},
		Properties: map[string]any{"TemplateURL": "./a.yaml", "None": nil, "Empty": []any{}, "Map": map[string]any{}}}
	if diff := cmp.Diff(want, got.Resources["Stack"]); diff != "" {
		t.Error(diff)
	}
	if got.Description != "😀 a/b" || *got.Parameters["Size"].Default != "1.50" || !got.Parameters["Size"].NoEcho {
		t.Errorf("%q %+v", got.Description, got.Parameters["Size"])
	}
}

func TestHowANestedStackGetsItsTemplate(t *testing.T) {
	for url, want := range map[string]source.Nested{
		"./network.yaml":                                 {Path: "./network.yaml"},
		"network.json":                                   {Path: "network.json"},
		"https://s3.amazonaws.com/b/k.yaml":              {},
		"'{{resolve:ssm:url}}'":                          {},
		"!Sub 'https://x/${Bucket}/${Key}'":              {BucketParameter: "Bucket", KeyParameter: "Key"},
		"!Sub 'https://x/${Bucket}/p/k.yml'":             {},
		"!Sub 'https://x/${Bucket}/${Key}/network.yaml'": {},
		"!Sub 'https://x/${Bucket}/${Other}'":            {},
		"!Sub 'https://x/${Other}/${Key}'":               {},
		"!Ref Url":                                       {},
	} {
		got, err := source.Parse("a.yaml", fmt.Appendf(nil, "Parameters: {Bucket: {Type: String}, Key: {Type: String}}\nResources: {S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: %s}}}", url))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, *got.Resources["S"].Nested); diff != "" {
			t.Errorf("%s: %s", url, diff)
		}
	}
}

func TestNoTemplate(t *testing.T) {
	deep := strings.Repeat("[", 150) + strings.Repeat("]", 150)
	for _, c := range []struct {
		name, body string
		says       []string
	}{
		{"empty", "", []string{"a.yaml is no CloudFormation template", "empty"}},
		{"a comment", "# nothing\n", []string{"empty"}},
		{"no YAML", "a: [", []string{"a.yaml is no CloudFormation template", "line 1"}},
		{"a text", "hello", []string{"no section Resources"}},
		{"no resources", "Description: x", []string{"no section Resources"}},
		{"empty resources", "Resources: {}", []string{"no section Resources"}},
		{"two documents", topic + "---\n" + topic, []string{"more than one document"}},
		{"a key twice", "Resources:\n  A: {Type: X}\n  A: {Type: Y}\n", []string{"line 3", `"A" stands twice`}},
		{"a key twice in JSON", `{"Resources": {"A": {"Type": "X"},` + "\n" + `"A": {"Type": "Y"}}}`, []string{"line 2", `"A" stands twice`}},
		{"an alias", "A: &a {}\nB: *a\n" + topic, []string{"line 2: aliases are not supported"}},
		{"an alias in a list", "A: &a {}\nB: [*a]\n" + topic, []string{"line 2: aliases"}},
		{"a merge", "A: &a {}\nB: {<<: *a}\n" + topic, []string{"aliases"}},
		{"a key that is a list", "? [a]\n: b\n" + topic, []string{"line 1: a key that is no text"}},
		{"nested too deep", "A: " + deep, []string{"nested deeper than 100"}},
		{"nested too deep in JSON", `{"A": ` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + "}", []string{"nested deeper than 100"}},
		{"a resource without type", "Resources: {A: {Properties: {}}}", []string{"resource A has no Type"}},
		{"a resource that is none", "Resources: {A: }", []string{"resource A has no Type"}},
		{"a parameter without type", "Parameters: {P: x}\n" + topic, []string{"parameter P has no Type"}},
		{"too large", strings.Repeat("#", 1<<20) + "\n" + topic, []string{"too large", "at most 1048576 bytes"}},
		{"too many resources", "Resources:\n" + many(501, "  A%d: {Type: X}\n"), []string{"too many resources", `"501"`, "at most 500"}},
		{"too many parameters", topic + "Parameters:\n" + many(201, "  A%d: {Type: X}\n"), []string{"too many parameters", "at most 200"}},
		{"too many outputs", topic + "Outputs:\n" + many(201, "  A%d: {Value: X}\n"), []string{"too many outputs", "at most 200"}},
		{"too many mappings", topic + "Mappings:\n" + many(201, "  A%d: {a: {b: c}}\n"), []string{"too many mappings", "at most 200"}},
		{"a long description", topic + "Description: " + strings.Repeat("é", 513), []string{"description of a.yaml is too long", `"1026 bytes"`, "at most 1024 bytes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := source.Parse("a.yaml", []byte(c.body))
			refused(t, err, c.says...)
		})
	}
	for _, body := range []string{"Resources:\n" + many(500, "  A%d: {Type: X}\n"), topic + "Description: " + strings.Repeat("é", 512), topic + "Parameters:\n" + many(200, "  A%d: {Type: X}\n")} {
		if _, err := source.Parse("a.yaml", []byte(body)); err != nil {
			t.Errorf("at the limit: %v", err)
		}
	}
}

func TestNoEchoIsTakenFromAnyTruth(t *testing.T) {
	for text, want := range map[string]bool{"true": true, "'true'": true, "True": true, "yes": true, "1": true, "false": false, "'False'": false, "no": false, "''": false} {
		got, err := source.Parse("a.yaml", fmt.Appendf(nil, "Parameters: {P: {Type: String, NoEcho: %s}}\n%s", text, topic))
		if err != nil || got.Parameters["P"].NoEcho != want {
			t.Errorf("NoEcho: %s is %v, %v", text, got.Parameters["P"].NoEcho, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{topic, "a: [", `{"Resources": {"S": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "./a.yaml"}}}}`,
		"Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: 'a.yaml'\n", "Resources: {A: {Type: !Sub x, DependsOn: [a]}}", "? {a: b}\n: c", "\ufeffA: &b !Ref x\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		parsed, err := source.Parse("root.yaml", body)
		if err != nil {
			if fault.CodeOf(err) != fault.Usage {
				t.Errorf("not an error of usage: %v", err)
			}
			return
		}
		again, err := source.Parse("root.yaml", body)
		if err != nil || again.Hash != parsed.Hash || len(again.Resources) != len(parsed.Resources) {
			t.Errorf("read twice, two results: %v", err)
		}
		set, err := source.Load(directory{"root.yaml": string(body), "a.yaml": topic}.fs(), "root.yaml")
		if err != nil {
			return
		}
		if _, err := set.Package("bucket", "us-east-1"); err != nil {
			t.Errorf("a set that can be loaded cannot be packaged: %v", err)
		}
	})
}
