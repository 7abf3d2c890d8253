package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Exit codes reach a pipeline through a binary that was built and through go tool, with the machine's own clock.
func TestExitCodesOfTheBinary(t *testing.T) {
	if testing.Short() {
		t.Skip("left out of short runs: the binary is built without the race detector")
	}
	p := deployed(t)
	p.hurry()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "deploy")
	templates := []string{"DEPLOY_TEMPLATES=" + filepath.Join(p.dir, "templates")}
	p.dir = here // where the module is
	home := append(templates, os.Environ()...)
	p.run(home, "go", "build", "-o", binary, ".").exits(0)
	for _, call := range []struct {
		code int
		args string
		says string
	}{
		{0, "status", "platform-dev is CREATE_COMPLETE"},
		{0, "apply --yes", "platform-dev is up to date"},
		{3, "destroy", "--confirm dev"},
		{64, "status --nope", "unknown flag: --nope"},
		{64, "plan -p Sise=2", "Sise"},
	} {
		args := strings.Fields(call.args)
		for _, e := range []*ended{p.run(templates, binary, args...), p.run(home, "go", append([]string{"tool", "deploy"}, args...)...)} {
			e.exits(call.code)
			if !strings.Contains(e.stdout+e.stderr, call.says) {
				t.Errorf("%s does not say %q:\n%s\n%s", e.call, call.says, e.stdout, e.stderr)
			}
			if changed := p.changes(); len(changed) > 0 {
				t.Errorf("%s called %v", e.call, changed)
			}
		}
	}
}
