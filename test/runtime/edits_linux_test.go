package runtime_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tierform/tierform/test/runtime/world"
)

// edit changes the golden text in one place.
type edit struct {
	file, resource   string // an empty resource is the whole file
	old, replacement string
}

// apply makes the edit; the text must stand there exactly once.
func (e edit) apply(files map[string]string) error {
	before, text, after := "", files[e.file], ""
	if e.resource != "" {
		start := strings.Index(text, "\n  "+e.resource+":\n")
		if start < 0 {
			return fmt.Errorf("%s has no %s", e.file, e.resource)
		}
		end := strings.Index(text[start:], "\n\n")
		before, text, after = text[:start], text[start:start+end], text[start+end:]
	}
	if n := strings.Count(text, e.old); n != 1 {
		return fmt.Errorf("%s %s has %q %d times, want once", e.file, e.resource, e.old, n)
	}
	files[e.file] = before + strings.Replace(text, e.old, e.replacement, 1) + after
	return nil
}

// static makes a check of one that looks at the settings only.
func static(f func(*world.World) error) check {
	return func(_ context.Context, _ env, w *world.World, _ call) error { return f(w) }
}

// faults are edits with the check that must notice each, and what it must say. Each stands for a mistake in what builds that
// part of the templates.
func faults() map[string]struct {
	edits []edit
	check check
	says  string
} {
	const api, processor, network = "service-payment-api.yaml", "service-transaction-processor.yaml", "network.yaml"
	one := func(file, resource, old, replacement string) []edit {
		return []edit{{file, resource, old, replacement}}
	}
	sends := func(e edit) []edit { e.file, e.resource = api, "PaymentApiTaskDefinition"; return []edit{e} }
	return map[string]struct {
		edits []edit
		check check
		says  string
	}{
		"connections": {sends(edit{old: `"max_connections": 100`, replacement: `"max_connections": 90`}), limits, "remaining_cx 90, promised are 100"},
		"pending":     {sends(edit{old: `"max_pending_requests": 50`, replacement: `"max_pending_requests": 5`}), limits, "remaining_pending 5, promised are 50"},
		"requests":    {sends(edit{old: `"max_requests": 150`, replacement: `"max_requests": 15`}), limits, "remaining_rq 15, promised are 150"},
		"failures":    {sends(edit{old: `"consecutive_5xx": 5`, replacement: `"consecutive_5xx": 6`}), ejects, "after 6 failures in a row, promised are 5"},
		"share":       {sends(edit{old: `"max_ejection_percent": 100`, replacement: `"max_ejection_percent": 10`}), ejects, "is not ejected"},
		"panic": {sends(edit{old: "\"healthy_panic_threshold\": {\n                          \"value\": 0",
			replacement: "\"healthy_panic_threshold\": {\n                          \"value\": 50"}), ejects, "with all tasks ejected the answer is 200"},
		"ejection time": {append(sends(edit{old: `"base_ejection_time": "30s"`, replacement: `"base_ejection_time": "2s"`}),
			sends(edit{old: `"interval": "10s"`, replacement: `"interval": "1s"`})...), recovers, "came back after"},
		"attempts": {sends(edit{old: "\"num_retries\": 2,\n                                              \"per_try_timeout\"",
			replacement: "\"num_retries\": 3,\n                                              \"per_try_timeout\""}), retries, "GET with 503 is sent 4 times, want 3"},
		"attempts of POST": {sends(edit{old: `reset-before-request",`, replacement: `reset-before-request,reset",`}), retries,
			"POST with a broken connection is sent 3 times, want 1"},
		"retry budget": {sends(edit{old: `"min_retry_concurrency": 3`, replacement: `"min_retry_concurrency": 30`}), budget,
			"24 of 24 requests that failed at the same time were tried again"},
		"retry word": {sends(edit{old: `reset-before-request",`, replacement: `reset-before-requests",`}), reaches, "Envoy complains"},
		"name in Envoy": {sends(edit{old: `"transaction-processor.payments-`, replacement: `"transaction-processors.payments-`}), reaches,
			"payment-api does not find transaction-processor"},
		"name in Cloud Map": {one(processor, "TransactionProcessorDiscoveryService", "Name: transaction-processor", "Name: transactions"), reaches,
			"which registers as transactions.payments-prod.internal"},
		"namespace":        {one("cluster.yaml", "Namespace", "payments-${EnvironmentSuffix}.internal", "payment-${EnvironmentSuffix}.internal"), reaches, "does not find"},
		"port of upstream": {sends(edit{old: `"port_value": 8080`, replacement: `"port_value": 8081`}), reaches, "503"},
		"port of Envoy":    {sends(edit{old: `"port_value": 9102`, replacement: `"port_value": 9112`}), reaches, "the application finds transaction-processor at"},
		"URL":              {sends(edit{old: `http://127.0.0.1:9102`, replacement: `http://127.0.0.1:9103`}), reaches, "the application finds transaction-processor at"},
		"port of rule": {append(one(network, "DatabaseFromPaymentApiIngress", "ToPort: 5432", "ToPort: 5433"),
			one(network, "DatabaseFromPaymentApiIngress", "FromPort: 5432", "FromPort: 5433")...), groups, "payment-api to database:5432 is refused"},
		"rule inward only":  {one(network, "PaymentApiToDatabaseEgress", "IpProtocol: tcp", "IpProtocol: udp"), groups, "payment-api to database:5432 is refused"},
		"rule to others":    {one(network, "PaymentApiToTransactionProcessorEgress", "TransactionProcessorSecurityGroup", "NotificationServiceSecurityGroup"), groups, "payment-api to transaction-processor:8080 is refused"},
		"rule for everyone": {one(network, "DatabaseFromPaymentApiIngress", "SourceSecurityGroupId: !GetAtt PaymentApiSecurityGroup.GroupId", "CidrIp: 0.0.0.0/0"), groups, "internet to database:5432 is open"},
		"rule outward for everyone": {one(network, "PaymentApiToS3Egress", "DestinationPrefixListId: pl-63a5400a", "CidrIp: 0.0.0.0/0"), groups,
			"payment-api to internet:443 is open"},
		"range of ports": {append(one(network, "LoadBalancerToPaymentApiEgress", "FromPort: 8080", "FromPort: 22"),
			one(network, "PaymentApiFromLoadBalancerIngress", "FromPort: 8080", "FromPort: 22")...), groups, "load-balancer to payment-api:22 is open"},
		"secret of another": {one(processor, "TransactionProcessorTaskDefinition", "'${TransactionProcessorDatabaseSecret}:password::'", "'${DatabaseEndpoint}:password::'"),
			nil, "service-transaction-processor.yaml TransactionProcessorTaskDefinition ContainerDefinitions[0] Secrets[0] ValueFrom"},
		"key of secret":     {one(api, "PaymentApiTaskDefinition", "{PaymentApiDatabaseSecret}:username::", "{PaymentApiDatabaseSecret}:password::"), static(secrets), "payment-api application: secrets"},
		"ARN of secret":     {one("platform.yaml", "", "ServiceSecretsPaymentApi: !GetAtt ServicePaymentApiStack", "ServiceSecretsPaymentApi: !GetAtt ServiceTransactionProcessorStack"), static(settings), "administration: environment"},
		"path":              {one(api, "PaymentApiListenerRule", "- /payments/*", "- /payment/*"), routes, "GET /payments/4d1c from 198.51.100.20: 404"},
		"path too wide":     {one(api, "PaymentApiListenerRule", "- /payments/*", "- /payments*"), routes, "GET /paymentsX from 203.0.113.7: 200"},
		"path in capitals":  {one(api, "PaymentApiListenerRule", "- /payments\n", "- /Payments\n"), routes, "POST /payments from 198.51.100.20: 404"},
		"path for everyone": {one(processor, "TransactionProcessorListenerRule", "!Ref OperatorsCidr", "0.0.0.0/0"), routes, "/transactions from 198.51.100.20: 200"},
		"target group":      {one(api, "PaymentApiListenerRule", "!If [BlueIsActive, 100, 0]", "!If [BlueIsActive, 50, 0]"), colours, "PaymentApiListenerRule: weights"},
		"default action":    {one("ingress.yaml", "HttpsListener", "StatusCode: '404'", "StatusCode: '403'"), routes, "403 \"Not found\", want the fixed 404"},
		"health path":       {one(api, "PaymentApiBlueTargetGroup", "HealthCheckPath: /health", "HealthCheckPath: /"), static(containers), "payment-api: target group"},
		"stop timeout":      {one(processor, "TransactionProcessorTaskDefinition", "StopTimeout: 90", "StopTimeout: 30"), static(containers), "transaction-processor"},
		"metric":            {one(processor, "TransactionProcessorMetricScalingPolicy", "MetricName: BacklogPerTask", "MetricName: Backlog"), static(metrics), "transaction-processor: scaling"},
		"unknown value":     {one(processor, "TransactionProcessorTaskDefinition", "Memory: 1536", "Memory: !Ref Nothing"), nil, "ContainerDefinitions[0] Memory: not known: Nothing"},
	}
}

// edited is the world of golden with edits.
func edited(t *testing.T, edits []edit) (*world.World, error) {
	t.Helper()
	files, err := world.Files(golden)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range edits {
		if err := e.apply(files); err != nil {
			t.Fatal(err)
		}
	}
	o, err := options()
	if err != nil {
		t.Fatal(err)
	}
	return world.FromFiles(files, o)
}

// TestFaultsAreNoticed makes each mistake and expects the check to notice it by name.
func TestFaultsAreNoticed(t *testing.T) {
	t.Parallel()
	e := realParts(t)
	for name, f := range faults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, err := edited(t, f.edits)
			if err == nil && f.check != nil {
				err = f.check(limited(t), e, w, calls()[0])
			}
			if err == nil || !strings.Contains(err.Error(), f.says) {
				t.Errorf("the check says %v, want %q", err, f.says)
			}
		})
	}
}
