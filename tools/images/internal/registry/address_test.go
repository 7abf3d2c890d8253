package registry

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
)

func TestAddresses(t *testing.T) {
	const ecr = "111122223333.dkr.ecr.us-east-1.amazonaws.com"
	tests := map[string]struct{ host, environment, account, want string }{
		"Amazon ECR":          {ecr, "dev", "111122223333", ""},
		"loopback":            {"localhost:5000", "dev", "", ""},
		"loopback address":    {"127.0.0.1:5000", "dev", "", ""},
		"longest environment": {ecr, "twelve-chars", "111122223333", ""},
		"longer environment":  {ecr, "thirteen-char", "", "--env is"},
		"two hyphens":         {ecr, "a--b", "", "--env is"},
		"another host":        {"registry.example.com", "dev", "", "--registry is"},
		"more than the host":  {ecr + "/x", "dev", "", "--registry is"},
		"loopback, no port":   {"localhost", "dev", "", "--registry is"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(test.host, test.environment)
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%+v, %v; want %q", got, err, test.want)
				}
				return
			}
			if want := (Address{Host: test.host, Account: test.account, Environment: test.environment}); err != nil || got != want {
				t.Errorf("%+v, %v; want %+v", got, err, want)
			}
			if repository, err := got.Repository("envoy"); err != nil || repository.Name() != test.host+"/ecr-envoy-"+test.environment {
				t.Errorf("%s, %v", repository.Name(), err)
			}
		})
	}
}

func TestOnlyImagesWithARepository(t *testing.T) {
	repositories := []string{"envoy", "payment-api"}
	if err := CheckNames([]string{"payment-api", "envoy"}, repositories); err != nil {
		t.Error(err)
	}
	if err := CheckNames([]string{"envoy", "fraud"}, repositories); err == nil || !strings.Contains(err.Error(), "image fraud has no repository") {
		t.Error(err)
	}
}

// A registry on loopback gets the password that docker login left for it, or none; AWS is not asked.
func TestLoginOnLoopback(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("DOCKER_CONFIG", dir)
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	at, err := Parse("localhost:5000", "dev")
	if err != nil {
		t.Fatal(err)
	}
	if login, err := at.Login(t.Context()); err != nil || login != authn.Anonymous {
		t.Errorf("%v, %v; want nobody", login, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(`{"auths":{"localhost:5000":{"username":"me","password":"word"}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	login, err := at.Login(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := login.Authorization(); err != nil || got.Username != "me" || got.Password != "word" {
		t.Errorf("user %q, %v", got.Username, err)
	}
}
