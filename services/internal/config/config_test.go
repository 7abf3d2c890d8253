package config

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func environment(values map[string]string) Lookup {
	return func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
}

// given is what the template of notification-service gives its container.
func given() map[string]string {
	return map[string]string{
		"SERVICE_NAME": "notification-service", "OTEL_SERVICE_NAME": "notification-service", "ENVIRONMENT": "prod",
		"METRIC_NAMESPACE": "PaymentPlatform", "PORT": "8080", "STOP_TIMEOUT": "90s",
		"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318",
	}
}

func TestReadServiceTakesWhatTheTemplateGives(t *testing.T) {
	r := NewReader(environment(given()))
	got := ReadService(r)
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	if got.Port != 8080 || got.StopTimeout != 90*time.Second || got.Collector.Host != "127.0.0.1:4318" {
		t.Errorf("read %+v", got)
	}
}

func TestAllFaultsAreNamedAtOnceAndNoneShowsAValue(t *testing.T) {
	values := given()
	delete(values, "SERVICE_NAME")
	values["PORT"] = "eighty-eighty"
	values["STOP_TIMEOUT"] = "ninety"
	values["OTEL_EXPORTER_OTLP_ENDPOINT"] = "127.0.0.1:4318"
	values["MODE"] = "loose"
	values["ENVIRONMENT"] = "  "
	r := NewReader(environment(values))
	ReadService(r)
	r.OneOf("MODE", "strict")
	r.OneOf("KIND", "strict")
	r.Int("WORKERS", 1, 2)
	r.Duration("WAIT")
	r.URL("ADDRESS")
	_ = r.Secret("PASSWORD")
	err := r.Err()
	if err == nil {
		t.Fatal("a faulty environment was accepted")
	}
	for _, name := range []string{"SERVICE_NAME", "PORT", "STOP_TIMEOUT", "OTEL_EXPORTER_OTLP_ENDPOINT", "MODE", "ENVIRONMENT", "PASSWORD", "KIND", "WORKERS", "WAIT", "ADDRESS"} {
		if strings.Count(err.Error(), name+" ") != 1 {
			t.Errorf("%s is not named once in: %v", name, err)
		}
	}
	for _, value := range []string{"eighty", "ninety", "loose"} {
		if strings.Contains(err.Error(), value) {
			t.Errorf("the value %q is shown in: %v", value, err)
		}
	}
}

func TestNumbersAndAddressesOutOfBoundsAreFaults(t *testing.T) {
	for name, value := range map[string]string{
		"port zero": "PORT=0", "port high": "PORT=65536", "no time": "STOP_TIMEOUT=0s", "time before": "STOP_TIMEOUT=-1s",
		"no scheme": "URL=//host", "other scheme": "URL=ftp://host", "no host": "URL=http://", "password": "URL=http://a:b@host",
	} {
		t.Run(name, func(t *testing.T) {
			key, text, _ := strings.Cut(value, "=")
			r := NewReader(environment(map[string]string{key: text}))
			switch key {
			case "PORT":
				r.Port(key)
			case "STOP_TIMEOUT":
				r.Duration(key)
			default:
				r.URL(key)
			}
			if r.Err() == nil {
				t.Errorf("%s was accepted", value)
			}
		})
	}
}

func TestWhatIsWithinBoundsIsTaken(t *testing.T) {
	r := NewReader(environment(map[string]string{"LEAST": "1", "MOST": "65535", "MODE": "b", "SET": "own", "EMPTY": ""}))
	got := []any{r.Port("LEAST"), r.Port("MOST"), r.OneOf("MODE", "a", "b"), r.Optional("SET", "x"), r.Optional("EMPTY", "x"), r.Optional("NONE", "x")}
	if diff := cmp.Diff([]any{1, 65535, "b", "own", "x", "x"}, got); diff != "" || r.Err() != nil {
		t.Error(r.Err(), diff)
	}
}

func TestASecretIsNotShownByAnyVerb(t *testing.T) {
	r := NewReader(environment(map[string]string{"PASSWORD": "hunter2"}))
	secret := r.Secret("PASSWORD")
	if shown := fmt.Sprintf("%v %s %q %x %d %#v %+v", secret, secret, secret, secret, secret, secret, struct{ P any }{secret}); strings.Contains(shown, "hunter2") || strings.Contains(shown, "68756e74657232") {
		t.Errorf("shown: %s", shown)
	}
	if shown := fmt.Sprintf("%v %#v", secret, secret); shown != "[redacted] [redacted]" {
		t.Errorf("a secret is not recognised as one: %s", shown)
	}
	if secret.Reveal() != "hunter2" {
		t.Error("Reveal does not give the secret")
	}
}

func TestDrainLeavesTimeForTheEnd(t *testing.T) {
	got := map[time.Duration]time.Duration{}
	for _, stop := range []time.Duration{90 * time.Second, 15 * time.Second, 4 * time.Second} {
		got[stop] = Service{StopTimeout: stop}.DrainTimeout()
	}
	want := map[time.Duration]time.Duration{90 * time.Second: 80 * time.Second, 15 * time.Second: 7500 * time.Millisecond, 4 * time.Second: 2 * time.Second}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
