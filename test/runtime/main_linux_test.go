// Package runtime_test proves at run time, with the real parts and the settings of golden/, what the templates promise.
package runtime_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/tierform/tierform/test/runtime/platform"
	"github.com/tierform/tierform/test/runtime/world"
	"gopkg.in/yaml.v3"
)

// golden is the directory of the templates.
const golden = "../../golden"

// rootVariable names the directory below which the installed programs are.
const rootVariable = "TIERFORM_RUNTIME"

// unproven is what a machine without network namespaces cannot show.
const unproven = `ALLOW_NO_NETNS=1: nothing of this ran, and it stays unproven here:
  that each service reaches its upstream by its Cloud Map name through Envoy
  that Envoy limits, ejects, opens, retries and recovers as configured
  that the load balancer's rules lead to the services' tasks
  that the security groups let through what is needed and nothing else
  that a payment is settled and notified once, whatever stops or is killed meanwhile
  that passwords rotate without a payment failing, that roles may do no more than they need
  that traces and metrics arrive, and that nothing secret is logged`

// TestMain runs the tests in a sandbox. Without namespaces it fails, unless that is allowed.
func TestMain(m *testing.M) {
	if os.Getenv(rootVariable) == "" {
		os.Exit(m.Run())
	}
	inside, code, err := platform.Sandbox(context.Background(), os.Getenv(rootVariable))
	switch {
	case errors.Is(err, world.ErrNoNamespaces) && os.Getenv("ALLOW_NO_NETNS") == "1":
		fmt.Println(unproven)
		code = m.Run()
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		code = 1
	case inside:
		flag.Parse()
		// Most of the time goes into waiting for Envoy's clocks and for DNS records to expire.
		if err := flag.Set("test.parallel", "12"); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		code = m.Run()
	}
	os.Exit(code)
}

// env is what checks need beside the templates.
type env struct {
	envoy string
}

// realParts finds the installed programs, or skips the test.
func realParts(t *testing.T) env {
	t.Helper()
	root := os.Getenv(rootVariable)
	if root == "" || !world.Inside() {
		t.Skip("needs the programs that `make test` installs, and network namespaces")
	}
	envoy, err := world.EnvoyProgram(root)
	if err != nil {
		t.Fatal(err)
	}
	return env{envoy: envoy}
}

// options are the values of environments/prod.yaml.
func options() (world.Options, error) {
	o := world.Options{Suffix: "prod", Parameters: map[string]string{}}
	data, err := os.ReadFile("../../environments/prod.yaml")
	if err == nil {
		err = yaml.Unmarshal(data, &o.Parameters)
	}
	return o, err
}

// rendered is the world of golden/ with production's values.
func rendered(t *testing.T) *world.World {
	t.Helper()
	o, err := options()
	if err != nil {
		t.Fatal(err)
	}
	w, err := world.Read(golden, o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// limited bounds a check: it is much longer than any takes.
func limited(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}
