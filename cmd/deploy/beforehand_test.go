package main

import (
	"strings"
	"testing"
)

// What is wrong with flags, values and files is told whether or not there are a region, credentials and a network.
func TestWrongFlagsAreToldWithoutAWS(t *testing.T) {
	const key = "AKIAIOSFODNN7EXAMPLE" // the one of AWS's documentation
	a := newAccount(t)
	a.server.Close() // nobody answers
	p := a.from(t)
	p.write("secret.yaml", "Action: "+key+"\n")
	p.write("broken.yaml", "Size: [\n")
	p.write("a.plan", "{}")
	for _, tt := range []struct {
		call string
		says []string
	}{
		{"plan -e DEV", []string{"-e is no environment suffix", `"DEV"`, "1 to 12 characters"}},
		{"list -e DEV", []string{"-e", `"DEV"`, "1 to 12 characters"}},
		{"status -e DEV", []string{"-e", `"DEV"`, "1 to 12 characters"}},
		{"apply -e DEV --plan nofile.json", []string{"-e", `"DEV"`}},
		{"status --account 123", []string{"--account", `"123"`, "twelve digits"}},
		{"status --on-interrupt stop", []string{"--on-interrupt", `"stop"`, "detach, cancel"}},
		{"apply --role-arn deployer", []string{"--role-arn", `"deployer"`, "arn:aws:iam::"}},
		{"apply --max-severity SEVERE", []string{"--max-severity", `"SEVERE"`, "NONE, INFORMATIONAL, LOW"}},
		{"scan --max-severity SEVERE", []string{"--max-severity", `"SEVERE"`, "NONE, INFORMATIONAL, LOW"}},
		{"release --max-severity SEVERE", []string{"--max-severity", `"SEVERE"`, "NONE, INFORMATIONAL, LOW"}},
		{"scan --allow-cve CVE-2026-1=x", []string{"--allow-cve", "CVE-2026-1=x", "ID=REASON@DATE"}},
		{"release --wait-until foo", []string{"--wait-until", `"foo"`, "terminated, shifted"}},
		{"release rollback --wait-until foo", []string{"--wait-until", `"foo"`, "terminated, shifted"}},
		{"apply --plan nofile.json", []string{"the plan cannot be read", `"nofile.json"`}},
		{"apply --plan a.plan", []string{"no plan", "deploy plan --out"}},
		{"apply --require-approval maybe", []string{"--require-approval", `"maybe"`, "any, broadening, never"}},
		{"plan -p EnvironmentSuffix=qa", []string{"-p", `"EnvironmentSuffix"`, "allowed: Action, LicenseKey, Mode, Size"}},
		{"plan -p Sise=2", []string{"-p", `"Sise"`, "allowed: Action, LicenseKey, Mode, Size"}},
		{"plan -p Size=65", []string{"-p", "Size", `"65"`, "at most 64"}},
		{"plan --params secret.yaml", []string{"secret.yaml", "Action", "would show a secret", "Secrets Manager"}},
		{"plan --params broken.yaml", []string{"broken.yaml is no parameter file", "a map of names and values"}},
		{"apply --image nothing=1.0", []string{"--image", `"nothing"`, "none"}},
		{"destroy --confirm prod", []string{"--confirm", `"prod"`, "allowed: dev"}},
		{"verify --allow-unknown x", []string{"--allow-unknown", "CHECK=REASON"}},
	} {
		for name, without := range map[string][]string{
			"region":      {"AWS_REGION="},
			"credentials": {"AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY="},
			"network":     nil,
		} {
			e := p.run(append(without, "DEPLOY_ENV=dev"), "deploy", strings.Fields(tt.call)...).exits(64)
			said := strings.Join(strings.Fields(e.stdout+e.stderr), " ")
			for _, text := range tt.says {
				if !strings.Contains(said, text) {
					t.Errorf("%s, without %s, does not say %q:\n%s", tt.call, name, text, said)
				}
			}
			if strings.Contains(said, key) {
				t.Errorf("%s repeats %s:\n%s", tt.call, key, said)
			}
		}
	}
	// An exception that ended is no wrong usage: the gate refuses.
	e := p.run([]string{"AWS_REGION="}, "deploy", "scan", "--allow-cve", "CVE-2026-1=x@2020-01-01").exits(6)
	if !strings.Contains(e.stdout+e.stderr, "has expired") {
		t.Errorf("%s%s", e.stdout, e.stderr)
	}
}
