package resources

// The types below are the part of Envoy's v3 API that the sidecar uses, in Envoy's own field names:
// https://www.envoyproxy.io/docs/envoy/latest/api-v3/api

// envoyAPI prefixes the type URL of each typed configuration.
const envoyAPI = "type.googleapis.com/envoy."

type envoyBootstrap struct {
	Node            envoyNode            `json:"node"`
	Admin           envoyAdmin           `json:"admin"`
	OverloadManager envoyOverloadManager `json:"overload_manager"`
	StatsConfig     envoyStatsConfig     `json:"stats_config"`
	StaticResources envoyStaticResources `json:"static_resources"`
}

type envoyNode struct {
	ID      string `json:"id"`
	Cluster string `json:"cluster"`
}

type envoyAdmin struct {
	Address    envoyAddress         `json:"address"`
	AllowPaths []envoyStringMatcher `json:"allow_paths"`
}

type envoyAddress struct {
	SocketAddress envoySocketAddress `json:"socket_address"`
}

type envoySocketAddress struct {
	Address   string `json:"address"`
	PortValue int    `json:"port_value"`
}

type envoyStringMatcher struct {
	Exact     string      `json:"exact,omitempty"`
	Prefix    string      `json:"prefix,omitempty"`
	SafeRegex *envoyRegex `json:"safe_regex,omitempty"`
}

type envoyRegex struct {
	Regex string `json:"regex"`
}

// envoyTyped is an extension: a name and a configuration that starts with its own type URL.
type envoyTyped struct {
	Name        string `json:"name"`
	TypedConfig any    `json:"typed_config"`
}

// envoyBare is the configuration of an extension that has nothing to configure.
type envoyBare struct {
	Type string `json:"@type"`
}

type envoyOverloadManager struct {
	ResourceMonitors []envoyTyped `json:"resource_monitors"`
}

type envoyDownstreamConnections struct {
	Type                           string `json:"@type"`
	MaxActiveDownstreamConnections int    `json:"max_active_downstream_connections"`
}

type envoyStatsConfig struct {
	StatsMatcher envoyStatsMatcher `json:"stats_matcher"`
}

type envoyStatsMatcher struct {
	InclusionList envoyPatterns `json:"inclusion_list"`
}

type envoyPatterns struct {
	Patterns []envoyStringMatcher `json:"patterns"`
}

type envoyStaticResources struct {
	Listeners []envoyListener `json:"listeners"`
	Clusters  []envoyCluster  `json:"clusters"`
}

type envoyListener struct {
	Name                          string             `json:"name"`
	Address                       envoyAddress       `json:"address"`
	PerConnectionBufferLimitBytes int                `json:"per_connection_buffer_limit_bytes"`
	FilterChains                  []envoyFilterChain `json:"filter_chains"`
}

type envoyFilterChain struct {
	Filters []envoyTyped `json:"filters"`
}

type envoyConnectionManager struct {
	Type                          string             `json:"@type"`
	StatPrefix                    string             `json:"stat_prefix"`
	CodecType                     string             `json:"codec_type"`
	ServerHeaderTransformation    string             `json:"server_header_transformation"`
	EarlyHeaderMutationExtensions []envoyTyped       `json:"early_header_mutation_extensions"`
	PreserveExternalRequestID     bool               `json:"preserve_external_request_id"`
	MaxRequestHeadersKB           int                `json:"max_request_headers_kb"`
	RequestHeadersTimeout         string             `json:"request_headers_timeout"`
	RequestTimeout                string             `json:"request_timeout"`
	CommonHTTPProtocolOptions     envoyHTTPOptions   `json:"common_http_protocol_options"`
	AccessLog                     []envoyAccessLog   `json:"access_log"`
	HTTPFilters                   []envoyTyped       `json:"http_filters"`
	RouteConfig                   envoyRouteSettings `json:"route_config"`
}

type envoyHTTPOptions struct {
	IdleTimeout                  string `json:"idle_timeout"`
	HeadersWithUnderscoresAction string `json:"headers_with_underscores_action,omitempty"`
}

type envoyHeaderMutation struct {
	Type      string                  `json:"@type"`
	Mutations []envoyHeaderMutateRule `json:"mutations"`
}

type envoyHeaderMutateRule struct {
	RemoveOnMatch envoyKeyMatcher `json:"remove_on_match"`
}

type envoyKeyMatcher struct {
	KeyMatcher envoyStringMatcher `json:"key_matcher"`
}

type envoyAccessLog struct {
	Name        string         `json:"name"`
	Filter      envoyLogFilter `json:"filter"`
	TypedConfig envoyStdoutLog `json:"typed_config"`
}

type envoyLogFilter struct {
	OrFilter           *envoyLogFilters   `json:"or_filter,omitempty"`
	StatusCodeFilter   *envoyStatusFilter `json:"status_code_filter,omitempty"`
	ResponseFlagFilter *struct{}          `json:"response_flag_filter,omitempty"`
}

type envoyLogFilters struct {
	Filters []envoyLogFilter `json:"filters"`
}

type envoyStatusFilter struct {
	Comparison envoyComparison `json:"comparison"`
}

type envoyComparison struct {
	Op    string            `json:"op"`
	Value envoyRuntimeValue `json:"value"`
}

type envoyRuntimeValue struct {
	DefaultValue int    `json:"default_value"`
	RuntimeKey   string `json:"runtime_key"`
}

type envoyStdoutLog struct {
	Type      string         `json:"@type"`
	LogFormat envoyLogFormat `json:"log_format"`
}

type envoyLogFormat struct {
	JSONFormat envoyLogLine `json:"json_format"`
}

type envoyRouteSettings struct {
	Name         string             `json:"name"`
	VirtualHosts []envoyVirtualHost `json:"virtual_hosts"`
}

type envoyVirtualHost struct {
	Name                    string       `json:"name"`
	Domains                 []string     `json:"domains"`
	RequestHeadersToRemove  []string     `json:"request_headers_to_remove"`
	ResponseHeadersToRemove []string     `json:"response_headers_to_remove"`
	Routes                  []envoyRoute `json:"routes"`
}

type envoyRoute struct {
	Name  string           `json:"name"`
	Match envoyRouteMatch  `json:"match"`
	Route envoyRouteAction `json:"route"`
}

type envoyRouteMatch struct {
	Prefix  string               `json:"prefix"`
	Headers []envoyHeaderMatcher `json:"headers,omitempty"`
}

type envoyHeaderMatcher struct {
	Name        string             `json:"name"`
	StringMatch envoyStringMatcher `json:"string_match"`
}

type envoyRouteAction struct {
	Cluster         string           `json:"cluster"`
	Timeout         string           `json:"timeout"`
	AutoHostRewrite bool             `json:"auto_host_rewrite"`
	RetryPolicy     envoyRetryPolicy `json:"retry_policy"`
}

type envoyRetryPolicy struct {
	RetryOn                       string       `json:"retry_on"`
	RetriableStatusCodes          []int        `json:"retriable_status_codes,omitempty"`
	NumRetries                    int          `json:"num_retries"`
	PerTryTimeout                 string       `json:"per_try_timeout,omitempty"`
	RetryHostPredicate            []envoyTyped `json:"retry_host_predicate"`
	HostSelectionRetryMaxAttempts int          `json:"host_selection_retry_max_attempts"`
}
