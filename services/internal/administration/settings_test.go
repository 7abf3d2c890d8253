package administration

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func environ() []string {
	return []string{
		"DATABASE_HOST=cluster.example", "DATABASE_PORT=5432", "DATABASE_NAME=payments", "DATABASE_SSLMODE=verify-full",
		"ENVIRONMENT=test", "ROTATE_AFTER_DAYS=30", "MASTER_USERNAME=payadmin", "MASTER_PASSWORD=hunter2",
		"TRANSACTION_PROCESSOR_SECRET_ARN=arn:2", "PAYMENT_API_SECRET_ARN=arn:1", "FRAUD2_SECRET_ARN=arn:3", "AWS_REGION=eu-central-1",
	}
}

func TestServicesAreFoundByTheVariablesOfTheirSecrets(t *testing.T) {
	s, err := ReadSettings(environ())
	if err != nil {
		t.Fatal(err)
	}
	want := []Service{
		{Name: "fraud2", Role: "fraud2", SecretARN: "arn:3"},
		{Name: "payment-api", Role: "payment_api", SecretARN: "arn:1"},
		{Name: "transaction-processor", Role: "transaction_processor", SecretARN: "arn:2"},
	}
	if diff := cmp.Diff(want, s.Services); diff != "" {
		t.Error(diff)
	}
	if s.RotateAfter != 30*24*time.Hour {
		t.Errorf("RotateAfter is %s", s.RotateAfter)
	}
}

func TestWrongSettingsAreAllNamed(t *testing.T) {
	_, err := ReadSettings([]string{"DATABASE_SSLMODE=disable", "ROTATE_AFTER_DAYS=0", "DATABASE_HOST=h", "MASTER_USERNAME=u"})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, name := range []string{"DATABASE_PORT", "DATABASE_NAME", "DATABASE_SSLMODE", "MASTER_PASSWORD", "ENVIRONMENT", "ROTATE_AFTER_DAYS", "<SERVICE>_SECRET_ARN"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}

func TestCompare(t *testing.T) {
	all := []migration{{name: "0001_a.sql", sha256: "1"}, {name: "0002_b.sql", sha256: "2"}, {name: "0003_c.sql", sha256: "3"}}
	tests := []struct {
		name    string
		applied map[string]string
		due     int
		unknown []string
		refused string
	}{
		{"nothing applied", nil, 3, nil, ""},
		{"some", map[string]string{"0001_a.sql": "1"}, 2, nil, ""},
		{"all and one more", map[string]string{"0001_a.sql": "1", "0002_b.sql": "2", "0003_c.sql": "3", "0004_d.sql": "4"}, 0, []string{"0004_d.sql"}, ""},
		{"edited", map[string]string{"0001_a.sql": "1", "0002_b.sql": "0"}, 0, nil, "migration 0002_b.sql was edited"},
		{"too early a number", map[string]string{"0001_a.sql": "1", "0003_c.sql": "3"}, 0, nil, "migration 0002_b.sql comes before 0003_c.sql"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			due, unknown, err := compare(all, tt.applied)
			if tt.refused != "" {
				if err == nil || !strings.Contains(err.Error(), tt.refused) {
					t.Errorf("error: %v", err)
				}
				return
			}
			if err != nil || len(due) != tt.due || !cmp.Equal(unknown, tt.unknown) {
				t.Errorf("due %v, unknown %v, error %v", due, unknown, err)
			}
		})
	}
}

func TestMigrationsAreNamedInOrder(t *testing.T) {
	if _, err := readMigrations(fstest.MapFS{"1_first.sql": {}}); err == nil || !strings.Contains(err.Error(), "migration 1_first.sql") {
		t.Errorf("error: %v", err)
	}
}
