package main

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// linkedAtMost is how many packages the command links, Go's own included: what a build compiles and a start initializes.
const linkedAtMost = 415

// What a start and a cold build take follows from the packages that are linked, and most of that from the clients of AWS: a new one is a
// decision, which is made here.
func TestLinkedPackages(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Fields(string(out))
	var clients []string
	for _, name := range all {
		service, of := strings.CutPrefix(name, "github.com/aws/aws-sdk-go-v2/service/")
		if of && !strings.Contains(service, "/") {
			clients = append(clients, service)
		}
	}
	slices.Sort(clients)
	want := []string{"applicationautoscaling", "cloudformation", "cloudwatchlogs", "codedeploy", "ecr", "ecs", "elasticloadbalancingv2", "resourcegroupstaggingapi", "s3", "secretsmanager",
		"signin", "sso", "ssooidc", "sts"} // these come with the SDK's credentials
	if diff := cmp.Diff(want, clients); diff != "" {
		t.Errorf("clients of AWS (-decided +linked):\n%s", diff)
	}
	if len(all) > linkedAtMost {
		t.Errorf("%d packages are linked, at most %d are decided: look at what brings them (go mod why, go list -deps)", len(all), linkedAtMost)
	}
}

// BenchmarkStart measures the built command from its start to its end, where it does nothing.
func BenchmarkStart(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "deploy")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for _, argument := range []string{"version", "--help"} {
		b.Run(strings.TrimLeft(argument, "-"), func(b *testing.B) {
			for b.Loop() {
				if err := exec.CommandContext(b.Context(), binary, argument).Run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("nothing", func(b *testing.B) { // what starting any process takes
		for b.Loop() {
			if err := exec.CommandContext(b.Context(), "true").Run(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
