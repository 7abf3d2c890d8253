package resources_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/resources"
)

// tokenAddress holds a reference between the marks that stand for one, with a separator inside.
const tokenAddress = "transaction-processor.payments-\uFDD0Rpayments\uFDD2EnvironmentSuffix\uFDD1.internal"

func processorUpstream() resources.EnvoyUpstream {
	return resources.EnvoyUpstream{
		Name: "transaction-processor", Address: "transaction-processor.payments.internal", Port: 8080, ListenPort: 9101,
	}
}

func notifierUpstream() resources.EnvoyUpstream {
	return resources.EnvoyUpstream{
		Name: "notification-service", Address: "notification-service.payments.internal", Port: 8080, ListenPort: 9102,
	}
}

func sidecarWith(upstreams ...resources.EnvoyUpstream) resources.EnvoyConfig {
	return resources.EnvoyConfig{Node: "payment-api", Upstreams: upstreams}
}

// decodeEnvoy renders a configuration and decodes it again.
func decodeEnvoy(t *testing.T, config resources.EnvoyConfig) map[string]any {
	t.Helper()
	text, err := config.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return decodeObject(t, text)
}

func decodeObject(t *testing.T, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatalf("not a JSON object: %v\n%s", err, text)
	}
	return object
}

// at walks into decoded JSON by object keys and list indexes.
func at(t *testing.T, value any, path ...any) any {
	t.Helper()
	for i, step := range path {
		found := false
		switch step := step.(type) {
		case string:
			object, _ := value.(map[string]any)
			value, found = object[step]
		case int:
			list, _ := value.([]any)
			if found = step < len(list); found {
				value = list[step]
			}
		}
		if !found {
			t.Fatalf("nothing at %v", path[:i+1])
		}
	}
	return value
}

func routesOf(t *testing.T, bootstrap map[string]any) (idempotent, other any) {
	t.Helper()
	manager := managerOf(t, bootstrap)
	routes := at(t, manager, "route_config", "virtual_hosts", 0, "routes")
	if got := len(routes.([]any)); got != 2 {
		t.Fatalf("%d routes, want 2", got)
	}
	return at(t, routes, 0), at(t, routes, 1)
}

func managerOf(t *testing.T, bootstrap map[string]any) any {
	t.Helper()
	return at(t, bootstrap, "static_resources", "listeners", 0, "filter_chains", 0, "filters", 0, "typed_config")
}

func TestEnvoyDefaultsAreTheDocumentedOnes(t *testing.T) {
	want := resources.EnvoyConfig{
		Node: "egress", Cluster: "egress", AdminPort: 9901, MaxDownstreamConnections: 1024,
		Upstreams: []resources.EnvoyUpstream{{
			Name: "transaction-processor", Address: "transaction-processor.payments.internal", Port: 8080, ListenPort: 9101,
			RequestTimeout: 6 * time.Second, PerTryTimeout: 2 * time.Second, ConnectTimeout: time.Second, DNSRefresh: 5 * time.Second,
			MaxConnections: 100, MaxPendingRequests: 50, MaxRequests: 150,
			RetryBudgetPercent: 20, MinRetryConcurrency: 3, Retries: 2,
			Outlier: resources.EnvoyOutlier{
				Consecutive5xx: 5, Interval: 10 * time.Second, BaseEjection: 30 * time.Second, MaxEjectionPercent: 100,
			},
		}},
	}
	config := resources.EnvoyConfig{Upstreams: []resources.EnvoyUpstream{processorUpstream()}}
	if diff := cmp.Diff(want, config.WithDefaults()); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(processorUpstream(), config.Upstreams[0]); diff != "" {
		t.Errorf("WithDefaults changed its receiver (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, want.WithDefaults()); diff != "" {
		t.Errorf("WithDefaults changed fields that were set (-want +got):\n%s", diff)
	}
}

func TestEnvoyDefaultsFollowOtherFields(t *testing.T) {
	short := resources.EnvoyUpstream{RequestTimeout: time.Second, Retries: 5, MaxConnections: 2, MaxPendingRequests: 3}.WithDefaults()
	if short.PerTryTimeout != 166*time.Millisecond || short.ConnectTimeout != 83*time.Millisecond || short.MaxRequests != 5 {
		t.Errorf("per try %v, connect %v, requests %d; want 166ms, 83ms, 5", short.PerTryTimeout, short.ConnectTimeout, short.MaxRequests)
	}
	once := resources.EnvoyUpstream{Retries: resources.EnvoyNoRetries}.WithDefaults()
	if once.PerTryTimeout != once.RequestTimeout {
		t.Errorf("per try %v without retries, want the request timeout %v", once.PerTryTimeout, once.RequestTimeout)
	}
}

func TestEnvoyClusterIsTheCircuitBreaker(t *testing.T) {
	want := decodeObject(t, `{
		"name": "transaction-processor", "connect_timeout": "1s", "lb_policy": "ROUND_ROBIN", "per_connection_buffer_limit_bytes": 65536,
		"cluster_type": {"name": "envoy.cluster.dns", "typed_config": {
			"@type": "type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster",
			"respect_dns_ttl": true, "dns_lookup_family": "V4_ONLY", "dns_refresh_rate": "5s"}},
		"load_assignment": {"cluster_name": "transaction-processor", "endpoints": [{"lb_endpoints": [{"endpoint": {"address":
			{"socket_address": {"address": "transaction-processor.payments.internal", "port_value": 8080}}}}]}]},
		"circuit_breakers": {"thresholds": [{"max_connections": 100, "max_pending_requests": 50, "max_requests": 150,
			"track_remaining": true, "retry_budget": {"budget_percent": {"value": 20}, "min_retry_concurrency": 3}}]},
		"outlier_detection": {"consecutive_5xx": 5, "interval": "10s", "base_ejection_time": "30s",
			"max_ejection_percent": 100, "enforcing_success_rate": 0},
		"common_lb_config": {"healthy_panic_threshold": {"value": 0}, "update_merge_window": "0s"},
		"typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
			"@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
			"common_http_protocol_options": {"idle_timeout": "30s"}, "explicit_http_config": {"http_protocol_options": {}}}}
	}`)
	got := at(t, decodeEnvoy(t, sidecarWith(processorUpstream())), "static_resources", "clusters", 0)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cluster (-want +got):\n%s", diff)
	}
}

func TestEnvoyWritesEveryLimitOfAnUpstream(t *testing.T) {
	upstream := processorUpstream()
	upstream.RequestTimeout, upstream.PerTryTimeout = 1500*time.Millisecond, 700*time.Millisecond
	upstream.ConnectTimeout, upstream.DNSRefresh = 250*time.Millisecond, 2*time.Second
	upstream.MaxConnections, upstream.MaxPendingRequests, upstream.MaxRequests = 2, 3, 4
	upstream.RetryBudgetPercent, upstream.MinRetryConcurrency, upstream.Retries = 30, 1, 1
	upstream.Outlier = resources.EnvoyOutlier{
		Consecutive5xx: 7, Interval: time.Second, BaseEjection: 2 * time.Second, MaxEjectionPercent: 60,
	}
	bootstrap := decodeEnvoy(t, sidecarWith(upstream))
	cluster := at(t, bootstrap, "static_resources", "clusters", 0)
	idempotent, other := routesOf(t, bootstrap)
	for _, test := range []struct {
		in   any
		path []any
		want any
	}{
		{cluster, []any{"connect_timeout"}, "0.25s"},
		{cluster, []any{"cluster_type", "typed_config", "dns_refresh_rate"}, "2s"},
		{cluster, []any{"circuit_breakers", "thresholds", 0, "max_connections"}, 2.0},
		{cluster, []any{"circuit_breakers", "thresholds", 0, "max_pending_requests"}, 3.0},
		{cluster, []any{"circuit_breakers", "thresholds", 0, "max_requests"}, 4.0},
		{cluster, []any{"circuit_breakers", "thresholds", 0, "retry_budget", "budget_percent", "value"}, 30.0},
		{cluster, []any{"circuit_breakers", "thresholds", 0, "retry_budget", "min_retry_concurrency"}, 1.0},
		{cluster, []any{"outlier_detection", "consecutive_5xx"}, 7.0},
		{cluster, []any{"outlier_detection", "interval"}, "1s"},
		{cluster, []any{"outlier_detection", "base_ejection_time"}, "2s"},
		{cluster, []any{"outlier_detection", "max_ejection_percent"}, 60.0},
		{managerOf(t, bootstrap), []any{"request_timeout"}, "1.5s"},
		{idempotent, []any{"route", "timeout"}, "1.5s"},
		{idempotent, []any{"route", "retry_policy", "per_try_timeout"}, "0.7s"},
		{idempotent, []any{"route", "retry_policy", "num_retries"}, 1.0},
		{other, []any{"route", "timeout"}, "1.5s"},
		{other, []any{"route", "retry_policy", "num_retries"}, 1.0},
	} {
		if got := at(t, test.in, test.path...); got != test.want {
			t.Errorf("%v is %v, want %v", test.path, got, test.want)
		}
	}
}

func TestEnvoyRetriesOnlyIdempotentRequestsThatTheUpstreamHasSeen(t *testing.T) {
	idempotent, other := routesOf(t, decodeEnvoy(t, sidecarWith(processorUpstream())))
	wantMatch := decodeObject(t, `{"prefix": "/", "headers": [
		{"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD|OPTIONS|PUT|DELETE"}}}]}`)
	if diff := cmp.Diff(wantMatch, at(t, idempotent, "match")); diff != "" {
		t.Errorf("match of the idempotent route (-want +got):\n%s", diff)
	}
	predicate := `"retry_host_predicate": [{"name": "envoy.retry_host_predicates.previous_hosts", "typed_config":
		{"@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"}}],
		"host_selection_retry_max_attempts": 3`
	wantIdempotent := decodeObject(t, `{"retry_on": "connect-failure,refused-stream,reset-before-request,reset,retriable-status-codes",
		"retriable_status_codes": [503], "num_retries": 2, "per_try_timeout": "2s", `+predicate+`}`)
	if diff := cmp.Diff(wantIdempotent, at(t, idempotent, "route", "retry_policy")); diff != "" {
		t.Errorf("retries of idempotent requests (-want +got):\n%s", diff)
	}
	wantOther := decodeObject(t, `{"retry_on": "connect-failure,refused-stream,reset-before-request", "num_retries": 2, `+predicate+`}`)
	if diff := cmp.Diff(wantOther, at(t, other, "route", "retry_policy")); diff != "" {
		t.Errorf("retries of other requests (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"prefix": "/"}, at(t, other, "match")); diff != "" {
		t.Errorf("match of the other route (-want +got):\n%s", diff)
	}
}

func TestEnvoyIdempotentMethodsLeaveOutPayments(t *testing.T) {
	pattern := regexp.MustCompile("^(?:" + resources.EnvoyIdempotentMethods + ")$")
	for method, want := range map[string]bool{
		"GET": true, "HEAD": true, "OPTIONS": true, "PUT": true, "DELETE": true,
		"POST": false, "PATCH": false, "CONNECT": false, "GETX": false, "get": false,
	} {
		if got := pattern.MatchString(method); got != want {
			t.Errorf("%s is idempotent: %v, want %v", method, got, want)
		}
	}
}

func TestEnvoyWithoutRetries(t *testing.T) {
	upstream := processorUpstream()
	upstream.Retries = resources.EnvoyNoRetries
	idempotent, other := routesOf(t, decodeEnvoy(t, sidecarWith(upstream)))
	for _, route := range []any{idempotent, other} {
		if got := at(t, route, "route", "retry_policy", "num_retries"); got != 0.0 {
			t.Errorf("%v retries, want 0", got)
		}
	}
}

func TestEnvoyListensOnLoopbackAlone(t *testing.T) {
	bootstrap := decodeEnvoy(t, sidecarWith(processorUpstream(), notifierUpstream()))
	addresses := []any{at(t, bootstrap, "admin", "address", "socket_address")}
	for i := range 2 {
		addresses = append(addresses, at(t, bootstrap, "static_resources", "listeners", i, "address", "socket_address"))
	}
	want := []any{
		map[string]any{"address": "127.0.0.1", "port_value": 9901.0},
		map[string]any{"address": "127.0.0.1", "port_value": 9101.0},
		map[string]any{"address": "127.0.0.1", "port_value": 9102.0},
	}
	if diff := cmp.Diff(want, addresses); diff != "" {
		t.Errorf("listeners (-want +got):\n%s", diff)
	}
}

func TestEnvoyAdminAnswersReadOnlyPaths(t *testing.T) {
	want := []any{map[string]any{"exact": "/ready"}, map[string]any{"prefix": "/stats"}, map[string]any{"prefix": "/clusters"}}
	if diff := cmp.Diff(want, at(t, decodeEnvoy(t, sidecarWith()), "admin", "allow_paths")); diff != "" {
		t.Errorf("admin paths (-want +got):\n%s", diff)
	}
}

func TestEnvoyHandlesHeadersCarefully(t *testing.T) {
	manager := managerOf(t, decodeEnvoy(t, sidecarWith(processorUpstream())))
	for _, test := range []struct {
		path []any
		want any
	}{
		{[]any{"early_header_mutation_extensions", 0, "typed_config", "mutations", 0, "remove_on_match", "key_matcher", "prefix"}, "x-envoy-"},
		{[]any{"preserve_external_request_id"}, true},
		{[]any{"server_header_transformation"}, "PASS_THROUGH"},
		{[]any{"max_request_headers_kb"}, 32.0},
		{[]any{"request_headers_timeout"}, "10s"},
		{[]any{"common_http_protocol_options", "idle_timeout"}, "120s"},
		{[]any{"common_http_protocol_options", "headers_with_underscores_action"}, "REJECT_REQUEST"},
		{[]any{"codec_type"}, "HTTP1"},
		{[]any{"route_config", "virtual_hosts", 0, "response_headers_to_remove", 0}, "server"},
		{[]any{"route_config", "virtual_hosts", 0, "routes", 0, "route", "auto_host_rewrite"}, true},
		{[]any{"route_config", "virtual_hosts", 0, "routes", 1, "route", "auto_host_rewrite"}, true},
	} {
		if got := at(t, manager, test.path...); got != test.want {
			t.Errorf("%v is %v, want %v", test.path, got, test.want)
		}
	}
	for _, name := range []string{"tracing", "generate_request_id", "use_remote_address"} {
		if value, found := manager.(map[string]any)[name]; found {
			t.Errorf("%s is %v: request ids, traces and forwarded headers would not pass unchanged", name, value)
		}
	}
}

func TestEnvoyAccessLogHoldsFailuresAndNoCardData(t *testing.T) {
	log := at(t, managerOf(t, decodeEnvoy(t, sidecarWith(processorUpstream()))), "access_log", 0)
	wantFilter := decodeObject(t, `{"or_filter": {"filters": [
		{"status_code_filter": {"comparison": {"op": "GE", "value": {"default_value": 500, "runtime_key": "access_log.min_status"}}}},
		{"response_flag_filter": {}}]}}`)
	if diff := cmp.Diff(wantFilter, at(t, log, "filter")); diff != "" {
		t.Errorf("filter (-want +got):\n%s", diff)
	}
	if got := at(t, log, "name"); got != "envoy.access_loggers.stdout" {
		t.Errorf("logger is %v, want standard output", got)
	}
	line := at(t, log, "typed_config", "log_format", "json_format").(map[string]any)
	want := map[string]any{
		"time": "%START_TIME%", "method": "%REQ(:METHOD)%", "path": "%PATH(NQ:PATH):256%", "status": "%RESPONSE_CODE%",
		"flags": "%RESPONSE_FLAGS%", "details": "%RESPONSE_CODE_DETAILS%", "cluster": "%UPSTREAM_CLUSTER%", "host": "%UPSTREAM_HOST%",
		"attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%", "duration_ms": "%DURATION%",
		"request_id": "%REQ(X-REQUEST-ID):64%", "traceparent": "%REQ(TRACEPARENT):55%",
	}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Errorf("line (-want +got):\n%s", diff)
	}
}

func TestEnvoyKeepsTheStatisticsThatAlarmsNeed(t *testing.T) {
	bootstrap := decodeEnvoy(t, sidecarWith())
	regex := at(t, bootstrap, "stats_config", "stats_matcher", "inclusion_list", "patterns", 0, "safe_regex", "regex").(string)
	pattern := regexp.MustCompile("^(?:" + regex + ")$")
	for name, want := range map[string]bool{
		"cluster.transaction-processor.upstream_rq_pending_overflow":             true,
		"cluster.transaction-processor.upstream_cx_active":                       true,
		"cluster.transaction-processor.retry.upstream_rq_503":                    true,
		"cluster.transaction-processor.outlier_detection.ejections_active":       true,
		"cluster.transaction-processor.circuit_breakers.default.rq_pending_open": true,
		"cluster.transaction-processor.circuit_breakers.high.rq_pending_open":    false,
		"cluster.transaction-processor.membership_healthy":                       true,
		"cluster.transaction-processor.update_failure":                           true,
		"cluster.transaction-processor.lb_zone_routing_all_directly":             false,
		"cluster.transaction-processor.internal.upstream_rq_200":                 false,
		"listener.127.0.0.1_9101.downstream_cx_active":                           true,
		"listener.admin.downstream_cx_active":                                    false,
		"http.transaction-processor.downstream_rq_total":                         false,
		"server.live":                   true,
		"server.memory_allocated":       true,
		"runtime.load_success":          false,
		"cluster_manager.cluster_added": false,
		"server.initialization_time_ms": false,
		"vhost.transaction-processor.vcluster.other.upstream_rq_retry_limit_exceeded": false,
	} {
		if got := pattern.MatchString(name); got != want {
			t.Errorf("%s is kept: %v, want %v", name, got, want)
		}
	}
}

func TestEnvoyWithoutUpstreamsHasAnAdminListenerOnly(t *testing.T) {
	bootstrap := decodeEnvoy(t, resources.EnvoyConfig{AdminPort: 9000, MaxDownstreamConnections: 7})
	want := map[string]any{"listeners": []any{}, "clusters": []any{}}
	if diff := cmp.Diff(want, at(t, bootstrap, "static_resources")); diff != "" {
		t.Errorf("static resources (-want +got):\n%s", diff)
	}
	if got := at(t, bootstrap, "admin", "address", "socket_address", "port_value"); got != 9000.0 {
		t.Errorf("admin port %v, want 9000", got)
	}
	if diff := cmp.Diff(map[string]any{"id": "egress", "cluster": "egress"}, at(t, bootstrap, "node")); diff != "" {
		t.Errorf("node (-want +got):\n%s", diff)
	}
	limit := at(t, bootstrap, "overload_manager", "resource_monitors", 0, "typed_config", "max_active_downstream_connections")
	if limit != 7.0 {
		t.Errorf("downstream connections %v, want 7", limit)
	}
}

func TestEnvoyJSONIsSmallStableAndKeepsTokens(t *testing.T) {
	upstream := processorUpstream()
	upstream.Address = tokenAddress
	config := sidecarWith(upstream)
	text, err := config.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := config.JSON(); again != text {
		t.Error("two renderings of one configuration differ")
	}
	if !strings.Contains(text, `"address":"`+tokenAddress+`"`) {
		t.Errorf("the reference token did not pass unchanged:\n%s", text)
	}
	if len(text) > 5500 {
		t.Errorf("%d bytes for one upstream, want at most 5500: a task definition has 64 KiB for all its containers", len(text))
	}
	if strings.ContainsAny(text, "$\n") {
		t.Error("the configuration holds a dollar sign or a line break: a template would have to escape them")
	}
}

func TestEnvoyCommandStartsTheDistrolessImage(t *testing.T) {
	config := sidecarWith(processorUpstream())
	text, err := config.JSON()
	if err != nil {
		t.Fatal(err)
	}
	command, err := config.Command()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"--config-yaml", text, "--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"}
	if diff := cmp.Diff(want, command); diff != "" {
		t.Errorf("command (-want +got):\n%s", diff)
	}
}

func TestEnvoyRendersNothingFromAnInvalidConfiguration(t *testing.T) {
	config := resources.EnvoyConfig{AdminPort: -1}
	if text, err := config.JSON(); err == nil || text != "" {
		t.Errorf("JSON() = %q, %v; want an error alone", text, err)
	}
	if command, err := config.Command(); err == nil || command != nil {
		t.Errorf("Command() = %q, %v; want an error alone", command, err)
	}
}
