package resources

import (
	"fmt"
	"time"
)

// The types below are the part of the collector's configuration that the sidecar uses, in the collector's own field names.

type collectorSettings struct {
	Extensions collectorExtensions `json:"extensions"`
	Receivers  collectorReceivers  `json:"receivers"`
	Processors collectorProcessors `json:"processors"`
	Exporters  collectorExporters  `json:"exporters"`
	Service    collectorService    `json:"service"`
}

type collectorExtensions struct {
	HealthCheck collectorEndpointAt `json:"health_check"`
}

type collectorEndpointAt struct {
	Endpoint string `json:"endpoint"`
}

type collectorReceivers struct {
	OTLP collectorOTLP `json:"otlp"`
}

type collectorOTLP struct {
	Protocols collectorProtocols `json:"protocols"`
}

type collectorProtocols struct {
	GRPC collectorEndpointAt `json:"grpc"`
	HTTP collectorEndpointAt `json:"http"`
}

type collectorProcessors struct {
	MemoryLimiter     collectorMemoryLimiter     `json:"memory_limiter"`
	ResourceDetection collectorResourceDetection `json:"resourcedetection"`
	Attributes        collectorAttributes        `json:"attributes"`
	Batch             collectorBatch             `json:"batch"`
}

type collectorMemoryLimiter struct {
	CheckInterval string `json:"check_interval"`
	LimitMiB      int    `json:"limit_mib"`
	SpikeLimitMiB int    `json:"spike_limit_mib"`
}

type collectorResourceDetection struct {
	Detectors []string `json:"detectors"`
	Timeout   string   `json:"timeout"`
	Override  bool     `json:"override"`
}

type collectorAttributes struct {
	Actions []collectorAction `json:"actions"`
}

type collectorAction struct {
	Action  string `json:"action"`
	Key     string `json:"key,omitempty"`
	Pattern string `json:"pattern,omitempty"`
}

type collectorBatch struct {
	Timeout string `json:"timeout"`
}

type collectorExporters struct {
	XRay collectorXRay `json:"awsxray"`
	EMF  *collectorEMF `json:"awsemf,omitempty"`
}

type collectorXRay struct {
	Region    string `json:"region,omitempty"`
	Endpoint  string `json:"endpoint,omitempty"`
	LocalMode bool   `json:"local_mode"`
}

type collectorEMF struct {
	Region                string `json:"region,omitempty"`
	Endpoint              string `json:"endpoint,omitempty"`
	Namespace             string `json:"namespace"`
	LogGroupName          string `json:"log_group_name"`
	LogStreamName         string `json:"log_stream_name"`
	DimensionRollupOption string `json:"dimension_rollup_option"`
}

type collectorService struct {
	Extensions []string           `json:"extensions"`
	Pipelines  collectorPipelines `json:"pipelines"`
	Telemetry  collectorTelemetry `json:"telemetry"`
}

type collectorPipelines struct {
	Traces  collectorPipeline  `json:"traces"`
	Metrics *collectorPipeline `json:"metrics,omitempty"`
}

type collectorPipeline struct {
	Receivers  []string `json:"receivers"`
	Processors []string `json:"processors"`
	Exporters  []string `json:"exporters"`
}

type collectorTelemetry struct {
	Logs    collectorLogs  `json:"logs"`
	Metrics collectorLevel `json:"metrics"`
}

type collectorLogs struct {
	Level    string `json:"level"`
	Encoding string `json:"encoding"`
}

type collectorLevel struct {
	Level string `json:"level"`
}

// newCollectorSettings expects a configuration that is valid and has its defaults.
func newCollectorSettings(c CollectorConfig) collectorSettings {
	s := collectorSettings{
		Extensions: collectorExtensions{HealthCheck: newCollectorEndpoint(CollectorHealthPort)},
		Receivers: collectorReceivers{OTLP: collectorOTLP{Protocols: collectorProtocols{
			GRPC: newCollectorEndpoint(CollectorGRPCPort),
			HTTP: newCollectorEndpoint(CollectorHTTPPort),
		}}},
		Processors: newCollectorProcessors(c),
		Exporters:  collectorExporters{XRay: collectorXRay{Region: c.Region, Endpoint: c.Endpoint, LocalMode: true}},
		Service: collectorService{
			Extensions: []string{"health_check"},
			Pipelines:  collectorPipelines{Traces: newCollectorPipeline("awsxray")},
			Telemetry: collectorTelemetry{
				Logs:    collectorLogs{Level: "warn", Encoding: "json"},
				Metrics: collectorLevel{Level: "none"},
			},
		},
	}
	if c.Metrics != (CollectorMetrics{}) {
		metrics := newCollectorPipeline("awsemf")
		s.Service.Pipelines.Metrics = &metrics
		s.Exporters.EMF = newCollectorEMF(c)
	}
	return s
}

// newCollectorProcessors detects the task from the ECS metadata endpoint, which is what X-Ray shows as the origin of a trace
// and what fills "{TaskId}".
func newCollectorProcessors(c CollectorConfig) collectorProcessors {
	return collectorProcessors{
		MemoryLimiter: collectorMemoryLimiter{
			CheckInterval: time.Second.String(),
			LimitMiB:      c.MemoryLimitMiB(),
			SpikeLimitMiB: c.MemoryMiB * collectorSpikePercent / 100,
		},
		ResourceDetection: collectorResourceDetection{Detectors: []string{"env", "ecs"}, Timeout: (2 * time.Second).String()},
		Attributes:        collectorAttributes{Actions: newCollectorActions(c)},
		Batch:             collectorBatch{Timeout: c.BatchTimeout.String()},
	}
}

func newCollectorActions(c CollectorConfig) []collectorAction {
	var actions []collectorAction
	for _, name := range append(CollectorSensitiveAttributes(), c.SensitiveAttributes...) {
		actions = append(actions, collectorAction{Action: "delete", Key: name})
	}
	for _, pattern := range CollectorSensitivePatterns() {
		actions = append(actions, collectorAction{Action: "delete", Pattern: pattern})
	}
	return actions
}

// newCollectorEMF writes each metric once, with the dimensions the application gave it, instead of once for every subset.
func newCollectorEMF(c CollectorConfig) *collectorEMF {
	return &collectorEMF{
		Region:                c.Region,
		Endpoint:              c.Endpoint,
		Namespace:             c.Metrics.Namespace,
		LogGroupName:          c.Metrics.LogGroup,
		LogStreamName:         c.Metrics.LogStream,
		DimensionRollupOption: "NoDimensionRollup",
	}
}

// newCollectorPipeline has the processors in the order the collector's documentation recommends: memory first, batches last.
func newCollectorPipeline(exporter string) collectorPipeline {
	return collectorPipeline{
		Receivers:  []string{"otlp"},
		Processors: []string{"memory_limiter", "resourcedetection", "attributes", "batch"},
		Exporters:  []string{exporter},
	}
}

func newCollectorEndpoint(port int) collectorEndpointAt {
	return collectorEndpointAt{Endpoint: fmt.Sprintf("%s:%d", sidecarLoopback, port)}
}
