package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRefusedBeforeAnythingIsBuilt(t *testing.T) {
	ecr := "111122223333.dkr.ecr.us-east-1.amazonaws.com"
	stray := filepath.Join(t.TempDir(), "stray")
	if err := copyTree(stray, fixture); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(stray, "services/cmd/fraud-screening"), 0o755); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		args []string
		want string
	}{
		"unknown flag":         {[]string{"--pish"}, "--help lists the flags"},
		"argument":             {[]string{"payment-api"}, `the argument "payment-api"`},
		"root":                 {[]string{"--root", t.TempDir()}, "--root has to be the repository's root"},
		"no repository":        {[]string{"--root", stray}, "image fraud-screening has no repository in golden/foundation.yaml: allowed are payment-api, administration, envoy"},
		"registry for nothing": {[]string{"--registry", ecr}, "add one of them"},
		"no registry":          {[]string{"--push", "--env", "dev"}, `--registry is "": allowed are <account`},
		"account":              {[]string{"--push", "--env", "dev", "--registry", "1" + ecr}, "account of 12 digits"},
		"region":               {[]string{"--push", "--env", "dev", "--registry", strings.Replace(ecr, "us-east-1", "eu-west-1", 1)}, "the platform's region"},
		"no environment":       {[]string{"--push", "--registry", ecr}, `--env is "": allowed are 1 to 12`},
		"environment":          {[]string{"--push", "--registry", ecr, "--env", "Dev"}, `--env is "Dev"`},
		"long environment":     {[]string{"--push", "--registry", ecr, "--env", "development-1"}, `--env is "development-1"`},
		"revision":             {[]string{"--revision", "-1"}, `--revision is "-1"`},
		"source":               {[]string{"--source", "code"}, `--source is "code"`},
		"digest":               {[]string{"--mirror", "--registry", ecr, "--env", "dev", "--envoy-digest", "12"}, `the digest is "12"`},
		"no digest":            {[]string{"--mirror", "--registry", ecr, "--env", "dev"}, "no digest is known for docker.io/envoyproxy/envoy"},
	}
	onlyEnvoy := []byte(`{"mirror": [{"name": "envoy", "from": "docker.io/envoyproxy/envoy:v1"}]}`)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "out")
			args := append([]string{"--out", dir, "--root", fixture}, test.args...)
			err := run(t.Context(), args, noEnvironment, onlyEnvoy, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v; want %q", err, test.want)
			}
			if _, err := os.Stat(dir); err == nil {
				t.Error("something was built")
			}
		})
	}
}

func TestTimeOfTheImages(t *testing.T) {
	for value, want := range map[string]string{"1767225600": "2026-01-01T00:00:00Z", "": "1970-01-01T00:00:00Z", "-1": "", "today": ""} {
		o, err := parse(nil, func(string) string { return value }, nil, io.Discard)
		if want == "" {
			if err == nil || !strings.Contains(err.Error(), value) {
				t.Errorf("%v; want the value %q", err, value)
			}
			continue
		}
		if got := o.created.Format("2006-01-02T15:04:05Z07:00"); err != nil || got != want {
			t.Errorf("%q: %s, %v; want %s", value, got, err, want)
		}
	}
}

func TestHelp(t *testing.T) {
	out, err := images(t, "--help")
	if err != nil || !strings.Contains(out, "-collector-digest") {
		t.Errorf("%v\n%s", err, out)
	}
}
