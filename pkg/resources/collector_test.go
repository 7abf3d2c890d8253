package resources_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/resources"
)

func metricsCollector() resources.CollectorConfig {
	return resources.CollectorConfig{
		Region:  "us-east-1",
		Metrics: resources.CollectorMetrics{LogGroup: "/ecs/metrics-prod", Namespace: "PaymentPlatform"},
	}
}

func decodeCollector(t *testing.T, config resources.CollectorConfig) map[string]any {
	t.Helper()
	text, err := config.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return decodeObject(t, text)
}

// withoutActions checks and removes the long list of attributes to delete, which has a test of its own.
func withoutActions(t *testing.T, settings map[string]any) map[string]any {
	t.Helper()
	if actions := at(t, settings, "processors", "attributes", "actions").([]any); len(actions) == 0 {
		t.Error("no attribute is removed")
	}
	delete(at(t, settings, "processors", "attributes").(map[string]any), "actions")
	return settings
}

func TestCollectorDefaultsTraceOnly(t *testing.T) {
	want := decodeObject(t, `{
		"extensions": {"health_check": {"endpoint": "127.0.0.1:13133"}},
		"receivers": {"otlp": {"protocols": {"grpc": {"endpoint": "127.0.0.1:4317"}, "http": {"endpoint": "127.0.0.1:4318"}}}},
		"processors": {
			"memory_limiter": {"check_interval": "1s", "limit_mib": 204, "spike_limit_mib": 51},
			"resourcedetection": {"detectors": ["env", "ecs"], "timeout": "2s", "override": false},
			"attributes": {},
			"batch": {"timeout": "1s"}},
		"exporters": {"awsxray": {"local_mode": true}},
		"service": {
			"extensions": ["health_check"],
			"pipelines": {"traces": {"receivers": ["otlp"],
				"processors": ["memory_limiter", "resourcedetection", "attributes", "batch"], "exporters": ["awsxray"]}},
			"telemetry": {"logs": {"level": "warn", "encoding": "json"}, "metrics": {"level": "none"}}}
	}`)
	if diff := cmp.Diff(want, withoutActions(t, decodeCollector(t, resources.CollectorConfig{}))); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestCollectorWritesMetricsToAGroupThatExists(t *testing.T) {
	config := metricsCollector()
	config.Endpoint, config.BatchTimeout, config.MemoryMiB = "${env:AWS_ENDPOINT}", 5*time.Second, 512
	settings := decodeCollector(t, config)
	wantExporters := decodeObject(t, `{
		"awsxray": {"region": "us-east-1", "endpoint": "${env:AWS_ENDPOINT}", "local_mode": true},
		"awsemf": {"region": "us-east-1", "endpoint": "${env:AWS_ENDPOINT}", "namespace": "PaymentPlatform",
			"log_group_name": "/ecs/metrics-prod", "log_stream_name": "{TaskId}", "dimension_rollup_option": "NoDimensionRollup"}}`)
	if diff := cmp.Diff(wantExporters, at(t, settings, "exporters")); diff != "" {
		t.Errorf("exporters (-want +got):\n%s", diff)
	}
	wantPipeline := decodeObject(t, `{"receivers": ["otlp"],
		"processors": ["memory_limiter", "resourcedetection", "attributes", "batch"], "exporters": ["awsemf"]}`)
	if diff := cmp.Diff(wantPipeline, at(t, settings, "service", "pipelines", "metrics")); diff != "" {
		t.Errorf("metrics pipeline (-want +got):\n%s", diff)
	}
	if got := at(t, settings, "processors", "batch", "timeout"); got != "5s" {
		t.Errorf("batch timeout %v, want 5s", got)
	}
	if got := at(t, settings, "processors", "memory_limiter", "limit_mib"); got != 409.0 || config.MemoryLimitMiB() != 409 {
		t.Errorf("memory limit %v in the settings and %d by method, want 409", got, config.MemoryLimitMiB())
	}
}

func TestCollectorKeepsAGivenLogStream(t *testing.T) {
	config := metricsCollector()
	config.Metrics.LogStream = "metrics"
	if got := at(t, decodeCollector(t, config), "exporters", "awsemf", "log_stream_name"); got != "metrics" {
		t.Errorf("log stream %v, want metrics", got)
	}
}

func TestCollectorRemovesSensitiveAttributes(t *testing.T) {
	config := resources.CollectorConfig{SensitiveAttributes: []string{"customer.note"}}
	actions := at(t, decodeCollector(t, config), "processors", "attributes", "actions").([]any)
	removed := func(name string) bool {
		return slices.ContainsFunc(actions, func(action any) bool {
			if got := at(t, action, "action"); got != "delete" {
				t.Fatalf("action %v, want delete", got)
			}
			if key, found := action.(map[string]any)["key"]; found {
				return key == name
			}
			return regexp.MustCompile(at(t, action, "pattern").(string)).MatchString(name)
		})
	}
	for _, name := range []string{
		"url.full", "url.path", "url.query", "http.url", "http.target", "db.statement", "db.query.text", "db.query.parameter.0",
		"db.operation.parameter.pan", "db.connection_string", "http.request.body", "http.response.body", "messaging.message.body",
		"http.request.header.authorization", "http.response.header.set-cookie", "rpc.grpc.request.metadata.token",
		"rpc.request.metadata.token", "card_number", "customer.cardNumber", "primaryAccountNumber", "card.holder", "cvv", "card.cvc2",
		"cvv2", "track2", "track_data", "pin_block", "pan", "card.pan", "PAN", "card.pin", "api_key", "access_token", "clientSecret",
		"db.password", "customer.note",
	} {
		if !removed(name) {
			t.Errorf("%s is kept", name)
		}
	}
	for _, name := range []string{
		"http.request.method", "http.response.status_code", "http.route", "url.scheme", "server.address", "db.system",
		"db.operation.name", "db.collection.name", "http.request.body.size", "payment.id", "company.name", "span.kind", "pinned",
		"error.type", "messaging.destination.name", "rpc.method", "aws.request_id",
	} {
		if removed(name) {
			t.Errorf("%s is removed", name)
		}
	}
}

func TestCollectorListsCannotBeChangedFromOutside(t *testing.T) {
	resources.CollectorSensitiveAttributes()[0] = "changed"
	resources.CollectorSensitivePatterns()[0] = "changed"
	if resources.CollectorSensitiveAttributes()[0] == "changed" || resources.CollectorSensitivePatterns()[0] == "changed" {
		t.Error("a caller changed the lists for everybody")
	}
}

func TestCollectorJSONIsStableAndKeepsTokens(t *testing.T) {
	const group = "/ecs/\uFDD0Rsvc\uFDD2Group\uFDD1-<suffix>"
	config := metricsCollector()
	config.Metrics.LogGroup = strings.ReplaceAll(group, "<suffix>", "prod")
	config.Metrics.Namespace = "Payments/\uFDD0Rroot\uFDD2Suffix\uFDD1"
	text, err := config.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := config.JSON(); again != text {
		t.Error("two renderings of one configuration differ")
	}
	for _, want := range []string{config.Metrics.LogGroup, config.Metrics.Namespace} {
		if !strings.Contains(text, `"`+want+`"`) {
			t.Errorf("%q did not pass unchanged:\n%s", want, text)
		}
	}
	if strings.ContainsAny(text, "$\n") {
		t.Errorf("a dollar sign, which the collector would expand, or a line break:\n%s", text)
	}
}

func TestCollectorRendersNothingFromAnInvalidConfiguration(t *testing.T) {
	if text, err := (resources.CollectorConfig{MemoryMiB: -1}).JSON(); err == nil || text != "" {
		t.Errorf("JSON() = %q, %v; want an error alone", text, err)
	}
}

func TestCollectorEndpoints(t *testing.T) {
	for endpoint, want := range map[string]bool{
		"": true, "https://xray.us-east-1.amazonaws.com": true, "http://127.0.0.1:4566": true, "http://127.0.0.1": true,
		"${env:AWS_ENDPOINT}": true, "${env:AWS_ENDPOINT}/xray": true,
		"http://xray.us-east-1.amazonaws.com": false, "http://127.0.0.1.example.com": false, "https://": false, "$AWS_ENDPOINT": false,
		"${AWS_ENDPOINT}": false, "${file:/etc/passwd}": false, "https://a b": false,
	} {
		err := resources.CollectorConfig{Endpoint: endpoint}.Validate()
		if valid := err == nil; valid != want {
			t.Errorf("%q is valid: %v, want %v (%v)", endpoint, valid, want, err)
		}
	}
}

func TestCollectorValidateNamesFieldValueAndAllowedValues(t *testing.T) {
	type config = resources.CollectorConfig
	for name, test := range map[string]struct {
		change func(*config)
		want   string
	}{
		"region":    {func(c *config) { c.Region = "$AWS_REGION" }, `Region is "$AWS_REGION": allowed are 1 to 64 characters: [a-z0-9-] and ${env:NAME}`},
		"endpoint":  {func(c *config) { c.Endpoint = "ftp://a" }, `Endpoint is "ftp://a": allowed are 1 to 255 characters: https://, http://127.0.0.1 or ${env:NAME} and then [A-Za-z0-9._:/-]`},
		"memory":    {func(c *config) { c.MemoryMiB = 32 }, `MemoryMiB is 32: allowed are 64 to 122880`},
		"batch":     {func(c *config) { c.BatchTimeout = time.Hour }, `BatchTimeout is 1h0m0s: allowed are 10ms to 1m0s`},
		"no group":  {func(c *config) { c.Metrics.LogGroup = "" }, `Metrics.LogGroup is "": allowed are 1 to 512 characters: [A-Za-z0-9._/#-] and ${env:NAME}`},
		"stream":    {func(c *config) { c.Metrics.LogStream = "a:b" }, `Metrics.LogStream is "a:b": allowed are 1 to 512 characters: [A-Za-z0-9._/#{}-] and ${env:NAME}`},
		"namespace": {func(c *config) { c.Metrics.Namespace = "" }, `Metrics.Namespace is "": allowed are 1 to 255 characters: [A-Za-z0-9._/#:-] and ${env:NAME}`},
		"Amazon's":  {func(c *config) { c.Metrics.Namespace = "AWS/ECS" }, `Metrics.Namespace is "AWS/ECS": allowed are namespaces that do not begin with AWS/, which are Amazon's`},
		"attribute": {func(c *config) { c.SensitiveAttributes = []string{"a", "b$"} }, `SensitiveAttributes[1] is "b$": allowed are 1 to 255 characters: [A-Za-z0-9._/-] and ${env:NAME}`},
	} {
		t.Run(name, func(t *testing.T) {
			c := metricsCollector()
			test.change(&c)
			err := c.Validate()
			if err == nil {
				t.Fatalf("accepted, want %q", test.want)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}
