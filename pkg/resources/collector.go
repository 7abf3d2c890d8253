package resources

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

const (
	// CollectorConfigVariable is the environment variable from which the ADOT collector takes its whole configuration. The
	// collector prints it to its log when it starts, so it must not hold a secret.
	CollectorConfigVariable = "AOT_CONFIG_CONTENT"
	// CollectorGRPCPort is the port on 127.0.0.1 that takes OTLP over gRPC.
	CollectorGRPCPort = 4317
	// CollectorHTTPPort is the port on 127.0.0.1 that takes OTLP over HTTP.
	CollectorHTTPPort = 4318
	// CollectorHealthPort is the port on 127.0.0.1 that the /healthcheck program of the ADOT image asks.
	CollectorHealthPort = 13133

	// CollectorDefaultMemoryMiB is the container memory that is assumed where none is given.
	CollectorDefaultMemoryMiB = 256
	// CollectorDefaultBatchTimeout is the longest wait of telemetry for more of it.
	CollectorDefaultBatchTimeout = time.Second
	// CollectorDefaultLogStream is a log stream for each task: the exporter puts the id of the ECS task there.
	CollectorDefaultLogStream = "{TaskId}"

	// The collector refuses telemetry above 60 % of the container's memory, the limit less the spike, and forces garbage
	// collection above the limit of 80 %.
	collectorLimitPercent = 80
	collectorSpikePercent = 20
	collectorMinMemoryMiB = 64
	collectorMaxMemoryMiB = 122880
)

// CollectorConfig is the configuration of a task's tracing sidecar: the ADOT collector (0.49), which takes OTLP from the
// application over loopback, removes attributes that may hold card data or credentials, and sends traces to X-Ray and, where
// wanted, metrics to a log group in embedded metric format. It opens no port beyond loopback, not even for its own metrics.
//
// Zero fields take the default named at the field. String fields may hold reference tokens, and references to the container's
// environment in the one form ${env:NAME}; no other dollar sign is allowed, because the collector would expand it.
// See https://github.com/aws-observability/aws-otel-collector and https://opentelemetry.io/docs/collector/configuration/
type CollectorConfig struct {
	// Region is the AWS Region of X-Ray and CloudWatch. Default: the container's AWS_REGION.
	Region string
	// Endpoint replaces the address of both AWS services, for tests. Default: the Region's own.
	Endpoint string
	// MemoryMiB is the memory of the container in MiB, from which the collector's own limits follow. Default 256.
	MemoryMiB int
	// BatchTimeout is the longest wait of telemetry for more of it. Default 1 s.
	BatchTimeout time.Duration
	// Metrics is where OTLP metrics go. Default: nowhere, metrics are refused.
	Metrics CollectorMetrics
	// SensitiveAttributes are attribute names to remove besides [CollectorSensitiveAttributes] and
	// [CollectorSensitivePatterns].
	SensitiveAttributes []string
}

// CollectorMetrics says where OTLP metrics go: as lines in embedded metric format into a log group that must exist already.
// The exporter would create a missing group without encryption and retention; a task role without logs:CreateLogGroup keeps
// it from that.
type CollectorMetrics struct {
	// LogGroup is the name of the log group. Empty means no metrics.
	LogGroup string
	// LogStream is the name of the log stream. Default "{TaskId}", which the exporter fills in.
	LogStream string
	// Namespace is the CloudWatch namespace of the metrics. It has no default.
	Namespace string
}

// CollectorSensitiveAttributes are the attributes removed from spans and data points because instrumentation puts bodies,
// query strings, SQL text or credentials there (PCI DSS 3.3.1, 3.4.1, 8.6.2). The route of a request stays; its path, into which somebody
// may type a card number, does not.
func CollectorSensitiveAttributes() []string {
	return []string{
		"http.request.body", "http.response.body", "http.target", "http.url", "url.full", "url.path", "url.query",
		"db.connection_string", "db.query.text", "db.statement", "messaging.message.body",
	}
}

// CollectorSensitivePatterns are regular expressions for the names of further attributes to remove: captured headers and
// metadata, SQL parameters, and whatever an application calls a card number, a verification code, track data, a PIN or a
// credential. They find names, not values: card data in a span's name or in an exception's message is not found.
func CollectorSensitivePatterns() []string {
	return []string{
		`^(http|rpc)(\.[a-z_]+)?\.(request|response)\.(header|metadata)s?\.`,
		`^db\.(query|operation)\.parameters?\.`,
		`(?i)(card|account)[._-]?number|card[._-]?(holder|expiry)|cvv|cvc|track[._-]?(data|1|2)|pin[._-]?block`,
		`(?i)(^|[._-])(pan|pin|cid|cav2?)([._-]|\z)`,
		`(?i)authorization|cookie|passw(or)?d|secret|api[._-]?key|access[._-]?token`,
	}
}

// WithDefaults returns the configuration with every zero field that has a default replaced by it.
func (c CollectorConfig) WithDefaults() CollectorConfig {
	c.MemoryMiB = sidecarDefault(c.MemoryMiB, CollectorDefaultMemoryMiB)
	c.BatchTimeout = sidecarDefault(c.BatchTimeout, CollectorDefaultBatchTimeout)
	if c.Metrics != (CollectorMetrics{}) {
		c.Metrics.LogStream = sidecarDefault(c.Metrics.LogStream, CollectorDefaultLogStream)
	}
	return c
}

// MemoryLimitMiB is the collector's own hard limit in MiB: 80 % of the container's memory. The container's GOMEMLIMIT should
// say the same ("204MiB" where the container has 256).
func (c CollectorConfig) MemoryLimitMiB() int {
	return c.WithDefaults().MemoryMiB * collectorLimitPercent / 100
}

// JSON renders the configuration as compact JSON, which is valid YAML and so what the collector expects in
// [CollectorConfigVariable], or returns what [CollectorConfig.Validate] finds wrong. Equal configurations give equal bytes.
func (c CollectorConfig) JSON() (string, error) {
	if err := c.Validate(); err != nil {
		return "", err
	}
	return sidecarJSON(newCollectorSettings(c.WithDefaults()))
}

// Validate says everything that is wrong with the configuration in one error: the field, its value and the allowed ones.
func (c CollectorConfig) Validate() error {
	c = c.WithDefaults()
	var p sidecarProblems
	if c.Region != "" {
		p.text("Region", c.Region, collectorForm("[a-z0-9-]", 64))
	}
	if c.Endpoint != "" {
		p.text("Endpoint", c.Endpoint, collectorEndpoint())
	}
	p.number("MemoryMiB", c.MemoryMiB, collectorMinMemoryMiB, collectorMaxMemoryMiB)
	p.duration("BatchTimeout", c.BatchTimeout, sidecarMinDuration, time.Minute)
	if c.Metrics != (CollectorMetrics{}) {
		p.collectorMetrics(c.Metrics)
	}
	for i, name := range c.SensitiveAttributes {
		p.text(fmt.Sprintf("SensitiveAttributes[%d]", i), name, collectorForm("[A-Za-z0-9._/-]", 255))
	}
	return errors.Join(p...)
}

func (p *sidecarProblems) collectorMetrics(m CollectorMetrics) {
	p.text("Metrics.LogGroup", m.LogGroup, collectorForm("[A-Za-z0-9._/#-]", 512))
	p.text("Metrics.LogStream", m.LogStream, collectorForm("[A-Za-z0-9._/#{}-]", 512))
	p.text("Metrics.Namespace", m.Namespace, collectorForm("[A-Za-z0-9._/#:-]", 255))
	if strings.HasPrefix(m.Namespace, "AWS/") {
		p.add("Metrics.Namespace", m.Namespace, "allowed are namespaces that do not begin with AWS/, which are Amazon's")
	}
}

// collectorReference is the one form in which a text may refer to the container's environment.
const collectorReference = `\$\{env:[A-Za-z_][A-Za-z0-9_]*\}`

// collectorForm is a text of characters of one class and references to the environment.
func collectorForm(class string, limit int) sidecarForm {
	return sidecarForm{
		pattern: regexp.MustCompile("^(" + class + "|" + collectorReference + ")+$"),
		limit:   limit,
		words:   class + " and ${env:NAME}",
	}
}

// collectorEndpoint is an address with TLS, one on loopback, or a reference to the environment.
func collectorEndpoint() sidecarForm {
	form := collectorForm("[A-Za-z0-9._:/-]", 255)
	form.pattern = regexp.MustCompile(`^(https://[a-z0-9]|http://127\.0\.0\.1(:|/|$)|` + collectorReference + `)` +
		`([A-Za-z0-9._:/-]|` + collectorReference + `)*$`)
	form.words = "https://, http://127.0.0.1 or ${env:NAME} and then [A-Za-z0-9._:/-]"
	return form
}
