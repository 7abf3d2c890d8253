package resources

import "time"

// Defaults of [EnvoyConfig], applied to fields that are zero.
const (
	// EnvoyDefaultNode is the node id and cluster of a sidecar nobody named.
	EnvoyDefaultNode = "egress"
	// EnvoyDefaultAdminPort is Envoy's customary admin port.
	EnvoyDefaultAdminPort = 9901
	// EnvoyDefaultMaxDownstreamConnections bounds the connections the application may hold to its sidecar.
	EnvoyDefaultMaxDownstreamConnections = 1024
)

// Defaults of [EnvoyUpstream], applied to fields that are zero.
const (
	// EnvoyDefaultRequestTimeout bounds a call with all its retries.
	EnvoyDefaultRequestTimeout = 6 * time.Second
	// EnvoyDefaultConnectTimeout bounds a TCP handshake inside the VPC.
	EnvoyDefaultConnectTimeout = time.Second
	// EnvoyDefaultDNSRefresh is the pause before a name without records is asked for again.
	EnvoyDefaultDNSRefresh = 5 * time.Second
	// EnvoyDefaultMaxConnections bounds the open connections to one upstream, all its tasks together.
	EnvoyDefaultMaxConnections = 100
	// EnvoyDefaultMaxPendingRequests bounds the requests that wait for a connection.
	EnvoyDefaultMaxPendingRequests = 50
	// EnvoyDefaultRetryBudgetPercent bounds retries to a share of the active requests.
	EnvoyDefaultRetryBudgetPercent = 20
	// EnvoyDefaultMinRetryConcurrency is the number of parallel retries allowed whatever the budget says.
	EnvoyDefaultMinRetryConcurrency = 3
	// EnvoyDefaultRetries is the number of retries after the first attempt.
	EnvoyDefaultRetries = 2
	// EnvoyNoRetries as the value of [EnvoyUpstream.Retries] turns retries off.
	EnvoyNoRetries = -1
)

// Defaults of [EnvoyOutlier], applied to fields that are zero.
const (
	// EnvoyDefaultConsecutive5xx is the number of failures in a row that eject a task.
	EnvoyDefaultConsecutive5xx = 5
	// EnvoyDefaultOutlierInterval is the pause between two looks at ejected tasks.
	EnvoyDefaultOutlierInterval = 10 * time.Second
	// EnvoyDefaultBaseEjection is the length of a first ejection.
	EnvoyDefaultBaseEjection = 30 * time.Second
	// EnvoyDefaultMaxEjectionPercent lets every task of an upstream be ejected, which opens the circuit.
	EnvoyDefaultMaxEjectionPercent = 100
)

// EnvoyConfig is the bootstrap of a task's egress sidecar: an Envoy proxy (1.40) through which the application calls the other
// services. The application speaks plain HTTP/1.1 to 127.0.0.1; Envoy finds the tasks behind the upstream's DNS name, spreads
// the calls over them, bounds them in number and time, retries what is safe to retry and stops calling tasks that fail.
//
// Zero fields take the default named at the field. Only loopback addresses are listened on and nothing is written to disk, so
// the container can run with a read-only root file system and as any user.
//
// The configuration follows
// https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge as far as that fits a proxy which only its own
// task can reach.
type EnvoyConfig struct {
	// Node is node.id, the name of this sidecar in Envoy's own output. Default "egress".
	Node string
	// Cluster is node.cluster, the group the sidecar belongs to. Default: the same as Node.
	Cluster string
	// AdminPort is the port of the admin listener on 127.0.0.1, which answers /ready, /stats and /clusters and refuses the
	// rest (no shutdown, no configuration dump). Default 9901.
	AdminPort int
	// MaxDownstreamConnections bounds the connections the application may hold to all listeners together. Default 1024.
	MaxDownstreamConnections int
	// Upstreams are the services that the application calls. None is valid: then there is an admin listener only.
	Upstreams []EnvoyUpstream
}

// EnvoyUpstream is one service that the application calls, with the limits of its circuit breaker.
//
// Requests with an idempotent method (GET, HEAD, OPTIONS, PUT, DELETE) are retried on connection failures, resets, a timeout
// of the attempt and status 503. All others (POST, PATCH) are retried only where the upstream cannot have seen the request,
// because a second payment is worse than a failed one. The application cannot change that by sending x-envoy-* headers: they
// are removed before Envoy reads them.
type EnvoyUpstream struct {
	// Name is the name of Envoy's cluster, listener and statistics: a DNS label such as "transaction-processor".
	Name string
	// Address is the DNS name of the upstream (A records, one for each task). It may hold reference tokens.
	Address string
	// Port is the container port on which the upstream's tasks listen.
	Port int
	// ListenPort is the port on 127.0.0.1 on which the application calls this upstream.
	ListenPort int

	// RequestTimeout bounds a call with all its retries, counted from the end of the request. It also bounds the time the
	// application takes to send the request. Default 6 s, at most 2 min.
	RequestTimeout time.Duration
	// PerTryTimeout bounds one attempt of an idempotent request; attempts that may not be repeated have RequestTimeout
	// alone. Default: RequestTimeout divided by the number of attempts, in whole milliseconds.
	PerTryTimeout time.Duration
	// ConnectTimeout bounds the TCP handshake. Default 1 s, or half of PerTryTimeout where that is less.
	ConnectTimeout time.Duration
	// DNSRefresh is the pause before a name without records is asked for again; answers with records live as long as their
	// TTL says. Default 5 s.
	DNSRefresh time.Duration

	// MaxConnections bounds the open connections to the upstream, all its tasks together. Default 100.
	MaxConnections int
	// MaxPendingRequests bounds the requests that wait for a connection. Default 50.
	MaxPendingRequests int
	// MaxRequests bounds the requests in flight and waiting. Requests beyond a bound fail at once with 503 and
	// x-envoy-overloaded. Default: MaxConnections plus MaxPendingRequests.
	MaxRequests int

	// RetryBudgetPercent bounds the retries in flight to a percentage of the requests in flight. Default 20.
	RetryBudgetPercent int
	// MinRetryConcurrency is the number of parallel retries that are allowed whatever the budget says. Default 3.
	MinRetryConcurrency int
	// Retries is the number of attempts after the first, 1 to 5, or EnvoyNoRetries. Default 2.
	Retries int

	// Outlier says when a task that fails is left alone.
	Outlier EnvoyOutlier
}

// EnvoyOutlier says when a failing task of an upstream is ejected, that is gets no calls for a while. There is no panic
// threshold: with every task ejected, calls fail at once with 503 instead of adding to the load.
// See https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier
type EnvoyOutlier struct {
	// Consecutive5xx is the number of failures in a row (5xx, reset, timeout) that eject a task. Default 5.
	Consecutive5xx int
	// Interval is the pause between two looks at whether an ejection is over. Default 10 s.
	Interval time.Duration
	// BaseEjection is the length of the first ejection; each further one is longer by as much. Default 30 s.
	BaseEjection time.Duration
	// MaxEjectionPercent is the share of the tasks that may be ejected at one time. Default 100: with two tasks, anything
	// below 50 would eject none.
	MaxEjectionPercent int
}

// WithDefaults returns the configuration with every zero field replaced by its default.
func (c EnvoyConfig) WithDefaults() EnvoyConfig {
	c.Node = sidecarDefault(c.Node, EnvoyDefaultNode)
	c.Cluster = sidecarDefault(c.Cluster, c.Node)
	c.AdminPort = sidecarDefault(c.AdminPort, EnvoyDefaultAdminPort)
	c.MaxDownstreamConnections = sidecarDefault(c.MaxDownstreamConnections, EnvoyDefaultMaxDownstreamConnections)
	upstreams := make([]EnvoyUpstream, len(c.Upstreams))
	for i, upstream := range c.Upstreams {
		upstreams[i] = upstream.WithDefaults()
	}
	c.Upstreams = upstreams
	return c
}

// WithDefaults returns the upstream with every zero field that has a default replaced by it.
func (u EnvoyUpstream) WithDefaults() EnvoyUpstream {
	u.Retries = sidecarDefault(u.Retries, EnvoyDefaultRetries)
	u.RequestTimeout = sidecarDefault(u.RequestTimeout, EnvoyDefaultRequestTimeout)
	u.PerTryTimeout = sidecarDefault(u.PerTryTimeout, (u.RequestTimeout / u.attempts()).Truncate(time.Millisecond))
	u.ConnectTimeout = sidecarDefault(u.ConnectTimeout, min(EnvoyDefaultConnectTimeout, u.PerTryTimeout/2))
	u.DNSRefresh = sidecarDefault(u.DNSRefresh, EnvoyDefaultDNSRefresh)
	u.MaxConnections = sidecarDefault(u.MaxConnections, EnvoyDefaultMaxConnections)
	u.MaxPendingRequests = sidecarDefault(u.MaxPendingRequests, EnvoyDefaultMaxPendingRequests)
	u.MaxRequests = sidecarDefault(u.MaxRequests, u.MaxConnections+u.MaxPendingRequests)
	u.RetryBudgetPercent = sidecarDefault(u.RetryBudgetPercent, EnvoyDefaultRetryBudgetPercent)
	u.MinRetryConcurrency = sidecarDefault(u.MinRetryConcurrency, EnvoyDefaultMinRetryConcurrency)
	u.Outlier.Consecutive5xx = sidecarDefault(u.Outlier.Consecutive5xx, EnvoyDefaultConsecutive5xx)
	u.Outlier.Interval = sidecarDefault(u.Outlier.Interval, EnvoyDefaultOutlierInterval)
	u.Outlier.BaseEjection = sidecarDefault(u.Outlier.BaseEjection, EnvoyDefaultBaseEjection)
	u.Outlier.MaxEjectionPercent = sidecarDefault(u.Outlier.MaxEjectionPercent, EnvoyDefaultMaxEjectionPercent)
	return u
}

// retries is the number of attempts after the first.
func (u EnvoyUpstream) retries() int { return max(u.Retries, 0) }

// attempts is the number of attempts with the first, as a divisor of durations.
func (u EnvoyUpstream) attempts() time.Duration { return time.Duration(u.retries() + 1) }

// JSON renders the bootstrap configuration as compact JSON, which is also valid YAML, or returns what [EnvoyConfig.Validate]
// finds wrong. Equal configurations give equal bytes. Reference tokens in Node, Cluster and Address pass through unchanged.
func (c EnvoyConfig) JSON() (string, error) {
	if err := c.Validate(); err != nil {
		return "", err
	}
	return sidecarJSON(newEnvoyBootstrap(c.WithDefaults()))
}

// Command is the container command for Envoy's distroless image, whose entry point is the envoy program itself: the whole
// configuration as an argument, one worker (more would each open connections of their own beyond the limits), no hot restart
// (which would want shared memory), and warnings and errors alone in the log.
func (c EnvoyConfig) Command() ([]string, error) {
	config, err := c.JSON()
	if err != nil {
		return nil, err
	}
	return []string{"--config-yaml", config, "--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"}, nil
}
