package config

import (
	"net/url"
	"time"
)

// Reserve is kept of the stop timeout for what comes after the last request:
// closing the database and sending the last traces. ECS kills after the rest.
const Reserve = 10 * time.Second

// Service is what the task definition gives every service of the platform.
type Service struct {
	Name            string        // SERVICE_NAME
	TraceName       string        // OTEL_SERVICE_NAME
	Environment     string        // ENVIRONMENT
	MetricNamespace string        // METRIC_NAMESPACE
	Port            int           // PORT
	StopTimeout     time.Duration // STOP_TIMEOUT
	Collector       *url.URL      // OTEL_EXPORTER_OTLP_ENDPOINT
}

// ReadService reads what every service gets.
func ReadService(r *Reader) Service {
	return Service{
		Name:            r.String("SERVICE_NAME"),
		TraceName:       r.String("OTEL_SERVICE_NAME"),
		Environment:     r.String("ENVIRONMENT"),
		MetricNamespace: r.String("METRIC_NAMESPACE"),
		Port:            r.Port("PORT"),
		StopTimeout:     r.Duration("STOP_TIMEOUT"),
		Collector:       r.URL("OTEL_EXPORTER_OTLP_ENDPOINT"),
	}
}

// DrainTimeout is how long work under way may take after SIGTERM: the stop
// timeout less the reserve, or half of a stop timeout too short for that.
func (s Service) DrainTimeout() time.Duration {
	return max(s.StopTimeout-Reserve, s.StopTimeout/2)
}
