package main

import (
	"encoding/base64"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// canary is a secret: it must appear nowhere.
const canary = "Kanarienvogel/7f3c=19ab"

// canaries are the forms in which it may come.
func canaries() []string {
	return []string{canary, strings.ReplaceAll(canary, "/", `\/`), strings.NewReplacer("/", "%2F", "=", "%3D").Replace(canary), base64.StdEncoding.EncodeToString([]byte(canary))}
}

// formattings are the ways to show a run in a pipe; with -short the two that show most.
func formattings() map[string][]string {
	most := map[string][]string{"verbose": {"-v"}, "JSON": {"-o", "json"}}
	if !testing.Short() {
		maps.Copy(most, map[string][]string{"lines": {"--color", "always"}, "quiet": {"-q"}, "GitHub": {"GITHUB_ACTIONS=true"}})
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
			p.replace("platform.yaml", "Outputs:\n", "Outputs:\n  License: {Value: !Sub 'https://example.com/?key=${LicenseKey}'}\n")
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

// A secret that a stack holds in a NoEcho parameter appears in no output of a run that was not given it.
func TestSecretsOfAStack(t *testing.T) {
	for name, formatting := range formattings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := deployed(t)
			p.scenario(`- {fail: DataStack/StoreStack/Files, reason: Not enough room}`)
			for _, call := range []struct {
				code int
				args string
			}{{0, "plan -p Size=2 --markdown summary.md"}, {4, "apply --yes -p Size=2 --markdown summary.md"}, {0, "diagnose"}, {0, "outputs"}, {0, "history"}, {0, "status"}, {0, "list"}, {0, "drift"},
				{0, "doctor"}, {4, "watch"}, {3, "destroy"}, {0, "destroy --confirm dev"}} {
				p.conceals(p.call(slices.Concat(formatting, strings.Fields(call.args))...).exits(call.code))
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
