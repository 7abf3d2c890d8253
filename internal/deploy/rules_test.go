package deploy_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

// elsewhere is a run in another region.
func elsewhere(_ *deploy.Options, c *cloud.Options) { c.Region = "eu-west-1" }

const regionRule = `Rules:
  Region: {Assertions: [{Assert: !Equals [!Ref 'AWS::Region', us-east-1], AssertDescription: Written for us-east-1}]}
`

// What breaks a rule of a root template is refused before anything is touched; a wrong region even before anything is asked.
func TestRulesOfTheRoot(t *testing.T) {
	t.Parallel()
	w := deployed(t)
	w.edit("platform.yaml", "Resources:\n", regionRule+"  Room: {Assertions: [{Assert: !Contains [['1', '2'], !Ref Size], AssertDescription: One or two}]}\nResources:\n")
	for name, verb := range map[string]func(context.Context, *deploy.Engine) error{"plan": plan(request()), "apply": apply(request())} {
		r := w.run(verb, elsewhere).ends(fault.Usage, "Written for us-east-1", "AWS::Region=eu-west-1", "--region us-east-1")
		if calls := last[report.Result](r).Calls; len(calls) != 1 {
			t.Errorf("%s asks %v", name, calls)
		}
	}
	for _, verb := range []func(context.Context, *deploy.Engine) error{plan(request("Size", "3")), apply(request("Size", "3"))} {
		untouched(t, w.run(verb).ends(fault.Usage, "One or two", "Size=3", "1, 2"))
	}
	w.run(apply(request("Size", "2"))).ends(fault.OK)
}

// Both templates of bootstrap are judged before either is deployed.
func TestRulesOfTheFoundation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.edit("deploy-role.yaml", "Resources:\n", regionRule+"Resources:\n")
	untouched(t, w.run(bootstrap, elsewhere).ends(fault.Usage, "deploy-role.yaml", "eu-west-1"))
	w.run(bootstrap).ends(fault.OK)
}

func untouched(t *testing.T, r *run) {
	t.Helper()
	for call := range last[report.Result](r).Calls {
		if _, operation, _ := strings.Cut(call, ":"); !strings.HasPrefix(operation, "Describe") && !strings.HasPrefix(operation, "Get") {
			t.Errorf("%s was called", call)
		}
	}
}

// Where there is no environment, account and region are named: they are what is wrong more often than not.
func TestNoBucketHere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(plan(request()), elsewhere).ends(fault.Usage, "account 111122223333", "region eu-west-1", "foundation-dev", "deploy bootstrap -e dev")
	w.run(history, elsewhere).ends(fault.Usage, "account 111122223333", "region eu-west-1")
}

// A directory without a foundation cannot be bootstrapped, and does not look as if it were.
func TestBootstrapOfNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(bootstrap, func(o *deploy.Options, _ *cloud.Options) { o.Roots = deploy.Roots{Platform: "platform.yaml"} }).ends(fault.Usage, "foundation.yaml, deploy-role.yaml")
}
