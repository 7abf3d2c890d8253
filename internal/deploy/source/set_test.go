package source_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/source"
)

// A directory is one of templates, by path.
type directory map[string]string

func (d directory) fs() fs.FS {
	m := fstest.MapFS{}
	for name, body := range d {
		m[name] = &fstest.MapFile{Data: []byte(body)}
	}
	return m
}

// stack is a resource that nests a template, as YAML.
func stack(id, url string) string {
	return fmt.Sprintf("  %s:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: %s\n", id, url)
}

func names(s *source.Set) []string {
	var all []string
	for _, t := range s.All() {
		all = append(all, t.Name)
	}
	return all
}

func TestThePlatformIsLoaded(t *testing.T) {
	s, err := source.Load(os.DirFS("../../../golden"), "platform.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for id, r := range s.Root.Resources {
		if n := r.Nested; n != nil && (s.Nested[n.Template] == nil || n.BucketParameter != "ArtifactBucket" || !slices.Contains(s.Root.Owned, n.KeyParameter)) {
			t.Errorf("%s: %+v", id, n)
		}
	}
	if s.Nested["service-payment-api.yaml"] == nil || s.Nested["foundation.yaml"] != nil || len(s.All()) != len(s.Nested)+1 {
		t.Errorf("%v", names(s))
	}
	packed, err := s.Package("bucket", "us-east-1")
	if err != nil {
		t.Fatal(err)
	}
	if packed.Root != s.Root || !maps.Equal(packed.Nested, s.Nested) {
		t.Error("packaging changed a set without local paths")
	}
}

func TestAForeignDirectoryIsLoaded(t *testing.T) {
	d := directory{
		"root.template":        "Resources:\n" + stack("Net", "./net/vpc.yaml") + stack("App", "app.json") + stack("Else", "https://s3.amazonaws.com/b/k.yaml"),
		"net/vpc.yaml":         "Resources:\n" + stack("Subnets", "subnets.yaml") + stack("App", "../app.json"),
		"net/subnets.yaml":     topic,
		"app.json":             `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`,
		"unused.yaml":          "not a template",
		"net/deeper/other.yml": topic,
	}
	s, err := source.Load(d.fs(), "root.template")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"app.json", "net/subnets.yaml", "net/vpc.yaml", "root.template"}, names(s)); diff != "" {
		t.Error(diff)
	}
	if n := s.Nested["net/vpc.yaml"].Resources["App"].Nested; n.Template != "app.json" {
		t.Errorf("%+v", n)
	}
	if n := s.Root.Resources["Else"].Nested; n.Template != "" || n.Path != "" {
		t.Errorf("%+v", n)
	}
}

func TestNestedTemplatesAreFoundByName(t *testing.T) {
	parameters := "Parameters: {Bucket: {Type: String}, VpcTemplateKey: {Type: String}}\n"
	url := "!Sub https://x/${Bucket}/${VpcTemplateKey}"
	owned := "Metadata: {AWS::CloudFormation::Interface: {ParameterGroups: [{Label: {default: Set by the deploy command}, Parameters: [VpcTemplateKey]}]}}\n"
	for _, c := range []struct {
		name, id, file string
	}{{"stack", "NetworkTierStack", "network-tier.yaml"}, {"whole", "NetworkStack", "network_stack.yml"}, {"parameter", "Network", "vpc.json"}} {
		t.Run(c.name, func(t *testing.T) {
			d := directory{"root.yaml": parameters + "Resources:\n" + stack(c.id, url), c.file: topic}
			s, err := source.Load(d.fs(), "root.yaml")
			if err != nil || s.Root.Resources[c.id].Nested.Template != c.file {
				t.Errorf("%v", err)
			}
		})
	}
	root := parameters + "Resources:\n" + stack("NetworkStack", url)
	if s, err := source.Load(directory{"root.yaml": root}.fs(), "root.yaml"); err != nil || len(s.Nested) != 0 {
		t.Errorf("the key of a template elsewhere is the user's to give: %v", err)
	}
	_, err := source.Load(directory{"root.yaml": owned + root}.fs(), "root.yaml")
	refused(t, err, "no template for NetworkStack in root.yaml", "root.yaml")
	_, err = source.Load(directory{"root.yaml": root, "network.yaml": topic, "network.json": topic}.fs(), "root.yaml")
	refused(t, err, "several files may be the template of NetworkStack", "network.json, network.yaml")
}

func TestSetsThatCannotBeLoaded(t *testing.T) {
	wide := "Resources:\n" + stack("Inner", "inner.yaml") + many(400, "  A%d: {Type: X}\n")
	var twice strings.Builder
	for i := range 7 {
		twice.WriteString(stack(fmt.Sprint("S", i), "wide.yaml"))
	}
	for _, c := range []struct {
		name string
		d    directory
		says []string
	}{
		{"no root", directory{"a.yaml": topic, "b.json": "{}", "c.txt": "", "d/e.yaml": topic}, []string{"no such root template", `"root.yaml"`, "a.yaml, b.json;", "--templates"}},
		{"no template", directory{"root.yaml": "x"}, []string{"root.yaml is no CloudFormation template"}},
		{"no nested template", directory{"root.yaml": "Resources:\n" + stack("S", "./net/vpc.yaml"), "net/subnets.yaml": topic}, []string{"template of S in root.yaml is not there", `"./net/vpc.yaml"`, "net/subnets.yaml"}},
		{"a nested template that is none", directory{"root.yaml": "Resources:\n" + stack("S", "a.yaml"), "a.yaml": "x"}, []string{"a.yaml is no CloudFormation template"}},
		{"outside", directory{"root.yaml": "Resources:\n" + stack("S", "../a.yaml")}, []string{"outside of the directory", `"../a.yaml"`}},
		{"absolute", directory{"root.yaml": "Resources:\n" + stack("S", "/etc/a.yaml")}, []string{"outside of the directory"}},
		{"a circle", directory{"root.yaml": "Resources:\n" + stack("S", "a.yaml"), "a.yaml": "Resources:\n" + stack("S", "root.yaml")}, []string{"nest each other", "root.yaml > a.yaml > root.yaml"}},
		{"folded", directory{"root.yaml": "Resources:\n" + stack("S", ">-\n        a.yaml"), "a.yaml": topic}, []string{"written in a way that cannot be replaced", "one line"}},
		{"escaped", directory{"root.yaml": `{"Resources": {"S": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": ".\/a.yaml"}}}}`, "a.yaml": topic}, []string{"cannot be replaced"}},
		{"tagged", directory{"root.yaml": "Resources:\n" + stack("S", "!!str a.yaml"), "a.yaml": topic}, []string{"cannot be replaced"}},
		{"too many resources", directory{"root.yaml": "Resources:\n" + twice.String(), "wide.yaml": wide, "inner.yaml": topic}, []string{"too many resources for one operation", `"2821"`, "at most 2500"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := source.Load(c.d.fs(), "root.yaml")
			refused(t, err, c.says...)
		})
	}
	if _, err := source.Load(os.DirFS("."), "../root.yaml"); !errors.Is(err, fs.ErrInvalid) {
		t.Error(err)
	}
}

func TestPackage(t *testing.T) {
	d := directory{
		"root.yaml": "# a comment with é\nResources:\n" + stack("One", "./net/vpc.yaml # the network") + stack("Two", "'app.json'") + stack("Three", `"./app.json"`) +
			"  Four: {Type: AWS::CloudFormation::Stack, Properties: {Parameters: {é: ü}, TemplateURL: app.json}} # flow\n" + stack("Else", "https://s3.amazonaws.com/b/k.yaml"),
		"net/vpc.yaml":     "Resources:\r\n" + strings.ReplaceAll(stack("Subnets", "subnets.yaml"), "\n", "\r\n"),
		"net/subnets.yaml": topic,
		"app.json":         "{\n \"Description\": \"\\ud83d\\ude00 é\", \"Resources\": {\"S\": {\"Type\": \"AWS::CloudFormation::Stack\", \"Properties\": {\"é\": \"x\", \"TemplateURL\": \"net/subnets.yaml\"}}}}",
	}
	for region, base := range map[string]string{"us-east-1": "https://s3.us-east-1.amazonaws.com/artifacts/", "cn-north-1": "https://s3.cn-north-1.amazonaws.com.cn/artifacts/"} {
		s, err := source.Load(d.fs(), "root.yaml")
		if err != nil {
			t.Fatal(err)
		}
		before := map[string]string{}
		for _, template := range s.All() {
			before[template.Name] = string(template.Body)
		}
		packed, err := s.Package("artifacts", region)
		if err != nil {
			t.Fatal(err)
		}
		key := func(name string) string { return base + packed.Nested[name].Key() }
		want := directory{
			"net/subnets.yaml": d["net/subnets.yaml"],
			"net/vpc.yaml":     strings.Replace(d["net/vpc.yaml"], "subnets.yaml", key("net/subnets.yaml"), 1),
			"app.json":         strings.Replace(d["app.json"], "net/subnets.yaml", key("net/subnets.yaml"), 1),
			"root.yaml": strings.NewReplacer("./net/vpc.yaml", key("net/vpc.yaml"), "'app.json'", "'"+key("app.json")+"'", `"./app.json"`, `"`+key("app.json")+`"`,
				"TemplateURL: app.json", "TemplateURL: "+key("app.json")).Replace(d["root.yaml"]),
		}
		for _, template := range packed.All() {
			if diff := cmp.Diff(want[template.Name], string(template.Body)); diff != "" {
				t.Errorf("%s: %s", template.Name, diff)
			}
			if parsed, err := source.Parse(template.Name, template.Body); err != nil || parsed.Hash != template.Hash {
				t.Errorf("%s: %v", template.Name, err)
			}
		}
		for id, n := range map[string]string{"One": "net/vpc.yaml", "Two": "app.json", "Three": "app.json", "Four": "app.json", "Else": ""} {
			if got := packed.Root.Resources[id].Nested.Template; got != n {
				t.Errorf("%s nests %q, want %q", id, got, n)
			}
		}
		for _, template := range s.All() {
			if string(template.Body) != before[template.Name] {
				t.Errorf("%s of the set itself was changed", template.Name)
			}
		}
		again, err := packed.Package("artifacts", region)
		if err != nil || again.Root.Hash != packed.Root.Hash {
			t.Errorf("packaging what is packaged changes it: %v", err)
		}
	}
}

func TestPackageKeepsTheLimits(t *testing.T) {
	for _, way := range []string{"root.yaml", "outer.yaml"} {
		d := directory{"root.yaml": "Resources:\n" + stack("S", "outer.yaml"), "outer.yaml": "Resources:\n" + stack("S", "inner.yaml"), "inner.yaml": topic}
		d[way] += "#" + strings.Repeat("x", 1<<20-len(d[way])-2)
		s, err := source.Load(d.fs(), "root.yaml")
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Package("artifacts", "us-east-1")
		refused(t, err, way+" is too large", "addresses of its nested templates")
	}
}

func TestStateful(t *testing.T) {
	if !source.Stateful("AWS::RDS::DBCluster") || source.Stateful("AWS::SNS::Topic") {
		t.Error("the wrong types hold data")
	}
}
