package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/simulator"
)

// gated is a place whose templates take an image, which is there with a finding of each severity.
func gated(t *testing.T) (*place, string) {
	t.Helper()
	p := newPlace(t)
	p.replace("platform.yaml", "AccessTemplateKey, DataTemplateKey]", "AccessTemplateKey, DataTemplateKey, ApiImageDigest]")
	p.replace("platform.yaml", "Parameters:\n  EnvironmentSuffix: {Type: String}\n", "Parameters:\n  ApiImageDigest: {Type: String, AllowedPattern: '^sha256:[0-9a-f]{64}$'}\n  EnvironmentSuffix: {Type: String}\n")
	p.replace("platform.yaml", "Outputs:\n", "Outputs:\n  Image: {Value: !Ref ApiImageDigest}\n")
	p.sim.CreateRepository("ecr-api-dev")
	digest, err := p.sim.PutImage("ecr-api-dev", []string{"1.4.2"})
	if err == nil {
		err = p.sim.PlantScan("ecr-api-dev", digest, simulator.Scan{Findings: []simulator.Vulnerability{
			{ID: "CVE-2026-1", Severity: "HIGH", Package: "openssl", Version: "3.0.1"}, {ID: "CVE-2026-2", Severity: "LOW", Package: "zlib", Version: "1.3"}}})
	}
	if err != nil {
		t.Fatal(err)
	}
	return p, digest
}

func (e *ended) says(channel string, words ...string) {
	e.t.Helper()
	channel = strings.Join(strings.Fields(channel), " ") // as if lines were not broken
	for _, word := range words {
		if !strings.Contains(channel, strings.Join(strings.Fields(word), " ")) {
			e.t.Errorf("%s does not say %q:\n%s\n%s", e.call, word, e.stdout, e.stderr)
		}
	}
}

// scan and apply refuse the same image, with the findings as a table, as JSON, as Markdown and as SARIF; the same flags let it pass.
func TestScanGate(t *testing.T) {
	p, digest := gated(t)
	p.call("bootstrap", "--yes").exits(0)
	p.changes()
	for _, call := range []string{"scan", "apply --yes"} {
		args := append(strings.Fields(call), "--image", "api=1.4.2")
		e := p.call(append(args, "--sarif", "scan.sarif", "--markdown", "scan.md")...).exits(6)
		e.says(e.stdout, "Gate REFUSED api@"+digest[:13], "high 1", "findings above MEDIUM: 1 HIGH", "CVE-2026-1", "openssl", "--allow-cve ID=REASON@DATE", "exit 6")
		e.says(e.stderr, "api:1.4.2 is "+digest+" in ecr-api-dev")
		if strings.Contains(e.stdout, "CVE-2026-2") {
			t.Errorf("%s shows what is tolerated:\n%s", call, e.stdout)
		}
		var log struct {
			Runs []struct {
				Results []struct{ RuleID, Level string }
			}
		}
		data, err := os.ReadFile(filepath.Join(p.dir, "scan.sarif"))
		if err == nil {
			err = json.Unmarshal(data, &log)
		}
		if err != nil || len(log.Runs[0].Results) != 2 || log.Runs[0].Results[0].Level != "error" {
			t.Errorf("%v: %s", err, data)
		}
		summary, err := os.ReadFile(filepath.Join(p.dir, "scan.md"))
		if err != nil || !strings.Contains(string(summary), "| `HIGH` | `CVE-2026-1` | `openssl`") {
			t.Errorf("%v: %s", err, summary)
		}
		e = p.call(append(args, "-o", "json")...).exits(6)
		e.says(e.stdout, `{"type":"scan","name":"api","repository":"ecr-api-dev","digest":"`+digest+`"`, `"passed":false`, `"max_severity":"MEDIUM"`, `"severity_counts":{"HIGH":1,"LOW":1}`, `"exit_code":6`)
		if err := stream(e.stdout, "6"); err != nil {
			t.Error(err)
		}
		if changed := p.changes(); len(changed) > 0 {
			t.Errorf("%s called %v", call, changed)
		}
	}
	p.call("scan", "--image", "api="+digest, "--max-severity", "HIGH").exits(0)
	exception := []string{"--allow-cve", "CVE-2026-1=the function is not called@2026-12-31"}
	e := p.call(append([]string{"apply", "--yes", "--image", "api=1.4.2"}, exception...)...).exits(0)
	e.says(e.stdout, "Gate PASS    api@", "excepted until 2026-12-31: CVE-2026-1, because the function is not called")
	p.call("scan").exits(6)
	p.call(append([]string{"DEPLOY_MAX_SEVERITY=HIGH", "scan"}, "--wait", "0")...).exits(0)
}

// Flags of the gate that cannot be right are told before anything is asked.
func TestScanFlags(t *testing.T) {
	p, digest := gated(t)
	for _, c := range []struct {
		code int
		args []string
		says string
	}{
		{64, []string{"--max-severity", "high"}, "NONE, INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL"},
		{64, []string{"--allow-cve", "CVE-2026-1"}, "ID=REASON@DATE such as CVE-2026-1="},
		{64, []string{"--allow-cve", "CVE-2026-1=x@2030-01-01"}, "within a year"},
		{64, []string{"--allow-unscanned", "api=x@2026-12-31"}, "names no digest"},
		{6, []string{"--allow-unscanned", digest + "=x@2026-11-21"}, "has expired"},
		{64, []string{"--image", "api"}, "--image takes NAME=VALUE"},
		{64, []string{"--sarif", "no/such/file"}, "--sarif"},
	} {
		for _, verb := range []string{"scan", "apply"} {
			e := p.call(append([]string{verb}, c.args...)...).exits(c.code)
			e.says(e.stdout+e.stderr, c.says)
		}
	}
}
