package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// verify as a pipeline calls it: templates of others promise little, which it says; evidence is there, its hash fits, and nothing overwrites
// it. What cannot be accepted is refused before anything is asked.
func TestVerify(t *testing.T) {
	p := deployed(t)
	e := p.call("verify", "--evidence", "kept/dev.json").exits(0)
	data, err := os.ReadFile(filepath.Join(p.dir, "kept/dev.json"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	if !strings.Contains(e.stdout, "SHA-256   "+hex.EncodeToString(sum[:])) || !strings.Contains(e.stdout, "Evidence  kept/dev.json") {
		t.Errorf("%s", e.stdout)
	}
	if strings.Contains(string(data), canary) {
		t.Error("the evidence holds a secret")
	}
	if e := p.call("verify", "--evidence", "kept/dev.json").exits(64); !strings.Contains(e.stderr+e.stdout, "evidence is not overwritten") {
		t.Errorf("%s%s", e.stdout, e.stderr)
	}
	p.call("verify", "--evidence", "kept/dev.json", "--force", "-o", "json").exits(0)
	if e := p.call("verify", "--allow-unknown", "trail").exits(64); !strings.Contains(e.stderr, "CHECK=REASON") {
		t.Errorf("%s", e.stderr)
	}
	if e := p.call("verify", "--allow-unknown", "trail=because").exits(64); !strings.Contains(e.stdout, "trail-logging") {
		t.Errorf("%s", e.stdout)
	}
	p.sim.CreateLogGroup("/aws/lambda/report-dev")
	if e := p.call("verify").exits(6); !strings.Contains(e.stdout, "✗ logs-declared") {
		t.Errorf("%s", e.stdout)
	}
	if changed := p.changes(); len(changed) > 0 {
		t.Errorf("verify called %v", changed)
	}
}
