package deploy_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

func TestBeforehand(t *testing.T) {
	for _, tc := range []struct {
		suffix        string
		all           bool
		account, says string
	}{
		{"dev", false, "", ""},
		{"qa7", false, "111122223333", ""},
		{"DEV", false, "111122223333", "-e is no environment suffix"},
		{"", false, "", "-e is no environment suffix"},
		{"", true, "", ""},
		{"DEV", true, "", "-e is no environment suffix"},
		{"dev", false, "123", `--account is no account (found "123"); allowed: the twelve digits`},
		{"dev", false, "11112222333a", "--account is no account"},
	} {
		err := deploy.Beforehand(tc.suffix, tc.all, tc.account)
		if tc.says == "" && err != nil || tc.says != "" && (fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), tc.says)) {
			t.Errorf("%q %q: %v, want %q", tc.suffix, tc.account, err, tc.says)
		}
	}
}

// Only what is about all environments does without one, and says so by naming none.
func TestAllEnvironments(t *testing.T) {
	w := newWorld(t)
	w.run(bootstrap).ends(fault.OK)
	everywhere := func(o *deploy.Options, _ *cloud.Options) {
		o.Environment, o.AllEnvironments, o.Where = "", true, []string{"--region", "us-east-1"}
	}
	r := w.run(list, everywhere).ends(fault.OK)
	if started := last[report.Started](r); started.Environment != "" || started.Stack != "" || started.Account == "" {
		t.Errorf("%+v", started)
	}
	if rows := last[report.Table](r).Rows; len(rows) != 1 || rows[0][0] != "dev" {
		t.Errorf("environments %v", rows)
	}
	if _, err := deploy.New(deploy.Options{}); fault.CodeOf(err) != fault.Usage {
		t.Errorf("without an environment: %v", err)
	}
}

// Values are judged by the root template; what only another root has is left to it.
func TestBeforehandValues(t *testing.T) {
	dir := fstest.MapFS{
		"platform.yaml":   {Data: []byte("Parameters:\n  Size: {Type: Number, MaxValue: 64}\n  ApiImageDigest: {Type: String}\nResources:\n  T: {Type: 'AWS::SNS::Topic'}\n")},
		"foundation.yaml": {Data: []byte("Parameters:\n  Days: {Type: Number}\nResources:\n  T: {Type: 'AWS::SNS::Topic'}\n")},
	}
	for _, tc := range []struct {
		name, root, value, image string
		says                     []string
	}{
		{"Size", "platform.yaml", "64", "api", nil},
		{"Days", "platform.yaml", "a year", "api", nil},
		{"Size", "platform.yaml", "65", "api", []string{"here", "Size", "at most 64"}},
		{"Sise", "platform.yaml", "6", "api", []string{"here", "Sise", "Size"}},
		{"Size", "platform.yaml", "6", "web", []string{"--image", "web", "api"}},
		{"Size", "main.yaml", "6", "api", []string{"main.yaml"}},
	} {
		roots := deploy.DefaultRoots()
		roots.Platform = tc.root
		err := deploy.BeforehandValues(dir, roots, deploy.Request{Values: []source.Values{{Origin: "here", ByName: map[string]string{tc.name: tc.value}}}, Images: map[string]string{tc.image: "1.0"}})
		if (err == nil) != (tc.says == nil) {
			t.Errorf("%v: %v", tc, err)
		}
		for _, text := range tc.says {
			if fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), text) {
				t.Errorf("%v does not say %q", err, text)
			}
		}
	}
}
