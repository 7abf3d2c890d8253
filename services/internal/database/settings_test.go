package database

import (
	"crypto/tls"
	"strings"
	"testing"

	"github.com/tierform/tierform/services/internal/config"
)

func read(changes map[string]string) (ServiceSettings, error) {
	values := map[string]string{
		"DATABASE_HOST": "cluster.example", "DATABASE_PORT": "5432", "DATABASE_NAME": "payments", "DATABASE_SSLMODE": "verify-full",
		"DATABASE_USERNAME": "payment_api", "DATABASE_PASSWORD": "hunter2", "DATABASE_SECRET_ARN": "arn", "SERVICE_NAME": "payment-api",
	}
	for name, value := range changes {
		values[name] = value
	}
	r := config.NewReader(func(name string) (string, bool) { value, ok := values[name]; return value, ok })
	settings := ReadServiceSettings(r, "one")
	return settings, r.Err()
}

func TestOnlyVerifiedTLSIsAccepted(t *testing.T) {
	for _, mode := range []string{"disable", "allow", "prefer", "require", "verify-ca", "nonsense"} {
		if _, err := read(map[string]string{"DATABASE_SSLMODE": mode}); err == nil {
			t.Errorf("%s was accepted", mode)
		}
	}
	settings, err := read(map[string]string{"DATABASE_SSLMODE": "disable", AllowUnverified: "yes"})
	if err != nil {
		t.Fatalf("with %s: %v", AllowUnverified, err)
	}
	if got, err := settings.Database.ConnConfig(); err != nil || got.TLSConfig != nil {
		t.Errorf("without TLS: %+v, %v", got, err)
	}
}

func TestTheConnectionVerifiesTheServersName(t *testing.T) {
	settings, err := read(nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := settings.Database.ConnConfig()
	if err != nil {
		t.Fatal(err)
	}
	if got.TLSConfig == nil || got.TLSConfig.InsecureSkipVerify || got.TLSConfig.ServerName != "cluster.example" ||
		got.TLSConfig.MinVersion < tls.VersionTLS12 || len(got.Fallbacks) != 0 {
		t.Errorf("TLS is %+v, with %d fallbacks", got.TLSConfig, len(got.Fallbacks))
	}
	if got.RuntimeParams["application_name"] != "payment-api/one" || got.Database != "payments" || got.Port != 5432 {
		t.Errorf("connects to %s:%d/%s as %v", got.Host, got.Port, got.Database, got.RuntimeParams)
	}
}

func TestAMissingAuthorityIsNamed(t *testing.T) {
	settings, err := read(map[string]string{"PGSSLROOTCERT": "/nowhere/ca.pem"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := settings.Database.ConnConfig(); err == nil || !strings.Contains(err.Error(), "PGSSLROOTCERT") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}
