package resources

import (
	"strconv"
	"time"
)

// Fixed settings of the sidecar.
const (
	// EnvoyBufferLimitBytes bounds what Envoy buffers of one connection in each direction, 64 KiB. A request with a longer
	// body passes, but is not retried.
	EnvoyBufferLimitBytes = 64 << 10
	// EnvoyMaxRequestHeadersKB bounds the headers of a request; longer ones are answered with 431.
	EnvoyMaxRequestHeadersKB = 32
	// EnvoyRequestHeadersTimeout bounds the time the application takes to send a request's headers.
	EnvoyRequestHeadersTimeout = 10 * time.Second
	// EnvoyDownstreamIdleTimeout closes unused connections of the application. It is longer than the 90 s after which Go's
	// HTTP client closes them itself, so that no request meets a connection that is being closed.
	EnvoyDownstreamIdleTimeout = 2 * time.Minute
	// EnvoyUpstreamIdleTimeout closes unused connections to an upstream. Upstreams must keep idle connections for longer.
	EnvoyUpstreamIdleTimeout = 30 * time.Second

	// EnvoyIdempotentMethods are the methods that may be retried after the upstream has seen the request (RFC 9110, section
	// 9.2.2), as a regular expression.
	EnvoyIdempotentMethods = "GET|HEAD|OPTIONS|PUT|DELETE"
	// EnvoyRetryOnIdempotent is what idempotent requests are retried on. Without "reset" an attempt that ends by its
	// per-try timeout would not be.
	EnvoyRetryOnIdempotent = EnvoyRetryOnOther + ",reset,retriable-status-codes"
	// EnvoyRetryOnOther is what all other requests are retried on: the upstream has not seen the request.
	EnvoyRetryOnOther = "connect-failure,refused-stream,reset-before-request"
	// EnvoyRetriableStatus is the status that idempotent requests are retried on.
	EnvoyRetriableStatus = 503
	// EnvoyLoggedStatus is the lowest status that is logged without a failure seen by Envoy itself.
	EnvoyLoggedStatus = 500

	// envoyStatistics are the statistics kept; the others are never allocated.
	envoyStatistics = `cluster\.[^.]+\.(upstream_(cx|rq)_.*|retry\..*|circuit_breakers\.default\..*|outlier_detection\..*` +
		`|membership_.*|update_.*|lb_healthy_panic)|listener\.127.*\.downstream_cx_.*|server\.(live|state|uptime|memory_.*)`

	sidecarLoopback         = "127.0.0.1"
	envoyHostSelectAttempts = 3
)

// newEnvoyBootstrap expects a configuration that is valid and has its defaults.
func newEnvoyBootstrap(c EnvoyConfig) envoyBootstrap {
	b := envoyBootstrap{
		Node: envoyNode{ID: c.Node, Cluster: c.Cluster},
		Admin: envoyAdmin{
			Address:    newEnvoyAddress(sidecarLoopback, c.AdminPort),
			AllowPaths: []envoyStringMatcher{{Exact: "/ready"}, {Prefix: "/stats"}, {Prefix: "/clusters"}},
		},
		OverloadManager: envoyOverloadManager{ResourceMonitors: []envoyTyped{{
			Name: "envoy.resource_monitors.global_downstream_max_connections",
			TypedConfig: envoyDownstreamConnections{
				Type:                           envoyAPI + "extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
				MaxActiveDownstreamConnections: c.MaxDownstreamConnections,
			},
		}}},
		StaticResources: envoyStaticResources{Listeners: []envoyListener{}, Clusters: []envoyCluster{}},
	}
	b.StatsConfig.StatsMatcher.InclusionList.Patterns = []envoyStringMatcher{{SafeRegex: &envoyRegex{Regex: envoyStatistics}}}
	for _, upstream := range c.Upstreams {
		b.StaticResources.Listeners = append(b.StaticResources.Listeners, newEnvoyListener(upstream))
		b.StaticResources.Clusters = append(b.StaticResources.Clusters, newEnvoyCluster(upstream))
	}
	return b
}

// newEnvoyListener is the loopback port on which the application calls an upstream.
func newEnvoyListener(u EnvoyUpstream) envoyListener {
	manager := envoyTyped{Name: "envoy.filters.network.http_connection_manager", TypedConfig: newEnvoyConnectionManager(u)}
	return envoyListener{
		Name:                          u.Name,
		Address:                       newEnvoyAddress(sidecarLoopback, u.ListenPort),
		PerConnectionBufferLimitBytes: EnvoyBufferLimitBytes,
		FilterChains:                  []envoyFilterChain{{Filters: []envoyTyped{manager}}},
	}
}

// newEnvoyConnectionManager leaves x-request-id (made where it is missing), traceparent and x-forwarded-* as the application
// sent them; Envoy itself does not trace. Header names with an underscore are refused, as the load balancer drops them: some
// servers read them as the same name with a hyphen.
func newEnvoyConnectionManager(u EnvoyUpstream) envoyConnectionManager {
	return envoyConnectionManager{
		Type:                          envoyAPI + "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
		StatPrefix:                    u.Name,
		CodecType:                     "HTTP1",
		ServerHeaderTransformation:    "PASS_THROUGH",
		EarlyHeaderMutationExtensions: []envoyTyped{newEnvoyHeaderGuard()},
		PreserveExternalRequestID:     true,
		MaxRequestHeadersKB:           EnvoyMaxRequestHeadersKB,
		RequestHeadersTimeout:         envoyDuration(EnvoyRequestHeadersTimeout),
		RequestTimeout:                envoyDuration(u.RequestTimeout),
		CommonHTTPProtocolOptions: envoyHTTPOptions{
			IdleTimeout:                  envoyDuration(EnvoyDownstreamIdleTimeout),
			HeadersWithUnderscoresAction: "REJECT_REQUEST",
		},
		AccessLog: []envoyAccessLog{newEnvoyAccessLog()},
		HTTPFilters: []envoyTyped{{
			Name:        "envoy.filters.http.router",
			TypedConfig: envoyBare{Type: envoyAPI + "extensions.filters.http.router.v3.Router"},
		}},
		RouteConfig: newEnvoyRoutes(u),
	}
}

// newEnvoyHeaderGuard removes x-envoy-* request headers before anything reads them. From a loopback client Envoy would obey
// them, so that a header passed on by the application could have a payment retried or a timeout lifted.
func newEnvoyHeaderGuard() envoyTyped {
	rule := envoyHeaderMutateRule{RemoveOnMatch: envoyKeyMatcher{KeyMatcher: envoyStringMatcher{Prefix: "x-envoy-"}}}
	return envoyTyped{
		Name: "envoy.http.early_header_mutation.header_mutation",
		TypedConfig: envoyHeaderMutation{
			Type:      envoyAPI + "extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
			Mutations: []envoyHeaderMutateRule{rule},
		},
	}
}

// newEnvoyRoutes has one route for idempotent methods and one for the rest; the first that matches is taken.
func newEnvoyRoutes(u EnvoyUpstream) envoyRouteSettings {
	idempotent := newEnvoyRoute("idempotent", u)
	idempotent.Match.Headers = []envoyHeaderMatcher{{
		Name:        ":method",
		StringMatch: envoyStringMatcher{SafeRegex: &envoyRegex{Regex: EnvoyIdempotentMethods}},
	}}
	idempotent.Route.RetryPolicy.RetryOn = EnvoyRetryOnIdempotent
	idempotent.Route.RetryPolicy.RetriableStatusCodes = []int{EnvoyRetriableStatus}
	idempotent.Route.RetryPolicy.PerTryTimeout = envoyDuration(u.PerTryTimeout)
	return envoyRouteSettings{Name: u.Name, VirtualHosts: []envoyVirtualHost{{
		Name:                    u.Name,
		Domains:                 []string{"*"},
		RequestHeadersToRemove:  []string{"x-envoy-internal", "x-envoy-expected-rq-timeout-ms"},
		ResponseHeadersToRemove: []string{"server", "x-powered-by"},
		Routes:                  []envoyRoute{idempotent, newEnvoyRoute("other", u)},
	}}}
}

// newEnvoyRoute sends a request to the upstream under the upstream's own host name, and to another task when it is retried.
func newEnvoyRoute(name string, u EnvoyUpstream) envoyRoute {
	return envoyRoute{
		Name:  name,
		Match: envoyRouteMatch{Prefix: "/"},
		Route: envoyRouteAction{
			Cluster:         u.Name,
			Timeout:         envoyDuration(u.RequestTimeout),
			AutoHostRewrite: true,
			RetryPolicy: envoyRetryPolicy{
				RetryOn:    EnvoyRetryOnOther,
				NumRetries: u.retries(),
				RetryHostPredicate: []envoyTyped{{
					Name:        "envoy.retry_host_predicates.previous_hosts",
					TypedConfig: envoyBare{Type: envoyAPI + "extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"},
				}},
				HostSelectionRetryMaxAttempts: envoyHostSelectAttempts,
			},
		},
	}
}

func newEnvoyAddress(address string, port int) envoyAddress {
	return envoyAddress{SocketAddress: envoySocketAddress{Address: address, PortValue: port}}
}

// envoyDuration writes a duration as protobuf's JSON mapping wants it: decimal seconds.
func envoyDuration(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "s"
}
