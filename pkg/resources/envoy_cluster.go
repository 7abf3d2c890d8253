package resources

type envoyCluster struct {
	Name                          string                  `json:"name"`
	ConnectTimeout                string                  `json:"connect_timeout"`
	LBPolicy                      string                  `json:"lb_policy"`
	PerConnectionBufferLimitBytes int                     `json:"per_connection_buffer_limit_bytes"`
	ClusterType                   envoyTyped              `json:"cluster_type"`
	LoadAssignment                envoyLoadAssignment     `json:"load_assignment"`
	CircuitBreakers               envoyCircuitBreakers    `json:"circuit_breakers"`
	OutlierDetection              envoyOutlierDetection   `json:"outlier_detection"`
	CommonLBConfig                envoyCommonLBConfig     `json:"common_lb_config"`
	ProtocolOptions               envoyClusterHTTPOptions `json:"typed_extension_protocol_options"`
}

type envoyDNSCluster struct {
	Type            string `json:"@type"`
	RespectDNSTTL   bool   `json:"respect_dns_ttl"`
	DNSLookupFamily string `json:"dns_lookup_family"`
	DNSRefreshRate  string `json:"dns_refresh_rate"`
}

type envoyLoadAssignment struct {
	ClusterName string         `json:"cluster_name"`
	Endpoints   []envoyLBGroup `json:"endpoints"`
}

type envoyLBGroup struct {
	LBEndpoints []envoyLBEndpoint `json:"lb_endpoints"`
}

type envoyLBEndpoint struct {
	Endpoint envoyEndpoint `json:"endpoint"`
}

type envoyEndpoint struct {
	Address envoyAddress `json:"address"`
}

type envoyCircuitBreakers struct {
	Thresholds []envoyThreshold `json:"thresholds"`
}

type envoyThreshold struct {
	MaxConnections     int              `json:"max_connections"`
	MaxPendingRequests int              `json:"max_pending_requests"`
	MaxRequests        int              `json:"max_requests"`
	TrackRemaining     bool             `json:"track_remaining"`
	RetryBudget        envoyRetryBudget `json:"retry_budget"`
}

type envoyRetryBudget struct {
	BudgetPercent       envoyPercent `json:"budget_percent"`
	MinRetryConcurrency int          `json:"min_retry_concurrency"`
}

type envoyPercent struct {
	Value int `json:"value"`
}

type envoyOutlierDetection struct {
	Consecutive5xx       int    `json:"consecutive_5xx"`
	Interval             string `json:"interval"`
	BaseEjectionTime     string `json:"base_ejection_time"`
	MaxEjectionPercent   int    `json:"max_ejection_percent"`
	EnforcingSuccessRate int    `json:"enforcing_success_rate"`
}

type envoyCommonLBConfig struct {
	HealthyPanicThreshold envoyPercent `json:"healthy_panic_threshold"`
	UpdateMergeWindow     string       `json:"update_merge_window"`
}

type envoyClusterHTTPOptions struct {
	Options envoyUpstreamHTTPOptions `json:"envoy.extensions.upstreams.http.v3.HttpProtocolOptions"`
}

type envoyUpstreamHTTPOptions struct {
	Type                      string            `json:"@type"`
	CommonHTTPProtocolOptions envoyHTTPOptions  `json:"common_http_protocol_options"`
	ExplicitHTTPConfig        envoyExplicitHTTP `json:"explicit_http_config"`
}

type envoyExplicitHTTP struct {
	HTTPProtocolOptions struct{} `json:"http_protocol_options"`
}

// newEnvoyCluster is where the calls to an upstream go: the tasks behind its DNS name, and the circuit breaker before them.
//
// Each value that is written out although it looks like a default differs from Envoy's: a share of 10 % would never eject one
// of two tasks, a panic threshold of 50 % would send traffic to ejected tasks, a merge window of 1 s would delay ejections,
// and success-rate ejection would judge a task by its neighbours on top of the documented rule.
func newEnvoyCluster(u EnvoyUpstream) envoyCluster {
	endpoint := envoyEndpoint{Address: newEnvoyAddress(u.Address, u.Port)}
	return envoyCluster{
		Name:                          u.Name,
		ConnectTimeout:                envoyDuration(u.ConnectTimeout),
		LBPolicy:                      "ROUND_ROBIN",
		PerConnectionBufferLimitBytes: EnvoyBufferLimitBytes,
		ClusterType: envoyTyped{
			Name: "envoy.cluster.dns",
			TypedConfig: envoyDNSCluster{
				Type:            envoyAPI + "extensions.clusters.dns.v3.DnsCluster",
				RespectDNSTTL:   true,
				DNSLookupFamily: "V4_ONLY",
				DNSRefreshRate:  envoyDuration(u.DNSRefresh),
			},
		},
		LoadAssignment: envoyLoadAssignment{
			ClusterName: u.Name,
			Endpoints:   []envoyLBGroup{{LBEndpoints: []envoyLBEndpoint{{Endpoint: endpoint}}}},
		},
		CircuitBreakers: newEnvoyCircuitBreakers(u),
		OutlierDetection: envoyOutlierDetection{
			Consecutive5xx:     u.Outlier.Consecutive5xx,
			Interval:           envoyDuration(u.Outlier.Interval),
			BaseEjectionTime:   envoyDuration(u.Outlier.BaseEjection),
			MaxEjectionPercent: u.Outlier.MaxEjectionPercent,
		},
		CommonLBConfig: envoyCommonLBConfig{UpdateMergeWindow: "0s"},
		ProtocolOptions: envoyClusterHTTPOptions{Options: envoyUpstreamHTTPOptions{
			Type:                      envoyAPI + "extensions.upstreams.http.v3.HttpProtocolOptions",
			CommonHTTPProtocolOptions: envoyHTTPOptions{IdleTimeout: envoyDuration(EnvoyUpstreamIdleTimeout)},
		}},
	}
}

// newEnvoyCircuitBreakers bounds what may be under way to an upstream at one time.
// See https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/circuit_breaking
func newEnvoyCircuitBreakers(u EnvoyUpstream) envoyCircuitBreakers {
	return envoyCircuitBreakers{Thresholds: []envoyThreshold{{
		MaxConnections:     u.MaxConnections,
		MaxPendingRequests: u.MaxPendingRequests,
		MaxRequests:        u.MaxRequests,
		TrackRemaining:     true,
		RetryBudget: envoyRetryBudget{
			BudgetPercent:       envoyPercent{Value: u.RetryBudgetPercent},
			MinRetryConcurrency: u.MinRetryConcurrency,
		},
	}}}
}
