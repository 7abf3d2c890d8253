package deploy_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/source"
)

func TestBeforehand(t *testing.T) {
	for _, tc := range []struct{ suffix, account, says string }{
		{"dev", "", ""},
		{"qa7", "111122223333", ""},
		{"DEV", "111122223333", "-e is no environment suffix"},
		{"", "", "-e is no environment suffix"},
		{"dev", "123", `--account is no account (found "123"); allowed: the twelve digits`},
		{"dev", "11112222333a", "--account is no account"},
	} {
		err := deploy.Beforehand(tc.suffix, tc.account)
		if tc.says == "" && err != nil || tc.says != "" && (fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), tc.says)) {
			t.Errorf("%q %q: %v, want %q", tc.suffix, tc.account, err, tc.says)
		}
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
