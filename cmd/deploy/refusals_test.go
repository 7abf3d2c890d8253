package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/simulator"
)

// Input that cannot be right is refused with what it is, which value, what is allowed and what to do, before anything is touched.
func TestBadInput(t *testing.T) {
	deny := func(operation string) func(*place) {
		return func(p *place) {
			p.sim.Inject(simulator.Fault{Service: "cloudformation", Operation: operation, Kind: simulator.Denied})
		}
	}
	account := deployed(t)
	many := strings.Builder{}
	for i := range 201 {
		fmt.Fprintf(&many, "  Many%d: {Type: String, Default: x}\n", i)
	}
	const key = "AKIAIOSFODNN7EXAMPLE" // the one of AWS's documentation
	for _, tt := range []struct {
		name string
		// prepare changes the place; call is NAME=VALUE for the environment and arguments.
		prepare func(*place)
		call    string
		code    int
		says    []string
		// hides must not be repeated.
		hides string
	}{
		{"account", nil, "plan --account 999988887777", 64, []string{"another account", "111122223333", "999988887777", "sign in to"}, ""},
		{"form of the region", nil, "plan --region useast1", 64, []string{"region", "useast1", "us-east-1", "--region"}, ""},
		{"another region", nil, "apply --yes --region eu-west-1", 64, []string{"eu-west-1", "This platform runs in us-east-1", "--region us-east-1"}, ""},
		{"region without the environment", func(p *place) { p.replace("platform.yaml", "Ref AWS::Region", "Ref AWS::Partition") }, "apply --yes --region eu-west-1", 64,
			[]string{"account 111122223333", "region eu-west-1", "foundation-dev does not exist"}, ""},
		{"permission to look", deny("DescribeStacks"), "apply --yes -p Size=2", 1,
			[]string{"arn:aws:sts::111122223333:assumed-role/deployer/rehearsal may not call cloudformation:DescribeStacks: no identity-based policy allows it", "Next: deploy doctor -e dev"}, "https response error"},
		{"permission to look, in all detail", deny("DescribeStacks"), "status -v", 1, []string{"may not call cloudformation:DescribeStacks", "https response error StatusCode: 403"}, ""},
		{"permission to look, as JSON", deny("DescribeStacks"), "status -o json", 1, []string{`"next":["deploy doctor -e dev"]`, `"level":"detail","text":"AWS says: operation error CloudFormation`}, ""},
		{"unknown parameter", nil, "apply --yes -p Sise=2", 64, []string{"Sise", "-p", "Size"}, ""},
		{"parameter that the command owns", nil, "apply --yes -p ArtifactBucket=mine", 64, []string{"ArtifactBucket", "-p"}, ""},
		{"value out of bounds", nil, "apply --yes -p Size=65", 64, []string{"Size", "65", "at most 64"}, ""},
		{"value not among those allowed", nil, "apply --yes -p Mode=fast", 64, []string{"Mode", "fast", "generalPurpose, maxIO"}, ""},
		{"flag without a value", nil, "apply --yes -p Size", 64, []string{"-p", "NAME=VALUE"}, ""},
		{"suffix", nil, "plan -e Dev_1", 64, []string{"-e", "Dev_1", "1 to 12 characters"}, ""},
		{"long suffix", nil, "plan -e development-01", 64, []string{"-e", "development-01", "1 to 12 characters"}, ""},
		{"size of a template", func(p *place) { p.append("store.yaml", "# "+strings.Repeat("x", 1<<20)) }, "apply --yes", 64, []string{"store.yaml is too large", "1048576"}, ""},
		{"number of parameters", func(p *place) {
			p.replace("platform.yaml", "Parameters:\n  Env", "Parameters:\n"+many.String()+"  Env")
		}, "apply --yes", 64, []string{"platform.yaml has too many parameters", "209", "200"}, ""},
		{"no template", func(p *place) { p.write("templates/data.yaml", "Resources: [") }, "apply --yes", 64, []string{"data.yaml"}, ""},
		{"duplicate keys", func(p *place) { p.write("p.yaml", "Size: 2\nSize: 3\n") }, "apply --yes --params p.yaml", 64, []string{"p.yaml", "Size", "line"}, ""},
		{"duplicate keys in JSON", func(p *place) {
			p.write("p.json", `[{"ParameterKey":"Size","ParameterValue":"2"},{"ParameterKey":"Size","ParameterValue":"3"}]`)
		}, "apply --yes --params p.json", 64, []string{"p.json", "Size stands twice"}, ""},
		{"no parameter file", nil, "apply --yes --params nowhere.yaml", 64, []string{"the parameter file cannot be read", "nowhere.yaml"}, ""},
		{"secret in a parameter file", func(p *place) { p.write("p.yaml", "Action: "+key+"\n") }, "apply --yes --params p.yaml", 64, []string{"p.yaml", "Action", "would show a secret", "Secrets Manager"}, key},
		{"secret on the command line", nil, "apply --yes -p Action=" + key, 64, []string{"-p", "Action", "would show a secret", "Secrets Manager"}, key},
		{"unknown flag", nil, "apply --yess", 64, []string{"unknown flag: --yess", "--help"}, ""},
		{"unknown verb", nil, "aply", 64, []string{"aply", "--help"}, ""},
		{"argument", nil, "plan dev", 64, []string{"dev", "--help"}, ""},
		{"directory of templates", nil, "apply --yes --templates nowhere", 64, []string{"--templates", "platform.yaml"}, ""},
		{"root template", nil, "apply --yes --root main.yaml", 64, []string{"main.yaml", "platform.yaml", "--templates"}, ""},
		{"no plan file", nil, "apply --yes --plan nowhere.plan", 64, []string{"the plan cannot be read", "nowhere.plan", "deploy plan --out nowhere.plan"}, ""},
		{"file that is no plan", func(p *place) { p.write("a.plan", "Size: 2") }, "apply --yes --plan a.plan", 64, []string{"no plan", "deploy plan --out"}, ""},
		{"plan of another environment", func(p *place) {
			p.write("a.plan", `{"environment":"qa","account":"111122223333","change_set":"arn","name":"d"}`)
		}, "apply --yes --plan a.plan", 64, []string{"another environment", "qa in 111122223333", "dev in 111122223333"}, ""},
		{"approval", nil, "apply --yes --require-approval maybe", 64, []string{"--require-approval", "maybe", "any, broadening, never"}, ""},
		{"output", nil, "plan --output xml", 64, []string{"--output", "xml", "human, json"}, ""},
		{"progress", nil, "plan --progress dots", 64, []string{"--progress", "dots", "auto, tree, lines, github, none"}, ""},
		{"color", nil, "plan --color blue", 64, []string{"--color", "blue", "auto, always, never"}, ""},
		{"variable", nil, "DEPLOY_TIMEOUT=soon plan", 64, []string{"DEPLOY_TIMEOUT", "soon"}, ""},
		{"variable of a choice", nil, "DEPLOY_OUTPUT=xml plan", 64, []string{"--output", "xml", "human, json"}, ""},
		{"variable that is no truth", nil, "DEPLOY_YES=perhaps apply", 64, []string{"DEPLOY_YES", "perhaps"}, ""},
		{"tag", nil, "apply --yes --tag Team", 64, []string{"--tag", "Team", "NAME=VALUE"}, ""},
		{"image", nil, "apply --yes --image api=latest", 64, []string{"image", "api"}, ""},
		{"endpoint", nil, "plan --endpoint-url localhost:4566", 64, []string{"--endpoint-url", "localhost:4566", "http://"}, ""},
		{"profile", nil, "plan --profile nobody", 64, []string{"profile", "nobody", "--profile"}, ""},
		{"summary", nil, "plan --markdown nowhere/plan.md", 64, []string{"--markdown", "nowhere/plan.md"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := account.from(t)
			defer p.sim.Heal()
			if tt.prepare != nil {
				tt.prepare(p)
			}
			e := p.call(strings.Fields(tt.call)...).exits(tt.code)
			said := strings.Join(strings.Fields(e.stdout+e.stderr), " ") // as if lines were not broken
			for _, text := range tt.says {
				if !strings.Contains(said, text) {
					t.Errorf("it does not say %q:\n%s", text, said)
				}
			}
			if tt.hides != "" && strings.Contains(said, tt.hides) {
				t.Errorf("it repeats %s:\n%s", tt.hides, said)
			}
			if changed := p.changes(); len(changed) > 0 {
				t.Errorf("it called %v", changed)
			}
		})
	}
}

// append adds to a template, replace changes a text in it.
func (p *place) append(name, text string) { p.replace(name, "", text+"\n") }

func (p *place) replace(name, old, text string) {
	p.t.Helper()
	name = filepath.Join("templates", name)
	data, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil || !strings.Contains(string(data), old) {
		p.t.Fatalf("%s holds no %q: %v", name, old, err)
	}
	p.write(name, strings.Replace(string(data), old, text, 1))
}

// A plan that was made before something else changed is not executed, and nothing but the lock is touched.
func TestStalePlan(t *testing.T) {
	p := deployed(t)
	p.call("plan", "-p", "Size=2", "--out", "a.plan").exits(0)
	p.call("apply", "--yes", "-p", "Size=3").exits(0)
	p.changes()
	e := p.call("apply", "--yes", "-p", "Size=2", "--plan", "a.plan").exits(3)
	if !strings.Contains(e.stdout, "the plan cannot be executed") || !strings.Contains(e.stdout, "plan again") {
		t.Errorf("it does not say why and what to do:\n%s", e.stdout)
	}
	for _, call := range p.changes() {
		if !strings.HasSuffix(call, "/env/dev/lock.json") {
			t.Errorf("it called %s", call)
		}
	}
}

// A call that is denied on the way says who may not do what, and leaves nothing.
func TestDeniedOnTheWay(t *testing.T) {
	p := deployed(t)
	p.sim.Inject(simulator.Fault{Service: "s3", Operation: "PutObject", Kind: simulator.Denied})
	e := p.call("plan", "-p", "Size=2").exits(64)
	said := strings.Join(strings.Fields(e.stdout), " ")
	for _, text := range []string{"upload", "arn:aws:sts::111122223333:assumed-role/deployer/rehearsal may not call S3 PutObject", "Next: deploy doctor -e dev"} {
		if !strings.Contains(said, text) {
			t.Errorf("it does not say %q:\n%s", text, e.stdout)
		}
	}
	if strings.Contains(said, "https response error") {
		t.Errorf("it says it in the SDK's words:\n%s", e.stdout)
	}
	p.sim.Heal()
	p.call("plan", "-p", "Size=2").exits(0)
}
