package resources

// envoyLogLine is the access log of a failed request, one JSON object a line on standard output. It holds identifiers and
// measures only: no query string, no body, and no header but the two correlation ids, since the others may carry card data
// (PCI DSS 3.3.1, 3.4.1). Paths must not carry any either.
// See https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
type envoyLogLine struct {
	Time        string `json:"time"`
	Method      string `json:"method"`
	Path        string `json:"path"`
	Status      string `json:"status"`
	Flags       string `json:"flags"`
	Details     string `json:"details"`
	Cluster     string `json:"cluster"`
	Host        string `json:"host"`
	Attempts    string `json:"attempts"`
	DurationMS  string `json:"duration_ms"`
	RequestID   string `json:"request_id"`
	Traceparent string `json:"traceparent"`
}

// newEnvoyAccessLog logs requests that ended with a 5xx status or that Envoy itself failed (timeout, overflow, no healthy task).
func newEnvoyAccessLog() envoyAccessLog {
	status := envoyStatusFilter{Comparison: envoyComparison{
		Op:    "GE",
		Value: envoyRuntimeValue{DefaultValue: EnvoyLoggedStatus, RuntimeKey: "access_log.min_status"},
	}}
	filters := []envoyLogFilter{{StatusCodeFilter: &status}, {ResponseFlagFilter: &struct{}{}}}
	return envoyAccessLog{
		Name:   "envoy.access_loggers.stdout",
		Filter: envoyLogFilter{OrFilter: &envoyLogFilters{Filters: filters}},
		TypedConfig: envoyStdoutLog{
			Type:      envoyAPI + "extensions.access_loggers.stream.v3.StdoutAccessLog",
			LogFormat: envoyLogFormat{JSONFormat: newEnvoyLogLine()},
		},
	}
}

func newEnvoyLogLine() envoyLogLine {
	return envoyLogLine{
		Time:        "%START_TIME%",
		Method:      "%REQ(:METHOD)%",
		Path:        "%PATH(NQ:PATH):256%",
		Status:      "%RESPONSE_CODE%",
		Flags:       "%RESPONSE_FLAGS%",
		Details:     "%RESPONSE_CODE_DETAILS%",
		Cluster:     "%UPSTREAM_CLUSTER%",
		Host:        "%UPSTREAM_HOST%",
		Attempts:    "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
		DurationMS:  "%DURATION%",
		RequestID:   "%REQ(X-REQUEST-ID):64%",
		Traceparent: "%REQ(TRACEPARENT):55%",
	}
}
