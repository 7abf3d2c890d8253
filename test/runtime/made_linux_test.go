package runtime_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tierform/tierform/test/runtime/world"
)

// What stands in for RDS, Secrets Manager and the interface endpoints is made as the templates say.
func TestWhatOnlyAWSMakes(t *testing.T) {
	t.Parallel()
	w := rendered(t)
	secret := func(service, role string) world.GeneratedSecret {
		return world.GeneratedSecret{Name: "secret-" + service + "-prod", Template: map[string]string{"username": role}, Key: "password", Length: 32, WithoutPunctuation: true}
	}
	want := world.World{
		Database: world.Database{Name: "payments", Master: "payadmin", Port: 5432},
		Secrets:  []world.GeneratedSecret{secret(api, "payment_api"), secret(processor, "transaction_processor")},
		Endpoints: map[string]string{"ecr.api": "api.ecr.us-east-1.amazonaws.com", "ecr.dkr": "dkr.ecr.us-east-1.amazonaws.com",
			"logs": "logs.us-east-1.amazonaws.com", "secretsmanager": "secretsmanager.us-east-1.amazonaws.com", "xray": "xray.us-east-1.amazonaws.com"},
	}
	if d := cmp.Diff(want, world.World{Database: w.Database, Secrets: w.Secrets, Endpoints: w.Endpoints}); d != "" {
		t.Error(d)
	}
}
