package deploy_test

import (
	"context"
	"os"
	"testing"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

// platform is a world whose environment dev is the real platform, with an image for each of its parameters.
func platform(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.templates = os.DirFS("../../golden")
	data, err := os.ReadFile("../../environments/dev.yaml")
	if err != nil {
		t.Fatal(err)
	}
	values, err := source.ReadValues("environments/dev.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	r := request()
	r.Values = []source.Values{values}
	w.run(func(ctx context.Context, e *deploy.Engine) error { return e.Bootstrap(ctx, r) }).ends(fault.OK)
	r.Images = map[string]string{}
	for _, name := range []string{"payment-api", "transaction-processor", "notification-service", "administration", "envoy", "collector"} {
		pushed, err := w.sim.PutImage("ecr-"+name+"-dev", []string{"v1"})
		if err != nil {
			t.Fatal(err)
		}
		r.Images[name] = pushed
	}
	w.run(apply(r)).ends(fault.OK)
	return w
}

func verified(r deploy.VerifyRequest) func(context.Context, *deploy.Engine) error {
	return func(ctx context.Context, e *deploy.Engine) error { return e.Verify(ctx, r) }
}

// The real platform, freshly deployed, keeps all that its templates promise.
func TestPlatformVerifies(t *testing.T) {
	w := platform(t)
	r := w.run(verified(deploy.VerifyRequest{}))
	for _, o := range all[report.Observation](r) {
		if o.Result != report.Passed {
			t.Logf("%+v", o)
		}
	}
	r.ends(fault.OK)
}
