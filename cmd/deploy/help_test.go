package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// verbs are those of the command, releases apart.
var verbs = []string{"admin", "apply", "bootstrap", "cancel", "destroy", "diagnose", "doctor", "drift", "gc", "history", "list", "outputs", "plan", "rehearse", "rollback", "scan", "status", "unlock", "verify", "version", "watch"}

// terse verbs may have nothing to say beyond their sentence.
var terse = []string{"version"}

// Each verb says what it does, and all but a few more than that: with an example, or at length.
func TestVerbsTeach(t *testing.T) {
	var found []string
	for _, verb := range (&command{}).root().Commands() {
		found = append(found, verb.Name())
		if verb.Short == "" || strings.HasSuffix(verb.Short, ".") || len(verb.Short) > 110 {
			t.Errorf("%s: %q is no short sentence", verb.Name(), verb.Short)
		}
		if verb.Example == "" && verb.Long == "" && !slices.Contains(terse, verb.Name()) {
			t.Errorf("%s has neither an example nor more to say", verb.Name())
		}
		for _, line := range strings.Split(verb.Example, "\n") {
			exists(t, verb.Root(), line)
		}
	}
	for _, verb := range verbs {
		if !slices.Contains(found, verb) {
			t.Errorf("there is no verb %s, only %v", verb, found)
		}
	}
	if up, _, err := (&command{}).root().Find([]string{"up"}); err != nil || up.Name() != "apply" {
		t.Errorf("up is not apply: %v", err)
	}
}

// exists wants the verb and the flags of an example.
func exists(t *testing.T, root *cobra.Command, example string) {
	t.Helper()
	call, _, _ := strings.Cut(strings.TrimSpace(example), "  #")
	if call == "" {
		return
	}
	words := strings.Fields(call)
	verb, _, err := root.Find(words[1:])
	if words[0] != "deploy" || err != nil || verb == root {
		t.Errorf("%q calls no verb: %v", example, err)
		return
	}
	for _, m := range regexp.MustCompile(`\s--([a-z-]+)|\s-([a-z])\b`).FindAllStringSubmatch(call, -1) {
		if m[1] != "" && verb.Flags().Lookup(m[1]) == nil && verb.InheritedFlags().Lookup(m[1]) == nil ||
			m[2] != "" && verb.Flags().ShorthandLookup(m[2]) == nil && verb.InheritedFlags().ShorthandLookup(m[2]) == nil {
			t.Errorf("%q gives %s a flag that it does not have: %s", example, verb.Name(), m[0])
		}
	}
}

// Help is the result that was asked for, on standard output; it teaches the verbs, the exit codes and where flags may stand as variables.
func TestHelp(t *testing.T) {
	p := newPlace(t)
	help := p.call("--help").exits(0)
	if help.stderr != "" {
		t.Errorf("standard error has %q", help.stderr)
	}
	for _, word := range append(slices.Clone(verbs), "completion", "0 done", "2 differences", "3 not approved", "4 failed and rolled back", "5 failed, needs a person", "6 refused", "7 busy", "8 still running", "64 wrong usage", "130, 143", "go tool deploy") {
		if !strings.Contains(help.stdout, word) {
			t.Errorf("deploy --help does not say %q", word)
		}
	}
	for _, verb := range verbs {
		e := p.call(verb, "--help").exits(0)
		if !strings.Contains(e.stdout, "deploy "+verb) || !strings.Contains(e.stdout, "--env") || strings.Contains(e.stdout, "\x1b") {
			t.Errorf("deploy %s --help:\n%s", verb, e.stdout)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if e := p.call("completion", shell).exits(0); !strings.Contains(e.stdout, "deploy") {
			t.Errorf("completion for %s is %q", shell, e.stdout)
		}
	}
	if completed := p.call("__complete", "ro").exits(0); !strings.HasPrefix(completed.stdout, "rollback\t") {
		t.Errorf("ro is completed to %q", completed.stdout)
	}
	if version := p.call("version").exits(0); !strings.Contains(version.stdout, "output schema deploy/1.0") {
		t.Errorf("version: %q", version.stdout)
	}
	if changed := p.changes(); len(changed) > 0 {
		t.Errorf("help called %v", changed)
	}
}
