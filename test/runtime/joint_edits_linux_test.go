package runtime_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/tierform/tierform/test/runtime/platform"
	"github.com/tierform/tierform/test/runtime/world"
)

// joint starts the platform and pays once. What the payment-api has logged says why that fails.
func joint(ctx context.Context, w *world.World) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p, err := platform.Start(ctx, platform.Options{Root: os.Getenv(rootVariable), World: w, WithoutCollectors: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Stop()) }()
	if _, err := pays(ctx, p, "joint"); err != nil {
		return errors.Join(err, errors.New(p.Tasks(api)[0].Output()))
	}
	return nil
}

// jointFaults are edits that only the programs themselves, the database or Secrets Manager can find wrong, with what is said.
func jointFaults() map[string]struct {
	edits []edit
	says  string
} {
	task := func(old, replacement string) []edit {
		return []edit{{"service-payment-api.yaml", "PaymentApiTaskDefinition", old, replacement}}
	}
	return map[string]struct {
		edits []edit
		says  string
	}{
		"none": {},
		"URL":  {task("            - Name: TRANSACTION_PROCESSOR_URL\n              Value: http://127.0.0.1:9102\n", ""), "TRANSACTION_PROCESSOR_URL is not set"},
		"name of database": {task("            - Name: DATABASE_NAME\n              Value: payments", "            - Name: DATABASE_NAME\n              Value: payment"),
			`database \"payment\" does not exist`},
		"port of database": {task("Value: '5432'", "Value: '5433'"), ":5433"},
		"mode of TLS":      {task("Value: verify-full", "Value: require"), "DATABASE_SSLMODE must be verify-full"},
		"key of secret":    {task("{PaymentApiDatabaseSecret}:password::", "{PaymentApiDatabaseSecret}:passphrase::"), "has no key passphrase"},
		"secret of another service": {[]edit{{"platform.yaml", "", "ServiceSecretsPaymentApi: !GetAtt ServicePaymentApiStack",
			"ServiceSecretsPaymentApi: !GetAtt ServiceTransactionProcessorStack"}}, "payment-api: AWSCURRENT: unusable credentials: the username is not payment_api"},
		"name of role": {[]edit{{"service-payment-api.yaml", "PaymentApiDatabaseSecret", `{"username":"payment_api"}`, `{"username":"payments"}`}},
			"payment-api: AWSCURRENT: unusable credentials: the username is not payment_api"},
		"endpoint": {[]edit{{"egress.yaml", "SecretsEndpoint", "PrivateDnsEnabled: true", "PrivateDnsEnabled: false"}}, "lookup secretsmanager.us-east-1.amazonaws.com on 169.254.169.253:53: no such host"},
		"group":    {[]edit{{"network.yaml", "PaymentApiToDatabaseEgress", "IpProtocol: tcp", "IpProtocol: udp"}}, "connection refused"},
	}
}

// TestJointFaultsAreNoticed makes each mistake and expects a payment, or the start before it, to fail with its name.
func TestJointFaultsAreNoticed(t *testing.T) {
	t.Parallel()
	realParts(t)
	for name, f := range jointFaults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, err := edited(t, f.edits)
			if err != nil {
				t.Fatal(err)
			}
			err = joint(context.WithoutCancel(t.Context()), w)
			if f.says == "" && err != nil || f.says != "" && (err == nil || !strings.Contains(err.Error(), f.says)) {
				t.Errorf("it says %v, want %q", err, f.says)
			}
		})
	}
}
