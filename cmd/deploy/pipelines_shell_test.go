package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	paymentDigest, processorDigest = "payment-api=sha256:1111", "transaction-processor=sha256:2222"
	digests                        = `{"payment-api": "sha256:1111", "transaction-processor": "sha256:2222"}`
)

// A pipelineEdit is a mistake in a pipeline's text, with what must be said of it.
type pipelineEdit struct{ from, to, want string }

// noticed makes each mistake alone and wants it to be found.
func noticed(t *testing.T, text string, edits map[string]pipelineEdit, faults func(edited string) []string) {
	t.Helper()
	for name, e := range edits {
		edited := strings.Replace(text, e.from, e.to, 1)
		if edited == text {
			t.Errorf("%s: the pipeline has no %q", name, e.from)
		}
		if found := faults(edited); !strings.Contains(strings.Join(found, "\n"), e.want) {
			t.Errorf("%s: faults %q, want %q", name, found, e.want)
		}
	}
}

// pipelineShell runs a pipeline's script with programs that only write down how they were called, and returns those calls.
func pipelineShell(t *testing.T, dir, script string, env ...string) []string {
	t.Helper()
	for _, program := range []string{"bash", "jq"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("no " + program)
		}
	}
	calls := filepath.Join(dir, "calls")
	programs := map[string]string{
		"make":   "echo make \"$@\" >>" + calls + "\nmkdir -p bin/images\necho '" + digests + "' >bin/images/digests.json\n",
		"go":     "mkdir -p handed-on\ncp " + filepath.Join(dir, "path", "deploy") + " handed-on/deploy\n",
		"deploy": "echo deploy \"$@\" >>" + calls + "\nfor a; do case $a in *.plan) echo >\"$a\" ;; esac; done\n",
	}
	if err := os.MkdirAll(filepath.Join(dir, "path"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range programs {
		for _, at := range []string{filepath.Join(dir, "path", name), filepath.Join(dir, name)} { // the workflow calls its own by path
			if err := os.WriteFile(at, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	pipelineRun(t, dir, script, env...)
	data, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

// pipelineRun runs a pipeline's script in a directory, with the programs that are in its path.
func pipelineRun(t *testing.T, dir, script string, env ...string) {
	t.Helper()
	run := exec.Command("bash", "-euo", "pipefail", "-c", script)
	run.Dir = dir
	run.Env = append([]string{"PATH=" + filepath.Join(dir, "path") + ":" + os.Getenv("PATH"), "RUNNER_TEMP=" + dir, "GITHUB_OUTPUT=" + filepath.Join(dir, "output"),
		"GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary"), "DEPLOY_ACCOUNT=111122223333", "DEPLOY_ENV=dev", "AWS_REGION=us-east-1", "GITHUB_SHA=3f2a91c", "CODEBUILD_SRC_DIR=" + dir}, env...)
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
