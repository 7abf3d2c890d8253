package main

import (
	"encoding/base64"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/simulator"
)

// canary is a secret: it must appear nowhere.
const canary = "Kanarienvogel/7f3c=19ab"

// canaries are the forms in which it may come.
func canaries() []string {
	return []string{canary, strings.ReplaceAll(canary, "/", `\/`), strings.NewReplacer("/", "%2F", "=", "%3D").Replace(canary), base64.StdEncoding.EncodeToString([]byte(canary))}
}

// formattings are the ways to show a run in a pipe; with -short the one that shows most.
func formattings() map[string][]string {
	most := map[string][]string{"JSON": {"-o", "json"}}
	if !testing.Short() {
		maps.Copy(most, map[string][]string{"verbose": {"-v"}, "lines": {"--color", "always"}, "quiet": {"-q"}, "GitHub": {"GITHUB_ACTIONS=true"}})
	}
	return most
}

// A secret that a run is given for a NoEcho parameter appears in no output of it at any verbosity, wherever AWS repeats it: in outputs, in
// reasons of events, in errors.
func TestSecretsOfARun(t *testing.T) {
	for name, formatting := range formattings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.replace("platform.yaml", "Outputs:\n", "Outputs:\n  License: {Value: 'https://example.com/?key="+canary+"'}\n")
			p.write("secret.yaml", "LicenseKey: "+canary+"\n")
			show := func(code int, args ...string) {
				t.Helper()
				p.write("summary.md", "")
				var environment []string
				for _, word := range formatting {
					if strings.Contains(word, "=") {
						environment = append(environment, word)
					} else {
						args = append(args, word)
					}
				}
				p.conceals(p.call(append(environment, args...)...).exits(code))
			}
			show(0, "bootstrap", "--yes")
			show(0, "plan", "--params", "secret.yaml", "--markdown", "summary.md")
			show(0, "apply", "--yes", "--params", "secret.yaml", "--markdown", "summary.md")
			p.scenario(`- {fail: DataStack/StoreStack/Files, reason: 'The tag License=` + canary + ` is taken'}`)
			show(4, "apply", "--yes", "-p", "Size=2", "-p", "LicenseKey="+canary, "--markdown", "summary.md")
			p.sim.Heal()
			p.scenario(`- {answer: cloudformation, operation: ExecuteChangeSet, code: ValidationError, message: 'Parameter LicenseKey has the value ` + canary + `'}`)
			show(1, "apply", "--yes", "-p", "Size=3", "-p", "LicenseKey="+canary)
			p.sim.Heal()
			show(0, "plan", "-p", "LicenseKey="+canary+"2", "-p", "Size=4")
		})
	}
}

// A secret that a stack holds in a NoEcho parameter appears in no output of a run that was not given it, whatever the templates show of it and
// wherever AWS repeats it.
func TestSecretsOfAStack(t *testing.T) {
	for name, formatting := range formattings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.call("bootstrap", "--yes").exits(0)
			p.expose()
			show := func(code int, call string) {
				t.Helper()
				p.write("summary.md", "")
				p.conceals(p.call(slices.Concat(formatting, strings.Fields(call))...).exits(code))
			}
			for _, call := range []string{"outputs", "status", "list", "history", "watch", "doctor", "drift", "diagnose"} {
				show(0, call)
			}
			show(6, "plan -p Size=2 --markdown summary.md") // the gate refuses such templates
			p.mend()
			show(0, "plan -p Size=2 --markdown summary.md")
			p.scenario(`- {fail: DataStack/StoreStack/Files, reason: 'The tag License=` + canary + ` is taken'}`)
			show(4, "apply --yes -p Size=2 --markdown summary.md")
			show(4, "watch")
			show(0, "diagnose")
			show(5, "apply --yes -p Size=2 --no-rollback --markdown summary.md")
			show(0, "rollback --yes")
			show(0, "outputs")
			p.sim.FailDelete("Files", "The file system of "+canary+" is in use")
			show(3, "destroy")
			show(5, "destroy --confirm dev")
			p.sim.Heal()
			show(0, "destroy --confirm dev")
		})
	}
}

// expose deploys templates that show the secret in outputs of the root and of a nested stack, and in a parameter that is not NoEcho, as
// somebody does whom no gate stops. The templates at hand are the same.
func (p *place) expose() {
	p.t.Helper()
	p.replace("platform.yaml", "Outputs:\n", "Outputs:\n  License: {Value: !Sub 'https://example.com/?key=${LicenseKey}'}\n  Login: {Value: !GetAtt DataStack.Outputs.Login}\n  Repeated: {Value: see "+canary+"}\n")
	p.replace("data.yaml", "Outputs:\n", "Outputs:\n  Login: {Value: !Join [':', [user, !Ref LicenseKey]]}\n")
	p.replace("store.yaml", "LicenseKey: {Type: String, NoEcho: true}", "LicenseKey: {Type: String}")
	way, err := cloud.Open(p.t.Context(), cloud.Options{Region: simulator.Region, Client: p.sim.Client(), Clock: p.sim.Clock(), Credentials: credentials.NewStaticCredentialsProvider("AKIASIMULATED", "simulated", "")})
	if err != nil {
		p.t.Fatal(err)
	}
	e, err := deploy.New(deploy.Options{Environment: "dev", Cloud: way, Clock: p.sim.Clock(), Reporter: report.Func(func(report.Event) {}), Templates: os.DirFS(filepath.Join(p.dir, "templates")),
		Roots: deploy.DefaultRoots(), NewID: func() string { return "elsewhere" }, Command: "another tool"})
	if err == nil {
		err = e.Begin(p.t.Context(), "test", true)
	}
	if err == nil {
		err = e.Apply(p.t.Context(), deploy.Request{Values: []source.Values{{ByName: map[string]string{"LicenseKey": canary}}}, Consent: changeset.Consent{Yes: true}})
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// mend takes back what expose did to the templates at hand.
func (p *place) mend() {
	p.t.Helper()
	for _, name := range []string{"platform.yaml", "data.yaml", "store.yaml"} {
		data, err := os.ReadFile(filepath.Join("testdata", "small", name))
		if err != nil {
			p.t.Fatal(err)
		}
		p.write(filepath.Join("templates", name), string(data))
	}
}

// A rehearsal shows no secret either, also where it ends before its time.
func TestSecretsOfARehearsal(t *testing.T) {
	for name, formatting := range formattings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.replace("platform.yaml", "Outputs:\n", "Outputs:\n  License: {Value: !Sub 'https://example.com/?key=${LicenseKey}'}\n  Repeated: {Value: see "+canary+"}\n")
			p.write("scenario.yaml", `- {answer: cloudformation, operation: ExecuteChangeSet, skip: 2, code: ValidationError, message: 'Parameter LicenseKey has the value `+canary+`'}`)
			rehearse := append(slices.Clone(formatting), "rehearse", "-p", "LicenseKey="+canary)
			if e := p.call(rehearse...).exits(64); strings.Contains(e.stdout, "Repeated") { // these templates have no value for it to change
				p.conceals(e)
			} else {
				t.Error("no outputs are shown")
			}
			e := p.call(append(rehearse, "--scenario", "scenario.yaml")...)
			p.conceals(e)
			if !strings.Contains(e.stderr+e.stdout, "has the value ****") {
				t.Errorf("the error is not told: %s", e.stderr)
			}
		})
	}
}

func (p *place) scenario(text string) {
	p.t.Helper()
	if err := p.play("scenario", []byte(text)); err != nil {
		p.t.Fatal(err)
	}
}

// conceals wants the canary in no channel of a command, and in no file but the one that holds it for the command.
func (p *place) conceals(e *ended) {
	p.t.Helper()
	shown := map[string]string{"standard output": e.stdout, "standard error": e.stderr}
	if data, err := os.ReadFile(filepath.Join(p.dir, "summary.md")); err == nil {
		shown["the summary"] = string(data)
	}
	for channel, text := range shown {
		for _, form := range canaries() {
			if strings.Contains(text, form) {
				p.t.Errorf("%s: %s shows the secret:\n%s", e.call, channel, text)
			}
		}
	}
}
