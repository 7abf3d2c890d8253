package runtime_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tierform/tierform/test/runtime/world"
)

// containers holds the containers to what their programs rely on; see section 5 of docs/adding-a-service.md.
func containers(w *world.World) error {
	for _, s := range w.Services {
		if err := differs(s.Name, facts(s.Task), map[string]fact{
			"application": {Essential: true, Ports: "[8080]", Stop: 90 * time.Second, Health: "/service healthcheck"},
			"envoy":       {Essential: true, Ports: "[]", Stop: 15 * time.Second},
			"collector":   {Ports: "[]", Stop: 10 * time.Second, Health: "/healthcheck"},
		}); err != nil {
			return err
		}
		application := s.Task.Container("application")
		after := map[string]string{"envoy": "START", "collector": "START"}
		if err := differs(s.Name+": what the application waits for", application.After, after); err != nil {
			return err
		}
		if limit := application.Environment["STOP_TIMEOUT"]; limit != application.StopTimeout.String() && limit != "90s" {
			return fmt.Errorf("%s is told to stop within %s, ECS kills it after %v", s.Name, limit, application.StopTimeout)
		}
		for _, g := range s.TargetGroups {
			want := world.TargetGroup{Name: g.Name, Port: 8080, HealthPath: "/health", HealthStatus: "200", Interval: 30 * time.Second,
				Timeout: 5 * time.Second, Healthy: 2, Unhealthy: 3, Deregistration: time.Minute}
			if err := differs(s.Name+": target group", g, want); err != nil {
				return err
			}
		}
	}
	return differs("administration", facts(w.Administration), map[string]fact{
		"administration": {Essential: true, Ports: "[]", Stop: time.Minute, Command: "reconcile"},
	})
}

// fact is what a program relies on, beside what holds for all: user, read-only root file system, no capabilities.
type fact struct {
	Essential bool
	Ports     string
	Stop      time.Duration
	Health    string
	Command   string
	Broken    string
}

func facts(t world.Task) map[string]fact {
	list := map[string]fact{}
	for _, c := range t.Containers {
		f := fact{Essential: c.Essential, Ports: fmt.Sprint(c.Ports), Stop: c.StopTimeout}
		if c.HealthCheck != nil {
			f.Health = strings.Join(c.HealthCheck.Command, " ")
		}
		if c.Name != "envoy" {
			f.Command = strings.Join(c.Command, " ")
		}
		if c.User != "65532:65532" || !c.ReadOnly || !slices.Equal(c.Dropped, []string{"ALL"}) {
			f.Broken = fmt.Sprintf("user %s, read-only %t, without capabilities %v", c.User, c.ReadOnly, c.Dropped)
		}
		list[c.Name] = f
	}
	return list
}

func differs(what string, got, want any) error {
	if d := cmp.Diff(want, got); d != "" {
		return fmt.Errorf("%s (-promised +rendered):\n%s", what, d)
	}
	return nil
}

// settings holds the applications' environment to the names and fixed values that their programs read.
func settings(w *world.World) error {
	database := map[string]string{"DATABASE_NAME": "payments", "DATABASE_PORT": "5432", "DATABASE_SSLMODE": "verify-full",
		"DATABASE_HOST": "<platform/DataStack/Cluster>.Endpoint.Address"}
	for _, s := range w.Services {
		want := map[string]string{"PORT": "8080", "SERVICE_NAME": s.Name, "OTEL_SERVICE_NAME": s.Name, "ENVIRONMENT": w.Suffix,
			"METRIC_NAMESPACE": "PaymentPlatform", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "STOP_TIMEOUT": "90s"}
		for _, c := range calls() {
			if c.from == s.Name {
				u, err := upstream(w, c)
				if err != nil {
					return err
				}
				want[variable(c.to)] = u.URL
			}
		}
		if s.Name != "notification-service" { // it has no database
			maps.Copy(want, database)
			want["DATABASE_SECRET_ARN"] = secretOf(w, s.Name)
		}
		if err := differs(s.Name+": environment", s.Task.Container("application").Environment, want); err != nil {
			return err
		}
	}
	want := map[string]string{"ENVIRONMENT": w.Suffix, "ROTATE_AFTER_DAYS": "30",
		"PAYMENT_API_SECRET_ARN": secretOf(w, "payment-api"), "TRANSACTION_PROCESSOR_SECRET_ARN": secretOf(w, "transaction-processor")}
	maps.Copy(want, database)
	return differs("administration: environment", w.Administration.Container("administration").Environment, want)
}

// secretOf is the ARN of a service's secret, with the letters that stand for those that Secrets Manager adds.
func secretOf(w *world.World, service string) string {
	return "arn:aws:secretsmanager:us-east-1:111122223333:secret:secret-" + service + "-" + w.Suffix + "-AbCdEf"
}

// secrets holds each container to the keys of its own secret.
func secrets(w *world.World) error {
	for _, s := range w.Services {
		want := map[string]world.Secret{}
		if s.Name != "notification-service" {
			want["DATABASE_USERNAME"] = world.Secret{ARN: secretOf(w, s.Name), Key: "username"}
			want["DATABASE_PASSWORD"] = world.Secret{ARN: secretOf(w, s.Name), Key: "password"}
		}
		for _, c := range s.Task.Containers {
			if c.Name != "application" {
				want = map[string]world.Secret{}
			}
			if err := differs(s.Name+" "+c.Name+": secrets", c.Secrets, want); err != nil {
				return err
			}
		}
	}
	const master = "arn:aws:secretsmanager:us-east-1:111122223333:secret:rds!cluster-<platform/DataStack/Cluster>-AbCdEf"
	return differs("administration: secrets", w.Administration.Container("administration").Secrets, map[string]world.Secret{
		"MASTER_USERNAME": {ARN: master, Key: "username"}, "MASTER_PASSWORD": {ARN: master, Key: "password"},
	})
}

// metrics holds the scaling policies to the metric that the programs write.
func metrics(w *world.World) error {
	for _, name := range []string{"transaction-processor", "notification-service"} {
		s, err := w.Service(name)
		if err != nil {
			return err
		}
		want := world.Metric{Policy: "scaling-" + name + "-metric-" + w.Suffix, Namespace: "PaymentPlatform", Name: "BacklogPerTask", Stat: "Average",
			Dimensions: map[string]string{"Environment": w.Suffix, "ServiceName": name}}
		i := slices.IndexFunc(s.Metrics, func(m world.Metric) bool { return m.Namespace == want.Namespace })
		if i < 0 {
			return fmt.Errorf("%s: no scaling policy reads namespace %s", name, want.Namespace)
		}
		if err := differs(name+": scaling", s.Metrics[i], want); err != nil {
			return err
		}
	}
	return nil
}

// breakers holds Envoy's numbers to the promised ones, for what cannot be seen from outside.
func breakers(w *world.World) error {
	p := promised()
	for _, c := range calls() {
		u, err := upstream(w, c)
		if err != nil {
			return err
		}
		got := breaker{connections: u.Connections, pending: u.Pending, requests: u.Requests, retryPercent: u.RetryPercent,
			retryFloor: u.Retries, failures: u.Failures, interval: u.Interval, ejection: u.Ejection}
		for _, r := range u.Routes {
			got.retries = r.Retries
		}
		if got != p || len(u.Routes) != 2 {
			return fmt.Errorf("%s to %s: Envoy is told %+v, promised are %+v", c.from, c.to, got, p)
		}
	}
	return nil
}

func staticChecks() map[string]func(*world.World) error {
	return map[string]func(*world.World) error{
		"containers": containers, "settings": settings, "secrets": secrets, "metrics": metrics, "breakers": breakers,
	}
}

func TestContainersAreWhatProgramsRelyOn(t *testing.T) {
	t.Parallel()
	w := rendered(t)
	for name, check := range staticChecks() {
		if err := check(w); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
